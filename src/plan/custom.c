#include "custom.h"

#include <errno.h>
#include <string.h>

size_t custom_count(const struct parscope_workload *w)
{
    size_t count = 0;

    while (w->custom && count < PARSCOPE_CUSTOM && w->custom[count].name)
        count++;
    return count;
}

size_t custom_index(const struct parscope_workload *w, const char *name)
{
    size_t i = 0, count = custom_count(w);

    while (i < count && strcmp(w->custom[i].name, name))
        i++;
    return i;
}

static bool measures(const struct parscope_workload *w, const char *name)
{
    return custom_index(w, name) < custom_count(w);
}

static void add_infos(const struct parscope_workload *w, struct ps_metric_info **infos,
                      size_t *count, struct ps_arena *a)
{
    for (size_t i = 0; i < custom_count(w); i++) {
        const struct parscope_custom *custom = &w->custom[i];

        *infos = ps_arena_grow(a, *infos, *count, sizeof **infos);
        (*infos)[(*count)++] =
            (struct ps_metric_info){custom->name, custom->unit, custom->name, custom->help};
    }
}

const struct ps_metric_info *custom_infos(const struct ps_plan *p, struct ps_arena *a)
{
    const struct ps_catalog *c = p->request->catalog;
    struct ps_metric_info *infos = NULL;
    size_t count = 0;

    for (size_t i = 0; i < p->workload_count; i++)
        add_infos(p->workloads[i].ops, &infos, &count, a);
    for (size_t i = 0; c && i < c->workload_count; i++)
        add_infos(c->workloads[i].ops, &infos, &count, a);
    infos = ps_arena_grow(a, infos, count, sizeof *infos);
    infos[count] = (struct ps_metric_info){NULL, NULL, NULL, NULL};
    return infos;
}

int custom_check(const struct ps_plan *p, const struct ps_check_spec *c, struct ps_err *e)
{
    const struct ps_catalog *catalog = p->request->catalog;

    for (size_t i = 0; i < p->workload_count; i++)
        if (measures(p->workloads[i].ops, c->metric))
            return 0;
    for (size_t i = 0; i < p->event_count; i++)
        if (!strcmp(p->events[i], c->metric))
            return 0;
    for (size_t i = 0; catalog && i < catalog->workload_count; i++)
        if (measures(catalog->workloads[i].ops, c->metric))
            return ps_fail(e, EINVAL, "--check '%s': none of these workloads measures %s: %s does",
                           c->text, c->metric, catalog->workloads[i].ops->name);
    return 0;
}

int custom_events(const struct ps_plan *p, struct ps_err *e)
{
    for (size_t i = 0; i < p->workload_count; i++)
        for (size_t k = 0; k < p->event_count; k++)
            if (measures(p->workloads[i].ops, p->events[k]))
                return ps_fail(e, EINVAL, "-e %s: %s has a metric of its own with this name",
                               p->events[k], p->workloads[i].bound->name);
    return 0;
}
