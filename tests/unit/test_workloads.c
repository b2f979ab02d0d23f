#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../small.h"
#include "kit.h"
#include "lcg.h"
#include "memory.h"
#include "registry.h"
#include "skip.h"

#define PARAMS 8
#define SLOTS  3

/* Small sizes, so that everything takes milliseconds even under sanitizers. Who has no row here is
 * made small by make_small(). */
static const struct {
    const char *workload, *param, *value;
} small[] = {
    {"counter", "n", "100003"},
    {"reduce", "size", "10007"},
    {"tree", "depth", "9"},
    {"op", "time", "1us"},
    {"op", "first", "3us"},
    {"op", "n", "50"},
    {"chase", "size", "4Mi"},
    {"chase", "steps", "100"},
    {"chase", "walks", "37"},
    {"stream", "size", "50k"},
    {"imbalance", "work", "1M"},
    {"amdahl", "work", "1M"},
    {"fib", "n", "18"},
    {"fib", "calls", "pointers"},
    {"norms", "rows", "40"},
    {"norms", "cols", "77"},
    {"preprocess", "size", "20001"},
    {"gemm", "size", "23"},
    {"gemm", "count", "15"},
    {"lock", "n", "50"},
    {"lock", "inside", "100"},
    {"lock", "outside", "100"},
    {"false-sharing", "n", "100003"},
    {"wait", "n", "30"},
    {"wait", "time", "10us"},
    {"wait", "cpu", "1us"},
    {"wait", "join", "2"},
    {"pipeline", "mode", "items"},
    {"pipeline", "n", "23"},
    {"pipeline", "block", "1001"},
    {"mlp", "batch", "3"},
    {"mlp", "reps", "2"},
    {"mlp", "width", "32"},
    {"mlp", "mix", "heterogeneous"},
};

/* How the exec treats the items; all but WHOLE and CHUNKS break its contract. */
enum way {
    WHOLE,     /* one slot, one call */
    CHUNKS,    /* backwards in chunks, each on the next slot */
    THREADS,   /* SLOTS threads at once, a contiguous share each */
    PROCESSES, /* the same with processes that are forked */
    SKIP,      /* leaves out item `victim` */
    TWICE,     /* does it twice */
    SWAP,      /* does it twice and leaves out the one before */
    FAIL,      /* does nothing and reports an error */
};

struct test_exec {
    struct parscope_exec x; /* first */
    struct parscope_worker worker[SLOTS];
    enum way way;
    uint64_t victim, items, forks;
};

struct share {
    struct test_exec *t;
    parscope_range_fn *body;
    void *arg;
    uint64_t begin, end;
    unsigned slot;
};

/* join() gets only the worker, so worker[0] must find its exec. */
static struct test_exec *exec_of(struct parscope_worker *w)
{
    return (struct test_exec *)((char *)(w - w->slot) - offsetof(struct test_exec, worker));
}

static void do_join(struct parscope_worker *w, parscope_task_fn *f, void *f_arg,
                    parscope_task_fn *g, void *g_arg)
{
    struct test_exec *t = exec_of(w);
    bool victim = t->forks++ == t->victim;

    if (victim && t->way == SWAP) { /* f in the place of g */
        f(f_arg, w);
        f(f_arg, w);
        return;
    }
    if (t->way == CHUNKS)
        g(g_arg, &t->worker[(w->slot + 1) % SLOTS]);
    f(f_arg, w);
    if (victim && t->way == TWICE)
        f(f_arg, w);
    if (t->way != CHUNKS && !(victim && t->way == SKIP))
        g(g_arg, w);
}

static int do_root(struct parscope_exec *x, parscope_task_fn *task, void *arg)
{
    struct test_exec *t = (struct test_exec *)x;

    if (t->way == FAIL)
        return -EAGAIN;
    task(arg, &t->worker[0]);
    return 0;
}

static void *run_share(void *arg)
{
    struct share *s = arg;

    s->body(s->arg, s->begin, s->end, &s->t->worker[s->slot]);
    return NULL;
}

static void run_threads(struct test_exec *t, uint64_t n, parscope_range_fn *body, void *arg)
{
    pthread_t threads[SLOTS];
    struct share shares[SLOTS];

    for (unsigned i = 0; i < SLOTS; i++) {
        shares[i] = (struct share){t, body, arg, n * i / SLOTS, n * (i + 1) / SLOTS, i};
        assert_int_equal(pthread_create(&threads[i], NULL, run_share, &shares[i]), 0);
    }
    for (unsigned i = 0; i < SLOTS; i++)
        pthread_join(threads[i], NULL);
}

static void run_processes(struct test_exec *t, uint64_t n, parscope_range_fn *body, void *arg)
{
    pid_t children[SLOTS];

    for (unsigned i = 0; i < SLOTS; i++) {
        struct share share = {t, body, arg, n * i / SLOTS, n * (i + 1) / SLOTS, i};

        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            run_share(&share);
            _exit(0);
        }
    }
    for (unsigned i = 0; i < SLOTS; i++) {
        int status;

        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
}

static void run_chunks(struct test_exec *t, uint64_t n, parscope_range_fn *body, void *arg)
{
    unsigned slot = 0;

    for (uint64_t end = n, begin; end > 0; end = begin, slot = (slot + 1) % SLOTS) {
        begin = end > 7 ? end - 7 : 0;
        body(arg, begin, end, &t->worker[slot]);
    }
}

static void run_items(struct test_exec *t, uint64_t n, parscope_range_fn *body, void *arg)
{
    for (uint64_t i = 0; i < n; i++) {
        bool skip = (t->way == SKIP && i == t->victim) || (t->way == SWAP && i + 1 == t->victim);
        bool twice = (t->way == TWICE || t->way == SWAP) && i == t->victim;

        for (int times = skip ? 0 : twice ? 2 : 1; times > 0; times--)
            body(arg, i, i + 1, &t->worker[i % SLOTS]);
    }
}

static int do_range(struct parscope_exec *x, uint64_t n, parscope_range_fn *body, void *arg)
{
    struct test_exec *t = (struct test_exec *)x;

    if (t->way == FAIL)
        return -EAGAIN;
    t->items += n;
    if (t->way == WHOLE)
        body(arg, 0, n, &t->worker[0]);
    else if (t->way == CHUNKS)
        run_chunks(t, n, body, arg);
    else if (t->way == THREADS)
        run_threads(t, n, body, arg);
    else if (t->way == PROCESSES)
        run_processes(t, n, body, arg);
    else
        run_items(t, n, body, arg);
    return 0;
}

static const struct parscope_exec_ops test_ops = {do_range, do_root};

static struct test_exec make_exec(enum way way, uint64_t victim)
{
    struct test_exec t = {.x = {&test_ops, way == WHOLE ? 1 : SLOTS}, .way = way, .victim = victim};

    for (unsigned i = 0; i < SLOTS; i++)
        t.worker[i] = (struct parscope_worker){do_join, i};
    return t;
}

static double parse_number(const char *text)
{
    static const struct {
        const char *suffix;
        double factor;
    } suffixes[] = {{"", 1},        {"k", 1e3},   {"M", 1e6},   {"G", 1e9},   {"Ki", 0x1p10},
                    {"Mi", 0x1p20}, {"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}};
    char *end;
    double value = strtod(text, &end);

    assert_true(end != text);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++)
        if (!strcmp(end, suffixes[i].suffix))
            return value * suffixes[i].factor;
    fail_msg("'%s' is no number", text);
    return 0;
}

static unsigned parse_choice(const struct parscope_param *p, const char *text)
{
    for (unsigned i = 0; p->choices[i] != NULL; i++)
        if (!strcmp(p->choices[i], text))
            return i;
    fail_msg("%s has no choice '%s'", p->name, text);
    return 0;
}

static void set(const struct parscope_workload *w, union parscope_value *values, const char *name,
                const char *text)
{
    size_t i = 0;

    while (w->params[i].name != NULL && strcmp(w->params[i].name, name) != 0)
        i++;
    assert_non_null(w->params[i].name);
    if (w->params[i].type == PARSCOPE_CHOICE) {
        values[i].choice = parse_choice(&w->params[i], text);
        return;
    }
    double number = parse_number(text);
    assert_true(number >= w->params[i].low && number <= w->params[i].high);
    if (w->params[i].type == PARSCOPE_COUNT) {
        values[i].count = (uint64_t)number;
        assert_true((double)values[i].count == number);
    } else {
        values[i].real = number;
    }
}

static void set_defaults(const struct parscope_workload *w, union parscope_value *values)
{
    for (size_t i = 0; w->params[i].name != NULL; i++)
        set(w, values, w->params[i].name, w->params[i].initial);
}

static void set_small(const struct parscope_workload *w, union parscope_value *values)
{
    bool listed = false;

    set_defaults(w, values);
    for (size_t i = 0; i < sizeof small / sizeof small[0]; i++) {
        if (strcmp(small[i].workload, w->name) != 0)
            continue;
        set(w, values, small[i].param, small[i].value);
        listed = true;
    }
    if (!listed)
        make_small(w, values);
}

/* Whether it can be run in this build: gemm may have been built without a BLAS. */
static bool available(const struct parscope_workload *w)
{
    union parscope_value values[PARAMS];
    struct parscope_size size;
    char why[200];

    set_defaults(w, values);
    return w->size(values, &size, why, sizeof why) == 0 || strcmp(w->name, "gemm") != 0 ||
           strncmp(why, "built without a BLAS", 20) != 0;
}

static struct ps_memory memory;

static void *create(const struct parscope_workload *w, const union parscope_value *values)
{
    void *state = NULL;

    ps_memory_init(&memory);
    assert_int_equal(w->create(values, &memory.abi, SLOTS, &state), 0);
    assert_int_equal(w->reference(state), 0);
    return state;
}

static void destroy(const struct parscope_workload *w, void *state)
{
    if (w->destroy)
        w->destroy(state);
    ps_memory_finish(&memory);
}

static void run_and_verify(const struct parscope_workload *w, void *state, enum way way)
{
    struct test_exec t = make_exec(way, 0);
    char why[200] = "";
    int err;

    assert_int_equal(w->run(state, &t.x), 0);
    err = w->verify(state, why, sizeof why);
    if (err != 0)
        fail_msg("%s: %s", w->name, why);
}

/* A fresh state each time: a broken run may leave it broken. */
static void expect_broken(const struct parscope_workload *w, const union parscope_value *values,
                          enum way way, uint64_t victim)
{
    struct test_exec t = make_exec(way, victim);
    char why[200] = "";
    void *state = create(w, values);

    run_and_verify(w, state, CHUNKS);
    assert_int_equal(w->run(state, &t.x), 0);
    if (w->verify(state, why, sizeof why) != -EBADMSG || !*why)
        fail_msg("%s: verify() does not notice, or does not say, that item %llu was %s", w->name,
                 (unsigned long long)victim,
                 way == SKIP    ? "left out"
                 : way == TWICE ? "done twice"
                                : "done in place of another");
    destroy(w, state);
}

static void expect_all_ways(const struct parscope_workload *w, const union parscope_value *values)
{
    struct parscope_size size;
    struct test_exec t = make_exec(CHUNKS, 0);
    char why[200] = "";
    void *state;

    assert_int_equal(w->size(values, &size, why, sizeof why), 0);
    state = create(w, values);
    run_and_verify(w, state, WHOLE);
    run_and_verify(w, state, CHUNKS);
    run_and_verify(w, state, THREADS);
    assert_int_equal(w->run(state, &t.x), 0);
    assert_int_equal(w->verify(state, why, sizeof why), 0);
    assert_int_equal(w->shapes == PARSCOPE_TREE ? t.forks : t.items, size.tasks);
    assert_true(size.items > 0);
    destroy(w, state);
}

/* A row is the name with _ for -. */
static bool is_row(const char *name, const char *row)
{
    while (*name && (*name == '-' ? '_' : *name) == *row) {
        name++;
        row++;
    }
    return *name == *row;
}

static void test_registry(void **unused)
{
    static const char *const names[] = {
#define PS_ROW(name) #name,
#include "list.def"
#undef PS_ROW
    };
    size_t count = sizeof names / sizeof names[0];

    for (size_t i = 0; i < count; i++) {
        assert_non_null(ps_workloads[i]);
        assert_true(is_row(ps_workloads[i]->name, names[i]));
        assert_ptr_equal(ps_workload_find(ps_workloads[i]->name), ps_workloads[i]);
    }
    assert_null(ps_workloads[count]);
    assert_null(ps_workload_find("count"));
    assert_null(ps_workload_find(""));
}

static void check_param(const struct parscope_param *p, size_t i)
{
    union parscope_value ignored[PARAMS];
    struct parscope_workload w = {.params = p - i};

    assert_true(strlen(p->help) > 0);
    assert_int_not_equal(p->help[strlen(p->help) - 1], '.');
    set(&w, ignored, p->name, p->initial);
    if (p->type == PARSCOPE_CHOICE)
        assert_non_null(p->choices);
    else
        assert_true(p->low < p->high);
    for (size_t k = 0; k < i; k++)
        assert_string_not_equal(p->name, (p - i)[k].name);
}

static void test_descriptors(void **unused)
{
    for (const struct parscope_workload *const *w = ps_workloads; *w != NULL; w++) {
        size_t i = 0;

        assert_int_equal((*w)->abi, PARSCOPE_WORKLOAD_ABI);
        assert_true(strlen((*w)->summary) > 0 && strlen((*w)->unit) > 0);
        assert_true((*w)->shapes == PARSCOPE_RANGE || (*w)->shapes == PARSCOPE_TREE ||
                    (*w)->shapes == PARSCOPE_WAIT);
        assert_true(!(*w)->custom == !(*w)->measured);
        for (; (*w)->params[i].name != NULL; i++)
            check_param(&(*w)->params[i], i);
        assert_true(i > 0 && i <= PARAMS);
    }
}

static size_t custom_values(const struct parscope_workload *w, void *state, double *values)
{
    size_t count = 0;

    while (w->custom[count].name != NULL)
        count++;
    assert_true(count > 0 && count <= PARAMS);
    for (size_t i = 0; i < count; i++)
        values[i] = -1;
    w->measured(state, values);
    return count;
}

static void expect_no_values(const struct parscope_workload *w, void *state)
{
    double values[PARAMS];

    for (size_t i = custom_values(w, state, values); i-- > 0;)
        assert_true(isnan(values[i]));
}

static void test_custom_values(void **unused)
{
    for (const struct parscope_workload *const *w = ps_workloads; *w != NULL; w++) {
        union parscope_value values[PARAMS];
        struct test_exec fail = make_exec(FAIL, 0);
        double measured[PARAMS];
        void *state;

        if ((*w)->custom == NULL)
            continue;
        set_small(*w, values);
        state = create(*w, values);
        expect_no_values(*w, state);
        run_and_verify(*w, state, THREADS);
        for (size_t i = custom_values(*w, state, measured); i-- > 0;)
            assert_true(isfinite(measured[i]) && measured[i] >= 0);
        assert_int_equal((*w)->run(state, &fail.x), -EAGAIN);
        expect_no_values(*w, state);
        destroy(*w, state);
    }
}

static void test_default_sizes(void **unused)
{
    for (const struct parscope_workload *const *w = ps_workloads; *w != NULL; w++) {
        union parscope_value values[PARAMS];
        struct parscope_size size;
        char why[200];

        if (!available(*w))
            continue;
        set_defaults(*w, values);
        assert_int_equal((*w)->size(values, &size, why, sizeof why), 0);
        assert_true(size.items > 0 && size.tasks > 0 && size.bytes < 1u << 30);
    }
}

/* So that a new workload needs no row in these tests. */
static void test_any_can_be_made_small(void **unused)
{
    for (const struct parscope_workload *const *w = ps_workloads; *w != NULL; w++) {
        union parscope_value values[PARAMS];

        if (!available(*w))
            continue;
        set_defaults(*w, values);
        make_small(*w, values);
        expect_all_ways(*w, values);
    }
}

static void test_every_way_verifies(void **unused)
{
    for (const struct parscope_workload *const *w = ps_workloads; *w != NULL; w++) {
        union parscope_value values[PARAMS];

        if (!available(*w))
            continue;
        set_small(*w, values);
        expect_all_ways(*w, values);
    }
}

static void test_broken_execs_are_found(void **unused)
{
    static const uint64_t victims[] = {1, 5, 12};

    for (const struct parscope_workload *const *w = ps_workloads; *w != NULL; w++) {
        union parscope_value values[PARAMS];

        if (!available(*w))
            continue;
        set_small(*w, values);
        for (size_t i = 0; i < 3; i++)
            for (enum way way = SKIP; way <= SWAP; way++)
                expect_broken(*w, values, way, victims[i]);
    }
}

static void try_processes(const struct parscope_workload *w, const union parscope_value *values)
{
    void *state = create(w, values);

    assert_int_equal(ps_memory_share(&memory), 0);
    for (int repeat = 0; repeat < 2; repeat++)
        run_and_verify(w, state, PROCESSES);
    destroy(w, state);
}

static void test_shared_workloads_run_in_processes(void **unused)
{
    for (const struct parscope_workload *const *w = ps_workloads; *w != NULL; w++) {
        union parscope_value values[PARAMS];

        if (!available(*w) || !(*w)->shared)
            continue;
        set_small(*w, values);
        try_processes(*w, values);
    }
}

static void expect_adjacent(const struct parscope_span *whole, const struct parscope_span *left,
                            const struct parscope_span *right)
{
    assert_int_equal(left->bytes + right->bytes, whole->bytes);
    if (whole->bytes == 0)
        return;
    assert_ptr_equal(left->start, whole->start);
    assert_ptr_equal((char *)left->start + left->bytes, right->start);
}

/* What is in the output of the items is what verify() looks at, at both ends. */
static void expect_verified(const struct parscope_workload *w, void *state,
                            const struct parscope_span *output)
{
    char why[200] = "", *start = output->start;

    for (int end = 0; end < 2 && output->bytes > 0; end++) {
        run_and_verify(w, state, THREADS);
        memset(end ? start + output->bytes - 4 : start, 0x7e, 4);
        assert_int_equal(w->verify(state, why, sizeof why), -EBADMSG);
    }
}

static void test_spans(void **unused)
{
    unsigned seen = 0;

    for (const struct parscope_workload *const *w = ps_workloads; *w != NULL; w++) {
        struct parscope_span in[3], out[3];
        union parscope_value values[PARAMS];
        struct parscope_size size;
        char why[200];
        void *state;

        if (!available(*w) || (*w)->spans == NULL)
            continue;
        set_small(*w, values);
        assert_int_equal((*w)->size(values, &size, why, sizeof why), 0);
        state = create(*w, values);
        (*w)->spans(state, 0, size.tasks, &in[0], &out[0]);
        for (uint64_t i = 1; i < size.tasks; i++) {
            (*w)->spans(state, 0, i, &in[1], &out[1]);
            (*w)->spans(state, i, size.tasks, &in[2], &out[2]);
            expect_adjacent(&in[0], &in[1], &in[2]);
            expect_adjacent(&out[0], &out[1], &out[2]);
        }
        assert_true(in[0].bytes > 0 && in[0].bytes + out[0].bytes <= size.bytes);
        expect_verified(*w, state, &out[0]);
        destroy(*w, state);
        seen++;
    }
    assert_true(seen >= 3);
}

static void test_failing_exec(void **unused)
{
    for (const struct parscope_workload *const *w = ps_workloads; *w != NULL; w++) {
        union parscope_value values[PARAMS];
        struct test_exec t = make_exec(FAIL, 0);
        void *state;

        if (!available(*w))
            continue;
        set_small(*w, values);
        state = create(*w, values);
        run_and_verify(*w, state, CHUNKS);
        assert_int_equal((*w)->run(state, &t.x), -EAGAIN);
        run_and_verify(*w, state, CHUNKS);
        destroy(*w, state);
    }
}

static void try_values(const char *workload, const char *const (*keys)[2], size_t count)
{
    const struct parscope_workload *w = ps_workload_find(workload);
    union parscope_value values[PARAMS];

    set_small(w, values);
    for (size_t i = 0; i < count; i++)
        set(w, values, keys[i][0], keys[i][1]);
    expect_all_ways(w, values);
}

#define TRY(workload, ...)                                        \
    do {                                                          \
        static const char *const keys[][2] = {__VA_ARGS__};       \
        try_values(workload, keys, sizeof keys / sizeof keys[0]); \
    } while (0)

static void test_counter_every_ilp(void **unused)
{
    const struct parscope_workload *w = ps_workload_find("counter");
    static const char *const counts[] = {"1", "7", "191", "192", "12345"};
    union parscope_value values[PARAMS];

    for (uint64_t ilp = 1; ilp <= (uint64_t)w->params[1].high; ilp++)
        for (unsigned simd = 0; simd <= 1; simd++)
            for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
                struct parscope_size size;
                char why[200];

                set(w, values, "n", counts[i]);
                values[1].count = ilp;
                values[2].choice = simd;
                if (w->size(values, &size, why, sizeof why) == 0)
                    expect_all_ways(w, values);
            }
}

static void test_edges(void **unused)
{
    TRY("reduce", {"size", "1"});
    TRY("reduce", {"size", "10"}, {"work", "7"});
    TRY("tree", {"depth", "1"});
    TRY("tree", {"depth", "2"}, {"cutoff", "1"});
    TRY("tree", {"depth", "10"}, {"cutoff", "3"});
    TRY("tree", {"depth", "1"}, {"calls", "pointers"});
    TRY("tree", {"depth", "10"}, {"cutoff", "9"});
    TRY("tree", {"depth", "10"}, {"cutoff", "3"}, {"calls", "pointers"});
    TRY("op", {"n", "1"}, {"first", "0"});
    TRY("chase", {"size", "4096"}, {"steps", "1"}, {"walks", "64"});
    TRY("chase", {"size", "4096"}, {"steps", "1k"}, {"walks", "3"});
    TRY("stream", {"size", "1"});
    TRY("stream", {"size", "4096"});
    TRY("stream", {"size", "8193"});
    TRY("imbalance", {"skew", "1"});
    TRY("imbalance", {"items", "2"}, {"work", "1000"});
    TRY("amdahl", {"serial", "0"});
    TRY("amdahl", {"serial", "1"});
    TRY("amdahl", {"work", "10000"}, {"tasks", "9000"});
    TRY("fib", {"n", "1"});
    TRY("fib", {"n", "2"});
    TRY("fib", {"n", "15"}, {"cutoff", "2"});
    TRY("fib", {"n", "15"}, {"cutoff", "14"});
    TRY("fib", {"n", "15"}, {"cutoff", "60"});
    TRY("fib", {"n", "15"}, {"calls", "typed"});
    TRY("fib", {"n", "15"}, {"calls", "typed"}, {"cutoff", "4"});
    TRY("lock", {"n", "1"}, {"inside", "0"}, {"outside", "0"});
    TRY("false-sharing", {"n", "1"});
    TRY("false-sharing", {"n", "961"}, {"padded", "on"});
    TRY("wait", {"n", "1"}, {"time", "1us"}, {"cpu", "0"}, {"join", "1"});
    TRY("pipeline", {"n", "1"}, {"block", "1"}, {"decode", "0"}, {"transform", "0"});
    TRY("pipeline", {"mode", "stages"}, {"n", "1"}, {"block", "1"});
    TRY("pipeline", {"mode", "stages"}, {"n", "200"}, {"queue", "1"});
    TRY("pipeline", {"mode", "stages"}, {"n", "200"}, {"queue", "3"});
    TRY("pipeline", {"mode", "stages"}, {"n", "200"}, {"queue", "1000"});
    TRY("mlp", {"networks", "1"}, {"batch", "1"}, {"reps", "1"}, {"width", "16"});
    TRY("mlp", {"networks", "2"}, {"width", "17"});
    TRY("mlp", {"networks", "3"}, {"duration", "2ms"});
    TRY("mlp", {"networks", "3"}, {"duration", "2ms"}, {"policy", "greedy"});
    TRY("mlp", {"networks", "30"}, {"mix", "homogeneous"}, {"width", "16"});
}

/* Lengths around those of vectors, of the unrolled loops and of blocks. */
static void test_vectors_and_scalars(void **unused)
{
    static const char *const lengths[] = {"1",  "3",  "7",  "8",    "31",
                                          "32", "33", "47", "1024", "1025"};
    const struct parscope_workload *norms = ps_workload_find("norms");
    const struct parscope_workload *preprocess = ps_workload_find("preprocess");
    union parscope_value values[PARAMS];

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        for (unsigned simd = 0; simd <= 1; simd++) {
            set_small(norms, values);
            set(norms, values, "cols", lengths[i]);
            set(norms, values, "simd", simd ? "on" : "off");
            expect_all_ways(norms, values);
            set_small(preprocess, values);
            set(preprocess, values, "size", lengths[i]);
            set(preprocess, values, "simd", simd ? "on" : "off");
            expect_all_ways(preprocess, values);
        }
}

/* That tanh is as near as it says is what verify() compares: here for many elements. */
static void test_tanh_is_near(void **unused)
{
    TRY("preprocess", {"size", "500k"}, {"simd", "on"});
    TRY("preprocess", {"size", "500k"}, {"simd", "off"});
}

static void test_gemm(void **unused)
{
    const struct parscope_workload *w = ps_workload_find("gemm");
    union parscope_value values[PARAMS];
    struct parscope_size size;
    char why[200] = "";

    set_small(w, values);
    if (!available(w)) {
        assert_int_equal(w->size(values, &size, why, sizeof why), -EINVAL);
        assert_non_null(strstr(why, "built without a BLAS: install"));
        skip_because("built without a BLAS");
    }
    TRY("gemm", {"size", "1"}, {"count", "1"});
    TRY("gemm", {"size", "100"}, {"count", "3"});
}

#if defined(__SANITIZE_THREAD__)
#define UNSEEN_THREADS true
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UNSEEN_THREADS true
#endif
#endif
#ifndef UNSEEN_THREADS
#define UNSEEN_THREADS false
#endif

/* Products long enough for a BLAS to use its threads; then one of the other kind again. */
static void test_gemm_inner(void **unused)
{
    const struct parscope_workload *w = ps_workload_find("gemm");
    union parscope_value values[PARAMS];
    struct parscope_size size;
    char why[200] = "";

    if (UNSEEN_THREADS)
        skip_because("the thread sanitizer does not see how the threads of a BLAS wait");
    set_small(w, values);
    set(w, values, "size", "150");
    set(w, values, "inner", "2");
    if (w->size(values, &size, why, sizeof why) != 0) {
        assert_true(strstr(why, "inner=2") != NULL || !available(w));
        skip_because(why);
    }
    expect_all_ways(w, values);
    set(w, values, "inner", "1");
    expect_all_ways(w, values);
}

static void refuse_values(const char *workload, const char *const (*keys)[2], size_t count,
                          const char *text)
{
    const struct parscope_workload *w = ps_workload_find(workload);
    union parscope_value values[PARAMS];
    struct parscope_size size = {-1, 77, 77};
    char why[200] = "";

    set_defaults(w, values);
    for (size_t i = 0; i < count; i++)
        set(w, values, keys[i][0], keys[i][1]);
    assert_int_equal(w->size(values, &size, why, sizeof why), -EINVAL);
    assert_non_null(strstr(why, text));
    assert_int_equal(size.tasks, 77);
}

#define REFUSE(text, workload, ...)                                        \
    do {                                                                   \
        static const char *const keys[][2] = {__VA_ARGS__};                \
        refuse_values(workload, keys, sizeof keys / sizeof keys[0], text); \
    } while (0)

static void test_gemm_refuses_more_threads_than_there_are(void **unused)
{
    if (!available(ps_workload_find("gemm")))
        skip_because("built without a BLAS");
    REFUSE("inner=1024", "gemm", {"inner", "1024"});
}

static void test_bad_combinations(void **unused)
{
    REFUSE("walks=65", "chase", {"size", "4Ki"}, {"walks", "65"});
    REFUSE("n=1000000", "op", {"time", "1s"}, {"n", "1M"});
    REFUSE("work=1000", "imbalance", {"work", "1000"}, {"items", "1000"});
    REFUSE("tasks=10000", "amdahl", {"work", "10k"}, {"tasks", "10k"});
    REFUSE("n=1000000000", "lock", {"n", "1G"}, {"inside", "1M"});
    REFUSE("n=1000000", "wait", {"n", "1M"}, {"time", "10ms"});
    REFUSE("1073741824000000 bytes", "pipeline", {"n", "1M"}, {"block", "1073741824"});
    REFUSE("networks=100000", "mlp", {"networks", "100k"}, {"reps", "1M"});
}

static void test_sizes_are_exact(void **unused)
{
    const struct parscope_workload *w = ps_workload_find("tree");
    union parscope_value values[PARAMS];
    struct parscope_size size;
    char why[200];

    set_defaults(w, values);
    set(w, values, "depth", "23");
    set(w, values, "cutoff", "6");
    assert_int_equal(w->size(values, &size, why, sizeof why), 0);
    assert_true(size.items == 8388607);
    assert_int_equal(size.tasks, 63);

    w = ps_workload_find("fib");
    set_defaults(w, values);
    set(w, values, "n", "30");
    assert_int_equal(w->size(values, &size, why, sizeof why), 0);
    assert_true(size.items == 2692537);
    assert_int_equal(size.tasks, 1346268);

    w = ps_workload_find("reduce");
    set_defaults(w, values);
    set(w, values, "size", "10M");
    assert_int_equal(w->size(values, &size, why, sizeof why), 0);
    assert_true(size.items == 1e7);
    assert_int_equal(size.bytes, 80000000);
}

/* Stages are few items, each of which does whatever is left: leaving one out can be seen only by
 * counting. */
static void test_broken_execs_of_stages_are_found(void **unused)
{
    const struct parscope_workload *w = ps_workload_find("pipeline");
    union parscope_value values[PARAMS];

    set_small(w, values);
    set(w, values, "mode", "stages");
    for (uint64_t victim = 1; victim < 4; victim++)
        for (enum way way = SKIP; way <= SWAP; way++)
            expect_broken(w, values, way, victim);
}

/* An event loop with a clock of its own, which stands still: wait by wait, all items' waits are
 * over in the order in which they began. */
struct loop {
    struct parscope_exec x; /* first */
    struct parscope_worker worker;
    double late; /* of the next wait, and the step from one to the next */
    double step;
    double longest; /* wait seen */
    uint64_t waits;
};

static int loop_wait(struct parscope_exec *x, uint64_t n, const struct parscope_waits *waits,
                     void *arg)
{
    struct loop *l = (struct loop *)x;
    uint64_t before;
    unsigned k = 0;

    do {
        before = l->waits;
        for (uint64_t i = 0; i < n; i++) {
            double seconds;

            if (!waits->wait(arg, i, k, &seconds))
                continue;
            l->longest = fmax(l->longest, seconds);
            waits->resume(arg, i, k, l->late, &l->worker);
            l->late += l->step;
            l->waits++;
        }
        k++;
    } while (l->waits > before);
    return 0;
}

static const struct parscope_exec_ops loop_ops = {do_range, do_root, loop_wait};

static struct loop run_loop(const struct parscope_workload *w, void *state, double late,
                            double step)
{
    struct loop l = {{&loop_ops, 1}, {NULL, 0}, late, step, 0, 0};

    assert_int_equal(w->run(state, &l.x), 0);
    return l;
}

static void test_waits_can_overlap(void **unused)
{
    static const char *const joins[] = {"1", "2"};
    const struct parscope_workload *w = ps_workload_find("wait");
    union parscope_value values[PARAMS];
    char why[200] = "";

    for (uint64_t join = 1; join <= 2; join++) {
        double measured[PARAMS];
        void *state;
        struct loop l;

        set_small(w, values);
        set(w, values, "n", "100");
        set(w, values, "time", "10s");
        set(w, values, "join", joins[join - 1]);
        state = create(w, values);
        l = run_loop(w, state, 100 * (double)join, -1);
        assert_int_equal(w->verify(state, why, sizeof why), 0);
        assert_int_equal(l.waits, 100 * join);
        assert_true(l.longest == 10);
        custom_values(w, state, measured);
        assert_true(measured[0] == 50 * (double)join && measured[1] == 99 * (double)join);
        run_loop(w, state, -1e-6, 0);
        assert_int_equal(w->verify(state, why, sizeof why), -EBADMSG);
        assert_non_null(strstr(why, "before its time"));
        destroy(w, state);
    }
}

static void *create_timed(const struct parscope_workload *w, const char *networks,
                          const char *duration)
{
    union parscope_value values[PARAMS];

    set_small(w, values);
    set(w, values, "width", "64");
    set(w, values, "networks", networks);
    set(w, values, "duration", duration);
    return create(w, values);
}

static void expect_done(const struct parscope_workload *w, void *state, double small_ones,
                        double large_ones)
{
    double measured[PARAMS];
    char why[200];

    assert_int_equal(w->verify(state, why, sizeof why), 0);
    custom_values(w, state, measured);
    assert_true(measured[0] == small_ones && measured[1] == large_ones);
    assert_true(measured[2] == small_ones / (small_ones + large_ones));
    assert_true(w->done(state) == small_ones + large_ones);
}

/* One worker takes small, large, large, small and so on. */
static void test_timed_runs_take_networks_in_turn(void **unused)
{
    static const uint64_t small_in_part[] = {0, 1, 1, 1};
    const struct parscope_workload *w = ps_workload_find("mlp");
    void *state = create_timed(w, "4", "2ms");

    for (int repeat = 0; repeat < 10; repeat++) {
        uint64_t done, small_ones;

        run_and_verify(w, state, WHOLE);
        done = (uint64_t)w->done(state);
        small_ones = done / 4 * 2 + small_in_part[done % 4];
        expect_done(w, state, (double)small_ones, (double)(done - small_ones));
    }
    destroy(w, state);
}

/* Does the first item, and the others when the time is up. */
struct slow_exec {
    struct parscope_exec x; /* first */
    const struct parscope_workload *workload;
    int64_t time; /* ns */
    double done;  /* when the time is up */
};

static int slow_range(struct parscope_exec *x, uint64_t n, parscope_range_fn *body, void *arg)
{
    struct slow_exec *t = (struct slow_exec *)x;
    struct parscope_worker w = {NULL, 0};
    int64_t start = ps_kit_ns();

    body(arg, 0, 1, &w);
    while (ps_kit_ns() - start < t->time)
        ;
    t->done = t->workload->done(arg);
    body(arg, 1, 2, &w);
    body(arg, 2, n, &w);
    return 0;
}

static void test_timed_runs_end(void **unused)
{
    static const struct parscope_exec_ops slow_ops = {slow_range, do_root};
    const struct parscope_workload *w = ps_workload_find("mlp");
    struct slow_exec slow = {{&slow_ops, 1}, w, 2000000, -1};
    void *state = create_timed(w, "3", "2ms");

    for (enum way way = WHOLE; way <= THREADS; way++)
        run_and_verify(w, state, way);
    assert_int_equal(w->run(state, &slow.x), 0);
    assert_true(w->done(state) == slow.done);
    destroy(w, state);
}

static void *create_greedy(const struct parscope_workload *w, uint64_t microseconds)
{
    union parscope_value values[PARAMS];
    char duration[32];

    set_small(w, values);
    snprintf(duration, sizeof duration, "%" PRIu64 "us", microseconds);
    set(w, values, "networks", "2");
    set(w, values, "width", "512");
    set(w, values, "duration", duration);
    set(w, values, "policy", "greedy");
    return create(w, values);
}

/* The large network takes about fifty times as long as the small one: where the latter just fits,
 * it is all that is done. */
static void test_greedy_runs_do_what_fits(void **unused)
{
    const struct parscope_workload *w = ps_workload_find("mlp");
    double measured[PARAMS] = {0};

    for (uint64_t us = 1; measured[0] == 0; us *= 2) {
        void *state = create_greedy(w, us);

        run_and_verify(w, state, WHOLE);
        custom_values(w, state, measured);
        assert_true(measured[1] == 0);
        assert_true(w->done(state) == measured[0]);
        destroy(w, state);
    }
}

static void test_one_shot_runs_do_each_network(void **unused)
{
    const struct parscope_workload *w = ps_workload_find("mlp");
    void *state = create_timed(w, "7", "0");

    run_and_verify(w, state, CHUNKS);
    expect_done(w, state, 3, 4);
    destroy(w, state);
}

/* The number that the next open() will give: the same where nothing was left open. */
static int next_descriptor(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    close(fd);
    return fd;
}

static void test_pipeline_leaves_no_files(void **unused)
{
    const struct parscope_workload *w = ps_workload_find("pipeline");
    char directory[] = "/tmp/test_workloads-XXXXXX";
    union parscope_value values[PARAMS];
    int fd = next_descriptor();
    void *state;

    set_small(w, values);
    assert_non_null(mkdtemp(directory));
    assert_int_equal(setenv("TMPDIR", directory, 1), 0);
    state = create(w, values);
    assert_int_equal(next_descriptor(), fd + 2);
    assert_int_equal(rmdir(directory), 0);
    run_and_verify(w, state, CHUNKS);
    destroy(w, state);
    assert_int_equal(next_descriptor(), fd);

    state = NULL;
    ps_memory_init(&memory);
    assert_int_equal(w->create(values, &memory.abi, SLOTS, &state), -ENOENT);
    ps_memory_finish(&memory);
    assert_null(state);
    assert_int_equal(next_descriptor(), fd);
    unsetenv("TMPDIR");
}

/* Sanitizers would otherwise abort where malloc would return NULL. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "allocator_may_return_null=1";
}

/* More than any address space has: no allocation succeeds, whatever the system overcommits. */
static void test_no_memory(void **unused)
{
    static const struct {
        const char *workload;
        uint64_t huge;
    } cases[] = {{"reduce", UINT64_C(1) << 50},
                 {"stream", UINT64_C(1) << 50},
                 {"chase", UINT64_C(1) << 56},
                 {"reduce", UINT64_MAX}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct parscope_workload *w = ps_workload_find(cases[i].workload);
        union parscope_value values[PARAMS];
        void *state = &values;

        set_defaults(w, values);
        values[0].count = cases[i].huge;
        ps_memory_init(&memory);
        assert_int_equal(w->create(values, &memory.abi, SLOTS, &state), -ENOMEM);
        ps_memory_finish(&memory);
        assert_ptr_equal(state, &values);
    }
}

static void test_lcg_skip_is_lcg_run(void **unused)
{
    static const uint64_t steps[] = {0, 1, 2, 7, 8, 9, 63, 64, 1000, 12345};

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        assert_true(ps_lcg_run(42, steps[i]) == ps_lcg_skip(42, steps[i]));
        assert_true(ps_lcg_run(ps_lcg_run(7, 5), steps[i]) == ps_lcg_skip(7, steps[i] + 5));
    }
    assert_true(ps_lcg_skip(1, 1) == UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407));
}

static int64_t time_of_run(const struct parscope_workload *w, void *state)
{
    struct test_exec t = make_exec(WHOLE, 0);
    int64_t start = ps_kit_ns();

    assert_int_equal(w->run(state, &t.x), 0);
    return ps_kit_ns() - start;
}

/* In ns; disturbances only make a run longer. */
static double best_time_of_op(const char *n, const char *time)
{
    const struct parscope_workload *w = ps_workload_find("op");
    union parscope_value values[PARAMS];
    int64_t best = INT64_MAX;
    void *state;

    set_defaults(w, values);
    set(w, values, "n", n);
    set(w, values, "time", time);
    state = create(w, values);
    for (int i = 0; i < 200; i++) {
        int64_t took = time_of_run(w, state);

        best = took < best ? took : best;
    }
    destroy(w, state);
    return (double)best;
}

/* Both are 100 us of work. */
static void test_short_operations_do_not_overlap(void **unused)
{
    assert_true(best_time_of_op("1000", "100ns") > 0.9 * best_time_of_op("1", "100us"));
}

static void test_what_comes_after_is_the_same(void **unused)
{
    assert_true(ps_lcg_after(UINT64_MAX, 42) == 42);
    assert_true(ps_lcg_after(42, UINT64_MAX) == UINT64_MAX);
}

static long faults(void)
{
    struct rusage u;

    assert_int_equal(getrusage(RUSAGE_THREAD, &u), 0);
    return u.ru_minflt;
}

static void test_pages_to_fill_are_there(void **state)
{
    enum { PAGES = 1000 };
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = PAGES * page + PARSCOPE_LINE;
    struct ps_memory m;
    volatile char *data;
    long before;

    if (UNSEEN_THREADS)
        skip_because("the thread sanitizer has pages of its own for each of them");
    ps_memory_init(&m);
    assert_null(ps_kit_alloc_to_fill(&m.abi, UINT64_MAX, 2));
    data = ps_kit_alloc_to_fill(&m.abi, 1, bytes);
    assert_non_null(data);
    if (madvise((char *)data + PARSCOPE_LINE + page - (uintptr_t)(data + PARSCOPE_LINE) % page,
                page, 23 /* MADV_POPULATE_WRITE */) < 0)
        skip_because("this kernel does not bring pages in one call");
    before = faults();
    for (size_t i = 0; i < bytes; i += page)
        data[i] = 1;
    data[bytes - 1] = 1;
    assert_in_range(faults() - before, 0, PAGES / 2); /* those of a sanitizer, an eighth */
    ps_memory_finish(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages_to_fill_are_there),
        cmocka_unit_test(test_registry),
        cmocka_unit_test(test_descriptors),
        cmocka_unit_test(test_custom_values),
        cmocka_unit_test(test_default_sizes),
        cmocka_unit_test(test_any_can_be_made_small),
        cmocka_unit_test(test_every_way_verifies),
        cmocka_unit_test(test_broken_execs_are_found),
        cmocka_unit_test(test_shared_workloads_run_in_processes),
        cmocka_unit_test(test_spans),
        cmocka_unit_test(test_broken_execs_of_stages_are_found),
        cmocka_unit_test(test_waits_can_overlap),
        cmocka_unit_test(test_timed_runs_take_networks_in_turn),
        cmocka_unit_test(test_timed_runs_end),
        cmocka_unit_test(test_greedy_runs_do_what_fits),
        cmocka_unit_test(test_one_shot_runs_do_each_network),
        cmocka_unit_test(test_pipeline_leaves_no_files),
        cmocka_unit_test(test_failing_exec),
        cmocka_unit_test(test_counter_every_ilp),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_vectors_and_scalars),
        cmocka_unit_test(test_tanh_is_near),
        cmocka_unit_test(test_gemm),
        cmocka_unit_test(test_gemm_inner),
        cmocka_unit_test(test_gemm_refuses_more_threads_than_there_are),
        cmocka_unit_test(test_bad_combinations),
        cmocka_unit_test(test_sizes_are_exact),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_lcg_skip_is_lcg_run),
        cmocka_unit_test(test_short_operations_do_not_overlap),
        cmocka_unit_test(test_what_comes_after_is_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
