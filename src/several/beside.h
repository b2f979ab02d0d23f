/* Several results beside each other: what they have in common, point by point. */
#ifndef PS_BESIDE_H
#define PS_BESIDE_H

#include "grid.h"
#include "results.h"
#include "view.h"

struct ps_beside_point {
    size_t result; /* index */
    const struct ps_point *p;
    size_t label, strategy, placement; /* in the order in which they are met */
};

/* Points of the same work. */
struct ps_beside {
    const char *title;
    bool label;            /* it is a text that the user gave */
    const char *parameter; /* that the points differ in; NULL: none */
    struct ps_beside_point *points;
    size_t count;
};

/* What the result is called where there is little room: its name, or its number from 1 on. */
const char *ps_beside_short(const struct ps_results *r, size_t result, struct ps_arena *a);
/* A group for each work that several of them measured, and one of all else. Returns how many. */
size_t ps_beside_groups(const struct ps_results *r, struct ps_arena *a, struct ps_beside **groups);
/* A row a point, the same point of each result below each other. */
void ps_beside_grid(const struct ps_results *r, const struct ps_beside *b, struct ps_arena *a,
                    struct ps_grid *g);
/* The command and how it ended: "sweep, begun 2026-…, 12 rounds in 1.2 s (precision 1% reached)" */
const char *ps_beside_about(const struct ps_named_result *n, struct ps_arena *a);
ps_heads_fn ps_beside_heads;

#endif
