/*
 * Threads that are new in every region, one for each worker, each with an equal share: what the
 * strategies have in common that differ only in who creates whom (spawn, spawn-tree).
 */
#ifndef PS_SPAWNED_H
#define PS_SPAWNED_H

#include "region.h"

struct ps_spawned_worker {
    PS_ALIGNED struct parscope_worker abi;
    struct ps_spawned *spawned;
    pthread_t thread;
    /* Of the region and of all that this worker created; read after joining the thread. */
    uint64_t max_busy; /* ticks */
    int err;
};

/* The beginning of a strategy's struct. */
struct ps_spawned {
    struct ps_instance base;
    struct ps_spawned_worker *workers;
    pthread_attr_t *attrs; /* per worker */

    /* The region. */
    parscope_range_fn *body;
    void *arg;
    uint64_t n;
};

/* What threads that are created anew need, for each worker of the instance: an array of structs of
 * `size` bytes, not yet set, and attributes. NULL with *err. For free() and ps_team_attrs_free().
 */
void *ps_spawned_workers(const struct ps_instance *base, size_t size, pthread_attr_t **attrs,
                         int *err);

/* init and finish of the strategy. */
int ps_spawned_init(struct ps_instance *base, const union parscope_value *options,
                    struct ps_err *e);
void ps_spawned_finish(struct ps_instance *base);

/* Creates the thread of worker i, which runs fn(its struct ps_spawned_worker). 0 or -errno. */
int ps_spawned_create(struct ps_spawned *s, unsigned i, void *(*fn)(void *worker));
/* Does the worker's share; its max_busy is then its own busy time. */
void ps_spawned_share(struct ps_spawned_worker *w);

#endif
