/* Some executions of a workload in a row, as one trial of its instance. Internal to this layer. */
#ifndef PS_PART_H
#define PS_PART_H

#include "session.h"
#include "ticks.h"

/* Some executions in a row. */
struct part {
    const struct session *session;
    struct target *target;
    uint64_t reps;
    double gap;                     /* s of idleness before each execution */
    struct ps_counter_group *group; /* of the caller, NULL: not counted */
    uint64_t done;
    double items; /* really done, where the workload tells */
    uint64_t wall_ns;
    int error;
    struct ps_tick_mark begin, end;
};

/* reps executions, each after `gap` s of idleness; counted by the target's groups, which are reset
 * before, where `counted`. The counts are in the groups, the times and the accounts of the slots in
 * *out and the instance. A negative errno with its cause in the session's error. */
int part_run(struct session *s, struct target *t, uint64_t reps, double gap, bool counted,
             struct part *out);
/* How many executions it amounts to; NaN where nothing was done. */
double part_executions(const struct part *p);
/* s of one of those. */
double part_wall(const struct part *p);
/* s that one execution takes, however much it does. */
double part_time(const struct part *p);
/* s of one tick of the slots' accounts. */
double part_tick(const struct part *p);

#endif
