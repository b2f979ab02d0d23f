#include "comparison_json.h"

#include <errno.h>

#include "json_write.h"

#define FLAGS (JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(17) | JSON_INDENT(1))

static int add(const char *text, size_t length, void *out)
{
    ps_str_addn(out, text, length);
    return ((struct ps_str *)out)->failed ? -1 : 0;
}

static json_t *interval(struct ps_json *w, struct ps_interval i)
{
    return ps_json_interval(w, i.value, i.low, i.high);
}

static json_t *row(struct ps_json *w, const struct ps_comparison_row *r, size_t rounds)
{
    json_t *o = json_object(), *change = interval(w, r->change);

    ps_json_set(w, o, "subject", ps_json_text(w, r->subject));
    ps_json_set(w, o, "workload_label", ps_json_text(w, r->workload_label));
    ps_json_set(w, o, "strategy_label", ps_json_text(w, r->strategy_label));
    ps_json_set(w, o, "placement", ps_json_text(w, r->placement));
    ps_json_set(w, o, "threads", r->threads ? ps_json_whole(r->threads) : json_null());
    ps_json_set(w, o, "metric", ps_json_text(w, r->metric));
    ps_json_set(w, o, "unit", ps_json_text(w, r->unit));
    ps_json_set(w, o, "less_is_better", json_boolean(r->less));
    ps_json_set(w, o, "base", interval(w, r->base));
    ps_json_set(w, o, "now", interval(w, r->now));
    ps_json_set(w, change, "kind", ps_json_text(w, r->difference ? "difference" : "ratio"));
    ps_json_set(w, change, "family_low", ps_json_real(r->low));
    ps_json_set(w, change, "family_high", ps_json_real(r->high));
    ps_json_set(w, o, "change", change);
    ps_json_set(w, o, "verdict", ps_json_text(w, ps_change_name(r->verdict)));
    ps_json_set(w, o, "reason", ps_json_text(w, r->reason));
    ps_json_set(w, o, "rounds", ps_json_whole(r->rounds));
    if (r->changes)
        ps_json_set(w, o, "changes", ps_json_reals(w, r->changes, rounds));
    return o;
}

static json_t *side(struct ps_json *w, const struct ps_comparison_side *s)
{
    json_t *o = json_object();

    ps_json_set(w, o, "name", ps_json_text(w, s->name));
    ps_json_set(w, o, "started", ps_json_text(w, s->started));
    ps_json_set(w, o, "version", ps_json_text(w, s->version));
    return o;
}

static json_t *document(struct ps_json *w, const struct ps_comparison *c)
{
    json_t *o = json_object(), *rows = json_array();

    for (size_t i = 0; i < c->row_count; i++)
        ps_json_append(w, rows, row(w, &c->rows[i], c->measured ? c->measured->plan.rounds : 0));
    ps_json_set(w, o, "schema", ps_json_text(w, PS_COMPARISON_SCHEMA));
    ps_json_set(w, o, "version", ps_json_text(w, c->version));
    ps_json_set(w, o, "base", side(w, &c->base));
    ps_json_set(w, o, "now", side(w, &c->now));
    ps_json_set(w, o, "paired", json_boolean(c->paired));
    ps_json_set(w, o, "looked", json_boolean(c->looked));
    ps_json_set(w, o, "threshold", ps_json_real(c->threshold));
    ps_json_set(w, o, "verdict", ps_json_text(w, ps_change_name(c->verdict)));
    ps_json_set(w, o, "host_differences", ps_json_texts(w, c->differences, c->difference_count));
    ps_json_set(w, o, "notes", ps_json_texts(w, c->notes, c->note_count));
    ps_json_set(w, o, "rows", rows);
    return o;
}

int ps_comparison_json(const struct ps_comparison *c, const struct ps_report_style *style,
                       struct ps_str *out, struct ps_err *e)
{
    struct ps_arena scratch;
    struct ps_json w = {&scratch, false};
    json_t *o;
    bool failed;

    ps_arena_init(&scratch, c->arena->on_oom);
    o = document(&w, c);
    failed = w.failed || json_dump_callback(o, add, out, FLAGS);
    json_decref(o);
    ps_str_add(out, "\n");
    ps_arena_finish(&scratch);
    return failed || out->failed ? ps_fail(e, ENOMEM, "out of memory") : 0;
}
