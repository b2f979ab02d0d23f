#include <errno.h>
#include <string.h>

#include "launcher.h"
#include "rank_sweep.h"
#include "units.h"

#define MOST_COUNTS 1000

struct counts {
    struct ps_arena *arena;
    uint32_t *items;
    size_t count;
};

static int add(struct counts *c, uint64_t value, struct ps_err *e)
{
    if (c->count && value <= c->items[c->count - 1])
        return ps_fail(e, EINVAL, "--ranks: counts ascend, as in 1,2,4");
    if (c->count == MOST_COUNTS)
        return ps_fail(e, ERANGE, "--ranks: more than %d counts", MOST_COUNTS);
    c->items = ps_arena_grow(c->arena, c->items, c->count, sizeof *c->items);
    c->items[c->count++] = (uint32_t)value;
    return 0;
}

static int parse(const char *text, uint64_t *value, struct ps_err *e)
{
    return ps_parse_count(text, "--ranks", 1, PS_MOST_RANKS, value, e);
}

/* "A", "A..B" or "A..B..xF". */
static int add_range(struct counts *c, char *text, struct ps_err *e)
{
    char *last = strstr(text, ".."), *factor = last ? strstr(last + 2, "..x") : NULL;
    uint64_t low, high, times = 0;
    int err;

    if (factor)
        *factor = '\0';
    if (last)
        *last = '\0';
    err = parse(text, &low, e);
    high = low;
    if (!err && last)
        err = parse(last + 2, &high, e);
    if (!err && high < low)
        err = ps_fail(e, EINVAL, "--ranks: %s..%s holds no number: counts ascend", text, last + 2);
    if (!err && factor)
        err = ps_parse_count(factor + 3, "--ranks: the factor", 2, 1000, &times, e);
    for (uint64_t n = low; !err && n <= high; n = times ? n * times : n + 1)
        err = add(c, n, e);
    return err;
}

int ps_rank_counts(const char *text, struct ps_arena *a, uint32_t **counts, size_t *count,
                   struct ps_err *e)
{
    struct counts c = {.arena = a};
    char *rest = ps_arena_copy(a, text), *token;
    int err = 0;

    while (!err && (token = strsep(&rest, ",")))
        err = add_range(&c, token, e);
    if (!err && !c.count)
        err = ps_fail(e, EINVAL, "--ranks: '%.40s' holds no number", text);
    if (err < 0)
        return err;
    *counts = c.items;
    *count = c.count;
    return 0;
}

int ps_rank_sweep_check(const struct ps_rank_sweep_request *q, struct ps_err *e)
{
    if (!ps_program_takes(q->program, "ranks"))
        return ps_fail(e, EINVAL,
                       "--ranks: '%.200s' has no {ranks} in its arguments, as in 'mpirun -n "
                       "{ranks} parscope rank -- ./app'",
                       q->program->label);
    if (q->weak && !q->program->takes_size)
        return ps_fail(e, EINVAL,
                       "--weak: '%.200s' has no {size} in its arguments, which tells it how much "
                       "to do",
                       q->program->label);
    return 0;
}
