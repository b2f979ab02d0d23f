#include "linger.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "reap.h"
#include "thread_sampler.h"
#include "ticks.h"
#include "usage.h"

#define INTERVAL   20000000 /* ns between looks at what is left */
#define IDLE_LOOKS 3        /* in a row without a thread that wants a CPU */

/* Our own thread, which looks, is always running. */
static bool anyone_computes(struct ps_thread_sampler *s)
{
    const size_t idle = s->seen[0] + s->seen[1];
    const pid_t own = getpid();

    ps_thread_sampler_sample(s, &own, 1);
    return s->seen[0] + s->seen[1] == idle;
}

static void wait_for_end(void)
{
    struct timespec t = {0, INTERVAL};
    sigset_t mask;

    sigprocmask(SIG_SETMASK, NULL, &mask);
    sigdelset(&mask, SIGCHLD);
    ppoll(NULL, 0, &t, &mask);
}

static bool stop_asked(const atomic_int *interrupted)
{
    /* Set by a signal handler, which publishes nothing else. */
    return interrupted && atomic_load_explicit(interrupted, memory_order_relaxed);
}

void ps_linger(double seconds, const atomic_int *interrupted, struct ps_child_usage *u)
{
    const uint64_t deadline = ps_now_ns() + (uint64_t)(seconds * 1e9);
    struct ps_thread_sampler *s = malloc(sizeof *s);
    unsigned idle = 0;

    ps_usage_collect(u);
    if (s)
        ps_thread_sampler_init(s, NULL, 0, 0);
    while (s && ps_reap_needed() && idle < IDLE_LOOKS && ps_now_ns() < deadline &&
           !stop_asked(interrupted)) {
        idle = anyone_computes(s) ? 0 : idle + 1;
        wait_for_end();
        ps_usage_collect(u);
    }
    free(s);
}
