/* What a strategy makes of a child's environment, and how that is told. */
#include <stdbool.h>
#include <string.h>

#include "outside.h"

/* Variables by which OpenMP's runtimes bind threads to CPUs by themselves. */
static const char *const binding[] = {"OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY",
                                      "KMP_AFFINITY"};
#define BINDING (sizeof binding / sizeof *binding)

struct entries {
    struct ps_arena *arena;
    const char **items;
    size_t count;
};

static void add(struct entries *x, const char *text)
{
    x->items = ps_arena_grow(x->arena, x->items, x->count, sizeof *x->items);
    x->items[x->count++] = text;
}

static const char *const *ended(struct entries *x)
{
    add(x, NULL);
    return x->items;
}

static bool same_name(const char *a, const char *b)
{
    const size_t length = strcspn(a, "=");

    return length == strcspn(b, "=") && !strncmp(a, b, length);
}

static bool is_repeated(const int *cpus, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (cpus[k] == cpus[i])
            return true;
    return false;
}

/* "{0},{2}", each CPU once. */
static const char *places(const int *cpus, size_t count, struct ps_arena *a)
{
    const char *text = "";

    for (size_t i = 0; i < count; i++)
        if (!is_repeated(cpus, i))
            text = ps_arena_format(a, "%s%s{%d}", text, *text ? "," : "", cpus[i]);
    return text;
}

/* Each thread stays on one of the CPUs; or, where there are none, anywhere. each: they are those of
 * copies, of which each has its own. */
static void add_binding(struct entries *x, const int *cpus, size_t count, bool each)
{
    const bool bound = count && cpus[0] >= 0;

    add(x, bound ? "OMP_PROC_BIND=true" : "OMP_PROC_BIND=false");
    if (bound)
        add(x, ps_arena_format(x->arena, "OMP_PLACES=%s%s%s", each ? "one of " : "",
                               places(cpus, count, x->arena), each ? " for each copy" : ""));
}

/* The strategy's variables: of a name the last counts. each: as for add_binding(). */
static struct entries changes(const struct ps_outside *o, const int *cpus, size_t count, bool each,
                              struct ps_arena *a)
{
    struct entries x = {.arena = a};

    if (o->pins)
        add_binding(&x, cpus, count, each);
    for (size_t i = 0; i < o->variable_count; i++)
        add(&x, o->variables[i]);
    return x;
}

static bool is_changed(const struct ps_outside *o, const struct entries *own, const char *entry,
                       size_t from)
{
    for (size_t i = from; i < own->count; i++)
        if (same_name(entry, own->items[i]))
            return true;
    for (size_t i = 0; o->pins && i < BINDING; i++)
        if (!from && same_name(entry, binding[i]))
            return true;
    return false;
}

const char *const *ps_outside_environment(const struct ps_outside *o,
                                          const char *const *environment, const int *cpus,
                                          size_t cpu_count, struct ps_arena *a)
{
    const struct entries own = changes(o, cpus, cpu_count, false, a);
    struct entries x = {.arena = a};

    for (size_t i = 0; environment[i]; i++)
        if (!is_changed(o, &own, environment[i], 0))
            add(&x, environment[i]);
    for (size_t i = 0; i < own.count; i++)
        if (strchr(own.items[i], '=') && !is_changed(o, &own, own.items[i], i + 1))
            add(&x, own.items[i]);
    return ended(&x);
}

const char *const *ps_outside_applied(const struct ps_outside *o, const int *cpus, size_t cpu_count,
                                      struct ps_arena *a)
{
    const struct entries own = changes(o, cpus, cpu_count, o->copies > 1, a);
    struct entries x = {.arena = a};

    if (o->pins)
        add(&x, ps_arena_format(a, "placement %s", ps_placement_name(o->placement)));
    if (o->copies)
        add(&x, ps_arena_format(a, "%u cop%s at once", o->copies, o->copies == 1 ? "y" : "ies"));
    for (size_t i = 0; i < own.count; i++)
        if (!is_changed(o, &own, own.items[i], i + 1))
            add(&x, strchr(own.items[i], '=') ? own.items[i]
                                              : ps_arena_format(a, "without %s", own.items[i]));
    for (size_t i = 0; i < o->call_count; i++)
        add(&x, o->calls[i].what);
    return ended(&x);
}
