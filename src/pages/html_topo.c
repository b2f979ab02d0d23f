/* What `parscope topo` found: the pairs that were tested, and how far CPUs are from one another. */
#include <math.h>

#include "cells.h"
#include "html_page.h"
#include "survey_json.h"
#include "survey_view.h"

#define MOST_CELLS 64 /* CPUs up to which all round trips stand in a table; the chart has all */

static void add_pairs(struct ps_page *p, const struct ps_probe *probe)
{
    ps_str_add(p->out, "<section class=\"pairs\">\n<h2>Which CPUs share a core</h2>\n");
    for (size_t i = 0; i < probe->pair_count; i++) {
        struct ps_grid g;

        ps_page_element(p, "p", NULL, ps_pair_text(&probe->pairs[i], p->view.arena));
        ps_pair_grid(&probe->pairs[i], p->view.arena, &g);
        ps_page_grid(p, &g);
    }
    ps_str_add(p->out, "</section>\n");
}

static void add_row(struct ps_page *p, const struct ps_probe *probe, size_t i)
{
    const size_t n = probe->cpu_count;

    ps_str_addf(p->out, "<tr><th scope=\"row\">%d</th>", probe->cpus[i]);
    for (size_t k = 0; k < n; k++) {
        const double trip = i == k ? NAN : (double)probe->trips[ps_trip_index(n, i, k)];

        ps_page_number(p, trip, ps_arena_format(p->view.arena, "%.0f", trip));
    }
    ps_str_add(p->out, "</tr>\n");
}

static void add_table(struct ps_page *p, const struct ps_probe *probe)
{
    if (probe->cpu_count > MOST_CELLS)
        return;
    ps_str_add(p->out, "<details>\n<summary>In ns</summary>\n<div class=\"scroll\"><table "
                       "class=\"trips\">\n<thead><tr><th scope=\"col\">CPU</th>");
    for (size_t i = 0; i < probe->cpu_count; i++)
        ps_str_addf(p->out, "<th scope=\"col\" class=\"number\">%d</th>", probe->cpus[i]);
    ps_str_add(p->out, "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < probe->cpu_count; i++)
        add_row(p, probe, i);
    ps_str_add(p->out, "</tbody>\n</table></div>\n</details>\n");
}

static void add_trips(struct ps_page *p, const struct ps_probe *probe)
{
    if (!probe->trips_measured)
        return;
    ps_str_add(p->out, "<section id=\"trips\">\n<h2>How far CPUs are from each other</h2>\n");
    ps_page_paragraphs(p, ps_probe_groups(probe, p->view.arena));
    ps_str_add(p->out, "<div class=\"charts\"></div>\n");
    add_table(p, probe);
    ps_str_add(p->out, "</section>\n");
}

static void add_all(struct ps_page *p, const struct ps_topo *t, const char *title)
{
    ps_str_add(p->out, "<header>\n");
    ps_page_element(p, "h1", NULL, title);
    ps_page_save(p, 0, NULL, "");
    ps_str_add(p->out, "</header>\n<main>\n");
    if (t->probe) {
        add_pairs(p, t->probe);
        add_trips(p, t->probe);
        ps_page_paragraphs(p, ps_probe_notes(t->probe, p->view.arena));
    }
    ps_str_add(p->out, "<section class=\"host\">\n<h2>Machine</h2>\n<div class=\"scroll\"><pre>");
    ps_page_lines(p, t->overview);
    ps_str_add(p->out, "</pre></div>\n</section>\n</main>\n");
}

int ps_page_topo(const struct ps_topo *t, const struct ps_report_style *style, struct ps_str *out,
                 struct ps_err *e)
{
    const char *title = t->probe ? "parscope topo --probe" : "parscope topo";
    struct ps_arena arena;
    struct ps_page p = {.view = {NULL, &arena}, .out = out};
    struct ps_str json = PS_STR_INIT;
    int err = ps_topo_json(t, &json, e);

    ps_arena_init(&arena, t->arena->on_oom);
    if (err == 0) {
        ps_page_begin(&p, title);
        add_all(&p, t, title);
        err = ps_page_end_with(&p, &json, e);
    }
    ps_str_finish(&json);
    ps_arena_finish(&arena);
    return err;
}
