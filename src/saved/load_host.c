#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "document.h"

static void read_events(const struct ps_node *host, struct ps_result_host *h)
{
    struct ps_node list = ps_read_member(host, "counters");
    size_t count = ps_read_count(&list, PS_READ_FEW);

    h->events = ps_arena_array(host->reader->arena, count, sizeof *h->events);
    h->event_count = count;
    for (size_t i = 0; i < count; i++) {
        struct ps_node n = ps_read_item(&list, i);

        h->events[i].name = ps_read_text(&n, "name");
        h->events[i].quality = ps_read_quality(&n);
        h->events[i].reason = ps_read_text_or_null(&n, "reason");
    }
}

static void read_cpu_busy(const struct ps_node *host, struct ps_result_host *h)
{
    struct ps_node n = ps_read_member(host, "cpu_busy");
    size_t during;

    h->cpu_busy_before = ps_read_numbers(&n, "before", PS_READ_CPUS, &h->cpu_busy_count);
    h->cpu_busy_during = ps_read_numbers(&n, "during", PS_READ_CPUS, &during);
    if (during != h->cpu_busy_count)
        ps_read_fail(&n, "'before' and 'during' have different lengths");
}

/* Results of earlier versions have none. */
static void read_neighbour_cpus(const struct ps_node *host, struct ps_result_host *h)
{
    struct ps_node list;
    size_t count;

    if (!ps_read_has(host, "neighbour_cpus"))
        return;
    list = ps_read_member(host, "neighbour_cpus");
    count = ps_read_count(&list, PS_READ_CPUS);
    h->neighbour_cpus = ps_arena_array(host->reader->arena, count, sizeof *h->neighbour_cpus);
    h->neighbour_cpu_count = count;
    for (size_t i = 0; i < count; i++) {
        struct ps_node n = ps_read_item(&list, i);
        struct ps_neighbour_cpu *c = &h->neighbour_cpus[i];

        c->cpu = (int)ps_read_whole(&n, "cpu", 0, PS_READ_CPUS);
        c->rounds = ps_read_numbers(&n, "rounds", PS_READ_ROUNDS, &c->count);
    }
}

static int read_paranoid(const struct ps_node *host)
{
    struct ps_node n = ps_read_member(host, "perf_event_paranoid");

    return (int)ps_read_integer_here(&n, -1000, 1000);
}

void ps_read_host(const struct ps_node *n, struct ps_result_host *h)
{
    h->cpu_model = ps_read_text(n, "cpu_model");
    h->kernel = ps_read_text(n, "kernel");
    h->virtualization = ps_read_text(n, "virtualization");
    h->governor = ps_read_text_or_null(n, "governor");
    h->turbo = ps_read_text_or_null(n, "turbo");
    h->topology = ps_read_text(n, "topology");
    h->packages = (unsigned)ps_read_whole(n, "packages", 0, PS_READ_CPUS);
    h->cores = (unsigned)ps_read_whole(n, "cores", 0, PS_READ_CPUS);
    h->cpus = (unsigned)ps_read_whole(n, "cpus", 0, PS_READ_CPUS);
    h->threads_per_core = (unsigned)ps_read_whole(n, "threads_per_core", 0, PS_READ_CPUS);
    h->machine_cpus = (unsigned)ps_read_whole(n, "machine_cpus", 0, PS_READ_CPUS);
    h->core_kinds = ps_read_texts(n, "core_kinds", PS_READ_FEW, &h->core_kind_count);
    h->perf_event_paranoid = read_paranoid(n);
    h->cpu_quota = ps_read_number(n, "cpu_quota");
    h->quota_source = ps_read_text_or_null(n, "quota_source");
    read_cpu_busy(n, h);
    h->throttled = ps_read_number(n, "throttled");
    h->steal = ps_read_number(n, "steal");
    h->neighbour_index = ps_read_number(n, "neighbour_index");
    h->neighbour_rounds =
        ps_read_numbers(n, "neighbour_rounds", PS_READ_ROUNDS, &h->neighbour_round_count);
    read_neighbour_cpus(n, h);
    h->group_read_cost = ps_read_number(n, "group_read_cost");
    h->probe_share = ps_read_number(n, "probe_share");
    read_events(n, h);
}

/* Decimal digits, as text: seeds use all 64 bits. */
static uint64_t read_seed(const struct ps_node *plan)
{
    struct ps_node n = ps_read_member(plan, "seed");
    const char *text = ps_read_text(plan, "seed");
    uint64_t seed;

    if (!text)
        return 0;
    errno = 0;
    seed = strtoull(text, NULL, 10);
    if (!*text || text[strspn(text, "0123456789")] || errno)
        ps_read_fail(&n, "expected a whole number of at most 64 bits, as text");
    return seed;
}

static PS_ENUM_READER(read_ended_by, ps_end, "ended_by", "end")

    /* Older files have none. */
    static void read_widest(const struct ps_node *plan, struct ps_result_widest *w)
{
    struct ps_node n;

    if (!ps_read_has(plan, "widest"))
        return;
    n = ps_read_member(plan, "widest");
    if (json_is_null(n.value))
        return;
    w->text = ps_read_text(&n, "of");
    w->half_width = ps_read_number(&n, "half_width");
    w->relative = ps_read_bool(&n, "relative");
}

void ps_read_plan(const struct ps_node *n, struct ps_result_plan *p)
{
    p->command = ps_read_text(n, "command");
    p->arguments = ps_read_texts(n, "arguments", PS_READ_ITEMS, &p->argument_count);
    p->seed = read_seed(n);
    p->precision = ps_read_number(n, "precision");
    p->max_time = ps_read_number(n, "max_time");
    p->gap = ps_read_number(n, "gap");
    p->runs = ps_read_whole(n, "runs", 0, INT64_MAX);
    p->rounds = ps_read_whole(n, "rounds", 0, PS_READ_ROUNDS);
    p->ended_by = read_ended_by(n);
    read_widest(n, &p->widest);
}
