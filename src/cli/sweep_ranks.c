#include "sweep_ranks.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "guard.h"
#include "judging.h"
#include "process.h"
#include "progress.h"
#include "rank_checks.h"
#include "rank_sweep.h"
#include "survey_outputs.h"

#define MARGIN        1.5 /* of the time of a batch job, over what it measures */
#define START_MINUTES 10

/* An option that would have no effect, which was meant for something; NULL: none was given. */
static const char *excluded_by_ranks(const struct ps_measure_values *v)
{
    const struct {
        const char *name;
        bool given;
    } excluded[] = {
        {"--strategy", v->strategies},
        {"--threads", v->threads},
        {"--vary", v->vary.count},
        {"--vary-file", v->vary_file},
        {"--adaptive", v->adaptive},
        {"--want-efficiency", v->want_efficiency > 0},
        {"--predict", v->predict},
        {"--duration", v->duration},
        {"--placement", v->placement},
        {"--cpus", v->cpus},
        {"--plugin", v->plugins.count},
        {"--event", v->events.count},
        {"--user", v->user},
        {"--kernel", v->kernel},
        {"--command", v->commands.count},
        {"--shell", v->shell},
        {"--prepare", v->prepare},
        {"--cleanup", v->cleanup},
        {"--ignore-failure", v->ignore_failure},
        {"--input", v->input},
        {"--diagnose", v->diagnose},
        {"--no-diagnose", v->no_diagnose},
        {"--passive", v->passive},
        {"--flame", v->flame},
        {"--timeline", v->timeline},
        {"--gap", v->gap > 0},
        {"--save-baseline", v->baseline.save},
        {"--baseline", v->baseline.with},
        {"--dry-run", v->dry_run},
        {"--columns", v->output.columns},
        {"--plot", v->output.plot},
    };

    for (size_t i = 0; i < sizeof excluded / sizeof *excluded; i++)
        if (excluded[i].given)
            return excluded[i].name;
    return NULL;
}

static int check_values(const struct ps_measure_values *v, const struct ps_parsed *parsed,
                        struct ps_err *e)
{
    const char *excluded = excluded_by_ranks(v);

    if (excluded)
        return ps_fail(e, EINVAL, "--ranks excludes %s", excluded);
    if (!parsed->dashes || parsed->plain_count || !parsed->operand_count)
        return ps_fail(e, EINVAL,
                       "--ranks is for one launcher, as in '--ranks 1,2 -- mpirun -n {ranks} "
                       "parscope rank -- ./app'");
    return 0;
}

static int build(const struct ps_measure_values *v, const struct ps_parsed *parsed,
                 struct ps_cli *cli, struct ps_rank_sweep_request *q)
{
    struct ps_program *program = ps_arena_alloc(&cli->arena, sizeof *program);
    const bool inherit = v->child_output && !strcmp(v->child_output, "inherit");
    const bool null = !v->child_output || !strcmp(v->child_output, "null");
    uint32_t *counts;
    int err = check_values(v, parsed, &cli->error);

    *q = (struct ps_rank_sweep_request){
        .program = program,
        .version = PS_VERSION,
        .weak = v->weak,
        .size = v->size,
        .runs = v->runs,
        .warmup = v->warmup,
        .seed = v->seed,
        .precision = v->precision,
        .max_time = v->max_time,
        .timeout = v->timeout,
        .output = inherit ? PS_CHILD_INHERIT
                  : null  ? PS_CHILD_NULL
                          : PS_CHILD_FILE,
        .output_path = inherit || null ? NULL : v->child_output,
        .folder = getenv("PARSCOPE_RANKS"),
    };
    if (!err)
        err = ps_rank_counts(v->ranks, &cli->arena, &counts, &q->count, &cli->error);
    if (!err)
        err = ps_program_of_words(parsed->operands, parsed->operand_count, &cli->arena, program,
                                  &cli->error);
    if (!err)
        err = ps_rank_sweep_check(q, &cli->error);
    q->counts = err ? NULL : counts;
    return err;
}

/* *specs: one for each that was given. */
static int parse_checks(struct ps_cli *cli, const struct ps_measure_values *v,
                        const struct ps_rank_sweep_request *q, struct ps_check_spec **specs)
{
    int err = 0;

    *specs = ps_arena_array(&cli->arena, v->checks.count, sizeof **specs);
    if (v->checks.count > PS_MAX_CHECKS)
        err = ps_fail(&cli->error, EINVAL, "more than %d checks", PS_MAX_CHECKS);
    for (size_t i = 0; !err && i < v->checks.count; i++)
        err = ps_rank_check_parse(v->checks.items[i], q->counts, q->count, &cli->arena,
                                  &(*specs)[i], &cli->error);
    return err;
}

static int judged(const struct ps_rank_sweep *s, const struct ps_measure_values *v)
{
    const struct ps_result r = {.checks = s->checks, .check_count = s->check_count};

    return ps_judge_checks(&r, v->on_inconclusive);
}

static int measure(struct ps_cli *cli, struct ps_rank_sweep_request *q,
                   const struct ps_measure_values *v, const struct ps_check_spec *specs,
                   struct ps_outputs *outputs)
{
    struct ps_progress_line line = {.shown = !v->quiet && ps_progress_possible()};
    struct ps_measure_hooks hooks = {.progress = line.shown ? ps_progress_show : NULL,
                                     .progress_arg = &line};
    const struct ps_report_style style = {.checks_only = v->quiet && v->checks.count};
    struct ps_rank_sweep *result;
    struct ps_guard guard;
    int status = PS_EXIT_DONE, measured;

    if (ps_guard_start(&guard, &cli->error) < 0)
        return PS_EXIT_FAILED;
    hooks.interrupted = ps_process_catch_interrupts();
    q->hooks = &hooks;
    if (ps_outputs_open(outputs, &cli->error) < 0)
        return PS_EXIT_USAGE;
    measured = ps_rank_sweep(q, &cli->arena, &result, &cli->error);
    if (ps_guard_lost(&guard))
        return PS_EXIT_INTERRUPTED;
    ps_progress_wipe(&line);
    if (result) {
        ps_rank_checks_judge(specs, v->checks.count, result);
        status = ps_outputs_write(outputs, cli, ps_render_rank_sweep, result, &style);
    }
    if (measured == 0)
        return status == PS_EXIT_DONE ? judged(result, v) : status;
    return measured == -EINTR ? ps_cli_interrupted(cli) : PS_EXIT_FAILED;
}

/* A word as a shell takes it for itself. */
static void add_word(struct ps_str *out, const char *word)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./=:,+@%-";

    if (*word && !word[strspn(word, plain)]) {
        ps_str_add(out, word);
        return;
    }
    ps_str_add(out, "'");
    for (; *word; word++)
        ps_str_addf(out, *word == '\'' ? "'\\''" : "%c", *word);
    ps_str_add(out, "'");
}

/* What a number of rounds takes is not known. */
static const char *time_line(const struct ps_rank_sweep_request *q, struct ps_arena *a)
{
    if (q->runs)
        return "# Add --time: -r says how many rounds there are, not how long they take.\n";
    return ps_arena_format(a, "#SBATCH --time=%.0f\n",
                           ceil(q->max_time * MARGIN / 60) + START_MINUTES);
}

/* The same command without --slurm, in one allocation that is large enough for all of it. */
static int print_script(struct ps_cli *cli, const struct ps_rank_sweep_request *q)
{
    struct ps_str text = PS_STR_INIT;
    bool dashes = false;

    ps_str_addf(&text,
                "#!/bin/sh\n"
                "#SBATCH --job-name=parscope\n"
                "#SBATCH --ntasks=%u\n"
                "%s"
                "#SBATCH --exclusive\n"
                "# The job's time must hold the warm-up and at least one round, each a launch with "
                "every number of ranks.\n"
                "# Add what your site asks for: a partition, an account, tasks per node.\n"
                "\n"
                "# The files of the ranks go to a folder here, which all nodes must see.\n"
                "export PARSCOPE_RANKS=\"${PARSCOPE_RANKS:-$PWD}\"\n"
                "exec parscope",
                q->counts[q->count - 1], time_line(q, &cli->arena));
    for (size_t i = 1; i < cli->argument_count; i++) {
        dashes |= !strcmp(cli->arguments[i], "--");
        if (!dashes && !strcmp(cli->arguments[i], "--slurm"))
            continue;
        ps_str_add(&text, " ");
        add_word(&text, cli->arguments[i]);
    }
    ps_str_add(&text, "\n");
    return ps_cli_print(cli, &text);
}

int ps_sweep_ranks(struct ps_cli *cli, const struct ps_measure_values *v,
                   const struct ps_parsed *parsed)
{
    struct ps_rank_sweep_request q;
    struct ps_outputs outputs;
    struct ps_check_spec *specs = NULL;
    int status, err = build(v, parsed, cli, &q);

    if (!err)
        err = parse_checks(cli, v, &q, &specs);
    if (!err)
        err = ps_rank_sweep_outputs_choose(&outputs, &v->output, cli);
    if (err < 0)
        return ps_exit_of(err);
    if (v->slurm)
        return print_script(cli, &q);
    status = measure(cli, &q, v, specs, &outputs);
    ps_outputs_abandon(&outputs);
    return status;
}
