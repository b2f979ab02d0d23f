#include "cpus.h"

#include <stddef.h>

const struct ps_cpu *ps_topology_cpu(const struct ps_topology *t, int os)
{
    unsigned low = 0, high = t->cpu_count;

    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        const struct ps_cpu *cpu = &t->cpus[t->by_os[middle]];

        if (cpu->os == os)
            return cpu;
        if (cpu->os > os)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}
