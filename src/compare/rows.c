#include "rows.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "follow.h"
#include "rounds.h"
#include "subject.h"
#include "text.h"

const struct compared compared[] = {
    {"wall_time", true, true},
    {"cpu_time", true, true},
    {"speedup", false, true},
    {"efficiency", false, true},
    {COMPARED_SERIAL, true, true},
    {"throughput", false},
    {"user_time", true},
    {"system_time", true},
    {"max_rss", true},
    {"wall_time_idle", true},
    {"speedup_idle", false},
    {"cycles", true},
    {"instructions", true},
    {"ipc", false},
    {"cycles_per_item", true},
    {"items_per_cycle", false},
    {"cycle_speedup", false},
    {"parallel_efficiency", false},
    {"smt_effect", false},
};
const size_t compared_count = sizeof compared / sizeof *compared;

static struct ps_comparison_row *new_row(struct ps_comparison *c)
{
    c->rows = ps_arena_grow(c->arena, c->rows, c->row_count, sizeof *c->rows);
    return &c->rows[c->row_count++];
}

static struct ps_interval interval_of(const struct ps_metric *m)
{
    return m ? (struct ps_interval){m->value, m->low, m->high}
             : (struct ps_interval){NAN, NAN, NAN};
}

/* Whether others disturbed the point in this round, or what it is relative to. */
static bool disturbed(const struct ps_point *p, const struct ps_point *reference, size_t round)
{
    return (p->load.shares && ps_round_disturbed(p->load.shares[round])) ||
           (reference && disturbed(reference, NULL, round));
}

/* Values of a metric, without those of disturbed rounds where enough are clean. */
struct paired {
    const struct ps_point *points[2], *references[2];
    double *x[2];
    size_t rounds;
};

static bool clean(const struct paired *v, size_t round)
{
    return !disturbed(v->points[0], v->references[0], round) &&
           !disturbed(v->points[1], v->references[1], round);
}

static void drop_disturbed(struct paired *v)
{
    size_t quiet = 0;

    for (size_t r = 0; r < v->rounds; r++)
        quiet += clean(v, r);
    if (ps_rounds_choose(v->rounds, quiet) != PS_ROUNDS_CLEAN)
        return;
    for (size_t r = 0; r < v->rounds; r++)
        if (!clean(v, r))
            v->x[0][r] = v->x[1][r] = NAN;
}

static struct paired pair_up(const struct comparing *w, struct point_pair p, const char *id)
{
    const double *told[2];
    const struct ps_metric_info *info = ps_metric_find(id);
    struct paired v = {.points = {p.base, p.now}};

    if (info && info->scope & PS_SCOPE_RELATIVE) {
        v.references[0] = ps_result_baseline(w->pairs->base, p.base);
        v.references[1] = ps_result_baseline(w->pairs->now, p.now);
    }
    told[0] = ps_point_samples(p.base, ps_result_baseline(w->pairs->base, p.base), id, w->c->arena);
    told[1] = ps_point_samples(p.now, ps_result_baseline(w->pairs->now, p.now), id, w->c->arena);
    if (!told[0] || !told[1])
        return v;
    v.rounds = p.base->rounds < p.now->rounds ? p.base->rounds : p.now->rounds;
    for (size_t i = 0; i < 2; i++) {
        v.x[i] = ps_arena_array(w->c->arena, v.rounds, sizeof *v.x[i]);
        memcpy(v.x[i], told[i], v.rounds * sizeof *v.x[i]);
    }
    drop_disturbed(&v);
    return v;
}

static int set_paired(const struct comparing *w, struct point_pair p, struct ps_comparison_row *row)
{
    struct paired v = pair_up(w, p, row->metric);
    size_t finite = 0;

    if (!v.rounds) {
        row->reason = "there are no values of individual rounds";
        return 0;
    }
    row->changes = ps_arena_array(w->c->arena, v.rounds, sizeof *row->changes);
    row->rounds = 0;
    for (size_t r = 0; r < v.rounds; r++) {
        row->changes[r] = v.x[1][r] / v.x[0][r];
        row->rounds += !isnan(row->changes[r]);
        finite += isfinite(row->changes[r]);
    }
    row->rare = 2 * finite < v.rounds;
    return ps_ratio_paired(v.x[0], v.x[1], v.rounds, w->seed, &row->change);
}

static const char *load_reason(const struct comparing *w, struct point_pair p)
{
    if (ps_point_disturbed(p.now))
        return ps_disturbance_text(w->pairs->now, p.now);
    return ps_point_disturbed(p.base) ? ps_disturbance_text(w->pairs->base, p.base) : NULL;
}

static const char *missing_reason(struct ps_arena *a, const struct ps_metric *base,
                                  const struct ps_metric *now)
{
    const struct ps_metric *m = isnan(interval_of(now).value) ? now : base;

    return ps_arena_format(a, "no value in the %s%s%s", m == now ? "second" : "first",
                           m && m->reason ? ": " : "", m && m->reason ? m->reason : "");
}

static int fill_change(const struct comparing *w, struct point_pair p,
                       struct ps_comparison_row *row)
{
    const struct ps_metric *base = ps_point_metric(p.base, row->metric);
    const struct ps_metric *now = ps_point_metric(p.now, row->metric);

    if (isnan(row->base.value) || isnan(row->now.value)) {
        row->reason = missing_reason(w->c->arena, base, now);
        return 0;
    }
    if (w->c->paired)
        return set_paired(w, p, row);
    row->change = ps_ratio_apart(row->base, row->now);
    row->reason = load_reason(w, p);
    return 0;
}

int rows_add_point(const struct comparing *w, struct point_pair p, const struct compared *m)
{
    const struct ps_metric_info *info = ps_metric_find(m->id);
    const struct ps_metric *base = ps_point_metric(p.base, m->id);
    struct ps_interval b = interval_of(base), n = interval_of(ps_point_metric(p.now, m->id));
    struct ps_comparison_row *row;

    if (!info || (isnan(b.value) && isnan(n.value)) ||
        (p.base->baseline && info->scope & PS_SCOPE_RELATIVE))
        return 0;
    row = new_row(w->c);
    *row = (struct ps_comparison_row){
        .subject = ps_subject_of(w->pairs->base, p.base),
        .workload_label = p.base->workload_label,
        .strategy_label = p.base->strategy_label,
        .placement = p.base->placement,
        .threads = p.base->threads,
        .metric = info->id,
        .title = info->title,
        .unit = base ? base->unit : info->unit,
        .base = b,
        .now = n,
        .less = m->less,
        .change = {NAN, NAN, NAN},
        .rounds = p.base->rounds < p.now->rounds ? p.base->rounds : p.now->rounds,
    };
    return fill_change(w, p, row);
}

/* Whether the laws are about the point. */
static bool in_law(const struct ps_model *m, const struct ps_point *p)
{
    if (p->baseline || p->threads < 2 || strcmp(p->workload_label, m->workload_label) ||
        strcmp(p->strategy_label, m->strategy_label) || strcmp(p->placement, m->placement))
        return false;
    for (size_t i = 0; i < m->left_out_count; i++)
        if (m->left_out[i] == p->threads)
            return false;
    return true;
}

/* Wall times of a curve; rounds 0 where they are not known. */
static struct ps_point_times times_of(const struct ps_result *r, const struct ps_model *m,
                                      struct ps_arena *a)
{
    const struct ps_metric *base = NULL;
    double *p = ps_arena_array(a, r->point_count, sizeof *p);
    double *times = ps_arena_array(a, r->point_count * r->plan.rounds, sizeof *times);
    struct ps_point_times t = {.p = p, .times = times};

    for (size_t i = 0; i < r->point_count; i++) {
        const struct ps_point *point = &r->points[i];
        const struct ps_metric *wall = ps_point_metric(point, "wall_time");

        if (!in_law(m, point) || !wall || !wall->samples || point->rounds != r->plan.rounds)
            continue;
        base = ps_point_metric(ps_result_baseline(r, point), "wall_time");
        p[t.points] = point->threads;
        memcpy(times + t.points++ * r->plan.rounds, wall->samples, r->plan.rounds * sizeof *times);
    }
    t.base = base ? base->samples : NULL;
    t.rounds = t.base ? r->plan.rounds : 0;
    return t;
}

/* A round in which any point of either curve was disturbed says nothing of their difference; bad:
 * one a round, set there. */
static void mark_disturbed(const struct ps_result *r, const struct ps_model *m, bool *bad)
{
    for (size_t i = 0; i < r->point_count; i++) {
        const struct ps_point *p = &r->points[i];

        if (strcmp(p->workload_label, m->workload_label) || p->rounds != r->plan.rounds)
            continue;
        for (size_t k = 0; k < r->plan.rounds; k++)
            bad[k] |= disturbed(p, NULL, k);
    }
}

static void drop_rounds(const struct ps_point_times *t, const bool *bad, struct ps_arena *a,
                        struct ps_point_times *out)
{
    double *times = ps_arena_array(a, t->points * t->rounds, sizeof *times);

    for (size_t i = 0; i < t->points * t->rounds; i++)
        times[i] = bad[i % t->rounds] ? NAN : t->times[i];
    *out = *t;
    out->times = times;
}

static int fill_curve(const struct comparing *w, struct curve_pair p, struct ps_comparison_row *row)
{
    struct ps_point_times base = times_of(w->pairs->base, p.base, w->c->arena);
    struct ps_point_times now = times_of(w->pairs->now, p.now, w->c->arena);
    bool *bad = ps_arena_array(w->c->arena, base.rounds, sizeof *bad);
    size_t quiet = base.rounds;

    if (!base.rounds || base.rounds != now.rounds || !base.points || !now.points)
        return 0;
    mark_disturbed(w->pairs->base, p.base, bad);
    mark_disturbed(w->pairs->now, p.now, bad);
    for (size_t r = 0; r < base.rounds; r++)
        quiet -= bad[r];
    row->rounds = base.rounds;
    if (ps_rounds_choose(base.rounds, quiet) == PS_ROUNDS_CLEAN) {
        drop_rounds(&base, bad, w->c->arena, &base);
        drop_rounds(&now, bad, w->c->arena, &now);
        row->rounds = quiet;
    }
    return ps_serial_paired(&base, &now, w->seed, &row->change);
}

static const char *curve_subject(struct ps_arena *a, const struct ps_model *m)
{
    const char *workload = ps_text_clean(a, m->workload_label);

    if (!strcmp(m->strategy_label, PS_STRATEGY_PROGRAM))
        return workload;
    return ps_arena_format(a, "%s on %s", ps_text_clean(a, m->strategy_label), workload);
}

int rows_add_curve(const struct comparing *w, struct curve_pair p)
{
    struct ps_interval base = {p.base->serial_fraction, p.base->low, p.base->high};
    struct ps_interval now = {p.now->serial_fraction, p.now->low, p.now->high};
    struct ps_comparison_row row = {
        .subject = curve_subject(w->c->arena, p.base),
        .workload_label = p.base->workload_label,
        .strategy_label = p.base->strategy_label,
        .placement = p.base->placement,
        .metric = COMPARED_SERIAL,
        .title = "serial fraction",
        .unit = "1",
        .base = base,
        .now = now,
        .difference = true,
        .change = {NAN, NAN, NAN},
        .less = true,
        .rounds = w->pairs->now->plan.rounds,
    };
    int err = 0;

    if (isnan(base.value) && isnan(now.value))
        return 0;
    if (w->c->paired)
        err = fill_curve(w, p, &row);
    else
        row.change = ps_difference_apart(base, now);
    if (isnan(row.change.value))
        row.reason = isnan(now.value) ? p.now->status : p.base->status;
    if (!err)
        *new_row(w->c) = row;
    return err;
}

static void judge(struct ps_comparison *c, struct ps_comparison_row *row)
{
    double factor = ps_family_factor(c->row_count * (c->looked ? PS_LOOKS : 1), row->rounds);
    struct ps_interval wide = row->difference ? ps_widened_difference(row->change, factor)
                                              : ps_widened_ratio(row->change, factor);

    row->low = wide.low;
    row->high = wide.high;
    row->verdict = row->difference ? ps_judge_difference(wide, c->threshold, row->less)
                                   : ps_judge_ratio(wide, c->threshold, row->less);
    if (row->reason)
        row->verdict = PS_CHANGE_INCONCLUSIVE;
    else if (isnan(wide.low))
        row->reason = "no interval: there are fewer than 6 rounds";
}

void rows_judge(struct ps_comparison *c)
{
    for (size_t i = 0; i < c->row_count; i++) {
        judge(c, &c->rows[i]);
        if (c->rows[i].verdict > c->verdict)
            c->verdict = c->rows[i].verdict;
    }
}

/* By more rounds: of what is 0 in most of them there may never be enough. */
static bool is_decidable(const struct ps_comparison_row *row)
{
    return isfinite(row->change.value) &&
           !(row->rare && !(isfinite(row->low) && isfinite(row->high)));
}

double rows_undecided(const struct ps_comparison *c)
{
    double most = 0;

    for (size_t i = 0; i < c->row_count; i++) {
        const struct ps_comparison_row *row = &c->rows[i];
        const struct ps_interval wide = {row->change.value, row->low, row->high};
        double factor = row->difference ? ps_undecided_difference(wide, c->threshold, row->less)
                                        : ps_undecided_ratio(wide, c->threshold, row->less);

        if (is_decidable(row))
            most = fmax(most, factor);
    }
    return c->verdict == PS_CHANGE_WORSE ? 0 : most;
}
