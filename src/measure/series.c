#include "series.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "amdahl.h"

void series_raw(const struct session *s, const struct lane *l, size_t raw, double *out)
{
    for (size_t r = 0; r < s->rounds; r++)
        out[r] = lane_raw(s, l, r)[raw];
}

void series_speedup(const struct session *s, const struct lane *l, size_t raw, double *out)
{
    for (size_t r = 0; r < s->rounds; r++)
        out[r] = lane_raw(s, l->baseline, r)[raw] / lane_raw(s, l, r)[raw];
}

double series_p(const struct lane *l)
{
    return l->plan->distinct_cpus;
}

static bool same_curve(const struct lane *a, const struct lane *b)
{
    return !a->plan->baseline && !b->plan->baseline && a->workload == b->workload &&
           a->plan->placement == b->plan->placement &&
           !strcmp(a->plan->options->label, b->plan->options->label);
}

size_t series_curve(const struct session *s, const struct lane *first, size_t *lanes)
{
    size_t count = 0;

    for (size_t i = 0; i < s->lane_count; i++)
        if (same_curve(&s->lanes[i], first))
            lanes[count++] = i;
    return count;
}

bool series_curve_begins(const struct session *s, const struct lane *l)
{
    if (l->plan->baseline)
        return false;
    for (const struct lane *k = s->lanes; k < l; k++)
        if (same_curve(k, l))
            return false;
    return true;
}

int series_amdahl(const struct session *s, const size_t *lanes, size_t count, struct ps_amdahl *out)
{
    double *p = calloc(count + 1, sizeof *p);
    double *times = calloc(count * s->rounds + 1, sizeof *times);
    double *base = calloc(s->rounds + 1, sizeof *base);
    int err = -ENOMEM;

    if (p && times && base) {
        for (size_t i = 0; i < count; i++) {
            p[i] = series_p(&s->lanes[lanes[i]]);
            series_raw(s, &s->lanes[lanes[i]], RAW_WALL, times + i * s->rounds);
        }
        series_raw(s, s->lanes[lanes[0]].baseline, RAW_WALL, base);
        err = ps_amdahl_rounds(p, times, base, count, s->rounds, s->plan->request->seed, out);
    }
    free(p);
    free(times);
    free(base);
    return err;
}
