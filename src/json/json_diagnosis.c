#include "json_write.h"

static json_t *place(struct ps_json *w, const struct ps_place *p)
{
    json_t *o = json_object();

    ps_json_set(w, o, "library", ps_json_text(w, p->library));
    ps_json_set(w, o, "function", ps_json_text(w, p->function));
    ps_json_set(w, o, "module", ps_json_text(w, p->module));
    ps_json_set(w, o, "file", ps_json_text(w, p->file));
    ps_json_set(w, o, "line", ps_json_whole(p->line));
    ps_json_set(w, o, "caller", ps_json_text(w, p->caller));
    ps_json_set(w, o, "caller_file", ps_json_text(w, p->caller_file));
    ps_json_set(w, o, "caller_line", ps_json_whole(p->caller_line));
    if (p->region)
        ps_json_set(w, o, "region", ps_json_text(w, p->region));
    return o;
}

static json_t *code(struct ps_json *w, const struct ps_diagnosis *d)
{
    json_t *array = json_array();

    for (size_t i = 0; i < d->code_count; i++) {
        json_t *o = json_object();

        ps_json_set(w, o, "place", place(w, &d->code[i].place));
        ps_json_set(w, o, "cpu_time", ps_json_real(d->code[i].cpu_time));
        ps_json_set(w, o, "alone", ps_json_real(d->code[i].alone));
        ps_json_set(w, o, "faults", ps_json_real(d->code[i].faults));
        ps_json_set(w, o, "atomic", ps_json_real(d->code[i].atomic));
        ps_json_set(w, o, "stores", ps_json_real(d->code[i].stores));
        ps_json_set(w, o, "kernel", ps_json_real(d->code[i].kernel));
        ps_json_append(w, array, o);
    }
    return array;
}

static json_t *threads(struct ps_json *w, const struct ps_diagnosis *d)
{
    json_t *array = json_array();

    for (size_t i = 0; i < d->thread_count; i++) {
        const struct ps_thread_row *r = &d->threads[i];
        json_t *o = json_object();

        ps_json_set(w, o, "name", ps_json_text(w, r->name));
        ps_json_set(w, o, "count", ps_json_real(r->count));
        ps_json_set(w, o, "cpu_time", ps_json_real(r->cpu_time));
        ps_json_set(w, o, "most", ps_json_real(r->most));
        ps_json_set(w, o, "alone", ps_json_real(r->alone));
        ps_json_set(w, o, "runnable", ps_json_real(r->runnable));
        ps_json_set(w, o, "blocked", ps_json_real(r->blocked));
        ps_json_append(w, array, o);
    }
    return array;
}

static json_t *modules(struct ps_json *w, const struct ps_diagnosis *d)
{
    json_t *array = json_array();

    for (size_t i = 0; i < d->module_count; i++) {
        json_t *o = json_object();

        ps_json_set(w, o, "name", ps_json_text(w, d->modules[i].name));
        ps_json_set(w, o, "cpu_time", ps_json_real(d->modules[i].cpu_time));
        ps_json_set(w, o, "alone", ps_json_real(d->modules[i].alone));
        ps_json_append(w, array, o);
    }
    return array;
}

static json_t *losses(struct ps_json *w, const struct ps_diagnosis *d)
{
    json_t *array = json_array();

    for (size_t i = 0; i < d->loss_count; i++) {
        json_t *o = json_object();

        ps_json_set(w, o, "kind", ps_json_text(w, ps_loss_kind_name(d->losses[i].kind)));
        ps_json_set(w, o, "place", place(w, &d->losses[i].place));
        ps_json_set(w, o, "object", ps_json_text(w, d->losses[i].object));
        if (d->losses[i].waiter)
            ps_json_set(w, o, "waiter", place(w, d->losses[i].waiter));
        ps_json_set(w, o, "idle", ps_json_real(d->losses[i].idle));
        ps_json_set(w, o, "spun", ps_json_real(d->losses[i].spun));
        ps_json_append(w, array, o);
    }
    return array;
}

/* The kinds that there were. */
static json_t *waits(struct ps_json *w, const double *seconds)
{
    json_t *o = json_object();

    for (size_t k = 0; k < PS_LOSS_KINDS; k++)
        if (seconds[k] > 0)
            ps_json_set(w, o, ps_loss_kind_name((enum ps_loss_kind)k), ps_json_real(seconds[k]));
    return o;
}

static json_t *regions(struct ps_json *w, const struct ps_diagnosis *d)
{
    json_t *array = json_array();

    for (size_t i = 0; i < d->region_count; i++) {
        const struct ps_region_row *r = &d->regions[i];
        json_t *o = json_object();

        ps_json_set(w, o, "name", ps_json_text(w, r->name));
        ps_json_set(w, o, "entries", ps_json_real(r->entries));
        ps_json_set(w, o, "time", ps_json_real(r->time));
        ps_json_set(w, o, "wall_time", ps_json_real(r->wall));
        ps_json_set(w, o, "cpu_time", ps_json_real(r->cpu_time));
        ps_json_set(w, o, "runnable", ps_json_real(r->runnable));
        ps_json_set(w, o, "blocked", ps_json_real(r->blocked));
        ps_json_set(w, o, "alone", ps_json_real(r->alone));
        ps_json_set(w, o, "concurrency", ps_json_real(ps_region_concurrency(r)));
        ps_json_set(w, o, "serial_fraction", ps_json_real(ps_region_serial_fraction(r)));
        ps_json_set(w, o, "waits", waits(w, r->waits));
        ps_json_append(w, array, o);
    }
    return array;
}

static json_t *strip(struct ps_json *w, const struct ps_diagnosis_strip *s)
{
    json_t *o = json_object();

    ps_json_set(w, o, "bin", ps_json_real(s->width));
    ps_json_set(w, o, "running", ps_json_reals(w, s->running, s->count));
    ps_json_set(w, o, "alone", ps_json_reals(w, s->alone, s->count));
    return o;
}

json_t *ps_json_diagnosis(struct ps_json *w, const struct ps_diagnosis *d)
{
    json_t *o = json_object();

    ps_json_set(w, o, "missing", ps_json_text(w, d->missing));
    if (d->missing)
        return o;
    ps_json_set(w, o, "executions", ps_json_whole(d->executions));
    ps_json_set(w, o, "wall_time", ps_json_real(d->wall));
    ps_json_set(w, o, "cpu_time", ps_json_real(d->cpu_time));
    ps_json_set(w, o, "cpu_time_used", ps_json_real(d->used));
    ps_json_set(w, o, "others", ps_json_real(d->others));
    ps_json_set(w, o, "slowdown", ps_json_real(d->slowdown));
    ps_json_set(w, o, "serial_fraction", ps_json_real(d->serial_fraction));
    ps_json_set(w, o, "running", ps_json_reals(w, d->running, d->running_count));
    if (d->strip.count)
        ps_json_set(w, o, "timeline", strip(w, &d->strip));
    ps_json_set(w, o, "sampled", ps_json_real(d->sampled));
    ps_json_set(w, o, "spun", ps_json_real(d->spun));
    ps_json_set(w, o, "kernel_time", ps_json_real(d->kernel_time));
    ps_json_set(w, o, "kernel_sampled", json_boolean(d->kernel_sampled));
    ps_json_set(w, o, "samples", ps_json_whole(d->samples));
    ps_json_set(w, o, "looks", ps_json_whole(d->looks));
    ps_json_set(w, o, "lost_records", ps_json_whole(d->lost));
    ps_json_set(w, o, "hidden", ps_json_whole(d->hidden));
    ps_json_set(w, o, "code", code(w, d));
    ps_json_set(w, o, "losses", losses(w, d));
    ps_json_set(w, o, "threads", threads(w, d));
    ps_json_set(w, o, "modules", modules(w, d));
    if (d->region_count) {
        ps_json_set(w, o, "regions", regions(w, d));
        ps_json_set(w, o, "regions_lost", ps_json_real(d->regions_lost));
    }
    return o;
}
