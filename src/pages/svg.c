/* The speedup curve alone, for pages and papers: a line a strategy with its intervals, the ideal,
 * and Amdahl's law where it was fitted. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "format.h"
#include "markup.h"
#include "subject.h"
#include "svg_axis.h"
#include "text.h"

#define WIDTH       720
#define HEIGHT      440
#define LEFT        60
#define RIGHT       510 /* of the plot; the legend stands beside it */
#define TOP         50
#define BOTTOM      390
#define COLOURS     8
#define MOST_LEGEND 18
#define STEPS       48 /* of the law's line */
#define FAR_APART   16 /* thread counts up to so many or more may stand on logarithmic axes */

static const char style[] =
    "text{font:13px system-ui,sans-serif;fill:#1b1f24}.paper{fill:#fff}"
    "line,polyline{fill:none;stroke:currentColor}circle,polygon{fill:currentColor}"
    "polyline{stroke-width:2}.law{stroke-width:1;stroke-dasharray:2 2}.band{opacity:.15}"
    ".ideal{stroke-dasharray:6 4}.axis,.ideal{color:#59626e}.grid{color:#d5d9df}"
    ".c0{color:#0b62b5}.c1{color:#c4570a}.c2{color:#1b7f4d}.c3{color:#9b3f96}"
    ".c4{color:#8a6d00}.c5{color:#087e8b}.c6{color:#b3264a}.c7{color:#5a5f66}"
    "@media (prefers-color-scheme:dark){text{fill:#e4e7eb}.paper{fill:#14171b}"
    ".axis,.ideal{color:#a0a8b3}.grid{color:#3a414a}"
    ".c0{color:#6cb2f5}.c1{color:#f59f5b}.c2{color:#5fcf95}.c3{color:#dc94d8}"
    ".c4{color:#d9bd4c}.c5{color:#54c9d6}.c6{color:#f58aa5}.c7{color:#aab0b8}}";

/* The points of one strategy that have a speedup, by threads. */
struct curve {
    const struct ps_point **points;
    size_t count;
};

struct picture {
    const struct ps_result *r;
    struct ps_arena *arena;
    struct ps_str *out;
    struct curve *curves;
    size_t curve_count;
    struct ps_axis x, y;
    const char *laws; /* whose, where any is drawn; NULL */
};

static bool belongs(const struct curve *c, const struct ps_point *p)
{
    const struct ps_point *first = c->points[0];

    return !strcmp(first->workload_label, p->workload_label) &&
           !strcmp(first->strategy_label, p->strategy_label) &&
           !strcmp(first->placement, p->placement);
}

static void add_point(struct picture *g, const struct ps_point *p)
{
    struct curve *c = NULL;
    size_t at;

    for (size_t i = 0; i < g->curve_count && !c; i++)
        if (belongs(&g->curves[i], p))
            c = &g->curves[i];
    if (!c) {
        g->curves = ps_arena_grow(g->arena, g->curves, g->curve_count, sizeof *g->curves);
        c = &g->curves[g->curve_count++];
        *c = (struct curve){0};
    }
    c->points = ps_arena_grow(g->arena, c->points, c->count, sizeof *c->points);
    for (at = c->count++; at && c->points[at - 1]->threads > p->threads; at--)
        c->points[at] = c->points[at - 1];
    c->points[at] = p;
}

static void collect(struct picture *g)
{
    for (size_t i = 0; i < g->r->point_count; i++) {
        const struct ps_point *p = &g->r->points[i];

        if (ps_point_value(p, "speedup") > 0 && (!p->baseline || ps_point_is_program(p)))
            add_point(g, p);
    }
}

/* Whether any of them is a curve. */
static bool several_threads(const struct picture *g)
{
    for (size_t i = 0; i < g->curve_count; i++)
        if (g->curves[i].points[0]->threads < g->curves[i].points[g->curves[i].count - 1]->threads)
            return true;
    return false;
}

/* The CPUs that its threads share. */
static double ideal_of(const struct ps_point *p)
{
    return ps_point_value(p, "speedup") / ps_point_value(p, "efficiency");
}

/* The thread counts, ascending. */
static size_t thread_counts(const struct picture *g, unsigned **counts)
{
    size_t count = 0;

    *counts = NULL;
    for (size_t i = 0; i < g->curve_count; i++)
        for (size_t k = 0; k < g->curves[i].count; k++) {
            unsigned n = g->curves[i].points[k]->threads;
            size_t at = 0;

            while (at < count && (*counts)[at] < n)
                at++;
            if (at < count && (*counts)[at] == n)
                continue;
            *counts = ps_arena_grow(g->arena, *counts, count, sizeof **counts);
            memmove(&(*counts)[at + 1], &(*counts)[at], (count - at) * sizeof **counts);
            (*counts)[at] = n;
            count++;
        }
    return count;
}

static void fit_axes(struct picture *g, const unsigned *counts, size_t count)
{
    double most = counts[count - 1], high = 1, low = 1;
    bool log = most >= FAR_APART && (double)count <= 2 * log2(most) + 2;

    for (size_t i = 0; i < g->curve_count; i++)
        for (size_t k = 0; k < g->curves[i].count; k++) {
            const struct ps_metric *m = ps_point_metric(g->curves[i].points[k], "speedup");

            high = fmax(high, fmax(fmax(m->value, m->high), ideal_of(g->curves[i].points[k])));
            low = fmin(low, fmin(m->value, m->low > 0 ? m->low : m->value));
        }
    g->x = (struct ps_axis){log ? counts[0] : fmin(counts[0], 1), most, LEFT, RIGHT, log};
    g->y = (struct ps_axis){log ? low : 0, high, BOTTOM, TOP, log};
}

static void add_tick(struct picture *g, const struct ps_axis *a, double value)
{
    double at = ps_axis_position(a, value);

    if (a == &g->x)
        ps_str_addf(g->out,
                    "<line class=\"grid\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>"
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.10g</text>\n",
                    at, TOP, at, BOTTOM, at, BOTTOM + 18, value);
    else
        ps_str_addf(g->out,
                    "<line class=\"grid\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>"
                    "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.10g</text>\n",
                    LEFT, at, RIGHT, at, LEFT - 8, at + 4, value);
}

static void add_ticks(struct picture *g, const struct ps_axis *a)
{
    double *ticks;
    size_t count = ps_axis_ticks(a, g->arena, &ticks);

    for (size_t i = 0; i < count; i++)
        add_tick(g, a, ticks[i]);
}

static void add_axes(struct picture *g, const unsigned *counts, size_t count)
{
    if (count <= PS_AXIS_MOST_TICKS)
        for (size_t i = 0; i < count; i++)
            add_tick(g, &g->x, counts[i]);
    else
        add_ticks(g, &g->x);
    add_ticks(g, &g->y);
    ps_str_addf(
        g->out,
        "<line class=\"axis\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n"
        "<line class=\"axis\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n"
        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">threads</text>\n"
        "<text transform=\"translate(18 %d) rotate(-90)\" text-anchor=\"middle\">speedup</text>\n",
        LEFT, BOTTOM, RIGHT, BOTTOM, LEFT, TOP, LEFT, BOTTOM, (LEFT + RIGHT) / 2, BOTTOM + 38,
        (TOP + BOTTOM) / 2);
}

static void add_place(struct picture *g, double x, double y)
{
    ps_str_addf(g->out, "%.1f,%.1f ", ps_axis_position(&g->x, x), ps_axis_position(&g->y, y));
}

static void add_ideal(struct picture *g, const unsigned *counts, size_t count)
{
    ps_str_add(g->out, "<polyline class=\"ideal\" points=\"");
    for (size_t n = 0; n < count; n++)
        for (size_t i = 0, found = 0; i < g->curve_count && !found; i++)
            for (size_t k = 0; k < g->curves[i].count && !found; k++) {
                const struct ps_point *p = g->curves[i].points[k];

                found = p->threads == counts[n] && isfinite(ideal_of(p));
                if (found)
                    add_place(g, counts[n], ideal_of(p));
            }
    ps_str_add(g->out, "\"/>\n");
}

/* The most threads of the points that the law is about. */
static double law_end(const struct curve *c, const struct ps_model *m)
{
    double most = 1;

    for (size_t i = 0; i < c->count; i++) {
        bool left_out = false;

        for (size_t k = 0; k < m->left_out_count; k++)
            left_out |= m->left_out[k] == c->points[i]->threads;
        if (!left_out)
            most = fmax(most, c->points[i]->threads);
    }
    return most;
}

/* backwards: so that two of them enclose an area. */
static void add_law_line(struct picture *g, const struct ps_model *m, double serial, double most,
                         bool backwards)
{
    for (int i = 0; i <= STEPS; i++) {
        double low = fmax(1, g->x.low),
               x = low * pow(most / low, (backwards ? STEPS - i : i) / (double)STEPS);

        add_place(g, x, ps_model_speedup(m, serial, x));
    }
}

static void add_law(struct picture *g, const struct curve *c, size_t colour)
{
    const struct ps_model *m = ps_result_model(g->r, c->points[0]);
    double most;

    if (!m || !isfinite(m->serial_fraction))
        return;
    g->laws = ps_model_law(m);
    most = law_end(c, m);
    if (isfinite(m->low) && isfinite(m->high)) {
        ps_str_addf(g->out, "<polygon class=\"band c%zu\" points=\"", colour);
        add_law_line(g, m, m->low, most, false);
        add_law_line(g, m, m->high, most, true);
        ps_str_add(g->out, "\"/>\n");
    }
    ps_str_addf(g->out, "<polyline class=\"law c%zu\" points=\"", colour);
    add_law_line(g, m, m->serial_fraction, most, false);
    ps_str_add(g->out, "\"/>\n");
}

static void add_interval(struct picture *g, const struct ps_point *p, size_t colour)
{
    const struct ps_metric *m = ps_point_metric(p, "speedup");
    double x = ps_axis_position(&g->x, p->threads), low = ps_axis_position(&g->y, m->low),
           high = ps_axis_position(&g->y, m->high);

    ps_str_addf(g->out, "<circle class=\"c%zu\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"/>", colour, x,
                ps_axis_position(&g->y, m->value));
    if (isfinite(m->low) && isfinite(m->high))
        ps_str_addf(g->out,
                    "<line class=\"c%zu\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>"
                    "<line class=\"c%zu\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>"
                    "<line class=\"c%zu\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>",
                    colour, x, low, x, high, colour, x - 4, low, x + 4, low, colour, x - 4, high,
                    x + 4, high);
    ps_str_add(g->out, "\n");
}

static void add_curve(struct picture *g, const struct curve *c, size_t colour)
{
    add_law(g, c, colour);
    ps_str_addf(g->out, "<polyline class=\"c%zu\" points=\"", colour);
    for (size_t i = 0; i < c->count; i++)
        add_place(g, c->points[i]->threads, ps_point_value(c->points[i], "speedup"));
    ps_str_add(g->out, "\"/>\n");
    for (size_t i = 0; i < c->count; i++)
        add_interval(g, c->points[i], colour);
}

static void add_text(struct picture *g, const char *text, size_t columns)
{
    ps_markup_text(g->out, g->arena,
                   ps_text_shorten(g->arena, ps_text_clean(g->arena, text), columns));
}

/* What tells the curve from the others. */
static const char *name_of(const struct picture *g, const struct curve *c)
{
    const struct ps_point *p = c->points[0];
    const char *name =
        ps_point_is_program(p) && !ps_point_is_outside(p) ? "measured" : p->strategy_label;

    for (size_t i = 0; i < g->curve_count; i++)
        if (strcmp(g->curves[i].points[0]->workload_label, p->workload_label) != 0)
            return ps_point_is_program(p)
                       ? p->workload_label
                       : ps_arena_format(g->arena, "%s %s", p->workload_label, name);
    for (size_t i = 0; i < g->curve_count; i++)
        if (&g->curves[i] != c &&
            !strcmp(g->curves[i].points[0]->strategy_label, p->strategy_label))
            return ps_arena_format(g->arena, "%s %s", name, p->placement);
    return name;
}

static void add_dashes(struct picture *g, size_t row, const char *class, const char *text)
{
    size_t y = TOP + 8 + 18 * row;

    ps_str_addf(g->out,
                "<line class=\"%s\" x1=\"%d\" y1=\"%zu\" x2=\"%d\" y2=\"%zu\"/>"
                "<text x=\"%d\" y=\"%zu\">%s</text>\n",
                class, RIGHT + 14, y, RIGHT + 34, y, RIGHT + 40, y + 4, text);
}

static void add_legend(struct picture *g)
{
    size_t shown = g->curve_count < MOST_LEGEND ? g->curve_count : MOST_LEGEND;

    for (size_t i = 0; i < shown; i++) {
        size_t y = TOP + 8 + 18 * i;

        ps_str_addf(
            g->out,
            "<line class=\"c%zu\" stroke-width=\"2\" x1=\"%d\" y1=\"%zu\" x2=\"%d\" y2=\"%zu\"/>"
            "<text x=\"%d\" y=\"%zu\">",
            i % COLOURS, RIGHT + 14, y, RIGHT + 34, y, RIGHT + 40, y + 4);
        add_text(g, name_of(g, &g->curves[i]), 22);
        ps_str_add(g->out, "</text>\n");
    }
    add_dashes(g, shown, "ideal", g->curve_count > shown ? "ideal; others are not named" : "ideal");
    if (g->laws)
        add_dashes(g, shown + 1, "axis law", g->laws);
}

static const char *title(const struct picture *g)
{
    for (size_t i = 1; i < g->curve_count; i++)
        if (strcmp(g->curves[i].points[0]->workload_label,
                   g->curves[0].points[0]->workload_label) != 0)
            return "Speedup";
    return ps_arena_format(g->arena, "Speedup of %s", g->curves[0].points[0]->workload_label);
}

static void add_picture(struct picture *g)
{
    unsigned *counts;
    size_t count = thread_counts(g, &counts);

    fit_axes(g, counts, count);
    ps_str_addf(g->out,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
                "height=\"%d\" role=\"img\">\n<title>",
                WIDTH, HEIGHT, WIDTH, HEIGHT);
    add_text(g, title(g), 1000);
    ps_str_addf(g->out,
                "</title>\n<style>%s</style>\n<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n"
                "<text x=\"%d\" y=\"28\" font-weight=\"bold\">",
                style, WIDTH, HEIGHT, LEFT);
    add_text(g, title(g), 80);
    ps_str_add(g->out, "</text>\n");
    add_axes(g, counts, count);
    add_ideal(g, counts, count);
    for (size_t i = 0; i < g->curve_count; i++)
        add_curve(g, &g->curves[i], i % COLOURS);
    add_legend(g);
    ps_str_add(g->out, "</svg>\n");
}

static int render(const struct ps_result *r, const struct ps_report_style *unused,
                  struct ps_str *out, struct ps_err *e)
{
    struct ps_arena arena;
    struct picture g = {.r = r, .arena = &arena, .out = out};
    int err = 0;

    ps_arena_init(&arena, r->arena->on_oom);
    collect(&g);
    if (several_threads(&g))
        add_picture(&g);
    else
        err = ps_fail(
            e, EINVAL,
            "no speedup curve to draw as svg: it needs the same work with two or more thread counts");
    ps_arena_finish(&arena);
    return err == 0 && out->failed ? ps_fail(e, ENOMEM, "out of memory") : err;
}

const struct ps_format ps_format_svg = {
    .name = "svg",
    .suffix = ".svg",
    .summary = "only the speedup curve, for web pages and papers",
    .render = render,
};
