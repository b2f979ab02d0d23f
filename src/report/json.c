#include <errno.h>

#include "json_write.h"
#include "report.h"

#define FLAGS (JSON_ENCODE_ANY | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(17))

struct document {
    struct ps_json writer;
    struct ps_str *out;
};

static int add(const char *text, size_t length, void *out)
{
    ps_str_addn(out, text, length);
    return ((struct ps_str *)out)->failed ? -1 : 0;
}

/* Takes the value. */
static void dump(struct document *d, json_t *value)
{
    if (!value || json_dump_callback(value, add, d->out, FLAGS))
        d->writer.failed = true;
    json_decref(value);
}

static void member(struct document *d, const char *key, json_t *value)
{
    ps_str_addf(d->out, "  \"%s\": ", key);
    dump(d, value);
    ps_str_add(d->out, ",\n");
}

typedef json_t *entry_fn(struct ps_json *w, const struct ps_result *r, size_t index);

static json_t *point(struct ps_json *w, const struct ps_result *r, size_t index)
{
    return ps_json_point(w, &r->points[index]);
}

static json_t *check(struct ps_json *w, const struct ps_result *r, size_t index)
{
    return ps_json_check(w, &r->checks[index]);
}

static json_t *finding(struct ps_json *w, const struct ps_result *r, size_t index)
{
    return ps_json_finding(w, &r->findings[index]);
}

/* Entries stand on a line each, so that the file can be read, searched and compared. */
static void list(struct document *d, const char *key, const struct ps_result *r, size_t count,
                 entry_fn *entry)
{
    ps_str_addf(d->out, "  \"%s\": [", key);
    for (size_t i = 0; i < count && !d->writer.failed; i++) {
        ps_str_add(d->out, i ? ",\n    " : "\n    ");
        dump(d, entry(&d->writer, r, i));
    }
    ps_str_add(d->out, count ? "\n  ]" : "]");
}

static int render(const struct ps_result *r, const struct ps_report_style *style,
                  struct ps_str *out, struct ps_err *e)
{
    struct ps_arena scratch;
    struct document d = {{&scratch, false}, out};

    ps_arena_init(&scratch, r->arena->on_oom);
    ps_str_add(out, "{\n");
    member(&d, "schema", ps_json_text(&d.writer, PS_RESULT_SCHEMA));
    member(&d, "version", ps_json_text(&d.writer, r->version));
    member(&d, "started", ps_json_text(&d.writer, r->started));
    member(&d, "elapsed", ps_json_real(r->elapsed));
    member(&d, "host", ps_json_host(&d.writer, &r->host));
    member(&d, "plan", ps_json_plan(&d.writer, &r->plan));
    list(&d, "points", r, r->point_count, point);
    ps_str_add(out, ",\n");
    member(&d, "models", ps_json_models(&d.writer, r));
    list(&d, "checks", r, r->check_count, check);
    ps_str_add(out, ",\n");
    list(&d, "findings", r, r->finding_count, finding);
    ps_str_add(out, "\n}\n");
    ps_arena_finish(&scratch);
    return d.writer.failed || out->failed ? ps_fail(e, ENOMEM, "out of memory") : 0;
}

const struct ps_format ps_format_json = {
    .name = "json",
    .suffix = ".json",
    .summary = "everything, with the samples; docs/result.schema.json describes it",
    .render = render,
};
