/*
 * Which worker does which items of a loop, by OpenMP's names: static, an equal share each (with a
 * chunk: every workers-th chunk); dynamic, chunks on demand (shares.h); guided, chunks on demand
 * that shrink with what is left.
 */
#ifndef PS_SCHEDULE_H
#define PS_SCHEDULE_H

#include "shares.h"

enum ps_schedule_kind { PS_SCHEDULE_STATIC, PS_SCHEDULE_DYNAMIC, PS_SCHEDULE_GUIDED };

struct ps_schedule {
    enum ps_schedule_kind kind;
    unsigned workers;
    uint64_t chunk; /* 0: one share each; only static */

    PS_ALIGNED _Atomic uint64_t next; /* item that nobody has taken; guided */
    struct ps_shares shares;          /* dynamic */
};

/* chunk 0 is 1 where chunks are taken on demand. -ENOMEM. */
int ps_schedule_init(struct ps_schedule *s, enum ps_schedule_kind kind, uint64_t chunk,
                     const struct ps_near *near, double tick_ns);
void ps_schedule_finish(struct ps_schedule *s);

/* Before any worker comes; the caller then publishes the loop, whose chunk is s->chunk. */
void ps_schedule_start(struct ps_schedule *s);
/* Does the worker's items of the loop and returns their number. Each worker has to come once. */
uint64_t ps_schedule_run(struct ps_schedule *s, const struct ps_loop *loop,
                         struct parscope_worker *w);

#endif
