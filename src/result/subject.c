#include "subject.h"

#include <string.h>

#include "text.h"

#define SHORT_LABEL 40 /* columns of a command that is repeated whole */

bool ps_point_is_program(const struct ps_point *p)
{
    return !strcmp(p->strategy, PS_STRATEGY_PROGRAM);
}

bool ps_point_is_outside(const struct ps_point *p)
{
    return ps_point_is_program(p) && strcmp(p->strategy_label, PS_STRATEGY_PROGRAM);
}

bool ps_point_among_outside(const struct ps_result *r, const struct ps_point *p)
{
    for (size_t i = 0; i < r->point_count; i++)
        if (ps_point_is_outside(&r->points[i]) &&
            !strcmp(r->points[i].workload_label, p->workload_label))
            return true;
    return false;
}

bool ps_point_against_plain(const struct ps_result *r, const struct ps_point *p)
{
    const struct ps_point *base = ps_result_baseline(r, p);

    return base && ps_point_is_program(base) && (ps_point_is_free(base) || base->threads > 1);
}

bool ps_point_is_free(const struct ps_point *p)
{
    return !strcmp(p->placement, PS_PLACEMENT_FREE);
}

bool ps_point_is_copies(const struct ps_point *p)
{
    return ps_point_is_program(p) && p->items > 1;
}

/* What stands before "of COMMAND"; "" where the program was left alone. */
static const char *amount(const struct ps_result *r, const struct ps_point *p)
{
    bool copies = false;

    if (ps_point_is_free(p))
        return "";
    /* A copy is an item, and the point with one copy is known by those with several. */
    for (size_t i = 0; i < r->point_count; i++)
        copies |= r->points[i].items > 1 && !ps_point_is_outside(&r->points[i]) &&
                  !strcmp(r->points[i].workload_label, p->workload_label);
    if (copies)
        return p->threads == 1 ? "1 copy of "
                               : ps_arena_format(r->arena, "%u copies of ", p->threads);
    return ps_arena_format(r->arena, "%u thread%s of ", p->threads, p->threads == 1 ? "" : "s");
}

const char *ps_subject_short(const struct ps_result *r, const struct ps_point *p)
{
    const char *label = ps_text_clean(r->arena, p->workload_label);
    const char *cut = ps_text_shorten(r->arena, label, SHORT_LABEL);

    if (!ps_point_is_program(p) || !strcmp(cut, label))
        return label;
    for (size_t i = 0; i < r->point_count; i++)
        if (!strcmp(r->points[i].workload, p->workload) &&
            strcmp(r->points[i].workload_label, p->workload_label) != 0)
            return cut;
    return p->workload;
}

const char *ps_subject_name(const struct ps_result *r, const struct ps_point *p)
{
    const char *s = p->threads == 1 ? "" : "s";
    const struct ps_point *base = ps_result_baseline(r, p);
    const bool untold = base && ps_point_is_free(base);

    if (ps_point_is_outside(p) && (untold || ps_point_is_copies(p)))
        return p->strategy_label;
    if (ps_point_is_program(p) && !ps_point_is_outside(p) && ps_point_among_outside(r, p))
        return untold ? "the program as it is"
                      : ps_arena_format(r->arena, "%u thread%s as it is", p->threads, s);
    if (ps_point_is_program(p) && !ps_point_is_outside(p))
        return ps_arena_format(r->arena, "%u thread%s", p->threads, s);
    return ps_arena_format(r->arena, "%s with %u thread%s", p->strategy_label, p->threads, s);
}

const char *ps_subject_of(const struct ps_result *r, const struct ps_point *p)
{
    if (ps_point_is_outside(p))
        return ps_arena_format(r->arena, "%s on %s", ps_subject_name(r, p), ps_subject_short(r, p));
    if (ps_point_is_program(p))
        return ps_arena_format(r->arena, "%s%s", amount(r, p), ps_subject_short(r, p));
    return ps_arena_format(r->arena, "%s on %s", ps_subject_name(r, p), p->workload_label);
}

/* No other one is measured beside it, nor itself in another way. */
static bool is_only_program(const struct ps_result *r, const struct ps_point *p)
{
    for (size_t i = 0; i < r->point_count; i++)
        if (strcmp(r->points[i].workload_label, p->workload_label) != 0 || r->points[i].items > 1 ||
            ps_point_is_outside(&r->points[i]))
            return false;
    return ps_point_is_program(p) && !ps_point_is_free(p);
}

const char *ps_subject_here(const struct ps_result *r, const struct ps_point *p)
{
    return is_only_program(r, p) ? ps_subject_name(r, p) : ps_subject_of(r, p);
}

const char *ps_disturbance_text(const struct ps_result *r, const struct ps_point *p)
{
    return ps_arena_format(
        r->arena,
        "other programs took %.*f %% of the CPU time of %s, and %zu of %zu rounds were quiet",
        p->load.share < 0.02 ? 1 : 0, 100 * p->load.share, ps_subject_here(r, p), p->load.clean,
        p->load.rounds);
}
