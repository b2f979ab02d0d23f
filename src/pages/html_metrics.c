/* Every number of a result: a table a point. */
#include <math.h>
#include <string.h>

#include "cells.h"
#include "html_page.h"

static const char *const heads[] = {"metric", "value",   "low",    "high",
                                    "unit",   "quality", "reason", NULL};

/* One end of the interval, in the metric's own notation. */
static void add_number(struct ps_page *p, const struct ps_metric *m, double value)
{
    struct ps_metric one = *m;

    one.value = value;
    ps_page_number(p, value,
                   isfinite(value) ? ps_cell_metric(p->view.arena, &one, PS_CELL_PLAIN) : "");
}

static void add_cell(struct ps_page *p, const char *text)
{
    ps_str_add(p->out, "<td>");
    ps_page_text(p, text ? text : "");
    ps_str_add(p->out, "</td>");
}

static void add_name(struct ps_page *p, const struct ps_metric *m)
{
    const struct ps_metric_info *info = ps_metric_find(m->id);

    ps_str_add(p->out, "<tr data-metric=\"");
    ps_page_text(p, m->id);
    ps_str_add(p->out, "\"><th scope=\"row\">");
    ps_page_text(p, info ? info->title : m->id);
    ps_str_add(p->out, "</th>");
}

static void add_metric(struct ps_page *p, const struct ps_metric *m)
{
    add_name(p, m);
    add_number(p, m, m->value);
    add_number(p, m, m->low);
    add_number(p, m, m->high);
    add_cell(p, m->unit && strcmp(m->unit, "1") != 0 ? m->unit : "");
    add_cell(p, ps_quality_name(m->quality));
    add_cell(p, m->reason);
    ps_str_add(p->out, "</tr>\n");
}

/* With the placement, where that alone tells it from another one. */
static const char *name_of(struct ps_page *p, const struct ps_point *point)
{
    const struct ps_result *r = p->view.r;
    const char *name = ps_subject_of(r, point);

    for (size_t i = 0; i < r->point_count; i++)
        if (&r->points[i] != point && r->points[i].threads == point->threads &&
            !strcmp(ps_subject_of(r, &r->points[i]), name))
            return ps_arena_format(p->view.arena, "%s (%s)", name, point->placement);
    return name;
}

static void add_point(struct ps_page *p, const struct ps_point *point)
{
    ps_str_addf(p->out, "<details data-point=\"%zu\">", (size_t)(point - p->view.r->points));
    ps_page_element(p, "summary", NULL, name_of(p, point));
    ps_str_add(p->out, "<div class=\"scroll\"><table class=\"metrics\">\n");
    ps_page_heads(p, heads);
    for (size_t i = 0; i < point->metric_count; i++)
        if (ps_point_metric(point, point->metrics[i].id) == &point->metrics[i])
            add_metric(p, &point->metrics[i]);
    ps_str_add(p->out, "</tbody>\n</table></div></details>\n");
}

/* Where the result has such a metric. */
static const struct ps_metric *find(const struct ps_result *r, const char *id)
{
    for (size_t i = 0; i < r->point_count; i++) {
        const struct ps_metric *m = ps_point_metric(&r->points[i], id);

        if (m)
            return m;
    }
    return NULL;
}

static void add_meaning(struct ps_page *p, const char *title, const char *help)
{
    ps_page_element(p, "dt", NULL, title);
    ps_page_element(p, "dd", NULL, help);
}

static void add_meanings(struct ps_page *p)
{
    const struct ps_result *r = p->view.r;

    ps_str_add(p->out, "<details class=\"meanings\">\n<summary>What they mean</summary>\n<dl>\n");
    for (const struct ps_metric_info *m = ps_metrics; m->id; m++)
        if (find(r, m->id))
            add_meaning(p, m->title, m->help);
    /* What workloads measure of themselves. */
    for (size_t i = 0; i < r->point_count; i++)
        for (size_t k = 0; k < r->points[i].metric_count; k++) {
            const struct ps_metric *m = &r->points[i].metrics[k];

            if (m->help && !ps_metric_find(m->id) && find(r, m->id) == m)
                add_meaning(p, m->id, m->help);
        }
    ps_str_add(p->out, "</dl>\n</details>\n");
}

void ps_page_metrics(struct ps_page *p)
{
    ps_str_add(p->out, "<section class=\"all-metrics\">\n<h2>All figures</h2>\n");
    for (size_t i = 0; i < p->view.r->point_count; i++)
        add_point(p, &p->view.r->points[i]);
    add_meanings(p);
    ps_str_add(p->out, "</section>\n");
}
