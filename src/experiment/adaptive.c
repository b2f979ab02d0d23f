#include "adaptive.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "build.h"
#include "knee.h"

#define PASSES         5
#define PASS_COUNTS    3 /* that a pass adds for each curve */
#define MOST_COUNTS    24
#define SHARE          (1.0 / 3) /* of the time, that all passes take */
#define PASS_PRECISION 0.05

/* The thread counts that were chosen so far, of all curves, ascending. */
struct counts {
    unsigned items[MOST_COUNTS];
    size_t count;
};

static bool chosen(const struct counts *c, unsigned threads)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->items[i] == threads)
            return true;
    return false;
}

static bool choose(struct counts *c, unsigned threads)
{
    size_t i = c->count;

    if (chosen(c, threads) || c->count == MOST_COUNTS)
        return false;
    for (; i > 0 && c->items[i - 1] > threads; i--)
        c->items[i] = c->items[i - 1];
    c->items[i] = threads;
    c->count++;
    return true;
}

static const char *listed(const struct counts *c, size_t first, struct ps_arena *a)
{
    const char *list = "1";

    for (size_t i = first; i < c->count; i++)
        list = ps_arena_format(a, "%s,%u", list, c->items[i]);
    return list;
}

/* What was seen of the curves: speedups over the reference of their pass, one a count. */
struct seen {
    const char *workload, *strategy, *placement;
    double speedups[MOST_COUNTS]; /* of the count with the same index; NaN */
};

struct explored {
    struct seen *curves;
    size_t count;
};

static struct seen *curve_of(struct explored *x, const struct ps_point *p, size_t counts,
                             struct ps_arena *a)
{
    for (size_t i = 0; i < x->count; i++)
        if (!strcmp(x->curves[i].workload, p->workload_label) &&
            !strcmp(x->curves[i].strategy, p->strategy_label) &&
            !strcmp(x->curves[i].placement, p->placement))
            return &x->curves[i];
    x->curves = ps_arena_grow(a, x->curves, x->count, sizeof *x->curves);
    x->curves[x->count] = (struct seen){p->workload_label, p->strategy_label, p->placement};
    for (size_t i = 0; i < counts; i++)
        x->curves[x->count].speedups[i] = NAN;
    return &x->curves[x->count++];
}

static void see(struct explored *x, const struct ps_result *r, const struct counts *c,
                struct ps_arena *a)
{
    for (size_t i = 0; i < r->point_count; i++) {
        const struct ps_point *p = &r->points[i];
        struct seen *curve;

        if (p->baseline && strcmp(p->strategy_label, PS_STRATEGY_PROGRAM))
            continue;
        curve = curve_of(x, p, MOST_COUNTS, a);
        for (size_t k = 0; k < c->count; k++)
            if (c->items[k] == p->threads)
                curve->speedups[k] = p->baseline ? 1 : ps_point_value(p, "speedup");
    }
}

/* The speedups move with the counts, to whose indices they belong. */
static void insert(struct counts *c, struct explored *x, unsigned threads)
{
    struct counts before = *c;

    if (!choose(c, threads))
        return;
    for (size_t i = 0; i < x->count; i++) {
        double old[MOST_COUNTS];

        memcpy(old, x->curves[i].speedups, sizeof old);
        for (size_t k = 0, from = 0; k < c->count; k++)
            x->curves[i].speedups[k] = chosen(&before, c->items[k]) ? old[from++] : NAN;
    }
}

/* Adds what is worth it for one curve to `wanted`. */
static void want(const struct seen *curve, const struct counts *c, const unsigned *candidates,
                 size_t candidate_count, struct counts *wanted)
{
    struct ps_knee_point points[MOST_COUNTS + PASS_COUNTS];
    size_t count = 0, added;

    for (size_t i = 0; i < c->count; i++)
        if (isfinite(curve->speedups[i]))
            points[count++] = (struct ps_knee_point){c->items[i], curve->speedups[i]};
    added = count < 2 ? 0 : ps_knee_add(points, count, candidates, candidate_count, PASS_COUNTS);
    for (size_t i = 0; i < count + added; i++)
        if (isnan(points[i].speedup))
            choose(wanted, points[i].threads);
}

struct exploration {
    const struct ps_plan *plan;
    const struct ps_measure_hooks *hooks;
    struct ps_arena *arena;
    struct counts chosen;
    struct explored explored;
    double elapsed; /* s, of all passes */
};

static int plan_with(const struct ps_plan *plan, struct ps_request *r, struct ps_arena *a,
                     struct ps_plan **with, struct ps_err *e)
{
    struct ps_request *kept = ps_arena_alloc(a, sizeof *kept);

    *kept = *r;
    return ps_plan_build(kept, plan->dry, a, with, e);
}

/* One short sweep over the counts that are wanted, and one thread. */
static int pass(struct exploration *x, const struct counts *wanted, struct ps_result **result,
                bool *stuck, struct ps_err *e)
{
    struct ps_request r = *x->plan->request;
    struct ps_plan *plan;
    int err;

    r.threads = listed(wanted, 0, x->arena);
    r.max_time = SHARE / PASSES * r.max_time;
    r.precision = fmax(r.precision, PASS_PRECISION);
    r.runs = 0;
    r.diagnose = PS_DIAGNOSE_NEVER;
    r.check_count = 0;
    err = plan_with(x->plan, &r, x->arena, &plan, e);
    if (!err)
        err = ps_experiment(plan, x->hooks, x->arena, result, stuck, e);
    if (err < 0)
        return err;
    for (size_t i = 0; i < wanted->count; i++)
        insert(&x->chosen, &x->explored, wanted->items[i]);
    see(&x->explored, *result, &x->chosen, x->arena);
    x->elapsed += (*result)->elapsed;
    return 0;
}

static int explore(struct exploration *x, const unsigned *candidates, size_t count,
                   struct ps_result **result, bool *stuck, struct ps_err *e)
{
    struct counts wanted = {{1}, 1};
    int err = 0;

    choose(&wanted, candidates[count - 1]);
    for (unsigned i = 0; !err && i < PASSES && wanted.count; i++) {
        err = pass(x, &wanted, result, stuck, e);
        if (err < 0 || x->elapsed > SHARE * x->plan->request->max_time)
            break;
        wanted.count = 0;
        for (size_t k = 0; k < x->explored.count; k++)
            want(&x->explored.curves[k], &x->chosen, candidates, count, &wanted);
    }
    return err;
}

/* The sweep that is reported, of what time is left. */
static int final(const struct exploration *x, struct ps_result **result, bool *stuck,
                 struct ps_err *e)
{
    struct ps_request r = *x->plan->request;
    struct ps_plan *plan;
    int err;

    r.threads = listed(&x->chosen, 0, x->arena);
    r.max_time = fmax(r.max_time - x->elapsed, r.max_time / 2);
    err = plan_with(x->plan, &r, x->arena, &plan, e);
    *result = NULL;
    if (err < 0)
        return err;
    err = ps_experiment(plan, x->hooks, x->arena, result, stuck, e);
    if (*result) {
        (*result)->plan.max_time = x->plan->request->max_time;
        (*result)->elapsed += x->elapsed;
    }
    return err;
}

int ps_experiment_adaptive(const struct ps_plan *plan, const struct ps_measure_hooks *hooks,
                           struct ps_arena *a, struct ps_result **result, bool *stuck,
                           struct ps_err *e)
{
    struct exploration x = {.plan = plan, .hooks = hooks, .arena = a};
    unsigned *candidates;
    size_t count;
    int err = ps_threads_parse(plan->request->threads, plan->topology, a, &candidates, &count, e);

    if (!err)
        err = explore(&x, candidates, count, result, stuck, e);
    return err < 0 ? err : final(&x, result, stuck, e);
}
