/* A page for browsers that needs nothing but itself: what people read stands in it as text, and
 * page/page.js draws charts of the document that it carries. */
#include <string.h>

#include "answer.h"
#include "format.h"
#include "overhead_view.h"
#include "html_page.h"
#include "json.h"

#define MOST_SAMPLES 100000 /* in the page; with more, it has only those of the wall time */
#define MOST_TIMES   200000 /* of those */

static void add_finding(struct ps_page *p, const struct ps_finding *f)
{
    ps_str_addf(p->out, "<p class=\"%s\">", ps_severity_name(f->severity));
    if (f->severity != PS_INFO)
        ps_str_addf(p->out, "<strong>%s:</strong> ", ps_severity_name(f->severity));
    ps_page_text(p, f->text);
    ps_str_add(p->out, "</p>\n");
}

static void add_warnings(struct ps_page *p)
{
    for (size_t i = 0; i < p->view.r->finding_count; i++)
        if (ps_finding_changes_answer(&p->view, &p->view.r->findings[i]))
            add_finding(p, &p->view.r->findings[i]);
}

/* What the script needs to know of the block: its points, and what they have in common. */
static void open_block(struct ps_page *p, const struct ps_block *b)
{
    static const char *const kinds[] = {
        [PS_BLOCK_STRATEGIES] = "strategies",
        [PS_BLOCK_PROGRAM] = "program",
        [PS_BLOCK_COMMANDS] = "commands",
        [PS_BLOCK_SERIES] = "series",
        [PS_BLOCK_SMT] = "smt",
    };

    ps_str_addf(p->out,
                "<section class=\"block\" data-first=\"%zu\" data-count=\"%zu\" data-kind=\"%s\"",
                (size_t)(b->points - p->view.r->points), b->count, kinds[b->kind]);
    if (b->kind == PS_BLOCK_SERIES) {
        ps_str_add(p->out, " data-parameter=\"");
        ps_page_text(p, b->parameter);
        ps_str_add(p->out, "\"");
    }
    ps_str_add(p->out, ">\n");
}

/* What stands behind the answer. */
static void add_models(struct ps_page *p, const struct ps_block *b)
{
    struct ps_grid g;
    const char *legend = ps_block_stack(&p->view, b, &g);

    if (b->kind != PS_BLOCK_SMT)
        ps_page_paragraphs(p, ps_block_models(&p->view, b));
    if (!legend)
        return;
    ps_str_add(p->out, "<details>\n<summary>The efficiency stack in figures</summary>\n");
    ps_page_grid(p, &g);
    ps_page_element(p, "p", NULL, legend);
    ps_str_add(p->out, "</details>\n");
}

static void add_block(struct ps_page *p, const struct ps_block *b, struct ps_lines *told)
{
    struct ps_lines answer = {0};
    const char *title;
    struct ps_grid g;
    bool label;

    if (b->kind != PS_BLOCK_SERIES) {
        answer = ps_block_answer(&p->view, b);
        p->view.only = ps_first_columns(b);
    }
    open_block(p, b);
    title = ps_block_title(&p->view, b, &label);
    ps_page_element(p, "h2", label ? "label" : NULL, title);
    ps_page_element(p, "p", "about", ps_block_about(&p->view, b));
    ps_str_add(p->out, "<div class=\"answer\">\n");
    ps_page_paragraphs(p, answer);
    for (size_t i = 0; i < answer.count; i++)
        ps_lines_add(told, answer.items[i]);
    ps_str_add(p->out, "</div>\n");
    ps_str_add(p->out, "<div class=\"charts\"></div>\n");
    ps_block_grid(&p->view, b, &g);
    ps_page_grid(p, &g);
    p->view.only = NULL;
    add_models(p, b);
    ps_str_add(p->out, "</section>\n");
}

/* told: gets the sentences of the answers. */
static void add_blocks(struct ps_page *p, struct ps_lines *told)
{
    for (size_t i = 0; i < p->view.r->point_count;) {
        struct ps_block b = ps_view_block(&p->view, i);

        add_block(p, &b, told);
        i += b.count;
    }
}

static void add_crossovers(struct ps_page *p)
{
    for (size_t i = 0; i < p->view.r->grain_count;) {
        struct ps_crossovers c;

        i = ps_view_crossovers(&p->view, i, &c);
        ps_str_add(p->out, "<section class=\"crossovers\">\n");
        ps_page_element(p, "h2", NULL, c.title);
        ps_page_grid(p, &c.grid);
        ps_page_paragraphs(p, c.lines);
        ps_str_add(p->out, "</section>\n");
    }
}

static void add_checks(struct ps_page *p)
{
    const struct ps_result *r = p->view.r;

    if (!r->check_count)
        return;
    ps_str_add(p->out, "<section class=\"checks\">\n<h2>Checks</h2>\n<ul>\n");
    for (size_t i = 0; i < r->check_count; i++) {
        const char *outcome = ps_check_outcome_name(r->checks[i].outcome);

        ps_str_addf(p->out, "<li class=\"%s\"><strong>%s</strong>: <code>", outcome, outcome);
        ps_page_text(p, r->checks[i].text);
        ps_str_add(p->out, "</code>: ");
        ps_page_text(p, r->checks[i].evidence);
        ps_str_add(p->out, "</li>\n");
    }
    ps_str_add(p->out, "</ul>\n</section>\n");
}

static bool is_told(const struct ps_lines *told, const char *text)
{
    for (size_t i = 0; i < told->count; i++)
        if (!strcmp(told->items[i], text))
            return true;
    return false;
}

static void add_notes(struct ps_page *p, const struct ps_lines *told)
{
    const struct ps_result *r = p->view.r;
    struct ps_lines notes = ps_view_notes(&p->view), all = {.arena = p->view.arena};

    for (size_t i = 0; i < r->finding_count; i++)
        if (!ps_finding_changes_answer(&p->view, &r->findings[i]) &&
            !is_told(told, ps_text_clean(p->view.arena, r->findings[i].text)))
            ps_lines_add(&all, r->findings[i].text);
    for (size_t i = 0; i < notes.count; i++)
        ps_lines_add(&all, notes.items[i]);
    if (!all.count)
        return;
    ps_str_add(p->out, "<section class=\"notes\">\n<h2>Notes</h2>\n");
    ps_page_paragraphs(p, all);
    ps_str_add(p->out, "</section>\n");
}

static void add_noscript(struct ps_page *p)
{
    ps_str_add(
        p->out,
        "<noscript><p>Charts need JavaScript; all figures are shown without it.</p></noscript>\n");
}

/* How many there are, of that metric alone or of all (NULL). */
static double samples(const struct ps_result *r, const char *id)
{
    double count = 0;

    for (size_t i = 0; i < r->point_count; i++)
        for (size_t k = 0; k < r->points[i].metric_count; k++)
            if (r->points[i].metrics[k].samples && (!id || !strcmp(r->points[i].metrics[k].id, id)))
                count += (double)r->points[i].rounds;
    return count;
}

/* The result without samples but those of that metric. */
static struct ps_result thinned(const struct ps_result *r, const char *id, struct ps_arena *a)
{
    struct ps_result thin = *r;

    thin.points = ps_arena_array(a, r->point_count, sizeof *thin.points);
    for (size_t i = 0; i < r->point_count; i++) {
        struct ps_point *p = &thin.points[i];

        *p = r->points[i];
        p->load.shares = NULL;
        p->metrics = ps_arena_array(a, p->metric_count, sizeof *p->metrics);
        for (size_t k = 0; k < p->metric_count; k++) {
            p->metrics[k] = r->points[i].metrics[k];
            if (!id || strcmp(p->metrics[k].id, id) != 0)
                p->metrics[k].samples = NULL;
        }
    }
    return thin;
}

struct ps_result ps_page_carried(const struct ps_result *r, double share, struct ps_arena *a,
                                 const char **left_out)
{
    *left_out = "";
    if (samples(r, NULL) <= share * MOST_SAMPLES)
        return *r;
    if (samples(r, "wall_time") <= share * MOST_TIMES) {
        *left_out =
            "To keep it small, this page has only the samples of the wall time; -o FILE.json "
            "has more.";
        return thinned(r, "wall_time", a);
    }
    *left_out = "To keep it small, this page has no samples; -o FILE.json writes them.";
    return thinned(r, NULL, a);
}

/* "sweep" alone says little. */
const char *ps_page_title(struct ps_page *p)
{
    struct ps_block b;
    bool label;

    if (!p->view.r->point_count)
        return ps_arena_format(p->view.arena, "parscope %s", p->view.r->plan.command);
    b = ps_view_block(&p->view, 0);
    if (b.count < p->view.r->point_count)
        return ps_arena_format(p->view.arena, "parscope %s", p->view.r->plan.command);
    return ps_arena_format(p->view.arena, "parscope %s: %s", p->view.r->plan.command,
                           ps_block_title(&p->view, &b, &label));
}

void ps_page_body(struct ps_page *p)
{
    struct ps_lines told = {.arena = p->view.arena};

    add_warnings(p);
    add_blocks(p, &told);
    add_crossovers(p);
    add_checks(p);
    ps_page_diagnosis(p);
    add_notes(p, &told);
    ps_page_metrics(p);
    ps_page_plan(p);
    ps_page_host(p);
}

static void add_all(struct ps_page *p, const char *left_out)
{
    ps_str_add(p->out, "<header>\n");
    ps_page_element(p, "h1", NULL, ps_page_title(p));
    ps_page_element(p, "p", "about", ps_view_host(&p->view));
    ps_page_save(p, 0, NULL, left_out);
    add_noscript(p);
    ps_str_add(p->out, "</header>\n<main>\n");
    ps_page_body(p);
    ps_str_add(p->out, "</main>\n<footer>\n");
    ps_page_element(p, "p", NULL, ps_view_ending(&p->view));
    ps_str_add(p->out, "</footer>\n");
}

static int render(const struct ps_result *r, const struct ps_report_style *style,
                  struct ps_str *out, struct ps_err *e)
{
    struct ps_arena arena;
    struct ps_page p = {.view = {r, &arena, style && style->details}, .out = out};
    struct ps_str json = PS_STR_INIT;
    struct ps_result document;
    const char *left_out;
    int err;

    ps_arena_init(&arena, r->arena->on_oom);
    document = ps_page_carried(r, 1, &arena, &left_out);
    err = ps_format_json.render(&document, NULL, &json, e);
    if (err == 0) {
        ps_page_begin(&p, ps_page_title(&p));
        add_all(&p, left_out);
        err = ps_page_end_with(&p, &json, e);
    }
    ps_str_finish(&json);
    ps_arena_finish(&arena);
    return err;
}

static void add_overhead(struct ps_page *p, const struct ps_overhead *o)
{
    struct ps_grid g;

    ps_str_add(p->out, "<header>\n<h1>parscope overhead</h1>\n");
    ps_page_element(p, "p", "about", ps_overhead_host(o, p->view.arena));
    ps_page_element(p, "p", "about", ps_overhead_about(o, p->view.arena));
    ps_page_save(p, 0, NULL, "");
    add_noscript(p);
    ps_str_add(p->out, "</header>\n<main>\n<section id=\"parts\">\n<div class=\"charts\"></div>\n");
    ps_overhead_grid(o, p->view.arena, &g);
    ps_page_grid(p, &g);
    ps_page_paragraphs(p, ps_overhead_notes(o, p->view.arena));
    ps_str_add(p->out, "</section>\n</main>\n<footer>\n");
    ps_page_element(p, "p", NULL, ps_overhead_ending(o, p->view.arena));
    ps_str_add(p->out, "</footer>\n");
}

static int render_overhead(const struct ps_overhead *o, const struct ps_report_style *style,
                           struct ps_str *out, struct ps_err *e)
{
    struct ps_arena arena;
    struct ps_page p = {.view = {NULL, &arena}, .out = out};
    struct ps_str json = PS_STR_INIT;
    int err = ps_format_json.render_overhead(o, NULL, &json, e);

    ps_arena_init(&arena, o->arena->on_oom);
    if (err == 0) {
        ps_page_begin(&p, "parscope overhead");
        add_overhead(&p, o);
        err = ps_page_end_with(&p, &json, e);
    }
    ps_str_finish(&json);
    ps_arena_finish(&arena);
    return err;
}

const struct ps_format ps_format_html = {
    .name = "html",
    .suffix = ".html",
    .summary = "a page with charts for a browser, in one file",
    .render = render,
    .render_results = ps_page_results,
    .render_overhead = render_overhead,
    .render_comparison = ps_page_comparison,
    .render_topo = ps_page_topo,
};
