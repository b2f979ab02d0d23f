/* What was seen of programs: what cores waited for, and where CPU time went. */
#include <math.h>

#include "cells.h"
#include "html_page.h"

static void add_seconds(struct ps_page *p, double seconds)
{
    ps_page_number(p, seconds, isfinite(seconds) ? ps_cell_time(p->view.arena, seconds) : "");
}

static void add_place(struct ps_page *p, const struct ps_place *place)
{
    ps_str_add(p->out, "<td class=\"label\">");
    ps_page_text(p, ps_place_text(p->view.arena, place));
    ps_str_add(p->out, "</td>");
}

static void add_losses(struct ps_page *p, const struct ps_diagnosis *d)
{
    static const char *const heads[] = {"waited for", "where", "idle core time",
                                        "core time in waiting loops", NULL};

    ps_str_add(p->out, "<h4>Why cores had nothing to do</h4>\n"
                       "<div class=\"scroll\"><table class=\"losses\">\n");
    ps_page_heads(p, heads);
    for (size_t i = 0; i < d->loss_count; i++) {
        const struct ps_loss_row *l = &d->losses[i];

        ps_str_add(p->out, "<tr><td>");
        ps_page_text(p, ps_loss_kind_name(l->kind));
        if (l->object) {
            ps_str_add(p->out, " (");
            ps_page_text(p, l->object);
            ps_str_add(p->out, ")");
        }
        ps_str_add(p->out, "</td>");
        add_place(p, &l->place);
        add_seconds(p, l->idle);
        add_seconds(p, l->spun);
        ps_str_add(p->out, "</tr>\n");
    }
    ps_str_add(p->out, "</tbody>\n</table></div>\n");
}

static void add_code(struct ps_page *p, const struct ps_diagnosis *d)
{
    static const char *const heads[] = {"function", "CPU time", "while no other thread ran",
                                        "page faults", NULL};

    ps_str_add(p->out, "<h4>Where CPU time went</h4>\n"
                       "<div class=\"scroll\"><table class=\"code\">\n");
    ps_page_heads(p, heads);
    for (size_t i = 0; i < d->code_count; i++) {
        const struct ps_code_row *c = &d->code[i];

        ps_str_add(p->out, "<tr>");
        add_place(p, &c->place);
        add_seconds(p, c->cpu_time);
        add_seconds(p, c->alone);
        ps_page_number(p, c->faults, ps_arena_format(p->view.arena, "%.0f", c->faults));
        ps_str_add(p->out, "</tr>\n");
    }
    ps_str_add(p->out, "</tbody>\n</table></div>\n");
}

static void add_point(struct ps_page *p, const struct ps_point *point)
{
    const struct ps_diagnosis *d = point->diagnosis;

    ps_str_addf(p->out, "<div class=\"diagnosis\" data-point=\"%zu\">\n",
                (size_t)(point - p->view.r->points));
    ps_page_element(p, "h3", NULL, ps_subject_of(p->view.r, point));
    if (d->missing) {
        ps_page_element(p, "p", NULL,
                        ps_arena_format(p->view.arena, "Not observed: %s.", d->missing));
    } else {
        ps_page_element(
            p, "p", NULL,
            ps_arena_format(
                p->view.arena,
                "Observed %zu execution%s of %s%s, which took %s × as long as the timed ones. "
                "Times are per execution.",
                d->executions, d->executions == 1 ? "" : "s", ps_cell_time(p->view.arena, d->wall),
                d->executions == 1 ? "" : " each", ps_cell_ratio(p->view.arena, d->slowdown)));
        ps_str_add(p->out, "<div class=\"charts\"></div>\n");
        if (d->loss_count)
            add_losses(p, d);
        if (d->code_count)
            add_code(p, d);
    }
    ps_str_add(p->out, "</div>\n");
}

void ps_page_diagnosis(struct ps_page *p)
{
    const struct ps_result *r = p->view.r;
    bool any = false;

    for (size_t i = 0; i < r->point_count; i++) {
        if (!r->points[i].diagnosis)
            continue;
        if (!any)
            ps_str_add(
                p->out,
                "<section class=\"all-diagnosis\">\n<h2>Observations of the running program</h2>\n");
        any = true;
        add_point(p, &r->points[i]);
    }
    if (any)
        ps_str_add(p->out, "</section>\n");
}
