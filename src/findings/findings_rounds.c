/* Findings about how the rounds of a point differ. */
#include "finding.h"
#include "stats.h"
#include "subject.h"

#define MANY_OUTLIERS 0.1 /* share of the rounds */

/* "50.3 ms in 48 % of the rounds" */
static const char *mode(const struct ps_result *r, const struct ps_modes *m, size_t which)
{
    return ps_arena_format(r->arena, "%s in %.0f %% of the rounds",
                           finding_time(r, m->centre[which]), 100 * m->share[which]);
}

void find_two_modes(const struct ps_samples *s, struct ps_result *r)
{
    for (size_t i = 0; i < r->point_count; i++) {
        const struct ps_point *p = &r->points[i];

        if (p->modes.found)
            finding_concerns(
                r,
                finding_say(
                    r, "two-modes", PS_WARNING,
                    "Two modes: %s takes %s and %s, with little in between. The median is that of "
                    "the larger mode or lies between the two: compare the modes, or find out what "
                    "decides between them.",
                    ps_subject_of(r, p), mode(r, &p->modes, 0), mode(r, &p->modes, 1)),
                i);
    }
}

/* A second mode is none, and rounds that others disturbed are told with that cause. */
void find_outliers(const struct ps_samples *s, struct ps_result *r)
{
    double *scratch = ps_arena_array(r->arena, s->rounds, sizeof *scratch);
    size_t worst = 0, worst_of = 0;

    for (size_t i = 0; i < r->point_count && s->rounds >= PS_MIN_ROUNDS; i++) {
        const struct ps_metric *m = ps_point_metric(&r->points[i], "wall_time");
        size_t count = 0;

        if (m->samples && !r->points[i].modes.found && !finding_told_load(&r->points[i]))
            count = ps_outliers(m->samples, s->rounds, NULL, scratch);
        if (count > worst) {
            worst = count;
            worst_of = i;
        }
    }
    if ((double)worst > MANY_OUTLIERS * (double)s->rounds)
        finding_concerns(r,
                         finding_say(r, "outliers", PS_INFO,
                                     "Outliers: up to %zu of %zu rounds (%s) lie far from the "
                                     "median. None is dropped.",
                                     worst, s->rounds, ps_subject_of(r, &r->points[worst_of])),
                         worst_of);
}
