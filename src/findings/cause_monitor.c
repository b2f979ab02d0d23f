/* Java's monitors, which its runtime spins at and sleeps at in functions of its own. */
#include <math.h>

#include "cause_rest.h"
#include "causes.h"
#include "runtimes.h"
#include "text.h"

#define LIBRARY "libjvm.so"

/* Of a stack in which HotSpot enters one, or in its functions for that. */
static bool is_monitor(const struct ps_place *p)
{
    static const char *const parts[] = {"ObjectMonitor::", "ObjectSynchronizer::"};

    return ps_text_same(p->library, "ObjectMonitor::enter") ||
           (ps_text_same(p->module, LIBRARY) &&
            ps_text_holds_any(p->function, parts, sizeof parts / sizeof *parts));
}

/* Threads of the runtime that have nothing to do are met as often, while the program's wait. */
static bool is_idle_runtime(const struct cause *x)
{
    static const char *const parts[] = {"PlatformMonitor::wait", "PosixSemaphore::wait"};

    return x->waiter && ps_text_same(x->waiter->module, LIBRARY) &&
           ps_text_holds_any(x->waiter->function, parts, sizeof parts / sizeof *parts);
}

/* Cores of all of them. place: with most of them the method that enters one, if it has a name. */
static double take_monitors(struct causes *c, const struct ps_place **place)
{
    double cores = 0, most = 0;

    for (size_t i = 0; i < c->count; i++) {
        struct cause *x = &c->list[i];

        if (!is_monitor(x->place))
            continue;
        if (x->place->function && x->place->library && x->cores > most) {
            *place = x->place;
            most = x->cores;
        }
        cores += x->cores;
        x->cores = 0;
    }
    return cores;
}

/* At most `left`. */
static double take_idle(struct causes *c, double left)
{
    double taken = 0;

    for (size_t i = 0; i < c->count; i++) {
        struct cause *x = &c->list[i];
        const double part = is_idle_runtime(x) ? fmin(x->cores, left - taken) : 0;

        x->cores -= part;
        taken += part;
    }
    return taken;
}

static double at_monitors(const struct causes *c)
{
    double cores = 0;

    for (size_t i = 0; i < c->count; i++)
        cores += is_monitor(c->list[i].place) ? c->list[i].cores : 0;
    return cores;
}

void causes_join_monitors(struct ps_arena *a, struct causes *c)
{
    static const struct ps_place runtime = {.module = LIBRARY};
    const struct ps_place *place = &runtime;
    double cores;

    if (!(c->runtimes & PS_RUNTIME_JAVA) || at_monitors(c) < WORTH_NAMING * c->p)
        return;
    cores = take_monitors(c, &place);
    causes_add(a, c, (struct cause){MONITOR, place, NULL, cores + take_idle(c, cores), NAN, NULL});
}
