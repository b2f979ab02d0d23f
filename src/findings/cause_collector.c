/* Garbage collection by one thread, for which all others stand still. */
#include <math.h>

#include "cause_rest.h"
#include "causes.h"
#include "runtimes.h"
#include "text.h"

/* HotSpot's, whose collectors without threads of their own run in the one that stops all others. */
#define LIBRARY   "libjvm.so"
#define COLLECTOR "VM Thread"

/* s while no other thread of the program ran. */
static double alone(const struct ps_diagnosis *d)
{
    for (size_t i = 0; i < d->thread_count; i++)
        if (ps_text_same(d->threads[i].name, COLLECTOR))
            return d->threads[i].alone;
    return 0;
}

/* Where it is most of the time; NULL: not known. */
static const struct ps_place *place_of(const struct ps_diagnosis *d)
{
    const struct ps_code_row *most = NULL;

    for (size_t i = 0; i < d->code_count; i++)
        if (ps_text_same(d->code[i].place.module, LIBRARY) &&
            (!most || d->code[i].alone > most->alone))
            most = &d->code[i];
    return most ? &most->place : NULL;
}

/* What the other threads wait in meanwhile, and where the collector is, look like causes of their
 * own. */
void causes_join_collector(struct ps_arena *a, struct causes *c)
{
    const struct ps_place *place = place_of(c->own);
    const double cores = fmin(causes_waiting(c), alone(c->own) * (c->p - 1) / c->own->wall);

    if (!(c->runtimes & PS_RUNTIME_JAVA) || !place || !(cores >= WORTH_NAMING * c->p))
        return;
    for (size_t i = 0; i < c->count; i++)
        if (c->list[i].kind < (int)PS_LOSS_KINDS && ps_text_same(c->list[i].place->module, LIBRARY))
            c->list[i].cores = 0;
    causes_add(a, c, (struct cause){GARBAGE, place, NULL, cores, NAN, NULL});
}
