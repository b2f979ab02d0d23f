#include <math.h>
#include <string.h>

#include "sample_kit.h"

void sample_grains(struct ps_result *r)
{
    static const struct ps_result_threshold open = {PS_RESULT_THRESHOLD_OPEN, NAN, 0, INFINITY};
    static const struct ps_result_threshold longer = {"size does not change the length of tasks",
                                                      NAN, NAN, NAN};
    static const struct ps_result_threshold metg = {PS_RESULT_THRESHOLD_OK, 12.3e-6, 11e-6,
                                                    14.1e-6};
    static const struct ps_grain by_size = {
        .workload = "reduce",
        .workload_label = "reduce",
        .strategy_label = "pool",
        .placement = "spread",
        .threads = 2,
        .parameter = "size",
        .unit = "count",
        .smallest = 10,
        .largest = 10e6,
        .crossover = {PS_RESULT_THRESHOLD_OK, 640, 595, 737},
        .crossover_idle = {PS_RESULT_THRESHOLD_OK, 98.5e3, 0, 184e3},
        .metg = {"size does not change the length of tasks", NAN, NAN, NAN},
    };
    struct ps_grain *g = ps_arena_array(r->arena, 6, sizeof *g);

    for (size_t i = 0; i < 4; i++)
        g[i] = by_size;
    g[1].strategy_label = "spawn";
    g[1].crossover = (struct ps_result_threshold){PS_RESULT_THRESHOLD_ABOVE, NAN, 4e6, INFINITY};
    g[1].crossover_idle =
        (struct ps_result_threshold){PS_RESULT_THRESHOLD_ABOVE, NAN, 10e6, INFINITY};
    g[2].workload_label = "reduce:work=64";
    g[2].threads = 4;
    g[2].crossover = (struct ps_result_threshold){PS_RESULT_THRESHOLD_BELOW, NAN, 0, 10};
    g[2].crossover_idle = (struct ps_result_threshold){PS_RESULT_THRESHOLD_OK, 6e6, 2e6, INFINITY};
    g[3].workload_label = "reduce:work=64";
    g[3].strategy_label = "spawn";
    g[3].crossover = open;
    g[3].crossover_idle = (struct ps_result_threshold){PS_RESULT_THRESHOLD_BELOW, NAN, NAN, NAN};
    g[3].metg = longer;
    g[4] = g[5] = by_size;
    g[4].workload = g[4].workload_label = g[5].workload = g[5].workload_label = "op";
    g[4].parameter = g[5].parameter = "time";
    g[4].unit = g[5].unit = "s";
    g[4].smallest = g[5].smallest = 100e-9;
    g[4].largest = g[5].largest = 1e-3;
    g[4].crossover = g[4].crossover_idle = g[4].metg = metg;
    g[5].strategy_label = "handoff";
    g[5].threads = 1;
    g[5].crossover = g[5].crossover_idle =
        (struct ps_result_threshold){PS_RESULT_THRESHOLD_ABOVE, NAN, NAN, NAN};
    g[5].metg = (struct ps_result_threshold){PS_RESULT_THRESHOLD_ABOVE, NAN, 1e-3, INFINITY};
    r->grains = g;
    r->grain_count = 6;
}
