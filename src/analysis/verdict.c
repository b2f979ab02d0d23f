/* The quality of a number, and the reason where it is not exact. */
#include <math.h>
#include <string.h>

#include "duration.h"
#include "units.h"
#include "verdict.h"

#define SPIN_TOLERATED 0.01 /* share of the CPU time; more makes counts estimates */
#define TICKS_NEEDED   1.0  /* s of CPU time that is 100 ticks at least */
#define SPUN_OFF_CPU \
    "workers that spun were kept from their CPUs: their CPU time can't be told from it"
#define TICKS_TELL 0.1 /* s of CPU time in which the ticks, 1 to 10 ms, tell user from system */

size_t verdict_event(const struct ps_samples *s, const char *name)
{
    size_t i = 0;

    while (i < s->event_count && strcmp(s->events[i].name, name))
        i++;
    return i;
}

bool verdict_counted(const struct ps_samples *s, const struct ps_series *t, size_t event)
{
    return event < s->event_count && t->sums.event_rounds[event] > 0;
}

bool verdict_counts_clock(const struct ps_samples *s, const struct ps_series *t)
{
    size_t i = verdict_event(s, "cycles");

    return verdict_counted(s, t, i) && s->events[i].state != PS_COUNT_KERNEL_ONLY &&
           s->events[i].state != PS_COUNT_USER_ONLY;
}

static struct verdict level_verdict(const struct ps_event *e)
{
    if (e->state == PS_COUNT_USER_ONLY)
        return (struct verdict){PS_USER_ONLY, e->reason};
    if (e->state == PS_COUNT_KERNEL_ONLY)
        return (struct verdict){PS_KERNEL_ONLY, e->reason};
    return (struct verdict){PS_EXACT, NULL};
}

/* What is missing weighs more than what is scaled; the reason has both. */
static struct verdict multiplexed_verdict(const struct ps_samples *s, const struct ps_series *t,
                                          size_t event)
{
    double share = (double)t->sums.running_ns[event] / (double)t->sums.enabled_ns[event];
    const char *text = ps_arena_format(s->arena, "counted %.3g %% of the time", 100 * share);
    struct verdict v = level_verdict(&s->events[event]);

    if (v.quality == PS_EXACT)
        return (struct verdict){PS_MULTIPLEXED, text, share};
    v.reason = ps_arena_format(s->arena, "%s; %s", v.reason, text);
    v.share = share;
    return v;
}

struct verdict verdict_of_event(const struct ps_samples *s, const struct ps_series *t, size_t event)
{
    const struct ps_event *e = &s->events[event];

    if (!t->sums.event_rounds[event] && t->sums.event_doubt[event])
        return (struct verdict){PS_UNAVAILABLE, t->sums.event_doubt[event]};
    if (s->plan->fake)
        return (struct verdict){PS_EXACT, NULL};
    if (e->state == PS_COUNT_UNAVAILABLE)
        return (struct verdict){PS_UNAVAILABLE, e->reason};
    if (t->sums.event_doubt[event] && !ps_count_doubt_is_turn(t->sums.event_doubt[event]))
        return (struct verdict){PS_PARTIAL, t->sums.event_doubt[event]};
    if (t->sums.running_ns[event] < t->sums.enabled_ns[event])
        return multiplexed_verdict(s, t, event);
    return level_verdict(e);
}

static double spin_share(const struct ps_samples *s, const struct ps_series *t)
{
    double spinning = 0, cpu = 0;

    for (size_t r = 0; r < s->rounds; r++) {
        const double *x = ps_raw(s, t, r);

        if (!isnan(x[PS_RAW_CPU]) && !isnan(x[PS_RAW_CPU_SPIN])) {
            spinning += x[PS_RAW_CPU_SPIN];
            cpu += x[PS_RAW_CPU];
        }
    }
    return cpu > 0 ? spinning / cpu : 0;
}

/* Rounds that have CPU time of which it can't be told how much was spinning; *counted: of so many.
 */
static size_t spin_unknown(const struct ps_samples *s, const struct ps_series *t, size_t *counted)
{
    size_t unknown = 0;

    *counted = 0;
    for (size_t r = 0; r < s->rounds; r++) {
        const double *x = ps_raw(s, t, r);

        *counted += !isnan(x[PS_RAW_CPU]);
        unknown += !isnan(x[PS_RAW_CPU]) && isnan(x[PS_RAW_CPU_SPIN]);
    }
    return unknown;
}

static struct verdict cpu_verdict(const struct ps_samples *s, const struct ps_series *t)
{
    size_t counted, unknown = spin_unknown(s, t, &counted);

    if (!unknown)
        return (struct verdict){PS_EXACT, NULL};
    return (struct verdict){
        PS_PARTIAL,
        ps_arena_format(s->arena, "not of %zu of %zu rounds: " SPUN_OFF_CPU, unknown, counted)};
}

static bool spin_hides_all(const struct ps_samples *s, const struct ps_series *t)
{
    size_t counted, unknown = spin_unknown(s, t, &counted);

    return unknown && unknown == counted;
}

static struct verdict count_verdict(const struct ps_samples *s, const struct ps_series *t,
                                    const char *event)
{
    size_t i = verdict_event(s, event);
    struct verdict v = verdict_of_event(s, t, i);
    double share = spin_share(s, t);

    if (v.quality != PS_UNAVAILABLE && share > SPIN_TOLERATED)
        v = (struct verdict){
            PS_ESTIMATED,
            ps_arena_format(
                s->arena,
                "the runtime's own spinning, %.0f %% of the CPU time, is subtracted in proportion",
                100 * share)};
    return v;
}

static struct verdict clock_verdict(const struct ps_series *t)
{
    return (struct verdict){PS_ESTIMATED,
                            t->sums.frequency_why
                                ? "CPU time × the clock, from the clock probes that succeeded"
                                : "CPU time × the clock, from the clock probe"};
}

static struct verdict cycles_verdict(const struct ps_samples *s, const struct ps_series *t,
                                     enum ps_source source)
{
    if (!verdict_counted(s, t, verdict_event(s, "cycles")) ||
        (source != PS_SOURCE_CYCLES && !verdict_counts_clock(s, t)))
        return clock_verdict(t);
    return count_verdict(s, t, "cycles");
}

struct verdict verdict_worse(struct verdict a, struct verdict b)
{
    return b.quality > a.quality ? b : a;
}

/* IPC never comes from an estimated clock. */
static struct verdict ipc_verdict(const struct ps_samples *s, const struct ps_series *t)
{
    if (!verdict_counted(s, t, verdict_event(s, "cycles")))
        return verdict_of_event(s, t, verdict_event(s, "cycles"));
    return verdict_worse(count_verdict(s, t, "cycles"), count_verdict(s, t, "instructions"));
}

/* CPU time of all rounds that have it, in s. */
static double split_time(const struct ps_samples *s, const struct ps_series *t, size_t *rounds)
{
    double sum = 0;

    *rounds = 0;

    for (size_t r = 0; r < s->rounds; r++) {
        const double *x = ps_raw(s, t, r);

        if (isnan(x[PS_RAW_USER]) || isnan(x[PS_RAW_SYSTEM]))
            continue;
        sum += x[PS_RAW_USER] + x[PS_RAW_SYSTEM];
        ++*rounds;
    }
    return sum;
}

bool verdict_shares_out(const struct ps_samples *s, const struct ps_series *t)
{
    size_t rounds;
    const double sum = split_time(s, t, &rounds);

    return rounds && sum / (double)rounds < TICKS_TELL;
}

bool verdict_splits(const struct ps_samples *s, const struct ps_series *t)
{
    size_t rounds;

    return split_time(s, t, &rounds) >= TICKS_NEEDED;
}

static struct verdict kind_verdict(const struct ps_samples *s, const struct ps_series *t)
{
    if (!verdict_shares_out(s, t))
        return (struct verdict){PS_EXACT, NULL};
    return (struct verdict){
        PS_ESTIMATED, "split as in all executions together: the kernel splits it by its ticks"};
}

/* NULL: none was. */
static const char *hidden_memory(const struct ps_samples *s, const struct ps_series *t)
{
    char size[32];

    if (!t->program || !t->program->hiding_rss)
        return NULL;
    ps_format_bytes(size, sizeof size, (double)t->program->hiding_rss);
    return ps_arena_format(s->arena, "less than parscope's own %s, so it can't be seen", size);
}

static struct verdict memory_verdict(const struct ps_samples *s, const struct ps_series *t)
{
    const char *hidden = hidden_memory(s, t);

    return (struct verdict){hidden ? PS_PARTIAL : PS_EXACT, hidden};
}

/* By what is left of a program, or by ticks. */
static struct verdict load_verdict(const struct ps_series *t)
{
    if (t->workload->program)
        return (struct verdict){
            PS_ESTIMATED,
            "from the run delay of its first thread and the use of its CPUs by others"};
    return (struct verdict){PS_EXACT, NULL};
}

struct verdict verdict_of_source(const struct ps_samples *s, const struct ps_series *t,
                                 enum ps_source source)
{
    switch (source) {
    case PS_SOURCE_CYCLES:
    case PS_SOURCE_CYCLE_RATIO:
    case PS_SOURCE_FREQUENCY:
        return cycles_verdict(s, t, source);
    case PS_SOURCE_INSTRUCTIONS:
        return count_verdict(s, t, "instructions");
    case PS_SOURCE_BOTH:
        return ipc_verdict(s, t);
    case PS_SOURCE_COUNTED_TIME:
        return cpu_verdict(s, t);
    case PS_SOURCE_CPU_KIND:
        return kind_verdict(s, t);
    case PS_SOURCE_MEMORY:
        return memory_verdict(s, t);
    case PS_SOURCE_LOAD:
        return load_verdict(t);
    default:
        return (struct verdict){PS_EXACT, NULL};
    }
}

static bool any_frequency(const struct ps_samples *s, const struct ps_series *t)
{
    for (size_t r = 0; r < s->rounds; r++)
        if (!isnan(ps_raw(s, t, r)[PS_RAW_FREQUENCY]))
            return true;
    return verdict_counts_clock(s, t);
}

/* In a timed run. */
static bool nothing_done(const struct ps_samples *s, const struct ps_series *t)
{
    for (size_t r = 0; r < s->rounds; r++)
        if (!isnan(ps_raw(s, t, r)[PS_RAW_WALL]))
            return false;
    return duration_of(t->workload) > 0;
}

static bool follows_cpu_time(enum ps_source source)
{
    return source == PS_SOURCE_COUNTED_TIME || source == PS_SOURCE_CYCLES ||
           source == PS_SOURCE_INSTRUCTIONS || source == PS_SOURCE_BOTH;
}

/* Why a metric that should be there has no value in any round. */
const char *verdict_missing(const struct ps_samples *s, const struct ps_series *t,
                            enum ps_source source)
{
    size_t i = verdict_event(s, "cycles");
    const char *hidden;

    if (follows_cpu_time(source) && spin_hides_all(s, t))
        return SPUN_OFF_CPU;
    switch (source) {
    case PS_SOURCE_CYCLE_RATIO:
        if (any_frequency(s, t))
            return "known only where CPU use is 95 % or more";
        /* fall through */
    case PS_SOURCE_CYCLES:
    case PS_SOURCE_FREQUENCY:
        if (t->workload->program && verdict_counted(s, t, i) && !verdict_counts_clock(s, t))
            return s->events[i].reason;
        if (t->sums.frequency_why)
            return t->sums.frequency_why;
        if (i < s->event_count && t->sums.event_doubt[i])
            return t->sums.event_doubt[i];
        return i < s->event_count && s->events[i].reason ? s->events[i].reason
                                                         : "the workers were not busy enough";
    case PS_SOURCE_MEMORY:
        hidden = hidden_memory(s, t);
        return hidden ? hidden : "not measured";
    case PS_SOURCE_CPU_KIND:
        if (!verdict_splits(s, t) && !t->sums.uncounted)
            return "the kernel splits the CPU time by its ticks, and there were fewer than 100";
        /* fall through */
    case PS_SOURCE_COUNTED_TIME:
    case PS_SOURCE_SWITCHES:
        return t->sums.uncounted ? t->sums.uncounted : "not counted";
    case PS_SOURCE_SLOTS:
        if (t->plan->strategy->hides_spin)
            return "spinning in another runtime can't be seen";
        /* fall through */
    default:
        return nothing_done(s, t) ? "nothing got done in the time" : "not measured";
    }
}
