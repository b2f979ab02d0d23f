#include "rank_checks.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "names.h"
#include "units.h"

/* PS_RANK_METRICS: none. */
static size_t metric_of(const char *id)
{
    size_t m = 0;

    while (m < PS_RANK_METRICS && strcmp(ps_rank_metrics[m].id, id) != 0)
        m++;
    return m;
}

static int unknown_metric(const struct ps_check_spec *c, struct ps_err *e)
{
    const char *names[PS_RANK_METRICS];
    struct ps_err custom = {""};

    for (size_t m = 0; m < PS_RANK_METRICS; m++)
        names[m] = ps_rank_metrics[m].id;
    ps_unknown("metric of a sweep over ranks", c->metric, names, PS_RANK_METRICS,
               "see RANKS in parscope-sweep(1)", &custom);
    return ps_fail(e, ENOENT, "--check '%s': %s", c->text, custom.text);
}

static int check_count(const struct ps_check_spec *c, const uint32_t *counts, size_t count,
                       struct ps_err *e)
{
    for (size_t i = 0; i < count; i++)
        if (!c->threads || counts[i] == c->threads)
            return 0;
    return ps_fail(e, ENOENT, "--check '%s': %u is not one of the numbers of --ranks", c->text,
                   c->threads);
}

int ps_rank_check_parse(const char *text, const uint32_t *counts, size_t count, struct ps_arena *a,
                        struct ps_check_spec *c, struct ps_err *e)
{
    struct ps_metric_info infos[PS_RANK_METRICS + 1] = {{NULL}};
    const struct ps_check_names names = {.custom = infos, .ranks = true};
    int err;

    for (size_t m = 0; m < PS_RANK_METRICS; m++)
        infos[m] =
            (struct ps_metric_info){.id = ps_rank_metrics[m].id, .unit = ps_rank_metrics[m].unit};
    err = ps_check_parse(text, &names, a, c, e);
    if (err < 0)
        return err;
    if (metric_of(c->metric) == PS_RANK_METRICS)
        return unknown_metric(c, e);
    return check_count(c, counts, count, e);
}

static bool is_relative(size_t m)
{
    return m == PS_RANK_SPEEDUP || m == PS_RANK_SCALING || m == PS_RANK_GLOBAL ||
           ps_rank_metrics[m].counted;
}

static const char *value_text(struct ps_arena *a, size_t m, double x)
{
    char text[48];

    if (!strcmp(ps_rank_metrics[m].unit, "s"))
        return ps_arena_copy(a, ps_format_time(text, sizeof text, x));
    return ps_arena_format(a, "%.4g", x);
}

static const char *why_missing(const struct ps_rank_sweep *s, size_t m)
{
    const char *why = ps_rank_sweep_why(s, m);

    return why ? why : "it is not known";
}

static const char *evidence(const struct ps_rank_sweep *s, size_t m,
                            const struct ps_rank_sweep_point *p)
{
    const struct ps_interval i = p->values[m];
    struct ps_arena *a = s->arena;
    const char *plural = p->ranks == 1 ? "" : "s";

    if (!isfinite(i.value))
        return ps_arena_format(a, "no value with %u rank%s: %s", p->ranks, plural,
                               why_missing(s, m));
    if (!isfinite(i.low) || !isfinite(i.high))
        return ps_arena_format(a, "%s with %u rank%s, without an interval: only %zu round%s",
                               value_text(a, m, i.value), p->ranks, plural, s->rounds,
                               s->rounds == 1 ? "" : "s");
    return ps_arena_format(a, "%s [%s, %s] with %u rank%s", value_text(a, m, i.value),
                           value_text(a, m, i.low), value_text(a, m, i.high), p->ranks, plural);
}

static double room_of(const struct ps_check_spec *c, struct ps_interval i)
{
    return c->op == PS_CHECK_GE || c->op == PS_CHECK_GT ? i.low - c->value : c->value - i.high;
}

static struct ps_check judge(const struct ps_check_spec *c, const struct ps_rank_sweep *s)
{
    const size_t m = metric_of(c->metric);
    const struct ps_rank_sweep_point *worst = NULL;
    enum ps_check_outcome outcome = PS_CHECK_HOLDS;

    for (size_t i = 0; i < s->count; i++) {
        const struct ps_rank_sweep_point *p = &s->points[i];
        const enum ps_check_outcome found = ps_check_judge(c, p->values[m]);

        if (c->threads ? c->threads != p->ranks : !i && s->count > 1 && is_relative(m))
            continue;
        if (!worst || found > outcome ||
            (found == PS_CHECK_HOLDS && outcome == PS_CHECK_HOLDS &&
             room_of(c, p->values[m]) < room_of(c, worst->values[m]))) {
            worst = p;
            outcome = found;
        }
    }
    if (!worst)
        return (struct ps_check){c->text, PS_CHECK_INCONCLUSIVE, "no number of ranks has it"};
    return (struct ps_check){c->text, outcome, evidence(s, m, worst)};
}

void ps_rank_checks_judge(const struct ps_check_spec *specs, size_t count, struct ps_rank_sweep *s)
{
    s->checks = ps_arena_array(s->arena, count, sizeof *s->checks);
    s->check_count = count;
    for (size_t i = 0; i < count; i++)
        s->checks[i] = judge(&specs[i], s);
}
