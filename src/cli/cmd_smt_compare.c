#include "measuring.h"

static const struct ps_option rows[] = {
    PS_MEASURE_STRATEGY(
        "strategies, NAME[:key=value]..., separated by commas (default: steal); for programs "
        "env:key=value..., settings from outside: see 'parscope list env'"),
    {"cores", 0, PS_OPTION_COUNT, "N", "use this many cores (default: all that have two CPUs)",
     offsetof(struct ps_measure_values, cores), 1, 65536},
    {"pair", 0, PS_OPTION_TEXTS, "A,B",
     "treat the CPUs A and B as hardware threads of one core, whatever the machine reports; may "
     "be repeated",
     offsetof(struct ps_measure_values, pairs)},
    {"copies", 0, PS_OPTION_FLAG, NULL,
     "for single-threaded programs: compare one copy per core with one per hardware thread",
     offsetof(struct ps_measure_values, copies)},
    {NULL},
};
static const struct ps_option_group group = {PS_MEASURE_TITLE, rows};
static const struct ps_option_group *const options[] = {&group, PS_MEASURE_GROUPS};

static int run(struct ps_cli *cli, const void *values, const struct ps_parsed *parsed)
{
    return ps_measure_command(cli, PS_PLAN_SMT_COMPARE, values, parsed);
}

const struct ps_command ps_command_smt_compare = {
    .name = "smt-compare",
    .summary = "measure what the second hardware thread of a core gains",
    .usage = ps_measure_usage,
    .details = "Measures the same work three ways: N threads on N cores, N threads packed two to "
               "a core, and 2N threads on N cores. The SMT effect is the throughput of the last "
               "over that of the first.\n"
               "\n"
               "If no core has two CPUs that may be used, the exit status is 77.\n"
               "\n"
               "Examples: parscope smt-compare counter:ilp=1+8,chase,stream\n"
               "          parscope smt-compare --copies -- ./simulate --seed 1",
    .options = options,
    .values_size = sizeof(struct ps_measure_values),
    .defaults = &ps_measure_defaults,
    .run = run,
};
