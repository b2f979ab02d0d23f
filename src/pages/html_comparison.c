/* What `parscope compare` found: the verdict, each figure on both sides, and how much it changed.
 */
#include <math.h>

#include "cells.h"
#include "comparison_view.h"
#include "html_page.h"
#include "json.h"

static void add_value(struct ps_page *p, const struct ps_comparison_row *row, double value)
{
    const struct ps_metric m = {row->metric, row->unit, value, NAN, NAN};

    ps_page_number(p, value,
                   isfinite(value) ? ps_cell_metric(p->view.arena, &m, PS_CELL_PLAIN) : "");
}

/* number: as bars of the chart have it. */
static void add_row(struct ps_page *p, const struct ps_comparison_row *row, size_t number)
{
    ps_str_addf(p->out, "<tr class=\"%s\"><td class=\"number\">%zu</td><td>",
                ps_change_name(row->verdict), number);
    ps_page_text(p, row->subject);
    ps_str_add(p->out, "</td><td>");
    ps_page_text(p, row->title);
    ps_str_add(p->out, "</td>");
    add_value(p, row, row->base.value);
    add_value(p, row, row->now.value);
    ps_page_number(p, row->change.value, ps_comparison_change(row, p->view.arena));
    ps_str_add(p->out, "<td class=\"number\">");
    ps_page_text(p, ps_comparison_limits(row, p->view.arena));
    ps_str_add(p->out, "</td><td><strong>");
    ps_page_text(p, ps_change_name(row->verdict));
    ps_str_add(p->out, "</strong></td></tr>\n");
}

static void add_table(struct ps_page *p, const struct ps_comparison *c)
{
    static const char *const heads[] = {"",       "of",           "figure",  "before", "now",
                                        "change", "from, to (%)", "verdict", NULL};

    ps_str_add(p->out, "<div class=\"scroll\"><table class=\"changes\">\n");
    ps_page_heads(p, heads);
    for (size_t i = 0; i < c->row_count; i++)
        add_row(p, &c->rows[i], i + 1);
    ps_str_add(p->out, "</tbody>\n</table></div>\n");
}

static void add_all(struct ps_page *p, const struct ps_comparison *c)
{
    ps_str_add(p->out, "<header>\n<h1>parscope compare</h1>\n");
    ps_page_element(p, "p", "about", ps_comparison_about(c, p->view.arena));
    ps_page_save(p, 0, NULL, "");
    ps_str_add(p->out, "</header>\n<main>\n<div class=\"answer\">\n");
    ps_page_element(p, "p", ps_change_name(c->verdict), ps_comparison_answer(c, p->view.arena));
    ps_str_add(p->out, "</div>\n<section id=\"changes\">\n<div class=\"charts\"></div>\n");
    add_table(p, c);
    ps_page_paragraphs(p, ps_comparison_notes(c, true, p->view.arena));
    ps_str_add(p->out, "</section>\n</main>\n");
}

int ps_page_comparison(const struct ps_comparison *c, const struct ps_report_style *style,
                       struct ps_str *out, struct ps_err *e)
{
    struct ps_arena arena;
    struct ps_page p = {.view = {NULL, &arena}, .out = out};
    struct ps_str json = PS_STR_INIT;
    int err = ps_format_json.render_comparison(c, NULL, &json, e);

    ps_arena_init(&arena, c->arena->on_oom);
    if (err == 0) {
        ps_page_begin(&p, "parscope compare");
        add_all(&p, c);
        err = ps_page_end_with(&p, &json, e);
    }
    ps_str_finish(&json);
    ps_arena_finish(&arena);
    return err;
}
