#include "homes.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "region.h"
#include "topology.h"

#define MAX_CPUS 8192 /* that a topology has */

/* The node of a worker, -1 where it has none of its own. */
static int node_of(const struct ps_topology *t, int os)
{
    const struct ps_cpu *cpu = os >= 0 ? ps_topology_cpu(t, os) : NULL;

    return cpu ? (int)cpu->node : -1;
}

int ps_homes_init(struct ps_homes *h, const struct ps_topology *t, const int *cpus,
                  unsigned workers)
{
    *h = (struct ps_homes){calloc(workers, sizeof *h->homes), 0, workers};
    if (!h->homes)
        return -ENOMEM;
    for (unsigned i = 0; i < workers; i++) {
        int node = node_of(t, cpus[i]);

        if (node < 0) {
            h->count = 0;
            return 0;
        }
        if (!i || node != node_of(t, cpus[i - 1]))
            h->homes[h->count++] = (struct ps_home){cpus[i], i, i};
        h->homes[h->count - 1].end = i + 1;
    }
    if (h->count == 1)
        h->count = 0;
    return 0;
}

void ps_homes_finish(struct ps_homes *h)
{
    free(h->homes);
    *h = (struct ps_homes){NULL, 0, 0};
}

struct ps_page_range ps_home_pages(const struct ps_homes *h, const struct ps_home *home,
                                   size_t pages)
{
    return (struct ps_page_range){ps_equal_share(pages, home->first, h->workers).begin,
                                  ps_equal_share(pages, home->end - 1, h->workers).end};
}

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static bool go_to(int cpu, cpu_set_t *set, size_t size)
{
    CPU_ZERO_S(size, set);
    CPU_SET_S((size_t)cpu, size, set);
    return !sched_setaffinity(0, size, set);
}

static void touch_pages(char *start, struct ps_page_range pages)
{
    size_t page = page_size();

    for (size_t i = pages.begin; i < pages.end; i++)
        *(volatile char *)(start + i * page) = 0;
}

static void touch_from(const struct ps_homes *h, char *start, size_t pages, cpu_set_t *set,
                       size_t size)
{
    for (unsigned i = 0; i < h->count; i++) {
        const struct ps_home *home = &h->homes[i];

        if (!go_to(home->cpu, set, size))
            return;
        touch_pages(start, ps_home_pages(h, home, pages));
    }
}

void ps_homes_touch(const struct ps_homes *h, char *start, size_t bytes)
{
    size_t size = CPU_ALLOC_SIZE(MAX_CPUS), pages = bytes / page_size();
    cpu_set_t *before = CPU_ALLOC(MAX_CPUS), *set = CPU_ALLOC(MAX_CPUS);

    if (h->count && before && set && !sched_getaffinity(0, size, before)) {
        touch_from(h, start, pages, set, size);
        sched_setaffinity(0, size, before);
    }
    CPU_FREE(before);
    CPU_FREE(set);
}

/* The kernel's move_pages(2) moves none where it is given no nodes, and says where they are. */
static bool look_up(void **pages, int *nodes, size_t count)
{
    return !syscall(SYS_move_pages, 0, count, pages, NULL, nodes, 0);
}

bool ps_pages_count(char *start, size_t bytes, size_t most, size_t on[PS_NODES])
{
    size_t page = page_size(), pages = bytes / page, count = pages < most ? pages : most;
    void **at = calloc(count + 1, sizeof *at);
    int *nodes = calloc(count + 1, sizeof *nodes);
    bool told = at && nodes;

    for (size_t i = 0; told && i < count; i++)
        at[i] = start + ps_equal_share(pages, (unsigned)i, (unsigned)count).begin * page;
    told = told && look_up(at, nodes, count);
    for (size_t i = 0; told && i < count; i++)
        if (nodes[i] >= 0 && nodes[i] < PS_NODES)
            on[nodes[i]]++;
    free(at);
    free(nodes);
    return told;
}
