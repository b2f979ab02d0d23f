#include <errno.h>
#include <inttypes.h>

#include "comparison_json.h"
#include "json.h"
#include "json_write.h"

struct document {
    struct ps_json writer;
    struct ps_str *out;
};

static void dump(struct document *d, json_t *value)
{
    ps_json_dump(&d->writer, value, d->out);
}

static void member(struct document *d, const char *key, json_t *value)
{
    ps_str_addf(d->out, "  \"%s\": ", key);
    dump(d, value);
    ps_str_add(d->out, ",\n");
}

typedef json_t *entry_fn(struct ps_json *w, const struct ps_result *r, size_t index);

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

/* The samples become the last member of the object. */
static void points(struct document *d, const struct ps_result *r)
{
    ps_str_add(d->out, "  \"points\": [");
    for (size_t i = 0; i < r->point_count && !d->writer.failed; i++) {
        ps_str_add(d->out, i ? ",\n    " : "\n    ");
        dump(d, ps_json_point(&d->writer, &r->points[i]));
        if (d->writer.failed)
            break;
        d->out->length--;
        ps_str_add(d->out, ", \"samples\": ");
        ps_json_samples(&d->writer, &r->points[i], d->out);
        ps_str_add(d->out, "}");
        ps_str_drain(d->out);
    }
    ps_str_add(d->out, r->point_count ? "\n  ],\n" : "],\n");
}

static json_t *overhead_host(struct ps_json *w, const struct ps_overhead *o)
{
    json_t *host = json_object(), *cpus = json_array();

    ps_json_set(w, host, "cpu_model", ps_json_text(w, o->cpu_model));
    ps_json_set(w, host, "kernel", ps_json_text(w, o->kernel));
    ps_json_set(w, host, "virtualization", ps_json_text(w, o->virtualization));
    ps_json_set(w, host, "cpu_quota", ps_json_real(o->cpu_quota));
    for (size_t i = 0; i < o->cpu_count; i++)
        ps_json_append(w, cpus, ps_json_whole((uint64_t)o->cpus[i]));
    ps_json_set(w, host, "cpus", cpus);
    return host;
}

static json_t *overhead_plan(struct ps_json *w, const struct ps_overhead *o)
{
    json_t *plan = json_object();

    ps_json_set(w, plan, "threads", ps_json_whole(o->threads));
    ps_json_set(w, plan, "seed", json_sprintf("%" PRIu64, o->seed));
    ps_json_set(w, plan, "runs", ps_json_whole(o->runs));
    ps_json_set(w, plan, "max_time", ps_json_real(o->max_time));
    ps_json_set(w, plan, "rounds", ps_json_whole(o->rounds));
    ps_json_set(w, plan, "ended_by", ps_json_text(w, ps_end_name(o->ended_by)));
    return plan;
}

static json_t *overhead_row(struct ps_json *w, const struct ps_overhead_row *row, size_t rounds)
{
    json_t *o = json_object();

    ps_json_set(w, o, "part", ps_json_text(w, row->id));
    ps_json_set(w, o, "what", ps_json_text(w, row->what));
    ps_json_set(w, o, "less", ps_json_text(w, row->less));
    ps_json_set(w, o, "value", ps_json_real(row->value));
    ps_json_set(w, o, "low", ps_json_real(row->low));
    ps_json_set(w, o, "high", ps_json_real(row->high));
    ps_json_set(w, o, "reference", ps_json_real(row->reference));
    ps_json_set(w, o, "unit", ps_json_text(w, "s"));
    ps_json_set(w, o, "rounds", ps_json_whole(row->sample_count));
    ps_json_set(w, o, "reason", ps_json_text(w, row->reason));
    ps_json_set(w, o, "tests", ps_json_reals(w, row->tests, rounds));
    ps_json_set(w, o, "references", ps_json_reals(w, row->references, rounds));
    return o;
}

static void overhead_rows(struct document *d, const struct ps_overhead *o)
{
    ps_str_add(d->out, "  \"parts\": [");
    for (size_t i = 0; i < o->row_count && !d->writer.failed; i++) {
        ps_str_add(d->out, i ? ",\n    " : "\n    ");
        dump(d, overhead_row(&d->writer, &o->rows[i], o->rounds));
    }
    ps_str_add(d->out, "\n  ]\n");
}

static int render_overhead(const struct ps_overhead *o, const struct ps_report_style *style,
                           struct ps_str *out, struct ps_err *e)
{
    struct ps_arena scratch;
    struct document d = {{&scratch, false}, out};

    ps_arena_init(&scratch, o->arena->on_oom);
    ps_str_add(out, "{\n");
    member(&d, "schema", ps_json_text(&d.writer, PS_OVERHEAD_SCHEMA));
    member(&d, "version", ps_json_text(&d.writer, o->version));
    member(&d, "started", ps_json_text(&d.writer, o->started));
    member(&d, "elapsed", ps_json_real(o->elapsed));
    member(&d, "host", overhead_host(&d.writer, o));
    member(&d, "plan", overhead_plan(&d.writer, o));
    member(&d, "notes", ps_json_texts(&d.writer, o->notes, o->note_count));
    overhead_rows(&d, o);
    ps_str_add(out, "}\n");
    ps_arena_finish(&scratch);
    return d.writer.failed || out->failed ? ps_fail(e, ENOMEM, "out of memory") : 0;
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
    points(&d, r);
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
    .render_overhead = render_overhead,
    .render_comparison = ps_comparison_json,
};
