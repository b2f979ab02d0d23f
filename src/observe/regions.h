/* Regions that a program marks itself (include/parscope/region.h): read while it runs, and joined
 * with the timeline. What is read is never trusted: nothing in it is an address or a size.
 *
 * The file is one of ours without a name, of a size that can't be changed, which the program opens
 * below /proc: nothing of it is left, whatever happens to us. */
#ifndef PS_REGIONS_H
#define PS_REGIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record.h"
#include "timeline.h"

#define PS_REGIONS_MOST  64 /* names; those that come later share the last row */
#define PS_REGIONS_DEPTH 64

/* Times in ns. A region that is open several times in a thread counts once. */
struct ps_region {
    char name[200]; /* harmless */
    uint64_t entries;
    uint64_t time;                   /* in sum over its threads, by the program's own clock calls */
    uint64_t wall;                   /* with at least one thread in it */
    uint64_t on_cpu;                 /* of its threads, in sum */
    uint64_t runnable;               /* likewise, waiting for a CPU */
    uint64_t alone;                  /* on a CPU, while no other thread of the program was */
    uint32_t open, running, waiting; /* threads in it now; of which on a CPU; runnable */
};

struct ps_regions;

/* -errno where the system has no such file. */
int ps_regions_create(struct ps_regions **r);
void ps_regions_destroy(struct ps_regions *r); /* accepts NULL */
/* For the program's environment, as PARSCOPE_REGIONS. */
const char *ps_regions_path(const struct ps_regions *r);
/* Reads what was written; before the records of the same time are taken. t: whose threads that have
 * ended give their place back. */
void ps_regions_read(struct ps_regions *r, const struct ps_timeline *t);
/* To be called before and after the timeline takes the record. */
void ps_regions_before(struct ps_regions *r, const struct ps_timeline *t, uint64_t time);
void ps_regions_after(struct ps_regions *r, const struct ps_timeline *t,
                      const struct ps_record *record);
/* After the last record: takes what is left, and ends what is open. */
void ps_regions_end(struct ps_regions *r, const struct ps_timeline *t);
/* The rows, and how many regions had no room. */
const struct ps_region *ps_regions_rows(const struct ps_regions *r, size_t *count, uint64_t *lost);
/* A bit for each row that the thread is in now. */
uint64_t ps_regions_of(const struct ps_regions *r, pid_t tid);
/* The row and 1 of the region that it began last and has not ended; 0: it is in none. */
uint32_t ps_regions_innermost(const struct ps_regions *r, pid_t tid);

#endif
