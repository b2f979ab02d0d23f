/* One harness for all strategies: small work that can be checked exactly, and every built-in
 * workload against its own reference. Bodies only record; the test's thread judges. */
#include "combos.h"
#include "sums.h"
#include "trees.h"

#include <dirent.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <parscope/workload.h>

#include "../small.h"
#include "memory.h"
#include "registry.h"
#include "ticks.h"

static void sum_once(void *arg, struct parscope_exec *x)
{
    struct sums *s = arg;

    s->slots = x->slots;
    s->err = parscope_range(x, s->n, sum_body, s);
}

static void check_sum(struct combo *c, uint64_t n)
{
    struct sums *s = on_board(c, sizeof *s);

    *s = (struct sums){.n = n};
    trial(c, NULL, sum_once, s);
    CHECK(c, s->err == 0);
    CHECK(c, s->slots == c->in->workers);
    CHECK(c, total_wrong(s) == 0);
    CHECK(c, total_items(s) == n);
    CHECK(c, total_sum(s) == expected_sum(n));
}

static void sum_case(struct combo *c)
{
    unsigned p = c->in->workers;

    for (uint64_t n = p - 1; n <= p + 1; n++)
        check_sum(c, n);
    check_sum(c, 0);
    check_sum(c, 1);
    check_sum(c, c->many);
}

static void sums_are_right(void **state)
{
    each_combo(PARSCOPE_RANGE, sum_case);
}

/* More items than a queue has room for, several times over. */
static void big_case(struct combo *c)
{
    bool quick = !c->in->strategy->per_item || !strcmp(c->label, "queue");

    if (quick && strcmp(c->label, "pool:schedule=dynamic"))
        check_sum(c, 1000003);
}

static void a_million_items_are_right(void **state)
{
    each_combo(PARSCOPE_RANGE, big_case);
}

static void mark_case(struct combo *c)
{
    struct sums *s = on_board(c, sizeof *s);

    *s = (struct sums){.n = c->many / 10 + 7, .weight = 200};
    s->marks = on_board(c, s->n);
    trial(c, NULL, sum_once, s);
    CHECK(c, s->err == 0 && total_wrong(s) == 0);
    for (uint64_t i = 0; i < s->n; i++)
        CHECK(c, s->marks[i] == 1);
}

static void each_item_runs_once(void **state)
{
    each_combo(PARSCOPE_RANGE, mark_case);
}

/* Regions of changing sizes; now and then a pause in which workers fall asleep. The caller looks at
 * plain sums after each. */
static void run_regions(void *arg, struct parscope_exec *x)
{
    struct sums *s = arg;
    const struct timespec pause = {0, 200000};
    uint64_t expected = 0;

    s->slots = x->slots;
    for (unsigned i = 0; i < s->regions && !s->err; i++) {
        s->n = i % 11;
        expected += expected_sum(s->n);
        s->err = parscope_range(x, s->n, sum_body, s);
        s->wrong_regions += total_sum(s) != expected;
        if (i % 50 == 49)
            nanosleep(&pause, NULL);
    }
}

static void regions_case(struct combo *c)
{
    for (int repeat = 0; repeat < repeats(3); repeat++) {
        struct sums *s = on_board(c, sizeof *s);
        unsigned empty = (c->regions + 10) / 11;

        *s = (struct sums){.regions = c->regions};
        trial(c, NULL, run_regions, s);
        CHECK(c, s->err == 0 && total_wrong(s) == 0);
        CHECK(c, s->wrong_regions == 0);
        CHECK(c, c->in->sums.regions == c->regions - empty);
    }
}

static void many_small_regions_are_right(void **state)
{
    each_combo(PARSCOPE_RANGE, regions_case);
}

static void accounting_case(struct combo *c)
{
    struct sums *s = on_board(c, sizeof *s);
    const struct ps_region_sums *sums = &c->in->sums;
    uint64_t items = 0, busy = 0, shares = 0;

    *s = (struct sums){.n = c->many / 3 + 5, .weight = 100};
    trial(c, NULL, sum_once, s);
    for (unsigned i = 0; i < c->in->workers; i++) {
        const struct ps_slot *slot = &c->in->slots[i];

        CHECK(c, slot->items == s->of[i].items);
        CHECK(c, slot->shares <= 1 && (slot->shares || !slot->items));
        CHECK(c, slot->busy <= sums->region + sums->region / 100);
        items += slot->items;
        busy += slot->busy;
        shares += slot->shares;
    }
    CHECK(c, items == s->n && sums->regions == 1);
    CHECK(c, shares >= 1 && shares <= c->in->workers);
    CHECK(c, sums->max_busy > 0 && sums->max_busy <= busy);
    CHECK(c, sums->max_busy * c->in->workers >= busy);
}

static void slots_account_for_the_work(void **state)
{
    each_combo(PARSCOPE_RANGE, accounting_case);
}

static void probe_begin(void *ctx, unsigned slot)
{
    struct tally *t = &((struct sums *)ctx)->of[slot];

    t->wrong += t->opened != t->closed;
    t->opened++;
}

static void probe_end(void *ctx, unsigned slot)
{
    struct tally *t = &((struct sums *)ctx)->of[slot];

    t->closed++;
    t->wrong += t->opened != t->closed;
}

static void run_probed_regions(void *arg, struct parscope_exec *x)
{
    struct sums *s = arg;
    const struct ps_probe probe = {probe_begin, probe_end, s};

    s->slots = x->slots;
    for (unsigned i = 0; i < s->regions && !s->err; i++) {
        unsigned before = s->of[0].opened, opened = 0;

        ps_trial_probe(x, i % 4 == 3 ? NULL : &probe);
        s->n = 1 + i % 40;
        s->err = parscope_range(x, s->n, sum_body, s);
        for (unsigned k = 0; k < s->slots; k++) {
            opened += s->of[k].opened;
            s->wrong_regions += s->of[k].opened != s->of[k].closed;
        }
        s->wrong_regions += i % 4 == 3 && s->of[0].opened != before;
        s->wrong_regions += opened <= i * 3 / 4;
    }
}

static void probe_case(struct combo *c)
{
    struct sums *s = on_board(c, sizeof *s);

    *s = (struct sums){.regions = c->regions};
    trial(c, NULL, run_probed_regions, s);
    CHECK(c, s->err == 0 && total_wrong(s) == 0);
    CHECK(c, s->wrong_regions == 0);
}

static void probes_surround_each_share(void **state)
{
    each_combo(PARSCOPE_RANGE, probe_case);
}

struct trees {
    struct tree tree, chain;
    struct call fib;
    int err;
};

static void run_trees(void *arg, struct parscope_exec *x)
{
    struct trees *t = arg;

    t->err = parscope_root(x, count_leaves, &t->tree);
    if (!t->err)
        t->err = parscope_root(x, fib, &t->fib);
    if (!t->err)
        t->err = parscope_root(x, chain, &t->chain);
}

static void tree_case(struct combo *c)
{
    for (int repeat = 0; repeat < repeats(5); repeat++) {
        struct trees t = {{13, 0}, {2500, 0}, {18, 0}, 0};
        uint64_t items = 0;

        trial(c, NULL, run_trees, &t);
        CHECK(c, t.err == 0);
        CHECK(c, t.tree.leaves == 1 << 13);
        CHECK(c, t.fib.value == 2584);
        CHECK(c, t.chain.leaves == 2501);
        for (unsigned i = 0; i < c->in->workers; i++)
            items += c->in->slots[i].items;
        CHECK(c, items == (1 << 13) - 1 + 4180 + 2500);
    }
}

static void trees_are_right(void **state)
{
    each_combo(PARSCOPE_TREE, tree_case);
}

static void refuse_root(void *arg, struct parscope_exec *x)
{
    struct trees *t = arg;

    t->err = parscope_root(x, count_leaves, &t->tree);
}

static void refusal_case(struct combo *c)
{
    struct trees t = {{3, 0}, {0}, {0}, 0};

    if (c->in->strategy->shapes & PARSCOPE_TREE)
        return;
    trial(c, NULL, refuse_root, &t);
    CHECK(c, t.err == -ENOTSUP);
    CHECK(c, t.tree.leaves == 0);
}

static void roots_are_refused_where_there_are_no_trees(void **state)
{
    each_combo(0, refusal_case);
}

/* Both sides wait for the other to start, so that one thread alone can't do it. */
struct meeting {
    _Atomic unsigned came;
    unsigned rounds;
    int err;
};

static void meet(struct meeting *m)
{
    unsigned round = atomic_fetch_add(&m->came, 1) / 2;

    while (atomic_load(&m->came) < 2 * (round + 1))
        sched_yield();
}

static void meet_body(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    for (; begin < end; begin++)
        meet(arg);
}

static void meet_task(void *arg, struct parscope_worker *w)
{
    meet(arg);
}

static void meet_root(void *arg, struct parscope_worker *w)
{
    parscope_join(w, meet_task, arg, meet_task, arg);
}

/* Pauses around the time that workers spin: some are asleep, some are just falling asleep. */
static void run_meetings(void *arg, struct parscope_exec *x)
{
    struct meeting *m = arg;
    bool tree = ps_trial_instance(x)->strategy->shapes & PARSCOPE_TREE;

    for (unsigned i = 0; i < m->rounds && !m->err; i++) {
        const struct timespec pause = {0, (i % 8) * 10000};

        m->err =
            tree && i % 2 ? parscope_root(x, meet_root, m) : parscope_range(x, 2, meet_body, m);
        if (i % 3 == 2)
            nanosleep(&pause, NULL);
    }
}

static void meeting_case(struct combo *c)
{
    struct meeting *m = on_board(c, sizeof *m);

    m->rounds = c->regions;
    trial(c, NULL, run_meetings, m);
    CHECK(c, m->err == 0);
    CHECK(c, atomic_load(&m->came) == 2 * m->rounds);
}

/* A worker that is awake has nothing to do in a region whose caller has one item. */
struct idling {
    struct meeting meeting;
    uint64_t serial; /* ticks of such regions */
};

/* Shorter than a worker looks on, though a sanitizer makes it longer. */
static void serial_body(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    for (volatile unsigned i = 0; i < 15000; i++)
        ;
}

static void idle_once(void *arg, struct parscope_exec *x)
{
    struct idling *i = arg;
    const struct ps_region_sums *sums = &ps_trial_instance(x)->sums;

    i->meeting.err = parscope_range(x, 2, meet_body, &i->meeting);
    i->serial -= sums->region;
    i->meeting.err |= parscope_range(x, 1, serial_body, NULL);
    i->serial += sums->region;
    i->meeting.err |= parscope_range(x, 2, meet_body, &i->meeting);
}

static bool spun_half_of_it(struct combo *c, struct idling *i)
{
    i->serial = 0;
    trial(c, NULL, idle_once, i);
    CHECK(c, i->meeting.err == 0);
    return c->in->slots[1].spin >= i->serial / 2;
}

/* The worker may lose its CPU or fall asleep, but not every second time for long. */
static void idling_case(struct combo *c)
{
    enum { TRIES = 20, PATIENCE = 200 };
    struct idling *i = on_board(c, sizeof *i);
    int spun = 0;

    if (strcmp(c->in->strategy->name, "steal") || c->in->workers != 2 || !c->in->spin_ticks)
        return;
    for (int k = 0; k < PATIENCE && spun < TRIES / 2; k++) {
        spun = 0;
        for (int n = 0; n < TRIES; n++)
            spun += spun_half_of_it(c, i);
    }
    CHECK(c, spun >= TRIES / 2);
}

static void spinning_counts_where_nothing_is_shared(void **state)
{
    each_combo(PARSCOPE_RANGE, idling_case);
}

/* The far item of a range forks; some of them are done by whoever has just done the near one. */
struct forking {
    struct meeting meeting;
    struct ps_instance *in;
    _Atomic unsigned wrong;
};

/* The join waits for a thief, so what came before it is in the account by its end. */
static void forking_body(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    struct forking *f = arg;
    const struct ps_slot *slot = &f->in->slots[w->slot];
    uint64_t before = slot->busy, start = ps_ticks(), worked;

    if (end < 2)
        return;
    serial_body(NULL, 0, 1, w);
    worked = ps_ticks() - start;
    meet_root(&f->meeting, w);
    if (slot->busy - before < worked - worked / 100)
        atomic_fetch_add(&f->wrong, 1);
}

static void run_forking(void *arg, struct parscope_exec *x)
{
    struct forking *f = arg;

    f->in = ps_trial_instance(x);
    for (unsigned i = 0; i < f->meeting.rounds && !f->meeting.err; i++)
        f->meeting.err = parscope_range(x, 2, forking_body, f);
}

/* What a body did before it waited for a thief is work, not waiting. */
static void forking_case(struct combo *c)
{
    struct forking *f = on_board(c, sizeof *f);

    if (strcmp(c->in->strategy->name, "steal") || c->in->workers < 2)
        return;
    f->meeting.rounds = c->regions;
    trial(c, NULL, run_forking, f);
    CHECK(c, f->meeting.err == 0);
    CHECK(c, atomic_load(&f->wrong) == 0);
}

static void bodies_that_fork_are_busy(void **state)
{
    each_combo(PARSCOPE_RANGE, forking_case);
}

/* Who runs one item at a time, as far as the caller sees. */
static bool takes_turns(const struct ps_strategy *s)
{
    return s->serial || s->no_efficiency;
}

static void each_concurrent(unsigned shapes, case_fn *fn)
{
    static const char *const options[] = {
        "queue:inflight=8",
        "pool:schedule=dynamic",
        "fork:processes=fresh",
    };

    for (size_t k = 1; k < sizeof worker_counts / sizeof *worker_counts; k++) {
        for (size_t i = 0; ps_strategies[i]; i++)
            if (!takes_turns(ps_strategies[i]))
                run_combo(ps_strategies[i]->name, worker_counts[k], shapes, fn);
        for (size_t i = 0; i < sizeof options / sizeof *options; i++)
            run_variant(options[i], worker_counts[k], shapes, fn);
    }
}

static void two_items_run_at_once(void **state)
{
    each_concurrent(PARSCOPE_RANGE, meeting_case);
    for (size_t k = 1; k < sizeof worker_counts / sizeof *worker_counts; k++)
        run_combo("event-loop", worker_counts[k], PARSCOPE_RANGE, meeting_case);
}

/* Each wait is over when as many have begun as there are workers. */
struct gathering {
    _Atomic unsigned came;
    unsigned size, rounds;
    int err;
};

static void gather_body(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    struct gathering *g = arg;

    for (; begin < end; begin++) {
        unsigned round = atomic_fetch_add(&g->came, 1) / g->size;

        while (atomic_load(&g->came) < g->size * (round + 1))
            sched_yield();
    }
}

/* One item that is a join of all waits, or an item for each. */
static void run_gatherings(void *arg, struct parscope_exec *x)
{
    struct gathering *g = arg;

    g->size = x->slots;
    for (unsigned i = 0; i < g->rounds && !g->err; i++) {
        const struct timespec pause = {0, (i % 8) * 10000};
        const struct parscope_waits waits = {.body = gather_body, .join = i % 2 ? 1 : g->size};

        g->err = parscope_blocking(x, i % 2 ? g->size : 1, &waits, g);
        if (i % 3 == 2)
            nanosleep(&pause, NULL);
    }
}

static void gathering_case(struct combo *c)
{
    struct gathering *g = on_board(c, sizeof *g);

    g->rounds = 1 + c->regions / 30; /* many: each needs a turn of every worker */
    trial(c, NULL, run_gatherings, g);
    CHECK(c, g->err == 0);
    CHECK(c, atomic_load(&g->came) == c->in->workers * g->rounds);
}

static void all_workers_wait_at_once(void **state)
{
    each_concurrent(PARSCOPE_WAIT, gathering_case);
}

/* True where all threads of this process but the caller sleep. */
static bool others_sleep(void)
{
    DIR *tasks = opendir("/proc/self/task");
    bool asleep = true;

    assert_non_null(tasks);
    for (struct dirent *d; (d = readdir(tasks));) {
        char path[300], line[512], *state;
        FILE *f;

        if (d->d_name[0] == '.' || atoi(d->d_name) == (int)getpid())
            continue;
        snprintf(path, sizeof path, "/proc/self/task/%s/stat", d->d_name);
        f = fopen(path, "r");
        if (!f)
            continue;
        if (fgets(line, sizeof line, f) && (state = strrchr(line, ')')))
            asleep = asleep && state[2] == 'S';
        fclose(f);
    }
    closedir(tasks);
    return asleep;
}

static void sleep_case(struct combo *c)
{
    check_sum(c, 50);
    while (!others_sleep())
        sched_yield();
}

static void members_sleep_between_trials(void **state)
{
    each_combo(PARSCOPE_RANGE, sleep_case);
}

/* In a process of its own: its user must not be root, for whom there is no limit on threads. */
static int run_without_threads(const char *text)
{
    struct rlimit before, low;
    struct sums s = {.n = 50};
    struct combo c = {.label = text};
    int cpus[SLOTS];
    unsigned distinct = fill_cpus(cpus);

    if (!geteuid() && setuid(65534))
        return 2;
    if (ps_team_create(cpus, 3, true, &c.team, NULL) || getrlimit(RLIMIT_NPROC, &before))
        return 3;
    c.in = new_instance(text, c.team, 3, distinct < 3 ? distinct : 3);
    low = (struct rlimit){1, before.rlim_max};
    if (setrlimit(RLIMIT_NPROC, &low))
        return 4;
    trial(&c, NULL, sum_once, &s);
    if (s.err != -EAGAIN)
        return 5;
    if (setrlimit(RLIMIT_NPROC, &before))
        return 6;
    s = (struct sums){.n = 50};
    trial(&c, NULL, sum_once, &s);
    return s.err || total_sum(&s) != expected_sum(50) ? 7 : 0;
}

static void running_out_of_threads_is_an_error(void **state)
{
    for (size_t i = 0; ps_strategies[i]; i++) {
        pid_t child;
        int status;

        if (!ps_strategies[i]->creates_threads || ps_strategies[i]->isolated)
            continue;
        child = fork();
        assert_true(child >= 0);
        if (!child)
            _exit(run_without_threads(ps_strategies[i]->name));
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
}

static void descriptors_are_consistent(void **state)
{
    for (size_t i = 0; ps_strategies[i]; i++) {
        const struct ps_strategy *s = ps_strategies[i];

        assert_ptr_equal(ps_strategy_find(s->name), s);
        assert_true(s->summary && s->stands_for && s->init && s->ops);
        assert_int_equal(!(s->shapes & PARSCOPE_RANGE), !!s->no_range);
        assert_int_equal(!(s->shapes & PARSCOPE_TREE), !!s->no_tree);
        assert_int_equal(!(s->shapes & PARSCOPE_WAIT), !!s->no_wait);
        assert_ptr_equal(ps_strategy_refusal(s, PARSCOPE_TREE), s->no_tree);
        assert_null(ps_strategy_refusal(s, s->shapes));
        assert_true(!s->per_item || s->item_cost > 0);
    }
    assert_null(ps_strategy_find("no such strategy"));
    assert_string_equal(ps_strategies[0]->name, "sequential");
}

/* Sizes that take a moment even in a sanitizer's build. Who has no row here is made small by
 * make_small(). */
static const char *const small[] = {
    "counter:n=4001:ilp=3",
    "reduce:size=401:work=2",
    "tree:depth=9:cutoff=64",
    "tree:depth=10:cutoff=3",
    "tree:depth=11:cutoff=5",
    "tree:depth=15:cutoff=1",
    "tree:depth=9:calls=pointers",
    "tree:depth=11:cutoff=4:calls=pointers",
    "op:time=1us:first=5us:n=40",
    "chase:size=64Ki:steps=20:walks=30",
    "stream:size=9001",
    "imbalance:items=41:skew=4:work=40k",
    "amdahl:serial=0.3:work=40k:tasks=30",
    "fib:n=12",
    "fib:n=15:cutoff=9",
    "fib:n=13:calls=pointers",
    "fib:n=22",
    "norms:rows=50:cols=33:simd=off",
    "norms:rows=50:cols=33:simd=on",
    "preprocess:size=9001:simd=off",
    "preprocess:size=9001:simd=on",
    "gemm:size=20:count=20",
    "lock:n=60:inside=50:outside=50",
    "false-sharing:n=20k",
    "false-sharing:n=20k:padded=on",
    "wait:n=20:time=20us:cpu=2us:join=2",
    "pipeline:n=21:block=300:mode=items",
    "pipeline:n=21:block=300:queue=1",
    "pipeline:n=40:block=300:queue=5",
    "mlp:networks=15:batch=2:reps=1:width=32:mix=heterogeneous",
    "mlp:networks=5:batch=1:reps=1:width=16:duration=1ms",
    "mlp:networks=6:batch=1:reps=1:width=32:mix=heterogeneous:duration=1ms:policy=greedy",
    NULL,
};

struct execution {
    const struct parscope_workload *workload;
    struct ps_memory memory;
    void *state;
    int err;
};

static void run_workload(void *arg, struct parscope_exec *x)
{
    struct execution *e = arg;

    e->err = e->workload->run(e->state, x);
}

static struct execution current;

static void workload_case(struct combo *c)
{
    char why[256] = "";

    const int count = FEW_TRIES && thread_per_item(c->in->strategy) ? 1 : repeats(3);

    for (int repeat = 0; repeat < count; repeat++) {
        trial(c, NULL, run_workload, &current);
        CHECK(c, current.err == 0);
        if (current.workload->verify(current.state, why, sizeof why))
            GIVE_UP("%s under %s, %u workers: %s", current.workload->name, c->label, c->in->workers,
                    why);
    }
}

static bool without_blas(const struct parscope_workload *w, const union parscope_value *values)
{
    struct parscope_size size;
    char why[256] = "";

    return w->size(values, &size, why, sizeof why) && strstr(why, "built without a BLAS");
}

/* Of the only workload that the text describes. */
static struct ps_bound *bind(const char *text, struct ps_arena *a)
{
    struct ps_spec *specs;
    struct ps_bounds bounds;
    struct ps_err e = {""};
    size_t count;

    assert_int_equal(ps_spec_parse(text, "workload", a, &specs, &count, &e), 0);
    current.workload = ps_workload_find(specs[0].name);
    assert_non_null(current.workload);
    if (ps_spec_bind(&specs[0], "workload", current.workload->params, a, &bounds, &e))
        fail_msg("%s: %s", text, e.text);
    return bounds.items;
}

static void run_values(const union parscope_value *values)
{
    if (without_blas(current.workload, values))
        return;
    ps_memory_init(&current.memory);
    assert_int_equal(current.workload->create(values, &current.memory.abi, SLOTS, &current.state),
                     0);
    assert_int_equal(current.workload->reference(current.state), 0);
    assert_int_equal(ps_memory_share(&current.memory), 0);
    known_workload = (struct ps_workload_state){current.workload, current.state, &current.memory};
    each_combo(current.workload->shapes, workload_case);
    known_workload = (struct ps_workload_state){NULL};
    if (current.workload->destroy)
        current.workload->destroy(current.state);
    ps_memory_finish(&current.memory);
}

static void run_text(const char *text, bool listed)
{
    struct ps_bound *bound;
    struct ps_arena a;

    ps_arena_init(&a, no_memory);
    bound = bind(text, &a);
    if (!listed)
        make_small(current.workload, bound->values);
    run_values(bound->values);
    ps_arena_finish(&a);
}

static bool has_small(const char *name)
{
    size_t length = strlen(name);

    for (size_t i = 0; small[i]; i++)
        if (!strncmp(small[i], name, length) && strchr(":", small[i][length]))
            return true;
    return false;
}

/* Every second one, from `first` on. */
static void verify_half(size_t first)
{
    size_t seen = first;

    for (size_t i = 0; ps_workloads[i]; i++)
        if (!has_small(ps_workloads[i]->name) && seen++ % 2)
            run_text(ps_workloads[i]->name, false);
    for (size_t i = 0; small[i]; i++)
        if (seen++ % 2)
            run_text(small[i], true);
}

static void workloads_verify(void **state)
{
    verify_half(1);
}

static void other_workloads_verify(void **state)
{
    verify_half(0);
}

/* The argument says which part: they take about as long, so they can run side by side. */
int main(int argc, char **argv)
{
    const struct CMUnitTest regions[] = {
        cmocka_unit_test(descriptors_are_consistent),
        cmocka_unit_test(running_out_of_threads_is_an_error),
        cmocka_unit_test(sums_are_right),
        cmocka_unit_test(a_million_items_are_right),
        cmocka_unit_test(each_item_runs_once),
        cmocka_unit_test(spinning_counts_where_nothing_is_shared),
        cmocka_unit_test(many_small_regions_are_right),
        cmocka_unit_test(slots_account_for_the_work),
        cmocka_unit_test(probes_surround_each_share),
        cmocka_unit_test(trees_are_right),
        cmocka_unit_test(roots_are_refused_where_there_are_no_trees),
        cmocka_unit_test(bodies_that_fork_are_busy),
        cmocka_unit_test(two_items_run_at_once),
        cmocka_unit_test(all_workers_wait_at_once),
        cmocka_unit_test(members_sleep_between_trials),
    };
    const struct CMUnitTest workloads[] = {
        cmocka_unit_test(workloads_verify),
    };
    const struct CMUnitTest others[] = {
        cmocka_unit_test(other_workloads_verify),
    };

    if (argc == 2 && !strcmp(argv[1], "regions"))
        return cmocka_run_group_tests(regions, NULL, NULL);
    if (argc == 2 && !strcmp(argv[1], "workloads"))
        return cmocka_run_group_tests(workloads, NULL, NULL);
    if (argc == 2 && !strcmp(argv[1], "others"))
        return cmocka_run_group_tests(others, NULL, NULL);
    fprintf(stderr, "usage: %s regions|workloads|others\n", argv[0]);
    return 2;
}
