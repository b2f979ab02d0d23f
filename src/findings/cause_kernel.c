/* Causes by kernel time: system calls, and pages that are touched for the first time. */
#include <math.h>
#include <string.h>

#include "cause_rest.h"
#include "causes.h"
#include "name.h"
#include "text.h"

#define MANY_FAULTS       1000    /* a second */
#define DEAR_FAULT        1.25e-5 /* s that a page costs at most, times those that it waits for */
#define OF_FAULTS         0.5 /* of the kernel time to be explained, that pages must be able to cost */
#define DEAR_THREAD       1e-4 /* s that starting one and waiting for its end takes, at most */
#define MANY_THREADS      200  /* a second */
#define NEW_THREADS_LEAST 4    /* times as many as CPUs, that are started beside one thread's */
#define MORE              1.1  /* times the kernel's time, which is never quite the same */
#define OF_YIELD          2 /* s in the kernel for each in user mode, at most; 1.5 were measured */
#define OF_SLEEP          1e-4 /* s in the kernel to put a thread to sleep and wake it, at most */

/* To two digits: the third is noise. */
static double rounded(double rate)
{
    const double unit = rate > 0 ? pow(10, floor(log10(rate)) - 1) : 1;

    return round(rate / unit) * unit;
}

/* Of a place with system calls: its kernel time beyond that with one thread. */
static double kernel_excess(const struct causes *c, const struct ps_code_row *row)
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
static double more_kernel(const struct causes *c)
{
    return fmin(c->own->kernel_time - MORE * c->base->kernel_time,
                c->own->system - MORE * c->base->system);
}

/* Where it is only shared out by the calls, it is no more than what the kernel counts: who waits
 * for a pipe takes no time there. */
static double of_counted(const struct causes *c, double sum)
{
    const double most = c->own->kernel_sampled ? sum : fmax(0, more_kernel(c));

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

/* An allocator's kernel time is of memory that it gets or gives back, unless threads wait for its
 * lock. */
static bool is_allocator(const struct causes *c, const struct ps_place *p)
{
    return causes_of_allocator(p->library) && !causes_largest(c, PS_LOSS_LOCK);
}

/* By calls that change what is mapped: where pages are touched for the first time, they belong to
 * the same cause. */
static bool is_mapping(const struct causes *c, const struct ps_place *p)
{
    static const char *const calls[] = {"munmap", "mmap", "mremap", "madvise", "mprotect", "brk"};

    return ps_text_holds_any(p->library, calls, sizeof calls / sizeof *calls) || is_allocator(c, p);
}

static const struct ps_place *most_faults(const struct ps_diagnosis *d)
{
    const struct ps_code_row *most = NULL;

    for (size_t i = 0; i < d->code_count; i++)
        if (!most || d->code[i].faults > most->faults)
            most = &d->code[i];
    return most && most->faults > MANY_FAULTS * d->wall ? &most->place : NULL;
}

static double pages_of(const struct ps_diagnosis *d)
{
    double faults = 0;

    for (size_t i = 0; i < d->code_count; i++)
        faults += d->code[i].faults;
    return faults;
}

/* s that they may cost at most beyond what they do with one thread. */
static double most_by_pages(const struct causes *c)
{
    return pages_of(c->own) * DEAR_FAULT * fmax(1, c->p - 1);
}

/* There are enough of them to take the kernel's time beyond that with one thread. */
static bool may_be_faults(const struct causes *c)
{
    return !c->base || most_by_pages(c) >= OF_FAULTS * (c->own->kernel_time - c->base->kernel_time);
}

/* Told as a cause of its own. */
static bool is_own_call(const struct causes *c, const struct ps_code_row *row)
{
    return row->place.library && !(c->faults && is_mapping(c, &row->place));
}

/* s that no call accounts for. */
static double open_kernel(const struct causes *c)
{
    double rest = more_kernel(c) - c->yielded;

    for (size_t i = 0; i < c->own->code_count; i++)
        rest -= kernel_excess(c, &c->own->code[i]);
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
            is_own_call(c, row) && causes_of_lock(row->place.library) ? lock_of(c, row) : NULL;
        struct cause *loop = loop_at(c, &row->place);

        if (loop)
            causes_grow(loop, kernel_excess(c, row) / c->own->wall);
        else if (lock)
            causes_grow(lock, kernel_excess(c, row) / c->own->wall);
        else if (is_own_call(c, row))
            causes_add(a, c,
                       (struct cause){MORE_KERNEL, &row->place, NULL,
                                      kernel_excess(c, row) / c->own->wall, NAN, NULL});
    }
}

/* ", and munmap", the call that most kernel time beyond that with one thread went to; "". */
static const char *mapping_call(struct ps_arena *a, const struct causes *c)
{
    const struct ps_code_row *most = NULL;
    double excess = 0;

    for (size_t i = 0; i < c->own->code_count; i++) {
        const struct ps_code_row *row = &c->own->code[i];

        if (!is_mapping(c, &row->place) || kernel_excess(c, row) <= excess)
            continue;
        excess = kernel_excess(c, row);
        most = row;
    }
    return most ? ps_arena_format(a, ", and %s", ps_name_short(a, most->place.library)) : "";
}

/* Of processes with a thread each a page costs as much as with one thread: no more than what the
 * kernel then took in sum, for each. */
static double at_most_by_pages(const struct causes *c, double more)
{
    const double then = pages_of(c->base), now = pages_of(c->own);

    if (causes_share_memory(c))
        return fmin(more, most_by_pages(c));
    return fmin(more, then > 0 ? fmax(0, now - then) * c->base->kernel_time / then : more);
}

/* s beyond those of one thread in functions that do nothing but touch pages. */
static double dense_excess(const struct causes *c)
{
    double sum = 0;

    for (size_t i = 0; i < c->own->code_count; i++) {
        const struct ps_code_row *row = &c->own->code[i];

        if (causes_dense_faults(row))
            sum += fmax(0, row->cpu_time - causes_cpu_of(c->base, &row->place));
    }
    return sum;
}

/* Cores that the calls which change what is mapped took in user mode beyond one thread's; they are
 * no cause of their own any more. */
static double take_mapping(struct causes *c)
{
    double cores = 0;

    for (size_t i = 0; i < c->count; i++) {
        struct cause *x = &c->list[i];

        if (x->kind != MORE_KERNEL || !is_mapping(c, x->place))
            continue;
        cores += x->cores;
        x->cores = 0;
    }
    return cores;
}

/* What page faults cost is kernel time, and time of the functions that do nothing else. */
static void add_faults(struct ps_arena *a, struct causes *c)
{
    double more;

    if (!c->base || !c->faults)
        return;
    more = fmax(0, c->own->kernel_time - c->base->kernel_time - c->yielded);
    for (size_t i = 0; i < c->own->code_count; i++)
        if (is_own_call(c, &c->own->code[i]))
            more = fmax(0, more - kernel_excess(c, &c->own->code[i]));
    more += dense_excess(c);
    causes_add(a, c,
               (struct cause){FAULTS, c->faults,
                              ps_arena_format(a, "%.0f a second%s",
                                              rounded(pages_of(c->own) / c->own->wall),
                                              mapping_call(a, c)),
                              at_most_by_pages(c, more) / c->own->wall + take_mapping(c),
                              pages_of(c->own) / pages_of(c->base), NULL});
}

static double threads_of(const struct ps_diagnosis *d)
{
    double count = 0;

    for (size_t i = 0; d && i < d->thread_count; i++)
        count += d->threads[i].count;
    return count;
}

bool causes_starts_threads(const struct ps_place *p)
{
    static const char *const parts[] = {"pthread_create",        "thrd_create",    "std::async",
                                        "std::thread::thread",   "thread::spawn",  "Builder::spawn",
                                        "std::jthread::jthread", "_M_start_thread"};
    static const char *const whole[] = {"clone", "clone3", "__clone", "__clone3"};

    for (size_t i = 0; p->library && i < sizeof parts / sizeof *parts; i++)
        if (strstr(p->library, parts[i]))
            return true;
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        if (ps_text_same(p->library, whole[i]))
            return true;
    return false;
}

/* Where nobody worked for most of the time, in a function of the program's own; NULL: nowhere. */
static const struct ps_place *most_awaiting(const struct ps_diagnosis *d)
{
    const struct ps_loss_row *most = NULL;

    for (size_t i = 0; i < d->loss_count; i++)
        if (d->losses[i].kind == PS_LOSS_CONDITION && d->losses[i].place.function &&
            (!most || d->losses[i].idle > most->idle))
            most = &d->losses[i];
    return most ? &most->place : NULL;
}

/* Where most time of starting threads was seen, else where their end is waited for; NULL: nowhere.
 */
static const struct ps_place *most_starting(const struct ps_diagnosis *d)
{
    const struct ps_place *most = NULL;
    double time = 0, idle = 0;

    for (size_t i = 0; i < d->code_count; i++)
        if (causes_starts_threads(&d->code[i].place) && ps_code_row_time(&d->code[i]) > time) {
            time = ps_code_row_time(&d->code[i]);
            most = &d->code[i].place;
        }
    for (size_t i = 0; !time && i < d->loss_count; i++)
        if (causes_starts_threads(&d->losses[i].place) && d->losses[i].idle > idle) {
            idle = d->losses[i].idle;
            most = &d->losses[i].place;
        }
    return most ? most : most_awaiting(d);
}

/* While nobody works, threads wait for the first moment or for the end of others. Up to what as
 * many cost. */
static double take_waits(struct causes *c, double rate)
{
    double left = DEAR_THREAD * rate, taken = 0;

    for (size_t i = 0; i < c->count; i++) {
        struct cause *x = &c->list[i];
        const double part = x->kind == PS_LOSS_CONDITION ? fmin(x->cores, left) : 0;

        x->cores -= part;
        left -= part;
        taken += part;
    }
    return taken;
}

/* s, as much as so many cost at most; the end of a thread is in no record, but the kernel counts
 * it. */
static double kernel_of_threads(const struct causes *c, double count)
{
    const double counted = c->own->system - MORE * c->base->system;
    const double more = isnan(counted) ? more_kernel(c) : counted;

    return more > 0 ? fmin(more + dense_excess(c), DEAR_THREAD * count) : 0;
}

/* Their stacks are mapped, touched and given back: where threads are started that often, kernel
 * time that one thread does not take is theirs. */
static bool add_threads(struct ps_arena *a, struct causes *c)
{
    const double count = threads_of(c->own) - threads_of(c->base), rate = count / c->own->wall;
    const bool many = rate > MANY_THREADS && count > NEW_THREADS_LEAST * c->p;
    const struct ps_place *place = many ? most_starting(c->own) : NULL;

    if (!c->base || !place || !(kernel_of_threads(c, count) > 0))
        return false;
    causes_add(a, c,
               (struct cause){
                   NEW_THREADS, place, ps_arena_format(a, "%.0f a second", rounded(rate)),
                   kernel_of_threads(c, count) / c->own->wall + take_waits(c, rate), NAN, NULL});
    return true;
}

bool causes_many_threads(const struct ps_diagnosis *own)
{
    return threads_of(own) > MANY_THREADS * own->wall;
}

void causes_add_kernel(struct ps_arena *a, struct causes *c)
{
    find_excess(a, c);
    c->faults = may_be_faults(c) ? most_faults(c->own) : NULL;
    if (add_threads(a, c))
        return;
    add_calls(a, c);
    add_yields(c);
    if (c->base && !c->faults && !add_futexes(c))
        add_sleeping(a, c);
    add_faults(a, c);
}
