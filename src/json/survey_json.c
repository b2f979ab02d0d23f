#include <errno.h>
#include <math.h>

#include "json_write.h"
#include "survey_json.h"

#define FLAGS (JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(17) | JSON_INDENT(2))

static int add(const char *text, size_t length, void *out)
{
    ps_str_addn(out, text, length);
    return ((struct ps_str *)out)->failed ? -1 : 0;
}

/* Takes the value. */
static int finish(struct ps_json *w, json_t *value, struct ps_str *out, struct ps_err *e)
{
    const bool failed = w->failed || json_dump_callback(value, add, out, FLAGS);

    json_decref(value);
    ps_str_add(out, "\n");
    ps_arena_finish(w->scratch);
    return failed || out->failed ? ps_fail(e, ENOMEM, "out of memory") : 0;
}

static json_t *line(struct ps_json *w, const struct ps_doctor_line *l)
{
    json_t *o = json_object();

    ps_json_set(w, o, "id", ps_json_text(w, l->id));
    ps_json_set(w, o, "health", ps_json_text(w, ps_health_name(l->health)));
    ps_json_set(w, o, "text", ps_json_text(w, l->text));
    ps_json_set(w, o, "remedy", ps_json_text(w, l->remedy));
    return o;
}

static json_t *doctor_cpu(struct ps_json *w, const struct ps_doctor_cpu *c)
{
    json_t *o = json_object();

    ps_json_set(w, o, "cpu", ps_json_whole((uint64_t)c->cpu));
    ps_json_set(w, o, "looks", ps_json_whole(c->looks));
    ps_json_set(w, o, "clocks", ps_json_whole(c->clocks));
    ps_json_set(w, o, "frequency", ps_json_real(c->hz));
    ps_json_set(w, o, "frequency_5_percent", ps_json_real(c->hz_low));
    ps_json_set(w, o, "frequency_95_percent", ps_json_real(c->hz_high));
    ps_json_set(w, o, "chain_spread", ps_json_real(c->spread));
    ps_json_set(w, o, "neighbour_index", ps_json_real(c->now));
    ps_json_set(w, o, "neighbour_median", ps_json_real(c->neighbour));
    ps_json_set(w, o, "neighbour_lowest", ps_json_real(c->neighbour_low));
    ps_json_set(w, o, "neighbour_highest", ps_json_real(c->best));
    ps_json_set(w, o, "crowded_looks", ps_json_whole(c->crowded));
    return o;
}

static json_t *doctor_host(struct ps_json *w, const struct ps_doctor *d)
{
    json_t *o = json_object();

    ps_json_set(w, o, "cpu_model", ps_json_text(w, d->cpu_model));
    ps_json_set(w, o, "kernel", ps_json_text(w, d->kernel));
    ps_json_set(w, o, "virtualization", ps_json_text(w, d->virtualization));
    return o;
}

static json_t *doctor_costs(struct ps_json *w, const struct ps_doctor *d)
{
    json_t *o = json_object();

    ps_json_set(w, o, "open", ps_json_real(d->open_cost));
    ps_json_set(w, o, "enable", ps_json_real(d->enable_cost));
    ps_json_set(w, o, "read", ps_json_real(d->read_cost));
    return o;
}

int ps_doctor_json(const struct ps_doctor *d, struct ps_str *out, struct ps_err *e)
{
    struct ps_arena scratch;
    struct ps_json w = {&scratch, false};
    json_t *o = json_object(), *lines = json_array(), *cpus = json_array();

    ps_arena_init(&scratch, d->arena->on_oom);
    for (size_t i = 0; i < d->line_count; i++)
        ps_json_append(&w, lines, line(&w, &d->lines[i]));
    for (size_t i = 0; i < d->cpu_count; i++)
        ps_json_append(&w, cpus, doctor_cpu(&w, &d->cpus[i]));
    ps_json_set(&w, o, "schema", ps_json_text(&w, PS_DOCTOR_SCHEMA));
    ps_json_set(&w, o, "version", ps_json_text(&w, d->version));
    ps_json_set(&w, o, "started", ps_json_text(&w, d->started));
    ps_json_set(&w, o, "elapsed", ps_json_real(d->elapsed));
    ps_json_set(&w, o, "watch", ps_json_real(d->watch));
    ps_json_set(&w, o, "interrupted", json_boolean(d->interrupted));
    ps_json_set(&w, o, "host", doctor_host(&w, d));
    ps_json_set(&w, o, "lines", lines);
    ps_json_set(&w, o, "counting_cost", doctor_costs(&w, d));
    ps_json_set(&w, o, "clock_over_pmu", ps_json_real(d->pmu_ratio));
    ps_json_set(&w, o, "cpus", cpus);
    return finish(&w, o, out, e);
}

static json_t *kernel(struct ps_json *w, const struct ps_pair_kernel *k)
{
    json_t *o = json_object();

    ps_json_set(w, o, "kernel", ps_json_text(w, k->id));
    ps_json_set(w, o, "what", ps_json_text(w, k->what));
    ps_json_set(w, o, "control", json_boolean(!k->saturating));
    ps_json_set(w, o, "by_cpu_time",
                ps_json_interval(w, k->by_cpu.value, k->by_cpu.low, k->by_cpu.high));
    ps_json_set(w, o, "by_wall_time",
                ps_json_interval(w, k->by_wall.value, k->by_wall.low, k->by_wall.high));
    ps_json_set(w, o, "cpus_at_once", ps_json_real(k->at_once));
    ps_json_set(w, o, "cpu_alone", ps_json_real(k->alone));
    ps_json_set(w, o, "rounds", ps_json_whole(k->rounds));
    ps_json_set(w, o, "rounds_kept", ps_json_whole(k->kept));
    return o;
}

static json_t *pair(struct ps_json *w, const struct ps_pair *p)
{
    json_t *o = json_object(), *cpus = json_array(), *kernels = json_array();

    ps_json_append(w, cpus, ps_json_whole((uint64_t)p->first));
    ps_json_append(w, cpus, ps_json_whole((uint64_t)p->second));
    for (size_t i = 0; i < p->kernel_count; i++)
        ps_json_append(w, kernels, kernel(w, &p->kernels[i]));
    ps_json_set(w, o, "cpus", cpus);
    ps_json_set(w, o, "control", json_boolean(p->control));
    ps_json_set(w, o, "siblings", json_boolean(p->siblings));
    ps_json_set(w, o, "answer", ps_json_text(w, ps_pair_answer_name(p->answer)));
    ps_json_set(w, o, "why", ps_json_text(w, p->why));
    ps_json_set(w, o, "round_trip_ns", ps_json_real(p->round_trip));
    ps_json_set(w, o, "kernels", kernels);
    return o;
}

/* Groups as lists of CPUs. */
static json_t *level(struct ps_json *w, const struct ps_probe *p, const struct ps_cluster_level *l)
{
    json_t *o = json_object(), *groups = json_array();

    for (unsigned g = 0; g < l->groups; g++) {
        json_t *cpus = json_array();

        for (size_t i = 0; i < p->cpu_count; i++)
            if (l->group[i] == g)
                ps_json_append(w, cpus, ps_json_whole((uint64_t)p->cpus[i]));
        ps_json_append(w, groups, cpus);
    }
    ps_json_set(w, o, "within_ns", ps_json_real(l->within));
    ps_json_set(w, o, "beyond_ns", ps_json_real(l->beyond));
    ps_json_set(w, o, "same_as", ps_json_text(w, l->same_as));
    ps_json_set(w, o, "groups", groups);
    return o;
}

/* A row for each CPU, null on the diagonal and where nothing was measured. */
static json_t *matrix(struct ps_json *w, const struct ps_probe *p)
{
    const size_t n = p->cpu_count;
    json_t *rows = json_array();

    for (size_t i = 0; i < n; i++) {
        json_t *row = json_array();

        for (size_t j = 0; j < n; j++)
            ps_json_append(
                w, row, ps_json_real(i == j || !p->trips ? NAN : p->trips[ps_trip_index(n, i, j)]));
        ps_json_append(w, rows, row);
    }
    return rows;
}

static json_t *probe(struct ps_json *w, const struct ps_probe *p)
{
    json_t *o = json_object(), *cpus = json_array(), *pairs = json_array(), *levels = json_array();

    if (!p) {
        json_decref(o);
        json_decref(cpus);
        json_decref(pairs);
        json_decref(levels);
        return json_null();
    }
    for (size_t i = 0; i < p->cpu_count; i++)
        ps_json_append(w, cpus, ps_json_whole((uint64_t)p->cpus[i]));
    for (size_t i = 0; i < p->pair_count; i++)
        ps_json_append(w, pairs, pair(w, &p->pairs[i]));
    for (size_t i = 0; i < p->level_count; i++)
        ps_json_append(w, levels, level(w, p, &p->levels[i]));
    ps_json_set(w, o, "elapsed", ps_json_real(p->elapsed));
    ps_json_set(w, o, "max_time", ps_json_real(p->max_time));
    ps_json_set(w, o, "interrupted", json_boolean(p->interrupted));
    ps_json_set(w, o, "cpus", cpus);
    ps_json_set(w, o, "pairs", pairs);
    ps_json_set(w, o, "pairs_not_tested", ps_json_whole(p->pairs_left));
    ps_json_set(w, o, "siblings_shown", json_boolean(p->siblings_shown));
    ps_json_set(w, o, "round_trips_measured", ps_json_whole(p->trips_measured));
    ps_json_set(w, o, "round_trips_ns", matrix(w, p));
    ps_json_set(w, o, "clusters", levels);
    return o;
}

static json_t *topo_cpu(struct ps_json *w, const struct ps_topo_cpu *c)
{
    json_t *o = json_object();

    ps_json_set(w, o, "cpu", ps_json_whole((uint64_t)c->cpu));
    ps_json_set(w, o, "core", ps_json_whole(c->core));
    ps_json_set(w, o, "package", ps_json_whole(c->package));
    ps_json_set(w, o, "node", ps_json_whole(c->node));
    ps_json_set(w, o, "l3", ps_json_whole(c->l3));
    ps_json_set(w, o, "kind", ps_json_text(w, c->kind));
    return o;
}

int ps_topo_json(const struct ps_topo *t, struct ps_str *out, struct ps_err *e)
{
    struct ps_arena scratch;
    struct ps_json w = {&scratch, false};
    json_t *o = json_object(), *cpus = json_array();

    ps_arena_init(&scratch, t->arena->on_oom);
    for (size_t i = 0; i < t->cpu_count; i++)
        ps_json_append(&w, cpus, topo_cpu(&w, &t->cpus[i]));
    ps_json_set(&w, o, "schema", ps_json_text(&w, PS_TOPO_SCHEMA));
    ps_json_set(&w, o, "source", ps_json_text(&w, t->source));
    ps_json_set(&w, o, "real", json_boolean(t->real));
    ps_json_set(&w, o, "machine_cpus", ps_json_whole(t->machine_cpus));
    ps_json_set(&w, o, "cores", ps_json_whole(t->cores));
    ps_json_set(&w, o, "packages", ps_json_whole(t->packages));
    ps_json_set(&w, o, "nodes", ps_json_whole(t->nodes));
    ps_json_set(&w, o, "threads_per_core", ps_json_whole(t->threads_per_core));
    ps_json_set(&w, o, "cpus", cpus);
    ps_json_set(&w, o, "probe", probe(&w, t->probe));
    return finish(&w, o, out, e);
}
