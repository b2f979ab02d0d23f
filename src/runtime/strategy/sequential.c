/* The calling thread does it all. */
#include "region.h"

struct sequential {
    struct ps_instance base;
    struct parscope_worker worker;
};

static void join(struct parscope_worker *w, parscope_task_fn *f, void *f_arg, parscope_task_fn *g,
                 void *g_arg)
{
    struct sequential *s = (struct sequential *)((char *)w - offsetof(struct sequential, worker));

    s->base.slots[0].items++;
    f(f_arg, w);
    g(g_arg, w);
}

static uint64_t begin_region(struct sequential *s)
{
    ps_probe_begin(&s->base, 0);
    return ps_ticks();
}

static void end_region(struct sequential *s, uint64_t start)
{
    uint64_t ticks = ps_ticks_between(start, ps_ticks());

    s->base.slots[0].busy += ticks;
    s->base.slots[0].shares++;
    ps_region_add(&s->base, ticks, ticks);
    ps_probe_end(&s->base, 0);
}

static int range(struct parscope_exec *x, uint64_t n, parscope_range_fn *body, void *arg)
{
    struct sequential *s = (struct sequential *)x;
    uint64_t start;

    if (!n)
        return 0;
    start = begin_region(s);
    body(arg, 0, n, &s->worker);
    s->base.slots[0].items += n;
    end_region(s, start);
    return 0;
}

static int root(struct parscope_exec *x, parscope_task_fn *task, void *arg)
{
    struct sequential *s = (struct sequential *)x;
    uint64_t start = begin_region(s);

    task(arg, &s->worker);
    end_region(s, start);
    return 0;
}

static int init(struct ps_instance *base, const union parscope_value *options, struct ps_err *e)
{
    ((struct sequential *)base)->worker = (struct parscope_worker){join, 0};
    return 0;
}

static const struct parscope_exec_ops ops = {range, root};

const struct ps_strategy ps_strategy_sequential = {
    .name = PS_STRATEGY_SEQUENTIAL,
    .summary = "the calling thread does it all",
    .stands_for = "the reference of every speedup",
    .shapes = PARSCOPE_RANGE | PARSCOPE_TREE | PARSCOPE_WAIT,
    .caller = PS_CALLER_WORKS,
    .serial = true,
    .instance_size = sizeof(struct sequential),
    .init = init,
    .ops = &ops,
};
