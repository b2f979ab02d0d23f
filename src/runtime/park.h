/*
 * Sleeping in the kernel and being woken, by plain futex.
 *
 * A parker is where one thread sleeps. The sleeper shows that it is about to sleep, looks once more
 * whether there is a reason to stay awake, and only then sleeps. Whoever makes such a reason does
 * so first and looks at the parker second. Both sides use sequentially consistent operations for
 * these steps, so at least one sees the other, and no wake-up is lost:
 *
 *     sleeper                       waker
 *     ps_parker_take(parker)        make the reason (seq_cst)
 *     reason? (seq_cst)             ps_parker_call(parker, ...)
 *     yes: ps_parker_leave(parker)
 *     no:  ps_parker_sleep(parker)
 *
 * take, leave, sleep: the parker's owner only. call: any thread. A parker must outlive its callers.
 */
#ifndef PS_PARK_H
#define PS_PARK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define PS_FUTEX_NO_LIMIT UINT64_MAX

/* Sleeps while *word is `expected`, until the absolute CLOCK_MONOTONIC time in ns. 0 woken (or no
 * reason at all), -EAGAIN the word was another, -ETIMEDOUT, -EINTR a signal handler ran. */
int ps_futex_wait(_Atomic uint32_t *word, uint32_t expected, uint64_t deadline_ns);
/* The same without a limit, which costs the kernel a timer; for threads that handle no signals. */
void ps_futex_sleep(_Atomic uint32_t *word, uint32_t expected);
void ps_futex_wake(_Atomic uint32_t *word, unsigned count);

enum ps_parker_state {
    PS_PARKER_AWAKE,
    PS_PARKER_PARKED,
    PS_PARKER_CALLED, /* as AWAKE, but the owner still has to take note that it was called */
};

struct ps_parker {
    _Atomic uint32_t state;
};

static inline void ps_parker_take(struct ps_parker *s)
{
    /* seq_cst: before the owner's last look at its reasons, see above. */
    atomic_store_explicit(&s->state, PS_PARKER_PARKED, memory_order_seq_cst);
}

/* Each returns whether the parker was called as CALLED, and leaves it AWAKE. */
bool ps_parker_leave(struct ps_parker *s);
bool ps_parker_sleep(struct ps_parker *s);

/* Wakes the owner if it is parked; `as` is AWAKE or CALLED. True where this call did it: of several
 * callers only one does. */
bool ps_parker_call_parked(struct ps_parker *s, enum ps_parker_state as);

static inline bool ps_parker_call(struct ps_parker *s, enum ps_parker_state as)
{
    /* seq_cst: after the caller made its reason, pairs with ps_parker_take. */
    return atomic_load_explicit(&s->state, memory_order_seq_cst) == PS_PARKER_PARKED &&
           ps_parker_call_parked(s, as);
}

#endif
