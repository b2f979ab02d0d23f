/* One observed execution, and the sums of all of them. Internal to this layer. */
#ifndef PS_EPISODE_H
#define PS_EPISODE_H

#include "arena.h"
#include "folded.h"
#include "losses.h"
#include "observer.h"
#include "module_rows.h"
#include "region_rows.h"
#include "spin_sites.h"
#include "symbols.h"
#include "thread_rows.h"
#include "turns.h"

#define NEAR 1.5 /* sampling periods, within which another thread's sample tells what it did */

struct ps_diagnoser {
    struct ps_arena *arena;
    struct ps_symbols *symbols;
    double cores;
    struct rows code, losses;
    size_t executions, samples, looks, lost, hidden;
    double wall, cpu, used, system, unrecorded, displaced, brief, alone, spun, sampled;
    double beside,
        beside_idle; /* s of samples of work while several ran; of which the others spun */
    double calling;  /* of sampled, in functions that do nothing but call the kernel */
    size_t calls;    /* how many samples those are */
    double faults;   /* pages */
    bool threaded;   /* a process had several threads */
    double first, most_first, further; /* s of CPU time of the processes' first threads, of the
                                          busiest of these, and of all other threads */
    bool kernel;                       /* samples were taken in the kernel too, in each execution */
    /* core-seconds that wait for the work of others, and have no row yet: while one thread worked,
     * and several */
    double behind_none, behind_one, behind_several;
    double *running;
    size_t running_count;
    struct ps_diagnosis_strip strip;
    struct region_rows regions;
    struct thread_rows threads;
    struct module_rows modules;
    struct spin_sites sites;
    struct turns turns;
    struct ps_folded *folded; /* NULL: nobody wants them */
};

/* One execution, its stacks told. */
struct episode {
    struct ps_diagnoser *d;
    const struct ps_observation *n;
    struct place_of *samples, *waits;
    size_t *spaces;  /* the symbols' index of each space */
    bool *companion; /* of each of the timeline's threads: its process is one of several at once
                        that the same one started */
    bool companions; /* there are such */
    double *weights; /* s of CPU time that each sample stands for */
    double weight;   /* of them, that of the sample at hand */
};

/* False: no memory; to be closed all the same. */
bool episode_open(struct episode *x);
void episode_close(struct episode *x);
/* So many sampling periods in ns; only one sample in `step` may have been kept. */
uint64_t episode_ns(const struct episode *x, double periods);
static inline uint64_t episode_distance(uint64_t a, uint64_t b)
{
    return a < b ? b - a : a - b;
}
/* CPU time, and page faults, by place. */
void episode_add_samples(struct episode *x);
void episode_add_faults(struct episode *x);

/* looks.c: what cores without work waited for. */
void looks_add(struct episode *x);
/* After the last execution: what ran most of the time while others waited for that lock; NULL: not
 * known. */
const struct row *looks_holder(const struct row *lock);
/* Likewise: what the looks themselves could not tell. */
void looks_share_rest(struct ps_diagnoser *d);

/* spins.c: threads that spin while they wait, for whose work is told by what the others did at that
 * moment. */
/* The i-th sample, which spins. */
void spins_add(struct episode *x, size_t i);
/* The i-th sample, which is of work in the row r: whether others spun at that moment. */
void spins_weigh(const struct episode *x, size_t i, struct row *r);
/* After the last execution: what only one thread at a time does within a region is no share of it.
 */
void spins_find_single(struct ps_diagnoser *d);

#endif
