#include "cli.h"
#include "measure_options.h"

#define FIELD(name) offsetof(struct ps_measure_values, name)
#define HOUR        3600.0

const struct ps_measure_values ps_measure_defaults = {
    .warmup = 1,
    .seed = 1,
    .precision = 0.01,
    .max_time = 30,
    .size = 1,
};

const char *const ps_measure_usage[] = {
    "[options] WORKLOAD...", "[options] -- COMMAND [ARGUMENT]...", "[options] -c COMMAND...", NULL};

static const struct ps_option duration_rows[] = {
    {"duration", 0, PS_OPTION_TEXT, "TIME",
     "run workloads that can be timed, such as mlp, for this long instead of until everything is "
     "done once; auto: for as long as that takes sequentially",
     FIELD(duration)},
    {NULL},
};

static const struct ps_option where_rows[] = {
    {"placement", 'p', PS_OPTION_TEXT, "LIST",
     "where threads are put: spread (one per core before any second one), compact (fill a core's "
     "CPUs first) or none (not pinned); default: spread",
     FIELD(placement)},
    {"cpus", 0, PS_OPTION_TEXT, "CPUS",
     "the CPUs to use, in this order, as in 0,2-5; takes the place of --placement", FIELD(cpus)},
    {NULL},
};

static const struct ps_option plugin_rows[] = {
    {"plugin", 0, PS_OPTION_TEXTS, "FILE",
     "load workloads and strategies from this shared object, see parscope-plugin(3); may be "
     "repeated",
     FIELD(plugins)},
    {NULL},
};

static const struct ps_option event_rows[] = {
    {"event", 'e', PS_OPTION_TEXTS, "EVENT",
     "also count this event, by its libpfm4 name, or several events at the same time: '{A,B}'; may "
     "be repeated; none counts nothing",
     FIELD(events)},
    {"user", 'u', PS_OPTION_FLAG, NULL, "count hardware events in user space only", FIELD(user)},
    {"kernel", 'k', PS_OPTION_FLAG, NULL,
     "count hardware events in the kernel only (with --user: in both, the default)", FIELD(kernel)},
    {NULL},
};

static const struct ps_option program_rows[] = {
    {"command", 'c', PS_OPTION_TEXTS, "COMMAND",
     "measure this program, split into words as a shell does; may be repeated; {threads} and "
     "{cpus} "
     "in it are replaced",
     FIELD(commands)},
    {"shell", 'S', PS_OPTION_TEXT, "SHELL",
     "run the texts of -c, --prepare and --cleanup with SHELL -c, as in --shell sh; starting the "
     "shell is measured too",
     FIELD(shell)},
    {"no-shell", 'N', PS_OPTION_FLAG, NULL, "use no shell, which is the default", FIELD(no_shell)},
    {"prepare", 0, PS_OPTION_TEXT, "COMMAND", "run this before each execution, not timed",
     FIELD(prepare)},
    {"cleanup", 0, PS_OPTION_TEXT, "COMMAND",
     "run this once for each point, after its last execution", FIELD(cleanup)},
    {"ignore-failure", 'i', PS_OPTION_FLAG, NULL,
     "go on when the program fails, and count its failed executions like the others",
     FIELD(ignore_failure)},
    {"timeout", 0, PS_OPTION_TIME, "TIME",
     "kill an execution that takes longer, which is an error (default: none)", FIELD(timeout),
     .low = 1e-3, .high = 24 * 7 * HOUR},
    {"input", 0, PS_OPTION_TEXT, "FILE",
     "what each execution reads from its standard input: a file, or null for empty input (default)",
     FIELD(input)},
    {"child-output", 0, PS_OPTION_TEXT, "WHERE",
     "where the program's output goes: null, inherit (parscope's own output) or a file; default: "
     "null, which shows the end of its standard error if it fails",
     FIELD(child_output)},
    {NULL},
};

static const struct ps_option diagnosis_rows[] = {
    {"diagnose", 0, PS_OPTION_FLAG, NULL,
     "after the rounds, run each program again and observe it: which functions, waits and serial "
     "parts cost the speedup",
     FIELD(diagnose)},
    {"no-diagnose", 0, PS_OPTION_FLAG, NULL,
     "don't observe; by default a sweep does if an efficiency is below 90 % and time is left",
     FIELD(no_diagnose)},
    {"flame", 0, PS_OPTION_TEXT, "FILE",
     "write the stacks of observed executions to FILE, in the format of flame graph tools; implies "
     "--diagnose",
     FIELD(flame)},
    {"timeline", 0, PS_OPTION_TEXT, "FILE",
     "write to FILE when threads ran and waited, in the format of Perfetto and chrome://tracing; "
     "implies --diagnose",
     FIELD(timeline)},
    {NULL},
};

static const struct ps_option check_rows[] = {
    {"check", 0, PS_OPTION_TEXTS, "CHECK",
     "judge METRIC[selector] OP VALUE by its interval, as in 'speedup[threads=2] >= 1.8'; may be "
     "repeated",
     FIELD(checks)},
    {"on-inconclusive", 0, PS_OPTION_CHOICE, "WHAT",
     "what a check that can't be decided counts as: tell (exit status 4), pass or fail; default: "
     "tell",
     FIELD(on_inconclusive), .choices = ps_on_inconclusive_names},
    {NULL},
};

static const struct ps_option length_rows[] = {
    {"runs", 'r', PS_OPTION_COUNT, "N",
     "measure exactly N rounds, even if the intervals are still wide", FIELD(runs), 1, 1000000},
    {"warmup", 'w', PS_OPTION_COUNT, "N",
     "executions of each point before the first round; a program's only one is that round where "
     "--max-time is too short for both (default: 1)",
     FIELD(warmup), 0, 1000000},
    {"precision", 0, PS_OPTION_REAL, "REAL",
     "stop once the half-widths of the intervals are this small, as in 0.01 or 1% (default: 1%; "
     "compare: once there is a verdict)",
     FIELD(precision), .low = 1e-6, .high = 1},
    {"max-time", 0, PS_OPTION_TIME, "TIME", "stop after this time (default: 30s)", FIELD(max_time),
     .low = 1e-3, .high = 24 * 7 * HOUR},
    {"gap", 0, PS_OPTION_TIME, "TIME", "stay idle this long before each execution (default: 0)",
     FIELD(gap), .low = 0, .high = HOUR},
    {"seed", 0, PS_OPTION_COUNT, "N",
     "seed of the order in which points are measured and of the intervals (default: 1)",
     FIELD(seed), 0, INT64_MAX},
    {NULL},
};

static const struct ps_option show_rows[] = {
    {"dry-run", 'n', PS_OPTION_FLAG, NULL, "show what would be measured, and on which CPUs",
     FIELD(dry_run)},
    {"quiet", 'q', PS_OPTION_FLAG, NULL, "no progress line; with --check, print only the checks",
     FIELD(quiet)},
    {NULL},
};

const struct ps_option_group ps_measure_duration_group = {PS_MEASURE_TITLE, duration_rows};
const struct ps_option_group ps_measure_where_group = {"Where", where_rows};
const struct ps_option_group ps_measure_plugin_group = {"Plug-ins", plugin_rows};
const struct ps_option_group ps_measure_event_group = {"What is counted", event_rows};
const struct ps_option_group ps_measure_program_group = {"Programs", program_rows};
const struct ps_option_group ps_measure_diagnosis_group = {"Programs", diagnosis_rows};
const struct ps_option_group ps_measure_check_group = {"Checks", check_rows};
const struct ps_option_group ps_measure_baseline_group = {"Baselines", ps_baseline_rows,
                                                          FIELD(baseline)};
const struct ps_option_group ps_measure_length_group = {"How long", length_rows};
const struct ps_option_group ps_measure_output_group = {"Output", ps_output_rows, FIELD(output)};
const struct ps_option_group ps_measure_verbose_group = {"Output", ps_verbose_rows, FIELD(output)};
const struct ps_option_group ps_measure_show_group = {"Output", show_rows};
const struct ps_option_group ps_measure_colour_group = {"Output", ps_colour_rows, FIELD(output)};
