#include "weights.h"

#include <math.h>
#include <stdlib.h>

/* One that gives up its CPU often; s. */
struct thread {
    const struct ps_timeline_thread *is;
    size_t user, kernel; /* samples */
    double sampled, without;
};

struct threads {
    struct thread *all; /* by number, then by birth */
    size_t count;
};

static bool is_brief(const struct ps_timeline_thread *t)
{
    return t->tid && t->on_cpu < PS_WEIGHTS_BRIEF_NS * t->switches;
}

static int in_order(const void *a, const void *b)
{
    const struct ps_timeline_thread *x = ((const struct thread *)a)->is;
    const struct ps_timeline_thread *y = ((const struct thread *)b)->is;

    return x->tid != y->tid ? (x->tid > y->tid) - (x->tid < y->tid)
                            : (x->born > y->born) - (x->born < y->born);
}

/* None where there is no room. */
static struct threads brief_threads(const struct ps_timeline *t)
{
    struct threads found = {calloc(t->thread_count + 1, sizeof *found.all), 0};

    for (size_t i = 0; found.all && i < t->thread_count; i++)
        if (is_brief(&t->threads[i]))
            found.all[found.count++] = (struct thread){.is = &t->threads[i]};
    if (found.count)
        qsort(found.all, found.count, sizeof *found.all, in_order);
    return found;
}

/* A number may have been another thread's before. NULL: it is not of a brief one. */
static struct thread *thread_of(const struct threads *t, pid_t tid, uint64_t at)
{
    size_t low = 0, high = t->count;
    struct thread *last;

    while (low < high) {
        const size_t middle = (low + high) / 2;
        const struct ps_timeline_thread *is = t->all[middle].is;

        if (is->tid < tid || (is->tid == tid && is->born <= at))
            low = middle + 1;
        else
            high = middle;
    }
    last = low ? &t->all[low - 1] : NULL;
    return last && last->is->tid == tid && (!last->is->died || at <= last->is->died) ? last : NULL;
}

static struct thread *whose(const struct ps_observation *n, const struct threads *t, size_t sample)
{
    const struct ps_seen *s = &n->lists[PS_SEEN_SAMPLE].seen[sample];

    return thread_of(t, s->tid, s->time - n->timeline.begin);
}

static double each(const struct ps_observation *n)
{
    return n->period * (double)n->lists[PS_SEEN_SAMPLE].step;
}

/* Returns s of all samples in user mode. */
static double count(const struct ps_observation *n, struct threads *t)
{
    const struct ps_seen_list *l = &n->lists[PS_SEEN_SAMPLE];
    size_t all = 0;

    for (size_t i = 0; i < l->count; i++) {
        struct thread *x = whose(n, t, i);

        all += !l->seen[i].kernel;
        if (x)
            ++*(l->seen[i].kernel ? &x->kernel : &x->user);
    }
    for (size_t i = 0; i < t->count; i++) {
        struct thread *x = &t->all[i];

        x->sampled = (double)x->user * each(n);
        x->without = x->user ? fmax(0, (double)x->is->on_cpu * 1e-9 - x->sampled) : 0;
    }
    return (double)all * each(n);
}

/* By the accounts, of what has records. A process that has none, as one that changed its user, is
 * in the accounts too: its part of user mode is taken for that of the rest. */
static double user_time(const struct ps_observation *n)
{
    double recorded = n->unrecorded;

    for (size_t i = 0; i < n->timeline.thread_count; i++)
        recorded += (double)n->timeline.threads[i].on_cpu * 1e-9;
    return (n->used - n->system) * fmin(1, recorded / n->used);
}

/* Of the time without samples, of all threads that have such: what was in user mode. */
static double share_of_user(const struct ps_observation *n, struct threads *t)
{
    const double missing = user_time(n) - count(n, t);
    double without = 0;

    for (size_t i = 0; i < t->count; i++)
        without += t->all[i].without;
    return missing > 0 && without > 0 ? fmin(1, missing / without) : 0;
}

static double weight(const struct thread *x, bool kernel, double share)
{
    const double user = x->sampled + share * x->without;

    return kernel ? fmax(0, (double)x->is->on_cpu * 1e-9 - user) / (double)x->kernel
                  : user / (double)x->user;
}

void ps_weights_find(const struct ps_observation *n, double *weights)
{
    const struct ps_seen_list *l = &n->lists[PS_SEEN_SAMPLE];
    const bool known = n->used > 0 && !isnan(n->system);
    struct threads t = known ? brief_threads(&n->timeline) : (struct threads){0};
    const double share = t.count ? share_of_user(n, &t) : 0;

    for (size_t i = 0; i < l->count; i++) {
        const struct thread *x = share > 0 ? whose(n, &t, i) : NULL;

        weights[i] = x && x->user ? weight(x, l->seen[i].kernel, share) : each(n);
    }
    free(t.all);
}
