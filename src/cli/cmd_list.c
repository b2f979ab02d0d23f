#include <errno.h>
#include <string.h>

#include "catalog.h"
#include "cli.h"
#include "counters.h"
#include "list_tables.h"
#include "names.h"
#include "wrap.h"

struct list_values {
    bool names, keys;
    struct ps_texts plugins;
};

static const struct ps_option rows[] = {
    {"names", 0, PS_OPTION_FLAG, NULL, "bare names, one per line",
     offsetof(struct list_values, names)},
    {"keys", 0, PS_OPTION_FLAG, NULL,
     "keys of workloads and strategies, one per line: NAME:key=, or NAME:key=choice for each of a "
     "key's choices",
     offsetof(struct list_values, keys)},
    {"plugin", 0, PS_OPTION_TEXTS, "FILE",
     "also list the workloads and strategies of this shared object, see parscope-plugin(3); may "
     "be repeated",
     offsetof(struct list_values, plugins)},
    {NULL},
};
static const struct ps_option_group group = {"What is listed", rows};
static const struct ps_option_group *const options[] = {&group, &ps_help_group, NULL};

typedef void add_fn(const struct ps_catalog *c, struct ps_str *out);

struct kind {
    const char *name;
    add_fn *table, *names, *keys; /* names, keys: NULL where there are none */
    bool standard;                /* in the plain list */
};

/* Events come from libpfm4, which takes its time to start: they have functions of their own. */
static const struct kind kinds[] = {
    {"workloads", ps_list_workloads, ps_list_workload_names, ps_list_workload_keys, true},
    {"strategies", ps_list_strategies, ps_list_strategy_names, ps_list_strategy_keys, true},
    {"matrix", ps_list_matrix, NULL, NULL, true},
    {"env", ps_list_outside, ps_list_outside_names, ps_list_outside_keys, false},
    {"metrics", ps_list_metrics, ps_list_metric_names, NULL, false},
    {"formats", ps_list_formats, ps_list_format_names, NULL, false},
    {"events", NULL, NULL, NULL, false},
    {"doctor", ps_list_doctor, ps_list_doctor_names, NULL, false},
    {"overhead", ps_list_overhead, ps_list_overhead_names, NULL, false},
};
#define KINDS (sizeof kinds / sizeof *kinds)

static void add_event(void *arg, const char *name, const char *description, int present)
{
    struct ps_str head = PS_STR_INIT;
    struct ps_str *out = arg;

    ps_str_addf(&head, "  %s%s", name, present == 0 ? " (not on this machine)" : "");
    out->failed |= head.failed;
    ps_wrap_entry(out, ps_str_text(&head), description && description[0] ? description : "-", 30);
    ps_str_finish(&head);
}

static void add_event_name(void *arg, const char *name, const char *description, int present)
{
    ps_str_addf(arg, "%s\n", name);
}

static int list_events(bool names, struct ps_str *out, struct ps_err *e)
{
    if (!names)
        ps_str_add(out, "Events, for -e\n");
    return ps_events_each(names ? add_event_name : add_event, out, e);
}

/* NULL and an error for unknown names. */
static const struct kind *find_kind(const char *name, struct ps_err *e)
{
    const char *names[KINDS];

    for (size_t i = 0; i < KINDS; i++) {
        names[i] = kinds[i].name;
        if (!strcmp(names[i], name))
            return &kinds[i];
    }
    ps_unknown("list", name, names, KINDS,
               "workloads, strategies, matrix, env, events, metrics, formats, doctor or overhead",
               e);
    return NULL;
}

static int list_one(const struct kind *kind, const struct list_values *v,
                    const struct ps_catalog *c, struct ps_str *out, struct ps_err *e)
{
    add_fn *add = v->keys ? kind->keys : v->names ? kind->names : kind->table;

    if (!kind->table && !v->keys)
        return list_events(v->names, out, e);
    if (!add)
        return ps_fail(e, EINVAL, "'%s' has no %s", kind->name, v->keys ? "keys" : "names");
    add(c, out);
    return 0;
}

static void list_standard(const struct ps_catalog *c, struct ps_str *out)
{
    for (size_t i = 0; i < KINDS; i++) {
        if (kinds[i].standard) {
            kinds[i].table(c, out);
            ps_str_add(out, "\n");
        }
    }
    ps_str_add(
        out,
        "Strategies of programs: 'parscope list env'\nMore: 'parscope list events', 'parscope list "
        "metrics', 'parscope list formats'\n");
}

static int list_all(const struct list_values *v, const struct ps_parsed *parsed,
                    const struct ps_catalog *c, struct ps_str *out, struct ps_err *e)
{
    if (v->names && v->keys)
        return ps_fail(e, EINVAL, "--names and --keys exclude each other");
    if (parsed->operand_count == 0 && (v->names || v->keys))
        return ps_fail(e, EINVAL, "--%s needs WHAT to list: workloads, strategies, ...",
                       v->names ? "names" : "keys");
    if (parsed->operand_count == 0)
        list_standard(c, out);
    for (size_t i = 0; i < parsed->operand_count; i++) {
        const struct kind *kind = find_kind(parsed->operands[i], e);
        int err = kind ? list_one(kind, v, c, out, e) : -ENOENT;

        if (err < 0)
            return err;
    }
    return 0;
}

static int run(struct ps_cli *cli, const void *values, const struct ps_parsed *parsed)
{
    const struct list_values *v = values;
    struct ps_str text = PS_STR_INIT;
    struct ps_catalog catalog;
    int err;

    if (v->plugins.count)
        ps_crash_catch("");
    err = ps_catalog_open(v->plugins.items, v->plugins.count, &cli->arena, &catalog, &cli->error);
    if (!err)
        err = list_all(v, parsed, &catalog, &text, &cli->error);
    if (err < 0) {
        ps_str_finish(&text);
        return ps_exit_of(err);
    }
    return ps_cli_print(cli, &text);
}

static const char *const usage[] = {"[options] [WHAT]...", NULL};

const struct ps_command ps_command_list = {
    .name = "list",
    .summary = "show workloads, strategies and which can be combined",
    .usage = usage,
    .details =
        "WHAT is workloads, strategies, matrix, env (strategies of programs), events, metrics, "
        "formats, doctor (its lines) or overhead (its parts). Without it: workloads with their "
        "parameters, strategies with their options, and which "
        "strategy can run which workload.",
    .options = options,
    .values_size = sizeof(struct list_values),
    .run = run,
};
