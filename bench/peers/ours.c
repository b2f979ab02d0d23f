/* Our own strategies: pool (a, d, g), steal (b, c, h, and g again), queue with one submission at a
 * time (e), and pool with dynamic chunks of one (f). As in a measurement, the workers are pinned
 * and the calls are made inside of a trial. */
#include "peer.h"

#include <parscope/task.h>

#include "arena.h"
#include "spec.h"
#include "strategy.h"
#include "topology.h"

struct sum {
    const uint64_t *elements;
    struct peer_counter of[PEER_MOST];
};

struct ours {
    struct ps_arena arena;
    struct ps_topology *topology;
    struct ps_team *team;
    struct ps_instance *instance;  /* of a, d, e, f and g */
    struct ps_instance *steals[2]; /* of one worker and of all */
    struct parscope_exec *exec;    /* while a trial is open */
    struct sum sum;                /* of d */
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
    struct ps_instance_setup setup = {
        .team = o->team, .workers = workers, .cpus = workers, .topology = o->topology};

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

static void team(void *self, struct meeting *m)
{
    parscope_range(((struct ours *)self)->exec, peer_workers, meet_body, m);
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

/* The same by plain calls, as far as parameters and results in memory go: what is not the fork's.
 */
static __attribute__((noinline)) void fib_in_memory(struct fib *f)
{
    struct fib a, b;

    if (f->n < 2) {
        f->result = f->n;
        return;
    }
    a.n = f->n - 1;
    b.n = f->n - 2;
    fib_in_memory(&a);
    fib_in_memory(&b);
    f->result = a.result + b.result;
}

static uint64_t fib_by_calls(void *self, unsigned n, unsigned workers)
{
    struct fib f = {self, n, 0};

    fib_in_memory(&f);
    return f.result;
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

static struct ps_instance *stealing(struct ours *o, unsigned workers)
{
    return o->steals[workers > 1];
}

static uint64_t fib(void *self, unsigned n, unsigned workers)
{
    struct ours *o = self;
    struct fib f = {o, n, 0};

    enter_instance(o, stealing(o, workers), fib_client, &f);
    return f.result;
}

static uint64_t fib_by_pointers(void *self, unsigned n, unsigned workers)
{
    struct ours *o = self;
    struct fib f = {o, n, 0};

    enter_instance(o, stealing(o, workers), fib_pointers_client, &f);
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

    enter_instance(o, stealing(o, peer_workers), invert_client, &i);
}

/* ---- d ---- */

/* Each worker has one share. */
static void sum_body(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    struct sum *s = arg;

    s->of[w->slot].count = weighted_sum(s->elements, begin, end);
}

static uint64_t reduce(void *self, const uint64_t *elements, uint64_t count)
{
    struct ours *o = self;
    uint64_t sum = 0;

    if (o->sum.elements != elements) /* a line that stays as it is needn't move */
        o->sum.elements = elements;
    parscope_range(o->exec, count, sum_body, &o->sum);
    for (unsigned i = 0; i < peer_workers; i++)
        sum += o->sum.of[i].count;
    return sum;
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
    struct peer_counter of[PEER_MOST];
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
    struct turns t = {.ours = o, .count = count};
    uint64_t sum = 0;

    enter_instance(o, o->instance, iterate_client, &t);
    for (unsigned i = 0; i < peer_workers; i++)
        sum += t.of[i].count;
    return sum;
}

/* ---- g ---- */

static void op_each(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    for (; begin < end; begin++)
        peer_op_run((struct peer_op *)arg + begin);
}

static void grains(void *self, struct peer_op *ops)
{
    parscope_range(((struct ours *)self)->exec, peer_workers, op_each, ops);
}

/* ---- h ---- */

static void give(void *h, struct parscope_worker *w)
{
    peer_give(h);
}

static void take(void *h, struct parscope_worker *w)
{
    peer_take(h);
}

static void hand_root(void *h, struct parscope_worker *w)
{
    parscope_join(w, give, h, take, h);
}

static void hand(void *self, struct handing *h)
{
    parscope_root(((struct ours *)self)->exec, hand_root, h);
}

/* What is serial runs on this thread: on the CPU of the caller of what is parallel, as CPUs of a
 * virtual machine differ in speed. */
static void stay_beside(int cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    peer_check(sched_setaffinity(0, sizeof set, &set) == 0, "can't use a CPU");
}

/* As a measurement spreads its threads over the CPUs that the program may use. */
static void make_team(struct ours *o)
{
    int cpus[PEER_MOST];
    struct ps_err e = {""};

    ps_arena_init(&o->arena, no_memory);
    peer_check(ps_topology_load(&o->arena, &o->topology, &e) == 0, e.text);
    peer_check(o->topology->cpu_count >= peer_workers, "needs a CPU for each worker");
    ps_place(o->topology, PS_PLACE_SPREAD, NULL, 0, peer_workers, cpus);
    peer_check(ps_team_create(cpus, peer_workers, true, &o->team, &e) == 0, e.text);
    stay_beside(cpus[0]);
}

static const char *strategy_of(char bench)
{
    switch (bench) {
    case 'e':
        return "queue:inflight=1";
    case 'f':
        return "pool:schedule=dynamic:chunk=1";
    case 'h':
        return "steal";
    default:
        return "pool";
    }
}

/* The same recursion through function pointers, as a plug-in calls it. */
static void print_pointers(struct ours *o)
{
    const struct peer by_pointers = {.name = "ours", .self = o, .fib = fib_by_pointers};
    const struct peer by_calls = {.name = "ours", .self = o, .fib = fib_by_calls};

    peer_figure("b", "pointers_1", peer_fib_per_task(&by_pointers, 1), "ns");
    peer_figure("b", "pointers_2", peer_fib_per_task(&by_pointers, 2), "ns");
    peer_figure("b", "in_memory", peer_fib_per_task(&by_calls, 1), "ns");
}

static void print_metg_by_steal(struct ours *o, const struct peer *peer)
{
    o->instance = o->steals[1];
    peer_metg_figure(peer, "metg_steal");
}

int main(int argc, char **argv)
{
    static struct ours ours;
    const struct peer peer = {
        "ours", &ours, NULL, enter, team, fib, invert, reduce, submit, iterate, grains, hand,
    };
    int status;

    peer_read_workers(argc, argv);
    if (argc > 1 && peer_workers > 1 && peer_workers <= PEER_MOST) {
        make_team(&ours);
        ours.instance = make(&ours, strategy_of(argv[1][0]), peer_workers);
        ours.steals[0] = make(&ours, "steal", 1);
        ours.steals[1] = make(&ours, "steal", peer_workers);
    }
    status = peer_main(&peer, argc, argv);
    if (status == 0 && argv[1][0] == 'b' && !peer_scales)
        print_pointers(&ours);
    if (status == 0 && argv[1][0] == 'g')
        print_metg_by_steal(&ours, &peer);
    return status;
}
