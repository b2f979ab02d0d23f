/* Several results in one page: their curves in common charts, then each by itself. */
#include <errno.h>

#include "beside.h"
#include "html_page.h"
#include "json.h"

struct pages {
    const struct ps_results *all;
    struct ps_arena *arena;
    struct ps_page page;
    const char **left_out; /* of each result */
};

static const char *title(struct pages *s)
{
    return ps_arena_format(s->arena, "parscope: %zu results", s->all->count);
}

static void add_overview(struct pages *s)
{
    static const char *const heads[] = {"result", "measurement", "machine", NULL};
    struct ps_page *p = &s->page;

    ps_str_add(p->out, "<div class=\"scroll\"><table class=\"results\">\n");
    ps_page_heads(p, heads);
    for (size_t i = 0; i < s->all->count; i++) {
        const struct ps_named_result *n = &s->all->items[i];
        const struct ps_view v = {.r = n->r, .arena = s->arena};

        ps_str_addf(p->out, "<tr><td class=\"label\"><a href=\"#result-%zu\">", i + 1);
        ps_page_text(p, n->name);
        ps_str_add(p->out, "</a></td><td>");
        ps_page_text(p, ps_beside_about(n, s->arena));
        ps_str_add(p->out, "</td><td>");
        ps_page_text(p, ps_view_machine(&v));
        ps_str_add(p->out, "</td></tr>\n");
    }
    ps_str_add(p->out, "</tbody>\n</table></div>\n");
}

/* data-points: for the script, "DOCUMENT.POINT" of each. */
static void add_group(struct pages *s, const struct ps_beside *b)
{
    struct ps_page *p = &s->page;
    struct ps_grid g;

    ps_str_add(p->out, "<section class=\"beside\" data-points=\"");
    for (size_t i = 0; i < b->count; i++) {
        const struct ps_result *r = s->all->items[b->points[i].result].r;

        ps_str_addf(p->out, "%s%zu.%zu", i ? " " : "", b->points[i].result,
                    (size_t)(b->points[i].p - r->points));
    }
    ps_str_add(p->out, "\"");
    if (b->parameter) {
        ps_str_add(p->out, " data-parameter=\"");
        ps_page_text(p, b->parameter);
        ps_str_add(p->out, "\"");
    }
    ps_str_add(p->out, ">\n");
    ps_page_element(p, "h2", b->label ? "label" : NULL, b->title);
    ps_str_add(p->out, "<div class=\"charts\"></div>\n");
    ps_beside_grid(s->all, b, s->arena, &g);
    ps_page_grid(p, &g);
    ps_str_add(p->out, "</section>\n");
}

static void add_groups(struct pages *s)
{
    struct ps_beside *groups;
    size_t count = ps_beside_groups(s->all, s->arena, &groups);

    for (size_t i = 0; i < count; i++)
        add_group(s, &groups[i]);
}

static void add_results(struct pages *s)
{
    struct ps_page *p = &s->page;

    for (size_t i = 0; i < s->all->count; i++) {
        p->view.r = s->all->items[i].r;
        ps_str_addf(p->out,
                    "<article id=\"result-%zu\" data-document=\"%zu\">\n<header>\n<h1 "
                    "class=\"label\">",
                    i + 1, i);
        ps_page_text(p, s->all->items[i].name);
        ps_str_add(p->out, "</h1>\n");
        ps_page_element(p, "p", "about", ps_page_title(p));
        ps_page_element(p, "p", "about", ps_view_host(&p->view));
        ps_page_save(p, i, s->all->items[i].name, s->left_out[i]);
        ps_str_add(p->out, "</header>\n");
        ps_page_body(p);
        ps_page_element(p, "p", "about", ps_view_ending(&p->view));
        ps_str_add(p->out, "</article>\n");
    }
}

/* Each carries its share of the samples. */
static int add_documents(struct pages *s, struct ps_str *out, struct ps_err *e)
{
    struct ps_page documents = {.view = {NULL, s->arena}, .out = out};
    int err = 0;

    for (size_t i = 0; !err && i < s->all->count; i++) {
        const struct ps_result document = ps_page_carried(
            s->all->items[i].r, 1 / (double)s->all->count, s->arena, &s->left_out[i]);
        struct ps_str json = PS_STR_INIT;

        err = ps_format_json.render(&document, NULL, &json, e);
        if (!err)
            ps_page_document(&documents, ps_arena_format(s->arena, "document-%zu", i + 1),
                             s->all->items[i].name, ps_str_text(&json));
        if (!err && json.failed)
            err = ps_fail(e, ENOMEM, "out of memory");
        ps_str_finish(&json);
    }
    return err;
}

static void add_all(struct pages *s, const struct ps_str *documents)
{
    struct ps_page *p = &s->page;

    ps_page_begin(p, title(s));
    ps_str_add(p->out, "<header>\n");
    ps_page_element(p, "h1", NULL, title(s));
    add_overview(s);
    ps_str_add(p->out, "</header>\n<main>\n");
    add_groups(s);
    add_results(s);
    ps_str_add(p->out, "</main>\n");
    ps_str_add(p->out, ps_str_text(documents));
    ps_page_end(p);
}

int ps_page_results(const struct ps_results *r, const struct ps_report_style *style,
                    struct ps_str *out, struct ps_err *e)
{
    struct ps_arena arena;
    struct ps_str documents = PS_STR_INIT;
    struct pages s = {r, &arena, {.view = {NULL, &arena, style && style->details}, .out = out}};
    int err;

    ps_arena_init(&arena, r->arena->on_oom);
    s.left_out = ps_arena_array(&arena, r->count, sizeof *s.left_out);
    err = add_documents(&s, &documents, e);
    if (!err)
        add_all(&s, &documents);
    if (!err && (out->failed || documents.failed))
        err = ps_fail(e, ENOMEM, "out of memory");
    ps_str_finish(&documents);
    ps_arena_finish(&arena);
    return err;
}
