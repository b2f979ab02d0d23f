#include "duel.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "cacheline.h"
#include "team.h"
#include "ticks.h"

enum { BATCH_TURNS = 512, SPINS = 1024 };
enum { TRIPS = 200, BATCHES = 12 };
#define STOP          UINT32_MAX
#define TRIP_LIMIT_NS 30000000u

/* One thread's window, in a line of its own. */
struct side {
    PS_ALIGNED struct pair_window window;
};

/* ball: member 0 writes odd numbers, member 1 answers each with the next even one. */
struct duel {
    PS_ALIGNED _Atomic uint32_t ball;
    PS_ALIGNED _Atomic unsigned arrived;
    _Atomic uint64_t moment; /* ns, when the last one arrived; 0: not yet */
    PS_ALIGNED struct ps_team *team;
    const struct kernel *kernel;
    unsigned parties;
    double trip;
    struct side sides[2];
};

int duel_create(int first, int second, struct duel **out, struct ps_err *e)
{
    const int cpus[2] = {first, second};
    struct duel *d = aligned_alloc(_Alignof(struct duel), sizeof *d);
    int err;

    if (!d)
        return ps_fail(e, ENOMEM, "out of memory");
    memset(d, 0, sizeof *d);
    err = ps_team_create(cpus, 2, true, &d->team, e);
    if (err < 0) {
        free(d);
        return err;
    }
    *out = d;
    return 0;
}

void duel_destroy(struct duel *d)
{
    ps_team_destroy(d->team);
    free(d);
}

static void start(struct duel *d, unsigned first, unsigned count, ps_member_fn *fn)
{
    d->parties = count;
    atomic_store_explicit(&d->arrived, 0, memory_order_relaxed);
    atomic_store_explicit(&d->moment, 0, memory_order_relaxed);
    ps_team_start(d->team, first, count, fn, d);
    while (ps_team_wait(d->team, 0) < 0)
        ;
}

/* Both set out at one moment, that when the last one arrived: who shares its CPU with the other one
 * has lost what it waited from there on. The one that waits gives its CPU away now and then: the
 * other one may want the same. Relaxed: the moment itself is all that is passed. */
static uint64_t meet(struct duel *d)
{
    unsigned spins = 0;
    uint64_t moment;

    if (atomic_fetch_add_explicit(&d->arrived, 1, memory_order_relaxed) + 1 == d->parties) {
        moment = ps_now_ns();
        atomic_store_explicit(&d->moment, moment, memory_order_relaxed);
        return moment;
    }
    while ((moment = atomic_load_explicit(&d->moment, memory_order_relaxed)) == 0) {
        ps_cpu_relax();
        if (++spins % SPINS == 0)
            sched_yield();
    }
    return moment;
}

static void run_window(void *arg, unsigned member)
{
    struct duel *d = arg;
    const struct kernel *k = d->kernel;
    uint64_t begin, cpu, now, turns = 0;

    k->run(BATCH_TURNS);
    begin = meet(d);
    cpu = ps_thread_cpu_ns();
    while ((now = ps_now_ns()) - begin < DUEL_WINDOW_NS) {
        k->run(BATCH_TURNS);
        turns += BATCH_TURNS;
    }
    d->sides[member].window = (struct pair_window){
        .operations = (double)turns * k->per_turn,
        .wall_ns = (double)(now - begin),
        .cpu_ns = (double)(ps_thread_cpu_ns() - cpu),
    };
}

void duel_round(struct duel *d, const struct kernel *k, struct pair_sample *out)
{
    d->kernel = k;
    for (unsigned i = 0; i < 2; i++) {
        start(d, i, 1, run_window);
        out->alone[i] = d->sides[i].window;
    }
    start(d, 0, 2, run_window);
    for (unsigned i = 0; i < 2; i++)
        out->together[i] = d->sides[i].window;
}

/* Relaxed: the ball itself is all that is passed. */
static void answer_ball(struct duel *d)
{
    for (;;) {
        uint32_t seen = atomic_load_explicit(&d->ball, memory_order_relaxed);

        if (seen == STOP)
            return;
        if (seen & 1)
            atomic_store_explicit(&d->ball, seen + 1, memory_order_relaxed);
    }
}

/* One round trip; false where the time is up. */
static bool throw_ball(struct duel *d, uint32_t number, uint64_t deadline)
{
    unsigned spins = 0;

    atomic_store_explicit(&d->ball, number, memory_order_relaxed);
    while (atomic_load_explicit(&d->ball, memory_order_relaxed) == number)
        if (++spins % SPINS == 0 && ps_now_ns() > deadline)
            return false;
    return true;
}

static double throw_balls(struct duel *d)
{
    const uint64_t begin = ps_now_ns(), deadline = begin + TRIP_LIMIT_NS;
    uint32_t number = 1;
    double best = NAN;

    for (int batch = 0; batch < BATCHES; batch++) {
        const uint64_t from = ps_now_ns();

        for (int i = 0; i < TRIPS; i++, number += 2) {
            if (throw_ball(d, number, deadline))
                continue;
            return isnan(best) ? (double)(ps_now_ns() - begin) / fmax(1, number / 2) : best;
        }
        best = fmin(best, (double)(ps_now_ns() - from) / TRIPS);
    }
    return best;
}

static void play(void *arg, unsigned member)
{
    struct duel *d = arg;

    meet(d);
    if (member == 1) {
        answer_ball(d);
        return;
    }
    d->trip = throw_balls(d);
    atomic_store_explicit(&d->ball, STOP, memory_order_relaxed);
}

double duel_round_trip(struct duel *d)
{
    atomic_store_explicit(&d->ball, 0, memory_order_relaxed);
    start(d, 0, 2, play);
    return d->trip;
}
