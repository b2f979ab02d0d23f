#include "document.h"

static PS_ENUM_READER(read_outcome, ps_check_outcome, "outcome", "outcome")

    void ps_read_checks(const struct ps_node *n, struct ps_result *r)
{
    size_t count = ps_read_count(n, PS_READ_ITEMS);

    r->checks = ps_arena_array(n->reader->arena, count, sizeof *r->checks);
    r->check_count = count;
    for (size_t i = 0; i < count && !n->reader->rc; i++) {
        struct ps_node item = ps_read_item(n, i);

        r->checks[i].text = ps_read_text(&item, "check");
        r->checks[i].outcome = read_outcome(&item);
        r->checks[i].evidence = ps_read_text(&item, "evidence");
    }
}

static PS_ENUM_READER(read_severity, ps_severity, "severity", "severity")

    static void read_finding(const struct ps_node *n, const struct ps_result *r,
                             struct ps_finding *f)
{
    struct ps_node points = ps_read_member(n, "points");
    size_t count = ps_read_count(&points, r->point_count);

    f->id = ps_read_text(n, "id");
    f->severity = read_severity(n);
    f->text = ps_read_text(n, "text");
    f->points = ps_arena_array(n->reader->arena, count, sizeof *f->points);
    f->point_count = count;
    for (size_t i = 0; i < count; i++) {
        struct ps_node item = ps_read_item(&points, i);

        f->points[i] = (size_t)ps_read_integer_here(&item, 0, (int64_t)r->point_count - 1);
    }
}

void ps_read_findings(const struct ps_node *n, struct ps_result *r)
{
    size_t count = ps_read_count(n, PS_READ_ITEMS);

    r->findings = ps_arena_array(n->reader->arena, count, sizeof *r->findings);
    r->finding_count = count;
    for (size_t i = 0; i < count && !n->reader->rc; i++) {
        struct ps_node item = ps_read_item(n, i);

        read_finding(&item, r, &r->findings[i]);
    }
}
