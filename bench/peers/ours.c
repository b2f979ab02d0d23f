/* Our own strategies: pool (a, d), steal (b, c), queue with one submission at a time (e), and pool
 * with dynamic chunks of one (f). As in a measurement, the workers are pinned and the calls are
 * made inside of a trial. */
#include "peer.h"

#include <parscope/task.h>

#include "arena.h"
#include "spec.h"
#include "strategy.h"

#define WORKERS 2

struct ours {
    struct ps_team *team;
    struct ps_instance *instance;           /* of a, d, e and f */
    struct ps_instance *steal[WORKERS + 1]; /* by the number of workers */
    struct parscope_exec *exec;             /* while a trial is open */
};

static _Noreturn void no_memory(void)
{
    peer_die("out of memory");
}

static struct ps_instance *make(struct ours *o, const char *text, unsigned workers)
{
    struct ps_instance *in = NULL;
    struct ps_spec *specs;
    struct ps_bounds bounds;
    struct ps_arena a;
    struct ps_err e = {""};
    size_t count;
    struct ps_instance_setup setup = {.team = o->team, .workers = workers, .cpus = workers};

    ps_arena_init(&a, no_memory);
    peer_check(ps_spec_parse(text, "strategy", &a, &specs, &count, &e) == 0, e.text);
    setup.strategy = ps_strategy_find(specs[0].name);
    peer_check(setup.strategy != NULL, text);
    peer_check(ps_spec_bind(&specs[0], "strategy", setup.strategy->params, &a, &bounds, &e) == 0,
               e.text);
    setup.options = bounds.items[0].values;
    peer_check(ps_instance_create(&setup, &in, &e) == 0, e.text);
    ps_arena_finish(&a);
    return in;
}

struct visit {
    struct ours *ours;
    void (*client)(void *);
    void *arg;
};

static void visit(void *arg, struct parscope_exec *x)
{
    struct visit *v = arg;

    v->ours->exec = x;
    v->client(v->arg);
}

static void enter_instance(struct ours *o, struct ps_instance *in, void (*client)(void *),
                           void *arg)
{
    struct visit v = {o, client, arg};

    ps_trial_start(in, NULL, visit, &v);
    while (ps_trial_wait(in, 0) != 0)
        ;
}

static void enter(void *self, void (*client)(void *), void *arg)
{
    struct ours *o = self;

    enter_instance(o, o->instance, client, arg);
}

/* ---- a ---- */

static void meet_body(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    for (; begin < end; begin++)
        meet(arg, (unsigned)begin);
}

static void pair(void *self, struct meeting *m)
{
    parscope_range(((struct ours *)self)->exec, 2, meet_body, m);
}

/* ---- b: typed tasks, and through function pointers ---- */

static uint64_t fib_typed(PARSCOPE_PLACE, unsigned n);
PARSCOPE_TASK(uint64_t, fib_typed, unsigned);

static uint64_t fib_typed(PARSCOPE_PLACE, unsigned n)
{
    uint64_t a, b;

    if (n < 2)
        return n;
    fib_typed_both(PARSCOPE_HERE, n - 1, n - 2, &a, &b);
    return a + b;
}

struct fib {
    struct ours *ours;
    unsigned n;
    uint64_t result;
};

static void fib_pointers(void *arg, struct parscope_worker *w)
{
    struct fib *f = arg, a, b;

    if (f->n < 2) {
        f->result = f->n;
        return;
    }
    a.n = f->n - 1;
    b.n = f->n - 2;
    parscope_join(w, fib_pointers, &a, fib_pointers, &b);
    f->result = a.result + b.result;
}

static void fib_root(void *arg, struct parscope_worker *w)
{
    struct fib *f = arg;

    f->result = fib_typed(PARSCOPE_START(w), f->n);
}

static void fib_client(void *arg)
{
    struct fib *f = arg;

    parscope_root(f->ours->exec, fib_root, f);
}

static void fib_pointers_client(void *arg)
{
    struct fib *f = arg;

    parscope_root(f->ours->exec, fib_pointers, f);
}

static uint64_t fib(void *self, unsigned n, unsigned workers)
{
    struct ours *o = self;
    struct fib f = {o, n, 0};

    enter_instance(o, o->steal[workers], fib_client, &f);
    return f.result;
}

static uint64_t fib_by_pointers(void *self, unsigned n, unsigned workers)
{
    struct ours *o = self;
    struct fib f = {o, n, 0};

    enter_instance(o, o->steal[workers], fib_pointers_client, &f);
    return f.result;
}

/* ---- c ---- */

struct subtree {
    struct peer_node *node;
    unsigned forks;
};

static void invert_typed(PARSCOPE_PLACE, struct subtree t);
PARSCOPE_ACTION(invert_typed, struct subtree);

static void invert_typed(PARSCOPE_PLACE, struct subtree t)
{
    struct peer_children c;

    if (t.forks == 0) {
        peer_invert_serial(t.node);
        return;
    }
    c = peer_swap(t.node);
    if (c.near == NULL)
        return;
    invert_typed_both(PARSCOPE_HERE, (struct subtree){c.near, t.forks - 1},
                      (struct subtree){c.far, t.forks - 1});
}

static inline void invert_every(PARSCOPE_PLACE, struct peer_node *node);
PARSCOPE_ACTION(invert_every, struct peer_node *);

static inline void invert_every(PARSCOPE_PLACE, struct peer_node *node)
{
    struct peer_children c = peer_swap(node);

    if (c.near != NULL)
        invert_every_both(PARSCOPE_HERE, c.near, c.far);
}

struct inversion {
    struct ours *ours;
    struct subtree tree;
};

static void invert_root(void *arg, struct parscope_worker *w)
{
    struct subtree t = ((struct inversion *)arg)->tree;

    if (t.forks == PEER_DEPTH)
        invert_every(PARSCOPE_START(w), t.node);
    else
        invert_typed(PARSCOPE_START(w), t);
}

static void invert_client(void *arg)
{
    struct inversion *i = arg;

    parscope_root(i->ours->exec, invert_root, i);
}

static void invert(void *self, struct peer_node *root, unsigned forks)
{
    struct ours *o = self;
    struct inversion i = {o, {root, forks}};

    enter_instance(o, o->steal[WORKERS], invert_client, &i);
}

/* ---- d ---- */

struct sum {
    const uint64_t *elements;
    struct peer_counter of[WORKERS];
};

static void sum_body(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    struct sum *s = arg;

    s->of[w->slot].count += weighted_sum(s->elements, begin, end);
}

static uint64_t reduce(void *self, const uint64_t *elements, uint64_t count)
{
    struct sum s = {.elements = elements};

    parscope_range(((struct ours *)self)->exec, count, sum_body, &s);
    return s.of[0].count + s.of[1].count;
}

/* ---- e ---- */

static void op_body(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    peer_op_run(arg);
}

static void submit(void *self, struct peer_op *op)
{
    parscope_range(((struct ours *)self)->exec, 1, op_body, op);
}

/* ---- f ---- */

struct turns {
    struct ours *ours;
    uint64_t count;
    struct peer_counter of[WORKERS];
};

static void count_body(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    struct turns *t = arg;

    for (; begin < end; begin++)
        peer_count_one(&t->of[w->slot].count);
}

static void iterate_client(void *arg)
{
    struct turns *t = arg;

    parscope_range(t->ours->exec, t->count, count_body, t);
}

static uint64_t iterate(void *self, uint64_t count)
{
    struct ours *o = self;
    struct turns t = {o, count, {{0}, {0}}};

    enter_instance(o, o->instance, iterate_client, &t);
    return t.of[0].count + t.of[1].count;
}

/* The first CPUs that the program may use. */
static void make_team(struct ours *o)
{
    int cpus[WORKERS], found = 0;
    struct ps_err e = {""};
    cpu_set_t allowed;

    peer_check(sched_getaffinity(0, sizeof allowed, &allowed) == 0, "can't read the affinity");
    for (int cpu = 0; cpu < CPU_SETSIZE && found < WORKERS; cpu++)
        if (CPU_ISSET(cpu, &allowed))
            cpus[found++] = cpu;
    peer_check(found == WORKERS, "needs two CPUs");
    peer_check(ps_team_create(cpus, WORKERS, true, &o->team, &e) == 0, e.text);
}

static const char *strategy_of(char bench)
{
    switch (bench) {
    case 'e':
        return "queue:inflight=1";
    case 'f':
        return "pool:schedule=dynamic:chunk=1";
    default:
        return "pool";
    }
}

/* The same recursion through function pointers, as a plug-in calls it. */
static void print_pointers(struct ours *o)
{
    const struct peer by_pointers = {.name = "ours", .self = o, .fib = fib_by_pointers};

    peer_figure("b", "pointers_1", peer_fib_per_task(&by_pointers, 1), "ns");
    peer_figure("b", "pointers_2", peer_fib_per_task(&by_pointers, 2), "ns");
}

int main(int argc, char **argv)
{
    static struct ours ours;
    const struct peer peer = {"ours", &ours,  NULL,   enter,  pair,
                              fib,    invert, reduce, submit, iterate};
    int status;

    if (argc == 2) {
        make_team(&ours);
        ours.instance = make(&ours, strategy_of(argv[1][0]), WORKERS);
        for (unsigned i = 1; i <= WORKERS; i++)
            ours.steal[i] = make(&ours, "steal", i);
    }
    status = peer_main(&peer, argc, argv);
    if (status == 0 && argv[1][0] == 'b')
        print_pointers(&ours);
    return status;
}
