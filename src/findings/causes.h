/* What cost a program its speedup, before it is put in words. Internal to this layer. */
#ifndef PS_CAUSES_H
#define PS_CAUSES_H

#include "cause_words.h"
#include "finding.h"

/* A second of a function's CPU time: page faults are what it does then, at a microsecond and more
 * each. */
#define DENSE_FAULTS 20000

/* A place that cost `cores`. */
struct cause {
    int kind; /* enum ps_loss_kind, or enum cause_kind */
    const struct ps_place *place;
    const char *object;
    double cores, times;           /* times: of the reference's CPU time, or pages; NaN */
    const struct ps_place *waiter; /* where those waited that had no work; NULL */
    double most;                   /* cores of the part that place and waiter are of */
    const char *beside;            /* what more is to be told of it; NULL */
    const struct ps_place *holder; /* of a lock; NULL: not known */
    bool told;
};

struct causes {
    struct cause *list;
    size_t count;
    const struct ps_diagnosis *own, *base; /* as timed; base: of the reference; NULL */
    const struct ps_point *point;
    double p;
    double brief;      /* cores, of waits too brief to be looked at, that belong to no cause yet */
    unsigned runtimes; /* that it has loaded */
    bool counters;     /* there are hardware counters to be asked */
    const struct ps_point *base_point; /* NULL: there is none */
    double yielded;       /* s of kernel time beyond the reference's, in waiting loops */
    bool repeats;         /* some functions take as many times the CPU time as there are threads */
    double *excess;       /* s of kernel time beyond the reference's, of each row of own's code */
    bool asked_for_names; /* it was said how to have those of an interpreted program */
    const struct ps_place *faults; /* where most pages are touched first; NULL: there are few */
};

/* Adds to what a cause cost at its place. */
void causes_grow(struct cause *x, double cores);
/* Where threads wait for a lock, what they try it with belongs to the same cause. NULL: there is
 * none. */
struct cause *causes_lock_at(struct causes *c, const struct ps_place *p);
/* Of a kind the one that cost most; NULL: there is none. */
struct cause *causes_largest(const struct causes *c, int kind);
/* The lock that CPU time at a place beyond that with one thread is of: there, or the largest where
 * it is given back there; NULL: of none. */
struct cause *causes_lock_of(struct causes *c, const struct ps_place *p);
/* Page faults cost more because more memory is touched, not because each of them takes longer. */
bool causes_of_more_pages(const struct cause *x);
/* Nobody waits in it: it wakes who does. */
bool causes_gives_back(const struct ps_place *p);
/* Brief waits, which looks do not meet, are those of the locks around what seemed uneven. */
void causes_add_brief(struct ps_arena *a, struct causes *c);
/* What was seen of a lock where it is given back belongs to where it is taken. */
void causes_join_given_back(struct causes *c);
/* Threads that wait at a barrier for a moment, many times, and are slower than one, have no uneven
 * shares: the barrier costs more than the work between. */
void causes_find_small_steps(struct causes *c);
/* Uneven shares around a lock, or around what hands out work, are its. */
void causes_join_locks(struct causes *c);
/* One cause for all places that threads which take turns wait at. */
void causes_join_turns(struct ps_arena *a, struct causes *c);
/* One cause for what waits for a garbage collection. */
void causes_join_collector(struct ps_arena *a, struct causes *c);
/* One cause for what waits for Java's monitors. */
void causes_join_monitors(struct ps_arena *a, struct causes *c);
/* What mends it. */
const char *causes_mend(const struct causes *c, const struct cause *x);
/* Of a kind in the same function, or told in the same words: one cause. */
void causes_join_functions(struct ps_arena *a, struct causes *c);
/* Says the largest: all of them cost no more than was lost. Returns what those that are told cost;
 * lost: NaN, not known. */
double causes_say(struct ps_result *r, struct causes *c, double lost);
/* The largest first. */
void causes_sort(struct causes *c);
/* Threads of one address space do the work; beside processes that do, some may have a few. */
bool causes_share_memory(const struct causes *c);
/* Cores that were not in use. */
double causes_waiting(const struct causes *c);
/* Of which the observed executions can tell: they may have waited less. */
double causes_seen_waiting(const struct causes *c, const struct ps_diagnosis *observed);
/* Observed executions, with the CPU time and the wall time of the timed ones at the point: one
 * that met a slow moment of the machine would else count as more work, or as less. What is not
 * known there stays as it is. work: times theirs, that the CPU time of as much is (--weak). */
const struct ps_diagnosis *causes_as_timed(struct ps_arena *a, const struct ps_diagnosis *observed,
                                           const struct ps_point *p, double work);
/* Unless it cost nothing. */
void causes_add(struct ps_arena *a, struct causes *c, struct cause x);
/* s; 0 where the place was not seen. */
double causes_cpu_of(const struct ps_diagnosis *d, const struct ps_place *p);
bool causes_dense_faults(const struct ps_code_row *r);
/* Work that each thread does again, where that can be told from waiting for memory: to be known
 * before the excess is added; and whether a place is of it. */
bool causes_find_repeated(const struct causes *c);
bool causes_is_repeated(const struct causes *c, const struct ps_place *p);
/* "pthread_create", "std::async". */
bool causes_starts_threads(const struct ps_place *p);
/* More new threads a second than a program keeps. */
bool causes_many_threads(const struct ps_diagnosis *own);

/* "pthread_mutex_unlock", "std::lock_guard", and neither "clock_nanosleep" nor "flock". NULL: not.
 */
bool causes_of_lock(const char *library);
/* "pthread_cond_wait", "sem_wait". NULL: not. */
bool causes_of_signal(const char *library);
/* "malloc", "operator new(unsigned long)". NULL: not. */
bool causes_of_allocator(const char *library);

/* cause_excess.c, after the losses: CPU time beyond that with one thread; of pages that are touched
 * for the first time: see causes_add_kernel(). */
void causes_add_excess(struct ps_arena *a, struct causes *c);
/* Threads that are over in no time have hardly any samples: one that stands for so much tells
 * nothing. */
bool causes_thin(const struct ps_diagnosis *d);

/* cause_kernel.c, after the locks: kernel time beyond that with one thread, by system calls, and
 * what page faults cost. */
void causes_add_kernel(struct ps_arena *a, struct causes *c);

#endif
