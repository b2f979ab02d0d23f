#include "measuring.h"

static const struct ps_option rows[] = {
    {"strategy", 's', PS_OPTION_TEXT, "LIST",
     "strategies to compare, NAME[:key=value]..., separated by commas (default: sequential,spawn,pool,steal, where they can run the workload)",
     offsetof(struct ps_measure_values, strategies)},
    {"threads", 't', PS_OPTION_TEXT, "LIST",
     "thread counts: 2, 1,2,4, 1..8, 1..64..x2, pow2, cores, cpus (default: cores)",
     offsetof(struct ps_measure_values, threads)},
    {NULL},
};
static const struct ps_option_group group = {"What is measured", rows};
static const struct ps_option_group *const options[] = {
    &group,
    &ps_measure_where_group,
    &ps_measure_length_group,
    &ps_measure_output_group,
    &ps_help_group,
    NULL,
};

static int run(struct ps_cli *cli, const void *values, const struct ps_parsed *parsed)
{
    return ps_measure_command(cli, "run", values, parsed);
}

static const char *const usage[] = {"[options] WORKLOAD...", NULL};

const struct ps_command ps_command_run = {
    .name = "run",
    .summary = "measure workloads under several strategies",
    .usage = usage,
    .details =
        "A WORKLOAD is NAME[:key=value]..., and commas separate several. A value may stand for several: "
        "1..8, 1..64..x2, 0..100..+10 or 1+2+4. The sequential strategy is always measured "
        "too: it is the reference of every speedup.\n"
        "\n"
        "Example: parscope run reduce:size=10M -s pool,steal --threads 2",
    .options = options,
    .values_size = sizeof(struct ps_measure_values),
    .defaults = &ps_measure_defaults,
    .run = run,
};
