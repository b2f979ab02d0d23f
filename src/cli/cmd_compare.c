#include <errno.h>

#include "comparing.h"

#define FIELD(name) offsetof(struct ps_compare_values, name)

static const struct ps_compare_values defaults = {
    .measure = {.warmup = 1, .seed = 1, .max_time = 30, .no_diagnose = true},
    .threshold = 0.05,
};

static const struct ps_option compare_rows[] = {
    {"threshold", 0, PS_OPTION_REAL, "REAL",
     "changes up to this count as none, as in 0.05 or 5%; for serial fractions it is a difference "
     "(default: 5%)",
     FIELD(threshold), .low = 1e-6, .high = 10},
    {"metric", 0, PS_OPTION_TEXTS, "METRIC",
     "compare this metric; may be repeated (default: wall_time, cpu_time, speedup, efficiency, "
     "serial_fraction)",
     FIELD(metrics)},
    {"force", 0, PS_OPTION_FLAG, NULL,
     "compare results of different machines, and say how they differ", FIELD(force)},
    {"on-inconclusive", 0, PS_OPTION_CHOICE, "WHAT",
     "what a comparison that can't be decided counts as: tell (exit status 4), pass or fail; "
     "default: tell",
     FIELD(measure.on_inconclusive), .choices = ps_on_inconclusive_names},
    {NULL},
};
static const struct ps_option git_rows[] = {
    {"base-git", 0, PS_OPTION_TEXT, "REF",
     "compare the program of -c in two revisions of this git repository: REF is the old one",
     FIELD(base_git)},
    {"new-git", 0, PS_OPTION_TEXT, "REF", "the new revision (default: HEAD)", FIELD(new_git)},
    {"build", 0, PS_OPTION_TEXT, "COMMAND",
     "run this by sh -c in the worktree of each revision, before anything is measured",
     FIELD(build)},
    {NULL},
};
static const struct ps_option thread_rows[] = {
    PS_MEASURE_STRATEGY(
        "strategies that run the workload, NAME[:key=value]..., separated by commas "
        "(default: steal with --threads, else several)"),
    PS_MEASURE_THREADS(
        "none, so programs run as they are; with counts, one thread is always measured too"),
    {NULL},
};
static const struct ps_option verbose_rows[] = {
    {"verbose", 'v', PS_OPTION_FLAG, NULL,
     "show all figures, even if they are many, not only those that may be worse",
     FIELD(measure.output.verbose)},
    {NULL},
};
static const struct ps_option_group verbose_group = {"Output", verbose_rows};
static const struct ps_option_group compare_group = {"What counts as a change", compare_rows};
static const struct ps_option_group git_group = {"Revisions", git_rows};
static const struct ps_option_group thread_group = {"Where", thread_rows};
static const struct ps_option_group *const options[] = {
    &compare_group,
    &ps_measure_program_group,
    &git_group,
    &ps_measure_plugin_group,
    &thread_group,
    &ps_measure_where_group,
    &ps_measure_length_group,
    &ps_measure_output_group,
    &verbose_group,
    &ps_measure_show_group,
    &ps_measure_colour_group,
    &ps_help_group,
    NULL,
};

static int check_revisions(const struct ps_compare_values *v, const struct ps_parsed *parsed,
                           struct ps_err *e)
{
    if (!v->base_git)
        return ps_fail(e, EINVAL, "%s needs --base-git", v->build ? "--build" : "--new-git");
    if (v->measure.commands.count != 1 || parsed->dashes)
        return ps_fail(
            e, EINVAL,
            "--base-git compares one program in two revisions: give the program with -c");
    return ps_operands_at_most(parsed, 0, e);
}

static int check_plugins(const struct ps_compare_values *v, const struct ps_parsed *parsed,
                         struct ps_err *e)
{
    if (v->measure.plugins.count != 2)
        return ps_fail(
            e, EINVAL,
            "two builds of a plug-in are compared: give --plugin OLD.so --plugin NEW.so");
    if (v->measure.commands.count || parsed->dashes)
        return ps_fail(e, EINVAL, "--plugin is for workloads, not for programs");
    return ps_operands_at_most(parsed, 1, e);
}

static int check_commands(const struct ps_compare_values *v, const struct ps_parsed *parsed,
                          struct ps_err *e)
{
    if (v->measure.commands.count != 2)
        return ps_fail(e, EINVAL, "compare needs two programs: -c OLD -c NEW");
    if (v->force)
        return ps_fail(e, EINVAL, "--force is for saved results of two machines");
    if (parsed->dashes)
        return ps_fail(e, EINVAL, "'--' takes one program: give two with -c OLD -c NEW");
    return ps_operands_at_most(parsed, 0, e);
}

/* Options that would have no effect are refused: they were meant for something. */
static int check_files(const struct ps_compare_values *v, const struct ps_parsed *parsed,
                       struct ps_err *e)
{
    const struct ps_measure_values *m = &v->measure;

    if (m->threads || m->strategies || m->placement || m->cpus || m->runs || m->dry_run ||
        m->shell || m->prepare || m->cleanup || m->child_output || m->input || m->no_shell ||
        m->ignore_failure || m->timeout)
        return ps_fail(
            e, EINVAL,
            "options for programs and for measuring need -c OLD -c NEW: saved results are not "
            "measured again");
    if (parsed->operand_count < 2)
        return ps_fail(
            e, EINVAL,
            "compare needs two results, as in 'parscope compare BASE.json NEW.json', or two "
            "programs, as in '-c OLD -c NEW'");
    return ps_operands_at_most(parsed, 2, e);
}

static int run(struct ps_cli *cli, const void *values, const struct ps_parsed *parsed)
{
    const struct ps_compare_values *v = values;

    if (v->base_git || v->new_git || v->build)
        return check_revisions(v, parsed, &cli->error) < 0 ? PS_EXIT_USAGE
                                                           : ps_compare_revisions(cli, v, parsed);
    if (v->measure.plugins.count)
        return check_plugins(v, parsed, &cli->error) < 0 ? PS_EXIT_USAGE
                                                         : ps_compare_commands(cli, v, parsed);
    if (v->measure.commands.count || parsed->dashes)
        return check_commands(v, parsed, &cli->error) < 0 ? PS_EXIT_USAGE
                                                          : ps_compare_commands(cli, v, parsed);
    return check_files(v, parsed, &cli->error) < 0 ? PS_EXIT_USAGE
                                                   : ps_compare_files(cli, v, parsed);
}

static const char *const usage[] = {"[options] BASE.json NEW.json", "[options] -c OLD -c NEW",
                                    "[options] --plugin OLD.so --plugin NEW.so WORKLOAD",
                                    "[options] --base-git REF --build CMD -c COMMAND", NULL};

const struct ps_command ps_command_compare = {
    .name = "compare",
    .summary = "say whether two builds or two results differ",
    .usage = usage,
    .details = "Two programs are measured in turns, round by round, so that other load on the "
               "machine affects both alike: use this to compare builds on a shared machine. Two "
               "saved results are compared as they are, point by point. Each change is judged by "
               "its interval, with 95 % confidence for all of them together: worse, better, same, "
               "not worse, or inconclusive.\n"
               "\n"
               "The exit status is 0 if nothing is worse, 3 if something is, and 4 if that can't "
               "be decided.\n"
               "\n"
               "Examples: parscope compare -c './old {threads}' -c './new {threads}' --threads "
               "1,2\n"
               "          parscope compare --base-git v1.2 --build 'make' -c './prog {threads}' "
               "-t 1,2\n"
               "          parscope compare base.json new.json --threshold 2%",
    .options = options,
    .values_size = sizeof(struct ps_compare_values),
    .defaults = &defaults,
    .run = run,
};
