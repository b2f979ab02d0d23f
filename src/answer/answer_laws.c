/* What laws say of more threads than were measured: the end of the answer. */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "advice_view.h"
#include "answer.h"
#include "cells.h"
#include "marks.h"

/* Which says that there is no serial fraction. */
static bool tells_superlinear(const struct ps_view *v)
{
    for (size_t i = 0; i < v->r->finding_count; i++)
        if (!strcmp(v->r->findings[i].id, "superlinear"))
            return true;
    return false;
}

/* How many thread counts it is fitted to, beside the reference. */
static const char *counts(const struct ps_view *v, const struct ps_model *m)
{
    if (m->karp_flatt_count < 2)
        return "";
    return ps_arena_format(v->arena, " from %zu thread counts", m->karp_flatt_count);
}

/* What cost the most is named, and is no serial part: then one pair of counts tells nothing beside.
 */
static bool is_named(const struct ps_view *v, const struct ps_point *p, const struct ps_model *m)
{
    for (size_t i = 0; m->karp_flatt_count < 2 && i < v->r->finding_count; i++) {
        const struct ps_finding *f = &v->r->findings[i];

        if (!strcmp(f->id, "cause") && f->point_count && &v->r->points[f->points[0]] == p)
            return strncmp(f->text, PS_MARK_SERIAL, strlen(PS_MARK_SERIAL)) != 0;
    }
    return false;
}

/* What the fitted law says of more threads, or why there is none. */
static void add_law(const struct ps_view *v, const struct ps_point *p, struct ps_lines *l)
{
    const struct ps_model *m = ps_result_model(v->r, p);
    const char *interval = "", *limit = "";

    if (m && !isfinite(m->serial_fraction) && m->karp_flatt_count && !tells_superlinear(v) &&
        ps_point_value(p, "speedup") > PS_NO_GAIN)
        ps_lines_add(l, ps_arena_format(v->arena, "%c%s.", toupper((unsigned char)*m->status),
                                        *m->status ? m->status + 1 : ""));
    if (!m || !isfinite(m->serial_fraction) || is_named(v, p, m) || ps_point_disturbed(p))
        return;
    if (isfinite(m->low) && isfinite(m->high))
        interval = ps_arena_format(v->arena, " [%.3f, %.3f]", m->low, m->high);
    if (isfinite(m->limit) && m->low > 0 && m->laws.best != PS_LAW_USL && m->karp_flatt_count > 1)
        limit = ps_arena_format(v->arena, ", so at most %s × with any number of threads",
                                ps_cell_ratio(v->arena, m->limit));
    ps_lines_add(
        l, ps_arena_format(
               v->arena, "Serial fraction %.3f%s%s%s%s%s%s.", m->serial_fraction, interval,
               m->weak ? " of the time in parallel (Gustafson)" : "", counts(v, m), limit,
               m->karp_flatt_count == 1 ? " from one pair of thread counts, so unverified" : "",
               m->left_out_count ? ps_arena_format(v->arena, "; %s", ps_left_out(v, m)) : ""));
}

/* What more threads bring, where the points tell it. */
static void add_laws(const struct ps_view *v, const struct ps_point *p, struct ps_lines *l)
{
    const struct ps_model *m = ps_result_model(v->r, p);

    if (!m || !m->laws.status)
        return;
    if (m->laws.best == PS_LAW_USL && isfinite(m->laws.peak.value))
        ps_lines_add(l, ps_arena_format(v->arena, "By the USL, %s.", ps_peak_text(v, &m->laws)));
    if (ps_model_falls(m))
        ps_lines_add(l,
                     ps_arena_format(v->arena, "With %.10g threads it is slower than with fewer.",
                                     m->laws.falls_from));
}

/* How many threads are worth it. fewest: that are told already. */
static void add_advice(const struct ps_view *v, const struct ps_point *p, unsigned fewest,
                       struct ps_lines *l)
{
    const struct ps_model *m = ps_result_model(v->r, p);
    const char *advice = m ? ps_advice_answer(v, m, ps_point_disturbed(p) ? 0 : fewest) : NULL;

    if (advice)
        ps_lines_add(l, advice);
}

void ps_answer_laws(const struct ps_view *v, const struct ps_point *p, unsigned fewest,
                    struct ps_lines *l)
{
    add_law(v, p, l);
    add_laws(v, p, l);
    add_advice(v, p, fewest, l);
}
