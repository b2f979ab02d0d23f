#include "subject.h"

#include <string.h>

bool ps_point_is_program(const struct ps_point *p)
{
    return !strcmp(p->strategy, PS_STRATEGY_PROGRAM);
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
        copies |= r->points[i].items > 1 && !strcmp(r->points[i].workload_label, p->workload_label);
    if (copies)
        return p->threads == 1 ? "1 copy of "
                               : ps_arena_format(r->arena, "%u copies of ", p->threads);
    return ps_arena_format(r->arena, "%u thread%s of ", p->threads, p->threads == 1 ? "" : "s");
}

const char *ps_subject_name(const struct ps_result *r, const struct ps_point *p)
{
    const char *s = p->threads == 1 ? "" : "s";

    if (ps_point_is_program(p))
        return ps_arena_format(r->arena, "%u thread%s", p->threads, s);
    return ps_arena_format(r->arena, "%s with %u thread%s", p->strategy_label, p->threads, s);
}

const char *ps_subject_of(const struct ps_result *r, const struct ps_point *p)
{
    if (ps_point_is_program(p))
        return ps_arena_format(r->arena, "%s%s", amount(r, p), p->workload_label);
    return ps_arena_format(r->arena, "%s on %s", ps_subject_name(r, p), p->workload_label);
}

const char *ps_disturbance_text(const struct ps_result *r, const struct ps_point *p)
{
    return ps_arena_format(r->arena,
                           "others took %.*f %% of the CPU time of %s, and %zu of %zu rounds were "
                           "quiet",
                           p->load.share < 0.02 ? 1 : 0, 100 * p->load.share, ps_subject_of(r, p),
                           p->load.clean, p->load.rounds);
}
