#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "measure.h"
#include "measuring.h"
#include "outputs.h"
#include "process.h"
#include "progress.h"

static struct ps_request request_of(const struct ps_cli *cli, const char *command,
                                    const struct ps_measure_values *v,
                                    const struct ps_parsed *parsed)
{
    const char *fake = getenv("PARSCOPE_FAKE");

    return (struct ps_request){
        .command = command,
        .arguments = cli->arguments,
        .argument_count = cli->argument_count,
        .workloads = parsed->operands,
        .workload_count = parsed->operand_count,
        .strategies = v->strategies,
        .threads = v->threads,
        .placement = v->placement,
        .cpus = v->cpus,
        .events = v->events.items,
        .event_count = v->events.count,
        .seed = v->seed,
        .precision = v->precision,
        .max_time = v->max_time,
        .runs = v->runs,
        .warmup = v->warmup,
        .gap = v->gap,
        .fake = fake && fake[0] ? fake : NULL,
    };
}

static void say_skipped(const char *why)
{
    struct ps_str line = PS_STR_INIT;

    ps_str_addf(&line, "note: %s\n", why);
    ps_write_all(STDERR_FILENO, ps_str_text(&line), line.length);
    ps_str_finish(&line);
}

static int show_plan(struct ps_cli *cli, const struct ps_plan *plan)
{
    struct ps_str text = PS_STR_INIT;

    for (size_t i = 0; i < plan->skipped_count; i++)
        say_skipped(plan->skipped[i]);
    ps_dry_run(plan, &cli->arena, &text);
    return ps_cli_print(cli, &text);
}

static int measure(struct ps_cli *cli, const struct ps_plan *plan, bool quiet,
                   const struct ps_report_style *style, struct ps_outputs *outputs)
{
    struct ps_progress_line line = {.shown = !quiet && ps_progress_possible()};
    struct ps_measure_hooks hooks = {
        .interrupted = ps_process_catch_interrupts(),
        .progress = line.shown ? ps_progress_show : NULL,
        .progress_arg = &line,
    };
    struct ps_result *result = NULL;
    int status, measured;

    if (ps_outputs_open(outputs, &cli->error) < 0)
        return PS_EXIT_USAGE;
    measured = ps_measure(plan, &hooks, &cli->arena, &result, &cli->stuck, &cli->error);
    ps_progress_wipe(&line);
    if (measured < 0 && measured != -EINTR)
        return PS_EXIT_FAILED;
    status = result ? ps_outputs_write(outputs, cli, result, style) : PS_EXIT_DONE;
    if (measured == 0)
        return status;
    ps_fail(&cli->error, EINTR, "interrupted");
    return PS_EXIT_INTERRUPTED;
}

int ps_measure_command(struct ps_cli *cli, const char *command, const struct ps_measure_values *v,
                       const struct ps_parsed *parsed)
{
    struct ps_request request = request_of(cli, command, v, parsed);
    struct ps_report_style style = {.colour = ps_colour_wanted(v->colour)};
    struct ps_outputs outputs;
    struct ps_plan *plan;
    int status, err;

    err = ps_outputs_choose(&outputs, &v->outputs, v->format, &cli->arena, &cli->error);
    if (err < 0)
        return ps_exit_of(err);
    err = ps_plan_build(&request, v->dry_run, &cli->arena, &plan, &cli->error);
    if (err < 0)
        return ps_exit_of(err);
    if (v->dry_run)
        return show_plan(cli, plan);
    status = measure(cli, plan, v->quiet, &style, &outputs);
    ps_outputs_abandon(&outputs);
    return status;
}
