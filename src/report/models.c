#include <math.h>
#include <string.h>

#include "advice_view.h"
#include "cells.h"
#include "view.h"

static const char *trend_words(enum ps_trend trend)
{
    if (trend == PS_TREND_FLAT)
        return "it stays the same as threads are added, as the law predicts";
    if (trend == PS_TREND_RISING)
        return "it rises as threads are added: a cost grows with them, which the law does not "
               "include";
    if (trend == PS_TREND_FALLING)
        return "it falls as threads are added: faster than the law allows, as when the data fit "
               "into the caches of several cores";
    return NULL;
}

static const char *limit(const struct ps_view *v, const struct ps_model *m)
{
    if (m->weak)
        return "of the time in parallel, with work that grows with the threads";
    if (!isfinite(m->limit))
        return "no limit in sight";
    if (m->low <= 0 && m->high > 0)
        return ps_arena_format(v->arena, "a limit above %s ×, if any",
                               ps_cell_ratio(v->arena, 1 / m->high));
    return ps_arena_format(v->arena, "at most %s × however many threads",
                           ps_cell_ratio(v->arena, m->limit));
}

static const char *interval(const struct ps_view *v, double low, double high)
{
    if (!isfinite(low) || !isfinite(high))
        return "";
    return ps_arena_format(v->arena, " [%.3f, %.3f]", low, high);
}

/* "2", "2 and 4", "2, 4 and 8" */
static const char *listed(const struct ps_view *v, const char *list, double x, size_t i,
                          size_t count)
{
    return ps_arena_format(v->arena, "%s%s%.10g", list,
                           !i              ? ""
                           : i + 1 < count ? ", "
                                           : " and ",
                           x);
}

static const char *used(const struct ps_view *v, const struct ps_model *m)
{
    const char *list = "";

    for (size_t i = 0; i < m->karp_flatt_count; i++)
        list = listed(v, list, m->karp_flatt[i].threads, i, m->karp_flatt_count);
    return list;
}

static bool is_kink(const struct ps_model *m, unsigned threads)
{
    for (size_t i = 0; i < m->kink_count; i++)
        if (m->kinks[i].threads == threads)
            return true;
    return false;
}

/* Of the points that have a kind of kink, and are left out or not; NONE: that take turns. */
static const char *kinked(const struct ps_view *v, const struct ps_model *m, enum ps_kink_kind kind,
                          bool left_out, size_t *count)
{
    unsigned *threads =
        ps_arena_array(v->arena, m->left_out_count + m->kink_count, sizeof *threads);
    const char *list = "";

    *count = 0;
    for (size_t i = 0; kind && i < m->kink_count; i++)
        if (m->kinks[i].kind == kind && m->kinks[i].left_out == left_out)
            threads[(*count)++] = m->kinks[i].threads;
    for (size_t i = 0; !kind && i < m->left_out_count; i++)
        if (!is_kink(m, m->left_out[i]))
            threads[(*count)++] = m->left_out[i];
    for (size_t i = 0; i < *count; i++)
        list = listed(v, list, threads[i], i, *count);
    return list;
}

static const char *why(const struct ps_view *v, const struct ps_model *m, enum ps_kink_kind kind)
{
    switch (kind) {
    case PS_KINK_SECOND_THREAD:
        return "they use second hardware threads of cores";
    case PS_KINK_SLOWER_CORE:
        return "they use slower cores";
    case PS_KINK_SOCKETS:
        return "they extend to another socket";
    default:
        return ps_arena_format(v->arena, "they take turns on %.3g CPU%s", m->left_out_cpus,
                               m->left_out_cpus == 1 ? "" : "s");
    }
}

const char *ps_left_out(const struct ps_view *v, const struct ps_model *m)
{
    static const enum ps_kink_kind order[] = {PS_KINK_SECOND_THREAD, PS_KINK_SLOWER_CORE,
                                              PS_KINK_SOCKETS, PS_KINK_NONE};
    const char *text = "";

    for (size_t i = 0; i < PS_KINK_KINDS; i++) {
        size_t count;
        const char *list = kinked(v, m, order[i], true, &count);

        if (count)
            text = ps_arena_format(v->arena, "%s%s%s %s left out: %s", text, *text ? "; " : "",
                                   list, count == 1 ? "is" : "are", why(v, m, order[i]));
    }
    return text;
}

/* Kinks that are in the fit: "; 2 is in it, though they use slower cores". */
static const char *kept(const struct ps_view *v, const struct ps_model *m)
{
    const char *text = "";

    for (unsigned kind = PS_KINK_NONE + 1; kind < PS_KINK_KINDS; kind++) {
        size_t count;
        const char *list = kinked(v, m, kind, false, &count);

        if (count)
            text = ps_arena_format(v->arena, "%s; %s %s included, though %s", text, list,
                                   count == 1 ? "is" : "are", why(v, m, kind));
    }
    return text;
}

/* Which points it is from, and which not. */
static const char *basis(const struct ps_view *v, const struct ps_model *m)
{
    const char *others = ps_arena_format(v->arena, "%s%s%s", kept(v, m),
                                         m->left_out_count ? "; " : "", ps_left_out(v, m));

    if (!m->karp_flatt_count)
        return *others ? ps_arena_format(v->arena, " (threads: %s)", others + 2) : "";
    if (m->karp_flatt_count > 1)
        return ps_arena_format(v->arena, " (from %s threads%s)", used(v, m), others);
    return ps_arena_format(v->arena, " (from %s threads only%s%s)", used(v, m),
                           isnan(m->serial_fraction) ? "" : ", so the law itself is unverified",
                           others);
}

static const char *fit(const struct ps_view *v, const struct ps_model *m, const char *name)
{
    const char *law = m->weak ? "Gustafson" : "Amdahl";

    if (!isfinite(m->serial_fraction))
        return ps_arena_format(v->arena, "%s%s: %s%s", law, name, m->status, basis(v, m));
    return ps_arena_format(v->arena, "%s%s: serial fraction %.3f%s: %s%s", law, name,
                           m->serial_fraction, interval(v, m->low, m->high), limit(v, m),
                           basis(v, m));
}

static const char *law_words(enum ps_law law)
{
    static const char *const words[PS_LAWS] = {
        [PS_LAW_NONE] = "",
        [PS_LAW_LINEAR] = "linear",
        [PS_LAW_AMDAHL] = "Amdahl's law",
        [PS_LAW_AMDAHL_FREE] =
            "Amdahl's law without the constraint of a speedup of 1 with one thread",
        [PS_LAW_USL] = "the USL",
    };

    return words[law];
}

const char *ps_peak_text(const struct ps_view *v, const struct ps_laws *l)
{
    const char *most = l->peak.high < 1e4 ? ps_arena_format(v->arena, "%.3g", l->peak.high) : "∞";

    if (!isfinite(l->peak.value))
        return "no peak in sight";
    if (isnan(l->peak.low) || isnan(l->peak.high))
        return ps_arena_format(v->arena, "most throughput with %.3g threads", l->peak.value);
    return ps_arena_format(v->arena, "most throughput with %.3g [%.3g, %s] threads", l->peak.value,
                           l->peak.low, most);
}

static const char *small_interval(const struct ps_view *v, struct ps_interval i)
{
    if (!isfinite(i.low) || !isfinite(i.high))
        return "";
    return ps_arena_format(v->arena, " [%.3g, %.3g]", i.low, i.high);
}

static const char *choice(const struct ps_view *v, const struct ps_laws *l)
{
    if (l->best == PS_LAW_NONE)
        return "too few points to choose between laws";
    return ps_arena_format(v->arena, "best supported by the points (AICc): %s", law_words(l->best));
}

bool ps_model_falls(const struct ps_model *m)
{
    return m->laws.status && m->laws.falls_from > 0 && m->karp_flatt_count > 1;
}

static void add_usl(const struct ps_view *v, const struct ps_model *m, const char *name,
                    struct ps_lines *l)
{
    const struct ps_laws *u = &m->laws;

    if (u->status && isfinite(u->sigma.value))
        ps_lines_add(l, ps_arena_format(
                            v->arena,
                            "USL%s: contention σ %.3g%s, coherence κ %.3g%s: %s; residual %.2g; %s",
                            name, u->sigma.value, small_interval(v, u->sigma), u->kappa.value,
                            small_interval(v, u->kappa), ps_peak_text(v, u), u->residual,
                            choice(v, u)));
    if (ps_model_falls(m))
        ps_lines_add(l, ps_arena_format(v->arena, "Slower with %.10g threads%s than with fewer",
                                        u->falls_from, name));
}

/* brief: without Karp and Flatt. */
static void add_model(const struct ps_view *v, const struct ps_model *m, const char *name,
                      bool brief, struct ps_lines *l)
{
    const char *trend = brief || m->weak ? NULL : trend_words(m->trend);

    ps_lines_add(l, fit(v, m, name));
    if (!brief)
        add_usl(v, m, name, l);
    if (trend)
        ps_lines_add(l, ps_arena_format(v->arena, "Karp–Flatt%s (serial e, per thread count): %s",
                                        name, trend));
    if (!brief)
        ps_advice_lines(v, m, name, l);
}

static bool holds(const struct ps_block *b, const char *workload_label)
{
    for (size_t i = 0; i < b->count; i++)
        if (!strcmp(b->points[i].workload_label, workload_label))
            return true;
    return false;
}

/* What tells the models of a block apart. */
struct naming {
    bool workload, strategy, placement;
};

static struct naming scaling_naming(const struct ps_view *v, const struct ps_block *b)
{
    const struct ps_model *first = NULL;
    struct naming n = {.workload = !b->same_workload};

    for (size_t i = 0; i < v->r->model_count; i++) {
        const struct ps_model *m = &v->r->models[i];

        if (!holds(b, m->workload_label))
            continue;
        n.strategy |= first && strcmp(m->strategy_label, PS_STRATEGY_PROGRAM);
        first = first ? first : m;
        n.placement |= strcmp(m->placement, first->placement) != 0;
    }
    return n;
}

static const char *scaling_name(const struct ps_view *v, const struct naming *n,
                                const struct ps_model *m)
{
    return ps_arena_format(v->arena, "%s%s%s%s%s%s", n->workload ? ", " : "",
                           n->workload ? m->workload_label : "", n->strategy ? ", " : "",
                           n->strategy ? m->strategy_label : "", n->placement ? ", " : "",
                           n->placement ? m->placement : "");
}

static void add_scaling(const struct ps_view *v, const struct ps_block *b, struct ps_lines *l)
{
    struct naming n = scaling_naming(v, b);

    for (size_t i = 0; i < v->r->model_count; i++)
        if (holds(b, v->r->models[i].workload_label))
            add_model(v, &v->r->models[i], scaling_name(v, &n, &v->r->models[i]),
                      b->kind == PS_BLOCK_SERIES, l);
}

/* "counter:ilp=8", with the strategy where the workload has models of several. */
static const char *smt_name(const struct ps_view *v, const struct ps_smt_model *m)
{
    for (size_t i = 0; i < v->r->smt_count; i++)
        if (!strcmp(v->r->smt[i].workload_label, m->workload_label) &&
            strcmp(v->r->smt[i].strategy_label, m->strategy_label))
            return ps_arena_format(v->arena, "%s, %s", m->workload_label, m->strategy_label);
    return m->workload_label;
}

static const char *smt_effect(const struct ps_view *v, const struct ps_smt_model *m)
{
    if (!isfinite(m->effect))
        return "no effect measured";
    return ps_arena_format(v->arena, "%.3f%s × the throughput of one %s per core", m->effect,
                           interval(v, m->low, m->high), m->copies ? "copy" : "thread");
}

static const char *smt_packed(const struct ps_view *v, const struct ps_smt_model *m)
{
    if (!isfinite(m->packed))
        return "";
    return ps_arena_format(v->arena,
                           ", and %.3f%s × with the same threads packed on half of the "
                           "cores",
                           m->packed, interval(v, m->packed_low, m->packed_high));
}

static void add_smt(const struct ps_view *v, const struct ps_block *b, struct ps_lines *l)
{
    for (size_t i = 0; i < v->r->smt_count; i++) {
        const struct ps_smt_model *m = &v->r->smt[i];

        if (holds(b, m->workload_label))
            ps_lines_add(l, ps_arena_format(v->arena, "SMT on %s (%u core%s%s): %s: %s%s. %s",
                                            smt_name(v, m), m->cores, m->cores == 1 ? "" : "s",
                                            m->assumed ? ", as --pair says" : "",
                                            ps_smt_verdict_name(m->verdict), smt_effect(v, m),
                                            smt_packed(v, m), m->evidence));
    }
}

/* The verdict, without the evidence. */
static void add_smt_brief(const struct ps_view *v, const struct ps_smt_model *m, struct ps_lines *l)
{
    const char *effect = "no effect measured";

    if (isfinite(m->effect))
        effect = ps_arena_format(v->arena, "%.3f%s × one %s per core", m->effect,
                                 interval(v, m->low, m->high), m->copies ? "copy" : "thread");
    ps_lines_add(l, ps_arena_format(v->arena, "SMT on %s: %s: %s.", smt_name(v, m),
                                    ps_smt_verdict_name(m->verdict), effect));
}

struct ps_lines ps_block_smt(const struct ps_view *v, const struct ps_block *b)
{
    struct ps_lines l = {.arena = v->arena};

    if (v->r->smt_count < 2)
        return ps_block_models(v, b);
    for (size_t i = 0; i < v->r->smt_count; i++)
        if (holds(b, v->r->smt[i].workload_label))
            add_smt_brief(v, &v->r->smt[i], &l);
    return l;
}

static const char *mode(const struct ps_view *v, const struct ps_modes *m, size_t which)
{
    return ps_arena_format(v->arena, "%s in %.0f %% of the rounds",
                           ps_cell_time(v->arena, m->centre[which]), 100 * m->share[which]);
}

static const char *mode_subject(const struct ps_view *v, const struct ps_block *b,
                                const struct ps_point *p)
{
    if (ps_point_is_program(p) || !b->same_workload)
        return ps_subject_of(v->r, p);
    return ps_arena_format(v->arena, "%s with %u thread%s", p->strategy_label, p->threads,
                           p->threads == 1 ? "" : "s");
}

static void add_modes(const struct ps_view *v, const struct ps_block *b, struct ps_lines *l)
{
    for (size_t i = 0; i < b->count; i++) {
        const struct ps_point *p = &b->points[i];

        if (p->modes.found)
            ps_lines_add(l,
                         ps_arena_format(v->arena, "Two modes, %s: %s, %s", mode_subject(v, b, p),
                                         mode(v, &p->modes, 0), mode(v, &p->modes, 1)));
    }
}

struct ps_lines ps_block_models(const struct ps_view *v, const struct ps_block *b)
{
    struct ps_lines l = {.arena = v->arena};

    if (b->kind == PS_BLOCK_SERIES)
        ps_lines_add(
            &l, "Speedups are relative to the time in the same row. * the best of its row, or not "
                "significantly different from it; -v shows each value in full");
    add_modes(v, b, &l);
    add_scaling(v, b, &l);
    add_smt(v, b, &l);
    return l;
}
