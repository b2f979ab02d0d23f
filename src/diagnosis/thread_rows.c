#include "thread_rows.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MOST 64 /* then what comes is of "others" */

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

static struct ps_thread_row *row_named(struct thread_rows *r, const char *name, struct ps_arena *a)
{
    const char *wanted = shared_name(a, *name ? name : "(without a name)");

    for (size_t i = 0; i < r->count; i++)
        if (!strcmp(r->rows[i].name, wanted))
            return &r->rows[i];
    if (r->count == NAMES_MOST)
        return &r->rows[NAMES_MOST - 1];
    if (r->count == NAMES_MOST - 1)
        wanted = "others";
    r->rows = ps_arena_grow(a, r->rows, r->count, sizeof *r->rows);
    r->rows[r->count] = (struct ps_thread_row){.name = ps_arena_copy(a, wanted)};
    return &r->rows[r->count++];
}

static void add_thread(struct ps_thread_row *row, const struct ps_timeline_thread *t)
{
    row->count++;
    row->cpu_time += (double)t->on_cpu * 1e-9;
    row->alone += (double)t->alone * 1e-9;
    row->runnable += (double)t->runnable * 1e-9;
    row->blocked += (double)t->blocked * 1e-9;
}

static void add_most(struct thread_rows *r, const double *most)
{
    for (size_t i = 0; i < r->count; i++)
        r->rows[i].most += most[i];
}

void thread_rows_add(struct thread_rows *r, const struct ps_timeline *t, struct ps_arena *a)
{
    double most[NAMES_MOST] = {0};

    for (size_t i = 0; i < t->thread_count; i++) {
        struct ps_thread_row *row = row_named(r, t->threads[i].name, a);

        add_thread(row, &t->threads[i]);
        most[row - r->rows] = fmax(most[row - r->rows], (double)t->threads[i].on_cpu * 1e-9);
    }
    add_most(r, most);
}

static int by_cpu(const void *a, const void *b)
{
    const struct ps_thread_row *x = a, *y = b;

    return (x->cpu_time < y->cpu_time) - (x->cpu_time > y->cpu_time);
}

void thread_rows_result(struct thread_rows *r, double executions, struct ps_arena *a,
                        struct ps_diagnosis *out)
{
    out->threads = ps_arena_array(a, r->count, sizeof *out->threads);
    out->thread_count = r->count;
    for (size_t i = 0; i < r->count; i++) {
        struct ps_thread_row *row = &out->threads[i];

        *row = r->rows[i];
        row->count /= executions;
        row->cpu_time /= executions;
        row->most /= executions;
        row->alone /= executions;
        row->runnable /= executions;
        row->blocked /= executions;
    }
    if (r->count)
        qsort(out->threads, r->count, sizeof *out->threads, by_cpu);
}
