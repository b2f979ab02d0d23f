#include <math.h>

#include "json_read.h"

/* Only where there is one. */
static const char *read_region(const struct ps_node *place)
{
    return ps_read_has(place, "region") ? ps_read_text(place, "region") : NULL;
}

static struct ps_place read_place(const struct ps_node *row, const char *name)
{
    const struct ps_node n = ps_read_member(row, name);

    return (struct ps_place){
        .library = ps_read_text_or_null(&n, "library"),
        .function = ps_read_text_or_null(&n, "function"),
        .module = ps_read_text_or_null(&n, "module"),
        .file = ps_read_text_or_null(&n, "file"),
        .line = (unsigned)ps_read_whole(&n, "line", 0, UINT32_MAX),
        .caller = ps_read_text_or_null(&n, "caller"),
        .caller_file = ps_read_text_or_null(&n, "caller_file"),
        .caller_line = (unsigned)ps_read_whole(&n, "caller_line", 0, UINT32_MAX),
        .region = read_region(&n),
    };
}

/* Of files that were written before there was such a figure: NaN. */
static double read_if_there(const struct ps_node *row, const char *name)
{
    return ps_read_has(row, name) ? ps_read_number(row, name) : NAN;
}

static void read_code(const struct ps_node *diagnosis, struct ps_diagnosis *d)
{
    const struct ps_node list = ps_read_member(diagnosis, "code");

    d->code_count = ps_read_count(&list, PS_READ_FEW);
    d->code = ps_arena_array(list.reader->arena, d->code_count, sizeof *d->code);
    for (size_t i = 0; i < d->code_count && !list.reader->rc; i++) {
        const struct ps_node n = ps_read_item(&list, i);

        d->code[i] = (struct ps_code_row){.place = read_place(&n, "place"),
                                          .cpu_time = ps_read_number(&n, "cpu_time"),
                                          .alone = ps_read_number(&n, "alone"),
                                          .faults = ps_read_number(&n, "faults"),
                                          .atomic = read_if_there(&n, "atomic"),
                                          .stores = read_if_there(&n, "stores"),
                                          .kernel = read_if_there(&n, "kernel")};
    }
}

static PS_ENUM_READER(read_kind, ps_loss_kind, "kind", "kind of loss")

    /* Only where it is known. */
    static const struct ps_place *read_waiter(const struct ps_node *row)
{
    struct ps_place *p;

    if (!ps_read_has(row, "waiter"))
        return NULL;
    p = ps_arena_alloc(row->reader->arena, sizeof *p);
    *p = read_place(row, "waiter");
    return p;
}

static void read_losses(const struct ps_node *diagnosis, struct ps_diagnosis *d)
{
    const struct ps_node list = ps_read_member(diagnosis, "losses");

    d->loss_count = ps_read_count(&list, PS_READ_FEW);
    d->losses = ps_arena_array(list.reader->arena, d->loss_count, sizeof *d->losses);
    for (size_t i = 0; i < d->loss_count && !list.reader->rc; i++) {
        const struct ps_node n = ps_read_item(&list, i);

        d->losses[i] = (struct ps_loss_row){
            read_kind(&n),   read_place(&n, "place"),    ps_read_text_or_null(&n, "object"),
            read_waiter(&n), ps_read_number(&n, "idle"), ps_read_number(&n, "spun")};
    }
}

/* Written since there are such rows. */
static void read_threads(const struct ps_node *diagnosis, struct ps_diagnosis *d)
{
    struct ps_node list;

    if (!ps_read_has(diagnosis, "threads"))
        return;
    list = ps_read_member(diagnosis, "threads");
    d->thread_count = ps_read_count(&list, PS_READ_FEW);
    d->threads = ps_arena_array(list.reader->arena, d->thread_count, sizeof *d->threads);
    for (size_t i = 0; i < d->thread_count && !list.reader->rc; i++) {
        const struct ps_node n = ps_read_item(&list, i);

        d->threads[i] =
            (struct ps_thread_row){ps_read_text(&n, "name"),       ps_read_number(&n, "count"),
                                   ps_read_number(&n, "cpu_time"), ps_read_number(&n, "most"),
                                   ps_read_number(&n, "alone"),    ps_read_number(&n, "runnable"),
                                   ps_read_number(&n, "blocked")};
    }
}

static void read_modules(const struct ps_node *diagnosis, struct ps_diagnosis *d)
{
    struct ps_node list;

    if (!ps_read_has(diagnosis, "modules"))
        return;
    list = ps_read_member(diagnosis, "modules");
    d->module_count = ps_read_count(&list, PS_READ_FEW);
    d->modules = ps_arena_array(list.reader->arena, d->module_count, sizeof *d->modules);
    for (size_t i = 0; i < d->module_count && !list.reader->rc; i++) {
        const struct ps_node n = ps_read_item(&list, i);

        d->modules[i] = (struct ps_module_row){
            ps_read_text(&n, "name"), ps_read_number(&n, "cpu_time"), ps_read_number(&n, "alone")};
    }
}

static void read_region_waits(const struct ps_node *row, double *waits)
{
    const struct ps_node n = ps_read_member(row, "waits");

    for (size_t k = 0; k < PS_LOSS_KINDS; k++) {
        const char *kind = ps_loss_kind_name((enum ps_loss_kind)k);

        if (ps_read_has(&n, kind))
            waits[k] = ps_read_number(&n, kind);
    }
}

/* Written since there are regions, and where a program marks some. */
static void read_regions(const struct ps_node *diagnosis, struct ps_diagnosis *d)
{
    struct ps_node list;

    if (!ps_read_has(diagnosis, "regions"))
        return;
    list = ps_read_member(diagnosis, "regions");
    d->regions_lost = ps_read_number(diagnosis, "regions_lost");
    d->region_count = ps_read_count(&list, PS_READ_FEW);
    d->regions = ps_arena_array(list.reader->arena, d->region_count, sizeof *d->regions);
    for (size_t i = 0; i < d->region_count && !list.reader->rc; i++) {
        const struct ps_node n = ps_read_item(&list, i);

        d->regions[i] = (struct ps_region_row){
            .name = ps_read_text(&n, "name"),
            .entries = ps_read_number(&n, "entries"),
            .time = ps_read_number(&n, "time"),
            .wall = ps_read_number(&n, "wall_time"),
            .cpu_time = ps_read_number(&n, "cpu_time"),
            .runnable = ps_read_number(&n, "runnable"),
            .blocked = ps_read_number(&n, "blocked"),
            .alone = ps_read_number(&n, "alone"),
        };
        read_region_waits(&n, d->regions[i].waits);
    }
}

/* Not in files that were written before there was one. */
static void read_strip(const struct ps_node *diagnosis, struct ps_diagnosis_strip *s)
{
    struct ps_node n;
    size_t alone;

    if (!ps_read_has(diagnosis, "timeline"))
        return;
    n = ps_read_member(diagnosis, "timeline");
    s->width = ps_read_number(&n, "bin");
    s->running = ps_read_numbers(&n, "running", PS_READ_FEW, &s->count);
    s->alone = ps_read_numbers(&n, "alone", PS_READ_FEW, &alone);
    if (alone < s->count)
        s->count = alone;
}

const struct ps_diagnosis *ps_read_diagnosis(const struct ps_node *n)
{
    struct ps_diagnosis *d = ps_arena_alloc(n->reader->arena, sizeof *d);

    d->missing = ps_read_text_or_null(n, "missing");
    if (d->missing || n->reader->rc)
        return d;
    d->executions = ps_read_whole(n, "executions", 0, PS_READ_ROUNDS);
    d->wall = ps_read_number(n, "wall_time");
    d->cpu_time = ps_read_number(n, "cpu_time");
    d->used = ps_read_has(n, "cpu_time_used") ? ps_read_number(n, "cpu_time_used") : NAN;
    d->others = ps_read_number(n, "others");
    d->slowdown = ps_read_number(n, "slowdown");
    d->serial_fraction = ps_read_number(n, "serial_fraction");
    d->running = ps_read_numbers(n, "running", PS_READ_FEW, &d->running_count);
    read_strip(n, &d->strip);
    d->sampled = ps_read_number(n, "sampled");
    d->spun = ps_read_number(n, "spun");
    d->kernel_time = ps_read_number(n, "kernel_time");
    d->kernel_sampled = ps_read_has(n, "kernel_sampled") && ps_read_bool(n, "kernel_sampled");
    d->samples = ps_read_whole(n, "samples", 0, INT64_MAX);
    d->looks = ps_read_whole(n, "looks", 0, INT64_MAX);
    d->lost = ps_read_whole(n, "lost_records", 0, INT64_MAX);
    d->hidden = ps_read_whole(n, "hidden", 0, INT64_MAX);
    read_code(n, d);
    read_losses(n, d);
    read_threads(n, d);
    read_modules(n, d);
    read_regions(n, d);
    return d;
}
