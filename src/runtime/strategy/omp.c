/*
 * The OpenMP runtime that the compiler comes with, as its users have it: a parallel region with
 * worksharing, or tasks. Its threads float over the CPUs of the point, unless the user's
 * OMP_PROC_BIND says otherwise, and wait as OMP_WAIT_POLICY says; so it lives in a process of its
 * own.
 *
 * Busy is the time that a thread spends in bodies and in getting chunks. A thread that waits in
 * taskwait can't be told from one that works, so for trees the load balance is an upper bound.
 */
#include <errno.h>
#include <stdlib.h>

#include "region.h"

#define NOT_BUILT "this parscope was built without OpenMP"

enum { SCHEDULE, CHUNK };
enum schedule { STATIC, DYNAMIC, GUIDED, TASKS };

static const char *const schedules[] = {"static", "dynamic", "guided", "tasks", NULL};
static const struct parscope_param params[] = {
    {"schedule", PARSCOPE_CHOICE, "static", 0, 0, schedules,
     "how items are assigned: an OpenMP loop schedule, or a task for each chunk"},
    {"chunk", PARSCOPE_COUNT, "0", 0, 1e9, NULL,
     "items taken at once; 0: an equal share each (static, tasks), or 1"},
    {NULL},
};

#ifdef _OPENMP
#include <omp.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

struct worker {
    PS_ALIGNED struct parscope_worker abi;
    struct omp *omp;
    unsigned depth; /* bodies and tasks under way, one on top of the other */
    uint64_t since; /* ticks */
    uint64_t busy;  /* ticks of the region */
    bool took_part;
};

struct omp {
    struct ps_instance base;
    enum schedule schedule;
    uint64_t chunk;
    struct worker *workers;
    /* Of the region. */
    parscope_range_fn *body;
    parscope_task_fn *task;
    void *arg;
    uint64_t n;
    int err;
};

static struct worker *self(struct omp *o)
{
    return &o->workers[omp_get_thread_num()];
}

static void begin_work(struct worker *w)
{
    if (w->depth++ == 0)
        w->since = ps_ticks();
}

static void end_work(struct worker *w)
{
    if (--w->depth == 0)
        w->busy += ps_ticks_between(w->since, ps_ticks());
}

static void begin_region(struct worker *w)
{
    w->busy = 0;
    w->depth = 0;
    ps_probe_begin(&w->omp->base, w->abi.slot);
}

static void end_region(struct worker *w)
{
    struct ps_slot *slot = &w->omp->base.slots[w->abi.slot];

    slot->busy += w->busy;
    slot->shares += w->took_part;
    w->took_part = false;
    ps_probe_end(&w->omp->base, w->abi.slot);
}

static void do_items(struct worker *w, uint64_t begin, uint64_t end)
{
    struct omp *o = w->omp;

    if (begin >= end)
        return;
    w->took_part = true;
    o->body(o->arg, begin, end, &w->abi);
    o->base.slots[w->abi.slot].items += end - begin;
}

static uint64_t chunk_count(const struct omp *o)
{
    return o->chunk ? (o->n + o->chunk - 1) / o->chunk : o->base.workers;
}

static void do_chunk(struct omp *o, struct worker *w, uint64_t i)
{
    struct ps_items items;

    if (o->chunk) {
        items.begin = i * o->chunk;
        items.end = items.begin + o->chunk < o->n ? items.begin + o->chunk : o->n;
    } else {
        items = ps_equal_share(o->n, (unsigned)i, o->base.workers);
    }
    do_items(w, items.begin, items.end);
}

static void do_task(struct omp *o, uint64_t i)
{
    struct worker *w = self(o);

    begin_work(w);
    do_chunk(o, w, i);
    end_work(w);
}

/* On every thread of the team; each schedule is a loop of its own because the clause is static. */
static void do_loop(struct omp *o, struct worker *w)
{
    uint64_t chunks = chunk_count(o);

    switch (o->schedule) {
    case STATIC:
#pragma omp for schedule(static) nowait
        for (uint64_t i = 0; i < chunks; i++)
            do_chunk(o, w, i);
        break;
    case DYNAMIC:
#pragma omp for schedule(dynamic) nowait
        for (uint64_t i = 0; i < chunks; i++)
            do_chunk(o, w, i);
        break;
    case GUIDED:
#pragma omp for schedule(guided) nowait
        for (uint64_t i = 0; i < chunks; i++)
            do_chunk(o, w, i);
        break;
    case TASKS:
#pragma omp single nowait
        for (uint64_t i = 0; i < chunks; i++) {
#pragma omp task firstprivate(o, i)
            do_task(o, i);
        }
        break;
    }
}

/* What all threads do of a region; the barrier is so that tasks are done before it is over. */
static void take_part(struct omp *o, void (*what)(struct omp *o, struct worker *w))
{
    struct worker *w = self(o);

    if (omp_get_thread_num() == 0 && omp_get_num_threads() != (int)o->base.workers)
        o->err = -EAGAIN;
    begin_region(w);
    what(o, w);
#pragma omp barrier
    end_region(w);
}

static void do_range(struct omp *o, struct worker *w)
{
    if (o->schedule != TASKS)
        begin_work(w);
    do_loop(o, w);
    if (o->schedule != TASKS)
        end_work(w);
}

static void do_root(struct omp *o, struct worker *w)
{
#pragma omp single nowait
    {
        w->took_part = true;
        begin_work(w);
        o->task(o->arg, &w->abi);
        end_work(w);
    }
}

static int run_region(struct omp *o, void (*what)(struct omp *o, struct worker *w))
{
    uint64_t start = ps_ticks(), max = 0;

    o->err = 0;
#pragma omp parallel num_threads(o->base.workers)
    take_part(o, what);
    for (unsigned i = 0; i < o->base.workers; i++)
        if (o->workers[i].busy > max)
            max = o->workers[i].busy;
    ps_region_add(&o->base, ps_ticks_between(start, ps_ticks()), max);
    return o->err;
}

static int range(struct parscope_exec *x, uint64_t n, parscope_range_fn *body, void *arg)
{
    struct omp *o = (struct omp *)x;

    if (!n)
        return 0;
    o->body = body;
    o->arg = arg;
    o->n = n;
    return run_region(o, do_range);
}

static int root(struct parscope_exec *x, parscope_task_fn *task, void *arg)
{
    struct omp *o = (struct omp *)x;

    o->task = task;
    o->arg = arg;
    return run_region(o, do_root);
}

static void run_forked(struct omp *o, parscope_task_fn *g, void *g_arg)
{
    struct worker *w = self(o);

    w->took_part = true;
    begin_work(w);
    g(g_arg, &w->abi);
    end_work(w);
}

static void join(struct parscope_worker *abi, parscope_task_fn *f, void *f_arg, parscope_task_fn *g,
                 void *g_arg)
{
    struct worker *w = (struct worker *)abi;
    struct omp *o = w->omp;

    o->base.slots[abi->slot].items++;
#pragma omp task firstprivate(o, g, g_arg)
    run_forked(o, g, g_arg);
    f(f_arg, abi);
#pragma omp taskwait
}

/* LLVM's runtime registers itself in an object of shared memory, to find a second copy of it in the
 * process. The object would stay when the process is killed, as ours are. */
static void unregister(void)
{
    char name[64];

    omp_get_max_threads(); /* has it registered */
    snprintf(name, sizeof name, "/__KMP_REGISTERED_LIB_%d_%d", (int)getpid(), (int)getuid());
    shm_unlink(name);
}

static int init(struct ps_instance *base, const union parscope_value *options, struct ps_err *e)
{
    struct omp *o = (struct omp *)base;

    unregister();
    o->schedule = (enum schedule)options[SCHEDULE].choice;
    o->chunk = options[CHUNK].count;
    if (!o->chunk && (o->schedule == DYNAMIC || o->schedule == GUIDED))
        o->chunk = 1;
    o->workers = aligned_alloc(PS_LINE, base->workers * sizeof *o->workers);
    if (!o->workers)
        return -ENOMEM;
    for (unsigned i = 0; i < base->workers; i++)
        o->workers[i] = (struct worker){.abi = {join, i}, .omp = o};
    return 0;
}

static void finish(struct ps_instance *base)
{
    free(((struct omp *)base)->workers);
}

static const struct parscope_exec_ops ops = {range, root};

#define SHAPES (PARSCOPE_RANGE | PARSCOPE_TREE | PARSCOPE_WAIT)
#define REASON NULL
#define SIZE   sizeof(struct omp)
#define FINISH finish

#else

static int init(struct ps_instance *base, const union parscope_value *options, struct ps_err *e)
{
    return ps_fail(e, ENOTSUP, NOT_BUILT);
}

static const struct parscope_exec_ops ops = {ps_no_range, ps_no_root};

#define SHAPES 0
#define REASON NOT_BUILT
#define SIZE   sizeof(struct ps_instance)
#define FINISH NULL

#endif

const struct ps_strategy ps_strategy_omp = {
    .name = "omp",
    .summary = "the compiler's OpenMP: worksharing loops and tasks",
    .stands_for = "libgomp or libomp as users have them",
    .shapes = SHAPES,
    .no_range = REASON,
    .no_tree = REASON,
    .no_wait = REASON,
    .params = params,
    .caller = PS_CALLER_JOINS,
    .hides_spin = true,
    .isolated = true,
    .instance_size = SIZE,
    .init = init,
    .finish = FINISH,
    .ops = &ops,
};
