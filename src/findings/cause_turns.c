/* Threads that take turns: one cause, however many places they wait at. */
#include <string.h>

#include "causes.h"
#include "text.h"

static bool at_a_pipe(const struct cause *x)
{
    return x->object && !strncmp(x->object, "pipe", 4);
}

/* What is seen between two turns, which by themselves cost so much: nobody works yet, or who worked
 * then is not known. */
static bool is_between(const struct cause *x, const struct cause *turns, double cores)
{
    const bool less = x->cores <= cores;

    switch (x->kind) {
    case PS_LOSS_TURNS:
        return true;
    case PS_LOSS_CONDITION:
        return less;
    case PS_LOSS_READ:
    case PS_LOSS_WRITE:
        return less && at_a_pipe(x);
    case PS_LOSS_SERIAL:
    case PS_LOSS_IMBALANCE:
    case PS_LOSS_STARVED:
        return turns->place->function && ps_text_same(x->place->function, turns->place->function) &&
               ps_text_same(x->place->module, turns->place->module);
    default:
        return false;
    }
}

/* The largest of those whose threads wait elsewhere than the first. */
static const struct cause *other_side(const struct causes *c, const struct cause *first)
{
    const struct cause *most = NULL;

    for (size_t i = 0; i < c->count; i++) {
        const struct cause *x = &c->list[i];

        if (x->kind == PS_LOSS_TURNS && x->waiter && !ps_place_same(x->waiter, first->waiter) &&
            (!most || x->cores > most->cores))
            most = x;
    }
    return most;
}

void causes_join_turns(struct ps_arena *a, struct causes *c)
{
    struct cause *turns = causes_largest(c, PS_LOSS_TURNS);
    const double cores = turns ? turns->cores : 0;
    const struct cause *other = turns && turns->waiter ? other_side(c, turns) : NULL;

    if (other)
        turns->beside =
            ps_arena_format(a, ", and in %s while one was in %s", ps_place_text(a, other->waiter),
                            ps_place_text(a, other->place));
    for (size_t i = 0; turns && i < c->count; i++) {
        struct cause *x = &c->list[i];

        if (x == turns || !is_between(x, turns, cores))
            continue;
        turns->cores += x->cores;
        x->cores = 0;
    }
}
