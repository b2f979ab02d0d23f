#include "fake_trial.h"

#include <errno.h>
#include <math.h>

#include "fake.h"
#include "custom.h"

static const struct {
    enum ps_raw raw;
    const char *metric;
} scripted[] = {
#define PS_RAW(column, script, unit, help) {PS_RAW_##column, script},
#define PS_RAW_METRIC(column, id, ...)     {PS_RAW_##column, #id},
#include "metrics.def"
};

#define SCRIPTED (sizeof scripted / sizeof *scripted)

/* The lines that speak for a target: of its scripted columns, its events, and what its workload
 * measures itself. */
struct lines {
    const struct ps_fake_line *columns[SCRIPTED];
    const struct ps_fake_line **events, **custom, *neighbour;
};

/* A script has no blanks in names, which a program's label may have: "prog", "prog:n=4k". */
static const char *script_name(const struct session *s, const struct ps_plan_workload *w)
{
    const char *name = w->program ? w->bound->name : w->bound->label;

    for (size_t i = 0; w->fills && i < ps_param_count(w->ops->params); i++)
        name =
            ps_arena_format(s->arena, "%s:%s=%s", name, w->ops->params[i].name, w->bound->texts[i]);
    return name;
}

static const struct ps_fake_line *line_of(const struct session *s, const struct target *t,
                                          const char *metric)
{
    const struct ps_fake_query q = {
        .metric = metric,
        .workload = script_name(s, t->workload),
        .strategy = t->plan->options->label,
        .threads = t->plan->threads,
    };

    return ps_fake_find(s->plan->fake, &q);
}

static void find_lines(const struct session *s, struct target *t)
{
    struct lines *l = ps_arena_alloc(s->arena, sizeof *l);
    size_t custom = custom_count(t->workload->ops);

    for (size_t i = 0; i < SCRIPTED; i++)
        l->columns[i] = line_of(s, t, scripted[i].metric);
    l->events = ps_arena_array(s->arena, s->samples.event_count, sizeof *l->events);
    for (size_t i = 0; i < s->samples.event_count; i++)
        l->events[i] = line_of(s, t, s->samples.events[i].name);
    l->custom = ps_arena_array(s->arena, custom, sizeof *l->custom);
    for (size_t i = 0; i < custom; i++)
        l->custom[i] = line_of(s, t, t->workload->ops->custom[i].name);
    l->neighbour = line_of(s, t, "neighbour_index");
    t->script = l;
}

static double sample(const struct ps_fake_line *line, size_t round, const char **reason)
{
    double value;

    return ps_fake_value(line, round, &value, reason) < 0 ? NAN : value;
}

static int fake_trial_run(struct session *s, struct target *t, size_t round)
{
    const struct lines *l = t->script;
    double *raw = ps_raw(&s->samples, t->series, round), index;
    const char *reason = NULL;

    for (size_t i = 0; i < SCRIPTED; i++)
        raw[scripted[i].raw] = sample(l->columns[i], round, &reason);
    if (isnan(raw[PS_RAW_CPU_SPIN]))
        raw[PS_RAW_CPU_SPIN] = 0; /* a script that says nothing of spinning means none */
    if (isnan(raw[PS_RAW_OTHERS_MOST]))
        raw[PS_RAW_OTHERS_MOST] = raw[PS_RAW_OTHERS]; /* all of it from one thread */
    if (isnan(raw[PS_RAW_WALL]))
        return ps_fail(s->error, ENODATA, "the script has no wall_time for %s %s %u",
                       t->workload->bound->label, t->plan->options->label, t->plan->threads);
    for (size_t k = 0; k < s->samples.event_count; k++) {
        reason = NULL;
        raw[PS_RAW_FIXED + k] = sample(l->events[k], round, &reason);
        if (isnan(raw[PS_RAW_FIXED + k]))
            t->series->sums.event_doubt[k] = reason;
        else
            t->series->sums.event_rounds[k]++;
    }
    for (size_t i = 0; i < custom_count(t->workload->ops); i++)
        raw[PS_RAW_CUSTOM + i] = sample(l->custom[i], round, &reason);
    index = sample(l->neighbour, round, &reason);
    if (!isnan(index))
        s->samples.neighbour[round] = index;
    t->schedule.execution = raw[PS_RAW_WALL];
    t->series->sums.executions++;
    return session_interrupted(s) ? -EINTR : 0;
}

static enum ps_thread_use use_of(double threads, const struct ps_plan_point *p)
{
    if (!p->asked || p->copies != 1)
        return PS_THREADS_UNKNOWN;
    return threads < p->threads   ? PS_THREADS_FEWER
           : threads > p->threads ? PS_THREADS_MORE
                                  : PS_THREADS_AS_ASKED;
}

/* Of a program: how many of its threads wanted a CPU at once, where the script says it. */
static int open_programs(struct session *s)
{
    for (size_t i = 0; i < s->target_count; i++) {
        struct ps_program_seen *seen = ps_arena_alloc(s->arena, sizeof *seen);
        const struct ps_plan_point *p = s->targets[i].plan;
        const char *reason;
        double threads = sample(line_of(s, &s->targets[i], "threads_seen"), 0, &reason);

        find_lines(s, &s->targets[i]);
        seen->threads = threads >= 1
                            ? (struct ps_thread_judgement){use_of(threads, p), (size_t)threads, 0}
                            : (struct ps_thread_judgement){0};
        s->targets[i].series->program = seen;
    }
    return 0;
}

static int open_workloads(struct session *s)
{
    for (size_t i = 0; i < s->target_count; i++) {
        session_add_workers(s, &s->targets[i]);
        find_lines(s, &s->targets[i]);
    }
    return 0;
}

static void close_nothing(struct session *s)
{
}

static int do_nothing(struct session *s, struct target *t)
{
    return 0;
}

const struct target_ops fake_workload_target_ops = {
    .open = open_workloads,
    .close = close_nothing,
    .warm_up = do_nothing,
    .run = fake_trial_run,
    .finish = do_nothing,
};

const struct target_ops fake_program_target_ops = {
    .open = open_programs,
    .close = close_nothing,
    .warm_up = do_nothing,
    .run = fake_trial_run,
    .finish = do_nothing,
};
