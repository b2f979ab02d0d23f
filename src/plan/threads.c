#include "threads.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "units.h"

struct list {
    struct ps_arena *arena;
    unsigned *items;
    size_t count;
};

static int add(struct list *l, uint64_t value, struct ps_err *e)
{
    if (l->count >= PS_MAX_THREADS)
        return ps_fail(e, ERANGE, "--threads: more than %d counts", PS_MAX_THREADS);
    l->items = ps_arena_grow(l->arena, l->items, l->count, sizeof *l->items);
    l->items[l->count++] = (unsigned)value;
    return 0;
}

/* Of words[]; what begins or ends a range is one of the first two. */
enum { RANGE_WORDS = 2, WORDS = 3 };

static int refuse_word(const char *text, size_t count, struct ps_err *e)
{
    static const char *const words[WORDS] = {"cores", "cpus", "pow2"};
    const char *near = ps_nearest(text, words, count);

    return ps_fail(e, EINVAL, "--threads: '%.40s' is neither a number nor %s%s%s%s", text,
                   count == WORDS ? "cores, cpus or pow2" : "cores or cpus",
                   near ? ": did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static int parse_one(const char *text, const struct ps_topology *t, size_t words, uint64_t *value,
                     struct ps_err *e)
{
    if (!strcmp(text, "cores"))
        *value = t->cores;
    else if (!strcmp(text, "cpus"))
        *value = t->cpu_count;
    else if (isalpha((unsigned char)text[0]))
        return refuse_word(text, words, e);
    else
        return ps_parse_count(text, "--threads", 1, PS_MAX_THREADS, value, e);
    return 0;
}

/* Step of a range: "x2" by factor, "+2" by addition. */
static int parse_step(const char *text, bool *factor, uint64_t *step, struct ps_err *e)
{
    *factor = text[0] == 'x';
    if (text[0] != 'x' && text[0] != '+')
        return ps_fail(e, EINVAL, "--threads: step '%s' is neither xFACTOR nor +STEP", text);
    return ps_parse_count(text + 1, "--threads: step", *factor ? 2 : 1, PS_MAX_THREADS, step, e);
}

static int add_range(struct list *l, char *text, char *dots, const struct ps_topology *t,
                     struct ps_err *e)
{
    char *last = dots + 2, *step_text = strstr(last, "..");
    uint64_t low, high, step = 1;
    bool factor = false;
    int err;

    *dots = '\0';
    if (step_text) {
        *step_text = '\0';
        if ((err = parse_step(step_text + 2, &factor, &step, e)) < 0)
            return err;
    }
    if (!*text || !*last)
        return ps_fail(e, EINVAL, "--threads: range %s..%s has no %s, as in 1..8 or 1..cpus", text,
                       last, *text ? "end" : "beginning");
    if ((err = parse_one(text, t, RANGE_WORDS, &low, e)) < 0 ||
        (err = parse_one(last, t, RANGE_WORDS, &high, e)) < 0)
        return err;
    if (high < low)
        return ps_fail(e, EINVAL, "--threads: range %s..%s ends below its beginning", text, last);
    for (uint64_t n = low; n <= high; n = factor ? n * step : n + step)
        if ((err = add(l, n, e)) < 0)
            return err;
    return 0;
}

static int add_powers(struct list *l, unsigned cpus, struct ps_err *e)
{
    for (uint64_t n = 1; n < cpus; n *= 2) {
        int err = add(l, n, e);

        if (err < 0)
            return err;
    }
    return add(l, cpus, e);
}

static int add_token(struct list *l, char *token, const struct ps_topology *t, struct ps_err *e)
{
    char *dots = strstr(token, "..");
    uint64_t value;
    int err;

    if (!strcmp(token, "pow2"))
        return add_powers(l, t->cpu_count, e);
    if (dots)
        return add_range(l, token, dots, t, e);
    err = parse_one(token, t, WORDS, &value, e);
    return err < 0 ? err : add(l, value, e);
}

static int ascending(const void *a, const void *b)
{
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

    return (x > y) - (x < y);
}

static size_t sort_distinct(unsigned *items, size_t count)
{
    size_t kept = 0;

    qsort(items, count, sizeof *items, ascending);
    for (size_t i = 0; i < count; i++)
        if (!kept || items[kept - 1] != items[i])
            items[kept++] = items[i];
    return kept;
}

int ps_threads_parse(const char *text, const struct ps_topology *t, struct ps_arena *a,
                     unsigned **threads, size_t *count, struct ps_err *e)
{
    struct list l = {.arena = a};
    char *rest = ps_arena_copy(a, text), *token;

    while ((token = strsep(&rest, ","))) {
        int err = add_token(&l, token, t, e);

        if (err < 0)
            return err;
    }
    *count = sort_distinct(l.items, l.count);
    *threads = l.items;
    return 0;
}
