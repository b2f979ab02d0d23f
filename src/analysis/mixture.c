#include "mixture.h"

#include <math.h>
#include <stdlib.h>

#include "series.h"
#include "stats.h"

#define APART     2.0 /* times the precision */
#define DEVIATION 3.5 /* standard deviations of a share, within which it may be a half */

struct ps_modes mixture_of(const struct ps_samples *s, const struct ps_series *t, double *x)
{
    struct ps_modes m = {.found = false};
    double least = APART * s->plan->request->precision;

    series_raw(s, t, PS_RAW_WALL, x);
    if (ps_modes_find(x, s->rounds, &m) < 0 || m.centre[1] - m.centre[0] <= least * m.centre[0])
        m.found = false;
    return m;
}

/* Rounds off the main mode; x as mixture_of() left it. */
static size_t apart(const struct ps_samples *s, const struct ps_modes *m, const double *x)
{
    double *scratch;
    size_t count;

    if (m->found)
        return m->count[0] < m->count[1] ? m->count[0] : m->count[1];
    scratch = calloc(s->rounds + 1, sizeof *scratch);
    count = scratch ? ps_outliers(x, s->rounds, NULL, scratch) : 0;
    free(scratch);
    return count;
}

static size_t known(const double *x, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += !isnan(x[i]);
    return count;
}

bool mixture_open(const struct ps_samples *s, const struct ps_series *t, double *x)
{
    struct ps_modes m = mixture_of(s, t, x);
    double rounds = (double)known(x, s->rounds), off;

    if (!m.found && !t->workload->program)
        return false;
    off = (double)apart(s, &m, x);
    return off > 0 && rounds / 2 - off < DEVIATION * sqrt(rounds) / 2;
}
