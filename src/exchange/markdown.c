#include <errno.h>
#include <string.h>

#include "comparison_view.h"
#include "overhead_view.h"
#include "format.h"
#include "view.h"

struct page {
    struct ps_view view;
    struct ps_str *out;
};

/* What would begin a list or a heading at the start of a line. */
static bool begins_block(const char *text, const char *c)
{
    size_t digits = strspn(text, "0123456789");

    if (c == text)
        return strchr("-+=", *c) != NULL;
    return digits && c == text + digits && strchr(".)", *c) && (!c[1] || c[1] == ' ');
}

/* Markup, or the part of an address that would make it a link. */
static bool has_meaning(const char *text, const char *c)
{
    if (strchr("\\`*_{}[]<>#|~$&!", *c) || begins_block(text, c))
        return true;
    return (*c == ':' && c[1] == '/') || (*c == '.' && c > text && c[-1] == 'w');
}

static void add_text(struct ps_str *out, const char *text)
{
    text += strspn(text, " ");
    for (const char *c = text; *c; c++) {
        if (has_meaning(text, c))
            ps_str_add(out, "\\");
        ps_str_addn(out, c, 1);
    }
}

static size_t longest_run(const char *text, char of)
{
    size_t longest = 0, run = 0;

    for (; *text; text++) {
        run = *text == of ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

/* A span that the text can't end: its fence is longer than any in the text. A space on either side
 * keeps the text's own backticks and spaces from being taken for part of it. */
static void add_code(struct ps_str *out, const char *text, bool in_table)
{
    size_t fence = longest_run(text, '`') + 1, length = strlen(text);
    bool padded = length && (strchr("` ", text[0]) || strchr("` ", text[length - 1]));

    if (!length)
        return;
    for (size_t i = 0; i < fence; i++)
        ps_str_add(out, "`");
    ps_str_add(out, padded ? " " : "");
    for (const char *c = text; *c; c++) {
        /* Cells are split before spans are found. */
        if (in_table && *c == '|')
            ps_str_add(out, "\\");
        ps_str_addn(out, c, 1);
    }
    ps_str_add(out, padded ? " " : "");
    for (size_t i = 0; i < fence; i++)
        ps_str_add(out, "`");
}

static void add_paragraph(struct page *p, const char *text)
{
    ps_str_add(p->out, "\n");
    add_text(p->out, text);
    ps_str_add(p->out, "\n");
}

static void add_heads(struct ps_str *out, const struct ps_grid *g)
{
    ps_str_add(out, "\n|");
    for (size_t i = 0; i < g->column_count; i++) {
        if (!g->columns[i].used)
            continue;
        ps_str_add(out, " ");
        add_text(out, g->columns[i].title);
        ps_str_add(out, " |");
    }
    ps_str_add(out, "\n|");
    for (size_t i = 0; i < g->column_count; i++)
        if (g->columns[i].used)
            ps_str_add(out, g->columns[i].left ? " --- |" : " ---: |");
    ps_str_add(out, "\n");
}

static void add_row(struct ps_str *out, const struct ps_grid *g, size_t row)
{
    ps_str_add(out, "|");
    for (size_t i = 0; i < g->column_count; i++) {
        const char *text = ps_grid_text(g, row, i);

        if (!g->columns[i].used)
            continue;
        ps_str_add(out, " ");
        if (text && g->columns[i].label)
            add_code(out, text, true);
        else if (text)
            add_text(out, text);
        ps_str_add(out, " |");
    }
    ps_str_add(out, "\n");
}

static void add_grid(struct ps_str *out, const struct ps_grid *g)
{
    if (!g->column_count)
        return;
    add_heads(out, g);
    for (size_t row = 0; row < g->row_count; row++)
        add_row(out, g, row);
}

static void add_stack(struct page *p, const struct ps_block *b)
{
    struct ps_grid g;
    const char *legend = ps_block_stack(&p->view, b, &g);

    if (!legend)
        return;
    add_grid(p->out, &g);
    add_paragraph(p, legend);
}

static void add_diagnosis(struct page *p, const struct ps_block *b)
{
    struct ps_diagnosis_part parts[PS_DIAGNOSIS_PARTS];
    const size_t count = ps_block_diagnosis(&p->view, b, parts);

    for (size_t i = 0; i < count; i++) {
        add_paragraph(p, ps_arena_format(p->view.arena, "%s.", parts[i].title));
        add_grid(p->out, &parts[i].grid);
    }
}

static void add_block(struct page *p, const struct ps_block *b)
{
    struct ps_lines models = ps_block_models(&p->view, b);
    const char *title;
    struct ps_grid g;
    bool label;

    title = ps_block_title(&p->view, b, &label);
    ps_str_add(p->out, "\n### ");
    if (label)
        add_code(p->out, title, false);
    else
        add_text(p->out, title);
    ps_str_add(p->out, "\n");
    add_paragraph(p, ps_block_about(&p->view, b));
    ps_block_grid(&p->view, b, &g);
    add_grid(p->out, &g);
    add_stack(p, b);
    add_diagnosis(p, b);
    for (size_t i = 0; i < models.count; i++)
        add_paragraph(p, models.items[i]);
}

static void add_blocks(struct page *p)
{
    for (size_t i = 0; i < p->view.r->point_count;) {
        struct ps_block b = ps_view_block(&p->view, i);

        add_block(p, &b);
        i += b.count;
    }
}

static void add_crossovers(struct page *p)
{
    for (size_t i = 0; i < p->view.r->grain_count;) {
        struct ps_crossovers c;

        i = ps_view_crossovers(&p->view, i, &c);
        ps_str_add(p->out, "\n### ");
        add_text(p->out, c.title);
        ps_str_add(p->out, "\n");
        add_grid(p->out, &c.grid);
        for (size_t k = 0; k < c.lines.count; k++)
            add_paragraph(p, c.lines.items[k]);
    }
}

static void add_checks(struct page *p)
{
    static const char *const marks[PS_CHECK_OUTCOMES] = {
        [PS_CHECK_HOLDS] = "✅",
        [PS_CHECK_INCONCLUSIVE] = "❔",
        [PS_CHECK_FAILS] = "❌",
    };
    const struct ps_result *r = p->view.r;

    if (r->check_count)
        ps_str_add(p->out, "\n### Checks\n\n");
    for (size_t i = 0; i < r->check_count; i++) {
        const struct ps_check *c = &r->checks[i];

        ps_str_addf(p->out, "- %s %s: ", marks[c->outcome], ps_check_outcome_name(c->outcome));
        add_code(p->out, ps_text_clean(p->view.arena, c->text), false);
        ps_str_add(p->out, ": ");
        add_text(p->out, ps_text_clean(p->view.arena, c->evidence));
        ps_str_add(p->out, "\n");
    }
}

static void add_notes(struct page *p, struct ps_lines notes)
{
    if (notes.count)
        ps_str_add(p->out, "\n### Notes\n\n");
    for (size_t i = 0; i < notes.count; i++) {
        ps_str_add(p->out, "- ");
        add_text(p->out, notes.items[i]);
        ps_str_add(p->out, "\n");
    }
}

static void add_finding(struct page *p, const struct ps_finding *f, const char *lead)
{
    static const char *const severities[PS_SEVERITIES] = {
        [PS_INFO] = "note",
        [PS_WARNING] = "warning",
        [PS_ERROR] = "error",
    };

    ps_str_addf(p->out, "%s**%s:** ", lead, severities[f->severity]);
    add_text(p->out, ps_text_clean(p->view.arena, f->text));
    ps_str_add(p->out, "\n");
}

static void add_head(struct page *p)
{
    const struct ps_result *r = p->view.r;

    for (size_t i = 0; i < r->finding_count; i++)
        if (ps_view_is_head(&r->findings[i]))
            add_finding(p, &r->findings[i], "\n");
}

static void add_findings(struct page *p)
{
    const struct ps_result *r = p->view.r;
    bool any = false;

    for (size_t i = 0; i < r->finding_count; i++) {
        if (ps_view_is_head(&r->findings[i]))
            continue;
        ps_str_add(p->out, any ? "" : "\n### Findings\n\n");
        any = true;
        add_finding(p, &r->findings[i], "- ");
    }
}

static int render(const struct ps_result *r, const struct ps_report_style *style,
                  struct ps_str *out, struct ps_err *e)
{
    struct ps_arena arena;
    struct page p = {.view = ps_view_of(r, style, &arena), .out = out};

    ps_arena_init(&arena, r->arena->on_oom);
    ps_str_add(out, "## parscope ");
    add_text(out, ps_text_clean(&arena, r->plan.command));
    ps_str_add(out, "\n");
    add_paragraph(&p, ps_view_host(&p.view));
    add_head(&p);
    add_checks(&p);
    add_blocks(&p);
    add_crossovers(&p);
    add_notes(&p, ps_view_notes(&p.view));
    add_findings(&p);
    add_paragraph(&p, ps_view_ending(&p.view));
    ps_arena_finish(&arena);
    return out->failed ? ps_fail(e, ENOMEM, "out of memory") : 0;
}

static int render_overhead(const struct ps_overhead *o, const struct ps_report_style *style,
                           struct ps_str *out, struct ps_err *e)
{
    struct ps_arena arena;
    struct page p = {.view = {NULL, &arena}, .out = out};
    struct ps_grid g;

    ps_arena_init(&arena, o->arena->on_oom);
    ps_str_add(out, "## parscope overhead\n");
    add_paragraph(&p, ps_overhead_host(o, &arena));
    add_paragraph(&p, ps_overhead_about(o, &arena));
    ps_overhead_grid(o, &arena, &g);
    add_grid(out, &g);
    add_notes(&p, ps_overhead_notes(o, &arena));
    add_paragraph(&p, ps_overhead_ending(o, &arena));
    ps_arena_finish(&arena);
    return out->failed ? ps_fail(e, ENOMEM, "out of memory") : 0;
}

static void add_change(struct page *p, const struct ps_comparison_row *row)
{
    const char *const cells[] = {
        row->subject,
        row->title,
        ps_comparison_change(row, p->view.arena),
        ps_comparison_limits(row, p->view.arena),
        ps_change_name(row->verdict),
    };

    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        ps_str_add(p->out, i ? " | " : "| ");
        add_text(p->out, ps_text_clean(p->view.arena, cells[i]));
    }
    ps_str_add(p->out, " |\n");
}

static int render_comparison(const struct ps_comparison *c, const struct ps_report_style *style,
                             struct ps_str *out, struct ps_err *e)
{
    struct ps_arena arena;
    struct page p = {.view = {NULL, &arena}, .out = out};

    ps_arena_init(&arena, c->arena->on_oom);
    ps_str_add(out, "## parscope compare\n");
    add_paragraph(&p, ps_comparison_answer(c, &arena));
    add_paragraph(&p, ps_comparison_about(c, &arena));
    ps_str_add(
        out, "\n| of | figure | change | from, to | verdict |\n| --- | --- | --: | --- | --- |\n");
    for (size_t i = 0; i < c->row_count; i++)
        add_change(&p, &c->rows[i]);
    add_notes(&p, ps_comparison_notes(c, true, &arena));
    ps_arena_finish(&arena);
    return out->failed ? ps_fail(e, ENOMEM, "out of memory") : 0;
}

const struct ps_format ps_format_markdown = {
    .name = "markdown",
    .suffix = ".md",
    .summary = "for the job summary of a CI system, or an issue",
    .render = render,
    .render_overhead = render_overhead,
    .render_comparison = render_comparison,
};
