/* Java's monitors, which its runtime spins at and sleeps at in functions of its own. */
#include <math.h>

#include "cause_rest.h"
#include "causes.h"
#include "runtimes.h"
#include "text.h"

#define LIBRARY "libjvm.so"

/* HotSpot's: where it spins, it looks with the last ones whether the owner still runs. */
static bool is_monitor(const struct ps_place *p)
{
    static const char *const parts[] = {"ObjectMonitor::", "ObjectSynchronizer::",
                                        "complete_monitor_locking", "SpinPause", "SafeFetch"};

    return p && (ps_text_same(p->library, "ObjectMonitor::enter") ||
                 (ps_text_same(p->module, LIBRARY) &&
                  ps_text_holds_any(p->function, parts, sizeof parts / sizeof *parts)));
}

/* Threads that spun for long enough sleep; those of the runtime, which have nothing to do, are met
 * as often meanwhile. */
static bool sleeps_at_monitor(const struct cause *x)
{
    static const char *const parts[] = {"PlatformEvent::park", "PlatformMonitor::wait",
                                        "PosixSemaphore::wait"};

    return x->waiter && ps_text_same(x->waiter->module, LIBRARY) &&
           ps_text_holds_any(x->waiter->function, parts, sizeof parts / sizeof *parts);
}

/* What went on meanwhile is the program's own code, "[jit]", where it has names. */
static bool tells_holder(const struct cause *x)
{
    return sleeps_at_monitor(x) && x->place->function && x->place->module &&
           x->place->module[0] == '[';
}

static double spinning(const struct causes *c)
{
    double cores = 0;

    for (size_t i = 0; i < c->count; i++)
        cores += is_monitor(c->list[i].place) ? c->list[i].cores : 0;
    return cores;
}

void causes_join_monitors(struct ps_arena *a, struct causes *c)
{
    static const struct ps_place runtime = {.module = LIBRARY};
    const struct ps_place *holder = NULL, *place = &runtime;
    double cores = 0, most = 0;

    if (!(c->runtimes & PS_RUNTIME_JAVA) || spinning(c) < WORTH_NAMING * c->p)
        return;
    for (size_t i = 0; i < c->count; i++) {
        struct cause *x = &c->list[i];

        if (!is_monitor(x->place) && !sleeps_at_monitor(x))
            continue;
        if (tells_holder(x) && x->cores > most) {
            holder = x->place;
            most = x->cores;
        }
        if (ps_text_same(x->place->library, "ObjectMonitor::enter") && x->place->function)
            place = x->place; /* the method that enters it */
        cores += x->cores;
        x->cores = 0;
    }
    causes_add(a, c, (struct cause){MONITOR, place, NULL, cores, NAN, NULL, .holder = holder});
}
