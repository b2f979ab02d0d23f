#include <errno.h>
#include <string.h>

#include "json_write.h"
#include "ranks_json.h"

static json_t *metrics(struct ps_json *w, const struct ps_rank_sweep *s,
                       const struct ps_rank_sweep_point *p)
{
    json_t *all = json_object();

    for (size_t m = 0; m < PS_RANK_METRICS; m++) {
        const struct ps_interval i = p->values[m];
        json_t *o = ps_json_interval(w, i.value, i.low, i.high);

        ps_json_set(w, o, "unit", ps_json_text(w, ps_rank_metrics[m].unit));
        ps_json_set(w, o, "samples", ps_json_reals(w, p->samples[m], s->rounds));
        ps_json_set(w, all, ps_rank_metrics[m].id, o);
    }
    return all;
}

static json_t *point(struct ps_json *w, const struct ps_rank_sweep *s,
                     const struct ps_rank_sweep_point *p)
{
    json_t *o = json_object();

    ps_json_set(w, o, "ranks", ps_json_whole(p->ranks));
    ps_json_set(w, o, "nodes", ps_json_whole(p->nodes));
    ps_json_set(w, o, "metrics", metrics(w, s, p));
    ps_json_set(w, o, "slowest_rank", p->slowest_rounds ? ps_json_whole(p->slowest) : json_null());
    ps_json_set(w, o, "slowest_node", ps_json_text(w, p->slowest_node));
    ps_json_set(w, o, "slowest_rounds", ps_json_whole(p->slowest_rounds));
    return o;
}

int ps_rank_sweep_json(const struct ps_rank_sweep *s, struct ps_str *out, struct ps_err *e)
{
    struct ps_arena scratch;
    struct ps_json w = {&scratch, false};
    json_t *o = json_object(), *points = json_array(), *checks = json_array();

    ps_arena_init(&scratch, s->arena->on_oom);
    ps_json_set(&w, o, "schema", ps_json_text(&w, PS_RANK_SWEEP_SCHEMA));
    ps_json_set(&w, o, "version", ps_json_text(&w, s->version));
    ps_json_set(&w, o, "started", ps_json_text(&w, s->started));
    ps_json_set(&w, o, "elapsed", ps_json_real(s->elapsed));
    ps_json_set(&w, o, "command", ps_json_text(&w, s->command));
    ps_json_set(&w, o, "launcher", ps_json_text(&w, s->launcher));
    ps_json_set(&w, o, "weak", json_boolean(s->weak));
    ps_json_set(&w, o, "rounds", ps_json_whole(s->rounds));
    ps_json_set(&w, o, "ended_by", ps_json_text(&w, ps_end_name(s->ended_by)));
    ps_json_set(&w, o, "sampled", ps_json_text(&w, s->sampled));
    ps_json_set(&w, o, "counts_reason", ps_json_text(&w, s->counts_reason));
    ps_json_set(&w, o, "calls_reason", ps_json_text(&w, s->calls_reason));
    ps_json_set(&w, o, "reason", ps_json_text(&w, s->reason));
    for (size_t i = 0; i < s->count; i++)
        ps_json_append(&w, points, point(&w, s, &s->points[i]));
    ps_json_set(&w, o, "points", points);
    for (size_t i = 0; i < s->check_count; i++)
        ps_json_append(&w, checks, ps_json_check(&w, &s->checks[i]));
    ps_json_set(&w, o, "checks", checks);
    ps_json_dump(&w, o, out);
    ps_str_add(out, "\n");
    ps_arena_finish(&scratch);
    return w.failed || out->failed ? ps_fail(e, ENOMEM, "out of memory") : 0;
}
