/* The host part of the result. */
#include <math.h>

#include "assemble.h"
#include "fake.h"
#include "samples.h"
#include "stats.h"

static double share(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : NAN;
}

static void set_busy(const struct ps_samples *s, struct ps_result_host *h)
{
    const struct ps_cpu_times *begin = &s->times_begin, *end = &s->times_end;

    if (!end->count || end->count != begin->count || !s->busy_before)
        return;
    h->cpu_busy_count = end->count;
    h->cpu_busy_before = s->busy_before;
    h->cpu_busy_during = ps_arena_array(s->arena, end->count, sizeof(double));
    for (unsigned i = 0; i < end->count; i++)
        h->cpu_busy_during[i] =
            share(end->busy[i] - begin->busy[i], end->total[i] - begin->total[i]);
    h->steal = share(end->steal - begin->steal, end->all - begin->all);
    h->throttled = (double)(end->throttled_ns - begin->throttled_ns) * 1e-9;
}

static void set_neighbour(const struct ps_samples *s, struct ps_result_host *h)
{
    double *scratch = ps_arena_array(s->arena, s->rounds, sizeof *scratch);

    h->neighbour_cpus = s->neighbour_cpus;
    h->neighbour_cpu_count = s->neighbour_cpu_count;
    h->neighbour_rounds = s->neighbour;
    h->neighbour_round_count = s->rounds;
    h->neighbour_index = ps_median(s->neighbour, s->rounds, scratch);
}

static enum ps_quality event_quality(const struct ps_event *e)
{
    switch (e->state) {
    case PS_COUNT_EXACT:
        return PS_EXACT;
    case PS_COUNT_USER_ONLY:
        return PS_USER_ONLY;
    case PS_COUNT_KERNEL_ONLY:
        return PS_KERNEL_ONLY;
    default:
        return PS_UNAVAILABLE;
    }
}

static void set_events(const struct ps_samples *s, struct ps_result_host *h)
{
    h->event_count = s->event_count;
    h->events = ps_arena_array(s->arena, s->event_count, sizeof *h->events);
    for (size_t i = 0; i < s->event_count; i++)
        h->events[i] = (struct ps_event_status){s->events[i].name, event_quality(&s->events[i]),
                                                s->events[i].reason};
}

static void set_machine(const struct ps_samples *s, struct ps_result_host *h)
{
    const struct ps_host *host = &s->plan->host;

    h->cpu_model = host->cpu_model;
    h->kernel = host->kernel;
    h->virtualization = host->virtualization;
    h->governor = host->governor;
    h->turbo = host->turbo;
    h->perf_event_paranoid = host->perf_event_paranoid;
    h->cpu_quota = host->cpu_quota;
    h->quota_source = host->quota_source;
    set_busy(s, h);
    set_events(s, h);
    h->group_read_cost = s->read_cost;
    h->probe_share = s->probe_time / s->elapsed;
}

/* Under the script everything that depends on this machine is fixed, so that output is exact. */
static void set_scripted(const struct ps_samples *s, struct ps_result_host *h)
{
    const struct ps_fake_query steal = PS_FAKE_HOST("steal");
    const char *reason;

    h->cpu_model = "Scripted CPU";
    h->kernel = "Linux 0.0 scripted";
    h->virtualization = "none";
    h->perf_event_paranoid = 2;
    h->cpu_quota = s->plan->host.cpu_quota;
    h->group_read_cost = h->probe_share = NAN;
    if (ps_fake_sample(s->plan->fake, &steal, 0, &h->steal, &reason) < 0)
        h->steal = NAN;
}

void assemble_host(const struct ps_samples *s, struct ps_result_host *h)
{
    const struct ps_topology *t = s->plan->topology;

    *h = (struct ps_result_host){
        .topology = t->source,
        .packages = t->packages,
        .cores = t->cores,
        .cpus = t->cpu_count,
        .threads_per_core = t->threads_per_core,
        .machine_cpus = t->machine_cpus,
        .core_kinds = t->kind_names,
        .core_kind_count = t->kinds,
        .steal = NAN,
    };
    if (s->plan->fake)
        set_scripted(s, h);
    else
        set_machine(s, h);
    set_neighbour(s, h);
}
