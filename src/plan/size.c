#include "size.h"

#include <errno.h>
#include <math.h>

/* A plug-in may fill all of why: the last byte stays 0. */
int size_ask(const struct ps_plan *p, const struct parscope_workload *ops,
             const struct ps_bound *bound, struct parscope_size *size, struct ps_arena *a,
             struct ps_err *e)
{
    char why[256] = "";
    int err;

    ps_crash_note(ps_catalog_note(p->request->catalog, ops, NULL, a,
                                  "while asked for the size of %s", bound->label));
    err = ops->size(bound->values, size, why, sizeof why - 1);
    ps_crash_note(NULL);
    if (err)
        return ps_fail(e, err < 0 ? -err : EPROTO, "%s: %s", bound->label,
                       why[0] ? why : "its size can't be determined");
    if (!isfinite(size->items) || size->items < 0)
        return ps_fail(e, EPROTO, "%s: its size is %g items", bound->label, size->items);
    return 0;
}
