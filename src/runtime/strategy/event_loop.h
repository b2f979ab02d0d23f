/* What the two parts of event-loop share: a loop, and the slots of its pool's threads. */
#ifndef PS_EVENT_LOOP_H
#define PS_EVENT_LOOP_H

#include <uv.h>

#include "region.h"

struct loop;

enum compute { POOL, LOOP };

struct worker {
    PS_ALIGNED struct parscope_worker abi;
    struct loop *loop;
    uint64_t busy; /* ticks of the region */
    uint64_t mark; /* ticks; busy since then, in a tree */
    bool took_part;
    struct ps_parker parker;
};

struct fork;

/* An item that is begun: in the pool, or with `left` waits. */
struct flight {
    uv_work_t work;
    struct loop *loop;
    uint64_t item;
    unsigned left;
};

/* A wait of an item; timers are closed before they are used again. */
struct timer {
    uv_timer_t timer;
    struct flight *flight;
    unsigned k;
    uint64_t end_ns;
    struct timer *next; /* of those not used */
};

struct loop {
    struct ps_instance base;
    struct worker *workers;
    enum compute compute;
    uint64_t inflight;
    uint64_t created;         /* ticks: what tells this instance from one that was at its address */
    _Atomic unsigned threads; /* of the pool that have come here */
    uv_loop_t loop;
    uv_idle_t turn; /* compute=loop */
    struct timer *unused;
    uv_async_t forked; /* calls the loop for `forks` */
    bool tree;         /* a root is under way; the loop's */
    _Atomic(struct fork *) forks;
    _Atomic uint64_t flying; /* forks that are not freed */
    /* Of the region; the pool's threads read body and arg, which the loop's lock publishes. */
    parscope_range_fn *body;
    parscope_task_fn *task;
    const struct parscope_waits *waits;
    void *arg;
    uint64_t n, begun;
    int err;
};

/* The worker that this thread of the pool is. */
struct worker *ps_loop_self(struct loop *l);
/* Adds to its slot what it was busy since `start` (ticks). */
void ps_loop_account(struct loop *l, struct worker *w, uint64_t start);
/* Of a region: before its first item, and after its last, where it gives the ticks of the busiest.
 */
void ps_loop_begin(struct loop *l, uint64_t n, void *arg);
uint64_t ps_loop_max_busy(struct loop *l);

/* Trees, event_loop_tree.c. The loop listens as long as it lives. 0 or negative errno. */
int ps_loop_listen(struct loop *l);
void ps_loop_join(struct parscope_worker *abi, parscope_task_fn *f, void *f_arg,
                  parscope_task_fn *g, void *g_arg);
int ps_loop_root(struct parscope_exec *x, parscope_task_fn *task, void *arg);

#endif
