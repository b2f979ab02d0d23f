/* The efficiency stack of each round, from the raw samples. What is not measured in every round
 * (the clock, counts apart from the timed executions) is taken from the nearest round where it is.
 */
#include "stack_terms.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PERTURBED  0.05 /* by counting; more, and what the runtime costs can't be told */
#define ALL_ON_CPU 0.99 /* of busy and serial time; less must have slept or been preempted */

/* What is known of a target, as one value a round. */
struct side {
    double *frequency, *ipc, *cpu; /* filled */
    size_t clocked, counted;       /* rounds with a clock, and with instructions and cycles */
    double on_cpu; /* where counted apart: CPU time over busy and serial; else NaN */
};

/* All rounds of a target beside its reference. */
struct stack {
    double *room; /* of the series below */
    struct side own, base;
    double *terms; /* rounds of PS_STACK_TERMS */
    struct ps_interval intervals[PS_STACK_TERMS];
};

static bool counted_apart(const struct ps_samples *s, const struct ps_series *t)
{
    return !s->plan->fake && !t->workload->program && !t->sums.count_inline;
}

/* Where the value before and the one behind are equally near, the one before. */
static size_t fill(double *x, size_t n)
{
    size_t seen = 0, last = n;

    for (size_t i = 0; i < n; i++) {
        if (isnan(x[i]))
            continue;
        for (size_t k = last < n ? last + 1 : 0; k < i; k++)
            x[k] = last < n && k - last <= i - k ? x[last] : x[i];
        seen++;
        last = i;
    }
    for (size_t k = last + 1; last < n && k < n; k++)
        x[k] = x[last];
    return seen;
}

static double positive(double x)
{
    return x > 0 && isfinite(x) ? x : NAN;
}

/* Never from an estimated clock. */
static double counted_ipc(const struct ps_samples *s, const struct ps_series *t, const double *x)
{
    size_t cycles = verdict_event(s, "cycles"), instructions = verdict_event(s, "instructions");

    if (!verdict_counted(s, t, cycles) || !verdict_counted(s, t, instructions))
        return NAN;
    return positive(x[PS_RAW_FIXED + instructions] / x[PS_RAW_FIXED + cycles]);
}

static double serial_time(const double *x)
{
    double serial = x[PS_RAW_WALL] - x[PS_RAW_REGION];

    return isnan(serial) ? NAN : fmax(serial, 0);
}

/* Executions that are counted apart are others than those that are timed: what share of its busy
 * and serial time such a target was on a CPU is the median of the rounds. */
static double share_on_cpu(const struct ps_samples *s, const struct ps_series *t, double *x)
{
    double *scratch = calloc(s->rounds + 1, sizeof *scratch), share;

    if (!scratch)
        return NAN;
    for (size_t r = 0; r < s->rounds; r++) {
        const double *raw = ps_raw(s, t, r);

        x[r] = ps_useful_cpu(raw) / (raw[PS_RAW_BUSY] + serial_time(raw));
    }
    share = ps_median(x, s->rounds, scratch);
    free(scratch);
    return share;
}

static void set_cpu(const struct ps_samples *s, const struct ps_series *t, struct side *side)
{
    side->on_cpu = counted_apart(s, t) ? share_on_cpu(s, t, side->cpu) : NAN;
    for (size_t r = 0; r < s->rounds; r++) {
        const double *x = ps_raw(s, t, r);

        side->cpu[r] = counted_apart(s, t) ? side->on_cpu * (x[PS_RAW_BUSY] + serial_time(x))
                                           : ps_useful_cpu(x);
    }
}

static void set_side(const struct ps_samples *s, const struct ps_series *t, double *room,
                     struct side *side)
{
    *side = (struct side){room, room + s->rounds, room + 2 * s->rounds, 0, 0, NAN};
    for (size_t r = 0; r < s->rounds; r++) {
        side->frequency[r] = positive(view_of(s, t, r).frequency);
        side->ipc[r] = counted_ipc(s, t, ps_raw(s, t, r));
    }
    side->clocked = fill(side->frequency, s->rounds);
    side->counted = fill(side->ipc, s->rounds);
    set_cpu(s, t, side);
}

static const char *runtime_hidden(const struct ps_samples *s, const struct ps_series *t)
{
    if (t->workload->program)
        return "only the CPU use of a program is known: part of the waiting";
    if (t->plan->strategy->hides_spin)
        return "spinning in its runtime can't be told from work: part of the waiting";
    if (counted_apart(s, t) && !(metric_median(s, t, "counting_overhead") <= PERTURBED))
        return "reading counters slows down these executions too much: part of the waiting";
    return NULL;
}

static struct ps_stack_times times_of(const struct ps_samples *s, const struct ps_series *t,
                                      size_t round, const struct side *side, bool runtime)
{
    const double *x = ps_raw(s, t, round);

    return (struct ps_stack_times){
        .wall = x[PS_RAW_WALL],
        .cpu = side->cpu[round],
        .slots = t->plan->threads,
        .busy = x[PS_RAW_BUSY],
        .max_busy = x[PS_RAW_MAX_BUSY],
        .spin = x[PS_RAW_SPIN],
        .serial = serial_time(x),
        .others = x[PS_RAW_OTHERS],
        .runtime = runtime,
        .frequency = side->frequency[round],
        .ipc = side->ipc[round],
    };
}

/* A round without CPU time has no factors. Returns whether it has. */
static bool blank_useless(double *terms)
{
    if (terms[PS_STACK_PARALLEL] > 0 && terms[PS_STACK_COMPUTATION] > 0)
        return true;
    for (size_t i = 0; i < PS_STACK_TERMS; i++)
        terms[i] = NAN;
    return false;
}

/* The efficiency is that of all rounds, as in the headline, where any has factors. */
static void set_efficiency(const struct ps_samples *s, const struct ps_series *t, double *terms)
{
    for (size_t r = 0; r < s->rounds; r++)
        terms[r * PS_STACK_TERMS + PS_STACK_EFFICIENCY] =
            positive(t->plan->work * ps_raw(s, t->baseline, r)[PS_RAW_WALL] /
                     ps_raw(s, t, r)[PS_RAW_WALL] / series_p(t));
}

/* As if the reference had done as much. */
static void grow(struct ps_stack_times *base, double work)
{
    base->wall *= work;
    base->cpu *= work;
    base->busy *= work;
    base->max_busy *= work;
    base->spin *= work;
    base->serial *= work;
    base->others *= work;
}

static bool stack_open(const struct ps_samples *s, const struct ps_series *t, struct stack *st)
{
    bool runtime = !runtime_hidden(s, t), any = false;

    st->room = calloc(s->rounds + 1, (6 + PS_STACK_TERMS) * sizeof *st->room);
    if (!st->room)
        return false;
    st->terms = st->room + 6 * s->rounds;
    set_side(s, t, st->room, &st->own);
    set_side(s, t->baseline, st->room + 3 * s->rounds, &st->base);
    for (size_t r = 0; r < s->rounds; r++) {
        struct ps_stack_times own = times_of(s, t, r, &st->own, runtime);
        struct ps_stack_times base = times_of(s, t->baseline, r, &st->base, false);

        grow(&base, t->plan->work);
        ps_stack_round(&own, &base, series_p(t), st->terms + r * PS_STACK_TERMS);
        any |= blank_useless(st->terms + r * PS_STACK_TERMS);
    }
    if (any)
        set_efficiency(s, t, st->terms);
    return true;
}

static void stack_close(struct stack *st)
{
    free(st->room);
}

/* What the clock leaves of CPU time: cycles, and of those the IPC: instructions. */
static bool follows_clock(enum ps_stack_term term)
{
    return term == PS_STACK_INSTRUCTIONS || term == PS_LOST_INSTRUCTIONS ||
           term == PS_STACK_CYCLES || term == PS_LOST_CYCLES;
}

/* Rounds that the point was part of. */
static size_t own_rounds(const struct ps_samples *s, const struct stack *st)
{
    size_t rounds = 0;

    for (size_t r = 0; r < s->rounds; r++)
        rounds += !isnan(st->terms[r * PS_STACK_TERMS + PS_STACK_PARALLEL]);
    return rounds;
}

/* Rounds that a term's own measurements come from. */
static size_t measured_rounds(const struct ps_samples *s, const struct stack *st,
                              const struct metric_row *row)
{
    size_t clocked = st->own.clocked < st->base.clocked ? st->own.clocked : st->base.clocked;
    size_t counted = st->own.counted < st->base.counted ? st->own.counted : st->base.counted;

    if (row->source == PS_SOURCE_CYCLES || row->source == PS_SOURCE_FREQUENCY)
        return clocked;
    if (row->source == PS_SOURCE_BOTH && follows_clock((enum ps_stack_term)(row - metric_terms)))
        return clocked < counted ? clocked : counted;
    return row->source == PS_SOURCE_BOTH ? counted : own_rounds(s, st);
}

/* What comes from fewer rounds than there are is known less well. */
static struct ps_interval honest(struct ps_interval i, size_t measured, size_t rounds)
{
    double widen = sqrt(fmax(1, (double)rounds / (double)measured));

    if (measured < PS_MIN_ROUNDS)
        return (struct ps_interval){i.value, NAN, NAN};
    return (struct ps_interval){i.value, i.value - widen * (i.value - i.low),
                                i.value + widen * (i.high - i.value)};
}

/* Terms: bits; the others are NaN. */
static void set_intervals(const struct ps_samples *s, struct stack *st, unsigned terms)
{
    size_t own = own_rounds(s, st);

    if (ps_stack_intervals(st->terms, s->rounds, terms, s->draws, st->intervals) < 0)
        for (unsigned i = 0; i < PS_STACK_TERMS; i++)
            st->intervals[i] = (struct ps_interval){NAN, NAN, NAN};
    for (unsigned i = 0; i < PS_STACK_TERMS; i++)
        st->intervals[i] = honest(st->intervals[i], measured_rounds(s, st, &metric_terms[i]), own);
}

struct ps_interval stack_interval(const struct ps_samples *s, const struct ps_series *t,
                                  const struct metric_row *row)
{
    size_t term = (size_t)(row - metric_terms);
    struct stack st;

    if (!metric_applies(s, t, row) || !stack_open(s, t, &st))
        return (struct ps_interval){NAN, NAN, NAN};
    set_intervals(s, &st, 1u << term);
    stack_close(&st);
    return st.intervals[term];
}

/* Of the terms that follow from CPU time. */
static struct verdict use_verdict(const struct ps_series *t, const struct stack *st)
{
    bool slept = st->own.on_cpu < ALL_ON_CPU || st->base.on_cpu < ALL_ON_CPU;

    if (t->workload->program)
        return (struct verdict){PS_ESTIMATED,
                                "spinning while waiting counts as work, not as waiting"};
    if (slept)
        return (struct verdict){
            PS_ESTIMATED,
            "CPU time is from executions with counters, which are not the timed ones"};
    return (struct verdict){PS_EXACT, NULL};
}

static struct verdict both_verdicts(const struct ps_samples *s, const struct ps_series *t,
                                    enum ps_source source)
{
    return verdict_worse(verdict_of_source(s, t, source),
                         verdict_of_source(s, t->baseline, source));
}

static struct verdict rate_verdict(const struct ps_samples *s, const struct ps_series *t,
                                   const struct stack *st, enum ps_stack_term term)
{
    struct verdict v = both_verdicts(s, t, metric_terms[term].source);

    if (v.quality == PS_UNAVAILABLE)
        return v;
    if (follows_clock(term))
        v = verdict_worse(v, both_verdicts(s, t, PS_SOURCE_FREQUENCY));
    if (t->plan->strategy->hides_spin)
        v = verdict_worse(
            v, (struct verdict){PS_ESTIMATED, "spinning in its runtime can't be told from work"});
    return verdict_worse(v, use_verdict(t, st));
}

static struct verdict verdict_of(const struct ps_samples *s, const struct ps_series *t,
                                 const struct stack *st, enum ps_stack_term term)
{
    const char *hidden = runtime_hidden(s, t);

    if (metric_terms[term].source == PS_SOURCE_BOTH ||
        metric_terms[term].source == PS_SOURCE_CYCLES ||
        metric_terms[term].source == PS_SOURCE_FREQUENCY)
        return rate_verdict(s, t, st, term);
    if (metric_terms[term].source == PS_SOURCE_LOAD)
        return verdict_of_source(s, t, PS_SOURCE_LOAD);
    if (t->workload->program && metric_terms[term].source == PS_SOURCE_SLOTS)
        return (struct verdict){PS_UNAVAILABLE, hidden};
    if (term == PS_LOST_RUNTIME && hidden)
        return (struct verdict){PS_UNAVAILABLE, hidden};
    if (term == PS_LOST_RUNTIME && counted_apart(s, t))
        return (struct verdict){
            PS_ESTIMATED,
            "CPU time is from executions with counters, which are not the timed ones"};
    if ((term == PS_LOST_IMBALANCE || term == PS_STACK_WAIT) && t->plan->threads > t->plan->p)
        return (struct verdict){PS_ESTIMATED,
                                "threads that take turns on a CPU count as busy meanwhile"};
    return metric_terms[term].source == PS_SOURCE_COUNTED_TIME ? use_verdict(t, st)
                                                               : (struct verdict){PS_EXACT, NULL};
}

static const char *missing(const struct ps_samples *s, const struct ps_series *t,
                           const struct stack *st, const struct metric_row *row)
{
    if (row->source == PS_SOURCE_FREQUENCY && st->own.clocked)
        return verdict_missing(s, t->baseline, PS_SOURCE_FREQUENCY);
    if (row->source == PS_SOURCE_FREQUENCY || row->source == PS_SOURCE_SLOTS)
        return verdict_missing(s, t, row->source);
    return row->source == PS_SOURCE_BOTH ? "not counted" : "no CPU time is known";
}

static double *samples_of(const struct ps_samples *s, const struct stack *st,
                          enum ps_stack_term term, bool *any)
{
    double *samples = series_room(s);

    *any = false;
    for (size_t r = 0; r < s->rounds; r++) {
        samples[r] = st->terms[r * PS_STACK_TERMS + term];
        *any |= !isnan(samples[r]);
    }
    return samples;
}

static void add_term(const struct ps_samples *s, const struct ps_series *t, const struct stack *st,
                     enum ps_stack_term term, struct ps_point *p)
{
    const struct metric_row *row = &metric_terms[term];
    struct verdict v = verdict_of(s, t, st, term);
    struct ps_interval i = {NAN, NAN, NAN};
    struct ps_metric *m;
    bool any;
    double *samples = samples_of(s, st, term, &any);

    if (!metric_applies(s, t, row) || (row->scope & PS_SCOPE_MEASURED && !any))
        return;
    any &= v.quality != PS_UNAVAILABLE;
    if (any)
        i = st->intervals[term];
    else if (v.quality != PS_UNAVAILABLE)
        v = (struct verdict){PS_UNAVAILABLE, missing(s, t, st, row)};
    p->metrics = ps_arena_grow(s->arena, p->metrics, p->metric_count, sizeof *m);
    m = &p->metrics[p->metric_count++];
    *m = (struct ps_metric){
        row->id,  ps_metric_find(row->id)->unit, i.value, i.low, i.high, v.quality,
        v.reason, any ? samples : NULL};
}

void stack_add(const struct ps_samples *s, const struct ps_series *t, struct ps_point *p)
{
    struct stack st;

    if (!s->rounds || !metric_applies(s, t, &metric_terms[PS_STACK_EFFICIENCY]) ||
        !stack_open(s, t, &st))
        return;
    set_intervals(s, &st, ~0u);
    for (unsigned i = 0; i < PS_STACK_TERMS; i++)
        add_term(s, t, &st, (enum ps_stack_term)i, p);
    stack_close(&st);
}
