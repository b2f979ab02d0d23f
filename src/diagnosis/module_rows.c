#include "module_rows.h"

#include <stdlib.h>

void module_rows_add(struct module_rows *r, const char *name, double weight, bool alone,
                     struct ps_arena *a)
{
    struct ps_module_row *row = &r->rows[names_index(&r->names, name ? name : "(not known)", a)];

    row->cpu_time += weight;
    row->alone += alone ? weight : 0;
}

static int by_cpu(const void *a, const void *b)
{
    const struct ps_module_row *x = a, *y = b;

    return (x->cpu_time < y->cpu_time) - (x->cpu_time > y->cpu_time);
}

void module_rows_result(const struct module_rows *r, double executions, struct ps_arena *a,
                        struct ps_diagnosis *out)
{
    const size_t count = r->names.count;

    out->modules = ps_arena_array(a, count, sizeof *out->modules);
    out->module_count = count;
    for (size_t i = 0; i < count; i++)
        out->modules[i] = (struct ps_module_row){
            r->names.names[i], r->rows[i].cpu_time / executions, r->rows[i].alone / executions};
    if (count)
        qsort(out->modules, count, sizeof *out->modules, by_cpu);
}
