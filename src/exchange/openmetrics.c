/* OpenMetrics text, which Prometheus reads: a gauge for each metric, a sample for each point. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "format.h"
#include "text.h"
#include "units.h"

struct exposition {
    const struct ps_result *r;
    struct ps_str *out;
    struct ps_arena scratch;
};

/* What a name of this unit ends with; "" for numbers of things. */
static const char *unit_word(const char *unit)
{
    static const struct {
        const char *unit, *word;
    } words[] = {{"s", "seconds"}, {"B", "bytes"}, {"Hz", "hertz"}, {"1", "ratio"}};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(words[i].unit, unit))
            return words[i].word;
    return "";
}

static void escaped(struct exposition *x, const char *text)
{
    for (const char *c = ps_text_clean(&x->scratch, text); *c; c++) {
        if (*c == '\\' || *c == '"')
            ps_str_add(x->out, "\\");
        ps_str_addn(x->out, c, 1);
    }
}

static void label(struct exposition *x, const char *name, const char *value, const char *before)
{
    ps_str_addf(x->out, "%s%s=\"", before, name);
    escaped(x, value);
    ps_str_add(x->out, "\"");
}

static void sample(struct exposition *x, const char *name, const struct ps_point *p,
                   const char *estimate, double value)
{
    char number[64];

    if (!isfinite(value))
        return;
    ps_str_add(x->out, name);
    label(x, "workload", p->workload_label, "{");
    label(x, "strategy", p->strategy_label, ",");
    label(x, "threads", ps_arena_format(&x->scratch, "%u", p->threads), ",");
    label(x, "placement", p->placement, ",");
    label(x, "estimate", estimate, ",");
    ps_str_addf(x->out, "} %s\n", ps_format_real(number, sizeof number, value));
}

static bool any_value(const struct ps_result *r, const char *id)
{
    for (size_t i = 0; i < r->point_count; i++)
        if (isfinite(ps_point_value(&r->points[i], id)))
            return true;
    return false;
}

static void family(struct exposition *x, const struct ps_metric_info *m)
{
    const char *word = unit_word(m->unit);
    const char *name =
        ps_arena_format(&x->scratch, "parscope_%s%s%s", m->id, *word ? "_" : "", word);

    ps_str_addf(x->out, "# TYPE %s gauge\n", name);
    if (*word)
        ps_str_addf(x->out, "# UNIT %s %s\n", name, word);
    ps_str_addf(x->out, "# HELP %s ", name);
    escaped(x, m->help);
    ps_str_add(x->out, "\n");
    for (size_t i = 0; i < x->r->point_count; i++) {
        const struct ps_point *p = &x->r->points[i];
        const struct ps_metric *value = ps_point_metric(p, m->id);

        if (!value)
            continue;
        sample(x, name, p, "median", value->value);
        sample(x, name, p, "low", value->low);
        sample(x, name, p, "high", value->high);
    }
}

static int render(const struct ps_result *r, const struct ps_report_style *style,
                  struct ps_str *out, struct ps_err *e)
{
    struct exposition x = {.r = r, .out = out};

    ps_arena_init(&x.scratch, r->arena->on_oom);
    for (const struct ps_metric_info *m = ps_metrics; m->id; m++)
        if (any_value(r, m->id))
            family(&x, m);
    ps_str_add(out, "# EOF\n");
    ps_arena_finish(&x.scratch);
    return out->failed ? ps_fail(e, ENOMEM, "out of memory") : 0;
}

const struct ps_format ps_format_openmetrics = {
    .name = "openmetrics",
    .suffix = ".prom",
    .summary = "OpenMetrics text, for Prometheus: a gauge for each metric",
    .render = render,
};
