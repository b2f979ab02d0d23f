#include "svg_axis.h"

#include <math.h>

#define NEARLY 1e-9

double ps_axis_position(const struct ps_axis *a, double value)
{
    double share = a->log ? log(value / a->low) / log(a->high / a->low)
                          : (value - a->low) / (a->high - a->low);

    return a->from + fmax(-1, fmin(share, 2)) * (a->to - a->from);
}

/* 1, 2 or 5 times a power of ten. */
static double step_of(double range)
{
    double least = range / PS_AXIS_MOST_TICKS, power = pow(10, floor(log10(least)));
    double times = least / power;

    return power * (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10);
}

size_t ps_axis_ticks(const struct ps_axis *a, struct ps_arena *arena, double **ticks)
{
    double step = a->log ? 2 : step_of(a->high - a->low), value;
    size_t count = 0;

    value = a->log ? exp2(ceil(log2(a->low) - NEARLY)) : ceil(a->low / step - NEARLY) * step;
    *ticks = NULL;
    for (; value <= a->high * (1 + NEARLY); value = a->log ? value * step : value + step) {
        *ticks = ps_arena_grow(arena, *ticks, count, sizeof **ticks);
        (*ticks)[count++] = value + 0.0; /* no negative zero */
    }
    return count;
}
