#include "catalog.h"
#include "exchange.h"
#include "list_tables.h"
#include "result.h"
#include "spec.h"
#include "wrap.h"

#define ENTRY_INDENT 14
#define PARAM_INDENT 26

static const char *type_word(enum parscope_type type)
{
    switch (type) {
    case PARSCOPE_COUNT:
        return "count, ";
    case PARSCOPE_TIME:
        return "time, ";
    case PARSCOPE_REAL:
        return "number, ";
    case PARSCOPE_CHOICE:
        return "";
    }
    return "";
}

static void add_entry(struct ps_str *out, struct ps_str *head, struct ps_str *text, size_t indent)
{
    out->failed |= head->failed || text->failed;
    ps_wrap_entry(out, ps_str_text(head), ps_str_text(text), indent);
    ps_str_finish(head);
    ps_str_finish(text);
}

static void list_params(const struct parscope_param *params, struct ps_str *out)
{
    for (size_t i = 0; i < ps_param_count(params); i++) {
        const struct parscope_param *p = &params[i];
        struct ps_str head = PS_STR_INIT, text = PS_STR_INIT;
        char range[256];

        ps_str_addf(&head, "    %s=%s", p->name, p->initial);
        ps_str_addf(&text, "%s (%s%s)", p->help, type_word(p->type),
                    ps_param_range(p, range, sizeof range));
        add_entry(out, &head, &text, PARAM_INDENT);
    }
}

static void add_shapes(struct ps_str *out, unsigned shapes)
{
    static const char *const names[] = {"range", "tree", "wait"};
    const char *comma = "";

    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        if (shapes & 1u << i) {
            ps_str_addf(out, "%s%s", comma, names[i]);
            comma = ", ";
        }
    }
}

static void add_origin(struct ps_str *out, const char *file)
{
    if (file)
        ps_str_addf(out, "; from %s", file);
}

static void add_custom_names(struct ps_str *out, const struct parscope_custom *custom)
{
    for (size_t i = 0; custom && custom[i].name; i++)
        ps_str_addf(out, "%s%s", i ? ", " : "; measures ", custom[i].name);
}

void ps_list_workloads(const struct ps_catalog *c, struct ps_str *out)
{
    ps_str_add(out, "Workloads (key=default)\n");
    for (size_t i = 0; i < c->workload_count; i++) {
        const struct parscope_workload *w = c->workloads[i].ops;
        struct ps_str head = PS_STR_INIT, text = PS_STR_INIT;

        ps_str_addf(&head, "  %s", w->name);
        ps_str_add(&text, w->summary);
        add_entry(out, &head, &text, ENTRY_INDENT);
        ps_str_addf(&text, "counts %s; shape: ", w->unit);
        add_shapes(&text, w->shapes);
        add_custom_names(&text, w->custom);
        add_origin(&text, c->workloads[i].file);
        add_entry(out, &head, &text, ENTRY_INDENT);
        list_params(w->params, out);
    }
}

void ps_list_strategies(const struct ps_catalog *c, struct ps_str *out)
{
    ps_str_add(out, "Strategies (key=default)\n");
    for (size_t i = 0; i < c->strategy_count; i++) {
        const struct ps_strategy *s = c->strategies[i].strategy;
        struct ps_str head = PS_STR_INIT, text = PS_STR_INIT;

        ps_str_addf(&head, "  %s", s->name);
        ps_str_add(&text, s->summary);
        add_entry(out, &head, &text, ENTRY_INDENT);
        ps_str_addf(&text, "stands for %s; runs: ", s->stands_for);
        add_shapes(&text, s->shapes);
        add_origin(&text, c->strategies[i].file);
        add_entry(out, &head, &text, ENTRY_INDENT);
        list_params(s->params, out);
    }
}

static void list_custom(const struct parscope_workload *w, struct ps_str *out)
{
    if (w->custom && w->custom[0].name)
        ps_str_addf(out, "\nMeasured by %s itself\n", w->name);
    for (size_t i = 0; w->custom && w->custom[i].name; i++) {
        struct ps_str head = PS_STR_INIT, text = PS_STR_INIT;

        ps_str_addf(&head, "  %s", w->custom[i].name);
        ps_str_addf(&text, "%s [%s]", w->custom[i].help, w->custom[i].unit);
        add_entry(out, &head, &text, PARAM_INDENT);
    }
}

void ps_list_metrics(const struct ps_catalog *c, struct ps_str *out)
{
    ps_str_add(out, "Metrics\n");
    for (size_t i = 0; ps_metrics[i].id; i++) {
        const struct ps_metric_info *m = &ps_metrics[i];
        struct ps_str head = PS_STR_INIT, text = PS_STR_INIT;

        ps_str_addf(&head, "  %s", m->id);
        ps_str_addf(&text, "%s [%s]", m->help, m->unit);
        add_entry(out, &head, &text, PARAM_INDENT);
    }
    for (size_t i = 0; i < c->workload_count; i++)
        list_custom(c->workloads[i].ops, out);
}

void ps_list_formats(const struct ps_catalog *c, struct ps_str *out)
{
    ps_str_add(out, "Formats\n");
    for (size_t i = 0; ps_formats[i]; i++) {
        const struct ps_format *f = ps_formats[i];
        struct ps_str head = PS_STR_INIT, text = PS_STR_INIT;

        ps_str_addf(&head, "  %s", f->name);
        ps_str_add(&text, f->summary);
        if (f->missing)
            ps_str_addf(&text, "; not here: %s", f->missing);
        ps_str_addf(&text, " (%s%s)", f->suffix ? "FILE" : "standard output only",
                    f->suffix ? f->suffix : "");
        add_entry(out, &head, &text, ENTRY_INDENT);
    }
}

static void list_keys(const char *name, const struct parscope_param *params, struct ps_str *out)
{
    for (size_t i = 0; i < ps_param_count(params); i++) {
        const char *const *choice = params[i].choices;

        if (params[i].type != PARSCOPE_CHOICE) {
            ps_str_addf(out, "%s:%s=\n", name, params[i].name);
            continue;
        }
        for (; *choice; choice++)
            ps_str_addf(out, "%s:%s=%s\n", name, params[i].name, *choice);
    }
}

void ps_list_workload_names(const struct ps_catalog *c, struct ps_str *out)
{
    for (size_t i = 0; i < c->workload_count; i++)
        ps_str_addf(out, "%s\n", c->workloads[i].ops->name);
}

void ps_list_workload_keys(const struct ps_catalog *c, struct ps_str *out)
{
    for (size_t i = 0; i < c->workload_count; i++)
        list_keys(c->workloads[i].ops->name, c->workloads[i].ops->params, out);
}

void ps_list_strategy_names(const struct ps_catalog *c, struct ps_str *out)
{
    for (size_t i = 0; i < c->strategy_count; i++)
        ps_str_addf(out, "%s\n", c->strategies[i].strategy->name);
}

void ps_list_strategy_keys(const struct ps_catalog *c, struct ps_str *out)
{
    for (size_t i = 0; i < c->strategy_count; i++)
        list_keys(c->strategies[i].strategy->name, c->strategies[i].strategy->params, out);
}

void ps_list_metric_names(const struct ps_catalog *c, struct ps_str *out)
{
    for (size_t i = 0; ps_metrics[i].id; i++)
        ps_str_addf(out, "%s\n", ps_metrics[i].id);
    for (size_t i = 0; i < c->workload_count; i++) {
        const struct parscope_custom *custom = c->workloads[i].ops->custom;

        for (size_t k = 0; custom && custom[k].name; k++)
            ps_str_addf(out, "%s\n", custom[k].name);
    }
}

void ps_list_format_names(const struct ps_catalog *c, struct ps_str *out)
{
    for (size_t i = 0; ps_formats[i]; i++)
        ps_str_addf(out, "%s\n", ps_formats[i]->name);
}
