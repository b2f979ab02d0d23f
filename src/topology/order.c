#include "order.h"

#include <stdint.h>
#include <stdlib.h>

enum { RANK, SLOWNESS, PACKAGE, NODE, L3, LEVELS };

struct seat {
    unsigned level[LEVELS];
    unsigned turn; /* position among the seats that share the levels numbered so far */
    int os;
};

static int compare(unsigned a, unsigned b)
{
    return (a > b) - (a < b);
}

/* By the first `depth` levels, then by turn, then by the level that takes turns. */
static int compare_seats(const void *a, const void *b, void *depth)
{
    const struct seat *x = a, *y = b;
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

static bool same_group(const struct seat *a, const struct seat *b, unsigned depth)
{
    for (unsigned i = 0; i < depth; i++) {
        if (a->level[i] != b->level[i])
            return false;
    }
    return true;
}

static void number_turns(struct seat *seats, unsigned count, unsigned depth)
{
    unsigned turn = 0;

    for (unsigned i = 0; i < count; i++) {
        turn = i > 0 && same_group(&seats[i - 1], &seats[i], depth) ? turn + 1 : 0;
        seats[i].turn = turn;
    }
}

static struct seat *make_seats(struct ps_arena *a, const struct ps_topology *t)
{
    struct seat *seats = ps_arena_array(a, t->cpu_count, sizeof *seats);

    for (unsigned i = 0; i < t->cpu_count; i++) {
        const struct ps_cpu *c = &t->cpus[i];

        seats[i] = (struct seat){
            .level = {c->rank, UINT32_MAX - c->kind, c->package, c->node, c->l3},
            .turn = i,
            .os = c->os,
        };
    }
    return seats;
}

/* Each pass merges the groups of one level into one sequence that takes turns over them, from the
 * innermost level outwards; rank and kind never take turns. */
static void take_turns(struct seat *seats, unsigned count)
{
    for (unsigned depth = LEVELS; depth > SLOWNESS; depth--) {
        qsort_r(seats, count, sizeof *seats, compare_seats, &depth);
        number_turns(seats, count, depth);
    }
}

static int *os_numbers(struct ps_arena *a, const struct seat *seats, unsigned count)
{
    int *os = ps_arena_array(a, count, sizeof *os);

    for (unsigned i = 0; i < count; i++)
        os[i] = seats[i].os;
    return os;
}

int *ps_order_spread(struct ps_arena *a, const struct ps_topology *t)
{
    struct seat *seats = make_seats(a, t);

    take_turns(seats, t->cpu_count);
    return os_numbers(a, seats, t->cpu_count);
}

static int compare_compact(const void *a, const void *b)
{
    const struct seat *x = a, *y = b;
    int order = compare(x->level[SLOWNESS], y->level[SLOWNESS]);

    return order ? order : compare(x->turn, y->turn);
}

int *ps_order_compact(struct ps_arena *a, const struct ps_topology *t)
{
    struct seat *seats = make_seats(a, t);

    qsort(seats, t->cpu_count, sizeof *seats, compare_compact);
    return os_numbers(a, seats, t->cpu_count);
}
