#include "json_write.h"

#include <inttypes.h>
#include <math.h>

#include "text.h"

#define FLAGS (JSON_ENCODE_ANY | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(17))

static int add(const char *text, size_t length, void *out)
{
    ps_str_addn(out, text, length);
    return ((struct ps_str *)out)->failed ? -1 : 0;
}

void ps_json_dump(struct ps_json *w, json_t *value, struct ps_str *out)
{
    if (!value || json_dump_callback(value, add, out, FLAGS))
        w->failed = true;
    json_decref(value);
}

void ps_json_set(struct ps_json *w, json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value))
        w->failed = true;
}

void ps_json_append(struct ps_json *w, json_t *array, json_t *value)
{
    if (json_array_append_new(array, value))
        w->failed = true;
}

json_t *ps_json_text(struct ps_json *w, const char *text)
{
    return text ? json_string(ps_text_clean(w->scratch, text)) : json_null();
}

json_t *ps_json_real(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *ps_json_whole(uint64_t value)
{
    return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

json_t *ps_json_reals(struct ps_json *w, const double *values, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++)
        ps_json_append(w, array, ps_json_real(values ? values[i] : NAN));
    return array;
}

json_t *ps_json_texts(struct ps_json *w, const char *const *texts, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++)
        ps_json_append(w, array, ps_json_text(w, texts[i]));
    return array;
}

json_t *ps_json_interval(struct ps_json *w, double value, double low, double high)
{
    json_t *o = json_object();

    ps_json_set(w, o, "value", ps_json_real(value));
    ps_json_set(w, o, "low", ps_json_real(low));
    ps_json_set(w, o, "high", ps_json_real(high));
    return o;
}

static json_t *event(struct ps_json *w, const struct ps_event_status *e)
{
    json_t *o = json_object();

    ps_json_set(w, o, "name", ps_json_text(w, e->name));
    ps_json_set(w, o, "quality", ps_json_text(w, ps_quality_name(e->quality)));
    ps_json_set(w, o, "reason", ps_json_text(w, e->reason));
    return o;
}

static json_t *cpu_busy(struct ps_json *w, const struct ps_result_host *h)
{
    json_t *o = json_object();

    ps_json_set(w, o, "before", ps_json_reals(w, h->cpu_busy_before, h->cpu_busy_count));
    ps_json_set(w, o, "during", ps_json_reals(w, h->cpu_busy_during, h->cpu_busy_count));
    return o;
}

static json_t *neighbour_cpus(struct ps_json *w, const struct ps_result_host *h)
{
    json_t *list = json_array();

    for (size_t i = 0; i < h->neighbour_cpu_count; i++) {
        const struct ps_neighbour_cpu *c = &h->neighbour_cpus[i];
        json_t *o = json_object();

        ps_json_set(w, o, "cpu", ps_json_whole((uint64_t)c->cpu));
        ps_json_set(w, o, "rounds", ps_json_reals(w, c->rounds, c->count));
        ps_json_append(w, list, o);
    }
    return list;
}

json_t *ps_json_host(struct ps_json *w, const struct ps_result_host *h)
{
    json_t *o = json_object(), *events = json_array();

    ps_json_set(w, o, "cpu_model", ps_json_text(w, h->cpu_model));
    ps_json_set(w, o, "kernel", ps_json_text(w, h->kernel));
    ps_json_set(w, o, "virtualization", ps_json_text(w, h->virtualization));
    ps_json_set(w, o, "governor", ps_json_text(w, h->governor));
    ps_json_set(w, o, "turbo", ps_json_text(w, h->turbo));
    ps_json_set(w, o, "topology", ps_json_text(w, h->topology));
    ps_json_set(w, o, "packages", ps_json_whole(h->packages));
    ps_json_set(w, o, "cores", ps_json_whole(h->cores));
    ps_json_set(w, o, "cpus", ps_json_whole(h->cpus));
    ps_json_set(w, o, "threads_per_core", ps_json_whole(h->threads_per_core));
    ps_json_set(w, o, "machine_cpus", ps_json_whole(h->machine_cpus));
    ps_json_set(w, o, "core_kinds", ps_json_texts(w, h->core_kinds, h->core_kind_count));
    ps_json_set(w, o, "perf_event_paranoid", json_integer(h->perf_event_paranoid));
    ps_json_set(w, o, "cpu_quota", ps_json_real(h->cpu_quota));
    ps_json_set(w, o, "quota_source", ps_json_text(w, h->quota_source));
    ps_json_set(w, o, "cpu_busy", cpu_busy(w, h));
    ps_json_set(w, o, "throttled", ps_json_real(h->throttled));
    ps_json_set(w, o, "steal", ps_json_real(h->steal));
    ps_json_set(w, o, "neighbour_index", ps_json_real(h->neighbour_index));
    ps_json_set(w, o, "neighbour_rounds",
                ps_json_reals(w, h->neighbour_rounds, h->neighbour_round_count));
    ps_json_set(w, o, "neighbour_cpus", neighbour_cpus(w, h));
    ps_json_set(w, o, "group_read_cost", ps_json_real(h->group_read_cost));
    ps_json_set(w, o, "probe_share", ps_json_real(h->probe_share));
    for (size_t i = 0; i < h->event_count; i++)
        ps_json_append(w, events, event(w, &h->events[i]));
    ps_json_set(w, o, "counters", events);
    return o;
}

static json_t *widest(struct ps_json *w, const struct ps_result_widest *x)
{
    json_t *o = json_object();

    ps_json_set(w, o, "of", ps_json_text(w, x->text));
    ps_json_set(w, o, "half_width", ps_json_real(x->half_width));
    ps_json_set(w, o, "relative", json_boolean(x->relative));
    return o;
}

json_t *ps_json_plan(struct ps_json *w, const struct ps_result_plan *p)
{
    json_t *o = json_object();

    ps_json_set(w, o, "command", ps_json_text(w, p->command));
    ps_json_set(w, o, "arguments",
                ps_json_texts(w, (const char *const *)p->arguments, p->argument_count));
    /* As text: a number above 2^53 would lose digits in most readers. */
    ps_json_set(w, o, "seed", json_sprintf("%" PRIu64, p->seed));
    ps_json_set(w, o, "precision", ps_json_real(p->precision));
    ps_json_set(w, o, "max_time", ps_json_real(p->max_time));
    ps_json_set(w, o, "gap", ps_json_real(p->gap));
    ps_json_set(w, o, "runs", ps_json_whole(p->runs));
    ps_json_set(w, o, "rounds", ps_json_whole(p->rounds));
    ps_json_set(w, o, "ended_by", ps_json_text(w, ps_end_name(p->ended_by)));
    ps_json_set(w, o, "widest", p->widest.text ? widest(w, &p->widest) : json_null());
    return o;
}

json_t *ps_json_check(struct ps_json *w, const struct ps_check *c)
{
    json_t *o = json_object();

    ps_json_set(w, o, "check", ps_json_text(w, c->text));
    ps_json_set(w, o, "outcome", ps_json_text(w, ps_check_outcome_name(c->outcome)));
    ps_json_set(w, o, "evidence", ps_json_text(w, c->evidence));
    return o;
}

json_t *ps_json_finding(struct ps_json *w, const struct ps_finding *f)
{
    json_t *o = json_object(), *points = json_array();

    ps_json_set(w, o, "id", ps_json_text(w, f->id));
    ps_json_set(w, o, "severity", ps_json_text(w, ps_severity_name(f->severity)));
    ps_json_set(w, o, "text", ps_json_text(w, f->text));
    for (size_t i = 0; i < f->point_count; i++)
        ps_json_append(w, points, ps_json_whole(f->points[i]));
    ps_json_set(w, o, "points", points);
    return o;
}
