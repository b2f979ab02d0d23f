#include "catalog.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "names.h"
#include "registry.h"
#include "strategy_plugin.h"
#include "valid.h"

static void add_workload(struct ps_catalog *c, const struct parscope_workload *ops,
                         const char *file, struct ps_arena *a)
{
    c->workloads = ps_arena_grow(a, c->workloads, c->workload_count, sizeof *c->workloads);
    c->workloads[c->workload_count++] = (struct ps_catalog_workload){.ops = ops, .file = file};
}

static void add_strategy(struct ps_catalog *c, const struct ps_strategy *strategy, const char *file,
                         struct ps_arena *a)
{
    c->strategies = ps_arena_grow(a, c->strategies, c->strategy_count, sizeof *c->strategies);
    c->strategies[c->strategy_count++] = (struct ps_catalog_strategy){strategy, file};
}

static size_t find_workload(const struct ps_catalog *c, const char *name)
{
    size_t i = 0;

    while (i < c->workload_count && strcmp(c->workloads[i].ops->name, name))
        i++;
    return i;
}

static size_t find_strategy(const struct ps_catalog *c, const char *name)
{
    size_t i = 0;

    while (i < c->strategy_count && strcmp(c->strategies[i].strategy->name, name))
        i++;
    return i;
}

static int clash(const struct ps_plugin *p, const char *kind, const char *name, const char *other,
                 struct ps_err *e)
{
    if (!other)
        return ps_fail(e, EINVAL,
                       "plug-in %s: its %s '%s' has the name of a built-in one: rename it", p->file,
                       kind, name);
    return ps_fail(e, EINVAL, "plug-in %s: its %s '%s' has the same name as one in %s", p->file,
                   kind, name, other);
}

/* twins: a workload may have the name of one of another plug-in; of strategies the first stays. */
static int add_all(struct ps_catalog *c, const struct ps_plugin *p, bool twins, struct ps_arena *a,
                   struct ps_err *e)
{
    for (size_t i = 0; p->abi->workloads && p->abi->workloads[i]; i++) {
        const struct parscope_workload *ops = p->abi->workloads[i];
        size_t same = find_workload(c, ops->name);

        if (twins && same < c->workload_count && c->workloads[same].file &&
            !c->workloads[same].twin) {
            c->workloads[same].twin = ops;
            c->workloads[same].twin_file = p->file;
            continue;
        }
        if (same < c->workload_count)
            return clash(p, "workload", ops->name, c->workloads[same].file, e);
        add_workload(c, ops, p->file, a);
    }
    for (size_t i = 0; p->abi->strategies && p->abi->strategies[i]; i++) {
        const struct parscope_strategy *own = p->abi->strategies[i];
        size_t same = find_strategy(c, own->name);

        if (twins && same < c->strategy_count && c->strategies[same].file)
            continue;
        if (same < c->strategy_count)
            return clash(p, "strategy", own->name, c->strategies[same].file, e);
        add_strategy(c, ps_strategy_adapt(own, a), p->file, a);
    }
    return 0;
}

static int load_all(struct ps_catalog *c, const char *const *files, size_t count, bool twins,
                    struct ps_arena *a, struct ps_err *e)
{
    struct ps_plugin *plugins = ps_arena_array(a, count, sizeof *plugins);

    for (size_t i = 0; i < count; i++) {
        int err = ps_plugin_load(files[i], a, &plugins[i], e);

        for (size_t k = 0; !err && k < i; k++)
            if (plugins[k].handle == plugins[i].handle)
                err = ps_fail(e, EINVAL, "plug-in %s is given twice", files[i]);
        if (!err)
            err = ps_valid_plugin(&plugins[i], e);
        if (!err)
            err = add_all(c, &plugins[i], twins && i, a, e);
        if (err < 0)
            return err;
    }
    return 0;
}

static int open_all(const char *const *files, size_t count, bool twins, struct ps_arena *a,
                    struct ps_catalog *c, struct ps_err *e)
{
    struct ps_catalog all = {0};
    int err;

    for (size_t i = 0; ps_workloads[i]; i++)
        add_workload(&all, ps_workloads[i], NULL, a);
    for (size_t i = 0; ps_strategies[i]; i++)
        add_strategy(&all, ps_strategies[i], NULL, a);
    err = load_all(&all, files, count, twins, a, e);
    if (!err)
        *c = all;
    return err;
}

int ps_catalog_open(const char *const *files, size_t count, struct ps_arena *a,
                    struct ps_catalog *c, struct ps_err *e)
{
    return open_all(files, count, false, a, c, e);
}

int ps_catalog_pair(const char *const files[2], struct ps_arena *a, struct ps_catalog *c,
                    struct ps_err *e)
{
    return open_all(files, 2, true, a, c, e);
}

const struct ps_catalog_workload *ps_catalog_entry(const struct ps_catalog *c,
                                                   const struct parscope_workload *ops)
{
    for (size_t i = 0; i < c->workload_count; i++)
        if (c->workloads[i].ops == ops || c->workloads[i].twin == ops)
            return &c->workloads[i];
    return NULL;
}

int ps_catalog_workload(const struct ps_catalog *c, const char *name, struct ps_arena *a,
                        const struct parscope_workload **ops, struct ps_err *e)
{
    const char **names = ps_arena_array(a, c->workload_count, sizeof *names);
    size_t found = find_workload(c, name);

    for (size_t i = 0; i < c->workload_count; i++)
        names[i] = c->workloads[i].ops->name;
    if (found == c->workload_count)
        return ps_unknown("workload", name, names, c->workload_count,
                          "see 'parscope list workloads'", e);
    *ops = c->workloads[found].ops;
    return 0;
}

int ps_catalog_strategy(const struct ps_catalog *c, const char *name, struct ps_arena *a,
                        const struct ps_strategy **strategy, struct ps_err *e)
{
    const char **names = ps_arena_array(a, c->strategy_count, sizeof *names);
    size_t found = find_strategy(c, name);

    for (size_t i = 0; i < c->strategy_count; i++)
        names[i] = c->strategies[i].strategy->name;
    if (found == c->strategy_count)
        return ps_unknown("strategy", name, names, c->strategy_count,
                          "see 'parscope list strategies'", e);
    *strategy = c->strategies[found].strategy;
    return 0;
}

/* "plug-in a.so", "plug-in a.so or b.so"; NULL where neither file is one. */
static const char *who(const char *one, const char *other, struct ps_arena *a)
{
    if (one && other && strcmp(one, other))
        return ps_arena_format(a, "plug-in %s or %s", one, other);
    return one || other ? ps_arena_format(a, "plug-in %s", one ? one : other) : NULL;
}

const struct ps_crash_note *ps_catalog_note(const struct ps_catalog *c,
                                            const struct parscope_workload *w,
                                            const struct ps_strategy *s, struct ps_arena *a,
                                            const char *format, ...)
{
    const struct ps_catalog_workload *entry = w ? ps_catalog_entry(c, w) : NULL;
    const char *one = NULL, *other = NULL, *files, *what;
    struct ps_crash_note *note;
    va_list args;

    if (entry)
        one = entry->ops == w ? entry->file : entry->twin_file;
    for (size_t i = 0; i < c->strategy_count; i++)
        if (c->strategies[i].strategy == s)
            other = c->strategies[i].file;
    files = who(one, other, a);
    if (!files)
        return NULL;
    va_start(args, format);
    what = ps_arena_vformat(a, format, args);
    va_end(args);
    note = ps_arena_alloc(a, sizeof *note);
    *note = (struct ps_crash_note){files, what};
    return note;
}
