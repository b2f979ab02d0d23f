#include "cost.h"

#include <math.h>
#include <stdlib.h>

#include "group.h"
#include "group_open.h"
#include "ticks.h"

bool ps_counters_seen_rotating(const struct ps_counters *c)
{
    struct ps_counter_group *g;
    bool rotating = false;

    if (c->set_count < 2 || ps_group_create(c, &g) < 0)
        return false;
    ps_group_begin(g);
    ps_group_end(g);
    for (size_t i = 0; i < c->open_count; i++)
        rotating |= g->sums.running_ns[c->order[i]] < g->sums.enabled_ns[c->order[i]];
    ps_group_destroy(g);
    return rotating;
}

static int compare_ns(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static double median_read(struct ps_counter_group *g)
{
    enum { WARM_UP = 5, PAIRS = 41 };
    uint64_t ns[PAIRS];

    for (int i = -WARM_UP; i < PAIRS; i++) {
        uint64_t start = ps_now_ns();

        ps_group_begin(g);
        ps_group_end(g);
        ns[i < 0 ? 0 : i] = ps_now_ns() - start;
    }
    qsort(ns, PAIRS, sizeof ns[0], compare_ns);
    return (double)ns[PAIRS / 2] / 2 * 1e-9;
}

/* The first opening, which is also what a worker's first interval does. */
static int measure(struct ps_counter_group *g, struct ps_counter_costs *costs)
{
    uint64_t begun = ps_now_ns(), opened;

    group_open(g);
    opened = ps_now_ns();
    if (group_start(g) < 0)
        return ps_group_error(g);
    costs->open = (double)(opened - begun) * 1e-9;
    costs->enable = (double)(ps_now_ns() - opened) * 1e-9;
    costs->read = median_read(g);
    for (size_t i = 0; i < PS_MAX_EVENTS; i++)
        costs->user_reads |= g->pages[i] != NULL;
    return ps_group_error(g);
}

void ps_counters_measure(const struct ps_counters *c, struct ps_counter_costs *costs)
{
    const struct ps_counter_costs none = {.open = NAN, .enable = NAN, .read = NAN};
    struct ps_counter_group *g;

    *costs = none;
    if (c->open_count == 0 || ps_group_create(c, &g) < 0)
        return;
    costs->sets = c->set_count;
    if (measure(g, costs) < 0)
        *costs = none;
    ps_group_destroy(g);
}

double ps_counters_read_cost(const struct ps_counters *c)
{
    struct ps_counter_costs costs;

    ps_counters_measure(c, &costs);
    return costs.read;
}
