/* What github-action-benchmark reads as customSmallerIsBetter: a list of times. */
#include <errno.h>
#include <math.h>

#include "format.h"
#include "json_write.h"
#include "point_name.h"

#define FLAGS (JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(17) | JSON_INDENT(1))

static int add(const char *text, size_t length, void *out)
{
    ps_str_addn(out, text, length);
    return ((struct ps_str *)out)->failed ? -1 : 0;
}

static json_t *entry(struct ps_json *w, const struct ps_result *r, const struct ps_point *p,
                     const struct ps_metric *m)
{
    json_t *o = json_object();
    const char *extra = ps_arena_format(w->scratch, "%zu rounds, speedup %.4g", p->rounds,
                                        ps_point_value(p, "speedup"));

    ps_json_set(w, o, "name", ps_json_text(w, ps_point_name(r, p, w->scratch)));
    ps_json_set(w, o, "unit", ps_json_text(w, "s"));
    ps_json_set(w, o, "value", ps_json_real(m->value));
    if (isfinite(m->low) && isfinite(m->high))
        ps_json_set(w, o, "range",
                    ps_json_text(w, ps_arena_format(w->scratch, "± %.3g", (m->high - m->low) / 2)));
    if (isfinite(ps_point_value(p, "speedup")))
        ps_json_set(w, o, "extra", ps_json_text(w, extra));
    return o;
}

static int render(const struct ps_result *r, const struct ps_report_style *style,
                  struct ps_str *out, struct ps_err *e)
{
    struct ps_arena scratch;
    struct ps_json w = {&scratch, false};
    json_t *list = json_array();
    bool failed;

    ps_arena_init(&scratch, r->arena->on_oom);
    for (size_t i = 0; i < r->point_count; i++) {
        const struct ps_metric *m = ps_point_metric(&r->points[i], "wall_time");

        if (m && isfinite(m->value))
            ps_json_append(&w, list, entry(&w, r, &r->points[i], m));
    }
    failed = w.failed || json_dump_callback(list, add, out, FLAGS);
    json_decref(list);
    ps_str_add(out, "\n");
    ps_arena_finish(&scratch);
    return failed || out->failed ? ps_fail(e, ENOMEM, "out of memory") : 0;
}

const struct ps_format ps_format_benchmark = {
    .name = "benchmark",
    .suffix = ".benchmark.json",
    .summary = "wall times for github-action-benchmark (customSmallerIsBetter)",
    .render = render,
};
