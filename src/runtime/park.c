#include "park.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* About 30 years. A wait with a time limit is interrupted by every signal handler, one without
 * restarts after those with SA_RESTART; so there is always a limit. */
#define FAR_SECONDS 1000000000u

int ps_futex_wait(_Atomic uint32_t *word, uint32_t expected, uint64_t deadline_ns)
{
    struct timespec limit;

    if (deadline_ns == PS_FUTEX_NO_LIMIT) {
        clock_gettime(CLOCK_MONOTONIC, &limit);
        limit.tv_sec += FAR_SECONDS;
    } else {
        limit.tv_sec = (time_t)(deadline_ns / 1000000000u);
        limit.tv_nsec = (long)(deadline_ns % 1000000000u);
    }
    /* WAIT_BITSET takes an absolute time, WAIT a relative one. */
    if (syscall(SYS_futex, word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected, &limit, NULL,
                FUTEX_BITSET_MATCH_ANY) < 0)
        return -errno;
    return 0;
}

void ps_futex_sleep(_Atomic uint32_t *word, uint32_t expected)
{
    syscall(SYS_futex, word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, expected, NULL);
}

void ps_futex_wake(_Atomic uint32_t *word, unsigned count)
{
    syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, count);
}

/* Once called, a parker is its owner's alone: callers change it only from PARKED. */
static bool settle(struct ps_parker *s, uint32_t state)
{
    atomic_store_explicit(&s->state, PS_PARKER_AWAKE, memory_order_relaxed);
    return state == PS_PARKER_CALLED;
}

bool ps_parker_leave(struct ps_parker *s)
{
    uint32_t state = PS_PARKER_PARKED;

    /* acquire: on failure, pairs with the release half of the call. */
    if (atomic_compare_exchange_strong_explicit(&s->state, &state, PS_PARKER_AWAKE,
                                                memory_order_acquire, memory_order_acquire))
        return false;
    return settle(s, state);
}

bool ps_parker_sleep(struct ps_parker *s)
{
    uint32_t state;

    /* acquire: pairs with the release half of the call. */
    while ((state = atomic_load_explicit(&s->state, memory_order_acquire)) == PS_PARKER_PARKED)
        ps_futex_sleep(&s->state, PS_PARKER_PARKED);
    return settle(s, state);
}

bool ps_parker_call_parked(struct ps_parker *s, enum ps_parker_state as)
{
    uint32_t state = PS_PARKER_PARKED;

    /* The release half of seq_cst pairs with the owner's acquire in leave and sleep; more isn't
     * needed, as tests/models shows: the caller has looked by a seq_cst load before. */
    if (!atomic_compare_exchange_strong_explicit(&s->state, &state, as, memory_order_seq_cst,
                                                 memory_order_relaxed))
        return false;
    ps_futex_wake(&s->state, 1);
    return true;
}
