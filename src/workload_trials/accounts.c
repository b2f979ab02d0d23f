/* What a part leaves in the accounts of the slots and in the counter groups, into the samples and
 * sums of its target. */
#include "accounts.h"

#include <math.h>
#include <string.h>

#define NO_EVENTS "threads that live for one item are too short-lived for counters"
#define CLOCKS_AGREE \
    1.02 /* the clock of the slots and that of a thread's CPU time, with their reads */

static bool caller_is_slot(const struct target *t)
{
    return t->plan->strategy->caller != PS_CALLER_WAITS;
}

static double rate(const struct ps_slot *s)
{
    return s->busy ? (double)s->items / (double)s->busy : NAN;
}

/* The slower over the faster of each two siblings, geometric mean over the cores: slots i and n +
 * i, see plan_smt.c. NaN where one of them did nothing. */
static double fairness(const struct target *t)
{
    unsigned cores = t->plan->threads / 2;
    double sum = 0;

    for (unsigned i = 0; i < cores; i++) {
        double one = rate(&t->instance->slots[i]), other = rate(&t->instance->slots[cores + i]);

        sum += log(fmin(one, other) / fmax(one, other));
        if (!(one > 0 && other > 0))
            return NAN;
    }
    return exp(sum / cores);
}

void take_slots(struct session *s, struct target *t, size_t round, const struct part *p)
{
    double *raw = ps_raw(&s->samples, t->series, round), tick = part_tick(p),
           count = part_executions(p);
    bool hidden = t->plan->strategy->hides_spin;
    uint64_t busy = 0, spin = 0;

    for (unsigned i = 0; i < t->plan->threads; i++) {
        const struct ps_slot *slot = &t->instance->slots[i];
        struct ps_worker *w = &t->series->sums.workers[i];

        busy += slot->busy;
        spin += slot->spin;
        w->busy_time += (double)slot->busy * tick;
        w->spin_time += hidden ? NAN : (double)slot->spin * tick;
        w->items += (double)slot->items;
    }
    t->series->sums.worker_executions += isnan(count) ? 0 : count;
    raw[PS_RAW_BUSY] = (double)busy * tick / count;
    raw[PS_RAW_SPIN] = hidden ? NAN : (double)spin * tick / count;
    raw[PS_RAW_REGION] = (double)t->instance->sums.region * tick / count;
    raw[PS_RAW_MAX_BUSY] = (double)t->instance->sums.max_busy * tick / count;
    if (t->plan->placement == PS_PLACE_TWO_PER_CORE)
        raw[PS_RAW_FAIRNESS] = fairness(t);
}

/* The worker that a group is of; the caller's may be of none: `threads`. */
static unsigned group_slot(const struct target *t, unsigned group)
{
    return group == t->plan->threads && caller_is_slot(t) ? 0 : group;
}

static void add_worker_count(const struct session *s, struct target *t, unsigned slot, size_t event,
                             double count)
{
    struct ps_worker_count *w =
        &t->series->sums.worker_counts[slot * s->samples.event_count + event];

    if (isnan(count) || slot >= t->plan->threads)
        return;
    w->sum += count;
    w->rounds++;
}

static void add_counts(struct session *s, struct target *t, double *raw, unsigned group,
                       double executions)
{
    const struct ps_counts *c = ps_group_counts(t->groups[group]);
    const unsigned slot = group_slot(t, group);

    raw[PS_RAW_CPU] += (double)c->cpu_ns * 1e-9 / executions;
    raw[PS_RAW_VOLUNTARY] += (double)c->voluntary / executions;
    raw[PS_RAW_INVOLUNTARY] += (double)c->involuntary / executions;
    for (size_t k = 0; k < s->samples.event_count; k++) {
        t->series->sums.enabled_ns[k] += c->enabled_ns[k];
        t->series->sums.running_ns[k] += c->running_ns[k];
    }
    if (slot < t->plan->threads)
        t->series->sums.workers[slot].cpu_time += (double)c->cpu_ns * 1e-9 / executions;
    if (!c->cpu_ns)
        return; /* took no part */
    for (size_t k = 0; k < s->samples.event_count; k++) {
        const struct ps_event *event = &s->samples.events[k];
        const bool could = c->reads || event->state == PS_COUNT_UNAVAILABLE;
        const char *doubt = could ? ps_count_doubt(event, c, k) : NO_EVENTS;
        double count = doubt ? NAN : ps_count_scaled(event, c, k) / executions;

        if (doubt)
            ps_sums_doubt(&t->series->sums, k, doubt);
        raw[PS_RAW_FIXED + k] += count;
        add_worker_count(s, t, slot, k, count);
    }
}

static bool groups_failed(struct session *s, struct target *t, unsigned first)
{
    for (unsigned i = first; i <= t->plan->threads; i++) {
        int err = ps_group_error(t->groups[i]);

        if (err < 0) {
            t->series->sums.uncounted = ps_arena_format(
                s->arena, "the counters of a worker could not be read: %s", strerror(-err));
            return true;
        }
    }
    return false;
}

/* Whether a slot's spinning lies within the intervals that its group counts. */
static bool spin_is_counted(const struct target *t, unsigned slot)
{
    return t->plan->strategy->probe_spans_spin || (!slot && caller_is_slot(t));
}

static const struct ps_counts *slot_counts(const struct target *t, unsigned slot)
{
    return ps_group_counts(t->groups[!slot && caller_is_slot(t) ? t->plan->threads : slot]);
}

double spun_cpu(double spin, double cpu)
{
    return spin <= CLOCKS_AGREE * cpu ? fmin(spin, cpu) : NAN;
}

/* s of CPU time in all executions of the part. */
static double sum_of_spin(const struct target *t, const struct part *p)
{
    double sum = 0;

    for (unsigned i = 0; i < t->plan->threads; i++)
        if (spin_is_counted(t, i) && t->instance->slots[i].spin)
            sum += spun_cpu((double)t->instance->slots[i].spin * part_tick(p),
                            (double)slot_counts(t, i)->cpu_ns * 1e-9);
    return sum;
}

/* Sums over the groups that took part; a group that failed makes the round's counts missing. */
void take_counts(struct session *s, struct target *t, size_t round, const struct part *p)
{
    double *raw = ps_raw(&s->samples, t->series, round), count = part_executions(p);
    unsigned first = caller_is_slot(t) ? 1 : 0;

    if (isnan(count) || groups_failed(s, t, first))
        return;
    t->series->sums.counted_trials++;
    raw[PS_RAW_CPU] = raw[PS_RAW_VOLUNTARY] = raw[PS_RAW_INVOLUNTARY] = 0;
    memset(raw + PS_RAW_FIXED, 0, s->samples.event_count * sizeof *raw);
    for (unsigned i = first; i <= t->plan->threads; i++)
        add_counts(s, t, raw, i, count);
    for (size_t k = 0; k < s->samples.event_count; k++)
        t->series->sums.event_rounds[k] += !isnan(raw[PS_RAW_FIXED + k]);
    raw[PS_RAW_CPU_SPIN] = sum_of_spin(t, p) / count;
    raw[PS_RAW_WALL_COUNTED] = part_wall(p);
}
