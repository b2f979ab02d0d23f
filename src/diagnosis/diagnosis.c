#include "diagnosis.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "losses.h"
#include "region_rows.h"
#include "symbols.h"

#define CROWDED 0.1 /* of the time */
#define NEAR    1.5 /* sampling periods, within which another thread's sample tells what it did */

struct ps_diagnoser {
    struct ps_arena *arena;
    struct ps_symbols *symbols;
    double cores;
    struct rows code, losses;
    size_t executions, samples, looks, lost, hidden;
    double wall, cpu, used, displaced, alone, spun, sampled;
    /* core-seconds that wait for the work of others: while one thread worked, and several */
    double behind_none, behind_one, behind_several;
    double *running;
    size_t running_count;
    struct region_rows regions;
    struct ps_folded *folded; /* NULL: nobody wants them */
};

/* One execution, its stacks told. */
struct episode {
    struct ps_diagnoser *d;
    const struct ps_observation *n;
    struct place_of *samples, *waits;
    size_t *spaces; /* the symbols' index of each space */
    double weight;  /* s of CPU time that a sample stands for */
};

static size_t add_space(struct ps_symbols *symbols, const struct ps_space *space)
{
    struct ps_symbols_mapping *m = calloc(space->count + 1, sizeof *m);
    size_t index;

    for (size_t i = 0; m && i < space->count; i++) {
        const struct ps_mapping *from = &space->mappings[i];

        m[i] = (struct ps_symbols_mapping){from->start,  from->end,   from->offset,
                                           from->device, from->inode, from->path};
    }
    index = ps_symbols_add_space(symbols, space->pid, m, m ? space->count : 0);
    free(m);
    return index;
}

static void tell(struct episode *x, enum ps_seen_kind kind, struct place_of *out)
{
    const struct ps_seen_list *l = &x->n->lists[kind];

    for (size_t i = 0; i < l->count; i++)
        place_find(x->d->symbols, x->spaces[l->seen[i].space], &l->seen[i], &out[i]);
}

/* Samples of other threads about then: how many, and of those how many of no work. */
struct others {
    size_t seen, idle;
    size_t working, known; /* one that worked; one whose place in the program is known; or the
                              number of samples */
};

static void look_at_other(const struct episode *x, size_t i, size_t k, struct others *o)
{
    const struct ps_seen_list *l = &x->n->lists[PS_SEEN_SAMPLE];

    if (l->seen[k].tid == l->seen[i].tid)
        return;
    o->seen++;
    if (x->samples[k].known && o->known == l->count)
        o->known = k;
    if (x->samples[k].spins)
        o->idle++;
    else if (o->working == l->count)
        o->working = k;
}

static struct others others_at(const struct episode *x, size_t i)
{
    const struct ps_seen_list *l = &x->n->lists[PS_SEEN_SAMPLE];
    const uint64_t near = (uint64_t)(NEAR * x->n->period * 1e9);
    struct others o = {0, 0, l->count, l->count};

    for (size_t k = i; k-- > 0 && l->seen[i].time - l->seen[k].time <= near;)
        look_at_other(x, i, k, &o);
    for (size_t k = i + 1; k < l->count && l->seen[k].time - l->seen[i].time <= near; k++)
        look_at_other(x, i, k, &o);
    return o;
}

static void add_spin(struct episode *x, size_t i)
{
    const struct others o = others_at(x, i);
    const size_t count = x->n->lists[PS_SEEN_SAMPLE].count;
    const bool some = o.working < count;
    const struct place_of *at = &x->samples[some                                      ? o.working
                                            : x->samples[i].known || o.known == count ? i
                                                                                      : o.known];
    enum ps_loss_kind kind = !some        ? PS_LOSS_RUNTIME
                             : at->region ? PS_LOSS_IMBALANCE
                                          : PS_LOSS_SERIAL;
    struct row *r = rows_loss(&x->d->losses, kind, at, NULL, x->weight);

    x->d->spun += x->weight;
    if (r)
        r->spun += x->weight;
}

static void add_work(struct episode *x, size_t i)
{
    const struct ps_seen *seen = &x->n->lists[PS_SEEN_SAMPLE].seen[i];
    struct row *r = rows_code(&x->d->code, &x->samples[i], x->weight);
    bool alone = seen->running <= 1;

    if (!alone) {
        const struct others o = others_at(x, i);

        alone = o.seen && o.idle == o.seen;
        if (alone)
            x->d->alone += x->weight; /* beyond those that the timeline shows */
    }
    if (!r)
        return;
    r->cpu += x->weight;
    if (alone)
        r->alone += x->weight;
    if (alone && x->samples[i].region)
        r->alone_region += x->weight;
}

static void add_samples(struct episode *x)
{
    const struct ps_seen_list *l = &x->n->lists[PS_SEEN_SAMPLE];

    for (size_t i = 0; i < l->count; i++) {
        if (l->seen[i].kernel)
            continue;
        x->d->sampled += x->weight;
        if (x->samples[i].spins)
            add_spin(x, i);
        else
            add_work(x, i);
    }
    x->d->samples += l->taken;
}

static void add_faults(struct episode *x)
{
    const struct ps_seen_list *l = &x->n->lists[PS_SEEN_FAULT];

    for (size_t i = 0; i < l->count; i++) {
        const double weight = x->n->fault_weight * (double)l->step;
        struct place_of at;
        struct row *r;

        place_find(x->d->symbols, x->spaces[l->seen[i].space], &l->seen[i], &at);
        r = rows_code(&x->d->code, &at, 0);
        if (r)
            r->faults += weight;
    }
}

static void add_idle(struct episode *x, enum ps_loss_kind kind, size_t wait, double idle)
{
    const struct ps_seen *s = &x->n->lists[PS_SEEN_WAIT].seen[wait];
    struct row *r = rows_loss(&x->d->losses, kind, &x->waits[wait], s->wait.object, idle);

    if (r)
        r->idle += idle;
}

/* Of so many threads that could work; with none of them nothing waits for their work. */
static double *behind(struct ps_diagnoser *d, size_t runnable)
{
    return runnable == 1 ? &d->behind_one : runnable ? &d->behind_several : &d->behind_none;
}

/* The waits first .. last - 1 are of one look, which stands for `seconds`. Nobody works: those that
 * wait for others wait for each other, or for what is outside. */
static void share_look(struct episode *x, size_t first, size_t last, double seconds)
{
    const struct ps_seen *s = x->n->lists[PS_SEEN_WAIT].seen;
    double idle = fmax(0, x->d->cores - s[first].running), direct = 0, share;
    bool derived;

    for (size_t i = first; i < last; i++) {
        place_wait_kind(&s[i], &x->waits[i], &derived);
        direct += !derived;
    }
    if (direct == 0 && s[first].running)
        return;
    share = direct > 0 ? fmin(idle, direct) / direct : idle / (double)(last - first);
    for (size_t i = first; i < last; i++) {
        enum ps_loss_kind kind = place_wait_kind(&s[i], &x->waits[i], &derived);

        if (derived && direct > 0)
            continue;
        add_idle(x, kind, i, seconds * share);
        *behind(x->d, s[first].running) -= seconds * share;
    }
}

static void add_waits(struct episode *x)
{
    const struct ps_seen_list *l = &x->n->lists[PS_SEEN_WAIT];
    const double wall = (double)(x->n->timeline.end - x->n->timeline.begin) * 1e-9;
    const double seconds = x->n->looks ? wall / (double)x->n->looks : 0;
    size_t last;

    for (size_t i = 0; i <= PS_OBSERVED_THREADS && (double)i < x->d->cores; i++)
        *behind(x->d, i) += (x->d->cores - (double)i) * (double)x->n->by_runnable[i] * seconds;
    for (size_t first = 0; first < l->count; first = last) {
        last = first + 1;
        while (last < l->count && l->seen[last].ordinal == l->seen[first].ordinal)
            last++;
        share_look(x, first, last, seconds * (double)l->step);
    }
}

/* ns; 0 where it is not known. */
static uint64_t displaced(const struct ps_timeline *t)
{
    return (double)t->crowded_ns > CROWDED * (double)(t->end - t->begin) ? 0 : t->displaced_ns;
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
    d->alone += (double)t->alone_ns * 1e-9;
    d->wall += (double)(t->end - t->begin) * 1e-9;
    d->lost += t->lost;
}

double ps_observation_others(const struct ps_observation *n)
{
    double cpu = 0, taken = (double)displaced(&n->timeline);

    for (size_t i = 1; i <= PS_TIMELINE_MOST; i++)
        cpu += (double)i * (double)n->timeline.running_ns[i];
    return taken / fmax(cpu + taken, 1);
}

static bool episode_open(struct episode *x)
{
    struct ps_symbols *symbols = x->d->symbols;
    const struct ps_spaces *spaces = &x->n->spaces;

    x->samples = calloc(x->n->lists[PS_SEEN_SAMPLE].count + 1, sizeof *x->samples);
    x->waits = calloc(x->n->lists[PS_SEEN_WAIT].count + 1, sizeof *x->waits);
    x->spaces = calloc(spaces->count + 1, sizeof *x->spaces);
    if (!x->samples || !x->waits || !x->spaces)
        return false;
    for (size_t i = 0; i < spaces->count; i++)
        x->spaces[i] = add_space(symbols, &spaces->spaces[i]);
    tell(x, PS_SEEN_SAMPLE, x->samples);
    tell(x, PS_SEEN_WAIT, x->waits);
    return true;
}

static void episode_close(struct episode *x)
{
    free(x->samples);
    free(x->waits);
    free(x->spaces);
}

int ps_diagnoser_create(double cores, struct ps_arena *a, struct ps_diagnoser **d, struct ps_err *e)
{
    struct ps_diagnoser *n = ps_arena_alloc(a, sizeof *n);
    int err = ps_symbols_create(&n->symbols, e);

    n->arena = a;
    n->cores = cores;
    n->code.arena = n->losses.arena = a;
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

    x.weight = n->period * (double)n->lists[PS_SEEN_SAMPLE].step;
    if (episode_open(&x)) {
        d->executions++;
        d->looks += n->looks;
        d->hidden += n->hidden;
        d->used += n->used;
        add_timeline(d, &n->timeline);
        add_samples(&x);
        add_faults(&x);
        add_waits(&x);
        region_rows_add(&d->regions, n, x.waits, d->arena);
        if (d->folded)
            ps_folded_add(d->folded, d->symbols, x.spaces, n);
    } else {
        err = ps_fail(e, ENOMEM, "out of memory");
    }
    episode_close(&x);
    return err;
}

static void add_behind(struct rows *losses, enum ps_loss_kind kind, const struct row *code,
                       double idle)
{
    struct row *r = idle > 0 ? rows_loss(losses, kind, &code->at, NULL, 0) : NULL;

    if (!r)
        return;
    r->idle += idle;
    r->own = code->own;
    r->calls = code->calls;
}

/* Cores that wait for the work of others, shared out to where that work was. */
static void share_behind(struct ps_diagnoser *d, bool alone, double idle)
{
    double total = 0;

    for (size_t i = 0; i < d->code.count; i++)
        total += alone ? d->code.rows[i].alone : d->code.rows[i].cpu;
    for (size_t i = 0; total > 0 && i < d->code.count; i++) {
        const struct row *c = &d->code.rows[i];
        const double part = idle * (alone ? c->alone : c->cpu) / total;
        const double region = !alone ? 1 : c->alone > 0 ? c->alone_region / c->alone : 0;

        add_behind(&d->losses, PS_LOSS_SERIAL, c, part * (1 - region));
        add_behind(&d->losses, PS_LOSS_IMBALANCE, c, part * region);
    }
}

static int by_cpu(const void *a, const void *b)
{
    const struct ps_code_row *x = a, *y = b;

    return (x->cpu_time < y->cpu_time) - (x->cpu_time > y->cpu_time);
}

static int by_loss(const void *a, const void *b)
{
    const struct ps_loss_row *x = a, *y = b;
    const double p = x->idle + x->spun, q = y->idle + y->spun;

    return (p < q) - (p > q);
}

static struct ps_place owned(struct ps_arena *a, struct ps_place p)
{
    const char **texts[] = {&p.library, &p.function, &p.module, &p.file, &p.caller, &p.caller_file};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (*texts[i])
            *texts[i] = ps_arena_copy(a, *texts[i]);
    return p;
}

static void set_code(const struct ps_diagnoser *d, double n, struct ps_diagnosis *out)
{
    out->code = ps_arena_array(d->arena, d->code.count, sizeof *out->code);
    out->code_count = d->code.count;
    for (size_t i = 0; i < d->code.count; i++) {
        const struct row *r = &d->code.rows[i];

        out->code[i] = (struct ps_code_row){owned(d->arena, row_place(r)), r->cpu / n, r->alone / n,
                                            r->faults / n};
    }
    qsort(out->code, out->code_count, sizeof *out->code, by_cpu);
}

static void set_losses(const struct ps_diagnoser *d, double n, struct ps_diagnosis *out)
{
    out->losses = ps_arena_array(d->arena, d->losses.count, sizeof *out->losses);
    out->loss_count = d->losses.count;
    for (size_t i = 0; i < d->losses.count; i++) {
        const struct row *r = &d->losses.rows[i];

        out->losses[i] = (struct ps_loss_row){r->kind, owned(d->arena, row_place(r)), r->object,
                                              r->idle / n, r->spun / n};
    }
    qsort(out->losses, out->loss_count, sizeof *out->losses, by_loss);
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
        .others = d->displaced / fmax(d->cpu + d->displaced, 1e-9),
        .slowdown = NAN,
        .serial_fraction = d->alone / fmax(d->cpu - d->spun, 1e-9),
        .running = d->running,
        .running_count = d->running_count,
        .sampled = d->sampled / n,
        .spun = d->spun / n,
        .kernel_time = fmax(0, d->cpu - d->sampled) / n,
        .samples = d->samples,
        .looks = d->looks,
        .lost = d->lost,
        .hidden = d->hidden,
    };
    for (size_t i = 0; i < d->running_count; i++)
        out->running[i] /= n;
    share_behind(d, true, d->behind_one);
    share_behind(d, false, d->behind_several);
    set_code(d, n, out);
    set_losses(d, n, out);
    region_rows_result(&d->regions, n, d->arena, out);
    return out;
}
