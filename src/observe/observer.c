#include "observer.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "charges.h"
#include "existing.h"
#include "parents.h"
#include "rings.h"
#include "rng.h"
#include "ticks.h"

#define PERIOD      2e-3   /* s of CPU time between samples of a thread */
#define OFTEN       2000.0 /* switches a second */
#define SELDOM      10.0   /* as many periods, at most, where threads switch often */
#define STACK       4096   /* bytes copied with each */
#define LOOK_APART  5e-3   /* s between looks, on average */
#define MOST_APART  4.0    /* times as much, where the CPUs are never idle */
#define IDLE        0.4    /* of the CPUs' time; below it looks are further apart */
#define FEW_FAULTS  1000.0 /* a second; that seldom they are no cause */
#define FAULTS      50     /* of which one is told */
#define MOST_TOLD   200.0  /* a second, about */
#define LEAST_READY 64     /* stacks that there is room for from the beginning */
#define MOST_READY  4096
#define COST        0.01 /* share of a CPU that looking may take */
#define RANK_PAGES  32   /* of a ring where many ranks share the memory that may be locked */

struct ps_observer {
    struct ps_rings *rings;
    struct ps_observation *seen;
    struct ps_rng rng;
    struct ps_regions *regions; /* NULL: there are none here */
    bool attached;              /* the process ran already */
    struct ps_trace *trace;     /* NULL: none is wanted */
    struct ps_charges charges;
    struct ps_parents parents;
    double apart;               /* s between looks, on average */
    uint64_t cost_ns, begin_ns; /* CPU time of looking; when that began */
};

static void free_seen(struct ps_stacks *stacks, struct ps_seen *s)
{
    ps_stacks_drop(stacks, s->stack);
    free(s->wait.object);
}

bool ps_observed_kept(size_t ordinal, size_t step)
{
    return ordinal * UINT64_C(0x9e3779b97f4a7c15) <= UINT64_MAX / step;
}

/* Half of them make room, and the rest stands for twice as many. */
static void thin(struct ps_observation *n, struct ps_seen_list *l)
{
    size_t kept = 0;

    l->step *= 2;
    for (size_t i = 0; i < l->count; i++) {
        if (!ps_observed_kept(l->seen[i].ordinal, l->step))
            free_seen(n->stacks, &l->seen[i]);
        else
            l->seen[kept++] = l->seen[i];
    }
    l->count = kept;
}

/* Whether those of an ordinal are among the ones that are kept; then there is room for `most`. */
static bool keeps(struct ps_observation *n, struct ps_seen_list *l, size_t ordinal, size_t most)
{
    if (ps_observed_kept(ordinal, l->step) && l->count + most > PS_OBSERVED_MOST)
        thin(n, l);
    return ps_observed_kept(ordinal, l->step);
}

static bool copy(struct ps_observation *n, struct ps_seen *s, const unsigned char *stack,
                 size_t size)
{
    s->stack = ps_stacks_copy(n->stacks, stack, size);
    s->stack_size = size;
    return s->stack;
}

static uint64_t regions_of(const struct ps_observer *o, pid_t tid)
{
    return o->regions ? ps_regions_of(o->regions, tid) : 0;
}

static uint32_t region_of(const struct ps_observer *o, pid_t tid)
{
    return o->regions ? ps_regions_innermost(o->regions, tid) : 0;
}

static void keep_stack(struct ps_observer *o, const struct ps_record *r)
{
    struct ps_observation *n = o->seen;
    struct ps_seen_list *l = &n->lists[r->kind == PS_RECORD_FAULT ? PS_SEEN_FAULT : PS_SEEN_SAMPLE];
    struct ps_seen *s;
    size_t ordinal = l->taken++;

    if (!keeps(n, l, ordinal, 1))
        return;
    s = &l->seen[l->count];
    *s = (struct ps_seen){
        .ordinal = ordinal,
        .time = r->time,
        .pid = r->pid,
        .tid = r->tid,
        .space = ps_spaces_of(&n->spaces, r->pid),
        .running = (unsigned)(n->timeline.running + ps_timeline_displaced(&n->timeline)),
        .regions = regions_of(o, r->tid),
        .region = region_of(o, r->tid),
        .kernel = r->kernel,
        .registers = r->registers,
    };
    if (copy(n, s, r->stack, r->stack_size))
        l->count++;
}

/* Of a thread that ran already when it was first seen there is no record of that, but samples. */
static void mend(struct ps_timeline *t, const struct ps_record *r)
{
    struct ps_record in = *r;

    in.kind = PS_RECORD_IN;
    if (!ps_timeline_runs(t, r->tid))
        ps_timeline_take(t, &in);
}

static void take(void *arg, const struct ps_record *r)
{
    struct ps_observer *o = arg;
    struct ps_observation *n = o->seen;

    if (r->kind == PS_RECORD_SAMPLE && o->attached)
        mend(&n->timeline, r);
    ps_charges_settle(&o->charges, &n->timeline, r->time);
    if (o->regions)
        ps_regions_before(o->regions, &n->timeline, r->time);
    ps_timeline_take(&n->timeline, r);
    if (o->regions)
        ps_regions_after(o->regions, &n->timeline, r);
    ps_spaces_take(&n->spaces, r);
    if (r->kind == PS_RECORD_FAULT)
        n->fault_weight = (double)r->weight;
    if (r->kind == PS_RECORD_SAMPLE || r->kind == PS_RECORD_FAULT)
        keep_stack(o, r);
}

static enum ps_end_shown end_shown(void *arg, const struct ps_record *exit)
{
    struct ps_observer *o = arg;
    const struct ps_timeline *t = &o->seen->timeline;
    const enum ps_end_shown by = ps_timeline_end_shown(t, exit);

    return by == PS_END_BY_PARENT && !ps_parents_woken(&o->parents, t, exit->parent_pid)
               ? PS_END_BY_NOBODY
               : by;
}

static void drain(struct ps_observer *o, bool last)
{
    if (o->regions)
        ps_regions_read(o->regions, &o->seen->timeline);
    ps_rings_drain(o->rings, last, take, o);
}

static void keep_wait(struct ps_observer *o, const struct ps_timeline_thread *t,
                      const struct ps_wait *w)
{
    struct ps_observation *n = o->seen;
    struct ps_seen_list *l = &n->lists[PS_SEEN_WAIT];
    struct ps_seen *s = &l->seen[l->count];
    const char *object = *w->object ? w->object : w->kind == PS_WAIT_OTHER ? w->call : NULL;

    *s = (struct ps_seen){
        .time = ps_now_ns(),
        .pid = t->pid,
        .tid = t->tid,
        .space = ps_spaces_of(&n->spaces, t->pid),
        .ordinal = n->looks,
        .regions = regions_of(o, t->tid),
        .region = region_of(o, t->tid),
        .registers = w->registers,
        .wait = {w->kind, object ? strdup(object) : NULL},
    };
    if (copy(n, s, w->stack, w->stack_size))
        l->count++;
}

/* The threads that are alive, from a random one on. */
static void look(struct ps_observer *o)
{
    struct ps_observation *n = o->seen;
    const struct ps_timeline *t = &n->timeline;
    struct ps_seen_list *l = &n->lists[PS_SEEN_WAIT];
    size_t start = t->thread_count ? ps_rng_below(&o->rng, t->thread_count) : 0;
    bool keep = keeps(n, l, n->looks, PS_OBSERVED_THREADS);
    size_t first = l->count, running = 0, looked = 0;
    struct ps_wait w;

    for (size_t i = 0; i < t->thread_count && looked < PS_OBSERVED_THREADS; i++) {
        const struct ps_timeline_thread *thread = &t->threads[(start + i) % t->thread_count];
        enum ps_wait_look found;

        if (thread->died)
            continue;
        ps_charges_look(&o->charges, thread->pid);
        found = ps_wait_look(thread->pid, thread->tid, &w);
        looked += found != PS_LOOK_GONE;
        running += found == PS_LOOK_RUNS;
        n->hidden += found == PS_LOOK_HIDDEN;
        if (found == PS_LOOK_BLOCKED)
            ps_parents_see(&o->parents, thread, w.kind);
        if (keep && found == PS_LOOK_BLOCKED)
            keep_wait(o, thread, &w);
        if (o->trace && found == PS_LOOK_BLOCKED)
            ps_trace_look(o->trace, thread->tid, ps_now_ns(), &w);
    }
    for (size_t i = first; i < l->count; i++)
        l->seen[i].running = (unsigned)running;
    n->looks += looked > 0;
    n->by_runnable[running] += looked > 0;
}

/* Looks come at random moments, so that they follow no rhythm of the program's, and seldom enough
 * to cost little. */
static double pause_after(struct ps_observer *o)
{
    double spent = (double)o->cost_ns * 1e-9, lasted = (double)(ps_now_ns() - o->begin_ns) * 1e-9;
    double wait = o->apart * (0.5 + ps_rng_unit(&o->rng));

    if (spent > COST * lasted)
        wait = fmin(20e-3, fmax(wait, spent / COST - lasted));
    return wait * (ps_rings_fullest(o->rings) > 0.5 ? 0.5 : 1);
}

double ps_observer_watch(void *observer, const pid_t *pids, size_t count)
{
    struct ps_observer *o = observer;
    const uint64_t before = ps_thread_cpu_ns();

    if (!o->begin_ns)
        o->begin_ns = ps_now_ns();
    drain(o, false);
    look(o);
    o->cost_ns += ps_thread_cpu_ns() - before;
    return pause_after(o);
}

static void free_list(struct ps_stacks *stacks, struct ps_seen_list *l)
{
    for (size_t i = 0; i < l->count; i++)
        free_seen(stacks, &l->seen[i]);
    free(l->seen);
}

void ps_observation_free(struct ps_observation *n)
{
    if (!n)
        return;
    for (size_t i = 0; i < PS_SEEN_KINDS; i++)
        free_list(n->stacks, &n->lists[i]);
    ps_stacks_destroy(n->stacks);
    ps_timeline_free(&n->timeline);
    ps_spaces_free(&n->spaces);
    free(n->regions);
    free(n);
}

static struct ps_observation *new_observation(size_t stacks)
{
    struct ps_observation *n = calloc(1, sizeof *n);
    bool ok = n && ps_timeline_init(&n->timeline) == 0 && ps_spaces_init(&n->spaces) == 0;

    if (ok)
        n->stacks = ps_stacks_create(stacks, STACK);
    ok = ok && n->stacks;
    for (size_t i = 0; ok && i < PS_SEEN_KINDS; i++) {
        n->lists[i].seen = calloc(PS_OBSERVED_MOST, sizeof(struct ps_seen));
        n->lists[i].step = 1;
        ok = n->lists[i].seen;
    }
    if (ok)
        return n;
    ps_observation_free(n);
    return NULL;
}

/* A sample interrupts the program: on a VM that takes 0.06 ms, however little is copied. What waits
 * by computing is told from work by samples side by side. */
static double period(const struct ps_expected *x)
{
    return x->spins ? PERIOD : 3 * PERIOD;
}

/* Each switch sets the CPU's timer anew where the next sample comes before the kernel's tick. */
double ps_observer_period(const struct ps_expected *x)
{
    return period(x) * fmin(SELDOM * PERIOD / period(x), fmax(1, x->switches / OFTEN));
}

/* Where all CPUs are at work a look finds nothing, and takes one of them away. */
double ps_observer_apart(const struct ps_expected *x)
{
    const double idle = isnan(x->idle) ? 1 : fmax(x->idle, 1e-3);

    return LOOK_APART * fmin(MOST_APART, fmax(1, IDLE / idle));
}

/* Of faults that are told; each copies a stack. Where threads switch often, each event costs. */
static uint64_t fault_period(const struct ps_expected *x)
{
    if (x->switches > OFTEN && x->faults < FEW_FAULTS)
        return 0;
    return (uint64_t)fmax(FAULTS, x->faults / MOST_TOLD);
}

/* As many as there may be, within reason. */
static size_t stacks(const struct ps_expected *x, double period, double apart)
{
    const double count = x->cpu_time / period + x->wall_time / apart;

    return (size_t)fmin(MOST_READY, LEAST_READY + fmax(0, 1.2 * count));
}

static int open_observer(const struct ps_rings_request *q, const struct ps_expected *x,
                         unsigned cpus, struct ps_observer **observer, struct ps_err *e)
{
    struct ps_observer *o = calloc(1, sizeof *o);
    int err = o ? 0 : -ENOMEM;

    if (!err) {
        o->apart = ps_observer_apart(x);
        o->seen = new_observation(stacks(x, q->period, o->apart));
    }
    if (err || !o->seen) {
        free(o);
        return ps_fail(e, ENOMEM, "out of memory");
    }
    ps_charges_init(&o->charges, q->running);
    o->rng.state = ps_now_ns();
    o->seen->period = q->period;
    o->seen->timeline.cpus = cpus;
    o->attached = q->running;
    if (q->running)
        err = ps_existing_tell(q->pid, ps_now_ns(), take, o);
    if (q->running)
        ps_spaces_keep(&o->seen->spaces, q->pid);
    err = err ? ps_fail(e, -err, "there is no process %d", (int)q->pid)
              : ps_rings_open(q, &o->rings, e);
    if (err < 0) {
        ps_observer_close(o);
        return err;
    }
    ps_rings_ask_ends(o->rings, end_shown);
    o->seen->kernel = ps_rings_see_kernel(o->rings);
    *observer = o;
    return 0;
}

int ps_observer_open(pid_t pid, unsigned cpus, const struct ps_expected *x, struct ps_observer **o,
                     struct ps_err *e)
{
    const struct ps_rings_request q = {
        .pid = pid,
        .period = ps_observer_period(x),
        .faults = fault_period(x),
        .stack_size = STACK,
    };
    int err = open_observer(&q, x, cpus, o, e);

    if (!err)
        ps_regions_create(&(*o)->regions); /* without it there are no regions */
    return err;
}

int ps_observer_open_rank(struct ps_observer **o, struct ps_err *e)
{
    const struct ps_expected x = {.spins = true, .switches = NAN, .idle = 1};
    const struct ps_rings_request q = {
        .period = PERIOD, .faults = FAULTS, .stack_size = STACK, .most_pages = RANK_PAGES};

    return open_observer(&q, &x, 0, o, e);
}

int ps_observer_attach(pid_t pid, unsigned cpus, struct ps_observer **o, struct ps_err *e)
{
    const struct ps_expected x = {.spins = true, .switches = ps_existing_switches(pid), .idle = 1};
    const struct ps_rings_request q = {
        .pid = pid, .period = ps_observer_period(&x), .running = true, .stack_size = STACK};

    return open_observer(&q, &x, cpus, o, e);
}

void ps_observer_trace(struct ps_observer *o, const char *label, struct ps_trace *t)
{
    o->trace = t;
    o->seen->timeline.listener = ps_trace_begin(t, label);
}

const char *ps_observer_regions(const struct ps_observer *o)
{
    return o->regions ? ps_regions_path(o->regions) : NULL;
}

static void keep_regions(struct ps_observer *o)
{
    struct ps_observation *n = o->seen;
    const struct ps_region *rows;
    size_t count;

    ps_regions_end(o->regions, &n->timeline);
    rows = ps_regions_rows(o->regions, &count, &n->regions_lost);
    n->regions = calloc(count + 1, sizeof *rows);
    n->region_count = n->regions ? count : 0;
    memcpy(n->regions, rows, n->region_count * sizeof *rows);
}

struct ps_observation *ps_observer_finish(struct ps_observer *o, uint64_t ended)
{
    /* Who ran at the last record goes on until now. */
    const struct ps_record end = {.kind = PS_RECORD_LOST, .time = ps_now_ns()};
    struct ps_observation *n = o->seen;

    ps_rings_tell_end(o->rings, ended);
    drain(o, true);
    if (o->attached)
        take(o, &end);
    ps_charges_settle(&o->charges, &n->timeline, UINT64_MAX - 1);
    n->unrecorded = ps_charges_unrecorded(&o->charges);
    ps_timeline_end(&n->timeline);
    if (o->trace)
        ps_trace_end(o->trace, &n->timeline);
    if (o->regions)
        keep_regions(o);
    o->seen = NULL;
    return n;
}

void ps_observer_close(struct ps_observer *o)
{
    if (!o)
        return;
    ps_rings_close(o->rings);
    ps_observation_free(o->seen);
    ps_regions_destroy(o->regions);
    ps_charges_free(&o->charges);
    free(o);
}
