#include "html_page.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "markup.h"

void ps_page_text(struct ps_page *p, const char *text)
{
    ps_markup_text(p->out, p->view.arena, text);
}

void ps_page_lines(struct ps_page *p, const char *text)
{
    while (*text) {
        const size_t length = strcspn(text, "\n");

        ps_page_text(p, ps_arena_format(p->view.arena, "%.*s", (int)length, text));
        ps_str_add(p->out, "\n");
        text += length + (text[length] == '\n');
    }
}

void ps_page_element(struct ps_page *p, const char *tag, const char *class, const char *text)
{
    if (class)
        ps_str_addf(p->out, "<%s class=\"%s\">", tag, class);
    else
        ps_str_addf(p->out, "<%s>", tag);
    ps_page_text(p, text);
    ps_str_addf(p->out, "</%s>\n", tag);
}

void ps_page_paragraphs(struct ps_page *p, struct ps_lines lines)
{
    for (size_t i = 0; i < lines.count; i++)
        ps_page_element(p, "p", NULL, lines.items[i]);
}

void ps_page_number(struct ps_page *p, double value, const char *text)
{
    if (!isfinite(value)) {
        ps_str_add(p->out, "<td class=\"number\">-</td>");
        return;
    }
    ps_str_addf(p->out, "<td class=\"number\"><data value=\"%.17g\">", value);
    ps_page_text(p, text);
    ps_str_add(p->out, "</data></td>");
}

void ps_page_heads(struct ps_page *p, const char *const *heads)
{
    ps_str_add(p->out, "<thead><tr>");
    for (; *heads; heads++) {
        ps_str_add(p->out, "<th scope=\"col\">");
        ps_page_text(p, *heads);
        ps_str_add(p->out, "</th>");
    }
    ps_str_add(p->out, "</tr></thead>\n<tbody>\n");
}

static const char *side(const struct ps_grid_column *c)
{
    return c->label ? "label" : c->left ? "text" : "number";
}

static void add_heads(struct ps_page *p, const struct ps_grid *g)
{
    ps_str_add(p->out, "<thead><tr>");
    for (size_t i = 0; i < g->column_count; i++) {
        if (!g->columns[i].used)
            continue;
        ps_str_addf(p->out, "<th scope=\"col\" class=\"%s\">", side(&g->columns[i]));
        ps_page_text(p, g->columns[i].title);
        ps_str_add(p->out, "</th>");
    }
    ps_str_add(p->out, "</tr></thead>\n");
}

static void add_row(struct ps_page *p, const struct ps_grid *g, size_t row)
{
    ps_str_add(p->out, "<tr>");
    for (size_t i = 0; i < g->column_count; i++) {
        const char *text = ps_grid_text(g, row, i);

        if (!g->columns[i].used)
            continue;
        ps_str_addf(p->out, "<td class=\"%s\">", side(&g->columns[i]));
        ps_page_text(p, text ? text : "");
        ps_str_add(p->out, "</td>");
    }
    ps_str_add(p->out, "</tr>\n");
}

void ps_page_grid(struct ps_page *p, const struct ps_grid *g)
{
    if (!g->column_count)
        return;
    ps_str_add(p->out, "<div class=\"scroll\"><table class=\"grid\">\n");
    add_heads(p, g);
    ps_str_add(p->out, "<tbody>\n");
    for (size_t row = 0; row < g->row_count; row++)
        add_row(p, g, row);
    ps_str_add(p->out, "</tbody>\n</table></div>\n");
}

void ps_page_begin(struct ps_page *p, const char *title)
{
    ps_str_addf(p->out,
                "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                "script-src '%s' '%s'; style-src '%s'; base-uri 'none'; form-action 'none'\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<meta name=\"color-scheme\" content=\"light dark\">\n",
                ps_page_charts.hash, ps_page_script.hash, ps_page_style.hash);
    ps_page_element(p, "title", NULL, title);
    ps_str_add(p->out, "<style>");
    ps_str_add(p->out, ps_page_style.text);
    ps_str_add(p->out, "</style>\n</head>\n<body>\n");
}

/* In JSON that character stands in strings only, and there it may be spelt out: no text can end the
 * element. */
static void add_json(struct ps_str *out, const char *json)
{
    for (;;) {
        size_t plain = strcspn(json, "<");

        ps_str_addn(out, json, plain);
        json += plain;
        if (!*json)
            return;
        ps_str_add(out, "\\u003c");
        json++;
    }
}

void ps_page_document(struct ps_page *p, const char *id, const char *name, const char *json)
{
    ps_str_addf(p->out, "<script type=\"application/json\" id=\"%s\"", id);
    if (name) {
        ps_str_add(p->out, " data-name=\"");
        ps_page_text(p, name);
        ps_str_add(p->out, "\"");
    }
    ps_str_add(p->out, ">");
    add_json(p->out, json);
    ps_str_add(p->out, "</script>\n");
}

void ps_page_save(struct ps_page *p, size_t document, const char *name, const char *left_out)
{
    ps_str_addf(p->out, "<p class=\"save\"><button %stype=\"button\" data-document=\"%zu\">",
                name ? "" : "id=\"save\" ", document);
    ps_str_add(p->out, "Save ");
    if (name) {
        ps_page_text(p, name);
        ps_str_add(p->out, " ");
    }
    ps_str_add(p->out, "as JSON</button> ");
    ps_page_text(p, left_out);
    ps_str_add(p->out, "</p>\n");
}

void ps_page_end(struct ps_page *p)
{
    ps_str_add(p->out, "<script>");
    ps_str_add(p->out, ps_page_charts.text);
    ps_str_add(p->out, "</script>\n<script>");
    ps_str_add(p->out, ps_page_script.text);
    ps_str_add(p->out, "</script>\n</body>\n</html>\n");
}

int ps_page_end_with(struct ps_page *p, const struct ps_str *json, struct ps_err *e)
{
    ps_page_document(p, "result", NULL, ps_str_text(json));
    ps_page_end(p);
    return p->out->failed || json->failed ? ps_fail(e, ENOMEM, "out of memory") : 0;
}
