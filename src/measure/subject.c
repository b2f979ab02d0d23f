#include "subject.h"

#include <string.h>

#include "session.h"

static bool is_program(const struct ps_point *p)
{
    return !strcmp(p->strategy, ps_strategy_program.name);
}

/* What stands before "of COMMAND"; "" where the program was left alone. */
static const char *amount(const struct ps_result *r, const struct ps_point *p)
{
    bool copies = false;

    if (!strcmp(p->placement, ps_placement_name(PS_PLACE_FREE)))
        return "";
    /* A copy is an item, and the point with one copy is known by those with several. */
    for (size_t i = 0; i < r->point_count; i++)
        copies |= r->points[i].items > 1 && !strcmp(r->points[i].workload_label, p->workload_label);
    if (copies)
        return p->threads == 1 ? "1 copy of "
                               : ps_arena_format(r->arena, "%u copies of ", p->threads);
    return ps_arena_format(r->arena, "%u thread%s of ", p->threads, p->threads == 1 ? "" : "s");
}

const char *subject_name(const struct ps_result *r, const struct ps_point *p)
{
    const char *s = p->threads == 1 ? "" : "s";

    if (is_program(p))
        return ps_arena_format(r->arena, "%u thread%s", p->threads, s);
    return ps_arena_format(r->arena, "%s with %u thread%s", p->strategy_label, p->threads, s);
}

const char *subject_of(const struct ps_result *r, const struct ps_point *p)
{
    if (is_program(p))
        return ps_arena_format(r->arena, "%s%s", amount(r, p), p->workload_label);
    return ps_arena_format(r->arena, "%s on %s", subject_name(r, p), p->workload_label);
}
