#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adaptive.h"
#include "column_names.h"
#include "experiment.h"
#include "exports.h"
#include "guard.h"
#include "marks.h"
#include "build.h"
#include "measuring.h"
#include "outputs.h"
#include "process.h"
#include "progress.h"
#include "trying.h"
#include "text.h"

static void set_output(struct ps_program_request *p, const char *where)
{
    if (!where || !strcmp(where, "null"))
        p->output = PS_CHILD_NULL;
    else if (!strcmp(where, "inherit"))
        p->output = PS_CHILD_INHERIT;
    else
        p->output = PS_CHILD_FILE;
    p->output_path = p->output == PS_CHILD_FILE ? where : NULL;
}

static struct ps_program_request program_of(const struct ps_measure_values *v,
                                            const struct ps_parsed *parsed)
{
    static const char *const none[] = {NULL};
    struct ps_program_request p = {
        .words = !parsed->dashes    ? NULL
                 : parsed->operands ? parsed->operands + parsed->plain_count
                                    : none,
        .word_count = parsed->operand_count - parsed->plain_count,
        .texts = v->commands.items,
        .text_count = v->commands.count,
        .folders = v->folders,
        .marks = v->marks,
        .shell = v->shell,
        .prepare = v->prepare,
        .cleanup = v->cleanup,
        .attach = v->attach,
        .attach_time = v->attach_time,
        .ignore_failure = v->ignore_failure,
        .timeout = v->timeout,
    };

    set_output(&p, v->child_output);
    p.input_path = v->input && strcmp(v->input, "null") ? v->input : NULL;
    return p;
}

static bool diagnoses(const struct ps_measure_values *v)
{
    return v->diagnose || v->flame || v->timeline;
}

static enum ps_diagnose diagnose_of(const struct ps_measure_values *v)
{
    if (diagnoses(v))
        return PS_DIAGNOSE_ALWAYS;
    return v->no_diagnose ? PS_DIAGNOSE_NEVER : PS_DIAGNOSE_WORTH;
}

static int check_shell(const struct ps_measure_values *v, const struct ps_parsed *parsed,
                       struct ps_err *e)
{
    if (v->shell && v->no_shell)
        return ps_fail(e, EINVAL, "--shell and --no-shell exclude each other");
    if (v->shell && (!*v->shell || !strcmp(v->shell, "none")))
        return ps_fail(e, EINVAL, "--shell needs a shell, as in --shell sh; none is the default");
    if (v->shell && parsed->dashes && !v->commands.count && !v->prepare && !v->cleanup)
        return ps_fail(e, EINVAL,
                       "--shell is for -c, --prepare and --cleanup: what follows -- is run "
                       "without a shell");
    return 0;
}

/* Options that would have no effect are refused: they were meant for something. */
static int check_values(enum ps_plan_command command, const struct ps_measure_values *v,
                        const struct ps_parsed *parsed, struct ps_err *e)
{
    const struct {
        const char *name;
        bool given;
    } programs_only[] = {
        {"--shell", v->shell},
        {"--no-shell", v->no_shell},
        {"--prepare", v->prepare},
        {"--cleanup", v->cleanup},
        {"--ignore-failure", v->ignore_failure},
        {"--timeout", v->timeout > 0},
        {"--child-output", v->child_output},
        {"--input", v->input},
        {"--diagnose", v->diagnose},
        {"--passive", v->passive},
        {"--no-diagnose", v->no_diagnose && command != PS_PLAN_COMPARE},
        {"--flame", v->flame},
        {"--timeline", v->timeline},
    };

    if (check_shell(v, parsed, e) < 0)
        return -EINVAL;
    if (v->no_diagnose && diagnoses(v))
        return ps_fail(e, EINVAL, "--no-diagnose excludes %s",
                       v->diagnose ? "--diagnose"
                       : v->flame  ? "--flame, as that needs a diagnosis"
                                   : "--timeline, as that needs a diagnosis");
    if (v->on_inconclusive != PS_INCONCLUSIVE_TELL && command != PS_PLAN_COMPARE &&
        !v->checks.count && !v->baseline.with)
        return ps_fail(e, EINVAL, "--on-inconclusive needs a --check or a --baseline");
    if (v->plugins.count && (parsed->dashes || v->commands.count))
        return ps_fail(e, EINVAL, "--plugin is for workloads and strategies, not for programs");
    for (size_t i = 0; i < sizeof programs_only / sizeof *programs_only; i++)
        if (programs_only[i].given && !parsed->dashes && !v->commands.count)
            return ps_fail(e, EINVAL,
                           "%s is for programs: give one, as in '-- COMMAND' or '-c COMMAND'",
                           programs_only[i].name);
    return 0;
}

/* With the second witness of --passive; NULL: the default. */
static const char *strategies_of(struct ps_cli *cli, const struct ps_measure_values *v)
{
    if (!v->passive)
        return v->strategies;
    return v->strategies ? ps_arena_format(&cli->arena, "%s,%s", v->strategies, PS_MARK_PASSIVE)
                         : PS_MARK_PASSIVE;
}

static struct ps_request request_of(struct ps_cli *cli, enum ps_plan_command command,
                                    const struct ps_measure_values *v,
                                    const struct ps_parsed *parsed,
                                    const struct ps_catalog *catalog)
{
    const char *fake = getenv("PARSCOPE_FAKE");

    return (struct ps_request){
        .command = command,
        .arguments = cli->arguments,
        .argument_count = cli->argument_count,
        .catalog = catalog,
        .workloads = parsed->operands,
        .workload_count = parsed->plain_count,
        .strategies = strategies_of(cli, v),
        .tries = v->try_all,
        .threads = v->adaptive && !v->threads ? "1..cpus" : v->threads,
        .vary = v->vary.items,
        .vary_count = v->vary.count,
        .vary_file = v->vary_file,
        .placement = v->placement,
        .cpus = v->cpus,
        .duration = v->duration,
        .events = v->events.items,
        .event_count = v->events.count,
        .user = v->user,
        .kernel = v->kernel,
        .seed = v->seed,
        .precision = v->precision > 0 ? v->precision : ps_measure_defaults.precision,
        .compare = v->compare,
        .max_time = v->max_time,
        .runs = v->runs,
        .warmup = v->warmup,
        .gap = v->gap,
        .diagnose = diagnose_of(v),
        .fake = fake && fake[0] ? fake : NULL,
        .program = program_of(v, parsed),
        .smt = {v->cores, v->pairs.items, v->pairs.count, v->copies},
        .checks = v->checks.items,
        .check_count = v->checks.count,
        .want_efficiency = v->want_efficiency,
        .predict = v->predict,
        .weak = v->weak,
        .size = v->size,
    };
}

static void say_note(const char *text)
{
    struct ps_str line = PS_STR_INIT;
    struct ps_arena a;

    ps_arena_init(&a, NULL);
    ps_str_addf(&line, "note: %s\n", ps_text_clean(&a, text));
    ps_arena_finish(&a);
    ps_write_all(STDERR_FILENO, ps_str_text(&line), line.length);
    ps_str_finish(&line);
}

static int show_plan(struct ps_cli *cli, const struct ps_plan *plan)
{
    struct ps_str text = PS_STR_INIT;

    for (size_t i = 0; i < plan->skipped_count; i++)
        say_note(plan->skipped[i]);
    ps_dry_run(plan, &cli->arena, &text);
    return ps_cli_print(cli, &text);
}

static void heed_interrupts(void)
{
    ps_process_end_at_once(NULL);
}

/* Nothing was measured yet, and what a workload sets up can take long. Programs have their own
 * cleaning up to do. */
static void end_at_once_in_set_up(struct ps_cli *cli, const struct ps_plan *plan)
{
    if (!plan->programs)
        ps_process_end_at_once(ps_arena_format(&cli->arena, "parscope %s: interrupted\n",
                                               ps_plan_command_name(plan->request->command)));
}

/* Events of -e, and what any workload measures itself, have columns too. */
static int choose_columns(const struct ps_plan *plan, const char *list, struct ps_arena *a,
                          const char *const **columns, struct ps_err *e)
{
    const struct ps_catalog *c = plan->request->catalog;
    struct ps_texts ids = {NULL, 0};

    if (!list)
        return 0;
    for (size_t i = 0; i < plan->event_count; i++) {
        ids.items = ps_arena_grow(a, ids.items, ids.count, sizeof *ids.items);
        ids.items[ids.count++] = plan->events[i];
    }
    for (size_t i = 0; i < c->workload_count; i++)
        for (const struct parscope_custom *m = c->workloads[i].ops->custom; m && m->name; m++) {
            ids.items = ps_arena_grow(a, ids.items, ids.count, sizeof *ids.items);
            ids.items[ids.count++] = m->name;
        }
    return ps_columns_choose(list, &ids, a, columns, e);
}

static struct ps_report_style style_of(const struct ps_measure_values *v)
{
    struct ps_report_style style = ps_style_of(&v->output);

    style.checks_only = v->quiet && v->checks.count;
    return style;
}

/* Where what was measured goes. */
struct ending {
    const struct ps_measured_report *report;
    struct ps_report_style style;
    struct ps_outputs outputs;
    struct ps_exports *exports;
    struct ps_baselines baselines;
};

/* All output files are checked before anything is measured. */
static int open_files(struct ps_cli *cli, const struct ps_measure_values *v, struct ending *end)
{
    const struct ps_export_paths paths = {v->flame, v->timeline};
    int err = ps_outputs_open(&end->outputs, &cli->error);

    if (!err)
        err = ps_baselines_open(&end->baselines, &v->baseline, &cli->arena, &cli->error);
    if (!err)
        err = ps_exports_open(&paths, &cli->arena, &end->exports, &cli->error);
    if (!err)
        ps_crash_remove(ps_exports_temporaries(
            end->exports, ps_outputs_temporaries(&end->outputs, &cli->arena), &cli->arena));
    return err;
}

/* The exit status of writing and judging what was measured. */
static int write_files(struct ps_cli *cli, const struct ps_result *result, bool whole,
                       struct ending *end)
{
    const char *note = NULL;
    int status = end->report->write(cli, result, &end->outputs, &end->style, end->report->arg);

    if (whole && ps_exports_commit(end->exports, &note, &cli->error) < 0)
        status = PS_EXIT_FAILED;
    if (note)
        say_note(note);
    return status;
}

/* arg: const struct ps_measure_values * */
static int write_result(struct ps_cli *cli, const struct ps_result *r, struct ps_outputs *outputs,
                        const struct ps_report_style *style, const void *arg)
{
    const struct ps_measure_values *v = arg;
    int status = ps_outputs_write(outputs, cli, ps_render_result, r, style);

    return status == PS_EXIT_DONE ? ps_judge_checks(r, v->on_inconclusive) : status;
}

static int finish_baselines(struct ps_cli *cli, const struct ps_measure_values *v,
                            const struct ps_result *r, struct ending *end)
{
    return ps_baselines_finish(&end->baselines, cli, r, end->outputs.standard == ps_formats[0],
                               &end->style, v->on_inconclusive);
}

static int measure(struct ps_cli *cli, const struct ps_plan *plan,
                   const struct ps_measure_values *v, struct ending *end)
{
    struct ps_progress_line line = {.shown = !v->quiet && ps_progress_possible()};
    const char *output = plan->request->program.output_path;
    const char *input = plan->request->program.input_path;
    bool guarded = plan->programs && !plan->fake && !v->attach;
    struct ps_measure_hooks hooks = {
        .progress = line.shown ? ps_progress_show : NULL,
        .progress_arg = &line,
        .set_up = heed_interrupts,
        .notice = v->quiet ? NULL : say_note,
    };
    struct ps_result *result = NULL;
    struct ps_guard guard;
    int status, measured;

    if (guarded && input && ps_child_input_check(input, &cli->error) < 0)
        return PS_EXIT_USAGE;
    if (guarded && output && ps_child_output_check(output, &cli->error) < 0)
        return PS_EXIT_USAGE;
    if (guarded && ps_guard_start(&guard, &cli->error) < 0)
        return PS_EXIT_FAILED;
    hooks.interrupted = ps_process_catch_interrupts();
    if (open_files(cli, v, end) < 0)
        return PS_EXIT_USAGE;
    hooks.exports = end->exports;
    end_at_once_in_set_up(cli, plan);
    measured = (v->adaptive ? ps_experiment_adaptive
                : v->try_all
                    ? ps_experiment_trying
                    : ps_experiment)(plan, &hooks, &cli->arena, &result, &cli->stuck, &cli->error);
    ps_crash_remove(NULL);
    if (guarded && ps_guard_lost(&guard))
        return PS_EXIT_INTERRUPTED;
    ps_progress_wipe(&line);
    if (measured < 0 && measured != -EINTR && !result)
        return PS_EXIT_FAILED;
    status = result ? write_files(cli, result, measured == 0, end) : PS_EXIT_DONE;
    if (measured == 0)
        return ps_judge_both(status, finish_baselines(cli, v, result, end));
    if (measured != -EINTR)
        return PS_EXIT_FAILED;
    return ps_cli_interrupted(cli);
}

static int open_catalog(enum ps_plan_command command, const struct ps_measure_values *v,
                        struct ps_arena *a, struct ps_catalog *c, struct ps_err *e)
{
    if (command == PS_PLAN_COMPARE && v->plugins.count == 2)
        return ps_catalog_pair(v->plugins.items, a, c, e);
    return ps_catalog_open(v->plugins.items, v->plugins.count, a, c, e);
}

/* With the plug-ins' code in the process. */
static int plan_and_measure(struct ps_cli *cli, enum ps_plan_command command,
                            const struct ps_measure_values *v, const struct ps_parsed *parsed,
                            const struct ps_measured_report *report)
{
    struct ps_request request;
    struct ps_catalog catalog;
    struct ending end = {.report = report, .style = style_of(v), .baselines.file.fd = -1};
    struct ps_plan *plan;
    int status, err = check_values(command, v, parsed, &cli->error);

    if (!err)
        err = ps_outputs_choose(&end.outputs, &v->output, &cli->arena, &cli->error);
    if (!err)
        err = open_catalog(command, v, &cli->arena, &catalog, &cli->error);
    if (err < 0)
        return ps_exit_of(err);
    request = request_of(cli, command, v, parsed, &catalog);
    err = ps_plan_build(&request, v->dry_run, &cli->arena, &plan, &cli->error);
    if (!err)
        err = choose_columns(plan, v->output.columns, &cli->arena, &end.style.columns, &cli->error);
    if (err < 0)
        return ps_exit_of(err);
    if (v->dry_run)
        return show_plan(cli, plan);
    status = measure(cli, plan, v, &end);
    ps_exports_abandon(end.exports);
    ps_outputs_abandon(&end.outputs);
    ps_baselines_abandon(&end.baselines);
    return status;
}

int ps_measure_for(struct ps_cli *cli, enum ps_plan_command command,
                   const struct ps_measure_values *v, const struct ps_parsed *parsed,
                   const struct ps_measured_report *report)
{
    struct ps_crash_stack crash;
    int status;

    if (ps_columns_asked_for_help(&v->output))
        return ps_columns_show(cli);
    if (v->plugins.count)
        ps_crash_catch(!v->quiet && ps_progress_possible() ? PS_PROGRESS_WIPE : "");
    ps_crash_stack_begin(&crash);
    status = plan_and_measure(cli, command, v, parsed, report);
    ps_crash_stack_end(&crash);
    return status;
}

int ps_measure_command(struct ps_cli *cli, enum ps_plan_command command,
                       const struct ps_measure_values *v, const struct ps_parsed *parsed)
{
    const struct ps_measured_report report = {write_result, v};

    return ps_measure_for(cli, command, v, parsed, &report);
}
