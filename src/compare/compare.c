#include "compare.h"

#include <errno.h>
#include <string.h>

#include "hosts.h"
#include "names.h"
#include "rows.h"

static bool asked(const struct ps_compare_request *q, const struct compared *m)
{
    for (size_t i = 0; i < q->metric_count; i++)
        if (!strcmp(q->metrics[i], m->id))
            return true;
    return !q->metric_count && m->gate;
}

size_t ps_compare_metrics(const struct ps_compare_request *q, const char **ids)
{
    size_t count = 0;

    for (size_t k = 0; k < compared_count; k++)
        if (asked(q, &compared[k]))
            ids[count++] = compared[k].id;
    return count;
}

double ps_comparison_undecided(const struct ps_comparison *c)
{
    return rows_undecided(c);
}

static bool is_compared(const char *id)
{
    for (size_t i = 0; i < compared_count; i++)
        if (!strcmp(compared[i].id, id))
            return true;
    return false;
}

int ps_compare_check(const struct ps_compare_request *q, struct ps_err *e)
{
    const char *names[PS_MOST_COMPARED];

    for (size_t i = 0; i < compared_count; i++)
        names[i] = compared[i].id;
    for (size_t i = 0; i < q->metric_count; i++)
        if (!is_compared(q->metrics[i]))
            return ps_unknown("metric to compare", q->metrics[i], names, compared_count, NULL, e);
    return 0;
}

static int add_rows(const struct comparing *w, const struct ps_compare_request *q)
{
    int err = 0;

    for (size_t i = 0; !err && i < w->pairs->point_count; i++)
        for (size_t k = 0; !err && k < compared_count; k++)
            if (asked(q, &compared[k]))
                err = rows_add_point(w, w->pairs->points[i], &compared[k]);
    for (size_t k = 0; k < compared_count; k++)
        if (!strcmp(compared[k].id, COMPARED_SERIAL) && asked(q, &compared[k]))
            for (size_t i = 0; !err && i < w->pairs->curve_count; i++)
                err = rows_add_curve(w, w->pairs->curves[i]);
    return err;
}

static int fill(const struct comparing *w, const struct ps_compare_request *q, struct ps_err *e)
{
    int err = add_rows(w, q);

    if (err < 0)
        return ps_fail(e, -err, "out of memory");
    if (!w->c->row_count)
        return ps_fail(
            e, ENOENT,
            w->pairs->point_count
                ? "no point of the two has a value of these metrics on both sides"
                : "the two have no point in common, with the same workload, strategy, placement "
                  "and number of threads");
    rows_judge(w->c);
    return 0;
}

static struct ps_comparison *begin(const struct ps_compare_request *q, struct ps_arena *a)
{
    struct ps_comparison *c = ps_arena_alloc(a, sizeof *c);

    *c = (struct ps_comparison){
        .arena = a,
        .version = PS_VERSION,
        .base.name = q->base,
        .now.name = q->now,
        .threshold = q->threshold,
    };
    return c;
}

static void set_side(struct ps_comparison_side *side, const struct ps_result *r)
{
    side->started = r->started;
    side->version = r->version;
}

static void note_alone(struct ps_comparison *c, size_t count, const char *which)
{
    if (!count)
        return;
    c->notes = ps_arena_grow(c->arena, c->notes, c->note_count, sizeof *c->notes);
    c->notes[c->note_count++] = ps_arena_format(
        c->arena, "%zu point%s of the %s %s no counterpart and %s not compared.", count,
        count == 1 ? "" : "s", which, count == 1 ? "has" : "have", count == 1 ? "is" : "are");
}

int ps_compare_results(const struct ps_result *base, const struct ps_result *now,
                       const struct ps_compare_request *q, struct ps_arena *a,
                       struct ps_comparison **c, struct ps_err *e)
{
    struct pairs pairs = pairs_of_results(base, now, a);
    struct comparing w = {&pairs, q->seed, begin(q, a)};

    set_side(&w.c->base, base);
    set_side(&w.c->now, now);
    hosts_compare(base, now, w.c);
    note_alone(w.c, pairs.base_alone, "first");
    note_alone(w.c, pairs.now_alone, "second");
    *c = w.c;
    return fill(&w, q, e);
}

int ps_compare_programs(const struct ps_result *r, const struct ps_compare_request *q,
                        struct ps_arena *a, struct ps_comparison **c, struct ps_err *e)
{
    struct pairs pairs = pairs_of_programs(r, a);
    struct comparing w = {&pairs, q->seed, begin(q, a)};

    w.c->paired = true;
    w.c->looked = !r->plan.runs && r->plan.ended_by != PS_END_SCRIPT;
    w.c->measured = r;
    if (pairs.point_count) {
        w.c->base.name = pairs.points[0].base->workload_label;
        w.c->now.name = pairs.points[0].now->workload_label;
    }
    set_side(&w.c->base, r);
    set_side(&w.c->now, r);
    *c = w.c;
    return fill(&w, q, e);
}
