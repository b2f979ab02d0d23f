/* What the CPU controller of cgroup v1 or v2 leaves us; private to the topology layer. */
#ifndef PS_CGROUP_H
#define PS_CGROUP_H

#include <stdint.h>

/* Over our cgroup and those above it, as far as they are mounted. */
struct ps_cgroup_cpu {
    double quota;          /* CPUs, the smallest limit; NaN: none */
    const char *source;    /* of the quota, static; NULL: none */
    uint64_t throttled_ns; /* the sum, 0 where not known */
};

void ps_cgroup_cpu_read(const char *root, struct ps_cgroup_cpu *c);

#endif
