/* Causes by kernel time: system calls. */
#include <math.h>
#include <string.h>

#include "cause_kernel.h"
#include "cause_rest.h"

#define OF_YIELD 2    /* s in the kernel for each in user mode, at most; 1.5 were measured */
#define OF_SLEEP 1e-4 /* s in the kernel to put a thread to sleep and wake it, at most */

/* To two digits: the third is noise. */
double kernel_rounded(double rate)
{
    const double unit = rate > 0 ? pow(10, floor(log10(rate)) - 1) : 1;

    return round(rate / unit) * unit;
}

/* Of a place with system calls: its kernel time beyond that with one thread. */
double kernel_excess_at(const struct causes *c, const struct ps_code_row *row)
{
    return c->excess[row - c->own->code];
}

static double excess_of(const struct ps_diagnosis *base, const struct ps_code_row *row)
{
    const struct ps_code_row *then = ps_diagnosis_code(base, &row->place);
    const double before = then && !isnan(then->kernel) ? then->kernel : 0;

    return isnan(row->kernel) || row->faults > DENSE_FAULTS * row->kernel ? 0
           : row->kernel > MORE * before                                  ? row->kernel - before
                                                                          : 0;
}

/* What has no samples, and what the kernel counts: the first is more where threads switch often,
 * the second is told by its ticks, and is NaN in old results, which fmin() leaves out. */
double kernel_more(const struct causes *c)
{
    return fmin(c->own->kernel_time - MORE * c->base->kernel_time,
                c->own->system - MORE * c->base->system);
}

/* Where it is only shared out by the calls, it is no more than what the kernel counts: who waits
 * for a pipe takes no time there. */
static double of_counted(const struct causes *c, double sum)
{
    const double most = c->own->kernel_sampled ? sum : fmax(0, kernel_more(c));

    return sum > most ? most / sum : 1;
}

static void find_excess(struct ps_arena *a, struct causes *c)
{
    double sum = 0, part;

    c->excess = ps_arena_array(a, c->own->code_count, sizeof *c->excess);
    for (size_t i = 0; c->base && i < c->own->code_count; i++) {
        c->excess[i] = excess_of(c->base, &c->own->code[i]);
        sum += c->excess[i];
    }
    part = c->base ? of_counted(c, sum) : 1;
    for (size_t i = 0; i < c->own->code_count; i++)
        c->excess[i] *= part;
}

/* Told as a cause of its own. */
bool kernel_own_call(const struct causes *c, const struct ps_code_row *row)
{
    return row->place.library && !(c->faults && pages_mapping(c, &row->place));
}

/* s that no call accounts for. */
static double open_kernel(const struct causes *c)
{
    double rest = kernel_more(c) - c->yielded;

    for (size_t i = 0; i < c->own->code_count; i++)
        rest -= kernel_excess_at(c, &c->own->code[i]);
    return fmax(0, rest);
}

/* What a loop of sched_yield takes is mostly kernel time. */
static void add_yields(struct causes *c)
{
    for (size_t i = 0; c->base && i < c->count; i++) {
        struct cause *x = &c->list[i];
        const bool yields = x->kind == PS_LOSS_SPIN && x->place->library &&
                            strstr(x->place->library, "sched_yield");
        const double part = yields ? fmin(open_kernel(c), OF_YIELD * x->cores * c->own->wall) : 0;

        causes_grow(x, part / c->own->wall);
        c->yielded += part;
    }
}

/* Sleeping at a lock and waking who sleeps there are system calls, mostly in functions that do more
 * than that: kernel time that no call and no page accounts for is the lock's, if it matters.
 * Returns whether there is one. */
static bool add_futexes(struct causes *c)
{
    struct cause *steps = causes_largest(c, SMALL_STEPS);
    struct cause *lock = steps ? steps : causes_largest(c, PS_LOSS_LOCK);

    if (!lock || lock->cores < WORTH_NAMING * c->p)
        return false;
    causes_grow(lock, open_kernel(c) / c->own->wall);
    return true;
}

static double more_switches(const struct causes *c)
{
    return ps_point_value(c->point, "context_switches") -
           ps_point_value(c->base_point, "context_switches");
}

/* Where threads wait for each other, by CPU time; NULL: nowhere. */
static const struct ps_place *most_waiting(const struct ps_diagnosis *d)
{
    for (size_t i = 0; i < d->code_count; i++)
        if (causes_of_signal(d->code[i].place.library) || causes_of_lock(d->code[i].place.library))
            return &d->code[i].place;
    return NULL;
}

/* Without a lock that keeps them waiting, threads that hand each other work sleep and wake. */
static void add_sleeping(struct ps_arena *a, struct causes *c)
{
    const struct ps_place *place = most_waiting(c->own);
    const double switches = more_switches(c); /* NaN: not known */

    if (place && switches > 0)
        causes_add(a, c,
                   (struct cause){SLEEP_AND_WAKE, place, NULL,
                                  fmin(open_kernel(c), OF_SLEEP * switches) / c->own->wall, NAN,
                                  NULL});
}

/* Of the waiting loop that the call is in; NULL: it is in none. */
static struct cause *loop_at(struct causes *c, const struct ps_place *p)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->list[i].kind == PS_LOSS_SPIN && ps_place_same(c->list[i].place, p))
            return &c->list[i];
    return NULL;
}

/* Of a lock's own call. */
static struct cause *lock_of(struct causes *c, const struct ps_code_row *row)
{
    struct cause *lock = causes_lock_at(c, &row->place);

    return lock ? lock : causes_largest(c, PS_LOSS_LOCK);
}

static void add_calls(struct ps_arena *a, struct causes *c)
{
    for (size_t i = 0; c->base && i < c->own->code_count; i++) {
        const struct ps_code_row *row = &c->own->code[i];
        struct cause *lock =
            kernel_own_call(c, row) && causes_of_lock(row->place.library) ? lock_of(c, row) : NULL;
        struct cause *loop = loop_at(c, &row->place);

        if (loop)
            causes_grow(loop, kernel_excess_at(c, row) / c->own->wall);
        else if (lock)
            causes_grow(lock, kernel_excess_at(c, row) / c->own->wall);
        else if (kernel_own_call(c, row))
            causes_add(a, c,
                       (struct cause){MORE_KERNEL, &row->place, NULL,
                                      kernel_excess_at(c, row) / c->own->wall, NAN, NULL});
    }
}

void causes_add_kernel(struct ps_arena *a, struct causes *c)
{
    find_excess(a, c);
    c->faults = pages_matter(c) ? pages_most(c->own) : NULL;
    if (threads_add(a, c))
        return;
    add_calls(a, c);
    add_yields(c);
    if (c->base && !c->faults && !add_futexes(c))
        add_sleeping(a, c);
    pages_add(a, c);
}
