#include "ticks.h"

#include <math.h>

#define ATTEMPTS 5

/* Of a few attempts the one that took the fewest ticks, so that an interrupt between the readings
 * does not set them apart. */
struct ps_tick_mark ps_tick_mark(void)
{
    struct ps_tick_mark best = {0};
    uint64_t width = UINT64_MAX;

    for (int i = 0; i < ATTEMPTS; i++) {
        uint64_t before = ps_ticks();
        uint64_t ns = ps_now_ns();
        uint64_t after = ps_ticks();

        if (after - before < width) {
            width = after - before;
            best = (struct ps_tick_mark){before + width / 2, ns};
        }
    }
    return best;
}

double ps_tick_ns(struct ps_tick_mark from, struct ps_tick_mark to)
{
    if (to.ticks == from.ticks)
        return NAN;
    return (double)(int64_t)(to.ns - from.ns) / (double)(int64_t)(to.ticks - from.ticks);
}
