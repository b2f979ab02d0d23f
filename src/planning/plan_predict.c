/* What is asked about speedups that are not measured. */
#include <errno.h>
#include <string.h>

#include "plan_axes.h"
#include "units.h"

static int parse(struct ps_plan *p, struct ps_arena *a, struct ps_err *e)
{
    char *rest = ps_arena_copy(a, p->request->predict), *token;

    while ((token = strsep(&rest, ","))) {
        uint64_t cpus;
        int err = ps_parse_count(token, "--predict", 2, PS_MAX_THREADS, &cpus, e);

        if (err < 0)
            return err;
        p->predicted = ps_arena_grow(a, p->predicted, p->predicted_count, sizeof *p->predicted);
        p->predicted[p->predicted_count++] = (double)cpus;
    }
    return p->predicted_count > PS_MOST_PREDICTED
               ? ps_fail(e, E2BIG, "--predict: more than %d numbers of CPUs", PS_MOST_PREDICTED)
               : 0;
}

int plan_parse_predicted(struct ps_plan *p, struct ps_arena *a, struct ps_err *e)
{
    const struct ps_request *r = p->request;

    if (!r->predict && !(r->want_efficiency > 0))
        return 0;
    if (!p->scales)
        return ps_fail(e, EINVAL, "with --vary, %s takes several --threads",
                       r->predict ? "--predict" : "--want-efficiency");
    return r->predict ? parse(p, a, e) : 0;
}
