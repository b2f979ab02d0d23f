/* host/: what the system says of itself and of its limits, but for its CPUs' places (topology/).
 * Comes in: /proc and /sys (sysfile.h). Goes out: plain structures in an arena. Nothing is set.
 *
 * What the system says about itself: CPU model, kernel, virtualization, governor, cgroup limits.
 * Paths are below `root` ("" on a real machine) so that tests can bring their own /proc and /sys.
 */
#ifndef PS_HOST_H
#define PS_HOST_H

#include <stdint.h>

#include "arena.h"
#include "cpu_times.h"

struct ps_host {
    const char *cpu_model; /* "AMD EPYC"; "unknown" where nothing says; of the first CPU */
    const char *kernel;    /* "Linux 6.18.44 x86_64" */
    const char
        *virtualization;     /* "kvm", "xen"...; "vm" for one without a name; "none", "unknown" */
    const char *governor;    /* NULL where not known */
    const char *turbo;       /* "on", "off", NULL where not known */
    const char *smt_control; /* the text of smt/control, NULL without it */
    int perf_event_paranoid; /* -2 where the file is missing */
    double cpu_quota;        /* CPUs that our cgroup and those above it let us use, NaN: no limit */
    const char *quota_source; /* "cgroup v2 cpu.max", "cgroup v1 cpu.cfs_quota_us", NULL */
};

/* Never fails: what the system does not tell is "unknown", NULL or as said above. */
void ps_host_read(struct ps_arena *a, const char *root, struct ps_host *h);

/* Bytes that programs can still get without swapping (MemAvailable); 0 where nothing says. */
uint64_t ps_memory_available(const char *root);

#endif
