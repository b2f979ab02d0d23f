// oneTBB: static partitioning where the work is known, task groups where it is found.
#include <functional>

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_reduce.h>
#include <tbb/task_arena.h>
#include <tbb/task_group.h>

#include "peer.h"

static void team(void *, struct meeting *m)
{
    tbb::parallel_for(
        0u, peer_workers, [m](unsigned who) { meet(m, who); }, tbb::static_partitioner());
}

static uint64_t fib_tasks(unsigned n)
{
    uint64_t x, y;

    if (n < 2)
        return n;
    tbb::task_group group;
    group.run([&x, n] { x = fib_tasks(n - 1); });
    y = fib_tasks(n - 2);
    group.wait();
    return x + y;
}

static uint64_t fib(void *, unsigned n, unsigned workers)
{
    tbb::task_arena arena((int)workers);

    return arena.execute([n] { return fib_tasks(n); });
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
    tbb::task_group group;
    group.run([c, forks] { invert_tasks(c.far, forks - 1); });
    invert_tasks(c.near, forks - 1);
    group.wait();
}

static void invert(void *, struct peer_node *root, unsigned forks)
{
    invert_tasks(root, forks);
}

static uint64_t reduce(void *, const uint64_t *elements, uint64_t count)
{
    using range = tbb::blocked_range<uint64_t>;

    return tbb::parallel_reduce(
        range(0, count), uint64_t(0),
        [elements](const range &r, uint64_t sum) {
            return sum + weighted_sum(elements, r.begin(), r.end());
        },
        std::plus<uint64_t>(), tbb::static_partitioner());
}

// Waiting in execute() would let the caller run the operation, even in an arena of workers.
static void submit(void *self, struct peer_op *op)
{
    int done = 0;

    static_cast<tbb::task_arena *>(self)->enqueue([op, &done] {
        peer_op_run(op);
        __atomic_store_n(&done, 1, __ATOMIC_RELEASE);
    });
    while (!__atomic_load_n(&done, __ATOMIC_ACQUIRE))
        peer_pause();
}

static uint64_t iterate(void *, uint64_t count)
{
    using range = tbb::blocked_range<uint64_t>;
    struct peer_counter counters[PEER_MOST] = {};
    uint64_t sum = 0;

    tbb::parallel_for(
        range(0, count, 1),
        [&counters](const range &r) {
            uint64_t *counter = &counters[tbb::this_task_arena::current_thread_index()].count;
            for (uint64_t i = r.begin(); i < r.end(); i++)
                peer_count_one(counter);
        },
        tbb::simple_partitioner());
    for (unsigned i = 0; i < peer_workers; i++)
        sum += counters[i].count;
    return sum;
}

static void grains(void *, struct peer_op *ops)
{
    tbb::parallel_for(
        0u, peer_workers, [ops](unsigned i) { peer_op_run(&ops[i]); }, tbb::static_partitioner());
}

static void hand(void *, struct handing *h)
{
    tbb::task_group group;

    group.run([h] { peer_take(h); });
    peer_give(h);
    group.wait();
}

int main(int argc, char **argv)
{
    peer_read_workers(argc, argv);
    peer_check(tbb::this_task_arena::max_concurrency() == (int)peer_workers,
               "needs an affinity of as many CPUs as there are workers");
    tbb::task_arena outside(1, 0); // no place is kept for the caller
    struct peer peer = {
        "tbb", &outside, NULL, NULL, team, fib, invert, reduce, submit, iterate, grains, hand,
    };

    return peer_main(&peer, argc, argv);
}
