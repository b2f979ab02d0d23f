/* A plug-in with a workload and a strategy, right or wrong as FLAW in the environment says. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <parscope/plugin.h>

#ifndef ABI
#define ABI PARSCOPE_PLUGIN_ABI
#endif

static int flawed(const char *flaw)
{
    const char *set = getenv("FLAW");

    return set && !strcmp(set, flaw);
}

/* FLAW=segv-run: as if run() had crashed by itself. Called on the thread that is to crash. */
static void crash_in(const char *function)
{
    static const struct {
        const char *name;
        int number;
    } signals[] = {{"segv", SIGSEGV}, {"bus", SIGBUS}, {"ill", SIGILL}, {"fpe", SIGFPE}};
    const char *set = getenv("FLAW"), *dash = set ? strchr(set, '-') : NULL;

    if (!dash || strcmp(dash + 1, function) != 0)
        return;
    if (!strncmp(set, "abort", 5))
        abort();
    if (!strncmp(set, "null", 4))
        *(volatile int *)0 = 1;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (!strncmp(set, signals[i].name, strlen(signals[i].name)))
            raise(signals[i].number);
}

static const char *const modes[] = {"one", "two", NULL};
static struct parscope_param params[] = {
    {"size", PARSCOPE_COUNT, "1000", 1, 1e6, NULL, "items"},
    {"mode", PARSCOPE_CHOICE, "one", 0, 0, modes, "either"},
    {NULL},
};

struct probe {
    uint64_t n;
    unsigned char *done;
};

static int size(const union parscope_value *v, struct parscope_size *s, char *why, size_t why_size)
{
    crash_in("size");
    if (flawed("size")) {
        memset(why, 'x', why_size);
        return -EINVAL;
    }
    s->items = flawed("items") ? -1 : (double)v[0].count;
    s->tasks = s->bytes = v[0].count;
    return 0;
}

static int create(const union parscope_value *v, struct parscope_memory *m, unsigned slots,
                  void **state)
{
    struct probe *p = parscope_alloc(m, 1, sizeof *p);

    crash_in("create");
    if (!p || flawed("create"))
        return flawed("create") ? 7 : -ENOMEM;
    p->n = v[0].count;
    p->done = parscope_alloc(m, p->n, 1);
    *state = p;
    return p->done ? 0 : -ENOMEM;
}

static void destroy(void *state)
{
    crash_in("destroy");
}

static int reference(void *state)
{
    crash_in("reference");
    return 0;
}

static volatile int bottomless = 1;

static int overflow(volatile char *before)
{
    volatile char room[4096];

    room[0] = before[0];
    return bottomless ? overflow(room) + room[0] : 0;
}

static void body(void *state, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    struct probe *p = state;

    if (w->slot == 1) {
        crash_in("body");
        if (flawed("overflow"))
            overflow("");
    }
    for (uint64_t i = begin; i < end; i++)
        p->done[i]++;
}

/* Runs since another number of workers ran, or measured() was called. */
static double together;

static void count_together(unsigned slots)
{
    static unsigned last;

    if (slots != last)
        together = 0;
    last = slots;
    together++;
}

static int64_t monotonic_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* FLAW=lasting, LASTS=us: at least, as far as others leave the CPU. */
static void last(void)
{
    const char *us = flawed("lasting") ? getenv("LASTS") : NULL;
    const int64_t end = monotonic_ns() + (us ? atoi(us) : 0) * 1000;

    while (monotonic_ns() < end)
        ;
}

static int run(void *state, struct parscope_exec *x)
{
    struct probe *p = state;

    crash_in("run");
    count_together(x->slots);
    last();
    if (flawed("run"))
        return 5;
    memset(p->done, 0, p->n);
    return parscope_range(x, p->n - flawed("result"), body, p);
}

static int verify(void *state, char *why, size_t why_size)
{
    const struct probe *p = state;

    crash_in("verify");
    for (uint64_t i = 0; i < p->n; i++) {
        if (p->done[i] != 1) {
            memset(why, 'y', why_size);
            return -EBADMSG;
        }
    }
    return 0;
}

static struct parscope_workload probe = {
    .abi = PARSCOPE_WORKLOAD_ABI,
    .name = "probe",
    .summary = "marks items",
    .unit = "items",
    .shapes = PARSCOPE_RANGE,
    .params = params,
    .size = size,
    .create = create,
    .destroy = destroy,
    .reference = reference,
    .run = run,
    .verify = verify,
};

/* A thread for each worker and region; with caller=yes the calling thread is worker 0. */
struct worker {
    struct parscope_worker abi;
    struct threads *threads;
    uint64_t begin, end;
    pthread_t thread;
};

struct threads {
    struct parscope_host *host;
    unsigned count, caller;
    struct worker *workers;
    parscope_range_fn *body;
    void *arg;
    pthread_barrier_t meeting;
};

static void *work(void *arg)
{
    struct worker *w = arg;
    struct threads *t = w->threads;
    unsigned slot = flawed("slot") ? t->count : flawed("shared") ? 0 : w->abi.slot;

    parscope_enter(t->host, slot);
    if (flawed("shared"))
        pthread_barrier_wait(&t->meeting);
    parscope_enter(t->host, slot); /* a pair inside: counts once */
    crash_in("strategy");
    t->body(t->arg, w->begin, w->end, &w->abi);
    parscope_leave(t->host, slot, w->end - w->begin);
    if (flawed("shared"))
        pthread_barrier_wait(&t->meeting);
    if (!flawed("open"))
        parscope_leave(t->host, slot, flawed("told"));
    if (flawed("left"))
        parscope_leave(t->host, slot, 0);
    return NULL;
}

static int range(void *state, uint64_t n, parscope_range_fn *f, void *arg)
{
    struct threads *t = state;

    t->body = f;
    t->arg = arg;
    for (unsigned i = 0; i < t->count; i++) {
        struct worker *w = &t->workers[i];

        w->begin = n * i / t->count;
        w->end = n * (i + 1) / t->count;
        if (!(t->caller && i == 0) && pthread_create(&w->thread, NULL, work, w))
            abort();
    }
    if (t->caller)
        work(&t->workers[0]);
    for (unsigned i = t->caller; i < t->count; i++)
        pthread_join(t->workers[i].thread, NULL);
    return flawed("positive") ? 3 : 0;
}

static int start(const union parscope_value *v, struct parscope_host *host, unsigned workers,
                 const int *cpus, void **state)
{
    struct threads *t = calloc(1, sizeof *t);

    if (!t || flawed("start") || cpus[workers - 1] < -1)
        return free(t), -ENOMEM;
    *t = (struct threads){host, workers, v[0].choice, calloc(workers, sizeof *t->workers), 0, 0};
    pthread_barrier_init(&t->meeting, NULL, workers);
    for (unsigned i = 0; i < workers; i++)
        t->workers[i] = (struct worker){{parscope_join_serially, i}, t, 0, 0, 0};
    *state = t;
    return 0;
}

static void stop(void *state)
{
    struct threads *t = state;

    pthread_barrier_destroy(&t->meeting);
    free(t->workers);
    free(t);
}

static const char *const yes_or_no[] = {"no", "yes", NULL};
static const struct parscope_param strategy_params[] = {
    {"caller", PARSCOPE_CHOICE, "no", 0, 0, yes_or_no, "whether the caller works"},
    {NULL},
};

static struct parscope_strategy threads = {
    .abi = PARSCOPE_STRATEGY_ABI,
    .name = "threads",
    .summary = "a thread for each worker",
    .stands_for = "a test",
    .shapes = PARSCOPE_RANGE | PARSCOPE_WAIT,
    .no_tree = "it has no tasks",
    .params = strategy_params,
    .create = start,
    .destroy = stop,
    .range = range,
};

static const struct parscope_workload *workloads[] = {&probe, NULL, NULL};
static const struct parscope_strategy *strategies[] = {&threads, NULL};

const struct parscope_plugin parscope_plugin = {ABI, workloads, strategies};

static struct parscope_param endless[64];
static const struct parscope_custom custom[] = {{"x", "s", "a value"}, {NULL, NULL, NULL}};

static struct parscope_custom owns[10]; /* up to a NULL name */

static void measured(void *state, double *values)
{
    values[0] = 0.25;
    values[1] = __builtin_inf();
}

static void fill_custom(const char *const *names)
{
    for (unsigned i = 0; names[i]; i++)
        owns[i] = (struct parscope_custom){names[i], "s", "a value"};
    probe.custom = owns;
    probe.measured = measured;
}

static void measure_together(void *state, double *values)
{
    values[0] = together;
    together = 0;
}

#define OWN(...) fill_custom((const char *const[]){__VA_ARGS__, NULL})

static void fill_endless(void)
{
    static char names[64][4];

    for (unsigned i = 0; i < 64; i++) {
        names[i][0] = (char)('a' + i / 26);
        names[i][1] = (char)('a' + i % 26);
        endless[i] = params[0];
        endless[i].name = names[i];
    }
    probe.params = endless;
}

#define SPOIL(name, statement) \
    if (flawed(#name))         \
        statement;

/* What is wrong with the tables themselves. */
__attribute__((constructor)) static void spoil(void)
{
    crash_in("load");
    SPOIL(workload_abi, probe.abi = 2)
    SPOIL(strategy_abi, threads.abi = 77)
    SPOIL(no_size, probe.size = NULL)
    SPOIL(no_create, probe.create = NULL)
    SPOIL(no_reference, probe.reference = NULL)
    SPOIL(no_run, probe.run = NULL)
    SPOIL(no_verify, probe.verify = NULL)
    SPOIL(no_name, probe.name = NULL)
    SPOIL(bad_name, probe.name = "a,b")
    SPOIL(builtin_name, probe.name = "reduce")
    SPOIL(builtin_strategy, threads.name = "steal")
    SPOIL(no_summary, probe.summary = NULL)
    SPOIL(bad_unit, probe.unit = "a\nb")
    SPOIL(no_shapes, probe.shapes = 0)
    SPOIL(bad_shapes, threads.shapes = 1u << 10)
    SPOIL(same_twice, workloads[1] = &probe)
    SPOIL(nothing, workloads[0] = NULL)
    SPOIL(nothing, strategies[0] = NULL)
    SPOIL(bad_key, params[0].name = "a=b")
    SPOIL(same_key, params[1].name = "size")
    SPOIL(bad_type, params[0].type = (enum parscope_type)9)
    SPOIL(bad_range, params[0].low = 2e6)
    SPOIL(bad_initial, params[0].initial = "2G")
    SPOIL(no_initial, params[0].initial = NULL)
    SPOIL(no_choices, params[1].choices = NULL)
    SPOIL(no_help, params[0].help = NULL)
    SPOIL(no_measured, probe.custom = custom)
    SPOIL(custom_event, OWN("branches", "endless"))
    SPOIL(custom_name, OWN("Late"))
    SPOIL(custom_metric, OWN("late", "speedup"))
    SPOIL(custom_model, OWN("serial_fraction"))
    SPOIL(custom_twice, OWN("late", "early", "late"))
    SPOIL(custom_many, OWN("a", "b", "c", "d", "e", "f", "g", "h", "i"))
    SPOIL(together, (OWN("together"), probe.measured = measure_together))
    SPOIL(lasting, (OWN("together"), probe.measured = measure_together))
    SPOIL(no_range, threads.range = NULL)
    SPOIL(no_reason, threads.no_tree = NULL)
    SPOIL(no_root, threads.shapes |= PARSCOPE_TREE)
    SPOIL(endless, fill_endless())
}
