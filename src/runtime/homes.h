/*
 * Where the data of workloads lie. A page lies on the NUMA node of the CPU that touches it first;
 * so new memory is touched from the CPUs of the workers that will use it, each an equal share, as
 * they share out the items of a range. What fills it later, on any CPU, no longer changes that.
 */
#ifndef PS_HOMES_H
#define PS_HOMES_H

#include <stdbool.h>
#include <stddef.h>

/* Workers first .. end-1, which are on one node. */
struct ps_home {
    int cpu; /* of one of them, OS number */
    unsigned first, end;
};

struct ps_homes {
    struct ps_home *homes;
    unsigned count; /* 0: all are on one node, or may move to another */
    unsigned workers;
};

struct ps_topology;

/* cpus[i]: OS number of worker i's CPU, -1: not pinned. -ENOMEM. */
int ps_homes_init(struct ps_homes *h, const struct ps_topology *t, const int *cpus,
                  unsigned workers);
void ps_homes_finish(struct ps_homes *h);

/* The pages of a home, of so many. */
struct ps_page_range {
    size_t begin, end;
};

struct ps_page_range ps_home_pages(const struct ps_homes *h, const struct ps_home *home,
                                   size_t pages);

/* Touches memory that nobody has touched, of whole pages; it stays zero. The calling thread goes
 * to the CPUs of the homes and has its own again at the end. Where the system refuses that, the
 * rest is touched by who uses it. */
void ps_homes_touch(const struct ps_homes *h, char *start, size_t bytes);

#define PS_NODES 1024 /* as many as Linux can have */

/* Adds to on[node] how many of a sample of the pages lie on it: at most `most`, spread evenly.
 * Pages that nobody touched are not counted. False where the system doesn't tell. */
bool ps_pages_count(char *start, size_t bytes, size_t most, size_t on[PS_NODES]);

#endif
