/* What was seen of programs in executions that were observed: when their threads ran, what idle
 * cores waited for, and which functions had the CPU time. */
#include <math.h>
#include <string.h>

#include "cells.h"
#include "view.h"

#define ROWS 10 /* of functions and of waits, where nobody says how many */

enum ran { THREADS, NONE, ONE, SOME, ALL, AVERAGE, SERIAL, KERNEL, SPINS, OTHERS, RAN };
static const char *const ran_heads[RAN] = {
    [THREADS] = "threads",         [NONE] = "none\nruns",       [ONE] = "one\nruns",
    [SOME] = "some\nrun",          [ALL] = "all\nrun",          [AVERAGE] = "CPUs\nin use",
    [SERIAL] = "serial\nfraction", [KERNEL] = "in the\nkernel", [SPINS] = "spins",
    [OTHERS] = "others\ntook",
};

enum waited { CAUSE, CORES, SPUN, WAITED };
static const char *const waited_heads[WAITED] = {
    [CAUSE] = "cores without work", [CORES] = "cores", [SPUN] = "of which spin"};

enum used { CODE, CPU_REFERENCE, CPU, ALONE, IN_KERNEL, FAULTS, USED };
static const char *const used_heads[USED] = {
    [CODE] = "function",      [CPU_REFERENCE] = "CPU time\nwith 1", [CPU] = "CPU\ntime",
    [ALONE] = "while\nalone", [IN_KERNEL] = "in the\nkernel",       [FAULTS] = "page\nfaults"};

enum by_module { MODULE, MODULE_CPU, MODULE_ALONE, BY_MODULE };
static const char *const module_heads[BY_MODULE] = {[MODULE] = "executable or library",
                                                    [MODULE_CPU] = "CPU\ntime",
                                                    [MODULE_ALONE] = "while\nalone"};

enum by_thread { THREAD, COUNT, THREAD_CPU, MOST, THREAD_ALONE, RUNNABLE, BLOCKED, BY_THREAD };
static const char *const thread_heads[BY_THREAD] = {
    [THREAD] = "thread",        [COUNT] = "how\nmany",           [THREAD_CPU] = "CPU\ntime",
    [MOST] = "of the\nbusiest", [THREAD_ALONE] = "while\nalone", [RUNNABLE] = "waits for\na CPU",
    [BLOCKED] = "blocked",
};

void ps_diagnosis_heads(ps_head_fn *each, void *arg)
{
    for (size_t i = THREADS + 1; i < RAN; i++)
        each(arg, ran_heads[i]);
    for (size_t i = 0; i < WAITED; i++)
        each(arg, waited_heads[i]);
    for (size_t i = 0; i < USED; i++)
        each(arg, used_heads[i]);
    for (size_t i = 0; i < BY_MODULE; i++)
        each(arg, module_heads[i]);
    for (size_t i = 0; i < BY_THREAD; i++)
        each(arg, thread_heads[i]);
}

static void add_columns(struct ps_grid *g, const char *const *heads, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *title = ps_arena_copy(g->arena, heads[i]), *fold = strchr(title, '\n');

        if (fold)
            *fold = ' ';
        ps_grid_column(g, heads[i], title, 0);
    }
    ps_grid_start(g);
}

static bool has(const struct ps_point *p)
{
    return p->diagnosis && !p->diagnosis->missing && p->diagnosis->wall > 0;
}

/* ---- when threads ran ---- */

/* Share of the wall time with from .. to threads on a CPU. */
static double share(const struct ps_diagnosis *d, size_t from, size_t to)
{
    double sum = 0;

    for (size_t i = from; i <= to && i < d->running_count; i++)
        sum += d->running[i];
    return sum / d->wall;
}

static const char *percent(const struct ps_view *v, double x)
{
    const char *text = ps_cell_percent(v->arena, x, true);

    return text ? text : "-";
}

static void fill_ran(const struct ps_view *v, const struct ps_point *p, struct ps_grid *g,
                     size_t row)
{
    const struct ps_diagnosis *d = p->diagnosis;
    const size_t most = p->threads > 1 ? p->threads : 2;

    ps_grid_cell(g, row, THREADS, ps_arena_format(v->arena, "%u", p->threads));
    ps_grid_cell(g, row, NONE, percent(v, share(d, 0, 0)));
    ps_grid_cell(g, row, ONE, percent(v, share(d, 1, 1)));
    if (most > 2)
        ps_grid_cell(g, row, SOME, percent(v, share(d, 2, most - 1)));
    if (p->threads > 1)
        ps_grid_cell(g, row, ALL, percent(v, share(d, most, SIZE_MAX - 1)));
    ps_grid_cell(g, row, AVERAGE, ps_cell_ratio(v->arena, d->cpu_time / d->wall));
    if (p->threads > 1)
        ps_grid_cell(g, row, SERIAL, ps_cell_ratio(v->arena, d->serial_fraction));
    ps_grid_cell(g, row, KERNEL, percent(v, d->kernel_time / d->cpu_time));
    ps_grid_cell(g, row, SPINS, percent(v, d->spun / d->cpu_time));
    ps_grid_cell(g, row, OTHERS, percent(v, d->others));
}

static size_t observed(const struct ps_block *b)
{
    size_t count = 0;

    for (size_t i = 0; i < b->count; i++)
        count += has(&b->points[i]);
    return count;
}

static void add_ran(const struct ps_view *v, const struct ps_block *b,
                    struct ps_diagnosis_part *part)
{
    size_t row = 0;

    part->title =
        "When its threads ran, in the observed executions. Running threads: shares of the wall "
        "time; in the kernel, in waiting loops and lost to others: shares of the CPU time";
    ps_grid_init(&part->grid, v->arena, observed(b));
    ps_grid_key(&part->grid, ran_heads[THREADS], false);
    add_columns(&part->grid, ran_heads + NONE, RAN - NONE);
    for (size_t i = 0; i < b->count; i++)
        if (has(&b->points[i]))
            fill_ran(v, &b->points[i], &part->grid, row++);
}

/* ---- what cores waited for, and where the time went: of one point ---- */

static const char *place(const struct ps_view *v, const struct ps_place *p)
{
    return ps_text_clean(v->arena, ps_place_text(v->arena, p));
}

static double idle_of(const struct ps_loss_row *l)
{
    return l->idle + l->spun;
}

static const char *loss_text(const struct ps_view *v, const struct ps_loss_row *l)
{
    const char *object =
        l->object ? ps_arena_format(v->arena, " (%s)", ps_text_clean(v->arena, l->object)) : "";

    return ps_arena_format(v->arena, "%s%s: %s", ps_loss_kind_name(l->kind), object,
                           place(v, &l->place));
}

static size_t at_most(const struct ps_view *v, size_t count)
{
    const size_t rows = v->top ? v->top : ROWS;

    return count < rows ? count : rows;
}

static void add_waited(const struct ps_view *v, const struct ps_point *p,
                       struct ps_diagnosis_part *part)
{
    const struct ps_diagnosis *d = p->diagnosis;
    const size_t rows = at_most(v, d->loss_count);

    part->title = ps_arena_format(v->arena, "Why cores had no work, with %u threads", p->threads);
    ps_grid_init(&part->grid, v->arena, rows);
    ps_grid_key(&part->grid, waited_heads[CAUSE], true);
    add_columns(&part->grid, waited_heads + CORES, WAITED - CORES);
    for (size_t i = 0; i < rows; i++) {
        const struct ps_loss_row *l = &d->losses[i];

        ps_grid_cell(&part->grid, i, CAUSE, loss_text(v, l));
        ps_grid_cell(&part->grid, i, CORES, ps_cell_ratio(v->arena, idle_of(l) / d->wall));
        if (l->spun > 0)
            ps_grid_cell(&part->grid, i, SPUN, ps_cell_ratio(v->arena, l->spun / d->wall));
    }
}

static const char *kernel_time(const struct ps_view *v, const struct ps_diagnosis *d,
                               const struct ps_code_row *c)
{
    const char *time = ps_cell_time(v->arena, c->kernel);

    return d->kernel_sampled ? time : ps_arena_format(v->arena, "~%s", time);
}

static void fill_used(const struct ps_view *v, const struct ps_point *p,
                      const struct ps_code_row *c, const struct ps_diagnosis *reference,
                      struct ps_grid *g, size_t row)
{
    const struct ps_code_row *then = reference ? ps_diagnosis_code(reference, &c->place) : NULL;

    ps_grid_cell(g, row, CODE, place(v, &c->place));
    if (reference)
        ps_grid_cell(g, row, CPU_REFERENCE, ps_cell_time(v->arena, then ? then->cpu_time : 0));
    ps_grid_cell(g, row, CPU, ps_cell_time(v->arena, c->cpu_time));
    ps_grid_cell(g, row, ALONE, ps_cell_time(v->arena, c->alone));
    if (c->kernel > 0)
        ps_grid_cell(g, row, IN_KERNEL, kernel_time(v, p->diagnosis, c));
    if (c->faults >= 0.5)
        ps_grid_cell(g, row, FAULTS, ps_arena_format(v->arena, "%.0f", c->faults));
}

static void add_used(const struct ps_view *v, const struct ps_point *p,
                     const struct ps_diagnosis *reference, struct ps_diagnosis_part *part)
{
    const size_t rows = at_most(v, p->diagnosis->code_count);

    part->title = ps_arena_format(
        v->arena, "Where the CPU time went, with %u thread%s: in user mode, per execution",
        p->threads, p->threads == 1 ? "" : "s");
    ps_grid_init(&part->grid, v->arena, rows);
    ps_grid_key(&part->grid, used_heads[CODE], true);
    add_columns(&part->grid, used_heads + CPU_REFERENCE, USED - CPU_REFERENCE);
    for (size_t i = 0; i < rows; i++)
        fill_used(v, p, &p->diagnosis->code[i], reference, &part->grid, i);
}

static void add_modules(const struct ps_view *v, const struct ps_point *p,
                        struct ps_diagnosis_part *part)
{
    const size_t rows = at_most(v, p->diagnosis->module_count);

    part->title = "CPU time by executable and library: likewise, waiting loops included";
    ps_grid_init(&part->grid, v->arena, rows);
    ps_grid_key(&part->grid, module_heads[MODULE], true);
    add_columns(&part->grid, module_heads + MODULE_CPU, BY_MODULE - MODULE_CPU);
    for (size_t i = 0; i < rows; i++) {
        const struct ps_module_row *m = &p->diagnosis->modules[i];

        ps_grid_cell(&part->grid, i, MODULE, ps_text_clean(v->arena, m->name));
        ps_grid_cell(&part->grid, i, MODULE_CPU, ps_cell_time(v->arena, m->cpu_time));
        ps_grid_cell(&part->grid, i, MODULE_ALONE, ps_cell_time(v->arena, m->alone));
    }
}

static void fill_thread(const struct ps_view *v, const struct ps_thread_row *t, struct ps_grid *g,
                        size_t row)
{
    ps_grid_cell(g, row, THREAD, ps_text_clean(v->arena, t->name));
    ps_grid_cell(g, row, COUNT, ps_arena_format(v->arena, "%.3g", t->count));
    ps_grid_cell(g, row, THREAD_CPU, ps_cell_time(v->arena, t->cpu_time));
    if (t->count > 1)
        ps_grid_cell(g, row, MOST, ps_cell_time(v->arena, t->most));
    ps_grid_cell(g, row, THREAD_ALONE, ps_cell_time(v->arena, t->alone));
    ps_grid_cell(g, row, RUNNABLE, ps_cell_time(v->arena, t->runnable));
    ps_grid_cell(g, row, BLOCKED, ps_cell_time(v->arena, t->blocked));
}

static void add_threads(const struct ps_view *v, const struct ps_point *p,
                        struct ps_diagnosis_part *part)
{
    const size_t rows = at_most(v, p->diagnosis->thread_count);

    part->title =
        "Its threads by name, from context switch records: per execution, summed over all threads "
        "of the name";
    ps_grid_init(&part->grid, v->arena, rows);
    ps_grid_key(&part->grid, thread_heads[THREAD], true);
    add_columns(&part->grid, thread_heads + COUNT, BY_THREAD - COUNT);
    for (size_t i = 0; i < rows; i++)
        fill_thread(v, &p->diagnosis->threads[i], &part->grid, i);
}

/* The one with most threads; NULL: none was observed. */
static const struct ps_point *telling(const struct ps_block *b)
{
    const struct ps_point *most = NULL;

    for (size_t i = 0; i < b->count; i++)
        if (has(&b->points[i]) && (!most || b->points[i].threads > most->threads))
            most = &b->points[i];
    return most;
}

static const struct ps_diagnosis *reference_of(const struct ps_block *b, const struct ps_point *p)
{
    for (size_t i = 0; i < b->count; i++)
        if (b->points[i].baseline && &b->points[i] != p && has(&b->points[i]))
            return b->points[i].diagnosis;
    return NULL;
}

size_t ps_block_diagnosis(const struct ps_view *v, const struct ps_block *b,
                          struct ps_diagnosis_part *parts)
{
    const struct ps_point *p = b->same_workload ? telling(b) : NULL;
    size_t count = 0;

    if (!p)
        return 0;
    add_ran(v, b, &parts[count++]);
    if (p->diagnosis->loss_count)
        add_waited(v, p, &parts[count++]);
    if (p->diagnosis->code_count)
        add_used(v, p, reference_of(b, p), &parts[count++]);
    if (p->diagnosis->module_count)
        add_modules(v, p, &parts[count++]);
    if (p->diagnosis->thread_count)
        add_threads(v, p, &parts[count++]);
    return count;
}
