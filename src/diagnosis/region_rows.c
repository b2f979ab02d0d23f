#include "region_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct region_sum {
    struct ps_region_row row;
    double looks[PS_LOSS_KINDS]; /* that found a thread of it blocked */
};

static struct region_sum *sum_named(struct region_rows *r, const char *name, struct ps_arena *a)
{
    for (size_t i = 0; i < r->count; i++)
        if (!strcmp(r->sums[i].row.name, name))
            return &r->sums[i];
    r->sums = ps_arena_grow(a, r->sums, r->count, sizeof *r->sums);
    r->sums[r->count] = (struct region_sum){.row.name = ps_arena_copy(a, name)};
    return &r->sums[r->count++];
}

unsigned region_rows_number(struct region_rows *r, const char *name, struct ps_arena *a,
                            const char **lasting)
{
    const struct region_sum *s = sum_named(r, name, a);

    *lasting = s->row.name;
    return (unsigned)(s - r->sums) + 1;
}

static void add_region(struct region_sum *s, const struct ps_region *from)
{
    s->row.entries += (double)from->entries;
    s->row.time += (double)from->time * 1e-9;
    s->row.wall += (double)from->wall * 1e-9;
    s->row.cpu_time += (double)from->on_cpu * 1e-9;
    s->row.runnable += (double)from->runnable * 1e-9;
    s->row.alone += (double)from->alone * 1e-9;
}

static void add_looks(struct region_sum *s, uint64_t bit, const struct ps_seen_list *l,
                      const struct place_of *waits)
{
    for (size_t i = 0; i < l->count; i++) {
        bool derived;

        if (l->seen[i].regions & bit)
            s->looks[place_wait_kind(&l->seen[i], &waits[i], &derived)] += (double)l->step;
    }
}

void region_rows_add(struct region_rows *r, const struct ps_observation *n,
                     const struct place_of *waits, struct ps_arena *a)
{
    for (size_t i = 0; i < n->region_count; i++) {
        struct region_sum *s = sum_named(r, n->regions[i].name, a);

        add_region(s, &n->regions[i]);
        add_looks(s, UINT64_C(1) << i, &n->lists[PS_SEEN_WAIT], waits);
    }
    r->lost += (double)n->regions_lost;
}

/* What was blocked, shared out by what the looks found. */
static void share_waits(const struct region_sum *s, struct ps_region_row *row)
{
    double looks = 0;

    for (size_t k = 0; k < PS_LOSS_KINDS; k++)
        looks += s->looks[k];
    for (size_t k = 0; looks > 0 && k < PS_LOSS_KINDS; k++)
        row->waits[k] = row->blocked * s->looks[k] / looks;
}

static int by_time(const void *a, const void *b)
{
    const struct ps_region_row *x = a, *y = b;

    return (x->time < y->time) - (x->time > y->time);
}

void region_rows_result(const struct region_rows *r, double executions, struct ps_arena *a,
                        struct ps_diagnosis *out)
{
    struct ps_region_row *rows = ps_arena_array(a, r->count, sizeof *rows);

    for (size_t i = 0; i < r->count; i++) {
        struct ps_region_row *row = &rows[i];

        *row = r->sums[i].row;
        row->entries /= executions;
        row->time /= executions;
        row->wall /= executions;
        row->cpu_time /= executions;
        row->runnable /= executions;
        row->alone /= executions;
        row->blocked = fmax(0, row->time - row->cpu_time - row->runnable);
        share_waits(&r->sums[i], row);
    }
    if (r->count)
        qsort(rows, r->count, sizeof *rows, by_time);
    out->regions = rows;
    out->region_count = r->count;
    out->regions_lost = r->lost / executions;
}
