/* The memory that workloads get (parscope_alloc). It can be shared with processes forked later, and
 * be a process's own again. */
#ifndef PS_MEMORY_H
#define PS_MEMORY_H

#include <stdbool.h>

#include <parscope/workload.h>

struct ps_homes;
struct ps_memory_block;

/* Pass &memory->abi to create(). For one thread at a time. */
struct ps_memory {
    struct parscope_memory abi; /* first */
    struct ps_memory_block *blocks;
    const struct ps_homes *homes; /* whose CPUs touch all that comes; NULL: who uses it */
};

void ps_memory_init(struct ps_memory *m);
/* Frees all that was allocated. */
void ps_memory_finish(struct ps_memory *m);

/* Both keep addresses and contents, and return 0 or -errno; nobody else may use the memory
 * meanwhile. share: processes forked from now on see the same. own: this process has its own from
 * now on, as if it had been sent the data. */
int ps_memory_share(struct ps_memory *m);
int ps_memory_own(struct ps_memory *m);
/* The same of the one allocation that `at` points into; 0 where it points into none. */
int ps_memory_own_block(struct ps_memory *m, const void *at);

/* Adds to on[node] those of a sample of all pages that lie on it, as ps_pages_count(). */
bool ps_memory_count_pages(const struct ps_memory *m, size_t *on);

#endif
