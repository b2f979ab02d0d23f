#include "order.h"

#include <stdint.h>
#include <stdlib.h>

enum { RANK, SLOWNESS, PACKAGE, NODE, L3, LEVELS };

struct entry {
    unsigned level[LEVELS];
    unsigned turn; /* position among the entries that share the levels numbered so far */
    int os;
};

static int compare(unsigned a, unsigned b)
{
    return (a > b) - (a < b);
}

/* By the first `depth` levels, then by turn, then by the level that takes turns. */
static int compare_entries(const void *a, const void *b, void *depth)
{
    const struct entry *x = a, *y = b;
    unsigned shared = *(const unsigned *)depth;
    int order = 0;

    for (unsigned i = 0; i < shared && !order; i++)
        order = compare(x->level[i], y->level[i]);
    if (!order)
        order = compare(x->turn, y->turn);
    if (!order && shared < LEVELS)
        order = compare(x->level[shared], y->level[shared]);
    return order;
}

static bool same_group(const struct entry *a, const struct entry *b, unsigned depth)
{
    for (unsigned i = 0; i < depth; i++) {
        if (a->level[i] != b->level[i])
            return false;
    }
    return true;
}

static void number_turns(struct entry *entries, unsigned count, unsigned depth)
{
    unsigned turn = 0;

    for (unsigned i = 0; i < count; i++) {
        turn = i > 0 && same_group(&entries[i - 1], &entries[i], depth) ? turn + 1 : 0;
        entries[i].turn = turn;
    }
}

static struct entry *make_entries(struct ps_arena *a, const struct ps_topology *t)
{
    struct entry *entries = ps_arena_array(a, t->cpu_count, sizeof *entries);

    for (unsigned i = 0; i < t->cpu_count; i++) {
        const struct ps_cpu *c = &t->cpus[i];

        entries[i] = (struct entry){
            .level = {c->rank, UINT32_MAX - c->kind, c->package, c->node, c->l3},
            .turn = i,
            .os = c->os,
        };
    }
    return entries;
}

/* Each pass merges the groups of one level into one sequence that takes turns over them, from the
 * innermost level outwards; rank and kind never take turns. */
static void take_turns(struct entry *entries, unsigned count)
{
    for (unsigned depth = LEVELS; depth > SLOWNESS; depth--) {
        qsort_r(entries, count, sizeof *entries, compare_entries, &depth);
        number_turns(entries, count, depth);
    }
}

static int *os_numbers(struct ps_arena *a, const struct entry *entries, unsigned count)
{
    int *os = ps_arena_array(a, count, sizeof *os);

    for (unsigned i = 0; i < count; i++)
        os[i] = entries[i].os;
    return os;
}

int *ps_order_spread(struct ps_arena *a, const struct ps_topology *t)
{
    struct entry *entries = make_entries(a, t);

    take_turns(entries, t->cpu_count);
    return os_numbers(a, entries, t->cpu_count);
}

static int compare_compact(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = compare(x->level[SLOWNESS], y->level[SLOWNESS]);

    return order ? order : compare(x->turn, y->turn);
}

int *ps_order_compact(struct ps_arena *a, const struct ps_topology *t)
{
    struct entry *entries = make_entries(a, t);

    qsort(entries, t->cpu_count, sizeof *entries, compare_compact);
    return os_numbers(a, entries, t->cpu_count);
}
