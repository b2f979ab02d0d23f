/* How the system is set up, as far as measurements notice. Paths are below `root`, as in host.h. */
#ifndef PS_TUNING_H
#define PS_TUNING_H

#include <stddef.h>

#include "arena.h"

enum ps_switch { PS_SWITCH_UNKNOWN, PS_SWITCH_OFF, PS_SWITCH_ON };

struct ps_tuning {
    enum ps_switch nmi_watchdog;  /* on: it holds a hardware counter of each CPU */
    const char *const *governors; /* different ones of all CPUs */
    size_t governor_count;        /* 0: the system shows none */
    const char *isolated, *nohz;  /* lists of CPUs; NULL: none, or not shown */
    const char *clock, *clocks;   /* clock source in use, and all there are; NULL: not shown */
    const char *huge_pages;       /* "always", "madvise", "never"; NULL: not shown */
    int seccomp;                  /* 0 none, 1 strict, 2 a filter; -1 not shown */
    const char *container;        /* "docker"...; NULL: no sign of one */
    int rdpmc;                    /* of the PMU of the cores: 0 no, 1 own events, 2 all; -1 */
};

void ps_tuning_read(struct ps_arena *a, const char *root, struct ps_tuning *t);

#endif
