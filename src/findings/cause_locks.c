/* Locks: what else belongs to waiting for them. */
#include <math.h>
#include <string.h>

#include "cause_rest.h"
#include "causes.h"
#include "text.h"

/* Of uneven shares, that waiting for a lock in them must be to be their cause. */
#define OF_LOCK 0.25
/* Of what seemed alone, that brief waits are, so that the rest is as well. */
#define MOST_OF_IT 0.5
#define OF_PAGES   0.5  /* as OF_LOCK, where the lock is that of the address space */
#define OF_STEPS   0.25 /* of waiting at a barrier, that brief waits must be */
#define LEAST      1e-9 /* cores, of a lock that nobody was seen to wait for */

bool causes_of_lock(const char *library)
{
    static const char *const parts[] = {"mutex",       "rwlock",   "spin_lock",
                                        "lock_guard",  "mtx_",     "unique_lock",
                                        "shared_lock", "lll_lock", "Lock"};

    return ps_text_holds_any(library, parts, sizeof parts / sizeof *parts);
}

struct cause *causes_lock_at(struct causes *c, const struct ps_place *p)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->list[i].kind == PS_LOSS_LOCK &&
            ps_text_same(c->list[i].place->function, p->function) &&
            ps_text_same(c->list[i].place->library, p->library))
            return &c->list[i];
    return NULL;
}

struct cause *causes_largest(const struct causes *c, int kind)
{
    struct cause *most = NULL;

    for (size_t i = 0; i < c->count; i++)
        if (c->list[i].kind == kind && (!most || c->list[i].cores > most->cores))
            most = &c->list[i];
    return most;
}

bool causes_gives_back(const struct ps_place *p)
{
    return causes_of_lock(p->library) && (strstr(p->library, "unlock") || strchr(p->library, '~'));
}

static bool is_barrier(const struct ps_place *p)
{
    return p && p->library && strstr(p->library, "barrier");
}

struct cause *causes_lock_of(struct causes *c, const struct ps_place *p)
{
    struct cause *lock = is_barrier(p) ? causes_largest(c, SMALL_STEPS) : causes_lock_at(c, p);

    return lock || !causes_gives_back(p) ? lock : causes_largest(c, PS_LOSS_LOCK);
}

/* Work that who waits for a lock does himself. The waiting loop of a lock of the program's own is a
 * function called there. */
static bool is_around(const struct ps_place *work, const struct cause *lock)
{
    const char *at = lock->kind == PS_LOSS_SPIN ? lock->place->caller : lock->place->function;

    return (at && (ps_text_same(work->function, at) || ps_text_same(work->caller, at))) ||
           (lock->holder && work->function && ps_text_same(work->function, lock->holder->function));
}

/* What being kept back looks like; where tasks are too small, anywhere in them. */
static bool seems_uneven(const struct cause *x, const struct cause *lock)
{
    return (x->kind == PS_LOSS_IMBALANCE || x->kind == PS_LOSS_TURNS) &&
           (is_around(x->place, lock) || (lock->kind == PS_LOSS_TASKS && !x->waiter));
}

/* What a lock lets in by turns finds its data in another CPU's cache. */
static bool is_of_lock(const struct cause *x, const struct cause *lock, double cores)
{
    return lock->kind == PS_LOSS_LOCK && x->kind == MORE_CPU && x->cores <= cores &&
           is_around(x->place, lock);
}

static bool too_small(int kind)
{
    return kind == PS_LOSS_RUNTIME || kind == SMALL_STEPS;
}

/* Clang gives the functions of regions names without that of the one that they are in. */
static bool in_region_of(const struct ps_place *work, const struct ps_place *region)
{
    return ps_function_outlined(work->function) && ps_text_same(work->file, region->file);
}

/* Of regions that are too small, which by themselves cost so much, in which threads come late and
 * begin with cold caches. Their advice would contradict that of the regions. */
static bool is_of_small_regions(const struct cause *x, const struct cause *regions, double cores)
{
    return x->cores <= cores && !x->waiter &&
           (is_around(x->place, regions) || in_region_of(x->place, regions->place)) &&
           (x->kind == PS_LOSS_IMBALANCE || x->kind == PS_LOSS_SERIAL || x->kind == MORE_CPU);
}

/* Of what the lock by itself cost, `cores` of which belong to nothing yet, what has to be it; 0: x
 * is not the lock's. */
static double part_of(const struct cause *x, const struct cause *lock, double cores)
{
    double least;

    if (too_small(lock->kind))
        return is_of_small_regions(x, lock, cores) ? x->cores : 0;
    if (is_of_lock(x, lock, cores))
        return x->cores;
    least = (lock->kind == FAULTS ? OF_PAGES : OF_LOCK) * x->cores;
    return cores >= least && seems_uneven(x, lock) ? least : 0;
}

/* Whom a lock kept back, or who had to make tasks, has more left to do when the others are done;
 * and those that a lock lets in one at a time take turns. */
static void join_to_lock(struct causes *c, struct cause *lock)
{
    double own = lock->cores;

    for (size_t i = 0; i < c->count; i++) {
        struct cause *x = &c->list[i];
        const double part = x == lock ? 0 : part_of(x, lock, own);

        if (!(part > 0))
            continue;
        own -= part;
        lock->cores += x->cores;
        x->cores = 0;
    }
}

/* Threads that touch pages wait for the lock of their address space. */
static bool keeps_back(const struct causes *c, int kind)
{
    return kind == PS_LOSS_LOCK || kind == PS_LOSS_SPIN || kind == PS_LOSS_TASKS ||
           too_small(kind) || (kind == FAULTS && causes_share_memory(c));
}

/* From the largest on. */
void causes_join_locks(struct causes *c)
{
    causes_sort(c);
    for (size_t i = 0; i < c->count; i++)
        if (keeps_back(c, c->list[i].kind))
            join_to_lock(c, &c->list[i]);
}

bool causes_of_signal(const char *library)
{
    static const char *const parts[] = {"cond_", "cnd_", "condition_variable", "ondvar", "sem_"};

    return ps_text_holds_any(library, parts, sizeof parts / sizeof *parts);
}

/* Its lock is that of a condition, where threads mostly wait for a signal. */
static bool is_of_condition(const struct ps_diagnosis *d, const struct ps_code_row *lock)
{
    for (size_t i = 0; i < d->code_count; i++)
        if (causes_of_signal(d->code[i].place.library) &&
            ps_text_same(d->code[i].place.function, lock->place.function) &&
            ps_code_row_time(&d->code[i]) > ps_code_row_time(lock))
            return true;
    return false;
}

/* Where a lock is taken or given back, threads may have waited. */
static void add_possible(struct ps_arena *a, struct causes *c)
{
    for (size_t i = 0; i < c->own->code_count; i++) {
        const struct ps_place *p = &c->own->code[i].place;

        if (causes_of_lock(p->library) && !causes_lock_at(c, p) &&
            !is_of_condition(c->own, &c->own->code[i]))
            causes_add(a, c, (struct cause){PS_LOSS_LOCK, p, NULL, LEAST, NAN, NULL});
    }
}

/* Calls of threads that keep each other out do not meet in the kernel. Where it can't be seen, its
 * time is shared out by the calls, and that of putting threads to sleep and waking them is in it.
 */
static bool is_of_sleeping(const struct causes *c, const struct cause *x)
{
    return x->kind == MORE_KERNEL && !c->own->kernel_sampled;
}

/* Threads that come back within a moment, many times, have not ended early, and who is alone
 * meanwhile does no serial part. */
static bool seems_alone(const struct cause *x)
{
    return (x->kind == PS_LOSS_IMBALANCE || x->kind == PS_LOSS_SERIAL) && !x->waiter;
}

static double take_brief(struct causes *c, struct cause *lock, double brief)
{
    for (size_t i = 0; i < c->count; i++) {
        struct cause *x = &c->list[i];
        const bool sleeping = is_of_sleeping(c, x);
        double part = sleeping ? x->cores : fmin(brief, x->cores);

        if (!(sleeping || seems_alone(x)) || !is_around(x->place, lock))
            continue;
        brief -= sleeping ? 0 : part;
        if (part > MOST_OF_IT * x->cores)
            part = x->cores;
        x->cores -= part;
        lock->cores += part;
    }
    return brief;
}

/* Where the last thing that a function does is to give a lock back, its caller seems to do it. */
static bool is_given_back_by(const struct cause *x, const struct cause *lock)
{
    return x->kind == PS_LOSS_LOCK && causes_gives_back(x->place) && x->place->function &&
           (ps_text_same(x->place->function, lock->place->function) ||
            ps_text_same(x->place->function, lock->place->caller));
}

static void join_given_back(struct causes *c, struct cause *lock)
{
    for (size_t i = 0; i < c->count; i++) {
        struct cause *x = &c->list[i];

        if (x == lock || !is_given_back_by(x, lock))
            continue;
        lock->cores += x->cores;
        x->cores = 0;
    }
}

void causes_join_given_back(struct causes *c)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->list[i].kind == PS_LOSS_LOCK && !causes_gives_back(c->list[i].place))
            join_given_back(c, &c->list[i]);
}

static bool is_at_barrier(const struct cause *x)
{
    return x->kind == PS_LOSS_IMBALANCE && (is_barrier(x->waiter) || is_barrier(x->place));
}

static double at_barriers(const struct causes *c)
{
    double cores = 0;

    for (size_t i = 0; i < c->count; i++)
        cores += is_at_barrier(&c->list[i]) ? c->list[i].cores : 0;
    return cores;
}

void causes_find_small_steps(struct causes *c)
{
    const double cores = at_barriers(c);
    const bool small =
        ps_point_value(c->point, "speedup") < 1 && cores > 0 && c->brief >= OF_STEPS * cores;

    c->brief -= small ? fmin(c->brief, cores) : 0;
    for (size_t i = 0; small && i < c->count; i++) {
        struct cause *x = &c->list[i];

        if (!is_at_barrier(x))
            continue;
        x->kind = SMALL_STEPS;
        x->place = is_barrier(x->waiter) ? x->waiter : x->place;
        x->waiter = NULL;
        x->object = NULL;
    }
}

void causes_add_brief(struct ps_arena *a, struct causes *c)
{
    double brief = fmin(causes_waiting(c), c->brief);

    if (!(brief >= WORTH_NAMING * c->p))
        return;
    add_possible(a, c);
    causes_sort(c);
    if (!c->own->loss_count && causes_largest(c, PS_LOSS_LOCK))
        causes_grow(causes_largest(c, PS_LOSS_LOCK), brief);
    for (size_t i = 0; i < c->count; i++)
        if (c->list[i].kind == PS_LOSS_LOCK)
            brief = take_brief(c, &c->list[i], brief);
}
