#include <errno.h>

#include "measuring.h"
#include "sweep_ranks.h"

static const struct ps_option rows[] = {
    PS_MEASURE_STRATEGY(
        "strategies to compare, NAME[:key=value]..., separated by commas (default: steal); for "
        "programs env:key=value..., settings from outside: see 'parscope list env'"),
    PS_MEASURE_THREADS("powers of two up to the number of CPUs, and that number"),
    PS_MEASURE_PASSIVE,
    {"vary", 0, PS_OPTION_TEXTS, "KEY=RANGE",
     "vary this parameter of the workloads or strategies, or replace {KEY} in a program's "
     "arguments, as in size=10..10M..x10; may be repeated; --threads then defaults to cores, and "
     "programs choose their own threads",
     offsetof(struct ps_measure_values, vary)},
    {"vary-file", 0, PS_OPTION_TEXT, "FILE",
     "for programs: read the values of {NAME} from FILE, a line of names and then a line of values "
     "for each point, separated by commas",
     offsetof(struct ps_measure_values, vary_file)},
    {"adaptive", 0, PS_OPTION_FLAG, NULL,
     "choose the thread counts from short sweeps, more of them where the speedup levels off; among "
     "--threads, if given",
     offsetof(struct ps_measure_values, adaptive)},
    {"weak", 0, PS_OPTION_FLAG, NULL,
     "weak scaling: N threads do N times the work; programs get its size from {size} in their "
     "arguments",
     offsetof(struct ps_measure_values, weak)},
    {"size", 0, PS_OPTION_COUNT, "N",
     "with --weak: the value of {size} for one thread (default: 1)",
     offsetof(struct ps_measure_values, size), 1, UINT32_MAX},
    {"ranks", 0, PS_OPTION_TEXT, "LIST",
     "numbers of ranks of an MPI program, as in 1,2,4 or 1..64..x2, for {ranks} in the arguments "
     "of its launcher, which runs "
     "'parscope rank -- PROGRAM'",
     offsetof(struct ps_measure_values, ranks)},
    {"slurm", 0, PS_OPTION_FLAG, NULL,
     "with --ranks: measure nothing, and print a batch script for Slurm that does",
     offsetof(struct ps_measure_values, slurm)},
    {"want-efficiency", 0, PS_OPTION_REAL, "REAL",
     "say how many threads keep this efficiency, as in 0.8 or 80%",
     offsetof(struct ps_measure_values, want_efficiency), .low = 1e-3, .high = 10},
    {"predict", 0, PS_OPTION_TEXT, "LIST",
     "predict the speedup with these numbers of CPUs, as in 16,32, if the measured points allow it",
     offsetof(struct ps_measure_values, predict)},
    {NULL},
};
static const struct ps_option_group group = {PS_MEASURE_TITLE, rows};
static const struct ps_option_group *const options[] = {&group, PS_MEASURE_SCALING_GROUPS};

static int run(struct ps_cli *cli, const void *values, const struct ps_parsed *parsed)
{
    const struct ps_measure_values *v = values;

    if (v->adaptive && (v->vary.count || v->vary_file)) {
        ps_fail(&cli->error, EINVAL, "--adaptive and %s exclude each other",
                v->vary_file ? "--vary-file" : "--vary");
        return PS_EXIT_USAGE;
    }
    if (!v->weak && v->size != ps_measure_defaults.size) {
        ps_fail(&cli->error, EINVAL, "--size needs --weak");
        return PS_EXIT_USAGE;
    }
    if (v->slurm && !v->ranks) {
        ps_fail(&cli->error, EINVAL, "--slurm is for --ranks");
        return PS_EXIT_USAGE;
    }
    return v->ranks ? ps_sweep_ranks(cli, v, parsed)
                    : ps_measure_command(cli, PS_PLAN_SWEEP, v, parsed);
}

const struct ps_command ps_command_sweep = {
    .name = "sweep",
    .summary = "measure how workloads or programs scale with threads",
    .usage = ps_measure_usage,
    .details =
        "A WORKLOAD is NAME[:key=value]..., and commas separate several. A value may stand for "
        "several: 1..8, 1..64..x2, 0..100..+10 or 1+2+4. The sequential strategy and one thread "
        "are always measured too. The speedups over the thread counts give the serial fraction "
        "by Amdahl's law and the fewest threads whose throughput is within 5 % of the best.\n"
        "\n"
        "--vary KEY=RANGE varies a parameter and shows from which value on parallel is faster "
        "than sequential, run back to back and after 1 ms of idleness, and the smallest grain at "
        "which at least "
        "half of the threads' time is work (METG).\n"
        "\n"
        "--weak lets the work grow with the threads: the scaled speedup is N times the time of one "
        "thread over that of N threads, and Gustafson's law takes the place of Amdahl's.\n"
        "\n"
        "A program gets each count from {threads} in its arguments and from OMP_NUM_THREADS and "
        "similar variables, and is restricted to as many CPUs. Its reference is the one-thread "
        "point.\n"
        "\n"
        "--ranks launches an MPI program with each number of ranks and shows the POP "
        "efficiencies.\n"
        "\n"
        "Examples: parscope sweep tree:cutoff=6 --threads 1..cores -o tree.json\n"
        "          parscope sweep reduce --vary size=10..10M..x10 -s spawn,pool --threads 2\n"
        "          parscope sweep --threads 1,2 -- xz -1 -k -c -T{threads} FILE\n"
        "          parscope sweep --ranks 1,2 -- mpirun -n {ranks} parscope rank -- ./app",
    .options = options,
    .values_size = sizeof(struct ps_measure_values),
    .defaults = &ps_measure_defaults,
    .run = run,
};
