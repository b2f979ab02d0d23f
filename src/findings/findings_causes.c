/* What cost a program its speedup, by name: from executions that were observed. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "finding.h"
#include "stack.h"
#include "subject.h"
#include "text.h"

#define WORTH_NAMING 0.03 /* share of the CPUs */
#define MOST_NAMED   5
#define UNSEEN       0.1  /* share of the CPU time */
#define LEAST_UNSEEN 0.02 /* s */
#define MANY_FAULTS  1000 /* a second */
/* A second of a function's CPU time: they are what it does then, at a microsecond and more each. */
#define DENSE_FAULTS 20000
#define OF_LOCK                                                                   \
    0.25 /* of uneven shares, that waiting for a lock in them must be to be their \
            cause */

enum { MORE_CPU = PS_LOSS_KINDS, FAULTS, KINDS };

/* A place that cost `cores`. */
struct cause {
    int kind; /* enum ps_loss_kind, or one of the above */
    const struct ps_place *place;
    const char *object;
    double cores, times; /* times: of the CPU time of the reference; NaN */
};

struct causes {
    struct cause *list;
    size_t count;
    const struct ps_diagnosis *own, *base; /* base: of the reference; NULL */
    const struct ps_point *point;
    double p;
};

static const struct words {
    const char *head, *what, *mend;
} words[KINDS] = {
    [PS_LOSS_SERIAL] =
        {"Serial part", "one thread worked alone in",
         "More threads can't help there: shorten it, or overlap it with other work."},
    [PS_LOSS_IMBALANCE] =
        {"Uneven shares", "threads had finished while others were still in",
         "Smaller pieces handed out on demand (a dynamic schedule, work stealing) "
         "even it out."},
    [PS_LOSS_RUNTIME] = {"Parallel runtime", "starting and ending parallel regions, from",
                         "Fewer and larger regions, or none where there is little work."},
    [PS_LOSS_LOCK] = {"Lock", "threads waited for a lock in",
                      "Hold it for less time, or give each thread its own data (of rand() the "
                      "reentrant rand_r(), of malloc() another allocator)."},
    [PS_LOSS_CONDITION] = {"Waiting for each other", "all threads waited in",
                           "More work at once, or fewer hand-overs."},
    [PS_LOSS_SLEEP] = {"Sleep", "threads slept in",
                       "Wait for the event itself, or overlap the pause with work."},
    [PS_LOSS_READ] = {"Reading", "threads waited to read in",
                      "Read ahead in a thread of its own, or from faster storage."},
    [PS_LOSS_WRITE] = {"Writing", "threads waited to write in", "Write in a thread of its own."},
    [PS_LOSS_SYNC] = {"Disk", "threads waited for data to reach the disk in",
                      "Synchronise less often, or for more data at once."},
    [PS_LOSS_MEMORY] = {"Address space", "threads waited for the lock of the address space in",
                        "Keep memory instead of giving it back: a larger M_MMAP_THRESHOLD, another "
                        "allocator, or buffers that are used again."},
    [PS_LOSS_FAULT] = {"Page faults", "threads waited for memory pages in",
                       "Use memory again, touch it beforehand, or use larger pages."},
    [PS_LOSS_POLL] = {"Waiting for events", "nothing was ready in", "More requests at once."},
    [PS_LOSS_CHILD] = {"Waiting for processes", "nothing else was to do in", "Start more at once."},
    [PS_LOSS_OTHER] = {"Waiting", "threads waited in", "See what it waits for."},
    [MORE_CPU] =
        {"More CPU time", "the same work takes more of it in",
         "That is memory that threads share: cache lines that several write (false sharing: "
         "give each thread lines of its own), or bandwidth; or work done more than once. "
         "Hardware counters tell which."},
    [FAULTS] =
        {"Page faults", "memory is touched for the first time, at more cost with more threads, in",
         "Threads of one process share its address space, and mmap, munmap and page faults wait "
         "for each other: keep memory and use it again (a larger M_MMAP_THRESHOLD, another "
         "allocator, buffers that stay)."},
};

static void add(struct ps_arena *a, struct causes *c, struct cause x)
{
    if (!(x.cores > 0))
        return;
    c->list = ps_arena_grow(a, c->list, c->count, sizeof *c->list);
    c->list[c->count++] = x;
}

/* Cores that were not in use. */
static double waiting_cores(const struct causes *c)
{
    double x = ps_point_value(c->point, ps_stack_ids[PS_LOST_WAITING]);

    return isnan(x) ? fmax(0, c->p - ps_point_value(c->point, "cpus_used")) : x;
}

static void add_losses(struct ps_arena *a, struct causes *c)
{
    double idle = 0, cores = waiting_cores(c);

    for (size_t i = 0; i < c->own->loss_count; i++)
        idle += c->own->losses[i].idle;
    for (size_t i = 0; i < c->own->loss_count; i++) {
        const struct ps_loss_row *l = &c->own->losses[i];

        add(a, c,
            (struct cause){l->kind, &l->place, l->object,
                           (idle > 0 ? cores * l->idle / idle : 0) + l->spun / c->own->wall, NAN});
    }
}

/* Whom a lock kept back has more left to do when the others are done. */
static void join_to_lock(struct causes *c, struct cause *lock)
{
    for (size_t i = 0; i < c->count; i++) {
        struct cause *x = &c->list[i];

        if (x->kind != PS_LOSS_IMBALANCE || lock->cores < OF_LOCK * x->cores ||
            !(ps_text_same(x->place->function, lock->place->function) ||
              ps_text_same(x->place->caller, lock->place->function)))
            continue;
        lock->cores += x->cores;
        x->cores = 0;
    }
}

static void join_locks(struct causes *c)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->list[i].kind == PS_LOSS_LOCK && c->list[i].place->function)
            join_to_lock(c, &c->list[i]);
}

static double cpu_of(const struct ps_diagnosis *d, const struct ps_place *p)
{
    const struct ps_code_row *row = ps_diagnosis_code(d, p);

    return row ? row->cpu_time : 0;
}

/* Where threads wait for a lock, what they try it with belongs to the same cause. */
static struct cause *lock_at(struct causes *c, const struct ps_place *p)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->list[i].kind == PS_LOSS_LOCK &&
            ps_text_same(c->list[i].place->function, p->function) &&
            ps_text_same(c->list[i].place->library, p->library))
            return &c->list[i];
    return NULL;
}

static bool dense_faults(const struct ps_code_row *r)
{
    return r->faults > DENSE_FAULTS * r->cpu_time;
}

/* CPU time beyond that with one thread; of pages that are touched for the first time: see
 * add_faults(). */
static void add_excess(struct ps_arena *a, struct causes *c)
{
    for (size_t i = 0; c->base && i < c->own->code_count; i++) {
        const struct ps_place *place = &c->own->code[i].place;
        double now = c->own->code[i].cpu_time, then = cpu_of(c->base, place);
        struct cause *lock = lock_at(c, place);

        if (now <= then || dense_faults(&c->own->code[i]))
            continue;
        if (lock)
            lock->cores += (now - then) / c->own->wall;
        else
            add(a, c,
                (struct cause){MORE_CPU, place, NULL, (now - then) / c->own->wall, now / then});
    }
}

static const struct ps_place *most_faults(const struct ps_diagnosis *d)
{
    const struct ps_code_row *most = NULL;

    for (size_t i = 0; i < d->code_count; i++)
        if (!most || d->code[i].faults > most->faults)
            most = &d->code[i];
    return most && most->faults > MANY_FAULTS * d->wall ? &most->place : NULL;
}

/* What page faults cost is kernel time, and time of the functions that do nothing else. */
static void add_faults(struct ps_arena *a, struct causes *c)
{
    const struct ps_place *place = most_faults(c->own);
    double faults = 0, more;

    if (!c->base || !place)
        return;
    more = fmax(0, c->own->kernel_time - c->base->kernel_time);
    for (size_t i = 0; i < c->own->code_count; i++) {
        const struct ps_code_row *row = &c->own->code[i];

        faults += row->faults;
        if (dense_faults(row))
            more += fmax(0, row->cpu_time - cpu_of(c->base, &row->place));
    }
    add(a, c,
        (struct cause){FAULTS, place, ps_arena_format(a, "%.0f a second", faults / c->own->wall),
                       more / c->own->wall, NAN});
}

static int by_cores(const void *a, const void *b)
{
    const struct cause *x = a, *y = b;

    return (x->cores < y->cores) - (x->cores > y->cores);
}

static void say(struct ps_result *r, const struct causes *c, const struct cause *x)
{
    const struct words *w = &words[x->kind];
    const char *times =
        x->times < 100 && x->times >= 1.05
            ? ps_arena_format(r->arena, ", %.1f times that with one thread", x->times)
            : "";
    const char *object = x->object ? ps_arena_format(r->arena, " (%s)", x->object) : "";

    finding_concerns(r,
                     finding_say(r, "cause", PS_INFO, "%s: %s %s%s%s: %s of %.10g cores. %s",
                                 w->head, w->what, ps_place_text(r->arena, x->place), object, times,
                                 finding_ratio(r, x->cores), c->p, w->mend),
                     (size_t)(c->point - r->points));
}

static void say_busy(struct ps_result *r, const struct causes *c)
{
    if (!(c->own->others > PS_DIAGNOSIS_DISTURBED) || ps_point_disturbed(c->point))
        return;
    finding_concerns(r,
                     finding_say(r, "observed-busy", PS_WARNING,
                                 "Observed on a busy machine: others took %.0f %% of the CPU time "
                                 "meanwhile, so waits and uneven shares may be theirs. Measure "
                                 "again while it is idle.",
                                 100 * c->own->others),
                     (size_t)(c->point - r->points));
}

/* A program that changes its user is not seen from then on, and records that are lost are not
 * either. */
static void say_unseen(struct ps_result *r, const struct causes *c)
{
    const double unseen = 1 - c->own->cpu_time / c->own->used;

    if (!(unseen > UNSEEN) || c->own->used - c->own->cpu_time < LEAST_UNSEEN)
        return;
    finding_concerns(r,
                     finding_say(r, "not-all-observed", PS_WARNING,
                                 "Not all observed: %.0f %% of the CPU time is of processes that "
                                 "can't be seen%s, and what they lost is not named.",
                                 100 * unseen,
                                 c->own->lost ? ", or of records that were lost"
                                              : ": set-user-ID programs, or programs that their "
                                                "user may not read"),
                     (size_t)(c->point - r->points));
}

static void tell(const struct ps_samples *s, struct ps_result *r, size_t point)
{
    const struct ps_series *t = &s->series[point];
    const struct ps_series *base = t->baseline == t ? NULL : t->baseline;
    struct causes c = {.own = t->program->diagnosis,
                       .base = base && base->program ? base->program->diagnosis : NULL,
                       .point = &r->points[point],
                       .p = t->plan->p};

    if (c.base && c.base->missing)
        c.base = NULL;
    add_losses(r->arena, &c);
    join_locks(&c);
    add_excess(r->arena, &c);
    add_faults(r->arena, &c);
    if (c.count)
        qsort(c.list, c.count, sizeof *c.list, by_cores);
    for (size_t i = 0; i < c.count && i < MOST_NAMED; i++)
        if (c.list[i].cores >= WORTH_NAMING * c.p)
            say(r, &c, &c.list[i]);
    say_busy(r, &c);
    say_unseen(r, &c);
}

/* Who did not ask misses nothing. */
static enum ps_severity unless_unasked(const struct ps_samples *s)
{
    return s->plan->request->diagnose == PS_DIAGNOSE_ALWAYS ? PS_WARNING : PS_INFO;
}

/* Of each program the point with most CPUs. */
void named_causes(const struct ps_samples *s, struct ps_result *r)
{
    for (size_t w = 0; w < s->plan->workload_count; w++) {
        size_t most = s->series_count;

        for (size_t i = 0; i < s->series_count; i++) {
            const struct ps_series *t = &s->series[i];

            if (t->plan->workload != w || !t->program || !t->program->diagnosis)
                continue;
            if (most == s->series_count || t->plan->p >= s->series[most].plan->p)
                most = i;
        }
        if (most == s->series_count)
            continue;
        if (!s->series[most].program->diagnosis->missing)
            tell(s, r, most);
        else
            finding_concerns(r,
                             finding_say(r, "not-observed", unless_unasked(s),
                                         "Not observed: %s: %s.",
                                         ps_subject_of(r, &r->points[most]),
                                         s->series[most].program->diagnosis->missing),
                             most);
    }
}
