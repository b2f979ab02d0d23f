#include "turns.h"

#define SEVERAL \
    0.33 /* of the time that one runs: where more run for longer they do not take turns */
#define MOSTLY    0.75 /* of that, by one thread: it is the others that wait for it */
#define OFTEN     0.6  /* of the looks, in which somebody waits for a signal */
#define BY_SIGNAL 0.25 /* of the looks, at one place that is no join */
#define HARDLY    0.1  /* of the time at work: it does not take part */

static uint64_t bit(size_t thread)
{
    return 1ull << thread % TURNS_THREADS;
}

void turns_look(struct turns *t, size_t worker, double seconds, bool signalled)
{
    t->looks++;
    t->looked += seconds;
    t->signalled += signalled ? seconds : 0;
    t->worked[worker % TURNS_THREADS] += seconds;
}

static struct turns_side *side_of(struct turns *t, enum awaits awaits, const struct ps_place *place)
{
    size_t i = 0;

    while (i < t->count &&
           !(ps_place_same(&t->sides[i].place, place) && t->sides[i].awaits == awaits))
        i++;
    if (i == TURNS_SIDES)
        return NULL;
    if (i == t->count)
        t->sides[t->count++] = (struct turns_side){awaits, *place, .last = SIZE_MAX};
    return &t->sides[i];
}

void turns_wait(struct turns *t, enum awaits awaits, const struct ps_place *place, size_t waiter,
                size_t worker, double seconds)
{
    struct turns_side *side = side_of(t, awaits, place);

    if (!side)
        return;
    if (side->last != t->looks)
        side->waited += seconds;
    side->last = t->looks;
    side->waiting |= bit(waiter);
    side->working |= bit(worker);
}

static bool takes_turns(const struct turns *t, double one, double several)
{
    double most = 0;

    for (size_t i = 0; i < TURNS_THREADS; i++)
        most = t->worked[i] > most ? t->worked[i] : most;
    return t->looked > 0 && several <= SEVERAL * one && most <= MOSTLY * t->looked &&
           t->signalled >= OFTEN * t->looked;
}

static uint64_t workers(const struct turns *t)
{
    uint64_t set = 0;

    for (size_t i = 0; i < TURNS_THREADS; i++)
        if (t->worked[i] > HARDLY * t->looked)
            set |= bit(i);
    return set;
}

static bool joins(const struct turns_side *s)
{
    return s->awaits == AWAITS_JOIN;
}

/* Those that work wait for each other, or somebody for their answer: who waits for their end has no
 * part in it. */
static bool waits_by_signal(const struct turns *t)
{
    double most = 0;

    for (size_t i = 0; i < t->count; i++)
        if (!joins(&t->sides[i]) && t->sides[i].waited > most)
            most = t->sides[i].waited;
    return most >= BY_SIGNAL * t->looked;
}

/* Where a thread that does none of the work waits nearly always; NULL: nowhere. */
static const struct turns_side *asker(const struct turns *t)
{
    const struct turns_side *most = NULL;
    const bool by_signal = waits_by_signal(t);

    for (size_t i = 0; i < t->count; i++) {
        const struct turns_side *s = &t->sides[i];

        if (s->waited >= OFTEN * t->looked && !(s->waiting & workers(t)) &&
            !(by_signal && joins(s)) && (!most || s->waited > most->waited))
            most = s;
    }
    return most;
}

static bool may_be_turns(const struct row *r)
{
    return r->kind == PS_LOSS_IMBALANCE || r->kind == PS_LOSS_STARVED ||
           (r->kind == PS_LOSS_SERIAL && r->waiter);
}

void turns_find(const struct turns *t, double one, double several, struct rows *losses)
{
    const bool turns = takes_turns(t, one, several);
    const struct turns_side *asks = turns ? asker(t) : NULL;

    for (size_t i = 0; turns && i < losses->count; i++) {
        struct row *r = &losses->rows[i];

        if (!may_be_turns(r) || !(asks || r->waiter))
            continue;
        r->kind = PS_LOSS_TURNS;
        if (!asks)
            continue;
        r->waiter = ps_arena_alloc(losses->arena, sizeof *r->waiter);
        *r->waiter = asks->place;
        r->object = place_awaits_name(asks->awaits);
    }
}
