/* How busy others keep the machine as a run begins. The look overlaps with setting up, warming up
 * and the first rounds, whose own CPU time is taken out. A tick is 10 ms, so less than 50 ms say
 * nothing. Internal to this layer. */
#ifndef PS_LOOK_H
#define PS_LOOK_H

#include "session.h"

struct look {
    uint64_t begin_ns;
    double own; /* s of CPU time that this process and its children had used */
    bool over;
};

/* Before anything is set up. Where our own load can't be told from that of others, the whole look
 * is now, and takes its time. */
void look_begin(struct session *s, struct look *l);
/* Between trials: ends it, once it was long enough. */
void look_go_on(struct session *s, struct look *l);
/* After the last round, or what came in its place, however long it was; where there may be others,
 * it goes on until that is certain, but not for a number of executions of a program. */
void look_end(struct session *s, struct look *l);

#endif
