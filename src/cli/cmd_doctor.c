#include <errno.h>
#include <string.h>

#include "doctor.h"
#include "process.h"
#include "survey_outputs.h"

struct doctor_values {
    double watch;
    const char *require;
    struct ps_output_values output;
};

#define FIELD(name) offsetof(struct doctor_values, name)

static const struct ps_option rows[] = {
    {"watch", 0, PS_OPTION_TIME, "TIME",
     "watch the clock and other load for this long, at most ten times a second", FIELD(watch),
     .low = 0.1, .high = 24 * 7 * 3600.0},
    {"require", 0, PS_OPTION_TEXT, "LIST",
     "exit with status 77 unless these lines say ok, as in counters,smt", FIELD(require)},
    {NULL},
};

static const struct ps_option_group group = {"Options", rows};
static const struct ps_option_group output_group = {"Options", ps_survey_output_rows,
                                                    FIELD(output)};
static const struct ps_option_group *const options[] = {&group, &output_group, &ps_help_group,
                                                        NULL};

/* Names separated by commas; empty ones are kept, and refused as unknown. */
static const char **split(const char *text, struct ps_arena *a, size_t *count)
{
    char *rest = text ? ps_arena_copy(a, text) : NULL;
    const char **names = NULL;

    *count = 0;
    while (rest) {
        names = ps_arena_grow(a, names, *count, sizeof *names);
        names[(*count)++] = strsep(&rest, ",");
    }
    return names;
}

static int judge(const struct ps_doctor *d, const char *const *names, size_t count,
                 struct ps_cli *cli)
{
    const struct ps_doctor_line *unmet;

    ps_doctor_require(d, names, count, &unmet, &cli->error);
    if (!unmet)
        return PS_EXIT_DONE;
    ps_fail(&cli->error, ENOTSUP, "%s is required, but it is %s: %s", unmet->id,
            ps_health_name(unmet->health), unmet->text);
    return PS_EXIT_UNSUPPORTED;
}

static int examine(struct ps_cli *cli, const struct doctor_values *v, const struct ps_topology *t,
                   struct ps_outputs *outputs, const char *const *names, size_t count)
{
    const struct ps_doctor_request q = {t, v->watch, ps_process_catch_interrupts()};
    const struct ps_report_style style = {0};
    struct ps_doctor *d;
    int status, examined;

    if (ps_outputs_open(outputs, &cli->error) < 0)
        return PS_EXIT_USAGE;
    examined = ps_doctor_examine(&q, &cli->arena, &d, &cli->error);
    if (examined < 0 && examined != -EINTR)
        return PS_EXIT_FAILED;
    status = ps_outputs_write(outputs, cli, ps_render_doctor, d, &style);
    if (examined < 0)
        return ps_cli_interrupted(cli);
    return status == PS_EXIT_DONE ? judge(d, names, count, cli) : status;
}

static int run(struct ps_cli *cli, const void *values, const struct ps_parsed *parsed)
{
    const struct doctor_values *v = values;
    const struct ps_doctor_line *unmet;
    struct ps_outputs outputs;
    struct ps_topology *t;
    size_t count;
    const char **names = split(v->require, &cli->arena, &count);
    int status, err = ps_operands_at_most(parsed, 0, &cli->error);

    if (err == 0)
        err = ps_doctor_require(NULL, names, count, &unmet, &cli->error);
    if (err == 0)
        err = ps_survey_outputs_choose(&outputs, &v->output, false, cli);
    if (err == 0)
        err = ps_topology_load(&cli->arena, &t, &cli->error);
    if (err == 0)
        err = ps_topology_must_be_real(t, &cli->error);
    if (err < 0)
        return ps_exit_of(err);
    status = examine(cli, v, t, &outputs, names, count);
    ps_outputs_abandon(&outputs);
    return status;
}

static const char *const usage[] = {"[options]", NULL};

const struct ps_command ps_command_doctor = {
    .name = "doctor",
    .summary = "show what can be measured here, and how to get more",
    .usage = usage,
    .details = "Checks which counters there are and why others are not, the clock, its governor, "
               "SMT, limits and other load. Measures what counting costs, how well the clock can "
               "be estimated without a PMU, and whether something else shares our cores. Changes "
               "nothing.\n"
               "\n"
               "Examples: parscope doctor\n"
               "          parscope doctor --require counters,smt\n"
               "          parscope doctor --watch 1min -o doctor.json",
    .options = options,
    .values_size = sizeof(struct doctor_values),
    .run = run,
};
