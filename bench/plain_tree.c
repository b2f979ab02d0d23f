/* What two plain threads make of the `tree` workload, by the very code of its serial recursion: the
 * yardstick for speedups above the number of CPUs, which two cores' caches allow and a slow
 * reference feigns. Prints the speedup, the median over rounds of serial and parallel runs in turn:
 * plain_tree [DEPTH [ROUNDS]] */
#include "tree.c"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "timing.h"

struct helper {
    int cpu; /* or -1 */
    struct node *node;
    unsigned levels;
    _Atomic size_t asked, done; /* release by who sets it, acquire by who waits for it */
};

static void wait_for(_Atomic size_t *count, size_t value)
{
    while (atomic_load_explicit(count, memory_order_acquire) != value)
        ;
}

/* The k-th of the CPUs that it may use; -1: there are no two. */
static int usable_cpu(const cpu_set_t *set, int k)
{
    for (int cpu = 0; CPU_COUNT(set) > 1 && cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, set) && k-- == 0)
            return cpu;
    return -1;
}

static void pin(int cpu)
{
    cpu_set_t set;

    if (cpu < 0)
        return;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

/* Until it is given no node. */
static void *help(void *arg)
{
    struct helper *h = arg;

    pin(h->cpu);
    for (size_t k = 1;; k++) {
        wait_for(&h->asked, k);
        if (!h->node)
            return NULL;
        invert_serially(h->node, h->levels);
        atomic_store_explicit(&h->done, k, memory_order_release);
    }
}

/* Seconds. */
static double run_serially(struct tree *t)
{
    double start = now();

    invert_serially(t->nodes, t->depth);
    return now() - start;
}

static double run_in_two(struct tree *t, struct helper *h, size_t k)
{
    double start = now();
    struct children c = swap(t->nodes);

    h->node = c.far;
    h->levels = t->depth - 1;
    atomic_store_explicit(&h->asked, k, memory_order_release);
    invert_serially(c.near, t->depth - 1);
    wait_for(&h->done, k);
    return now() - start;
}

static int measure(struct tree *t, size_t rounds, double *ratios)
{
    struct helper h = {.node = NULL};
    pthread_t helper;
    cpu_set_t usable;

    sched_getaffinity(0, sizeof usable, &usable);
    h.cpu = usable_cpu(&usable, 1);
    pin(usable_cpu(&usable, 0)); /* where parscope's first worker is: the CPUs may be unequal */
    if (pthread_create(&helper, NULL, help, &h)) {
        perror("pthread_create");
        return 1;
    }
    for (size_t r = 0; r < rounds; r++) {
        double serial = run_serially(t);

        ratios[r] = serial / run_in_two(t, &h, r + 1);
    }
    h.node = NULL;
    atomic_store_explicit(&h.asked, rounds + 1, memory_order_release);
    pthread_join(helper, NULL);
    printf("%.4f\n", median(ratios, rounds));
    return 0;
}

int main(int argc, char **argv)
{
    unsigned depth = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 20;
    size_t rounds = argc > 2 ? strtoull(argv[2], NULL, 10) : 201;
    struct tree t = {.depth = depth};
    double *ratios = calloc(rounds, sizeof *ratios);
    int status = 1;

    if (depth < 2 || depth > 28 || !rounds) {
        fprintf(stderr, "plain_tree: a depth from 2 to 28, and a round at least\n");
        return 1;
    }
    t.nodes = calloc(node_count(depth), sizeof *t.nodes);
    if (t.nodes && ratios) {
        build(t.nodes, depth);
        status = measure(&t, rounds, ratios);
    }
    free(t.nodes);
    free(ratios);
    return status;
}
