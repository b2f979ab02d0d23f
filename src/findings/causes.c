#include "causes.h"

#include <math.h>
#include <stdlib.h>

#include "stack.h"

void causes_add(struct ps_arena *a, struct causes *c, struct cause x)
{
    if (!(x.cores > 0))
        return;
    c->list = ps_arena_grow(a, c->list, c->count, sizeof *c->list);
    x.most = x.cores;
    c->list[c->count++] = x;
}

void causes_grow(struct cause *x, double cores)
{
    x->cores += cores;
    x->most += cores;
}

bool causes_share_memory(const struct causes *c)
{
    return c->own->threaded && !c->own->processes;
}

double causes_waiting(const struct causes *c)
{
    double x = ps_point_value(c->point, ps_stack_ids[PS_LOST_WAITING]);

    return isnan(x) ? fmax(0, c->p - ps_point_value(c->point, "cpus_used")) : x;
}

static int by_cores(const void *a, const void *b)
{
    const struct cause *x = a, *y = b;

    return (x->cores < y->cores) - (x->cores > y->cores);
}

void causes_sort(struct causes *c)
{
    if (c->count)
        qsort(c->list, c->count, sizeof *c->list, by_cores);
}
