#include "counts.h"

/* Of kinds of cores: what no reference event saw, because something else held its counter. */
static bool is_covered(const struct ps_event *event, const struct ps_counts *counts)
{
    return (double)counts->enabled_ns[event->total_of] >=
           PS_KIND_COVERAGE * (double)counts->kinds_ns;
}

static const char never_ran[] = "it was never scheduled on the PMU";

const char *ps_count_doubt(const struct ps_event *event, const struct ps_counts *counts, size_t i)
{
    const uint64_t enabled = counts->enabled_ns[i], running = counts->running_ns[i];

    if (event->state == PS_COUNT_UNAVAILABLE)
        return event->reason;
    if (enabled == 0 && (!event->kind || counts->kinds_ns == 0))
        return "no interval was counted";
    if (enabled > 0 && running == 0)
        return never_ran;
    if (event->one_kind && running < enabled)
        return "the thread also ran on cores of another kind, where this event is not counted";
    if (event->total_of >= 0 && !is_covered(event, counts))
        return "counted for only part of the time on cores of several kinds, which is not scaled";
    if (event->nonzero && running > 0 && counts->value[i] == 0)
        return "it reads 0 although the thread ran: this machine does not really count it";
    return NULL;
}

bool ps_count_doubt_is_turn(const char *doubt)
{
    return doubt == never_ran;
}

double ps_count_scaled(const struct ps_event *event, const struct ps_counts *counts, size_t i)
{
    const double enabled = (double)counts->enabled_ns[i], running = (double)counts->running_ns[i];
    const bool multiplexed = !event->total && running > 0 && running < enabled;

    return (double)counts->value[i] * (multiplexed ? enabled / running : 1);
}
