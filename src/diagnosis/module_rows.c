#include "module_rows.h"

#include <stdlib.h>
#include <string.h>

#define NAMES_MOST 64 /* then what comes is of "others" */

static struct ps_module_row *row_named(struct module_rows *r, const char *name, struct ps_arena *a)
{
    for (size_t i = 0; i < r->count; i++)
        if (!strcmp(r->rows[i].name, name))
            return &r->rows[i];
    if (r->count == NAMES_MOST)
        return &r->rows[NAMES_MOST - 1];
    if (r->count == NAMES_MOST - 1)
        name = "others";
    r->rows = ps_arena_grow(a, r->rows, r->count, sizeof *r->rows);
    r->rows[r->count] = (struct ps_module_row){.name = ps_arena_copy(a, name)};
    return &r->rows[r->count++];
}

void module_rows_add(struct module_rows *r, const char *name, double weight, bool alone,
                     struct ps_arena *a)
{
    struct ps_module_row *row = row_named(r, name ? name : "(not known)", a);

    row->cpu_time += weight;
    row->alone += alone ? weight : 0;
}

static int by_cpu(const void *a, const void *b)
{
    const struct ps_module_row *x = a, *y = b;

    return (x->cpu_time < y->cpu_time) - (x->cpu_time > y->cpu_time);
}

void module_rows_result(struct module_rows *r, double executions, struct ps_arena *a,
                        struct ps_diagnosis *out)
{
    out->modules = ps_arena_array(a, r->count, sizeof *out->modules);
    out->module_count = r->count;
    for (size_t i = 0; i < r->count; i++)
        out->modules[i] = (struct ps_module_row){r->rows[i].name, r->rows[i].cpu_time / executions,
                                                 r->rows[i].alone / executions};
    if (r->count)
        qsort(out->modules, r->count, sizeof *out->modules, by_cpu);
}
