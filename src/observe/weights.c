#include "weights.h"

#include <math.h>

/* One thread, s. */
struct thread {
    size_t user, kernel; /* samples */
    double sampled, without;
};

static bool is_brief(const struct ps_timeline_thread *t)
{
    return t->tid && t->on_cpu < PS_WEIGHTS_BRIEF_NS * t->switches;
}

/* A number may have been another thread's before. */
static bool is_of(const struct ps_observation *n, const struct ps_timeline_thread *t,
                  const struct ps_seen *s)
{
    const uint64_t at = s->time - n->timeline.begin;

    return s->tid == t->tid && at >= t->born && (!t->died || at <= t->died);
}

static double each(const struct ps_observation *n)
{
    return n->period * (double)n->lists[PS_SEEN_SAMPLE].step;
}

static struct thread thread_of(const struct ps_observation *n, const struct ps_timeline_thread *t)
{
    const struct ps_seen_list *l = &n->lists[PS_SEEN_SAMPLE];
    struct thread x = {0};

    for (size_t i = 0; i < l->count; i++) {
        if (!is_of(n, t, &l->seen[i]))
            continue;
        x.kernel += l->seen[i].kernel;
        x.user += !l->seen[i].kernel;
    }
    x.sampled = (double)x.user * each(n);
    x.without = x.user ? fmax(0, (double)t->on_cpu * 1e-9 - x.sampled) : 0;
    return x;
}

static double all_sampled(const struct ps_observation *n)
{
    const struct ps_seen_list *l = &n->lists[PS_SEEN_SAMPLE];
    size_t count = 0;

    for (size_t i = 0; i < l->count; i++)
        count += !l->seen[i].kernel;
    return (double)count * each(n);
}

/* Of the time without samples, of all threads that have such: what was in user mode. */
static double share_of_user(const struct ps_observation *n)
{
    const double missing = n->used - n->system - all_sampled(n);
    double without = 0;

    for (size_t i = 0; i < n->timeline.thread_count; i++)
        if (is_brief(&n->timeline.threads[i]))
            without += thread_of(n, &n->timeline.threads[i]).without;
    return missing > 0 && without > 0 ? fmin(1, missing / without) : 0;
}

static void weigh(const struct ps_observation *n, const struct ps_timeline_thread *t, double share,
                  double *weights)
{
    const struct ps_seen_list *l = &n->lists[PS_SEEN_SAMPLE];
    const struct thread x = thread_of(n, t);
    const double user = x.sampled + share * x.without;
    const double kernel = fmax(0, (double)t->on_cpu * 1e-9 - user);

    for (size_t i = 0; x.user && i < l->count; i++)
        if (is_of(n, t, &l->seen[i]))
            weights[i] = l->seen[i].kernel ? kernel / (double)x.kernel : user / (double)x.user;
}

void ps_weights_find(const struct ps_observation *n, double *weights)
{
    double share;

    for (size_t i = 0; i < n->lists[PS_SEEN_SAMPLE].count; i++)
        weights[i] = each(n);
    share = n->used > 0 && !isnan(n->system) ? share_of_user(n) : 0;
    for (size_t i = 0; share > 0 && i < n->timeline.thread_count; i++)
        if (is_brief(&n->timeline.threads[i]))
            weigh(n, &n->timeline.threads[i], share, weights);
}
