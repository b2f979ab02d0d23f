#include "thread_rows.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* "worker-3" and "worker-12" are of "worker-*", as threads of a pool are named. */
static const char *shared_name(struct ps_arena *a, const char *name)
{
    size_t length = strlen(name);

    while (length && isdigit((unsigned char)name[length - 1]))
        length--;
    if (!length || !name[length] || !strchr("-_#:/ .", name[length - 1]))
        return name;
    return ps_arena_format(a, "%.*s*", (int)length, name);
}

static void add_thread(struct ps_thread_row *row, const struct ps_timeline_thread *t, double count)
{
    row->count += count;
    row->cpu_time += (double)t->on_cpu * 1e-9;
    row->alone += (double)t->alone * 1e-9;
    row->runnable += (double)t->runnable * 1e-9;
    row->blocked += (double)t->blocked * 1e-9;
}

void thread_rows_add(struct thread_rows *r, const struct ps_timeline *t, struct ps_arena *a)
{
    double most[NAMES_MOST] = {0};

    for (size_t i = 0; i < t->thread_count; i++) {
        const char *name = *t->threads[i].name ? t->threads[i].name : "(without a name)";
        const bool others = t->truncated && i == t->thread_count - 1;
        const size_t row = names_index(&r->names, shared_name(a, name), a);

        add_thread(&r->rows[row], &t->threads[i], others ? (double)t->others : 1);
        most[row] = fmax(most[row], (double)t->threads[i].on_cpu * 1e-9);
    }
    for (size_t i = 0; i < r->names.count; i++)
        r->rows[i].most += most[i];
}

static int by_cpu(const void *a, const void *b)
{
    const struct ps_thread_row *x = a, *y = b;

    return (x->cpu_time < y->cpu_time) - (x->cpu_time > y->cpu_time);
}

void thread_rows_result(const struct thread_rows *r, double executions, struct ps_arena *a,
                        struct ps_diagnosis *out)
{
    const size_t count = r->names.count;

    out->threads = ps_arena_array(a, count, sizeof *out->threads);
    out->thread_count = count;
    for (size_t i = 0; i < count; i++) {
        struct ps_thread_row *row = &out->threads[i];

        *row = r->rows[i];
        row->name = r->names.names[i];
        row->count /= executions;
        row->cpu_time /= executions;
        row->most /= executions;
        row->alone /= executions;
        row->runnable /= executions;
        row->blocked /= executions;
    }
    if (count)
        qsort(out->threads, count, sizeof *out->threads, by_cpu);
}
