/* Bencher Metric Format: for each benchmark its measures, with their limits. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "format.h"
#include "json_write.h"
#include "point_name.h"

#define FLAGS (JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(17) | JSON_INDENT(1))

/* Its own measures are in ns and items a second; the names of others are slugs. */
static const struct {
    const char *id, *measure;
    double scale;
} measures[] = {
    {"wall_time", "latency", 1e9}, {"throughput", "throughput", 1}, {"cpu_time", "cpu-time", 1e9},
    {"speedup", "speedup", 1},     {"efficiency", "efficiency", 1}, {"max_rss", "max-rss", 1},
};

static int add(const char *text, size_t length, void *out)
{
    ps_str_addn(out, text, length);
    return ((struct ps_str *)out)->failed ? -1 : 0;
}

static json_t *metric(struct ps_json *w, const struct ps_metric *m, double scale)
{
    json_t *o = json_object();

    ps_json_set(w, o, "value", ps_json_real(m->value * scale));
    if (isfinite(m->low) && isfinite(m->high)) {
        ps_json_set(w, o, "lower_value", ps_json_real(m->low * scale));
        ps_json_set(w, o, "upper_value", ps_json_real(m->high * scale));
    }
    return o;
}

static json_t *point(struct ps_json *w, const struct ps_point *p)
{
    json_t *o = json_object();

    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++) {
        const struct ps_metric *m = ps_point_metric(p, measures[i].id);

        if (m && isfinite(m->value))
            ps_json_set(w, o, measures[i].measure, metric(w, m, measures[i].scale));
    }
    return o;
}

static int render(const struct ps_result *r, const struct ps_report_style *style,
                  struct ps_str *out, struct ps_err *e)
{
    struct ps_arena scratch;
    struct ps_json w = {&scratch, false};
    json_t *o = json_object();
    bool failed;

    ps_arena_init(&scratch, r->arena->on_oom);
    for (size_t i = 0; i < r->point_count; i++)
        ps_json_set(&w, o, ps_point_name(r, &r->points[i], &scratch), point(&w, &r->points[i]));
    failed = w.failed || json_dump_callback(o, add, out, FLAGS);
    json_decref(o);
    ps_str_add(out, "\n");
    ps_arena_finish(&scratch);
    return failed || out->failed ? ps_fail(e, ENOMEM, "out of memory") : 0;
}

const struct ps_format ps_format_bmf = {
    .name = "bmf",
    .suffix = ".bmf.json",
    .summary = "Bencher Metric Format: latency (ns), throughput, speedup and others",
    .render = render,
};
