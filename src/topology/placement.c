#include "placement.h"

#include <string.h>

#include "names.h"

static const char *const names[] = {
    [PS_PLACE_SPREAD] = "spread", [PS_PLACE_COMPACT] = "compact",
    [PS_PLACE_NONE] = "none",     [PS_PLACE_LIST] = "list",
    [PS_PLACE_FREE] = "free",     [PS_PLACE_ONE_PER_CORE] = "one-per-core",
    [PS_PLACE_PACKED] = "packed", [PS_PLACE_TWO_PER_CORE] = "two-per-core",
};

enum { NAMES = PS_PLACE_LIST + 1 }; /* that can be asked for */

const char *ps_placement_name(enum ps_placement p)
{
    return names[p];
}

int ps_placement_parse(const char *text, enum ps_placement *p, struct ps_err *e)
{
    for (unsigned i = 0; i < NAMES; i++) {
        if (!strcmp(text, names[i])) {
            *p = (enum ps_placement)i;
            return 0;
        }
    }
    return ps_unknown("placement", text, names, NAMES, "known are spread, compact, none and list",
                      e);
}

static void repeat(const int *order, size_t count, unsigned threads, int *cpus)
{
    size_t next = 0;

    for (unsigned i = 0; i < threads; i++) {
        cpus[i] = order[next];
        next = next + 1 < count ? next + 1 : 0;
    }
}

void ps_place(const struct ps_topology *t, enum ps_placement p, const int *list, size_t list_count,
              unsigned threads, int *cpus)
{
    static const int anywhere[] = {-1};

    switch (p) {
    case PS_PLACE_SPREAD:
        repeat(t->spread, t->cpu_count, threads, cpus);
        break;
    case PS_PLACE_COMPACT:
        repeat(t->compact, t->cpu_count, threads, cpus);
        break;
    case PS_PLACE_NONE:
    case PS_PLACE_FREE:
        repeat(anywhere, 1, threads, cpus);
        break;
    case PS_PLACE_LIST:
    case PS_PLACE_ONE_PER_CORE:
    case PS_PLACE_PACKED:
    case PS_PLACE_TWO_PER_CORE:
        repeat(list, list_count, threads, cpus);
        break;
    }
}
