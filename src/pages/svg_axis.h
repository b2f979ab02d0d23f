/* Axes of a picture: where values stand, and which are written. Internal to this layer. */
#ifndef PS_EXCHANGE_SVG_AXIS_H
#define PS_EXCHANGE_SVG_AXIS_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

#define PS_AXIS_MOST_TICKS 10

struct ps_axis {
    double low, high; /* values, low < high; above 0 where it is logarithmic */
    double from, to;  /* where they stand */
    bool log;
};

/* Of values far beyond the ends, a place not far beyond them. */
double ps_axis_position(const struct ps_axis *a, double value);
/* Round values within it, ascending; powers of two where it is logarithmic. Returns how many. */
size_t ps_axis_ticks(const struct ps_axis *a, struct ps_arena *arena, double **ticks);

#endif
