#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "table.h"
#include "text.h"

void ps_table_say(struct ps_table *t, const char *format, ...)
{
    va_list args;
    char *raw;
    int length;

    va_start(args, format);
    length = vasprintf(&raw, format, args);
    va_end(args);
    if (length < 0) {
        t->out->failed = true;
        return;
    }
    ps_text_wrap(t->out, ps_text_clean(&t->arena, raw), 0, 2, PS_GRID_COLUMNS);
    free(raw);
}

static bool known(const char *text)
{
    return text && *text && strcmp(text, "unknown") && strcmp(text, "none");
}

static const char *cpus(struct ps_table *t, const struct ps_result_host *h)
{
    const char *of = "", *smt = "no SMT", *quota = "";

    if (h->machine_cpus > h->cpus)
        of = ps_arena_format(&t->arena, " of %u", h->machine_cpus);
    if (h->threads_per_core > 1)
        smt = ps_arena_format(&t->arena, "%u threads a core", h->threads_per_core);
    if (isfinite(h->cpu_quota))
        quota = ps_arena_format(&t->arena, ", quota of %.3g CPUs", h->cpu_quota);
    return ps_arena_format(&t->arena, "%u core%s, %u%s CPU%s (%s)%s", h->cores,
                           h->cores == 1 ? "" : "s", h->cpus, of, h->cpus == 1 && !*of ? "" : "s",
                           smt, quota);
}

static void print_host(struct ps_table *t)
{
    const struct ps_result_host *h = &t->r->host;
    bool real = !h->topology || !strcmp(h->topology, "this machine");

    if (!strcmp(t->r->plan.ended_by, "fake")) {
        ps_table_say(t, "scripted values, not a measurement");
        return;
    }
    ps_table_say(t, "%s, %s%s%s, %s%s%s", h->cpu_model, cpus(t, h),
                 known(h->virtualization) ? ", " : "",
                 known(h->virtualization) ? h->virtualization : "", h->kernel,
                 real ? "" : ", topology of ", real ? "" : h->topology);
}

static struct ps_block next_block(const struct ps_result *r, size_t first)
{
    struct ps_block b = {.points = &r->points[first], .count = 1};

    while (first + b.count < r->point_count &&
           !strcmp(b.points[b.count].workload_label, b.points[0].workload_label))
        b.count++;
    return b;
}

static int render(const struct ps_result *r, const struct ps_report_style *style,
                  struct ps_str *out, struct ps_err *e)
{
    struct ps_table t = {.r = r, .colour = style && style->colour, .out = out};

    ps_arena_init(&t.arena, r->arena->on_oom);
    print_host(&t);
    for (size_t i = 0; i < r->point_count;) {
        struct ps_block b = next_block(r, i);

        ps_str_add(out, "\n");
        ps_table_block(&t, &b);
        i += b.count;
    }
    ps_table_notes(&t);
    ps_table_findings(&t);
    ps_table_ending(&t);
    ps_arena_finish(&t.arena);
    return out->failed ? ps_fail(e, ENOMEM, "out of memory") : 0;
}

const struct ps_format ps_format_table = {
    .name = "table",
    .suffix = NULL,
    .summary = "what people read, at most 80 columns wide",
    .render = render,
};
