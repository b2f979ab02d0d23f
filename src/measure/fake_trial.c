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

static double sample(const struct session *s, const struct target *t, const char *metric,
                     size_t round, const char **reason)
{
    double value;
    const struct ps_bound *bound = t->workload->bound;
    const struct ps_fake_query q = {
        .metric = metric,
        /* A script has no blanks in names, which a program's label may have. */
        .workload = t->workload->program ? bound->name : bound->label,
        .strategy = t->plan->options->label,
        .threads = t->plan->threads,
    };
    int err = ps_fake_sample(s->plan->fake, &q, round, &value, reason);

    return err < 0 ? NAN : value;
}

static int fake_trial_run(struct session *s, struct target *t, size_t round)
{
    double *raw = ps_raw(&s->samples, t->series, round), index;
    const char *reason = NULL;

    for (size_t i = 0; i < sizeof scripted / sizeof *scripted; i++)
        raw[scripted[i].raw] = sample(s, t, scripted[i].metric, round, &reason);
    if (isnan(raw[PS_RAW_CPU_SPIN]))
        raw[PS_RAW_CPU_SPIN] = 0; /* a script that says nothing of spinning means none */
    if (isnan(raw[PS_RAW_OTHERS_MOST]))
        raw[PS_RAW_OTHERS_MOST] = raw[PS_RAW_OTHERS]; /* all of it from one thread */
    if (isnan(raw[PS_RAW_WALL]))
        return ps_fail(s->error, ENODATA, "the script has no wall_time for %s %s %u",
                       t->workload->bound->label, t->plan->options->label, t->plan->threads);
    for (size_t k = 0; k < s->samples.event_count; k++) {
        reason = NULL;
        raw[PS_RAW_FIXED + k] = sample(s, t, s->samples.events[k].name, round, &reason);
        if (isnan(raw[PS_RAW_FIXED + k]))
            t->series->sums.event_doubt[k] = reason;
        else
            t->series->sums.event_rounds[k]++;
    }
    for (size_t i = 0; i < custom_count(t->workload->ops); i++)
        raw[PS_RAW_CUSTOM + i] = sample(s, t, t->workload->ops->custom[i].name, round, &reason);
    index = sample(s, t, "neighbour_index", round, &reason);
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
        double threads = sample(s, &s->targets[i], "threads_seen", 0, &reason);

        seen->threads = threads >= 1
                            ? (struct ps_thread_judgement){use_of(threads, p), (size_t)threads, 0}
                            : (struct ps_thread_judgement){0};
        s->targets[i].series->program = seen;
    }
    return 0;
}

static int open_workloads(struct session *s)
{
    for (size_t i = 0; i < s->target_count; i++)
        session_add_workers(s, &s->targets[i]);
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
