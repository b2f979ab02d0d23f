/* What the first screen answers: sentences over the result's metrics, models and findings. */
#include "answer.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "advice_view.h"
#include "cells.h"

/* The findings that belong to the answer, in their order; the others that only inform are details.
 */
static const struct {
    const char *id;
    size_t most;
} answering[] = {
    {"empty-input", 1},     {"cause", 3},       {"largest-loss", 1},
    {"fastest-program", 1}, {"superlinear", 1}, {"latency", 1},
};
#define ANSWERING (sizeof answering / sizeof *answering)

static bool compares(const struct ps_point *p)
{
    return !p->baseline && isfinite(ps_point_value(p, "speedup"));
}

/* Of those with several threads, where there are such. */
static const struct ps_point *fastest(const struct ps_block *b, const char *but_strategy)
{
    const struct ps_point *best = NULL;

    for (size_t i = 0; i < b->count; i++) {
        const struct ps_point *p = &b->points[i];

        if (!compares(p) || (but_strategy && !strcmp(p->strategy_label, but_strategy)))
            continue;
        if (!best || (best->threads == 1 && p->threads > 1) ||
            ((best->threads == 1 || p->threads > 1) &&
             ps_point_value(p, "speedup") > ps_point_value(best, "speedup")))
            best = p;
    }
    return best;
}

/* Their intervals overlap. */
static bool within_noise(const struct ps_point *a, const struct ps_point *b)
{
    const struct ps_metric *x = ps_point_metric(a, "speedup"), *y = ps_point_metric(b, "speedup");

    return x->high >= y->low && y->high >= x->low;
}

static const char *interval(const struct ps_view *v, const struct ps_metric *m)
{
    if (!isfinite(m->low) || !isfinite(m->high))
        return "";
    return ps_arena_format(v->arena, " [%s, %s]", ps_cell_ratio(v->arena, m->low),
                           ps_cell_ratio(v->arena, m->high));
}

static const char *reference(const struct ps_point *p)
{
    if (!ps_point_is_program(p))
        return "the sequential version";
    return ps_point_is_copies(p) ? "one copy" : "1";
}

static const char *ideal(const struct ps_view *v, const struct ps_point *p)
{
    double efficiency = ps_point_value(p, "efficiency");

    return isfinite(efficiency) ? ps_arena_format(v->arena, ", %.0f %% of ideal", 100 * efficiency)
                                : "";
}

static const char *unclear(const struct ps_metric *speedup)
{
    if (speedup->low <= 1 && speedup->high >= 1)
        return " That is within noise of no change at all.";
    return speedup->high < 1 ? " So it is slower." : "";
}

static const char *is_or_are(const struct ps_point *p)
{
    return p->threads == 1 || !ps_point_is_program(p) ? "is" : "are";
}

static void add_speedup(const struct ps_view *v, const struct ps_point *p, struct ps_lines *l)
{
    const struct ps_metric *speedup = ps_point_metric(p, "speedup");
    ps_lines_add(l, ps_arena_format(v->arena, "%s %s %s%s%s times as fast as %s%s.%s",
                                    ps_subject_name(v->r, p), is_or_are(p),
                                    speedup->quality == PS_ESTIMATED ? "~" : "",
                                    ps_cell_ratio(v->arena, speedup->value), interval(v, speedup),
                                    reference(p), ideal(v, p), unclear(speedup)));
}

static void add_noise(const struct ps_view *v, const struct ps_point *other, const char *gain,
                      struct ps_lines *l)
{
    const struct ps_metric *speedup = ps_point_metric(other, "speedup");

    ps_lines_add(l, ps_arena_format(v->arena, "%s %s within noise of that: %s%s%s.",
                                    ps_subject_name(v->r, other), is_or_are(other),
                                    ps_cell_ratio(v->arena, speedup->value), interval(v, speedup),
                                    gain));
}

/* The best of the other strategies. */
static void add_second(const struct ps_view *v, const struct ps_block *b, const struct ps_point *p,
                       struct ps_lines *l)
{
    const struct ps_point *other = fastest(b, p->strategy_label);
    const struct ps_metric *speedup;

    if (!other)
        return;
    if (within_noise(p, other)) {
        add_noise(v, other, "", l);
        return;
    }
    speedup = ps_point_metric(other, "speedup");
    ps_lines_add(l, ps_arena_format(v->arena, "Next is %s with %s%s.", ps_subject_name(v->r, other),
                                    ps_cell_ratio(v->arena, speedup->value), interval(v, speedup)));
}

/* Which says that there is no serial fraction. */
static bool tells_superlinear(const struct ps_view *v)
{
    for (size_t i = 0; i < v->r->finding_count; i++)
        if (!strcmp(v->r->findings[i].id, "superlinear"))
            return true;
    return false;
}

/* The fewest threads of the same strategy that are as fast; returns how many they are. */
static unsigned add_fewer(const struct ps_view *v, const struct ps_block *b,
                          const struct ps_point *p, struct ps_lines *l)
{
    const struct ps_point *fewest = p;

    for (size_t i = 0; i < b->count; i++) {
        const struct ps_point *other = &b->points[i];

        if (compares(other) && other->threads < fewest->threads && other->threads > 1 &&
            !strcmp(other->strategy_label, p->strategy_label) &&
            !strcmp(other->workload_label, p->workload_label) && within_noise(p, other))
            fewest = other;
    }
    if (fewest != p)
        add_noise(v, fewest, ", so more threads gain nothing that shows", l);
    return fewest->threads;
}

/* How many thread counts it is fitted to, beside the reference. */
static const char *counts(const struct ps_view *v, const struct ps_model *m)
{
    if (m->karp_flatt_count < 2)
        return "";
    return ps_arena_format(v->arena, " from %zu thread counts", m->karp_flatt_count);
}

/* What the fitted law says of more threads, or why there is none. */
static void add_law(const struct ps_view *v, const struct ps_point *p, struct ps_lines *l)
{
    const struct ps_model *m = ps_result_model(v->r, p);
    const char *interval = "", *limit = "";

    if (m && !isfinite(m->serial_fraction) && m->karp_flatt_count && !tells_superlinear(v))
        ps_lines_add(l, ps_arena_format(v->arena, "%c%s.", toupper((unsigned char)*m->status),
                                        *m->status ? m->status + 1 : ""));
    if (!m || !isfinite(m->serial_fraction))
        return;
    if (isfinite(m->low) && isfinite(m->high))
        interval = ps_arena_format(v->arena, " [%.3f, %.3f]", m->low, m->high);
    if (isfinite(m->limit) && m->low > 0 && m->laws.best != PS_LAW_USL)
        limit = ps_arena_format(v->arena, ", at most %s × with any number of threads",
                                ps_cell_ratio(v->arena, m->limit));
    ps_lines_add(
        l, ps_arena_format(
               v->arena, "Serial fraction %.3f%s%s%s%s%s.", m->serial_fraction, interval,
               counts(v, m), limit,
               m->karp_flatt_count == 1 ? ": from one pair of thread counts, so unverified" : "",
               m->left_out_count ? ps_arena_format(v->arena, "; %s", ps_left_out(v, m)) : ""));
}

/* What more threads bring, where the points tell it. */
static void add_laws(const struct ps_view *v, const struct ps_point *p, struct ps_lines *l)
{
    const struct ps_model *m = ps_result_model(v->r, p);

    if (!m || !m->laws.status)
        return;
    if (m->laws.best == PS_LAW_USL && isfinite(m->laws.peak.value))
        ps_lines_add(l, ps_arena_format(v->arena, "By the USL, %s.", ps_peak_text(v, &m->laws)));
    if (ps_model_falls(m))
        ps_lines_add(l,
                     ps_arena_format(v->arena, "With %.10g threads it is slower than with fewer.",
                                     m->laws.falls_from));
}

/* How many threads are worth it. fewest: that are told already. */
static void add_advice(const struct ps_view *v, const struct ps_point *p, unsigned fewest,
                       struct ps_lines *l)
{
    const struct ps_model *m = ps_result_model(v->r, p);
    const char *advice = m ? ps_advice_answer(v, m, ps_point_disturbed(p) ? 0 : fewest) : NULL;

    if (advice)
        ps_lines_add(l, advice);
}

static bool in_block(const struct ps_view *v, const struct ps_finding *f, const struct ps_block *b)
{
    for (size_t i = 0; i < f->point_count; i++) {
        size_t first = (size_t)(b->points - v->r->points);

        if (f->points[i] >= first && f->points[i] < first + b->count)
            return true;
    }
    return !f->point_count && b->points == v->r->points;
}

static void add_findings(const struct ps_view *v, const struct ps_block *b, struct ps_lines *l)
{
    for (size_t k = 0; k < ANSWERING; k++) {
        size_t left = answering[k].most;

        for (size_t i = 0; left && i < v->r->finding_count; i++) {
            const struct ps_finding *f = &v->r->findings[i];

            if (strcmp(f->id, answering[k].id) || !in_block(v, f, b))
                continue;
            ps_lines_add(l, f->text);
            left--;
        }
    }
}

static bool tells_losses(const struct ps_view *v, const struct ps_block *b)
{
    static const char *const ids[] = {"cause", "largest-loss", "superlinear", "latency"};

    for (size_t i = 0; i < v->r->finding_count; i++)
        for (size_t k = 0; k < sizeof ids / sizeof *ids; k++)
            if (!strcmp(v->r->findings[i].id, ids[k]) && in_block(v, &v->r->findings[i], b))
                return true;
    return false;
}

/* Why it is not the ideal, where that is too little for a finding. */
static void add_small_losses(const struct ps_view *v, const struct ps_block *b,
                             const struct ps_point *p, struct ps_lines *l)
{
    const char *losses = tells_losses(v, b) ? NULL : ps_stack_losses(v, p);

    if (losses)
        ps_lines_add(l, losses);
}

struct ps_lines ps_block_answer(const struct ps_view *v, const struct ps_block *b)
{
    struct ps_lines l = {.arena = v->arena};
    const struct ps_point *p = b->kind == PS_BLOCK_SMT ? NULL : fastest(b, NULL);
    unsigned fewest = 0;

    if (p) {
        add_speedup(v, p, &l);
        fewest = add_fewer(v, b, p, &l);
        add_second(v, b, p, &l);
        add_small_losses(v, b, p, &l);
    }
    add_findings(v, b, &l);
    if (p) {
        add_law(v, p, &l);
        add_laws(v, p, &l);
        add_advice(v, p, fewest, &l);
    }
    if (b->kind == PS_BLOCK_SMT)
        return ps_block_smt(v, b);
    return l;
}

bool ps_finding_changes_answer(const struct ps_finding *f)
{
    return f->severity != PS_INFO;
}

/* Of programs alone, of hardware threads, of all else. */
const char *const *ps_first_columns(const struct ps_block *b)
{
    static const char *const alone[] = {"wall_time", "user_time", "system_time", "max_rss",
                                        "cpus_used", "ipc",       NULL},
                             *const smt[] = {"wall_time", "throughput", PS_COLUMN_AGAINST_ONE,
                                             NULL},
                             *const scaling[] = {"wall_time", "speedup", "efficiency", NULL};

    if (b->kind == PS_BLOCK_SMT)
        return smt;
    return b->kind == PS_BLOCK_COMMANDS || !fastest(b, NULL) ? alone : scaling;
}

bool ps_has_first_screen(const struct ps_view *v)
{
    for (size_t i = 0; i < v->r->point_count;) {
        struct ps_block b = ps_view_block(v, i);

        if (b.kind == PS_BLOCK_SERIES)
            return false;
        i += b.count;
    }
    return !v->r->grain_count;
}
