#include <errno.h>
#include <string.h>

#include "answer.h"
#include "comparison_view.h"
#include "overhead_view.h"
#include "format.h"
#include "plot.h"
#include "table_results.h"
#include "view.h"

#define LONG_LABEL 64   /* columns */
#define MOST_LABEL 1000 /* columns of one, over several lines */

struct table {
    struct ps_view view;
    const struct ps_report_style *style; /* NULL: the usual one */
    bool colour;
    struct ps_str *out;
};

/* One paragraph, wrapped; further lines are indented by two. */
static void say(struct table *t, const char *text)
{
    ps_text_wrap(t->out, text, 0, 2, PS_GRID_COLUMNS);
}

static void say_all(struct table *t, const struct ps_lines *l)
{
    if (l->count)
        ps_str_add(t->out, "\n");
    for (size_t i = 0; i < l->count; i++)
        say(t, l->items[i]);
}

/* Returns the columns that the lead takes. */
static size_t print_lead(struct table *t, const char *lead, const char *colour)
{
    bool coloured = t->colour && *colour;

    ps_str_addf(t->out, "%s%s%s", coloured ? colour : "", lead, coloured ? "\033[0m" : "");
    return ps_columns(lead);
}

/* A long label has a line of its own. */
static void print_heading(struct table *t, const struct ps_block *b)
{
    const char *about = ps_block_about(&t->view, b), *title;
    bool label;

    title = ps_block_title(&t->view, b, &label);
    ps_str_add(t->out, t->colour ? "\033[1m" : "");
    if (ps_columns(title) > LONG_LABEL) {
        say(t, ps_text_shorten(t->view.arena, title, MOST_LABEL));
        say(t, about);
    } else {
        say(t, ps_arena_format(t->view.arena, "%s — %s", title, about));
    }
    ps_str_add(t->out, t->colour ? "\033[0m\n" : "\n");
}

static void print_stack(struct table *t, const struct ps_block *b)
{
    struct ps_grid g;
    const char *legend = ps_block_stack(&t->view, b, &g);

    if (!legend)
        return;
    ps_str_add(t->out, "\n");
    ps_grid_print(&g, t->colour, t->out);
    ps_str_add(t->out, "\n");
    say(t, legend);
}

static void print_cpu_use(struct table *t, const struct ps_block *b)
{
    struct ps_grid g;

    if (!ps_block_cpu_use(&t->view, b, &g))
        return;
    ps_str_add(t->out, "\n");
    ps_grid_print(&g, t->colour, t->out);
}

static void print_diagnosis(struct table *t, const struct ps_block *b)
{
    struct ps_diagnosis_part parts[PS_DIAGNOSIS_PARTS];
    const size_t count = ps_block_diagnosis(&t->view, b, parts);

    for (size_t i = 0; i < count; i++) {
        ps_str_add(t->out, "\n");
        say(t, ps_arena_format(t->view.arena, "%s.", parts[i].title));
        ps_grid_print(&parts[i].grid, t->colour, t->out);
    }
}

static void print_plot(struct table *t, const struct ps_block *b)
{
    const struct ps_report_style *style = t->style;
    struct ps_plot_style plot;

    if (!style || style->plot == PS_PLOT_NONE ||
        (style->plot == PS_PLOT_WHERE_IT_PAYS && !ps_plot_pays(b)))
        return;
    plot.columns = style->columns_wide ? style->columns_wide : PS_GRID_COLUMNS;
    plot.ascii = style->ascii;
    ps_plot_block(&t->view, b, &plot, t->out);
}

static void print_block(struct table *t, const struct ps_block *b)
{
    struct ps_lines models = ps_block_models(&t->view, b);
    struct ps_grid g;

    ps_str_add(t->out, "\n");
    print_heading(t, b);
    ps_block_grid(&t->view, b, &g);
    ps_grid_print(&g, t->colour, t->out);
    print_stack(t, b);
    print_cpu_use(t, b);
    print_diagnosis(t, b);
    print_plot(t, b);
    say_all(t, &models);
}

static void print_blocks(struct table *t)
{
    for (size_t i = 0; i < t->view.r->point_count;) {
        struct ps_block b = ps_view_block(&t->view, i);

        print_block(t, &b);
        i += b.count;
    }
}

static void print_crossovers(struct table *t)
{
    for (size_t i = 0; i < t->view.r->grain_count;) {
        struct ps_crossovers c;

        i = ps_view_crossovers(&t->view, i, &c);
        ps_str_add(t->out, t->colour ? "\n\033[1m" : "\n");
        say(t, c.title);
        ps_str_add(t->out, t->colour ? "\033[0m\n" : "\n");
        ps_grid_print(&c.grid, t->colour, t->out);
        say_all(t, &c.lines);
    }
}

static size_t print_outcome(struct table *t, enum ps_check_outcome outcome)
{
    static const struct {
        const char *lead, *colour;
    } outcomes[PS_CHECK_OUTCOMES] = {
        [PS_CHECK_HOLDS] = {"holds: ", "\033[32m"},
        [PS_CHECK_INCONCLUSIVE] = {"inconclusive: ", "\033[33m"},
        [PS_CHECK_FAILS] = {"FAILS: ", "\033[31m"},
    };

    return print_lead(t, outcomes[outcome].lead, outcomes[outcome].colour);
}

static const char *check_text(struct table *t, const struct ps_check *c)
{
    const char *text = ps_arena_format(t->view.arena, "%s: %s", c->text, c->evidence);

    return ps_text_clean(t->view.arena, text);
}

static void print_checks(struct table *t)
{
    const struct ps_result *r = t->view.r;

    if (r->check_count)
        ps_str_addf(t->out, "\n%sChecks%s\n", t->colour ? "\033[1m" : "",
                    t->colour ? "\033[0m" : "");
    for (size_t i = 0; i < r->check_count; i++) {
        size_t used = print_outcome(t, r->checks[i].outcome);

        ps_text_wrap(t->out, check_text(t, &r->checks[i]), used, 2, PS_GRID_COLUMNS);
    }
}

/* A line each, however long, for scripts that read them. */
static void print_checks_only(struct table *t)
{
    const struct ps_result *r = t->view.r;

    for (size_t i = 0; i < r->check_count; i++) {
        print_outcome(t, r->checks[i].outcome);
        ps_str_addf(t->out, "%s\n", check_text(t, &r->checks[i]));
    }
}

typedef bool chosen_fn(const struct ps_view *v, const struct ps_finding *f);

static bool is_head(const struct ps_view *v, const struct ps_finding *f)
{
    return ps_view_is_head(f);
}

static bool is_first_head(const struct ps_view *v, const struct ps_finding *f)
{
    return is_head(v, f) && !ps_finding_is_named(v, f);
}

static bool is_other(const struct ps_view *v, const struct ps_finding *f)
{
    return !ps_view_is_head(f);
}

static bool is_other_warning(const struct ps_view *v, const struct ps_finding *f)
{
    return is_other(v, f) && ps_finding_changes_answer(v, f);
}

static void print_findings(struct table *t, chosen_fn *chosen)
{
    static const struct {
        const char *lead, *colour;
    } severities[PS_SEVERITIES] = {
        [PS_INFO] = {"note: ", ""},
        [PS_WARNING] = {"warning: ", "\033[33m"},
        [PS_ERROR] = {"error: ", "\033[31m"},
    };
    const struct ps_result *r = t->view.r;
    bool any = false;

    for (size_t i = 0; i < r->finding_count; i++) {
        const struct ps_finding *f = &r->findings[i];
        size_t width;

        if (!chosen(&t->view, f))
            continue;
        ps_str_add(t->out, any ? "" : "\n");
        any = true;
        width = print_lead(t, severities[f->severity].lead, severities[f->severity].colour);

        ps_text_wrap(t->out, ps_text_clean(t->view.arena, f->text), width, width, PS_GRID_COLUMNS);
    }
}

static void print_regions(struct table *t)
{
    for (size_t i = 0; i < t->view.r->point_count; i++) {
        struct ps_grid g;
        const char *about = ps_regions_grid(&t->view, &t->view.r->points[i], &g);

        if (!about)
            continue;
        ps_str_add(t->out, "\n");
        say(t, about);
        ps_str_add(t->out, "\n");
        ps_grid_print(&g, t->colour, t->out);
    }
}

static void print_all(struct table *t)
{
    struct ps_lines notes = ps_view_notes(&t->view);

    say(t, ps_view_host(&t->view));
    print_findings(t, is_head);
    print_blocks(t);
    print_regions(t);
    print_crossovers(t);
    say_all(t, &notes);
    print_checks(t);
    print_findings(t, is_other);
    ps_str_add(t->out, "\n");
    say(t, ps_view_ending(&t->view));
}

/* What was measured, on what. */
static void print_subject(struct table *t, const struct ps_block *b)
{
    bool label;
    const char *title = ps_block_title(&t->view, b, &label);

    ps_str_add(t->out, t->colour ? "\033[1m" : "");
    say(t, ps_arena_format(t->view.arena, "%s on %s",
                           ps_text_shorten(t->view.arena, title, LONG_LABEL),
                           ps_view_machine(&t->view)));
    ps_str_add(t->out, t->colour ? "\033[0m" : "");
}

/* What changes how all figures are to be read comes before them. */
static void print_first_block(struct table *t, const struct ps_block *b)
{
    bool bars = !t->view.asked || ps_view_shows(&t->view, PS_COLUMN_BARS);
    const char *legend = bars ? ps_stack_bar_legend(&t->view, b) : NULL;
    struct ps_lines answer = ps_block_answer(&t->view, b);
    struct ps_grid g;

    if (!t->view.asked)
        t->view.only = ps_first_columns(b);
    print_subject(t, b);
    if (b->points == t->view.r->points)
        print_findings(t, is_first_head);
    ps_str_add(t->out, "\n");
    ps_block_grid(&t->view, b, &g);
    ps_grid_print(&g, t->colour, t->out);
    if (legend)
        say(t, legend);
    print_plot(t, b);
    say_all(t, &answer);
}

static void print_first_screen(struct table *t)
{
    struct ps_lines notes;

    for (size_t i = 0; i < t->view.r->point_count;) {
        struct ps_block b = ps_view_block(&t->view, i);

        ps_str_add(t->out, i ? "\n" : "");
        print_first_block(t, &b);
        i += b.count;
    }
    notes = ps_view_notes(&t->view);
    say_all(t, &notes);
    print_checks(t);
    print_findings(t, is_other_warning);
    ps_str_add(t->out, "\n");
    say(t, ps_arena_format(t->view.arena, "%s; -v for more", ps_view_ending(&t->view)));
}

static int render(const struct ps_result *r, const struct ps_report_style *style,
                  struct ps_str *out, struct ps_err *e)
{
    struct ps_arena arena;
    struct table t = {.view = ps_view_of(r, style, &arena),
                      .style = style,
                      .colour = style && style->colour,
                      .out = out};

    ps_arena_init(&arena, r->arena->on_oom);
    if (style && style->checks_only)
        print_checks_only(&t);
    else if (style && style->brief && ps_has_first_screen(&t.view))
        print_first_screen(&t);
    else
        print_all(&t);
    if (style && style->ascii)
        ps_text_to_ascii(out);
    ps_arena_finish(&arena);
    return out->failed ? ps_fail(e, ENOMEM, "out of memory") : 0;
}

static int render_overhead(const struct ps_overhead *o, const struct ps_report_style *style,
                           struct ps_str *out, struct ps_err *e)
{
    struct ps_arena arena;
    struct table t = {.view = {NULL, &arena}, .colour = style && style->colour, .out = out};
    struct ps_lines notes;
    struct ps_grid g;

    ps_arena_init(&arena, o->arena->on_oom);
    notes = ps_overhead_notes(o, &arena);
    say(&t, ps_overhead_host(o, &arena));
    say(&t, ps_overhead_about(o, &arena));
    ps_str_add(out, "\n");
    ps_overhead_grid(o, &arena, &g);
    ps_grid_print(&g, t.colour, out);
    say_all(&t, &notes);
    ps_str_add(out, "\n");
    say(&t, ps_overhead_ending(o, &arena));
    ps_arena_finish(&arena);
    return out->failed ? ps_fail(e, ENOMEM, "out of memory") : 0;
}

static int render_comparison(const struct ps_comparison *c, const struct ps_report_style *style,
                             struct ps_str *out, struct ps_err *e)
{
    struct ps_arena arena;
    struct table t = {.view = {NULL, &arena}, .colour = style && style->colour, .out = out};
    bool all = style && style->details;
    struct ps_lines notes;

    ps_arena_init(&arena, c->arena->on_oom);
    notes = ps_comparison_notes(c, all, &arena);
    say(&t, ps_comparison_about(c, &arena));
    ps_str_add(out, "\n");
    ps_comparison_table(c, all, t.colour, &arena, out);
    say_all(&t, &notes);
    ps_str_add(out, "\n");
    say(&t, ps_comparison_answer(c, &arena));
    ps_arena_finish(&arena);
    return out->failed ? ps_fail(e, ENOMEM, "out of memory") : 0;
}

const struct ps_format ps_format_table = {
    .name = "table",
    .suffix = NULL,
    .summary = "text for people, at most 80 columns wide",
    .render = render,
    .render_results = ps_table_results,
    .render_overhead = render_overhead,
    .render_comparison = render_comparison,
};
