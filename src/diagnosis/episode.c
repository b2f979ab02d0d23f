#include "episode.h"

#include <stdlib.h>

#include "weights.h"

#define MOST_NEAREST 32

/* ---- processes that are at work side by side ---- */

static bool is_process(const struct ps_timeline_thread *t)
{
    return t->tid && t->pid == t->tid;
}

static bool companions(const struct ps_timeline_thread *a, const struct ps_timeline_thread *b)
{
    return a != b && is_process(b) && a->parent && a->parent == b->parent &&
           (!b->died || b->died > a->born) && (!a->died || a->died > b->born);
}

static void find_companions(struct episode *x)
{
    const struct ps_timeline *t = &x->n->timeline;

    for (size_t i = 0; i < t->thread_count; i++)
        for (size_t k = 0; is_process(&t->threads[i]) && !x->companion[i] && k < t->thread_count;
             k++)
            x->companion[i] = companions(&t->threads[i], &t->threads[k]);
    for (size_t i = 0; i < t->thread_count; i++)
        x->companions |= x->companion[i];
}

static bool of_companion(const struct episode *x, pid_t pid)
{
    const struct ps_timeline *t = &x->n->timeline;

    for (size_t i = 0; i < t->thread_count; i++)
        if (x->companion[i] && t->threads[i].pid == pid)
            return true;
    return false;
}

/* ---- places of all stacks ---- */

static void tell(struct episode *x, enum ps_seen_kind kind, struct place_of *out)
{
    const struct ps_seen_list *l = &x->n->lists[kind];
    pid_t last = 0;
    bool companion = false;

    for (size_t i = 0; i < l->count; i++) {
        place_find(x->d->symbols, x->spaces[l->seen[i].space], &l->seen[i], &out[i]);
        if (l->seen[i].pid != last)
            companion = of_companion(x, l->seen[i].pid);
        last = l->seen[i].pid;
        /* A process that hands work to others has threads for that. */
        out[i].region =
            companion ||
            (out[i].region && !(x->companions && ps_module_interprets(out[i].place.module)));
        if (l->seen[i].region && l->seen[i].region <= x->n->region_count)
            out[i].region_number =
                region_rows_number(&x->d->regions, x->n->regions[l->seen[i].region - 1].name,
                                   x->d->arena, &out[i].place.region);
    }
}

bool episode_open(struct episode *x)
{
    const struct ps_spaces *spaces = &x->n->spaces;

    x->samples = calloc(x->n->lists[PS_SEEN_SAMPLE].count + 1, sizeof *x->samples);
    x->weights = calloc(x->n->lists[PS_SEEN_SAMPLE].count + 1, sizeof *x->weights);
    x->waits = calloc(x->n->lists[PS_SEEN_WAIT].count + 1, sizeof *x->waits);
    x->spaces = calloc(spaces->count + 1, sizeof *x->spaces);
    x->companion = calloc(x->n->timeline.thread_count + 1, sizeof *x->companion);
    if (!x->samples || !x->weights || !x->waits || !x->spaces || !x->companion)
        return false;
    for (size_t i = 0; i < spaces->count; i++)
        x->spaces[i] = ps_symbols_add_space(x->d->symbols, spaces->spaces[i].pid,
                                            spaces->spaces[i].mappings, spaces->spaces[i].count);
    find_companions(x);
    ps_weights_find(x->n, x->weights);
    tell(x, PS_SEEN_SAMPLE, x->samples);
    tell(x, PS_SEEN_WAIT, x->waits);
    return true;
}

void episode_close(struct episode *x)
{
    free(x->samples);
    free(x->weights);
    free(x->waits);
    free(x->spaces);
    free(x->companion);
}

uint64_t episode_ns(const struct episode *x, double periods)
{
    return (uint64_t)(periods * x->n->period * (double)x->n->lists[PS_SEEN_SAMPLE].step * 1e9);
}

/* ---- CPU time ---- */

/* The threads whose sample next to one has been looked at. */
struct nearest {
    pid_t tids[MOST_NEAREST];
    size_t count;
};

/* Whether it is the nearest of its thread; of threads that there is no room for each may be. */
static bool is_nearest(struct nearest *n, pid_t tid)
{
    for (size_t i = 0; i < n->count; i++)
        if (n->tids[i] == tid)
            return false;
    if (n->count < MOST_NEAREST)
        n->tids[n->count++] = tid;
    return true;
}

/* The one of two samples, before and behind the i-th, that is nearer to it. */
static size_t nearer(const struct ps_seen_list *l, size_t i, size_t before, size_t behind,
                     uint64_t near)
{
    const uint64_t now = l->seen[i].time;
    const uint64_t back = before < i ? now - l->seen[before].time : UINT64_MAX;
    const uint64_t on = behind < l->count ? l->seen[behind].time - now : UINT64_MAX;

    if (back > near && on > near)
        return l->count;
    return back <= on ? before : behind;
}

/* By each other thread's nearest sample: phases may be as short as the sampling period, and what is
 * a little further belongs to another one. */
static bool others_idle(const struct episode *x, size_t i)
{
    const struct ps_seen_list *l = &x->n->lists[PS_SEEN_SAMPLE];
    const uint64_t near = episode_ns(x, NEAR);
    struct nearest seen = {{l->seen[i].tid}, 1};
    size_t before = i - 1, behind = i + 1, k; /* before: beyond i where there is none left */

    while ((k = nearer(l, i, before, behind, near)) < l->count) {
        if (is_nearest(&seen, l->seen[k].tid) && !x->samples[k].spins)
            return false;
        if (k == before)
            before--;
        else
            behind++;
    }
    return seen.count > 1;
}

static void add_work(struct episode *x, size_t i)
{
    const struct ps_seen *seen = &x->n->lists[PS_SEEN_SAMPLE].seen[i];
    struct row *r = rows_code(&x->d->code, &x->samples[i], x->weight);
    bool alone = seen->running <= 1;

    if (!alone) {
        alone = others_idle(x, i);
        x->d->beside += x->weight;
        x->d->beside_idle += alone ? x->weight : 0;
    }
    if (!r)
        return;
    r->cpu += x->weight;
    if (x->samples[i].calls_kernel)
        r->calling += x->weight;
    if (x->samples[i].hot == PS_HOT_ATOMIC)
        r->atomic += x->weight;
    if (x->samples[i].hot == PS_HOT_STORE)
        r->stores += x->weight;
    if (x->samples[i].hot == PS_HOT_LOAD)
        r->loads += x->weight;
    if (alone)
        r->alone += x->weight;
    if (alone && x->samples[i].region)
        r->alone_region += x->weight;
    spins_weigh(x, i, r);
}

static void add_kernel(struct episode *x, size_t i)
{
    struct row *r = rows_code(&x->d->code, &x->samples[i], x->weight);

    if (r)
        r->kernel += x->weight;
}

void episode_add_samples(struct episode *x)
{
    const struct ps_seen_list *l = &x->n->lists[PS_SEEN_SAMPLE];

    for (size_t i = 0; i < l->count; i++) {
        x->weight = x->weights[i];
        if (l->seen[i].kernel) {
            add_kernel(x, i);
            continue;
        }
        x->d->sampled += x->weight;
        module_rows_add(&x->d->modules, x->samples[i].module, x->weight, l->seen[i].running <= 1,
                        x->d->arena);
        if (x->samples[i].calls_kernel) {
            x->d->calling += x->weight;
            x->d->calls++;
        }
        if (x->samples[i].spins)
            spins_add(x, i);
        else
            add_work(x, i);
    }
    x->d->samples += l->taken;
}

void episode_add_faults(struct episode *x)
{
    const struct ps_seen_list *l = &x->n->lists[PS_SEEN_FAULT];

    for (size_t i = 0; i < l->count; i++) {
        const double weight = x->n->fault_weight * (double)l->step;
        struct place_of at;
        struct row *r;

        place_find(x->d->symbols, x->spaces[l->seen[i].space], &l->seen[i], &at);
        r = rows_code(&x->d->code, &at, 0);
        x->d->faults += weight;
        if (r)
            r->faults += weight;
    }
}
