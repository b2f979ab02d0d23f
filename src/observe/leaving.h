/* Threads that exit, in the order in which they are gone. */
#ifndef PS_LEAVING_H
#define PS_LEAVING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct ps_leaving {
    struct ps_leaving_thread {
        uint64_t gone;
        pid_t tid;
    } * leaving;
    size_t count, room;
};

void ps_leaving_free(struct ps_leaving *l);
/* False: no memory. */
bool ps_leaving_add(struct ps_leaving *l, pid_t tid, uint64_t gone);
/* Takes the first one out, if it is gone until then. */
bool ps_leaving_take(struct ps_leaving *l, uint64_t until, pid_t *tid, uint64_t *gone);

#endif
