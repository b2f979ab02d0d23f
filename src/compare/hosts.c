#include "hosts.h"

#include <math.h>
#include <string.h>

#include "text.h"

static void add(struct ps_arena *a, const char ***list, size_t *count, const char *text)
{
    *list = ps_arena_grow(a, *list, *count, sizeof **list);
    (*list)[(*count)++] = ps_text_clean(a, text);
}

static void differ(struct ps_comparison *c, const char *what, const char *base, const char *now)
{
    if (!ps_text_same(base, now))
        add(c->arena, &c->differences, &c->difference_count,
            ps_arena_format(c->arena, "%s: %s, then %s", what, base ? base : "not known",
                            now ? now : "not known"));
}

static void differ_count(struct ps_comparison *c, const char *what, unsigned base, unsigned now)
{
    differ(c, what, ps_arena_format(c->arena, "%u", base), ps_arena_format(c->arena, "%u", now));
}

static const char *quota(struct ps_comparison *c, double cpus)
{
    return isnan(cpus) ? "none" : ps_arena_format(c->arena, "%.3g CPUs", cpus);
}

static const char *kinds(struct ps_comparison *c, const struct ps_result_host *h)
{
    const char *all = "";

    for (size_t i = 0; i < h->core_kind_count; i++)
        all = ps_arena_format(c->arena, "%s%s%s", all, i ? ", " : "", h->core_kinds[i]);
    return h->core_kind_count ? all : "one";
}

static void compare_machines(const struct ps_result_host *base, const struct ps_result_host *now,
                             struct ps_comparison *c)
{
    differ(c, "CPU model", base->cpu_model, now->cpu_model);
    differ_count(c, "packages", base->packages, now->packages);
    differ_count(c, "cores", base->cores, now->cores);
    differ_count(c, "CPUs allowed", base->cpus, now->cpus);
    differ_count(c, "hardware threads of a core", base->threads_per_core, now->threads_per_core);
    differ(c, "kinds of cores", kinds(c, base), kinds(c, now));
    differ(c, "CPU quota", quota(c, base->cpu_quota), quota(c, now->cpu_quota));
    differ(c, "virtualization", base->virtualization, now->virtualization);
    differ(c, "frequency governor", base->governor, now->governor);
    differ(c, "turbo", base->turbo, now->turbo);
}

static void note(struct ps_comparison *c, const char *what, const char *base, const char *now)
{
    if (!ps_text_same(base, now))
        add(c->arena, &c->notes, &c->note_count,
            ps_arena_format(c->arena, "The %s was %s, then %s.", what, base ? base : "not known",
                            now ? now : "not known"));
}

void hosts_compare(const struct ps_result *base, const struct ps_result *now,
                   struct ps_comparison *c)
{
    compare_machines(&base->host, &now->host, c);
    note(c, "kernel", base->host.kernel, now->host.kernel);
    note(c, "version of parscope", base->version, now->version);
}
