#include <errno.h>
#include <math.h>
#include <string.h>

#include "format.h"
#include "rank_sweep_result.h"
#include "text.h"

#define HEADER                                                                                     \
    "point,workload,parameters,strategy,options,threads,placement,cpus,baseline,metric,value,low," \
    "high,unit,quality,reason\n"

#define RANK_SWEEP_HEADER "ranks,nodes,metric,value,low,high,unit,reason\n"

#define OVERHEAD_HEADER "part,value,low,high,unit,rounds,what,less,reference,reason\n"

struct sheet {
    struct ps_arena scratch; /* of the point at hand */
    struct ps_str lead;      /* the fields that all rows of the point begin with */
    struct ps_str joined;
};

/* One field and what follows it, quoted as RFC 4180 has it. NULL: empty. */
static void text(struct sheet *s, struct ps_str *out, const char *raw, const char *after)
{
    const char *clean = raw ? ps_text_clean(&s->scratch, raw) : "";

    if (strpbrk(clean, ",\"")) {
        ps_str_add(out, "\"");
        for (const char *c = clean; *c; c++)
            ps_str_addn(out, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
        ps_str_add(out, "\"");
    } else {
        ps_str_add(out, clean);
    }
    ps_str_add(out, after);
}

static void number(struct ps_str *out, double value)
{
    if (isfinite(value))
        ps_str_addf(out, "%.17g", value);
    ps_str_add(out, ",");
}

/* "size=10M:work=1", as in a spec. */
static void pairs(struct sheet *s, const struct ps_text_pair *p, size_t count)
{
    ps_str_clear(&s->joined);
    for (size_t i = 0; i < count; i++) {
        ps_str_add(&s->joined, i ? ":" : "");
        ps_str_add(&s->joined, p[i].name);
        ps_str_add(&s->joined, "=");
        ps_str_add(&s->joined, p[i].value);
    }
    text(s, &s->lead, ps_str_text(&s->joined), ",");
}

static void lead(struct sheet *s, const struct ps_point *p, size_t index)
{
    struct ps_str *out = &s->lead;

    ps_str_clear(out);
    ps_str_addf(out, "%zu,", index);
    text(s, out, p->workload, ",");
    pairs(s, p->parameters, p->parameter_count);
    text(s, out, p->strategy, ",");
    pairs(s, p->options, p->option_count);
    ps_str_addf(out, "%u,", p->threads);
    text(s, out, p->placement, ",");
    text(s, out, p->cpus ? ps_text_cpu_list(&s->scratch, p->cpus, p->threads) : NULL, ",");
    ps_str_add(out, p->baseline ? "true," : "false,");
}

static void row(struct sheet *s, struct ps_str *out, const struct ps_metric *m)
{
    ps_str_add(out, ps_str_text(&s->lead));
    text(s, out, m->id, ",");
    number(out, m->value);
    number(out, m->low);
    number(out, m->high);
    text(s, out, m->unit, ",");
    text(s, out, ps_quality_name(m->quality), ",");
    text(s, out, m->reason, "\n");
}

static int render(const struct ps_result *r, const struct ps_report_style *style,
                  struct ps_str *out, struct ps_err *e)
{
    struct sheet s = {.lead = PS_STR_INIT, .joined = PS_STR_INIT};
    bool failed;

    ps_str_add(out, HEADER);
    for (size_t i = 0; i < r->point_count; i++) {
        const struct ps_point *p = &r->points[i];

        ps_arena_init(&s.scratch, r->arena->on_oom);
        lead(&s, p, i);
        for (size_t k = 0; k < p->metric_count; k++)
            if (ps_point_metric(p, p->metrics[k].id) == &p->metrics[k]) /* the first of that id */
                row(&s, out, &p->metrics[k]);
        ps_arena_finish(&s.scratch);
    }
    failed = out->failed || s.lead.failed || s.joined.failed;
    ps_str_finish(&s.lead);
    ps_str_finish(&s.joined);
    return failed ? ps_fail(e, ENOMEM, "out of memory") : 0;
}

static int render_overhead(const struct ps_overhead *o, const struct ps_report_style *style,
                           struct ps_str *out, struct ps_err *e)
{
    struct sheet s = {.lead = PS_STR_INIT, .joined = PS_STR_INIT};

    ps_arena_init(&s.scratch, o->arena->on_oom);
    ps_str_add(out, OVERHEAD_HEADER);
    for (size_t i = 0; i < o->row_count; i++) {
        const struct ps_overhead_row *row = &o->rows[i];

        text(&s, out, row->id, ",");
        number(out, row->value);
        number(out, row->low);
        number(out, row->high);
        ps_str_addf(out, "s,%zu,", row->sample_count);
        text(&s, out, row->what, ",");
        text(&s, out, row->less, ",");
        number(out, row->reference);
        text(&s, out, row->reason, "\n");
    }
    ps_arena_finish(&s.scratch);
    return out->failed ? ps_fail(e, ENOMEM, "out of memory") : 0;
}

static int render_rank_sweep(const struct ps_rank_sweep *r, struct ps_str *out, struct ps_err *e)
{
    struct sheet s = {.lead = PS_STR_INIT, .joined = PS_STR_INIT};

    ps_arena_init(&s.scratch, r->arena->on_oom);
    ps_str_add(out, RANK_SWEEP_HEADER);
    for (size_t i = 0; i < r->count; i++)
        for (size_t m = 0; m < PS_RANK_METRICS; m++) {
            const struct ps_rank_sweep_point *p = &r->points[i];

            ps_str_addf(out, "%u,%zu,%s,", p->ranks, p->nodes, ps_rank_metrics[m].id);
            number(out, p->values[m].value);
            number(out, p->values[m].low);
            number(out, p->values[m].high);
            ps_str_addf(out, "%s,", ps_rank_metrics[m].unit);
            text(&s, out, isfinite(p->values[m].value) ? NULL : ps_rank_sweep_why(r, m), "\n");
        }
    ps_arena_finish(&s.scratch);
    return out->failed ? ps_fail(e, ENOMEM, "out of memory") : 0;
}

const struct ps_format ps_format_csv = {
    .name = "csv",
    .suffix = ".csv",
    .summary = "one row per point and metric, for spreadsheets and data frames",
    .render = render,
    .render_overhead = render_overhead,
    .render_rank_sweep = render_rank_sweep,
};
