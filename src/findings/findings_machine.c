/* Findings of the machine rather than of what was measured: its clock, and who else uses it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "derive.h"
#include "finding.h"
#include "series.h"
#include "subject.h"

#define CLOCK_DROP 0.05 /* relative, that is worth a finding */
#define CLOCK_FELL 0.05
/* Of the parallel efficiency: below, the probe's threads disturb each other. */
#define NO_CONTENTION 0.75
#define FULL_CPU      0.98 /* of the wall time of what never gives its CPU up */
#define TAKEN_ROUNDS  0.25 /* share of the rounds */
#define STEAL         0.01 /* relative, that is worth a finding */

/* Relative loss of clock against the baseline, 0 where the intervals do not tell. */
static double clock_loss(const struct ps_result *r, const struct ps_point *p)
{
    const struct ps_point *base = ps_result_baseline(r, p);
    const struct ps_metric *own = ps_point_metric(p, "frequency");
    const struct ps_metric *other = base ? ps_point_metric(base, "frequency") : NULL;

    if (!finding_computes(r, p))
        return 0;
    return own && other && own->high < other->low ? 1 - own->value / other->value : 0;
}

/* The worst of its points is the example. */
static struct ps_finding *clock_dropped_on(struct ps_result *r, const struct ps_point *base,
                                           size_t worst, double most)
{
    return finding_say(
        r, "clock-dropped", PS_WARNING,
        "The clock dropped on %s: %.2f GHz under %s, %.0f %% below the sequential %.2f GHz.",
        base->workload_label, ps_point_value(&r->points[worst], "frequency") / 1e9,
        ps_subject_name(r, &r->points[worst]), 100 * most, ps_point_value(base, "frequency") / 1e9);
}

/* One finding for each workload. */
void find_clock_dropped(const struct ps_samples *s, struct ps_result *r)
{
    double *loss = ps_arena_array(r->arena, r->point_count, sizeof *loss);
    size_t *worst = ps_arena_array(r->arena, r->point_count, sizeof *worst); /* from 1 */
    struct ps_finding **told = ps_arena_array(r->arena, r->point_count, sizeof(void *));

    for (size_t i = 0; i < r->point_count; i++) {
        const struct ps_point *base = ps_result_baseline(r, &r->points[i]);
        size_t at = base ? (size_t)(base - r->points) : 0;

        loss[i] = base ? clock_loss(r, &r->points[i]) : 0;
        if (loss[i] > CLOCK_DROP && (!worst[at] || loss[i] > loss[worst[at] - 1]))
            worst[at] = i + 1;
    }
    for (size_t i = 0; i < r->point_count; i++)
        if (worst[i])
            told[i] = clock_dropped_on(r, &r->points[i], worst[i] - 1, loss[worst[i] - 1]);
    for (size_t i = 0; i < r->point_count; i++)
        if (loss[i] > CLOCK_DROP)
            finding_concerns(r, told[ps_result_baseline(r, &r->points[i]) - r->points], i);
}

/* By how much the clock of the last third of the rounds is below that of the first; 0 where too few
 * have one. */
static double clock_fall(const struct ps_samples *s, const struct ps_series *t, double *x)
{
    double *scratch = x + s->rounds;
    size_t n = 0, third;

    for (size_t r = 0; r < s->rounds; r++) {
        double hz = view_of(s, t, r).frequency;

        if (hz > 0)
            x[n++] = hz;
    }
    third = n / 3;
    if (n < PS_MIN_ROUNDS)
        return 0;
    return 1 - ps_median(x + n - third, third, scratch) / ps_median(x, third, scratch);
}

void find_clock_fell(const struct ps_samples *s, struct ps_result *r)
{
    double *x = calloc(2 * s->rounds + 1, sizeof *x), most = CLOCK_FELL;
    size_t worst = r->point_count;

    for (size_t i = 0; x && i < r->point_count; i++) {
        double fall = clock_fall(s, &s->series[i], x);

        if (fall <= most || !finding_computes(r, &r->points[i]) ||
            ps_point_value(&r->points[i], "parallel_efficiency") < NO_CONTENTION)
            continue;
        most = fall;
        worst = i;
    }
    free(x);
    if (worst < r->point_count)
        finding_concerns(
            r,
            finding_say(
                r, "clock-fell", PS_WARNING,
                "The clock fell during the measurement: it was %.0f %% lower in the last rounds of "
                "%s than in the first. Speedups still hold, because each is formed within a round; "
                "times don't.",
                100 * most, ps_subject_of(r, &r->points[worst])),
            worst);
}

/* Rounds in which a thread that never gave its CPU up had less than all of it. */
static size_t rounds_taken(const struct ps_samples *s, const struct ps_series *t, size_t *seen)
{
    size_t taken = 0;

    *seen = 0;
    for (size_t r = 0; r < s->rounds; r++) {
        const double *x = ps_raw(s, t, r);

        if (!(x[PS_RAW_VOLUNTARY] < 0.5) || isnan(x[PS_RAW_CPU] / x[PS_RAW_WALL_COUNTED]))
            continue;
        (*seen)++;
        taken += x[PS_RAW_CPU] < FULL_CPU * x[PS_RAW_WALL_COUNTED];
    }
    return taken;
}

void find_cpu_taken(const struct ps_samples *s, struct ps_result *r)
{
    for (size_t i = 0; i < r->point_count; i++) {
        size_t seen, taken = rounds_taken(s, &s->series[i], &seen);

        /* Where run delay is known, it says the same better. */
        if (!r->points[i].baseline || r->points[i].threads != 1 || s->plan->programs ||
            strcmp(r->points[i].load.status, PS_LOAD_UNKNOWN) ||
            !((double)taken > TAKEN_ROUNDS * (double)seen))
            continue;
        finding_concerns(
            r,
            finding_say(r, "cpu-taken", PS_WARNING,
                        "Another tenant: in %zu of %zu rounds something else ran on the CPU of the "
                        "sequential version of %s, which got less than 98 %% of it. The speedups "
                        "are those of a shared machine.",
                        taken, seen, r->points[i].workload_label),
            i);
        return;
    }
}

void find_steal_time(const struct ps_samples *s, struct ps_result *r)
{
    if (r->host.steal > STEAL)
        finding_say(
            r, "steal-time", PS_WARNING,
            "The hypervisor took away %.1f %% of the CPU time (steal time) during the measurement.",
            100 * r->host.steal);
}

void find_throttled(const struct ps_samples *s, struct ps_result *r)
{
    if (r->host.throttled > 0)
        finding_say(
            r, "throttled", PS_WARNING,
            "The cgroup's quota of %.2f CPUs throttled the threads for %s in total during the "
            "measurement.",
            r->host.cpu_quota, finding_time(r, r->host.throttled));
}

void find_busy_machine(const struct ps_samples *s, struct ps_result *r)
{
    double share;

    if (ps_cpus_were_busy(r->host.cpu_busy_before, r->host.cpu_busy_count, s->busy_seconds,
                          PS_RESULT_BUSY, &share))
        finding_say(
            r, "busy-machine", PS_WARNING,
            "The machine was %.0f %% busy with other programs when this began: they compete for "
            "the CPUs.",
            100 * share);
}

static const char *node_shares(struct ps_result *r, const struct ps_data_nodes *d)
{
    const char *text = "";

    for (size_t i = 0; i < d->count; i++)
        text = ps_arena_format(r->arena, "%s%s%.0f %% on node %d", text, i ? ", " : "",
                               100 * d->nodes[i].share, d->nodes[i].node);
    return text;
}

/* One finding for each workload with data. */
void find_data_nodes(const struct ps_samples *s, struct ps_result *r)
{
    for (size_t w = 0; s->data_nodes && w < s->plan->workload_count; w++) {
        struct ps_finding *f = NULL;

        for (size_t i = 0; s->data_nodes[w].count && i < s->series_count; i++) {
            if (s->series[i].plan->workload != w)
                continue;
            if (!f)
                f = finding_say(r, "data-nodes", PS_INFO, "The data of %s lie on NUMA nodes: %s.",
                                r->points[i].workload_label, node_shares(r, &s->data_nodes[w]));
            finding_concerns(r, f, i);
        }
    }
}
