#include <string.h>

#include "document.h"
#include "json_diagnosis.h"

static struct ps_text_pair *read_pairs(const struct ps_node *point, const char *key, size_t *count)
{
    struct ps_node n = ps_read_member(point, key);
    size_t total = ps_read_members(&n, PS_READ_FEW), i = 0;
    struct ps_text_pair *pairs = ps_arena_array(n.reader->arena, total, sizeof *pairs);
    const char *name;
    json_t *value;

    if (total) {
        json_object_foreach(n.value, name, value)
        {
            pairs[i].name = ps_read_name(&n, name);
            pairs[i++].value = ps_read_text(&n, name);
        }
    }
    *count = total;
    return pairs;
}

static void read_cpus(const struct ps_node *point, struct ps_point *p)
{
    struct ps_node n = ps_read_member(point, "cpus");
    size_t count = ps_read_count(&n, PS_READ_CPUS);

    if (n.reader->rc || !count)
        return;
    if (count != p->threads) {
        ps_read_fail(&n, "%zu CPUs for %u threads", count, p->threads);
        return;
    }
    p->cpus = ps_arena_array(n.reader->arena, count, sizeof *p->cpus);
    for (size_t i = 0; i < count; i++) {
        struct ps_node item = ps_read_item(&n, i);

        p->cpus[i] = (int)ps_read_integer_here(&item, -1, PS_READ_CPUS);
    }
}

static void read_metric(const struct ps_node *n, struct ps_metric *m)
{
    m->id = ps_read_name(n, n->key);
    m->value = ps_read_number(n, "value");
    m->low = ps_read_number(n, "low");
    m->high = ps_read_number(n, "high");
    m->unit = ps_read_text(n, "unit");
    m->quality = ps_read_quality(n);
    m->reason = ps_read_text_or_null(n, "reason");
    m->share = ps_read_has(n, "share") ? ps_read_number(n, "share") : 0;
    m->help = ps_read_has(n, "help") ? ps_read_text(n, "help") : NULL;
    if (!n->reader->rc && !(m->share >= 0 && m->share <= 1))
        ps_read_fail(n, "a share of the time is from 0 to 1");
    if (!n->reader->rc && m->quality == PS_UNAVAILABLE && !m->reason)
        ps_read_fail(n, "unavailable without a reason");
}

static void read_metrics(const struct ps_node *point, struct ps_point *p)
{
    struct ps_node list = ps_read_member(point, "metrics");
    size_t count = ps_read_members(&list, PS_READ_FEW), i = 0;
    const char *id;
    json_t *value;

    p->metrics = ps_arena_array(list.reader->arena, count, sizeof *p->metrics);
    p->metric_count = count;
    if (!count)
        return;
    json_object_foreach(list.value, id, value)
    {
        struct ps_node n = ps_read_member(&list, id);

        read_metric(&n, &p->metrics[i++]);
    }
}

static struct ps_metric *find_metric(struct ps_point *p, const char *id)
{
    for (size_t i = 0; i < p->metric_count; i++)
        if (!strcmp(p->metrics[i].id, id))
            return &p->metrics[i];
    return NULL;
}

static void set_series(const struct ps_node *n, const struct ps_cut_series *s, struct ps_point *p)
{
    struct ps_metric *m = s->name ? find_metric(p, s->name) : NULL;

    if (!m) {
        ps_read_fail(n, "samples of a metric that the point does not have");
        return;
    }
    if (s->count != p->rounds)
        ps_read_fail(n, "%zu samples for %zu rounds", s->count, p->rounds);
    m->samples = s->values;
}

static void read_series(const struct ps_node *list, const char *id, struct ps_point *p)
{
    struct ps_node n = ps_read_member(list, id);
    struct ps_cut_series s = {ps_read_name(&n, id)};

    s.values = ps_read_numbers(list, id, PS_READ_ROUNDS, &s.count);
    set_series(&n, &s, p);
}

/* Where they were cut out of the document: each is of one point, in their order. */
static bool read_cut(const struct ps_node *list, struct ps_point *p)
{
    struct ps_reader *r = list->reader;
    json_t *mark = json_object_get(list->value, PS_CUT_KEY);
    const struct ps_cut *c;

    if (r->next_cut == r->cuts.count || !json_is_integer(mark) ||
        json_integer_value(mark) != (json_int_t)r->next_cut)
        return false;
    c = &r->cuts.items[r->next_cut++];
    for (size_t i = 0; i < c->count; i++) {
        const struct ps_node n = {r, list, c->series[i].name, 0, NULL};

        set_series(&n, &c->series[i], p);
    }
    return true;
}

static void read_samples(const struct ps_node *point, struct ps_point *p)
{
    struct ps_node list = ps_read_member(point, "samples");
    const char *id;
    json_t *value;

    if (!ps_read_members(&list, PS_READ_FEW) || read_cut(&list, p))
        return;
    json_object_foreach(list.value, id, value)
    {
        if (list.reader->rc)
            return;
        read_series(&list, id, p);
    }
}

static void read_modes(const struct ps_node *point, struct ps_point *p)
{
    struct ps_node list;

    if (!ps_read_has(point, "modes"))
        return;
    list = ps_read_member(point, "modes");
    if (ps_read_count(&list, 2) != 2)
        ps_read_fail(&list, "one mode: expected two, or none");
    for (size_t i = 0; !list.reader->rc && i < 2; i++) {
        struct ps_node n = ps_read_item(&list, i);

        p->modes.centre[i] = ps_read_number(&n, "centre");
        p->modes.share[i] = ps_read_number(&n, "share");
        p->modes.count[i] = ps_read_whole(&n, "rounds", 0, p->rounds);
        if (!n.reader->rc && !(p->modes.share[i] >= 0 && p->modes.share[i] <= 1))
            ps_read_fail(&n, "a share of the rounds is from 0 to 1");
    }
    p->modes.found = true;
}

static void read_workers(const struct ps_node *point, struct ps_point *p)
{
    struct ps_node list = ps_read_member(point, "workers");
    size_t count = ps_read_count(&list, PS_READ_CPUS);

    p->workers = ps_arena_array(list.reader->arena, count, sizeof *p->workers);
    p->worker_count = count;
    for (size_t i = 0; i < count; i++) {
        struct ps_node n = ps_read_item(&list, i), cpu = ps_read_member(&n, "cpu");

        p->workers[i] = (struct ps_worker){
            .cpu = (int)ps_read_integer_here(&cpu, -1, PS_READ_CPUS),
            .busy_time = ps_read_number(&n, "busy_time"),
            .spin_time = ps_read_number(&n, "spin_time"),
            .cpu_time = ps_read_number(&n, "cpu_time"),
            .items = ps_read_number(&n, "items"),
        };
        if (ps_read_has(&n, "run_delay"))
            p->workers[i].run_delay = ps_read_number(&n, "run_delay");
        if (ps_read_has(&n, "counts"))
            p->workers[i].counts =
                ps_read_numbers(&n, "counts", PS_READ_FEW, &p->workers[i].event_count);
    }
}

/* Results of earlier versions have none. */
static void read_load(const struct ps_node *point, struct ps_point *p)
{
    static const char *const statuses[] = {PS_LOAD_UNKNOWN, PS_LOAD_QUIET, PS_LOAD_CLEAN_ROUNDS,
                                           PS_LOAD_DISTURBED};
    struct ps_node n;
    size_t count;

    if (!ps_read_has(point, "load"))
        return;
    n = ps_read_member(point, "load");
    p->load.status =
        ps_read_known(&n, "status", "known load", statuses, sizeof statuses / sizeof *statuses);
    p->load.witness = ps_read_text_or_null(&n, "witness");
    p->load.share = ps_read_number(&n, "share");
    p->load.rounds = ps_read_whole(&n, "rounds", 0, PS_READ_ROUNDS);
    p->load.clean = ps_read_whole(&n, "clean", 0, PS_READ_ROUNDS);
    p->load.shares = ps_read_numbers(&n, "shares", PS_READ_ROUNDS, &count);
    if (!count)
        p->load.shares = NULL;
    else if (count != p->rounds)
        ps_read_fail(&n, "%zu shares for %zu rounds", count, p->rounds);
}

void ps_read_point(const struct ps_node *n, struct ps_point *p)
{
    p->workload = ps_read_text(n, "workload");
    p->workload_label = ps_read_text(n, "workload_label");
    p->pattern = ps_read_has(n, "pattern") ? ps_read_text(n, "pattern") : NULL;
    p->parameters = read_pairs(n, "parameters", &p->parameter_count);
    p->strategy = ps_read_text(n, "strategy");
    p->strategy_label = ps_read_text(n, "strategy_label");
    p->options = read_pairs(n, "options", &p->option_count);
    if (ps_read_has(n, "applied"))
        p->applied = ps_read_texts(n, "applied", PS_READ_FEW, &p->applied_count);
    p->threads = (unsigned)ps_read_whole(n, "threads", 1, PS_READ_CPUS);
    p->placement = ps_read_text(n, "placement");
    read_cpus(n, p);
    p->baseline = ps_read_bool(n, "baseline");
    p->oversubscribed = ps_read_bool(n, "oversubscribed");
    p->items = ps_read_number(n, "items");
    p->unit = ps_read_text(n, "unit");
    p->rounds = ps_read_whole(n, "rounds", 0, PS_READ_ROUNDS);
    p->executions = ps_read_whole(n, "executions", 0, INT64_MAX);
    read_metrics(n, p);
    read_samples(n, p);
    read_modes(n, p);
    read_workers(n, p);
    read_load(n, p);
    if (ps_read_has(n, "diagnosis")) {
        const struct ps_node d = ps_read_member(n, "diagnosis");

        p->diagnosis = ps_read_diagnosis(&d);
    }
}
