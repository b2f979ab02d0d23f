/* Strategies of programs from outside, as choices. */
#include <errno.h>

#include "plan_axes.h"

static int check(const struct ps_plan *p, const struct ps_outside *o, struct ps_err *e)
{
    const struct ps_request *r = p->request;

    if (plan_is_smt(r) && (o->pins || o->copies))
        return ps_fail(e, EINVAL, "%s: smt-compare places threads itself, and has --copies",
                       o->label);
    if (o->pins && r->cpus)
        return ps_fail(e, EINVAL, "%s: --cpus says where threads go, so pin can't be given too",
                       o->label);
    if (o->copies && r->weak)
        return ps_fail(e, EINVAL, "%s: copies and --weak exclude each other", o->label);
    return 0;
}

static void note(struct ps_plan *p, const struct ps_outside *o, struct ps_arena *a)
{
    for (size_t i = 0; i < o->note_count; i++) {
        p->skipped = ps_arena_grow(a, p->skipped, p->skipped_count, sizeof *p->skipped);
        p->skipped[p->skipped_count++] = ps_arena_format(a, "%s: %s", o->label, o->notes[i]);
    }
}

static void add(struct axes *x, const struct ps_outside *o, struct ps_arena *a)
{
    struct choices *all = &x->strategies;
    struct ps_bound *bound = ps_arena_alloc(a, sizeof *bound);

    bound->name = PS_STRATEGY_PROGRAM;
    bound->label = o->label;
    all->items = ps_arena_grow(a, all->items, all->count, sizeof *all->items);
    all->items[all->count++] = (struct choice){&ps_strategy_program, bound, o};
}

int plan_choose_outside(struct ps_plan *p, struct axes *x, struct ps_arena *a, struct ps_err *e)
{
    const struct ps_request *r = p->request;
    const struct ps_outside_host host = ps_plan_outside_host(p);
    struct ps_outside *all = NULL;
    size_t count = 0;
    int err = 0;

    if (r->strategies)
        err = ps_outside_parse(r->strategies, &host, a, &all, &count, e);
    for (size_t i = 0; !err && i < count; i++) {
        err = check(p, &all[i], e);
        note(p, &all[i], a);
        add(x, &all[i], a);
    }
    return err;
}
