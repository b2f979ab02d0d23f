#include "budget.h"

#include <math.h>

#include "program_trials.h"
#include "stats.h"
#include "units.h"

static double trial_time(const struct session *s, const struct target *t)
{
    double reps = (double)(t->schedule.reps ? t->schedule.reps : 1);

    if (t->trials)
        return t->spent / (double)t->trials;
    return (reps + t->schedule.warm_in) * (t->schedule.execution + s->plan->request->gap);
}

bool budget_limits(const struct session *s)
{
    return !s->plan->fake && !s->plan->request->runs;
}

double budget_round(const struct session *s)
{
    double sum = 0;

    for (size_t i = 0; i < s->target_count; i++)
        if (s->targets[i].focus)
            sum += trial_time(s, &s->targets[i]);
    return sum;
}

bool budget_first_counts(const struct session *s)
{
    return budget_limits(s) && s->plan->programs && s->plan->request->warmup == 1 &&
           session_elapsed(s) + budget_round(s) > s->plan->request->max_time;
}

size_t budget_fits(const struct session *s)
{
    double left = s->plan->request->max_time - observed_reserve(s) - session_elapsed(s);
    double fits = floor(fmax(left, 0) / fmax(budget_round(s), 1e-9));

    return fits < 1 && !s->samples.rounds ? 1 : (size_t)fmin(fits, 1e9);
}

void budget_warn(struct session *s)
{
    const double round = budget_round(s), max_time = s->plan->request->max_time;
    size_t fits = budget_fits(s);
    char time[32];
    const char *room;

    if (!s->hooks->notice || !budget_limits(s) || fits >= PS_MIN_ROUNDS)
        return;
    /* How long it should be is said at the end, when it is known better. */
    ps_format_time(time, sizeof time, round);
    room = s->first_counts
               ? ps_arena_format(s->arena, "with --max-time %gs there is one", max_time)
               : ps_arena_format(s->arena, "--max-time %gs has room for %zu", max_time, fits);
    s->hooks->notice(ps_arena_format(s->arena,
                                     "A round takes about %s: %s, but an interval needs %d.", time,
                                     room, PS_MIN_ROUNDS));
}
