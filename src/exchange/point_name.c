#include "point_name.h"

#include <string.h>

#include "subject.h"
#include "text.h"

static bool several_placements(const struct ps_result *r)
{
    for (size_t i = 1; i < r->point_count; i++)
        if (strcmp(r->points[i].placement, r->points[0].placement) != 0)
            return true;
    return false;
}

const char *ps_point_name(const struct ps_result *r, const struct ps_point *p, struct ps_arena *a)
{
    const char *subject = ps_subject_of(r, p), *label = p->workload_label;

    if (ps_point_is_outside(p))
        subject = ps_arena_format(a, "%s on %s", ps_subject_name(r, p), label);
    else if (ps_point_is_program(p) && !ps_point_is_free(p))
        subject =
            ps_arena_format(a, "%u thread%s of %s", p->threads, p->threads == 1 ? "" : "s", label);
    else if (ps_point_is_program(p))
        subject = label;
    if (several_placements(r))
        subject = ps_arena_format(a, "%s, %s", subject, p->placement);
    return ps_text_clean(a, subject);
}
