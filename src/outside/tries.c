/* What is worth trying for a program of which something is known. */
#include "outside.h"

/* All of the bits must be known of the program; 0: worth it for any. A row each, in the order in
 * which they are tried. */
static const struct {
    const char *spec;
    unsigned about;
} tries[] = {
    {"env:pin=spread", PS_SEEN_OPENMP | PS_SEEN_FREE},
    {"env:pin=compact", PS_SEEN_OPENMP | PS_SEEN_FREE | PS_SEEN_SIBLINGS},
    {"env:wait=active", PS_SEEN_OPENMP},
    {"env:wait=passive", PS_SEEN_OPENMP},
    {"env:omp=dynamic/16", PS_SEEN_OPENMP},
    {"env:policy=batch", PS_SEEN_THREADS},
    {"env:numa=interleave", PS_SEEN_NODES},
    {"env:thp=off", 0},
    {"env:alloc=jemalloc", 0},
    {"env:alloc=tcmalloc", 0},
    {"env:alloc=mimalloc", 0},
    {"env:copies=cores", PS_SEEN_ALONE},
};

const char *ps_outside_worth(unsigned seen, const struct ps_outside_host *host, struct ps_arena *a)
{
    const char *list = NULL;

    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        struct ps_outside *parsed;
        size_t count;

        if ((tries[i].about & seen) != tries[i].about ||
            ps_outside_parse(tries[i].spec, host, a, &parsed, &count, NULL) < 0)
            continue;
        list = list ? ps_arena_format(a, "%s,%s", list, tries[i].spec) : tries[i].spec;
    }
    return list;
}
