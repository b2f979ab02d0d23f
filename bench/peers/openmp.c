/* OpenMP, for each compiler's own runtime; PEER_NAME is the program's name. */
#include <omp.h>

#include "peer.h"

static void team(void *self, struct meeting *m)
{
#pragma omp parallel num_threads((int)peer_workers)
    meet(m, (unsigned)omp_get_thread_num());
}

static uint64_t fib_tasks(unsigned n)
{
    uint64_t x, y;

    if (n < 2)
        return n;
#pragma omp task shared(x) firstprivate(n)
    x = fib_tasks(n - 1);
    y = fib_tasks(n - 2);
#pragma omp taskwait
    return x + y;
}

static uint64_t fib(void *self, unsigned n, unsigned workers)
{
    uint64_t result = 0;

#pragma omp parallel num_threads((int)workers)
#pragma omp single
    result = fib_tasks(n);
    return result;
}

static void invert_tasks(struct peer_node *node, unsigned forks)
{
    if (forks == 0) {
        peer_invert_serial(node);
        return;
    }
    struct peer_children c = peer_swap(node);
    if (c.near == NULL)
        return;
#pragma omp task firstprivate(c, forks)
    invert_tasks(c.far, forks - 1);
    invert_tasks(c.near, forks - 1);
#pragma omp taskwait
}

static void invert(void *self, struct peer_node *root, unsigned forks)
{
#pragma omp parallel num_threads(2)
#pragma omp single
    invert_tasks(root, forks);
}

static uint64_t reduce(void *self, const uint64_t *elements, uint64_t count)
{
    uint64_t sum = 0, of = peer_workers;

#pragma omp parallel num_threads((int)of) reduction(+ : sum)
    {
        uint64_t who = (uint64_t)omp_get_thread_num();
        sum += weighted_sum(elements, count * who / of, count * (who + 1) / of);
    }
    return sum;
}

/* The other thread waits at the end of the region, where it runs tasks. */
static void enter(void *self, void (*client)(void *), void *arg)
{
#pragma omp parallel num_threads((int)peer_workers)
#pragma omp master
    client(arg);
}

/* A taskwait would let the caller run the operation itself. */
static void submit(void *self, struct peer_op *op)
{
    int done = 0;

#pragma omp task shared(done) firstprivate(op)
    {
        peer_op_run(op);
        __atomic_store_n(&done, 1, __ATOMIC_RELEASE);
    }
    while (!__atomic_load_n(&done, __ATOMIC_ACQUIRE))
        peer_pause();
}

static uint64_t iterate(void *self, uint64_t count)
{
    uint64_t sum = 0;

#pragma omp parallel num_threads((int)peer_workers) reduction(+ : sum)
    {
#pragma omp for schedule(dynamic, 1)
        for (uint64_t i = 0; i < count; i++)
            peer_count_one(&sum);
    }
    return sum;
}

static void grains(void *self, struct peer_op *ops)
{
#pragma omp parallel for schedule(static, 1) num_threads((int)peer_workers)
    for (unsigned i = 0; i < peer_workers; i++)
        peer_op_run(&ops[i]);
}

static void hand(void *self, struct handing *h)
{
#pragma omp task firstprivate(h)
    peer_take(h);
    peer_give(h);
#pragma omp taskwait
}

int main(int argc, char **argv)
{
    /* Only single tasks are from inside a region: a region within it would have one thread. */
    bool inside = argc > 1 && (!strcmp(argv[1], "e") || !strcmp(argv[1], "h"));
    struct peer openmp = {
        PEER_NAME, NULL,   NULL, inside ? enter : NULL, team, fib, invert, reduce, submit,
        iterate,   grains, hand,
    };

    peer_read_workers(argc, argv);
    return peer_main(&openmp, argc, argv);
}
