#include <math.h>
#include <string.h>

#include "digits.h"
#include "json_diagnosis.h"
#include "json_write.h"
#include "text.h"

#define ROOM 64 /* values that are written at once */

static json_t *pairs(struct ps_json *w, const struct ps_text_pair *p, size_t count)
{
    json_t *o = json_object();

    for (size_t i = 0; i < count; i++)
        ps_json_set(w, o, ps_text_clean(w->scratch, p[i].name), ps_json_text(w, p[i].value));
    return o;
}

static json_t *metric(struct ps_json *w, const struct ps_metric *m)
{
    json_t *o = ps_json_interval(w, m->value, m->low, m->high);

    ps_json_set(w, o, "unit", ps_json_text(w, m->unit));
    ps_json_set(w, o, "quality", ps_json_text(w, ps_quality_name(m->quality)));
    ps_json_set(w, o, "reason", ps_json_text(w, m->reason));
    if (m->share > 0)
        ps_json_set(w, o, "share", ps_json_real(m->share));
    if (m->help)
        ps_json_set(w, o, "help", ps_json_text(w, m->help));
    return o;
}

/* Of metrics with the same id the first counts, as everywhere. */
static json_t *metrics(struct ps_json *w, const struct ps_point *p)
{
    json_t *o = json_object();

    for (size_t i = 0; i < p->metric_count; i++) {
        const struct ps_metric *m = &p->metrics[i];

        if (ps_point_metric(p, m->id) == m)
            ps_json_set(w, o, ps_text_clean(w->scratch, m->id), metric(w, m));
    }
    return o;
}

static json_t *modes(struct ps_json *w, const struct ps_modes *m)
{
    json_t *array = json_array();

    for (size_t i = 0; i < 2; i++) {
        json_t *o = json_object();

        ps_json_set(w, o, "centre", ps_json_real(m->centre[i]));
        ps_json_set(w, o, "share", ps_json_real(m->share[i]));
        ps_json_set(w, o, "rounds", ps_json_whole(m->count[i]));
        ps_json_append(w, array, o);
    }
    return array;
}

static json_t *cpus(struct ps_json *w, const struct ps_point *p)
{
    json_t *array = json_array();

    for (size_t i = 0; p->cpus && i < p->threads; i++)
        ps_json_append(w, array, json_integer(p->cpus[i]));
    return array;
}

static json_t *workers(struct ps_json *w, const struct ps_point *p)
{
    json_t *array = json_array();

    for (size_t i = 0; i < p->worker_count; i++) {
        const struct ps_worker *worker = &p->workers[i];
        json_t *o = json_object();

        ps_json_set(w, o, "cpu", json_integer(worker->cpu));
        ps_json_set(w, o, "busy_time", ps_json_real(worker->busy_time));
        ps_json_set(w, o, "spin_time", ps_json_real(worker->spin_time));
        ps_json_set(w, o, "cpu_time", ps_json_real(worker->cpu_time));
        ps_json_set(w, o, "items", ps_json_real(worker->items));
        ps_json_set(w, o, "run_delay", ps_json_real(worker->run_delay));
        if (worker->counts)
            ps_json_set(w, o, "counts", ps_json_reals(w, worker->counts, worker->event_count));
        ps_json_append(w, array, o);
    }
    return array;
}

static json_t *applied(struct ps_json *w, const struct ps_point *p)
{
    json_t *array = json_array();

    for (size_t i = 0; i < p->applied_count; i++)
        ps_json_append(w, array, ps_json_text(w, p->applied[i]));
    return array;
}

static json_t *load(struct ps_json *w, const struct ps_point *p)
{
    json_t *o = json_object();

    ps_json_set(w, o, "status", ps_json_text(w, p->load.status));
    ps_json_set(w, o, "witness", ps_json_text(w, p->load.witness));
    ps_json_set(w, o, "share", ps_json_real(p->load.share));
    ps_json_set(w, o, "rounds", ps_json_whole(p->load.rounds));
    ps_json_set(w, o, "clean", ps_json_whole(p->load.clean));
    ps_json_set(w, o, "shares", ps_json_reals(w, p->load.shares, p->load.shares ? p->rounds : 0));
    return o;
}

json_t *ps_json_point(struct ps_json *w, const struct ps_point *p)
{
    json_t *o = json_object();

    ps_json_set(w, o, "workload", ps_json_text(w, p->workload));
    ps_json_set(w, o, "workload_label", ps_json_text(w, p->workload_label));
    if (p->pattern)
        ps_json_set(w, o, "pattern", ps_json_text(w, p->pattern));
    ps_json_set(w, o, "parameters", pairs(w, p->parameters, p->parameter_count));
    ps_json_set(w, o, "strategy", ps_json_text(w, p->strategy));
    ps_json_set(w, o, "strategy_label", ps_json_text(w, p->strategy_label));
    ps_json_set(w, o, "options", pairs(w, p->options, p->option_count));
    if (p->applied_count)
        ps_json_set(w, o, "applied", applied(w, p));
    ps_json_set(w, o, "threads", ps_json_whole(p->threads));
    ps_json_set(w, o, "placement", ps_json_text(w, p->placement));
    ps_json_set(w, o, "cpus", cpus(w, p));
    ps_json_set(w, o, "baseline", json_boolean(p->baseline));
    ps_json_set(w, o, "oversubscribed", json_boolean(p->oversubscribed));
    ps_json_set(w, o, "items", ps_json_real(p->items));
    ps_json_set(w, o, "unit", ps_json_text(w, p->unit));
    ps_json_set(w, o, "rounds", ps_json_whole(p->rounds));
    ps_json_set(w, o, "executions", ps_json_whole(p->executions));
    ps_json_set(w, o, "metrics", metrics(w, p));
    if (p->modes.found)
        ps_json_set(w, o, "modes", modes(w, &p->modes));
    ps_json_set(w, o, "workers", workers(w, p));
    if (p->load.status)
        ps_json_set(w, o, "load", load(w, p));
    if (p->diagnosis)
        ps_json_set(w, o, "diagnosis", ps_json_diagnosis(w, p->diagnosis));
    return o;
}

static void add_values(const double *values, size_t count, struct ps_str *out)
{
    char text[ROOM * (PS_DIGITS_ROOM + 1)];
    size_t length = 0;

    for (size_t i = 0; i < count; i++) {
        if (i)
            text[length++] = ',';
        if (isfinite(values[i])) {
            length += ps_digits(text + length, values[i]);
        } else {
            memcpy(text + length, "null", 4);
            length += 4;
        }
        if (i % ROOM == ROOM - 1) {
            ps_str_addn(out, text, length);
            length = 0;
        }
    }
    ps_str_addn(out, text, length);
}

void ps_json_samples(struct ps_json *w, const struct ps_point *p, struct ps_str *out)
{
    const char *comma = "";

    ps_str_add(out, "{");
    for (size_t i = 0; i < p->metric_count; i++) {
        const struct ps_metric *m = &p->metrics[i];
        json_t *name;

        if (!m->samples || ps_point_metric(p, m->id) != m)
            continue;
        name = json_string(ps_text_clean(w->scratch, m->id));
        ps_str_add(out, comma);
        ps_json_dump(w, name, out);
        ps_str_add(out, ": [");
        add_values(m->samples, p->rounds, out);
        ps_str_add(out, "]");
        comma = ", ";
    }
    ps_str_add(out, "}");
}
