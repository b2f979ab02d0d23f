#include "finding.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "subject.h"
#include "units.h"

#define OTHERS 3 /* points that are named beside the worst */

struct ps_finding *finding_say(struct ps_result *r, const char *id, enum ps_severity severity,
                               const char *format, ...)
{
    struct ps_finding *f;
    const char *text;
    va_list args;

    va_start(args, format);
    text = ps_arena_vformat(r->arena, format, args);
    va_end(args);
    r->findings = ps_arena_grow(r->arena, r->findings, r->finding_count, sizeof *f);
    f = &r->findings[r->finding_count++];
    *f = (struct ps_finding){id, severity, text, NULL, 0};
    return f;
}

void finding_concerns(struct ps_result *r, struct ps_finding *f, size_t point)
{
    f->points = ps_arena_grow(r->arena, f->points, f->point_count, sizeof *f->points);
    f->points[f->point_count++] = point;
}

const char *finding_time(const struct ps_result *r, double seconds)
{
    char out[32];

    return ps_arena_copy(r->arena, ps_format_time(out, sizeof out, seconds));
}

const char *finding_ratio(const struct ps_result *r, double x)
{
    return ps_arena_format(r->arena, x < 10 ? "%.2f" : x < 100 ? "%.1f" : "%.0f", x);
}

/* What others took, it would have computed in. */
static double computing_time(const struct ps_point *p)
{
    double others = ps_point_value(p, "others_time");

    return ps_point_value(p, "cpu_time") + (isnan(others) ? 0 : others);
}

bool finding_computes(const struct ps_result *r, const struct ps_point *p)
{
    const struct ps_point *base = ps_result_baseline(r, p);

    base = base ? base : p;
    return !(computing_time(base) / ps_point_value(base, "wall_time") < PS_COMPUTES);
}

const char *finding_unobserved(const struct ps_result *r, const struct ps_point *p)
{
    if (!p->diagnosis || !p->diagnosis->missing)
        return "";
    return ps_arena_format(r->arena, "What it spent its time on was not observed: %s.",
                           p->diagnosis->missing);
}

/* Names of a plan are the same pointers, mostly. */
static bool same_workload(const struct ps_result *r, size_t a, size_t b)
{
    return r->points[a].workload == r->points[b].workload ||
           !strcmp(r->points[a].workload, r->points[b].workload);
}

size_t finding_group(const struct ps_samples *s, const struct ps_result *r, size_t first,
                     how_bad_fn *how_bad, size_t *points)
{
    double worst = -INFINITY;
    size_t count = 0;

    for (size_t i = 0; i < first; i++)
        if (same_workload(r, i, first))
            return 0;
    for (size_t i = first; i < r->point_count; i++) {
        double bad = same_workload(r, i, first) ? how_bad(s, r, i) : NAN;

        if (isnan(bad))
            continue;
        points[count++] = i;
        if (bad > worst) {
            points[count - 1] = points[0];
            points[0] = i;
            worst = bad;
        }
    }
    return count;
}

const char *finding_others(const struct ps_result *r, const size_t *points, size_t count)
{
    const char *list = " Likewise: ";
    size_t named = count - 1 > OTHERS ? OTHERS : count - 1;

    if (count < 2)
        return "";
    for (size_t i = 1; i <= named; i++)
        list = ps_arena_format(r->arena, "%s%s%s", list, i > 1 ? ", " : "",
                               ps_subject_here(r, &r->points[points[i]]));
    if (count - 1 > named)
        return ps_arena_format(r->arena, "%s and %zu more.", list, count - 1 - named);
    return ps_arena_format(r->arena, "%s.", list);
}

bool finding_has_counters(const struct ps_samples *s)
{
    return s->plan->fake || (s->counters && !ps_counters_diagnosis(s->counters));
}
