#include <string.h>

#include "json_read.h"

static void read_fit(const struct ps_node *n, struct ps_model *m)
{
    struct ps_node s = ps_read_member(n, "serial_fraction");

    m->workload_label = ps_read_text(n, "workload");
    m->strategy_label = ps_read_text(n, "strategy");
    m->placement = ps_read_text(n, "placement");
    m->status = ps_read_text(n, "status");
    m->serial_fraction = ps_read_number(&s, "value");
    m->low = ps_read_number(&s, "low");
    m->high = ps_read_number(&s, "high");
    m->limit = ps_read_number(n, "limit");
    m->residual = ps_read_number(n, "residual");
    m->best_threads = ps_read_number(n, "best_threads");
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
    m->trend = ps_read_text(n, "trend");
    m->karp_flatt = ps_arena_array(n->reader->arena, count, sizeof(*m->karp_flatt));
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

void ps_read_models(const struct ps_node *n, struct ps_result *r)
{
    struct ps_node fits = ps_read_member(n, "amdahl"), rows = ps_read_member(n, "karp_flatt");
    size_t count = ps_read_count(&fits, PS_READ_ITEMS);

    if (ps_read_count(&rows, PS_READ_ITEMS) != count)
        ps_read_fail(&rows, "expected as many entries as in models.amdahl");
    r->models = ps_arena_array(n->reader->arena, count, sizeof(*r->models));
    r->model_count = count;
    for (size_t i = 0; i < count && !n->reader->rc; i++) {
        struct ps_node fit = ps_read_item(&fits, i), row = ps_read_item(&rows, i);

        read_fit(&fit, &r->models[i]);
        read_karp_flatt(&row, &r->models[i]);
    }
}

static enum ps_severity read_severity(const struct ps_node *finding)
{
    struct ps_node n = ps_read_member(finding, "severity");
    enum ps_severity severity = PS_INFO;
    const char *name = ps_read_text(finding, "severity");

    if (name && ps_severity_parse(name, &severity))
        ps_read_fail(&n, "'%.64s' is not a known severity", name);
    return severity;
}

static void read_finding(const struct ps_node *n, const struct ps_result *r, struct ps_finding *f)
{
    struct ps_node points = ps_read_member(n, "points");
    size_t count = ps_read_count(&points, r->point_count);

    f->id = ps_read_text(n, "id");
    f->severity = read_severity(n);
    f->text = ps_read_text(n, "text");
    f->points = ps_arena_array(n->reader->arena, count, sizeof(*f->points));
    f->point_count = count;
    for (size_t i = 0; i < count; i++) {
        struct ps_node item = ps_read_item(&points, i);

        f->points[i] = (size_t)ps_read_integer_here(&item, 0, (int64_t)r->point_count - 1);
    }
}

void ps_read_findings(const struct ps_node *n, struct ps_result *r)
{
    size_t count = ps_read_count(n, PS_READ_ITEMS);

    r->findings = ps_arena_array(n->reader->arena, count, sizeof(*r->findings));
    r->finding_count = count;
    for (size_t i = 0; i < count && !n->reader->rc; i++) {
        struct ps_node item = ps_read_item(n, i);

        read_finding(&item, r, &r->findings[i]);
    }
}
