#include "measuring.h"

static const struct ps_option rows[] = {
    {"strategy", 's', PS_OPTION_TEXT, "LIST",
     "strategies to compare, NAME[:key=value]..., separated by commas (default: steal)",
     offsetof(struct ps_measure_values, strategies)},
    {"threads", 't', PS_OPTION_TEXT, "LIST",
     "thread counts: 2, 1,2,4, 1..8, 1..64..x2, pow2, cores, cpus (default: powers of two up to the CPUs, and the CPUs)",
     offsetof(struct ps_measure_values, threads)},
    {"vary", 0, PS_OPTION_TEXTS, "KEY=RANGE",
     "vary this parameter of the workloads or strategies, as in size=10..10M..x10; may be repeated; "
     "--threads is then cores unless given",
     offsetof(struct ps_measure_values, vary)},
    {"duration", 0, PS_OPTION_TEXT, "TIME",
     "have workloads that can be timed, such as mlp, do what they can in this time; auto: in what doing everything once takes sequentially",
     offsetof(struct ps_measure_values, duration)},
    {NULL},
};
static const struct ps_option_group group = {"What is measured", rows};
static const struct ps_option_group *const options[] = {
    &group,
    &ps_measure_where_group,
    &ps_measure_plugin_group,
    &ps_measure_event_group,
    &ps_measure_program_group,
    &ps_measure_length_group,
    &ps_measure_check_group,
    &ps_measure_output_group,
    &ps_help_group,
    NULL,
};

static int run(struct ps_cli *cli, const void *values, const struct ps_parsed *parsed)
{
    return ps_measure_command(cli, PS_PLAN_SWEEP, values, parsed);
}

static const char *const usage[] = {"[options] WORKLOAD...", "[options] -- COMMAND [ARGUMENT]...",
                                    "[options] -c COMMAND...", NULL};

const struct ps_command ps_command_sweep = {
    .name = "sweep",
    .summary = "measure how workloads or programs scale with threads",
    .usage = usage,
    .details =
        "A WORKLOAD is NAME[:key=value]..., and commas separate several. A value may stand for several: "
        "1..8, 1..64..x2, 0..100..+10 or 1+2+4. The sequential strategy and one thread are "
        "always measured too. The speedups over the thread counts give the serial fraction "
        "by Amdahl's law and the fewest threads that do.\n"
        "\n"
        "--vary KEY=RANGE varies a parameter and tells from which value on parallel is faster than "
        "sequential, hot and after 1 ms of idleness, and the smallest grain at which at least "
        "half of the threads' time is work (METG).\n"
        "\n"
        "A program is told each count by {threads} in its arguments and by OMP_NUM_THREADS and its "
        "like, and is restricted to as many CPUs. Its reference is the one-thread point.\n"
        "\n"
        "Examples: parscope sweep tree:cutoff=6 --threads 1..cores -o tree.json\n"
        "          parscope sweep reduce --vary size=10..10M..x10 -s spawn,pool --threads 2\n"
        "          parscope sweep --threads 1,2 -- xz -1 -k -c -T{threads} FILE",
    .options = options,
    .values_size = sizeof(struct ps_measure_values),
    .defaults = &ps_measure_defaults,
    .run = run,
};
