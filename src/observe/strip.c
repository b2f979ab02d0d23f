#include "strip.h"

#define FIRST_WIDTH 10000 /* ns */

static void halve(struct ps_strip *s)
{
    for (size_t i = 0; i < PS_STRIP_BINS; i++) {
        const uint64_t running = s->running[i], alone = s->alone[i];

        s->running[i] = s->alone[i] = 0;
        s->running[i / 2] += running;
        s->alone[i / 2] += alone;
    }
    s->width *= 2;
    s->count = (s->count + 1) / 2;
}

void ps_strip_add(struct ps_strip *s, uint64_t from, uint64_t to, size_t running, bool alone)
{
    if (!s->width)
        s->width = FIRST_WIDTH;
    while (to > s->width * PS_STRIP_BINS)
        halve(s);
    while (from < to) {
        const size_t bin = (size_t)(from / s->width);
        const uint64_t end = (bin + 1) * s->width < to ? (bin + 1) * s->width : to;

        s->running[bin] += running * (end - from);
        s->alone[bin] += alone ? end - from : 0;
        s->count = bin + 1;
        from = end;
    }
}
