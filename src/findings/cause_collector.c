/* Garbage collection by one thread, for which all others stand still. */
#include <math.h>

#include "cause_rest.h"
#include "causes.h"
#include "runtimes.h"
#include "text.h"

/* HotSpot's, whose collectors without threads of their own run in the one that stops all others. */
#define LIBRARY   "libjvm.so"
#define COLLECTOR "VM Thread"
/* Of a wait, that collections take, so that the rest is of them as well. */
#define MOST_OF_IT 0.5

static bool is_collector(const struct ps_thread_row *t)
{
    return ps_text_same(t->name, COLLECTOR);
}

/* s while no other thread of the program ran: of the collector, or of all others. */
static double alone(const struct ps_diagnosis *d, bool collector)
{
    double sum = 0;

    for (size_t i = 0; i < d->thread_count; i++)
        sum += is_collector(&d->threads[i]) == collector ? d->threads[i].alone : 0;
    return sum;
}

/* Where it is most of the time, if most of what runs alone in the library is it. */
static const struct ps_place *place_of(struct ps_arena *a, const struct ps_diagnosis *d)
{
    const struct ps_code_row *most = NULL;
    struct ps_place *library = ps_arena_alloc(a, sizeof *library);

    library->module = LIBRARY;
    for (size_t i = 0; i < d->code_count; i++)
        if (ps_text_same(d->code[i].place.module, LIBRARY) &&
            (!most || d->code[i].alone > most->alone))
            most = &d->code[i];
    return most && alone(d, true) > alone(d, false) ? &most->place : library;
}

static bool waits(const struct cause *x)
{
    return x->kind == PS_LOSS_LOCK || x->kind == PS_LOSS_CONDITION || x->kind == PS_LOSS_POLL;
}

/* What the other threads wait in meanwhile looks like a cause of its own, and so does where the
 * collector is. Returns what is left of cores. */
static double take(struct causes *c, double cores, bool waiting)
{
    for (size_t i = 0; i < c->count; i++) {
        struct cause *x = &c->list[i];
        const double part = fmin(cores, x->cores);

        if (x->kind >= (int)PS_LOSS_KINDS || waits(x) != waiting ||
            !ps_text_same(x->place->module, LIBRARY))
            continue;
        x->cores -= waiting && part > MOST_OF_IT * x->cores ? x->cores : part;
        cores -= part;
    }
    return cores;
}

void causes_join_collector(struct ps_arena *a, struct causes *c)
{
    const double cores = fmin(causes_waiting(c), alone(c->own, true) * (c->p - 1) / c->own->wall);

    if (!(c->runtimes & PS_RUNTIME_JAVA) || !(cores >= WORTH_NAMING * c->p))
        return;
    causes_sort(c);
    take(c, take(c, cores, true), false);
    causes_add(a, c, (struct cause){GARBAGE, place_of(a, c->own), NULL, cores, NAN, NULL});
}
