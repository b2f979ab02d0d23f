/* The CPU time that the kernel charges processes with, against the records of the same time. The
 * charge is more: what a switch takes, from the record of who loses the CPU to that of who gets it,
 * and what a process did before its first record. */
#ifndef PS_CHARGES_H
#define PS_CHARGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "ids.h"
#include "timeline.h"

struct ps_charge {
    pid_t pid;
    uint64_t time, ns;     /* of the last look, CLOCK_MONOTONIC; its CPU time then */
    bool open;             /* the records until then are not known yet */
    bool reused;           /* now it is another process, which is not told from the first one */
    int64_t more;          /* ns that the charge was more than the records */
    int64_t older, recent; /* likewise, the most in some looks each */
    unsigned looks;        /* that were settled */
    int64_t first; /* likewise, at the first look, where what was before it does not count */
};

struct ps_charges {
    struct ps_ids ids; /* pid to an index of charges */
    struct ps_charge *charges;
    size_t count, room;
    bool from_now;   /* the processes ran already */
    uint64_t oldest; /* time of the first that is open; UINT64_MAX: none is */
};

void ps_charges_init(struct ps_charges *c, bool from_now);
void ps_charges_free(struct ps_charges *c);
/* Reads that of a process, which is in the timeline, unless it was read a moment ago. 0: none. */
void ps_charges_look(struct ps_charges *c, pid_t pid);
/* Before the timeline takes a record of that time; UINT64_MAX: after the last one. */
void ps_charges_settle(struct ps_charges *c, const struct ps_timeline *t, uint64_t time);
/* s that were charged and are in no record, when they were last read, all together. */
double ps_charges_unrecorded(const struct ps_charges *c);

#endif
