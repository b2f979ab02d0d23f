/* What is one cause to who reads: of a kind in the same function, or in the same words. */
#include <string.h>

#include "causes.h"
#include "text.h"

static bool is_work(int kind)
{
    return kind == PS_LOSS_SERIAL || kind == PS_LOSS_IMBALANCE || kind == PS_LOSS_STARVED ||
           kind == PS_LOSS_TURNS || kind == MORE_CPU || kind == REPEATED || kind == ATOMICS ||
           kind == LINES;
}

/* Of the same kind in the same function, or in the same module where it names none: what it calls,
 * and where others wait for it, may differ. */
static bool same_function(const struct cause *a, const struct cause *b)
{
    const bool one_place = a->place->function || ps_module_interprets(a->place->module) ||
                           (is_work(a->kind) && a->place->module);

    return a->kind == b->kind && one_place &&
           ps_text_same(a->place->function, b->place->function) &&
           ps_text_same(a->place->module, b->place->module);
}

/* The compiler may have made several functions of one: they are told in the same words. */
static const char *words_of(struct ps_arena *a, const struct cause *x)
{
    return x->cores > 0 && x->place->function ? ps_place_text(a, x->place) : NULL;
}

static bool same_words(const struct cause *a, const struct cause *b, const char *words_a,
                       const char *words_b)
{
    return a->kind == b->kind && words_a && words_b && !strcmp(words_a, words_b);
}

/* Of work, what it calls elsewhere is part of the function; without a line the call that takes most
 * of it tells where. */
static const struct ps_place *without_library(struct ps_arena *a, const struct ps_place *p)
{
    struct ps_place *own = ps_arena_alloc(a, sizeof *own);

    *own = *p;
    own->library = NULL;
    return own;
}

static void join_cause(struct ps_arena *a, struct cause *to, struct cause *from)
{
    if (from->most > to->most) {
        to->most = from->most;
        to->place = from->place;
        to->object = from->object;
        to->waiter = from->waiter;
        to->holder = from->holder ? from->holder : to->holder;
        to->times = from->times;
    }
    if (is_work(to->kind) && to->place->file &&
        !ps_text_same(to->place->library, from->place->library))
        to->place = without_library(a, to->place);
    to->cores += from->cores;
    from->cores = 0;
}

void causes_join_functions(struct ps_arena *a, struct causes *c)
{
    const char **words = ps_arena_array(a, c->count, sizeof *words);

    for (size_t i = 0; i < c->count; i++)
        words[i] = words_of(a, &c->list[i]);
    for (size_t i = 0; i < c->count; i++)
        for (size_t k = i + 1; c->list[i].cores > 0 && k < c->count; k++)
            if (c->list[k].cores > 0 && (same_function(&c->list[i], &c->list[k]) ||
                                         same_words(&c->list[i], &c->list[k], words[i], words[k])))
                join_cause(a, &c->list[i], &c->list[k]);
}
