/* When is it precise enough? The headline intervals: wall time and speedup of every point, and in a
 * sweep the serial fraction of every curve. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "amdahl.h"
#include "series.h"
#include "session.h"

#define SERIAL_HALF_WIDTH 0.01 /* absolute */

static bool narrow(const struct session *s, const double *x)
{
    struct ps_interval i;

    return !ps_bootstrap_median(x, s->rounds, s->plan->request->seed, &i) &&
           ps_relative_half_width(i) <= s->plan->request->precision;
}

static bool lane_precise(const struct session *s, const struct lane *l, double *x)
{
    series_raw(s, l, RAW_WALL, x);
    if (!narrow(s, x))
        return false;
    if (l->plan->baseline)
        return true;
    series_speedup(s, l, RAW_WALL, x);
    return narrow(s, x);
}

static bool curve_precise(const struct session *s, const struct lane *l, size_t *lanes)
{
    struct ps_amdahl fit;
    size_t count = series_curve(s, l, lanes);

    if (series_amdahl(s, lanes, count, &fit) < 0)
        return false;
    return fit.status == PS_FIT_TOO_FEW ||
           (fit.serial_fraction.high - fit.serial_fraction.low) / 2 <= SERIAL_HALF_WIDTH;
}

bool stop_precise(const struct session *s)
{
    bool sweep = !strcmp(s->plan->request->command, "sweep"), precise = true;
    double *x = calloc(s->rounds, sizeof *x);
    size_t *lanes = calloc(s->lane_count, sizeof *lanes);

    if (!x || !lanes)
        precise = false;
    for (size_t i = 0; precise && i < s->lane_count; i++)
        precise = lane_precise(s, &s->lanes[i], x);
    for (size_t i = 0; precise && sweep && i < s->lane_count; i++)
        if (series_curve_begins(s, &s->lanes[i]))
            precise = curve_precise(s, &s->lanes[i], lanes);
    free(x);
    free(lanes);
    return precise;
}
