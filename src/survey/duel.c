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
    uint64_t begin, end;
};

/* ball: member 0 writes odd numbers, member 1 answers each with the next even one. */
struct duel {
    PS_ALIGNED _Atomic uint32_t ball;
    PS_ALIGNED _Atomic unsigned arrived;
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
    ps_team_start(d->team, first, count, fn, d);
    while (ps_team_wait(d->team, 0) < 0)
        ;
}

/* Both set out together. The one that waits gives its CPU away now and then: the other one may want
 * the same. Relaxed: no data passes here. */
static void meet(struct duel *d)
{
    unsigned spins = 0;

    atomic_fetch_add_explicit(&d->arrived, 1, memory_order_relaxed);
    while (atomic_load_explicit(&d->arrived, memory_order_relaxed) < d->parties) {
        ps_cpu_relax();
        if (++spins % SPINS == 0)
            sched_yield();
    }
}

static void run_window(void *arg, unsigned member)
{
    struct duel *d = arg;
    const struct kernel *k = d->kernel;
    struct side *s = &d->sides[member];
    uint64_t cpu, turns = 0;

    k->run(BATCH_TURNS);
    meet(d);
    cpu = ps_thread_cpu_ns();
    s->begin = ps_now_ns();
    do {
        k->run(BATCH_TURNS);
        turns += BATCH_TURNS;
        s->end = ps_now_ns();
    } while (s->end - s->begin < DUEL_WINDOW_NS);
    s->window = (struct pair_window){
        .operations = (double)turns * k->per_turn,
        .wall_ns = (double)(s->end - s->begin),
        .cpu_ns = (double)(ps_thread_cpu_ns() - cpu),
    };
}

static double overlap(const struct side *a, const struct side *b)
{
    const uint64_t from = a->begin > b->begin ? a->begin : b->begin;
    const uint64_t to = a->end < b->end ? a->end : b->end;

    return to > from ? (double)(to - from) / fmin(a->window.wall_ns, b->window.wall_ns) : 0;
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
    out->overlap = overlap(&d->sides[0], &d->sides[1]);
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
