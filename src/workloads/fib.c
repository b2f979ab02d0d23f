/* Fork-join recursion with nothing else: each call adds what its two children return. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include <parscope/task.h>

#include "kit.h"

enum { N, CUTOFF, CALLS };
enum calls { TYPED, POINTERS };

static const char *const calls[] = {"typed", "pointers", NULL};
static const struct parscope_param params[] = {
    {"n", PARSCOPE_COUNT, "32", 1, 60, NULL, "argument of the first call"},
    {"cutoff", PARSCOPE_COUNT, "1", 1, 60, NULL,
     "calls with this argument or less recurse serially (1: every call that can fork does); a lone "
     "worker always recurses serially"},
    {"calls", PARSCOPE_CHOICE, "typed", 0, 0, calls,
     "how calls fork: by typed tasks (parscope/task.h), or through function pointers"},
    {NULL},
};

struct fib {
    unsigned n, cutoff;
    enum calls calls;
    uint64_t expected, result;
};

/* Calls of the recursion from n down to leaves: its nodes, or its forks where leaves count 0. Both
 * obey the same recurrence, call(n) = 1 + call(n-1) + call(n-2). */
static uint64_t count_calls(unsigned n, unsigned last_leaf, uint64_t leaf)
{
    uint64_t before = leaf, count = leaf;

    for (unsigned i = last_leaf + 1; i <= n; i++) {
        uint64_t next = 1 + count + before;

        before = count;
        count = next;
    }
    return count;
}

static int size(const union parscope_value *v, struct parscope_size *size, char *why,
                size_t why_size)
{
    size->items = (double)count_calls((unsigned)v[N].count, 1, 1);
    size->tasks = count_calls((unsigned)v[N].count, (unsigned)v[CUTOFF].count, 0);
    size->bytes = 0;
    return 0;
}

static int create(const union parscope_value *v, struct parscope_memory *m, unsigned slots,
                  void **state)
{
    struct fib *s = parscope_alloc(m, 1, sizeof *s);

    if (s == NULL)
        return -ENOMEM;
    s->n = (unsigned)v[N].count;
    s->cutoff = (unsigned)v[CUTOFF].count;
    s->calls = (enum calls)v[CALLS].choice;
    *state = s;
    return 0;
}

/* A leaf's value. The usual 0 and 1 would hide a leaf that is left out, or done in the place of the
 * other; with 1 and 2 no call's value is 0 or its sibling's. */
static uint64_t leaf(unsigned n)
{
    return n + 1;
}

static int reference(void *state)
{
    struct fib *s = state;
    uint64_t before = leaf(0), value = leaf(1);

    for (unsigned i = 2; i <= s->n; i++) {
        uint64_t next = value + before;

        before = value;
        value = next;
    }
    s->expected = value;
    return 0;
}

static inline uint64_t recurse(unsigned n)
{
    return n < 2 ? leaf(n) : recurse(n - 1) + recurse(n - 2);
}

/* The recursion from here down is the same again and again, so that all its branches are predicted.
 * One that the compiler unrolls from n on takes a quarter longer: the reference would be slower
 * than what parallel calls do below their cutoff. */
#define REPEATED 12

static __attribute__((noinline)) uint64_t recurse_repeated(unsigned n)
{
    return recurse(n);
}

static uint64_t recurse_serially(unsigned n)
{
    return n <= REPEATED ? recurse_repeated(n) : recurse_serially(n - 1) + recurse_serially(n - 2);
}

struct call {
    unsigned n, cutoff;
    uint64_t value; /* of all times that it was done: it is wrong unless it was done once */
};

static void recurse_forking(void *arg, struct parscope_worker *w)
{
    struct call *c = arg;

    if (c->n <= c->cutoff) {
        c->value += recurse_serially(c->n);
        return;
    }
    struct call near = {c->n - 1, c->cutoff, 0}, far = {c->n - 2, c->cutoff, 0};
    parscope_join(w, recurse_forking, &near, recurse_forking, &far);
    c->value += near.value + far.value;
}

struct above {
    uint32_t n, cutoff;
};

static inline uint64_t recurse_above(PARSCOPE_PLACE, struct above c);
PARSCOPE_TASK(uint64_t, recurse_above, struct above);

static inline uint64_t recurse_above(PARSCOPE_PLACE, struct above c)
{
    uint64_t near, far;

    if (c.n <= c.cutoff)
        return recurse_serially(c.n);
    recurse_above_both(PARSCOPE_HERE, (struct above){c.n - 1, c.cutoff},
                       (struct above){c.n - 2, c.cutoff}, &near, &far);
    return near + far;
}

/* The same without a cutoff: a task is a number. */
static inline uint64_t recurse_all(PARSCOPE_PLACE, unsigned n);
PARSCOPE_TASK(uint64_t, recurse_all, unsigned);

static inline uint64_t recurse_all(PARSCOPE_PLACE, unsigned n)
{
    uint64_t near, far;

    if (n < 2)
        return leaf(n);
    recurse_all_both(PARSCOPE_HERE, n - 1, n - 2, &near, &far);
    return near + far;
}

static void typed_root(void *arg, struct parscope_worker *w)
{
    struct call *c = arg;

    c->value += c->cutoff > 1 ? recurse_above(PARSCOPE_START(w), (struct above){c->n, c->cutoff})
                              : recurse_all(PARSCOPE_START(w), c->n);
}

static int run(void *state, struct parscope_exec *x)
{
    struct fib *s = state;
    /* A lone worker has nobody to fork for: it is the plain recursion that speedups refer to. */
    struct call first = {s->n, x->slots > 1 ? s->cutoff : s->n, 0};
    int err = parscope_root(x, s->calls == TYPED ? typed_root : recurse_forking, &first);

    s->result = first.value;
    return err;
}

static int verify(void *state, char *why, size_t why_size)
{
    const struct fib *s = state;

    if (s->result == s->expected)
        return 0;
    return ps_kit_bad(why, why_size, "the result is %" PRIu64 " where %" PRIu64 " is right",
                      s->result, s->expected);
}

const struct parscope_workload ps_workload_fib = {
    .abi = PARSCOPE_WORKLOAD_ABI,
    .name = "fib",
    .summary = "recursion that forks at each call and does nothing else: the cost of one task",
    .unit = "calls",
    .shapes = PARSCOPE_TREE,
    .params = params,
    .size = size,
    .create = create,
    .reference = reference,
    .run = run,
    .verify = verify,
};
