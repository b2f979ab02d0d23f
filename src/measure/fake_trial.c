/* A trial whose samples come from the script. The workload has run once, for its verification. */
#include <errno.h>
#include <math.h>

#include "fake.h"
#include "custom.h"
#include "session.h"

static const struct {
    enum raw raw;
    const char *metric;
} scripted[] = {
    {RAW_WALL, "wall_time"},
    {RAW_WALL_IDLE, "wall_time_idle"},
    {RAW_WALL_COUNTED, "wall_time"},
    {RAW_CPU, "cpu_time"},
    {RAW_CPU_SPIN, "spin_time"},
    {RAW_BUSY, "busy_time"},
    {RAW_SPIN, "spin_time"},
    {RAW_REGION, "region_time"},
    {RAW_MAX_BUSY, "max_busy_time"},
    {RAW_FAIRNESS, "fairness"},
    {RAW_FREQUENCY, "frequency"},
    {RAW_VOLUNTARY, "voluntary_switches"},
    {RAW_INVOLUNTARY, "involuntary_switches"},
    {RAW_USER, "user_time"},
    {RAW_SYSTEM, "system_time"},
    {RAW_RSS, "max_rss"},
};

static double sample(const struct session *s, const struct target *t, const char *metric,
                     size_t round, const char **reason)
{
    double value;
    const struct ps_bound *bound = t->workload->bound;
    /* A script has no blanks in names, which a program's label may have. */
    const char *workload = t->workload->program ? bound->name : bound->label;
    int err = ps_fake_sample(s->plan->fake, metric, workload, t->plan->options->label,
                             t->plan->threads, round, &value, reason);

    return err < 0 ? NAN : value;
}

int fake_trial_run(struct session *s, struct target *t, size_t round)
{
    double *raw = target_raw(s, t, round), index;
    const char *reason = NULL;

    for (size_t i = 0; i < sizeof scripted / sizeof *scripted; i++)
        raw[scripted[i].raw] = sample(s, t, scripted[i].metric, round, &reason);
    if (isnan(raw[RAW_CPU_SPIN]))
        raw[RAW_CPU_SPIN] = 0; /* a script that says nothing of spinning means none */
    if (isnan(raw[RAW_WALL]))
        return ps_fail(s->error, ENODATA, "the script has no wall_time for %s %s %u",
                       t->workload->bound->label, t->plan->options->label, t->plan->threads);
    for (size_t k = 0; k < s->event_count; k++) {
        reason = NULL;
        raw[RAW_FIXED + k] = sample(s, t, s->events[k].name, round, &reason);
        if (isnan(raw[RAW_FIXED + k]))
            t->event_doubt[k] = reason;
        else
            t->event_rounds[k]++;
    }
    for (size_t i = 0; i < custom_count(t->workload->ops); i++)
        raw[RAW_CUSTOM + i] = sample(s, t, t->workload->ops->custom[i].name, round, &reason);
    index = sample(s, t, "neighbour_index", round, &reason);
    if (!isnan(index))
        s->neighbour[round] = index;
    t->execution = raw[RAW_WALL];
    t->executions++;
    return session_interrupted(s) ? -EINTR : 0;
}

static int open_nothing(struct session *s)
{
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
    .open = workload_open,
    .close = workload_close,
    .warm_up = workload_warm_up,
    .run = fake_trial_run,
    .finish = workload_verify,
};

const struct target_ops fake_program_target_ops = {
    .open = open_nothing,
    .close = close_nothing,
    .warm_up = do_nothing,
    .run = fake_trial_run,
    .finish = do_nothing,
};
