/* The parts of the table that people read. */
#ifndef PS_REPORT_TABLE_H
#define PS_REPORT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "grid.h"
#include "result.h"
#include "str.h"

struct ps_table {
    const struct ps_result *r;
    bool colour;
    struct ps_arena arena; /* scratch */
    struct ps_str *out;
};

/* Adjacent points with the same workload label. */
struct ps_block {
    const struct ps_point *points;
    size_t count;
    bool same_placement;          /* of all points but the references */
    bool same_threads, same_cpus; /* likewise */
};

/* The point that speaks for the block where all agree: the first that is no reference, or else the
 * first. */
const struct ps_point *ps_block_typical(const struct ps_block *b);
/* The model that a point belongs to, NULL without one. */
const struct ps_model *ps_table_model(const struct ps_table *t, const struct ps_point *p);

void ps_table_block(struct ps_table *t, const struct ps_block *b);
/* Adds the columns of the block's metrics, and fills them. */
void ps_table_columns(struct ps_table *t, const struct ps_block *b, struct ps_grid *g);
void ps_table_models(struct ps_table *t, const struct ps_block *b);
/* What the marks mean, and why numbers are missing. */
void ps_table_notes(struct ps_table *t);
void ps_table_findings(struct ps_table *t);
void ps_table_ending(struct ps_table *t);

/* One paragraph, wrapped; further lines are indented by two. */
void ps_table_say(struct ps_table *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
