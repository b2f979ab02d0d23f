/* What the first screen answers: sentences over the result's metrics, models and findings. */
#include "answer.h"

#include <math.h>
#include <string.h>

#include "cells.h"
#include "marks.h"

#define MOST_OF_IT  0.8 /* of the CPU time, by one thread */
#define CAUSES_TOLD 3   /* on the first screen */

/* The findings that belong to the answer, in their order; the others that only inform are details.
 */
static const struct {
    const char *id;
    size_t most;
} answering[] = {
    {"empty-input", 1},     {"cause", CAUSES_TOLD},      {"cause-rest", 1}, {"largest-loss", 1},
    {"fastest-program", 1}, {"superlinear", 1},          {"latency", 1},    {"best-outside", 4},
    {"copies", SIZE_MAX},   {"two-serial-fractions", 1},
};
#define ANSWERING (sizeof answering / sizeof *answering)

/* Copies from outside do more, not the same in less time. */
static bool compares(const struct ps_point *p)
{
    return !p->baseline && !(ps_point_is_outside(p) && ps_point_is_copies(p)) &&
           isfinite(ps_point_value(p, "speedup"));
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

/* " [1.78, 1.86]"; "" without an interval. */
static const char *range(const struct ps_view *v, double low, double high)
{
    if (!isfinite(low) || !isfinite(high))
        return "";
    return ps_arena_format(v->arena, " [%s, %s]", ps_cell_ratio(v->arena, low),
                           ps_cell_ratio(v->arena, high));
}

static bool is_slower(const struct ps_metric *speedup)
{
    return isfinite(speedup->high) ? speedup->high < 1 : speedup->value * PS_NO_GAIN < 1;
}

/* "1.82 [1.78, 1.86] times as fast", or the inverse "as long". */
static const char *times(const struct ps_view *v, const struct ps_metric *speedup)
{
    const char *mark = speedup->quality == PS_ESTIMATED ? "~" : "";

    if (is_slower(speedup))
        return ps_arena_format(v->arena, "%s%s%s times as long", mark,
                               ps_cell_ratio(v->arena, 1 / speedup->value),
                               range(v, 1 / speedup->high, 1 / speedup->low));
    return ps_arena_format(v->arena, "%s%s%s times as fast", mark,
                           ps_cell_ratio(v->arena, speedup->value),
                           range(v, speedup->low, speedup->high));
}

static const char *reference(const struct ps_view *v, const struct ps_point *p)
{
    if (!ps_point_is_program(p))
        return "the sequential version";
    if (ps_point_is_copies(p))
        return "one copy";
    return ps_point_among_outside(v->r, p) ? "1 thread as it is" : "1";
}

static const char *ideal(const struct ps_view *v, const struct ps_point *p)
{
    double efficiency = ps_point_value(p, "efficiency");

    if (!isfinite(efficiency) || is_slower(ps_point_metric(p, "speedup")))
        return "";
    return ps_arena_format(v->arena, ", %.0f %% of ideal", 100 * efficiency);
}

static const char *unclear(const struct ps_metric *speedup)
{
    if (speedup->low <= 1 && speedup->high >= 1)
        return " That is no significant change.";
    return "";
}

static bool is_plural(const struct ps_point *p)
{
    return p->threads > 1 && ps_point_is_program(p) && !ps_point_is_outside(p);
}

static const char *is_or_are(const struct ps_point *p)
{
    return is_plural(p) ? "are" : "is";
}

static const char *verb(const struct ps_point *p)
{
    if (is_slower(ps_point_metric(p, "speedup")))
        return is_plural(p) ? "take" : "takes";
    return is_or_are(p);
}

static bool concerns(const struct ps_view *v, const struct ps_finding *f, const struct ps_point *p)
{
    for (size_t i = 0; i < f->point_count; i++)
        if (&v->r->points[f->points[i]] == p)
            return true;
    return false;
}

/* Threads that take turns are never seen at once, but each of them has CPU time. */
static bool several_work(const struct ps_point *p)
{
    const struct ps_diagnosis *d = p->diagnosis;
    double most = 0;

    for (size_t i = 0; d && i < d->thread_count; i++)
        most = fmax(most, d->threads[i].most);
    return d && d->thread_count && most < MOST_OF_IT * d->cpu_time;
}

/* A program that was asked for threads and has but one, which the report begins with. */
static bool is_of_one_thread(const struct ps_view *v, const struct ps_point *p)
{
    if (p->threads < 2 || several_work(p) || ps_point_value(p, "threads_seen") != 1 ||
        ps_point_value(p, "speedup") > PS_NO_GAIN)
        return false;
    for (size_t i = 0; i < v->r->finding_count; i++)
        if (!strcmp(v->r->findings[i].id, PS_FINDING_THREADS) && concerns(v, &v->r->findings[i], p))
            return true;
    return false;
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

static bool tells(const struct ps_view *v, const struct ps_block *b, const char *id)
{
    for (size_t i = 0; i < v->r->finding_count; i++)
        if (!strcmp(v->r->findings[i].id, id) && in_block(v, &v->r->findings[i], b))
            return true;
    return false;
}

/* "; 0.51 of 2 cores were lost", where the causes that share them follow. */
static const char *lost(const struct ps_view *v, const struct ps_block *b, const struct ps_point *p)
{
    double cpus, cores = ps_stack_lost(p, &cpus);

    if (!tells(v, b, "cause") || !(cores > 0))
        return "";
    return ps_arena_format(v->arena, "; %.2f of %.3g cores were lost", cores, cpus);
}

/* ", of work that grows with the threads" */
static const char *grown(const struct ps_view *v, const struct ps_point *p)
{
    const struct ps_model *m = ps_result_model(v->r, p);

    return m && m->weak ? ", of work that grows with the threads" : "";
}

static void add_speedup(const struct ps_view *v, const struct ps_block *b, const struct ps_point *p,
                        struct ps_lines *l)
{
    const struct ps_metric *speedup = ps_point_metric(p, "speedup");

    if (is_of_one_thread(v, p))
        ps_lines_add(
            l, ps_arena_format(v->arena, "Asked for %u threads, it %s %s as when asked for one.",
                               p->threads, is_slower(speedup) ? "takes" : "is", times(v, speedup)));
    else
        ps_lines_add(l,
                     ps_arena_format(v->arena, "%s %s %s as %s%s%s%s.%s", ps_subject_name(v->r, p),
                                     verb(p), times(v, speedup), reference(v, p), grown(v, p),
                                     ideal(v, p), lost(v, b, p), unclear(speedup)));
}

static void add_noise(const struct ps_view *v, const struct ps_point *other, const char *gain,
                      struct ps_lines *l)
{
    const struct ps_metric *speedup = ps_point_metric(other, "speedup");

    ps_lines_add(l, ps_arena_format(v->arena, "%s %s within noise of that: %s%s%s.",
                                    ps_subject_name(v->r, other), is_or_are(other),
                                    ps_cell_ratio(v->arena, speedup->value),
                                    range(v, speedup->low, speedup->high), gain));
}

/* The best of the other strategies. */
static void add_second(const struct ps_view *v, const struct ps_block *b, const struct ps_point *p,
                       struct ps_lines *l)
{
    const struct ps_point *other = fastest(b, p->strategy_label);

    if (!other)
        return;
    if (within_noise(p, other)) {
        add_noise(v, other, "", l);
        return;
    }
    ps_lines_add(l, ps_arena_format(v->arena, "Next is %s: %s.", ps_subject_name(v->r, other),
                                    times(v, ps_point_metric(other, "speedup"))));
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
        add_noise(v, fewest, ", so more threads gain nothing significant", l);
    return fewest->threads;
}

/* Where causes have names, their sum is told with the speedup; where there is one thread, it is
 * told what to do. */
static bool is_told(const struct ps_view *v, const struct ps_block *b, const struct ps_point *p,
                    const char *id)
{
    if (!strcmp(id, "cause") || !strcmp(id, "cause-rest"))
        return p && is_of_one_thread(v, p);
    return !strcmp(id, "largest-loss") && tells(v, b, "cause");
}

static void add_findings(const struct ps_view *v, const struct ps_block *b,
                         const struct ps_point *p, struct ps_lines *l)
{
    for (size_t k = 0; k < ANSWERING; k++) {
        size_t left = is_told(v, b, p, answering[k].id) ? 0 : answering[k].most;

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
    return tells(v, b, "cause") || tells(v, b, "largest-loss") || tells(v, b, "superlinear") ||
           tells(v, b, "latency");
}

/* Why it is not the ideal, where that is too little for a finding. */
static void add_small_losses(const struct ps_view *v, const struct ps_block *b,
                             const struct ps_point *p, struct ps_lines *l)
{
    const bool told = tells_losses(v, b) || is_of_one_thread(v, p);
    const char *losses = told ? NULL : ps_stack_losses(v, p);

    if (losses)
        ps_lines_add(l, losses);
}

struct ps_lines ps_block_answer(const struct ps_view *v, const struct ps_block *b)
{
    struct ps_lines l = {.arena = v->arena};
    const bool outside = tells(v, b, "best-outside");
    const struct ps_point *p = b->kind == PS_BLOCK_SMT || outside ? NULL : fastest(b, NULL);
    unsigned fewest = 0;

    if (p) {
        add_speedup(v, b, p, &l);
        fewest = add_fewer(v, b, p, &l);
        add_second(v, b, p, &l);
        add_small_losses(v, b, p, &l);
    }
    add_findings(v, b, p, &l);
    if (p)
        ps_answer_laws(v, p, fewest, &l);
    if (b->kind == PS_BLOCK_SMT)
        return ps_block_smt(v, b);
    return l;
}

static bool is_found(const struct ps_view *v, const char *id)
{
    for (size_t i = 0; i < v->r->finding_count; i++)
        if (!strcmp(v->r->findings[i].id, id))
            return true;
    return false;
}

/* What others do to a machine beside what the head tells of it: to measure again. */
static bool is_of_machine(const struct ps_finding *f)
{
    static const char *const ids[] = {"busy-machine", "busy-neighbour", "two-modes", "clock-fell",
                                      "steal-time"};

    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (!strcmp(f->id, ids[i]))
            return true;
    return false;
}

/* Of a program it says no more than the answer does, or of the machine than the head. */
static bool is_answered(const struct ps_view *v, const struct ps_finding *f)
{
    const struct ps_point *p = f->point_count == 1 ? &v->r->points[f->points[0]] : NULL;

    if (is_of_machine(f))
        return is_found(v, PS_FINDING_DISTURBED);
    if (!p || strcmp(f->id, "parallel-slower") || !ps_point_is_program(p))
        return false;
    for (size_t i = 0; i < v->r->point_count;) {
        struct ps_block b = ps_view_block(v, i);

        if (fastest(&b, NULL) == p)
            return is_slower(ps_point_metric(p, "speedup"));
        i += b.count;
    }
    return false;
}

/* A cause for which threads run one at a time. */
static bool explains_turns(const struct ps_finding *cause)
{
    static const char *const heads[] = {PS_MARK_INTERPRETER, PS_MARK_LOCK ":", PS_MARK_LOOP ":",
                                        PS_MARK_TAKE_TURNS ":", PS_MARK_STEPS ":"};

    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (!strncmp(cause->text, heads[i], strlen(heads[i])))
            return true;
    return false;
}

bool ps_finding_is_named(const struct ps_view *v, const struct ps_finding *f)
{
    size_t told = 0;

    if (strcmp(f->id, PS_FINDING_THREADS) != 0 || !strstr(f->text, PS_MARK_TURNS))
        return false;
    for (size_t i = 0; i < v->r->finding_count; i++) {
        const struct ps_finding *other = &v->r->findings[i];

        if (strcmp(other->id, "cause") != 0 || !f->point_count ||
            !concerns(v, other, &v->r->points[f->points[0]]) || ++told > CAUSES_TOLD)
            continue;
        if (explains_turns(other))
            return true;
    }
    return false;
}

bool ps_finding_changes_answer(const struct ps_view *v, const struct ps_finding *f)
{
    return f->severity != PS_INFO && !is_answered(v, f);
}

static bool scales(const struct ps_block *b)
{
    for (size_t i = 0; i < b->count; i++)
        if (isfinite(ps_point_value(&b->points[i], "efficiency")))
            return true;
    return false;
}

/* Of programs alone, of hardware threads, of all else. */
const char *const *ps_first_columns(const struct ps_block *b)
{
    static const char *const alone[] = {"wall_time", "user_time", "system_time", "max_rss",
                                        "cpus_used", "ipc",       NULL},
                             *const smt[] = {"wall_time", "throughput", PS_COLUMN_AGAINST_ONE,
                                             NULL},
                             *const outside[] = {"wall_time", "speedup", "cpus_used", NULL},
                             *const scaling[] = {"wall_time", "speedup", "efficiency", NULL};

    if (b->kind == PS_BLOCK_SMT)
        return smt;
    if (b->kind == PS_BLOCK_PROGRAM && !b->same_strategy && !scales(b))
        return outside;
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
