/* The machine, and what was asked for. */
#include <inttypes.h>
#include <math.h>

#include "cells.h"
#include "html_page.h"

static void add_pair(struct ps_page *p, const char *name, const char *text)
{
    if (!text)
        return;
    ps_str_add(p->out, "<dt>");
    ps_page_text(p, name);
    ps_str_add(p->out, "</dt><dd>");
    ps_page_text(p, text);
    ps_str_add(p->out, "</dd>\n");
}

static const char *number(struct ps_page *p, double value)
{
    return isfinite(value) ? ps_cell_ratio(p->view.arena, value) : NULL;
}

static const char *share(struct ps_page *p, double value)
{
    return isfinite(value) ? ps_arena_format(p->view.arena, "%.1f %%", 100 * value) : NULL;
}

static void add_counters(struct ps_page *p, const struct ps_result_host *h)
{
    static const char *const heads[] = {"counter", "quality", "reason", NULL};

    if (!h->event_count)
        return;
    ps_str_add(p->out, "<div class=\"scroll\"><table class=\"counters\">\n");
    ps_page_heads(p, heads);
    for (size_t i = 0; i < h->event_count; i++) {
        const struct ps_event_status *e = &h->events[i];

        ps_str_add(p->out, "<tr><td class=\"label\">");
        ps_page_text(p, e->name);
        ps_str_add(p->out, "</td><td>");
        ps_page_text(p, ps_quality_name(e->quality));
        ps_str_add(p->out, "</td><td>");
        ps_page_text(p, e->reason ? e->reason : "");
        ps_str_add(p->out, "</td></tr>\n");
    }
    ps_str_add(p->out, "</tbody>\n</table></div>\n");
}

static void add_kinds(struct ps_page *p, const struct ps_result_host *h)
{
    const char *all = NULL;

    for (size_t i = 0; i < h->core_kind_count; i++)
        all = all ? ps_arena_format(p->view.arena, "%s, %s", all, h->core_kinds[i])
                  : h->core_kinds[i];
    add_pair(p, "kinds of cores", all);
}

void ps_page_host(struct ps_page *p)
{
    const struct ps_result_host *h = &p->view.r->host;
    struct ps_arena *a = p->view.arena;

    ps_str_add(p->out, "<section class=\"host\">\n<h2>Machine</h2>\n<dl>\n");
    add_pair(p, "CPU", h->cpu_model);
    add_pair(p, "CPUs",
             ps_arena_format(
                 a, "%u, of %u on the machine; %u cores in %u package%s, %u thread%s a core",
                 h->cpus, h->machine_cpus, h->cores, h->packages, h->packages == 1 ? "" : "s",
                 h->threads_per_core, h->threads_per_core == 1 ? "" : "s"));
    add_kinds(p, h);
    add_pair(p, "topology of", h->topology);
    add_pair(p, "kernel", h->kernel);
    add_pair(p, "virtualization", h->virtualization);
    add_pair(p, "frequency governor", h->governor);
    add_pair(p, "turbo", h->turbo);
    add_pair(p, "quota of CPUs", number(p, h->cpu_quota));
    add_pair(p, "quota set by", h->quota_source);
    add_pair(p, "used by other programs at the start", share(p, ps_result_busy_before(p->view.r)));
    add_pair(p, "taken by the hypervisor (steal time)", share(p, h->steal));
    add_pair(p, "throttled for", isfinite(h->throttled) ? ps_cell_time(a, h->throttled) : NULL);
    add_pair(p, "neighbour index", number(p, h->neighbour_index));
    add_pair(p, "perf_event_paranoid", ps_arena_format(a, "%d", h->perf_event_paranoid));
    ps_str_add(p->out, "</dl>\n");
    add_counters(p, h);
    ps_str_add(p->out, "</section>\n");
}

static const char *words(struct ps_page *p, const struct ps_result_plan *plan)
{
    const char *all = "parscope";

    for (size_t i = 0; i < plan->argument_count; i++)
        all = ps_arena_format(p->view.arena, "%s %s", i ? all : "", plan->arguments[i]);
    return all;
}

void ps_page_plan(struct ps_page *p)
{
    const struct ps_result *r = p->view.r;
    struct ps_arena *a = p->view.arena;

    ps_str_add(p->out, "<section class=\"plan\">\n<h2>Measurement</h2>\n<dl>\n");
    add_pair(p, "command line", words(p, &r->plan));
    add_pair(p, "begun", r->started);
    add_pair(p, "took", ps_cell_time(a, r->elapsed));
    add_pair(p, "rounds", ps_arena_format(a, "%zu", r->plan.rounds));
    add_pair(p, "ended by", ps_end_name(r->plan.ended_by));
    add_pair(p, "precision asked for", share(p, r->plan.precision));
    add_pair(p, "at most", ps_cell_time(a, r->plan.max_time));
    add_pair(p, "gap before each execution", r->plan.gap > 0 ? ps_cell_time(a, r->plan.gap) : NULL);
    add_pair(p, "seed of the order of points", ps_arena_format(a, "%" PRIu64, r->plan.seed));
    add_pair(p, "parscope", r->version);
    ps_str_add(p->out, "</dl>\n</section>\n");
}
