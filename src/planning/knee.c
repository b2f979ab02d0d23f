#include "knee.h"

#include <math.h>
#include <string.h>

#define WITHIN    0.05
#define NEAR_KNEE 4 /* times as much as elsewhere */

/* Between known neighbours, over logarithms of threads. */
static double speedup_at(const struct ps_knee_point *x, size_t n, size_t i)
{
    size_t a = i, b = i;
    double share;

    if (!isnan(x[i].speedup))
        return x[i].speedup;
    while (a > 0 && isnan(x[a].speedup))
        a--;
    while (b + 1 < n && isnan(x[b].speedup))
        b++;
    share = log((double)x[i].threads / x[a].threads) / log((double)x[b].threads / x[a].threads);
    return x[a].speedup + share * (x[b].speedup - x[a].speedup);
}

static size_t knee_of(const struct ps_knee_point *x, size_t n)
{
    double best = 0;

    for (size_t i = 0; i < n; i++)
        best = fmax(best, speedup_at(x, n, i));
    for (size_t i = 0; i < n; i++)
        if (speedup_at(x, n, i) >= (1 - WITHIN) * best)
            return i;
    return n;
}

/* The candidate between two counts that is nearest to their geometric mean; 0: there is none. */
static unsigned between(unsigned a, unsigned b, const unsigned *candidates, size_t n)
{
    double middle = sqrt((double)a * b), nearest = INFINITY;
    unsigned best = 0;

    for (size_t i = 0; i < n; i++) {
        double away = fabs(log(candidates[i] / middle));

        if (candidates[i] <= a || candidates[i] >= b || away >= nearest)
            continue;
        nearest = away;
        best = candidates[i];
    }
    return best;
}

/* The widest gap, by its weight; 0: none is worth it. *after: the point that it begins at. */
static unsigned next(const struct ps_knee_point *x, size_t n, const unsigned *candidates,
                     size_t candidate_count, size_t *after)
{
    size_t knee = knee_of(x, n);
    double widest = 1;
    unsigned best = 0;

    for (size_t i = 0; i + 1 < n; i++) {
        double weight = log2((double)x[i + 1].threads / x[i].threads);
        unsigned middle = between(x[i].threads, x[i + 1].threads, candidates, candidate_count);

        weight *= i == knee || i + 1 == knee ? NEAR_KNEE : 1;
        if (!middle || weight <= widest)
            continue;
        widest = weight;
        best = middle;
        *after = i;
    }
    return best;
}

size_t ps_knee_add(struct ps_knee_point *points, size_t count, const unsigned *candidates,
                   size_t candidate_count, size_t most)
{
    size_t added = 0, after = 0;

    while (added < most) {
        unsigned threads = next(points, count, candidates, candidate_count, &after);

        if (!threads)
            break;
        memmove(&points[after + 2], &points[after + 1], (count - after - 1) * sizeof *points);
        points[after + 1] = (struct ps_knee_point){threads, NAN};
        count++;
        added++;
    }
    return added;
}
