#include <errno.h>
#include <string.h>

#include "outputs.h"
#include "overhead.h"
#include "process.h"
#include "progress.h"

struct overhead_values {
    uint64_t threads, runs, seed;
    const char *cpus;
    double max_time;
    struct ps_output_values output;
    bool quiet;
};

#define FIELD(name) offsetof(struct overhead_values, name)

static const struct overhead_values defaults = {.threads = 2, .seed = 1, .max_time = 10};

static const struct ps_option where_rows[] = {
    {"threads", 't', PS_OPTION_COUNT, "N",
     "number of threads or processes in regions and barriers (default: 2)", FIELD(threads), 1,
     1024},
    {"cpus", 0, PS_OPTION_TEXT, "CPUS",
     "the CPUs to use, in this order, as in 0,2-5; parts with two threads use the first two "
     "(default: one CPU per core before any second one)",
     FIELD(cpus)},
    {NULL},
};

static const struct ps_option length_rows[] = {
    {"runs", 'r', PS_OPTION_COUNT, "N", "measure exactly N rounds, however long they take",
     FIELD(runs), 1, 100000},
    {"max-time", 0, PS_OPTION_TIME, "TIME",
     "stop after this time, but complete at least one round (default: 10s)", FIELD(max_time),
     .low = 1e-3, .high = 24 * 7 * 3600.0},
    {"seed", 0, PS_OPTION_COUNT, "N",
     "seed of the order in which parts are measured and of the intervals (default: 1)", FIELD(seed),
     0, INT64_MAX},
    {NULL},
};

static const struct ps_option progress_rows[] = {
    {"quiet", 'q', PS_OPTION_FLAG, NULL, "no progress line", FIELD(quiet)},
    {NULL},
};

static const struct ps_option_group where_group = {"Where", where_rows};
static const struct ps_option_group length_group = {"How long", length_rows};
static const struct ps_option_group output_group = {"Output", ps_output_rows, FIELD(output)};
static const struct ps_option_group progress_group = {"Output", progress_rows};
static const struct ps_option_group colour_group = {"Output", ps_colour_rows, FIELD(output)};
static const struct ps_option_group *const options[] = {
    &where_group,  &length_group,  &output_group, &progress_group,
    &colour_group, &ps_help_group, NULL,
};

static bool renders(const struct ps_format *f)
{
    return f->render_overhead;
}

static int choose_formats(struct ps_outputs *o, const struct overhead_values *v, struct ps_cli *cli)
{
    int err = ps_outputs_choose(o, &v->output, &cli->arena, &cli->error);

    if (err < 0)
        return err;
    return ps_outputs_check(o, renders, "overheads", &cli->error);
}

static int build_request(const struct overhead_values *v, const struct ps_parsed *parsed,
                         struct ps_cli *cli, struct ps_overhead_request *q)
{
    struct ps_topology *t;
    int *cpus = NULL, err;

    *q = (struct ps_overhead_request){
        .threads = (unsigned)v->threads,
        .runs = v->runs,
        .max_time = v->max_time,
        .seed = v->seed,
        .parts = parsed->operands,
        .part_count = parsed->operand_count,
    };
    err = ps_overhead_check(q, &cli->error);
    if (!err)
        err = ps_topology_load(&cli->arena, &t, &cli->error);
    if (!err)
        err = ps_topology_must_be_real(t, &cli->error);
    if (err < 0)
        return err;
    q->topology = t;
    if (v->cpus)
        err = ps_cpu_list_parse(t, v->cpus, &cli->arena, &cpus, &q->cpu_count, &cli->error);
    q->cpus = cpus;
    return err;
}

static void show_progress(void *arg, const char *part, size_t round, double remaining)
{
    const struct ps_progress p = {
        .what = part, .estimate = "", .round = round, .remaining = remaining};

    ps_progress_show(arg, &p);
}

static int judge(const struct ps_overhead *r, struct ps_cli *cli)
{
    for (size_t i = 0; i < r->row_count; i++)
        if (r->rows[i].sample_count)
            return PS_EXIT_DONE;
    if (r->ended_by != PS_END_NOTHING_LEFT)
        return PS_EXIT_DONE;
    ps_fail(&cli->error, ENOTSUP, "none of this can be measured here: %s", r->rows[0].reason);
    return PS_EXIT_UNSUPPORTED;
}

static int measure(struct ps_cli *cli, const struct ps_overhead_request *q,
                   const struct overhead_values *v, struct ps_outputs *outputs)
{
    struct ps_report_style style = {.colour = ps_colour_wanted(v->output.colour)};
    struct ps_progress_line line = {.shown = !v->quiet && ps_progress_possible()};
    struct ps_overhead_hooks hooks = {
        .interrupted = ps_process_catch_interrupts(),
        .progress = line.shown ? show_progress : NULL,
        .progress_arg = &line,
    };
    struct ps_overhead *result;
    int status, measured;

    if (ps_outputs_open(outputs, &cli->error) < 0)
        return PS_EXIT_USAGE;
    measured = ps_overhead_measure(q, &hooks, &cli->arena, &result, &cli->error);
    ps_progress_wipe(&line);
    if (measured < 0 && measured != -EINTR)
        return PS_EXIT_FAILED;
    status = ps_outputs_write(outputs, cli, ps_render_overhead, result, &style);
    if (measured == 0)
        return status == PS_EXIT_DONE ? judge(result, cli) : status;
    return ps_cli_interrupted(cli);
}

static int run(struct ps_cli *cli, const void *values, const struct ps_parsed *parsed)
{
    const struct overhead_values *v = values;
    struct ps_overhead_request request;
    struct ps_outputs outputs;
    int status, err = choose_formats(&outputs, v, cli);

    if (!err)
        err = build_request(v, parsed, cli, &request);
    if (err < 0)
        return ps_exit_of(err);
    status = measure(cli, &request, v, &outputs);
    ps_outputs_abandon(&outputs);
    return status;
}

static const char *const usage[] = {"[options] [PART]...", NULL};

const struct ps_command ps_command_overhead = {
    .name = "overhead",
    .summary = "measure what each part of running in parallel costs here",
    .usage = usage,
    .details = "Times threads, hand-overs, wake-ups, regions, barriers, tasks and processes, each "
               "minus a reference that does the same without them. Each sample is taken in a "
               "process of its own, one after the other, in rounds of shuffled order; values are "
               "medians over the rounds, with 95 % intervals. If none of the parts can be "
               "measured, the exit status is 77.\n"
               "\n"
               "Examples: parscope overhead\n"
               "          parscope overhead -t 4 region-pool region-steal barrier-spin\n"
               "          parscope overhead --max-time 1min -o overhead.json",
    .options = options,
    .values_size = sizeof(struct overhead_values),
    .defaults = &defaults,
    .run = run,
};
