/* Of a program: the serial fraction that its speedups tell beside the one that its timeline shows.
 */
#include <math.h>
#include <string.h>

#include "finding.h"
#include "marks.h"
#include "runtimes.h"
#include "subject.h"
#include "text.h"

#define APART \
    0.05 /* that they differ by, beyond the interval: an observed execution is one of few */

/* Models and points of one curve. */
static bool of_model(const struct ps_model *m, const struct ps_point *p)
{
    return ps_text_same(m->workload_label, p->workload_label) &&
           ps_text_same(m->strategy_label, p->strategy_label) &&
           ps_text_same(m->placement, p->placement);
}

/* The observed point with most threads; series_count: none. */
static size_t observed(const struct ps_samples *s, const struct ps_result *r,
                       const struct ps_model *m)
{
    size_t most = s->series_count;

    for (size_t i = 0; i < s->series_count; i++) {
        const struct ps_program_seen *seen = s->series[i].program;

        if (!of_model(m, &r->points[i]) || !seen || !seen->diagnosis || seen->diagnosis->missing ||
            seen->diagnosis->others > PS_DIAGNOSIS_DROWNED || r->points[i].threads < 2)
            continue;
        if (most == s->series_count || r->points[i].threads > r->points[most].threads)
            most = i;
    }
    return most;
}

static bool apart(const struct ps_model *m, double seen)
{
    const double low = isnan(m->low) ? m->serial_fraction : m->low;
    const double high = isnan(m->high) ? m->serial_fraction : m->high;

    return isfinite(m->serial_fraction) && isfinite(seen) &&
           (seen < low - APART || seen > high + APART);
}

/* Something has been named there that costs speedup and is not serial. */
static bool is_explained(const struct ps_result *r, size_t point)
{
    for (size_t i = 0; i < r->finding_count; i++)
        for (size_t k = 0; k < r->findings[i].point_count; k++)
            if (r->findings[i].points[k] == point && ps_text_same(r->findings[i].id, "cause") &&
                strncmp(r->findings[i].text, PS_MARK_SERIAL, strlen(PS_MARK_SERIAL)))
                return true;
    return false;
}

static const struct ps_model *passive_of(const struct ps_result *r, const struct ps_model *m)
{
    for (size_t i = 0; i < r->model_count; i++)
        if (ps_text_same(r->models[i].workload_label, m->workload_label) &&
            ps_text_same(r->models[i].strategy_label, PS_MARK_PASSIVE))
            return &r->models[i];
    return NULL;
}

static const char *by_timeline(const struct ps_samples *s, const struct ps_result *r,
                               const struct ps_model *m)
{
    const size_t point = observed(s, r, m);

    return point == s->series_count
               ? ""
               : ps_arena_format(r->arena, ", by the timeline %.3f",
                                 s->series[point].program->diagnosis->serial_fraction);
}

static const char *second_witness(const struct ps_samples *s, const struct ps_result *r,
                                  const struct ps_model *passive)
{
    if (!passive)
        return "Threads that spin while they wait look like threads at work: --passive measures it with "
               "passive waits beside.";
    if (isnan(passive->serial_fraction))
        return ps_arena_format(r->arena, "With passive waits: %s.", passive->status);
    return ps_arena_format(r->arena, "With passive waits it is %.3f by the speedups%s.",
                           passive->serial_fraction, by_timeline(s, r, passive));
}

/* Whose waits can be told to be passive. */
static bool has_openmp(const struct ps_samples *s, size_t point)
{
    return s->series[point].program->runtimes & (PS_RUNTIME_LIBGOMP | PS_RUNTIME_LIBOMP);
}

/* Told where nothing else explains it, and to whom asked for the second witness. */
void find_two_fractions(const struct ps_samples *s, struct ps_result *r)
{
    for (size_t i = 0; s->plan->programs && i < r->model_count; i++) {
        const struct ps_model *m = &r->models[i], *passive = passive_of(r, m);
        const size_t point = observed(s, r, m);
        double seen;

        if (point == s->series_count || m == passive)
            continue;
        seen = s->series[point].program->diagnosis->serial_fraction;
        if (!apart(m, seen) || (!passive && (is_explained(r, point) || !has_openmp(s, point))))
            continue;
        finding_concerns(
            r,
            finding_say(
                r, "two-serial-fractions", PS_INFO,
                "Two serial fractions: %s has %.3f by its speedups and %.3f by the timeline "
                "with %u threads. %s",
                ps_subject_short(r, &r->points[point]), m->serial_fraction, seen,
                r->points[point].threads, second_witness(s, r, passive)),
            point);
    }
}
