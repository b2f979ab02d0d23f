#include <errno.h>
#include <limits.h>

#include "measuring.h"

struct attach_values {
    uint64_t pid;
    double duration;
    const char *flame, *timeline;
    struct ps_output_values output;
    bool quiet;
};

#define FIELD(name) offsetof(struct attach_values, name)

static const struct attach_values defaults = {.duration = 10};

static const struct ps_option process_rows[] = {
    {"pid", 'p', PS_OPTION_COUNT, "PID", "the process to observe", FIELD(pid), 1, INT_MAX},
    {"duration", 0, PS_OPTION_TIME, "TIME",
     "how long to observe it, unless it ends earlier (default: 10s)", FIELD(duration), .low = 10e-3,
     .high = 24 * 3600.0},
    {NULL},
};

static const struct ps_option export_rows[] = {
    {"flame", 0, PS_OPTION_TEXT, "FILE",
     "write its stacks to FILE, in the format of flame graph tools", FIELD(flame)},
    {"timeline", 0, PS_OPTION_TEXT, "FILE",
     "write to FILE when its threads ran and waited, in the format of Perfetto and chrome://tracing",
     FIELD(timeline)},
    {NULL},
};

static const struct ps_option quiet_rows[] = {
    {"quiet", 'q', PS_OPTION_FLAG, NULL, "no notes on standard error", FIELD(quiet)},
    {NULL},
};

static const struct ps_option_group process_group = {PS_MEASURE_TITLE, process_rows};
static const struct ps_option_group output_group = {"Output", ps_output_rows, FIELD(output)};
static const struct ps_option_group export_group = {"Output", export_rows};
static const struct ps_option_group verbose_group = {"Output", ps_verbose_rows, FIELD(output)};
static const struct ps_option_group quiet_group = {"Output", quiet_rows};
static const struct ps_option_group colour_group = {"Output", ps_colour_rows, FIELD(output)};
static const struct ps_option_group *const options[] = {
    &process_group, &output_group, &export_group,  &verbose_group,
    &quiet_group,   &colour_group, &ps_help_group, NULL,
};

static int run(struct ps_cli *cli, const void *values, const struct ps_parsed *parsed)
{
    static const char *no_events[] = {"none"};
    const struct attach_values *v = values;
    const struct ps_parsed process = {.dashes = true};
    struct ps_measure_values m = ps_measure_defaults;

    if (ps_operands_at_most(parsed, 0, &cli->error) < 0)
        return PS_EXIT_USAGE;
    if (!v->pid)
        return ps_exit_of(
            ps_fail(&cli->error, EINVAL, "no process given: name one, as in -p 1234"));
    m.attach = (int)v->pid;
    m.attach_time = v->duration;
    m.runs = 1;
    m.warmup = 0;
    m.events = (struct ps_texts){no_events, 1};
    m.flame = v->flame;
    m.timeline = v->timeline;
    m.output = v->output;
    m.quiet = v->quiet;
    return ps_measure_command(cli, PS_PLAN_RUN, &m, &process);
}

static const char *const usage[] = {"[options] -p PID", NULL};

const struct ps_command ps_command_attach = {
    .name = "attach",
    .summary = "observe a program that is already running",
    .usage = usage,
    .details = "Observes all threads of the process for a while, including those that it starts "
               "meanwhile: which functions they are in, when they have a CPU, and what they wait "
               "for. The process runs on undisturbed. There is nothing to compare it with, so no "
               "speedup is shown.\n"
               "\n"
               "Example: parscope attach -p 1234 --duration 10s --timeline trace.json",
    .options = options,
    .values_size = sizeof(struct attach_values),
    .defaults = &defaults,
    .run = run,
};
