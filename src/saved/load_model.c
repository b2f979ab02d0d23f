#include <math.h>
#include <string.h>

#include "document.h"

static void read_interval(const struct ps_node *model, const char *key, double *value, double *low,
                          double *high)
{
    struct ps_node n = ps_read_member(model, key);

    *value = ps_read_number(&n, "value");
    *low = ps_read_number(&n, "low");
    *high = ps_read_number(&n, "high");
}

static PS_ENUM_READER(read_trend, ps_trend, "trend", "trend")

    /* Older files have none. */
    static void read_left_out(const struct ps_node *fit, struct ps_model *m)
{
    struct ps_node n = ps_read_member(fit, "left_out"), list = ps_read_member(&n, "threads");
    size_t count = ps_read_count(&list, PS_READ_ITEMS);

    m->left_out = ps_arena_array(n.reader->arena, count, sizeof *m->left_out);
    m->left_out_count = count;
    m->left_out_cpus = ps_read_number(&n, "cpus");
    for (size_t i = 0; i < count; i++) {
        struct ps_node item = ps_read_item(&list, i);

        m->left_out[i] = (unsigned)ps_read_integer_here(&item, 1, PS_READ_CPUS);
    }
}

static enum ps_kink_kind read_kink_kind(const struct ps_node *kink)
{
    struct ps_node n = ps_read_member(kink, "kind");
    const char *text = ps_read_text(kink, "kind");
    enum ps_kink_kind kind = PS_KINK_NONE;

    if (text && ps_kink_kind_parse(text, &kind) < 0)
        ps_read_fail(&n, "'%.64s' is not a known kink", text);
    return kind;
}

/* Older files have none. */
static void read_kinks(const struct ps_node *fit, struct ps_model *m)
{
    struct ps_node list = ps_read_member(fit, "kinks");
    size_t count = ps_read_count(&list, PS_READ_ITEMS);

    m->kinks = ps_arena_array(fit->reader->arena, count, sizeof *m->kinks);
    m->kink_count = count;
    for (size_t i = 0; i < count; i++) {
        struct ps_node item = ps_read_item(&list, i);

        m->kinks[i] = (struct ps_kink){
            (unsigned)ps_read_whole(&item, "threads", 1, PS_READ_CPUS),
            read_kink_kind(&item),
            ps_read_bool(&item, "left_out"),
        };
    }
}

static struct ps_interval interval_of(const struct ps_node *model, const char *key)
{
    struct ps_interval i;

    read_interval(model, key, &i.value, &i.low, &i.high);
    return i;
}

/* null is infinity where there is a law. */
static double unbounded(double x, bool known)
{
    return isnan(x) && known ? INFINITY : x;
}

static PS_ENUM_READER(read_law, ps_law, "best", "law")

    static void read_residuals(const struct ps_node *usl, struct ps_laws *l)
{
    struct ps_node list = ps_read_member(usl, "residuals");

    l->point_count = ps_read_count(&list, PS_READ_ITEMS);
    l->threads = ps_arena_array(usl->reader->arena, l->point_count, sizeof *l->threads);
    l->residuals = ps_arena_array(usl->reader->arena, l->point_count, sizeof *l->residuals);
    for (size_t i = 0; i < l->point_count; i++) {
        struct ps_node row = ps_read_item(&list, i);

        l->threads[i] = ps_read_number(&row, "threads");
        l->residuals[i] = ps_read_number(&row, "residual");
    }
}

/* Older files have none. */
static void read_usl(const struct ps_node *fit, struct ps_laws *l)
{
    struct ps_node n = ps_read_member(fit, "usl"), aicc = ps_read_member(&n, "aicc");

    l->status = ps_read_text(&n, "status");
    l->sigma = interval_of(&n, "sigma");
    l->kappa = interval_of(&n, "kappa");
    l->gamma = interval_of(&n, "gamma");
    l->peak = interval_of(&n, "peak");
    l->peak.value = unbounded(l->peak.value, !isnan(l->sigma.value));
    l->peak.low = unbounded(l->peak.low, !isnan(l->sigma.low));
    l->peak.high = unbounded(l->peak.high, !isnan(l->sigma.high));
    l->residual = ps_read_number(&n, "residual");
    l->best = read_law(&n);
    l->aicc[PS_LAW_NONE] = NAN;
    for (unsigned law = PS_LAW_LINEAR; law < PS_LAWS; law++)
        l->aicc[law] = ps_read_number(&aicc, ps_law_name(law));
    l->falls_from = ps_read_number(&n, "falls_from");
    read_residuals(&n, l);
}

static struct ps_advice_beyond read_beyond(const struct ps_node *n)
{
    return (struct ps_advice_beyond){
        .cpus = ps_read_number(n, "cpus"),
        .status = ps_read_text(n, "status"),
        .speedup = interval_of(n, "speedup"),
        .law = ps_read_text_or_null(n, "law"),
    };
}

/* Older files have none. */
static void read_advice(const struct ps_node *fit, struct ps_advice *a)
{
    struct ps_node n = ps_read_member(fit, "recommendations");
    struct ps_node cheapest = ps_read_member(&n, "cheapest"), list = ps_read_member(&n, "beyond");
    struct ps_node efficient = ps_read_member(&n, "efficient");

    *a = (struct ps_advice){
        .known = true,
        .wanted_efficiency = ps_read_number(&efficient, "wanted"),
        .efficient_threads = ps_read_number(&efficient, "threads"),
        .efficiency = interval_of(&efficient, "efficiency"),
        .next_threads = ps_read_number(&efficient, "next_threads"),
        .next_efficiency = ps_read_number(&efficient, "next_efficiency"),
        .cheapest_threads = ps_read_number(&cheapest, "threads"),
        .core_seconds = ps_read_number(&cheapest, "core_seconds"),
        .asked = ps_read_bool(&n, "asked"),
        .beyond_count = ps_read_count(&list, PS_READ_ITEMS),
    };
    a->beyond = ps_arena_array(n.reader->arena, a->beyond_count, sizeof *a->beyond);
    for (size_t i = 0; i < a->beyond_count; i++) {
        struct ps_node item = ps_read_item(&list, i);

        a->beyond[i] = read_beyond(&item);
    }
}

static const char *read_fitted(const struct ps_node *fit)
{
    static const char *const laws[] = {"amdahl", "gustafson"};

    return ps_read_known(fit, "law", "known law", laws, sizeof laws / sizeof *laws);
}

static void read_fit(const struct ps_node *n, struct ps_model *m)
{
    m->workload_label = ps_read_text(n, "workload");
    m->strategy_label = ps_read_text(n, "strategy");
    m->placement = ps_read_text(n, "placement");
    m->status = ps_read_text(n, "status");
    read_interval(n, "serial_fraction", &m->serial_fraction, &m->low, &m->high);
    m->limit = ps_read_number(n, "limit");
    m->residual = ps_read_number(n, "residual");
    m->best_threads = ps_read_number(n, "best_threads");
    m->weak = ps_read_has(n, "law") && !strcmp(read_fitted(n), "gustafson");
    if (ps_read_has(n, "left_out"))
        read_left_out(n, m);
    if (ps_read_has(n, "kinks"))
        read_kinks(n, m);
    if (ps_read_has(n, "usl"))
        read_usl(n, &m->laws);
    if (ps_read_has(n, "recommendations"))
        read_advice(n, &m->advice);
}

static void check_same(const struct ps_node *n, const char *key, const char *expected)
{
    struct ps_node member = ps_read_member(n, key);
    const char *text = ps_read_text(n, key);

    if (text && strcmp(text, expected))
        ps_read_fail(&member, "expected '%.128s', as in models.amdahl[%zu]", expected, n->index);
}

static void read_karp_flatt(const struct ps_node *n, struct ps_model *m)
{
    struct ps_node rows = ps_read_member(n, "rows");
    size_t count = ps_read_count(&rows, PS_READ_ITEMS);

    check_same(n, "workload", m->workload_label);
    check_same(n, "strategy", m->strategy_label);
    check_same(n, "placement", m->placement);
    m->trend = read_trend(n);
    m->karp_flatt = ps_arena_array(n->reader->arena, count, sizeof *m->karp_flatt);
    m->karp_flatt_count = count;
    for (size_t i = 0; i < count; i++) {
        struct ps_node row = ps_read_item(&rows, i);

        m->karp_flatt[i] = (struct ps_karp_flatt_row){
            .threads = ps_read_number(&row, "threads"),
            .value = ps_read_number(&row, "value"),
            .low = ps_read_number(&row, "low"),
            .high = ps_read_number(&row, "high"),
        };
    }
}

static PS_ENUM_READER(read_verdict, ps_smt_verdict, "verdict", "verdict")

    static void read_smt(const struct ps_node *n, struct ps_smt_model *m)
{
    m->workload_label = ps_read_text(n, "workload_label");
    m->strategy_label = ps_read_text(n, "strategy_label");
    m->cores = (unsigned)ps_read_whole(n, "cores", 1, PS_READ_CPUS);
    m->assumed = ps_read_bool(n, "told");
    m->copies = ps_read_bool(n, "copies");
    read_interval(n, "effect", &m->effect, &m->low, &m->high);
    read_interval(n, "packed", &m->packed, &m->packed_low, &m->packed_high);
    m->verdict = read_verdict(n);
    m->evidence = ps_read_text(n, "evidence");
}

/* null is infinity where there is a lower end. */
static struct ps_result_threshold read_from(const struct ps_node *grain, const char *key)
{
    struct ps_node n = ps_read_member(grain, key);
    struct ps_result_threshold f = {.status = ps_read_text(&n, "status")};

    read_interval(grain, key, &f.value, &f.low, &f.high);
    if (!isnan(f.low) && isnan(f.high))
        f.high = INFINITY;
    return f;
}

static void read_grain(const struct ps_node *n, struct ps_grain *g)
{
    static const char *const units[] = {"count", "s", "1"};

    g->workload = ps_read_text(n, "workload");
    g->workload_label = ps_read_text(n, "workload_label");
    g->strategy_label = ps_read_text(n, "strategy");
    g->placement = ps_read_text(n, "placement");
    g->against = ps_read_has(n, "against") ? ps_read_text(n, "against") : NULL;
    g->threads = (unsigned)ps_read_whole(n, "threads", 1, PS_READ_CPUS);
    g->parameter = ps_read_text(n, "parameter");
    g->unit = ps_read_known(n, "unit", "known unit", units, sizeof units / sizeof *units);
    g->smallest = ps_read_number(n, "smallest");
    g->largest = ps_read_number(n, "largest");
    g->crossover = read_from(n, "crossover");
    g->crossover_idle = read_from(n, "crossover_idle");
    g->metg = read_from(n, "metg");
}

/* Older files have none. */
static void read_grains(const struct ps_node *models, struct ps_result *r)
{
    struct ps_node list;
    size_t count;

    if (!ps_read_has(models, "grain"))
        return;
    list = ps_read_member(models, "grain");
    count = ps_read_count(&list, PS_READ_ITEMS);
    r->grains = ps_arena_array(models->reader->arena, count, sizeof *r->grains);
    r->grain_count = count;
    for (size_t i = 0; i < count && !list.reader->rc; i++) {
        struct ps_node item = ps_read_item(&list, i);

        read_grain(&item, &r->grains[i]);
    }
}

/* Older files have none. */
static void read_smt_models(const struct ps_node *models, struct ps_result *r)
{
    struct ps_node list;
    size_t count;

    if (!ps_read_has(models, "smt"))
        return;
    list = ps_read_member(models, "smt");
    count = ps_read_count(&list, PS_READ_ITEMS);
    r->smt = ps_arena_array(models->reader->arena, count, sizeof *r->smt);
    r->smt_count = count;
    for (size_t i = 0; i < count && !list.reader->rc; i++) {
        struct ps_node item = ps_read_item(&list, i);

        read_smt(&item, &r->smt[i]);
    }
}

void ps_read_models(const struct ps_node *n, struct ps_result *r)
{
    struct ps_node fits = ps_read_member(n, "amdahl"), rows = ps_read_member(n, "karp_flatt");
    size_t count = ps_read_count(&fits, PS_READ_ITEMS);

    if (ps_read_count(&rows, PS_READ_ITEMS) != count)
        ps_read_fail(&rows, "expected as many entries as in models.amdahl");
    r->models = ps_arena_array(n->reader->arena, count, sizeof *r->models);
    r->model_count = count;
    for (size_t i = 0; i < count && !n->reader->rc; i++) {
        struct ps_node fit = ps_read_item(&fits, i), row = ps_read_item(&rows, i);

        read_fit(&fit, &r->models[i]);
        read_karp_flatt(&row, &r->models[i]);
    }
    read_grains(n, r);
    read_smt_models(n, r);
}
