#include "diagnosis.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "episode.h"

#define CROWDED     0.1  /* of the time */
#define CALLS_LEAST 5    /* samples */
#define FAULT_COST  1e-6 /* s, of a page */
#define OF_FAULTS   0.25 /* of the kernel's time */
#define FEW_THREADS 0.33 /* of the CPU time of processes' first threads: that of all others */
#define PROCESSES   0.05 /* likewise: that of all but the busiest */

/* ns; 0 where it is not known. */
static uint64_t displaced(const struct ps_timeline *t)
{
    return (double)t->crowded_ns > CROWDED * (double)(t->end - t->begin) ? 0 : t->displaced_ns;
}

static void add_threads(struct ps_diagnoser *d, const struct ps_timeline *t)
{
    double most = 0;

    for (size_t i = 0; i < t->thread_count; i++) {
        const bool first = t->threads[i].pid == t->threads[i].tid;
        const double cpu = (double)t->threads[i].on_cpu * 1e-9;

        if (!t->threads[i].tid) /* all others */
            continue;
        d->threaded |= !first;
        *(first ? &d->first : &d->further) += cpu;
        most = first ? fmax(most, cpu) : most;
    }
    d->most_first += most;
}

/* The words of what is said follow it. */
static bool is_of_processes(const struct ps_diagnoser *d)
{
    return d->further < FEW_THREADS * d->first && d->first - d->most_first > PROCESSES * d->first;
}

static void add_timeline(struct ps_diagnoser *d, const struct ps_timeline *t)
{
    for (size_t i = 0; i <= PS_TIMELINE_MOST; i++) {
        if (!t->running_ns[i])
            continue;
        while (d->running_count <= i) {
            d->running = ps_arena_grow(d->arena, d->running, d->running_count, sizeof(double));
            d->running[d->running_count++] = 0;
        }
        d->running[i] += (double)t->running_ns[i] * 1e-9;
        d->cpu += (double)i * (double)t->running_ns[i] * 1e-9;
    }
    d->displaced += (double)displaced(t) * 1e-9;
    d->brief += (double)t->brief_ns * 1e-9;
    d->alone += (double)t->alone_ns * 1e-9;
    d->wall += (double)(t->end - t->begin) * 1e-9;
    d->lost += t->lost;
    add_threads(d, t);
}

/* Of the first execution; the last bin is as long as its time. */
static void add_strip(struct ps_diagnoser *d, const struct ps_timeline *t)
{
    const struct ps_strip *s = &t->strip;
    struct ps_diagnosis_strip *out = &d->strip;

    if (out->count || !s->count)
        return;
    *out = (struct ps_diagnosis_strip){
        .width = (double)s->width * 1e-9,
        .running = ps_arena_array(d->arena, s->count, sizeof *out->running),
        .alone = ps_arena_array(d->arena, s->count, sizeof *out->alone),
        .count = s->count,
    };
    for (size_t i = 0; i < s->count; i++) {
        const double rest = (double)(t->end - t->begin) - (double)(i * s->width);
        const double ns = fmax(1, fmin(rest, (double)s->width));

        out->running[i] = round(1e3 * (double)s->running[i] / ns) / 1e3;
        out->alone[i] = round(1e3 * (double)s->alone[i] / ns) / 1e3;
    }
}

double ps_observation_others(const struct ps_observation *n)
{
    double cpu = 0, taken = (double)displaced(&n->timeline);

    for (size_t i = 1; i <= PS_TIMELINE_MOST; i++)
        cpu += (double)i * (double)n->timeline.running_ns[i];
    return taken / fmax(cpu + taken, 1);
}

int ps_diagnoser_create(double cores, struct ps_arena *a, struct ps_diagnoser **d, struct ps_err *e)
{
    struct ps_diagnoser *n = ps_arena_alloc(a, sizeof *n);
    int err = ps_symbols_create(&n->symbols, e);

    n->arena = a;
    n->cores = cores;
    n->code.arena = n->losses.arena = n->sites.parts.arena = a;
    if (!err)
        *d = n;
    return err;
}

void ps_diagnoser_destroy(struct ps_diagnoser *d)
{
    if (d)
        ps_symbols_destroy(d->symbols);
}

void ps_diagnoser_fold(struct ps_diagnoser *d, struct ps_folded *f)
{
    d->folded = f;
}

int ps_diagnoser_add(struct ps_diagnoser *d, const struct ps_observation *n, struct ps_err *e)
{
    struct episode x = {.d = d, .n = n};
    int err = 0;

    if (episode_open(&x)) {
        d->executions++;
        d->looks += n->looks;
        d->hidden += n->hidden;
        d->used += n->used;
        d->system += n->system;
        d->unrecorded += n->unrecorded;
        d->kernel = n->kernel && (d->kernel || d->executions == 1);
        add_timeline(d, &n->timeline);
        add_strip(d, &n->timeline);
        episode_add_samples(&x);
        episode_add_faults(&x);
        looks_add(&x);
        thread_rows_add(&d->threads, &n->timeline, d->arena);
        region_rows_add(&d->regions, n, x.waits, d->arena);
        if (d->folded)
            ps_folded_add(d->folded, d->symbols, x.spaces, n);
    } else {
        err = ps_fail(e, ENOMEM, "out of memory");
    }
    episode_close(&x);
    return err;
}

static int by_cpu(const void *a, const void *b)
{
    const struct ps_code_row *x = a, *y = b;
    const double p = ps_code_row_time(x), q = ps_code_row_time(y);

    return (p < q) - (p > q);
}

static int by_loss(const void *a, const void *b)
{
    const struct ps_loss_row *x = a, *y = b;
    const double p = x->idle + x->spun, q = y->idle + y->spun;

    return (p < q) - (p > q);
}

static struct ps_place owned(struct ps_arena *a, struct ps_place p)
{
    const char **texts[] = {&p.library, &p.function,    &p.module, &p.file,
                            &p.caller,  &p.caller_file, &p.region};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (*texts[i])
            *texts[i] = ps_arena_copy(a, *texts[i]);
    return p;
}

static const struct ps_place *owned_place(struct ps_arena *a, struct ps_place *p)
{
    if (p)
        *p = owned(a, *p);
    return p;
}

static const struct ps_place *owned_holder(struct ps_arena *a, const struct row *lock)
{
    const struct row *holder = looks_holder(lock);
    struct ps_place *p = holder ? ps_arena_alloc(a, sizeof *p) : NULL;

    if (p)
        *p = row_place(holder);
    return owned_place(a, p);
}

/* Of a row, per execution. Where the kernel can't be seen, its time is shared out by the samples in
 * what calls it, unless pages that are touched for the first time may account for much of it. */
static double kernel_of(const struct ps_diagnoser *d, const struct row *r, double n)
{
    const double time = fmax(0, d->cpu - d->sampled);

    if (d->kernel)
        return r->kernel / n;
    if (d->calls < CALLS_LEAST || d->faults * FAULT_COST > OF_FAULTS * time)
        return NAN;
    return time * r->calling / d->calling / n;
}

static void set_code(const struct ps_diagnoser *d, double n, struct ps_diagnosis *out)
{
    out->code = ps_arena_array(d->arena, d->code.count, sizeof *out->code);
    out->code_count = d->code.count;
    for (size_t i = 0; i < d->code.count; i++) {
        const struct row *r = &d->code.rows[i];

        out->code[i] = (struct ps_code_row){owned(d->arena, row_place(r)),
                                            r->cpu / n,
                                            r->alone / n,
                                            r->faults / n,
                                            r->atomic / n,
                                            r->stores / n,
                                            kernel_of(d, r, n),
                                            r->loads / n};
    }
    qsort(out->code, out->code_count, sizeof *out->code, by_cpu);
}

static void set_losses(const struct ps_diagnoser *d, double n, struct ps_diagnosis *out)
{
    out->losses = ps_arena_array(d->arena, d->losses.count, sizeof *out->losses);
    out->loss_count = d->losses.count;
    for (size_t i = 0; i < d->losses.count; i++) {
        const struct row *r = &d->losses.rows[i];

        out->losses[i] = (struct ps_loss_row){r->kind,
                                              owned(d->arena, row_place(r)),
                                              r->object,
                                              owned_place(d->arena, r->waiter),
                                              r->idle / n,
                                              r->spun / n,
                                              owned_holder(d->arena, r)};
    }
    qsort(out->losses, out->loss_count, sizeof *out->losses, by_loss);
}

/* s that one thread worked alone: of which the timeline knows, and while others spun. Samples tell
 * the share of that; some of the CPU time is not sampled, as in the kernel. */
static double alone(const struct ps_diagnoser *d)
{
    const double one = d->running_count > 1 ? d->running[1] : 0;
    const double beside = fmax(d->beside, d->cpu - d->spun - one);

    return d->alone + (d->beside > 0 ? d->beside_idle / d->beside * beside : 0);
}

static void find_turns(struct ps_diagnoser *d)
{
    double several = 0;

    for (size_t i = 2; i < d->running_count; i++)
        several += d->running[i];
    turns_find(&d->turns, d->running_count > 1 ? d->running[1] : 0, several, &d->losses);
}

struct ps_diagnosis *ps_diagnoser_result(struct ps_diagnoser *d)
{
    struct ps_diagnosis *out = ps_arena_alloc(d->arena, sizeof *out);
    const double n = d->executions ? (double)d->executions : NAN;

    *out = (struct ps_diagnosis){
        .executions = d->executions,
        .wall = d->wall / n,
        .cpu_time = d->cpu / n,
        .used = d->used > 0 ? d->used / n : NAN,
        .system = d->used > 0 ? d->system / n : NAN,
        .unrecorded = d->unrecorded / n,
        .others = d->displaced / fmax(d->cpu + d->displaced, 1e-9),
        .brief = d->brief / n,
        .slowdown = NAN,
        .serial_fraction = alone(d) / fmax(d->cpu - d->spun, 1e-9),
        .running = d->running,
        .running_count = d->running_count,
        .strip = d->strip,
        .sampled = d->sampled / n,
        .spun = d->spun / n,
        .kernel_time = fmax(0, d->cpu - d->sampled) / n,
        .threaded = d->threaded,
        .processes = is_of_processes(d),
        .kernel_sampled = d->kernel,
        .samples = d->samples,
        .looks = d->looks,
        .lost = d->lost,
        .hidden = d->hidden,
    };
    for (size_t i = 0; i < d->running_count; i++)
        out->running[i] /= n;
    looks_share_rest(d);
    spin_sites_share(&d->sites, fmax(1, d->cores - 1), &d->losses);
    find_turns(d);
    spins_find_single(d);
    set_code(d, n, out);
    set_losses(d, n, out);
    thread_rows_result(&d->threads, n, d->arena, out);
    module_rows_result(&d->modules, n, d->arena, out);
    region_rows_result(&d->regions, n, d->arena, out);
    return out;
}
