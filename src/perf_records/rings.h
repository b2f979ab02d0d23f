/* perf_records/: what the kernel records of an observed program. Comes in: who starts the program
 * (here), or threads that run already (existing.h). Goes out: one record after the other
 * (record.h), decoded (decode.h) and in the order of time (merge.h).
 *
 * What the kernel tells of a process tree while it runs, without privileges and without a PMU: who
 * is on a CPU when, where in the code, what is mapped. One perf event per CPU of cpu-clock, with
 * records of switches, births, names and mappings, inherited from the process that starts the tree,
 * enabled by its exec; one of page faults into the same ring. */
#ifndef PS_RINGS_H
#define PS_RINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "ends.h"
#include "err.h"
#include "record.h"

struct ps_rings;

struct ps_rings_request {
    pid_t pid;           /* that starts the tree; 0: the caller */
    double period;       /* s of CPU time between samples of a thread */
    bool running;        /* pid is to be seen itself, with all its threads, from now on */
    uint64_t faults;     /* page faults: one in so many is told; 0: none */
    size_t most_pages;   /* of each ring; 0: as many as may be had */
    uint32_t stack_size; /* bytes of stack copied with each sample; 0: no registers either */
};

/* Opens on all CPUs that are online. Where the locked memory does not suffice for full rings, they
 * are smaller. -EACCES, -EPERM, -EMFILE, ..., with a text that says what would mend it
 * (perf_event_paranoid, a seccomp filter, `ulimit -l`). */
int ps_rings_open(const struct ps_rings_request *q, struct ps_rings **r, struct ps_err *e);
void ps_rings_close(struct ps_rings *r); /* accepts NULL */

/* Hands over, in the order of time, all records up to a moment just before the call; all there are
 * where `last`. What the record points to is valid during the call only. To be called at least
 * every 20 ms or so: a ring holds half a megabyte at most. Returns the bytes taken. */
size_t ps_rings_drain(struct ps_rings *r, bool last, ps_record_fn *fn, void *arg);
/* Asked, with the drain's arg, of each EXIT; for those ends that somebody shows, records from there
 * on are held back until one of it comes, a child's for 50 ms at most. */
typedef enum ps_end_shown ps_rings_end_fn(void *arg, const struct ps_record *exit);
void ps_rings_ask_ends(struct ps_rings *r, ps_rings_end_fn *ask);
/* When the caller saw the end of the process that it started, ns; before the last drain. */
void ps_rings_tell_end(struct ps_rings *r, uint64_t time);
/* The share of the fullest ring at the last drain, 0..1: who drains can come sooner. */
double ps_rings_fullest(const struct ps_rings *r);
/* Samples are taken in the kernel too: it permits that. */
bool ps_rings_see_kernel(const struct ps_rings *r);

#endif
