/* The efficiency stack of a block's parallel points: factors, lost cores, and both as a bar. */
#include <math.h>
#include <string.h>

#include "cells.h"
#include "stack.h"
#include "view.h"

#define MOSTLY_WAITS 0.5  /* CPU use of the reference */
#define BAR          20   /* columns that stand for all CPUs of a point */
#define SMALL        0.01 /* share of the CPUs: a smaller loss has no sentence */
#define ALL_OF_IT    0.1  /* of what is lost, that the largest may differ by */
#define WORTH_NAMING 0.15 /* share of the loss */
#define FINE_STEP    1e-3
#define NEARLY_ONE   0.005 /* no farther from it than that, a factor has no column */
#define FINE_CPUS    10    /* with more, cores are told to a hundredth */

/* letter 0: not in the bar */
static const struct layout {
    enum ps_stack_term term;
    const char *head, *legend;
    char letter;
} factors[] =
    {
        {PS_STACK_EFFICIENCY, "E", NULL, 0},
        {PS_STACK_PARALLEL, "PE", NULL, 0},
        {PS_STACK_COMPUTATION, "CS", NULL, 0},
        {PS_STACK_REFERENCE, "R", NULL, 0},
        {PS_STACK_INSTRUCTIONS, "CS: in-\nstructions", NULL, 0},
        {PS_STACK_IPC, "CS:\nIPC", NULL, 0},
        {PS_STACK_CYCLES, "CS:\ncycles", NULL, 0},
        {PS_STACK_FREQUENCY, "CS:\nclock", NULL, 0},
        {PS_STACK_WAIT, "wait\neff.", NULL, 0},
},
  losses[] = {
      {PS_LOST_SERIAL, "serial", "serial parts", 's'},
      {PS_LOST_IMBALANCE, "imbal-\nance", "imbalance", 'i'},
      {PS_LOST_WAITING, "waiting", "waiting", 'w'},
      {PS_LOST_RUNTIME, "runtime", "runtime", 'r'},
      {PS_LOST_OTHERS, "to\nothers", "other programs", 'o'},
      {PS_LOST_INSTRUCTIONS, "in-\nstructions", "more instructions", 'n'},
      {PS_LOST_IPC, "IPC", "lower IPC", 'c'},
      {PS_LOST_CYCLES, "cycles", "more cycles", 'c'},
      {PS_LOST_COMPUTATION, "CPU\ntime", "more CPU time", 't'},
      {PS_LOST_FREQUENCY, "clock", "lower clock", 'f'},
      {PS_LOST_REFERENCE_IDLE, "reference\nidle", NULL, 0},
};
#define FACTORS      (sizeof factors / sizeof *factors)
#define LOSSES       (sizeof losses / sizeof *losses)
#define MAIN_FACTORS 3 /* that stand beside the bar */
#define BARS         "all its CPUs"
#define LOST         "lost\ncores"

void ps_stack_heads(ps_head_fn *each, void *arg)
{
    for (size_t i = 0; i < FACTORS; i++)
        each(arg, factors[i].head);
    for (size_t i = 0; i < LOSSES; i++)
        each(arg, losses[i].head);
    each(arg, BARS);
    each(arg, LOST);
}

/* One point. */
struct losing {
    double cpus, step;
    double lost[LOSSES]; /* as printed; 0 where not known */
};

static const struct ps_metric *term_of(const struct ps_point *p, enum ps_stack_term term)
{
    return ps_point_metric(p, ps_stack_ids[term]);
}

static double known(const struct ps_point *p, enum ps_stack_term term)
{
    double x = ps_point_value(p, ps_stack_ids[term]);

    return isfinite(x) ? x : 0;
}

/* The p of the efficiency, which is not always the threads, nor whole under a quota. */
static double cpus_of(const struct ps_point *p)
{
    double cpus = ps_point_value(p, "speedup") / ps_point_value(p, "efficiency");

    return isfinite(cpus) && cpus >= 1 && cpus < 1e6 ? round(1e6 * cpus) / 1e6 : p->threads;
}

static struct losing losing_of(const struct ps_point *p)
{
    struct losing l = {.cpus = cpus_of(p)};
    double exact[LOSSES];

    l.step = l.cpus < FINE_CPUS ? FINE_STEP : 10 * FINE_STEP;
    for (size_t i = 0; i < LOSSES; i++)
        exact[i] = fmax(-1e6, fmin(known(p, losses[i].term), 1e6));
    ps_apportion(exact, LOSSES, l.step, l.lost);
    return l;
}

static const char *cores(const struct ps_view *v, const struct losing *l, double x)
{
    /* + 0 makes a negative zero a positive one. */
    return ps_arena_format(v->arena, "%.*f", l->step < 5e-3 ? 3 : 2,
                           round(x / l->step) * l->step + 0);
}

/* The speedup, and what is left of the CPUs in the proportions of the losses: where there are gains
 * besides (below 0), the losses are larger than what is left. */
static const char *bar(const struct ps_view *v, const struct losing *l)
{
    double parts[LOSSES + 1] = {l->cpus}, cells[LOSSES + 1], sum = 0, left;
    char text[BAR];
    size_t used = 0;

    for (size_t i = 0; i < LOSSES; i++) {
        parts[0] -= l->lost[i];
        parts[i + 1] = losses[i].letter ? fmax(l->lost[i], 0) : 0;
        sum += parts[i + 1];
    }
    parts[0] = sum > 0 ? BAR * fmax(0, fmin(parts[0] / l->cpus, 1)) : BAR;
    left = BAR - parts[0];
    for (size_t i = 1; i <= LOSSES; i++)
        parts[i] = sum > 0 ? parts[i] / sum * left : 0;
    ps_apportion(parts, LOSSES + 1, 1, cells);
    for (size_t i = 0; i <= LOSSES; i++)
        for (int k = 0; k < (int)cells[i] && used < BAR; k++)
            text[used++] = i ? losses[i - 1].letter : '#';
    return ps_arena_format(v->arena, "%.*s", (int)used, text);
}

/* Of a reference that mostly waits nothing computes that could be lost. */
static bool has_stack(const struct ps_point *p)
{
    return !p->baseline && p->threads > 1 &&
           !(ps_point_value(p, ps_stack_ids[PS_STACK_REFERENCE]) < MOSTLY_WAITS) &&
           isfinite(ps_point_value(p, ps_stack_ids[PS_STACK_EFFICIENCY]));
}

/* Worth a column: a factor that is not 1 everywhere, a loss that is not 0 everywhere. */
static bool factor_says(const struct ps_block *b, const struct layout *layout)
{
    for (size_t i = 0; i < b->count; i++) {
        const struct ps_metric *m = term_of(&b->points[i], layout->term);

        if (m && isfinite(m->value) &&
            (layout < factors + MAIN_FACTORS || fabs(m->value - 1) >= NEARLY_ONE))
            return true;
    }
    return false;
}

static bool loss_says(const struct losing *l, size_t count, size_t loss)
{
    for (size_t i = 0; i < count; i++)
        if (l[i].lost[loss] != 0)
            return true;
    return false;
}

static const char *title_of(enum ps_stack_term term)
{
    return ps_metric_find(ps_stack_ids[term])->title;
}

static void fill_factors(const struct ps_view *v, const struct ps_block *b, struct ps_grid *g,
                         const struct layout *layout, size_t column)
{
    enum ps_cell_style style =
        layout->term == PS_STACK_EFFICIENCY ? PS_CELL_RATIO_PM : PS_CELL_PLAIN;

    for (size_t row = 0; row < b->count; row++) {
        const struct ps_metric *m = term_of(&b->points[row], layout->term);

        if (m && isfinite(m->value))
            ps_grid_cell(g, row, column, ps_cell_metric(v->arena, m, style));
    }
}

static void fill_loss(const struct ps_view *v, const struct ps_block *b, struct ps_grid *g,
                      const struct losing *l, size_t loss, size_t column)
{
    for (size_t row = 0; row < b->count; row++) {
        const struct ps_metric *m = term_of(&b->points[row], losses[loss].term);

        if (m && isfinite(m->value))
            ps_grid_cell(g, row, column,
                         ps_arena_format(v->arena, "%s%s", m->quality == PS_ESTIMATED ? "~" : "",
                                         cores(v, &l[row], l[row].lost[loss])));
    }
}

static void fill_sums(const struct ps_view *v, const struct ps_block *b, struct ps_grid *g,
                      const struct losing *l, size_t bars, size_t total)
{
    for (size_t row = 0; row < b->count; row++) {
        double sum = 0;

        for (size_t i = 0; i < LOSSES; i++)
            sum += l[row].lost[i];
        ps_grid_cell(g, row, total, cores(v, &l[row], sum));
        ps_grid_cell(g, row, bars, bar(v, &l[row]));
    }
}

void ps_stack_columns(const struct ps_view *v, const struct ps_block *b, struct ps_grid *g)
{
    struct losing *l = ps_arena_array(v->arena, b->count, sizeof *l);
    size_t columns[FACTORS], lost[LOSSES], bars = 0, total;

    for (size_t i = 0; i < b->count; i++)
        l[i] = losing_of(&b->points[i]);
    for (size_t i = 0; i < FACTORS; i++) {
        columns[i] =
            ps_grid_column(g, factors[i].head, title_of(factors[i].term), i >= MAIN_FACTORS);
        if (i + 1 == MAIN_FACTORS) {
            bars = ps_grid_column(g, BARS, BARS, 0);
            g->columns[bars].left = g->columns[bars].label = true;
        }
    }
    total = ps_grid_column(g, LOST, "lost cores", 2);
    for (size_t i = 0; i < LOSSES; i++)
        lost[i] = ps_grid_column(g, losses[i].head, title_of(losses[i].term), 2);
    ps_grid_start(g);
    for (size_t i = 0; i < FACTORS; i++)
        if (factor_says(b, &factors[i]))
            fill_factors(v, b, g, &factors[i], columns[i]);
    for (size_t i = 0; i < LOSSES; i++)
        if (loss_says(l, b->count, i))
            fill_loss(v, b, g, l, i, lost[i]);
    fill_sums(v, b, g, l, bars, total);
}

bool ps_stack_points(const struct ps_view *v, const struct ps_block *b, struct ps_block *out)
{
    struct ps_point *points = ps_arena_array(v->arena, b->count, sizeof *points);

    *out = *b;
    out->points = points;
    out->count = 0;
    for (size_t i = 0; i < b->count; i++)
        if (has_stack(&b->points[i]))
            points[out->count++] = b->points[i];
    return out->count > 0;
}

static bool any_estimated(const struct ps_block *b, enum ps_stack_term term)
{
    for (size_t i = 0; i < b->count; i++) {
        const struct ps_metric *m = term_of(&b->points[i], term);

        if (m && m->quality == PS_ESTIMATED && m->value > 0)
            return true;
    }
    return false;
}

static bool any_known(const struct ps_block *b, enum ps_stack_term term)
{
    for (size_t i = 0; i < b->count; i++)
        if (isfinite(ps_point_value(&b->points[i], ps_stack_ids[term])))
            return true;
    return false;
}

/* Of the letters in the bars; marks: with a ~ where it is an estimate. */
static const char *bar_legend(const struct ps_view *v, const struct ps_block *b, bool marks)
{
    const char *text = "# useful work";

    for (size_t i = 0; i < LOSSES; i++)
        for (size_t k = 0; losses[i].letter && k < b->count; k++) {
            struct losing l = losing_of(&b->points[k]);

            if (!(l.lost[i] > 0) || !strchr(bar(v, &l), losses[i].letter))
                continue;
            text = ps_arena_format(v->arena, "%s, %c %s%s", text, losses[i].letter,
                                   marks && any_estimated(b, losses[i].term) ? "~" : "",
                                   losses[i].legend);
            break;
        }
    return text;
}

const char *ps_stack_bar(const struct ps_view *v, const struct ps_point *p)
{
    struct losing l;

    if (!has_stack(p))
        return NULL;
    l = losing_of(p);
    return bar(v, &l);
}

bool ps_stack_bar_shows(const struct ps_view *v, const struct ps_point *p, enum ps_stack_term term)
{
    const char *bar = ps_stack_bar(v, p);

    for (size_t i = 0; bar && i < LOSSES; i++)
        if (losses[i].term == term && losses[i].letter)
            return strchr(bar, losses[i].letter) != NULL;
    return false;
}

/* The largest loss not told yet; LOSSES where none is worth it. */
static size_t next_loss(const struct losing *l, const bool *told, double least)
{
    size_t next = LOSSES;

    for (size_t i = 0; i < LOSSES; i++)
        if (!told[i] && losses[i].letter && l->lost[i] >= least &&
            (next == LOSSES || l->lost[i] > l->lost[next]))
            next = i;
    return next;
}

double ps_stack_lost(const struct ps_point *p, double *cpus)
{
    *cpus = cpus_of(p);
    return has_stack(p) ? *cpus - ps_point_value(p, "speedup") : 0;
}

/* What asks for a look into a program. */
static const char *what_for(const struct ps_point *p, size_t largest)
{
    return ps_point_is_program(p) && !p->diagnosis && losses[largest].term == PS_LOST_WAITING
               ? " --diagnose says what they waited for."
               : "";
}

/* ": ~0.25 to waiting, 0.10 to more CPU time"; without figures where they come to more than was
 * lost, by what others took from the reference, or by a gain beside them. */
static const char *shared_out(const struct ps_view *v, const struct ps_point *p,
                              const struct losing *l, double lost)
{
    bool told[LOSSES] = {false};
    const char *figures = "", *names = "";
    double sum = 0;
    size_t i;

    while ((i = next_loss(l, told, WORTH_NAMING * lost)) < LOSSES) {
        const struct ps_metric *m = term_of(p, losses[i].term);

        figures = ps_arena_format(v->arena, "%s%s %s%.2f to %s", figures, *figures ? "," : ":",
                                  m && m->quality == PS_ESTIMATED ? "~" : "", l->lost[i],
                                  losses[i].legend);
        names =
            ps_arena_format(v->arena, "%s %s %s", names, *names ? "and" : "to", losses[i].legend);
        sum += l->lost[i];
        told[i] = true;
    }
    return sum > (1 + ALL_OF_IT) * lost ? names : figures;
}

const char *ps_stack_losses(const struct ps_view *v, const struct ps_point *p)
{
    const bool told[LOSSES] = {false};
    struct losing l = losing_of(p);
    double lost = l.cpus - ps_point_value(p, "speedup");
    const size_t first = next_loss(&l, told, WORTH_NAMING * lost);

    if (!has_stack(p) || !(lost >= SMALL * l.cpus) || first == LOSSES)
        return NULL;
    if (fabs(l.lost[first] - lost) < ALL_OF_IT * lost)
        return ps_arena_format(v->arena, "%.2f of %.3g cores were lost to %s.%s", lost, l.cpus,
                               losses[first].legend, what_for(p, first));
    return ps_arena_format(v->arena, "%.2f of %.3g cores were lost%s.%s", lost, l.cpus,
                           shared_out(v, p, &l, lost), what_for(p, first));
}

const char *ps_stack_bar_legend(const struct ps_view *v, const struct ps_block *b)
{
    struct ps_block parallel;

    if (!ps_stack_points(v, b, &parallel))
        return NULL;
    return ps_arena_format(v->arena, "Where the cores went: %s.", bar_legend(v, &parallel, true));
}

const char *ps_stack_legend(const struct ps_view *v, const struct ps_block *b)
{
    return ps_arena_format(
        v->arena,
        "Where the cores went: E = PE × CS / R (R, and parts of CS, are 1 unless shown); the lost "
        "cores sum to the CPUs minus the speedup.%s In the bar: %s.",
        any_known(b, PS_STACK_CYCLES)
            ? " Without instructions, cycles stand for instructions and IPC together."
            : "",
        bar_legend(v, b, false));
}
