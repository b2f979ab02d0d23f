/* The diagnosis of a point: written and read by the same tables. */
#include <math.h>

#include "json_diagnosis.h"
#include "json_rows.h"

static const struct ps_field place[] = {
    PS_FIELD(ps_place, library, TEXT_OR_NULL, "library"),
    PS_FIELD(ps_place, function, TEXT_OR_NULL, "function"),
    PS_FIELD(ps_place, module, TEXT_OR_NULL, "module"),
    PS_FIELD(ps_place, file, TEXT_OR_NULL, "file"),
    PS_FIELD(ps_place, line, UNSIGNED, "line"),
    PS_FIELD(ps_place, caller, TEXT_OR_NULL, "caller"),
    PS_FIELD(ps_place, caller_file, TEXT_OR_NULL, "caller_file"),
    PS_FIELD(ps_place, caller_line, UNSIGNED, "caller_line"),
    PS_FIELD(ps_place, region, TEXT_IF_ANY, "region"),
    {NULL},
};

static const struct ps_field code[] = {
    PS_FIELD_OF(ps_code_row, place, "place", place),
    PS_FIELD(ps_code_row, cpu_time, REAL, "cpu_time"),
    PS_FIELD(ps_code_row, alone, REAL, "alone"),
    PS_FIELD(ps_code_row, faults, REAL, "faults"),
    PS_FIELD(ps_code_row, atomic, LATER_REAL, "atomic"),
    PS_FIELD(ps_code_row, stores, LATER_REAL, "stores"),
    PS_FIELD(ps_code_row, kernel, LATER_REAL, "kernel"),
    {NULL},
};

static const struct ps_field threads[] = {
    PS_FIELD(ps_thread_row, name, TEXT, "name"),
    PS_FIELD(ps_thread_row, count, REAL, "count"),
    PS_FIELD(ps_thread_row, cpu_time, REAL, "cpu_time"),
    PS_FIELD(ps_thread_row, most, REAL, "most"),
    PS_FIELD(ps_thread_row, alone, REAL, "alone"),
    PS_FIELD(ps_thread_row, runnable, REAL, "runnable"),
    PS_FIELD(ps_thread_row, blocked, REAL, "blocked"),
    {NULL},
};

static const struct ps_field modules[] = {
    PS_FIELD(ps_module_row, name, TEXT, "name"),
    PS_FIELD(ps_module_row, cpu_time, REAL, "cpu_time"),
    PS_FIELD(ps_module_row, alone, REAL, "alone"),
    {NULL},
};

static void set_kind(struct ps_json *w, json_t *o, const char *key, const void *kind)
{
    ps_json_set(w, o, key, ps_json_text(w, ps_loss_kind_name(*(const enum ps_loss_kind *)kind)));
}

static void read_kind(const struct ps_node *n, const char *key, void *kind)
{
    const char *text = ps_read_text(n, key);

    if (text && ps_loss_kind_parse(text, kind) < 0)
        ps_read_unknown(n, key, "kind of loss", text);
}

/* Only where it is known. */
static void set_place_if_known(struct ps_json *w, json_t *o, const char *key, const void *known)
{
    const struct ps_place *p = *(const struct ps_place *const *)known;
    json_t *at;

    if (!p)
        return;
    at = json_object();
    ps_json_row(w, at, p, place);
    ps_json_set(w, o, key, at);
}

static void read_place_if_known(const struct ps_node *row, const char *key, void *known)
{
    struct ps_place *p;
    struct ps_node n;

    if (!ps_read_has(row, key))
        return;
    n = ps_read_member(row, key);
    p = ps_arena_alloc(row->reader->arena, sizeof *p);
    ps_read_row(&n, p, place);
    *(const struct ps_place **)known = p;
}

static const struct ps_field losses[] = {
    PS_FIELD_BY(ps_loss_row, kind, "kind", set_kind, read_kind),
    PS_FIELD_OF(ps_loss_row, place, "place", place),
    PS_FIELD(ps_loss_row, object, TEXT_OR_NULL, "object"),
    PS_FIELD_BY(ps_loss_row, waiter, "waiter", set_place_if_known, read_place_if_known),
    PS_FIELD_BY(ps_loss_row, holder, "holder", set_place_if_known, read_place_if_known),
    PS_FIELD(ps_loss_row, idle, REAL, "idle"),
    PS_FIELD(ps_loss_row, spun, REAL, "spun"),
    {NULL},
};

static void set_concurrency(struct ps_json *w, json_t *o, const char *key, const void *region)
{
    ps_json_set(w, o, key, ps_json_real(ps_region_concurrency(region)));
}

static void set_serial(struct ps_json *w, json_t *o, const char *key, const void *region)
{
    ps_json_set(w, o, key, ps_json_real(ps_region_serial_fraction(region)));
}

/* The kinds that there were. */
static void set_waits(struct ps_json *w, json_t *o, const char *key, const void *waits)
{
    const double *seconds = waits;
    json_t *kinds = json_object();

    for (size_t k = 0; k < PS_LOSS_KINDS; k++)
        if (seconds[k] > 0)
            ps_json_set(w, kinds, ps_loss_kind_name((enum ps_loss_kind)k),
                        ps_json_real(seconds[k]));
    ps_json_set(w, o, key, kinds);
}

static void read_waits(const struct ps_node *row, const char *key, void *waits)
{
    const struct ps_node n = ps_read_member(row, key);
    double *seconds = waits;

    for (size_t k = 0; k < PS_LOSS_KINDS; k++) {
        const char *kind = ps_loss_kind_name((enum ps_loss_kind)k);

        if (ps_read_has(&n, kind))
            seconds[k] = ps_read_number(&n, kind);
    }
}

static const struct ps_field regions[] = {
    PS_FIELD(ps_region_row, name, TEXT, "name"),
    PS_FIELD(ps_region_row, entries, REAL, "entries"),
    PS_FIELD(ps_region_row, time, REAL, "time"),
    PS_FIELD(ps_region_row, wall, REAL, "wall_time"),
    PS_FIELD(ps_region_row, cpu_time, REAL, "cpu_time"),
    PS_FIELD(ps_region_row, runnable, REAL, "runnable"),
    PS_FIELD(ps_region_row, blocked, REAL, "blocked"),
    PS_FIELD(ps_region_row, alone, REAL, "alone"),
    PS_FIELD_BY(ps_region_row, name, "concurrency", set_concurrency, NULL),
    PS_FIELD_BY(ps_region_row, name, "serial_fraction", set_serial, NULL),
    PS_FIELD_BY(ps_region_row, waits, "waits", set_waits, read_waits),
    {NULL},
};
_Static_assert(!offsetof(struct ps_region_row, name), "a region's own figures are given all of it");

static void set_executions(struct ps_json *w, json_t *o, const char *key, const void *executions)
{
    ps_json_set(w, o, key, ps_json_whole(*(const size_t *)executions));
}

static void read_executions(const struct ps_node *n, const char *key, void *executions)
{
    *(size_t *)executions = ps_read_whole(n, key, 0, PS_READ_ROUNDS);
}

static void set_strip(struct ps_json *w, json_t *o, const char *key, const void *strip)
{
    const struct ps_diagnosis_strip *s = strip;
    json_t *bins;

    if (!s->count)
        return;
    bins = json_object();
    ps_json_set(w, bins, "bin", ps_json_real(s->width));
    ps_json_set(w, bins, "running", ps_json_reals(w, s->running, s->count));
    ps_json_set(w, bins, "alone", ps_json_reals(w, s->alone, s->count));
    ps_json_set(w, o, key, bins);
}

/* Not in files that were written before there was one. */
static void read_strip(const struct ps_node *diagnosis, const char *key, void *strip)
{
    struct ps_diagnosis_strip *s = strip;
    struct ps_node n;
    size_t alone;

    if (!ps_read_has(diagnosis, key))
        return;
    n = ps_read_member(diagnosis, key);
    s->width = ps_read_number(&n, "bin");
    s->running = ps_read_numbers(&n, "running", PS_READ_FEW, &s->count);
    s->alone = ps_read_numbers(&n, "alone", PS_READ_FEW, &alone);
    if (alone < s->count)
        s->count = alone;
}

static void set_running(struct ps_json *w, json_t *o, const char *key, const void *diagnosis)
{
    const struct ps_diagnosis *d = diagnosis;

    ps_json_set(w, o, key, ps_json_reals(w, d->running, d->running_count));
}

static void read_running(const struct ps_node *n, const char *key, void *diagnosis)
{
    struct ps_diagnosis *d = diagnosis;

    d->running = ps_read_numbers(n, key, PS_READ_FEW, &d->running_count);
}

/* Only where a program marks some. */
static void set_lost(struct ps_json *w, json_t *o, const char *key, const void *diagnosis)
{
    const struct ps_diagnosis *d = diagnosis;

    if (d->region_count)
        ps_json_set(w, o, key, ps_json_real(d->regions_lost));
}

static void read_lost(const struct ps_node *n, const char *key, void *diagnosis)
{
    struct ps_diagnosis *d = diagnosis;

    if (ps_read_has(n, "regions"))
        d->regions_lost = ps_read_number(n, key);
}

static const struct ps_field all[] = {
    PS_FIELD_BY(ps_diagnosis, executions, "executions", set_executions, read_executions),
    PS_FIELD(ps_diagnosis, wall, REAL, "wall_time"),
    PS_FIELD(ps_diagnosis, cpu_time, REAL, "cpu_time"),
    PS_FIELD(ps_diagnosis, used, LATER_REAL, "cpu_time_used"),
    PS_FIELD(ps_diagnosis, system, LATER_REAL, "system_time_used"),
    PS_FIELD(ps_diagnosis, unrecorded, LATER_REAL, "cpu_time_unrecorded"),
    PS_FIELD(ps_diagnosis, others, REAL, "others"),
    PS_FIELD(ps_diagnosis, brief, LATER_REAL, "brief_waits"),
    PS_FIELD(ps_diagnosis, slowdown, REAL, "slowdown"),
    PS_FIELD(ps_diagnosis, serial_fraction, REAL, "serial_fraction"),
    PS_FIELD_BY(ps_diagnosis, missing, "running", set_running, read_running),
    PS_FIELD_BY(ps_diagnosis, strip, "timeline", set_strip, read_strip),
    PS_FIELD(ps_diagnosis, sampled, REAL, "sampled"),
    PS_FIELD(ps_diagnosis, spun, REAL, "spun"),
    PS_FIELD(ps_diagnosis, kernel_time, REAL, "kernel_time"),
    PS_FIELD(ps_diagnosis, kernel_sampled, LATER_BOOL, "kernel_sampled"),
    PS_FIELD(ps_diagnosis, samples, SIZE, "samples"),
    PS_FIELD(ps_diagnosis, looks, SIZE, "looks"),
    PS_FIELD(ps_diagnosis, lost, SIZE, "lost_records"),
    PS_FIELD(ps_diagnosis, hidden, SIZE, "hidden"),
    PS_FIELD_LIST(ps_diagnosis, code, code_count, ROWS, "code", code),
    PS_FIELD_LIST(ps_diagnosis, losses, loss_count, ROWS, "losses", losses),
    PS_FIELD_LIST(ps_diagnosis, threads, thread_count, LATER_ROWS, "threads", threads),
    PS_FIELD_LIST(ps_diagnosis, modules, module_count, LATER_ROWS, "modules", modules),
    PS_FIELD_LIST(ps_diagnosis, regions, region_count, ROWS_IF_ANY, "regions", regions),
    PS_FIELD_BY(ps_diagnosis, missing, "regions_lost", set_lost, read_lost),
    {NULL},
};
_Static_assert(!offsetof(struct ps_diagnosis, missing), "some are given all of a diagnosis");

json_t *ps_json_diagnosis(struct ps_json *w, const struct ps_diagnosis *d)
{
    json_t *o = json_object();

    ps_json_set(w, o, "missing", ps_json_text(w, d->missing));
    if (!d->missing)
        ps_json_row(w, o, d, all);
    return o;
}

const struct ps_diagnosis *ps_read_diagnosis(const struct ps_node *n)
{
    struct ps_diagnosis *d = ps_arena_alloc(n->reader->arena, sizeof *d);

    d->missing = ps_read_text_or_null(n, "missing");
    if (!d->missing)
        ps_read_row(n, d, all);
    return d;
}
