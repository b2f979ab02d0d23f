#include <errno.h>

#include "measuring.h"

static const struct ps_option rows[] = {
    PS_MEASURE_STRATEGY(
        "strategies to compare, NAME[:key=value]..., separated by commas (default: "
        "sequential,spawn,pool,steal, where they can run the workload); for programs "
        "env:key=value..., settings from outside: see 'parscope list env'"),
    PS_MEASURE_THREADS("cores; for programs cpus"),
    PS_MEASURE_PASSIVE,
    {"try-all", 0, PS_OPTION_FLAG, NULL,
     "for one program: look at it first, compare all settings from outside that may help it, and "
     "name the best",
     offsetof(struct ps_measure_values, try_all)},
    {NULL},
};
static const struct ps_option_group group = {PS_MEASURE_TITLE, rows};
static const struct ps_option_group *const options[] = {&group, PS_MEASURE_SCALING_GROUPS};

/* What leaves --try-all nothing to do; NULL: nothing does. */
static const char *not_tried(const struct ps_measure_values *v, const struct ps_parsed *parsed)
{
    if (v->passive)
        return "compares passive waits itself where they may help, so --passive can't be given too";
    if (v->strategies)
        return "chooses strategies itself, so -s can't be given too";
    if (parsed->dashes + v->commands.count != 1)
        return "needs one program, as in '--try-all -- COMMAND'";
    return v->dry_run ? "has to run the program first, so -n has nothing to show" : NULL;
}

static int run(struct ps_cli *cli, const void *values, const struct ps_parsed *parsed)
{
    const struct ps_measure_values *v = values;
    const char *why = v->try_all ? not_tried(v, parsed) : NULL;

    if (why) {
        ps_fail(&cli->error, EINVAL, "--try-all %s", why);
        return PS_EXIT_USAGE;
    }
    return ps_measure_command(cli, PS_PLAN_RUN, v, parsed);
}

const struct ps_command ps_command_run = {
    .name = "run",
    .summary = "measure workloads under several strategies, or programs",
    .usage = ps_measure_usage,
    .details = "A WORKLOAD is NAME[:key=value]..., and commas separate several. A value may stand "
               "for several: 1..8, 1..64..x2, 0..100..+10 or 1+2+4. The sequential strategy is "
               "always measured too: it is the reference of every speedup.\n"
               "\n"
               "A program is measured as it is, on all CPUs, unless --threads, --cpus, "
               "--placement or {threads} in its arguments ask for a number of threads; then it is "
               "restricted to as many CPUs, and OMP_NUM_THREADS and similar variables are set.\n"
               "\n"
               "Examples: parscope run reduce:size=10M -s pool,steal --threads 2\n"
               "          parscope run -s env:pin=spread,env:wait=passive -- ./simulate\n"
               "          parscope run --try-all -- ./simulate\n"
               "          parscope run -c 'gzip -k -f big' -c 'zstd -f big'",
    .options = options,
    .values_size = sizeof(struct ps_measure_values),
    .defaults = &ps_measure_defaults,
    .run = run,
};
