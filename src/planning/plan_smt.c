/* smt-compare: the same work with one thread a core, packed, and with two threads a core. */
#include <errno.h>
#include <string.h>

#include "plan_axes.h"
#include "smt.h"

struct cores {
    struct ps_smt_pair *pairs;
    unsigned count;
};

static int told_pairs(const struct ps_plan *p, struct ps_arena *a, struct ps_smt_pair **pairs,
                      size_t *count, struct ps_err *e)
{
    const struct ps_smt_request *r = &p->request->smt;
    size_t n = r->pair_count;

    *pairs = ps_arena_array(a, n, sizeof **pairs);
    for (size_t i = 0; i < n; i++) {
        struct ps_smt_pair *own = &(*pairs)[i];
        int err = ps_smt_pair_parse(p->topology, r->pairs[i], a, own, e);

        if (err < 0)
            return err;
        for (size_t k = 0; k < i; k++)
            if ((*pairs)[k].first == own->first || (*pairs)[k].first == own->second ||
                (*pairs)[k].second == own->first || (*pairs)[k].second == own->second)
                return ps_fail(e, EINVAL, "--pair %s: the same CPU is in two pairs", r->pairs[i]);
    }
    *count = n;
    return 0;
}

static int find_cores(struct ps_plan *p, struct cores *c, struct ps_arena *a, struct ps_err *e)
{
    const struct ps_smt_request *r = &p->request->smt;
    size_t count;
    int err = 0;

    p->smt_assumed = r->pair_count > 0;
    if (p->smt_assumed)
        err = told_pairs(p, a, &c->pairs, &count, e);
    else
        ps_smt_pairs(p->topology, a, &c->pairs, &count);
    if (err < 0)
        return err;
    if (!count)
        return ps_fail(e, ENOTSUP, "%s", ps_smt_absence(p->topology, &p->host, a));
    if (r->cores > count)
        return ps_fail(e, ERANGE, "--cores %llu: there %s %zu with two CPUs",
                       (unsigned long long)r->cores, count == 1 ? "is only" : "are only", count);
    c->count = r->cores ? (unsigned)r->cores : (unsigned)count;
    p->smt_cores = c->count;
    return 0;
}

/* First CPUs of the cores, then their second ones: one per core is a beginning of it. */
static int *one_each(const struct cores *c, struct ps_arena *a)
{
    int *cpus = ps_arena_array(a, 2 * (size_t)c->count, sizeof *cpus);

    for (unsigned i = 0; i < c->count; i++) {
        cpus[i] = c->pairs[i].first;
        cpus[c->count + i] = c->pairs[i].second;
    }
    return cpus;
}

static int *in_pairs(const struct cores *c, struct ps_arena *a)
{
    int *cpus = ps_arena_array(a, 2 * (size_t)c->count, sizeof *cpus);

    for (unsigned i = 0; i < c->count; i++) {
        cpus[2 * i] = c->pairs[i].first;
        cpus[2 * i + 1] = c->pairs[i].second;
    }
    return cpus;
}

static int add(struct ps_plan *p, struct axes *x, const struct new_point *n, struct ps_arena *a,
               struct ps_err *e)
{
    int err = plan_add_point(p, x, n, a, e);

    if (!err && p->request->smt.copies)
        p->points[p->point_count - 1].copies = n->threads;
    return err;
}

/* n: workload and choice of the points. */
static int add_choice(struct ps_plan *p, struct axes *x, struct new_point n, const struct cores *c,
                      struct ps_arena *a, struct ps_err *e)
{
    const struct {
        enum ps_placement placement;
        unsigned threads;
        const int *cpus;
        bool there;
    } rows[] = {
        {PS_PLACE_ONE_PER_CORE, c->count, one_each(c, a), true},
        {PS_PLACE_PACKED, c->count, in_pairs(c, a), c->count > 1 && !p->request->smt.copies},
        {PS_PLACE_TWO_PER_CORE, 2 * c->count, one_each(c, a), true},
    };
    int err = 0;

    for (size_t i = 0; !err && i < sizeof rows / sizeof *rows; i++) {
        n.placement = rows[i].placement;
        n.threads = rows[i].threads;
        n.list = rows[i].cpus;
        n.list_count = n.threads;
        if (rows[i].there)
            err = add(p, x, &n, a, e);
    }
    return err;
}

static int check_request(const struct ps_plan *p, struct ps_err *e)
{
    if (p->request->smt.copies && !p->programs)
        return ps_fail(e, EINVAL,
                       "--copies is for programs: built-in workloads use threads instead");
    return 0;
}

int plan_add_smt_points(struct ps_plan *p, struct axes *x, struct ps_arena *a, struct ps_err *e)
{
    struct cores cores;
    int err = check_request(p, e);

    x->asked = true;
    if (!err)
        err = find_cores(p, &cores, a, e);
    for (size_t i = 0; !err && i < p->workload_count; i++) {
        struct choices fitting = x->strategies;

        if (!p->programs)
            err = plan_fitting(p, x, i, &fitting, a, e);
        if (!err && !fitting.count)
            err = ps_fail(e, EINVAL, "smt-compare needs a strategy that runs in parallel");
        for (size_t k = 0; !err && k < fitting.count; k++)
            err = add_choice(p, x, (struct new_point){i, fitting.items[k]}, &cores, a, e);
    }
    return err;
}
