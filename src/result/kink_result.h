/* Where a curve over thread counts has other hardware from some count on. */
#ifndef PS_KINK_RESULT_H
#define PS_KINK_RESULT_H

#include <stdbool.h>

enum ps_kink_kind {
    PS_KINK_NONE,
    PS_KINK_SECOND_THREAD, /* two of its CPUs are hardware threads of one core */
    PS_KINK_SLOWER_CORE,   /* than that of its first thread */
    PS_KINK_SOCKETS,       /* more than one, where fewer threads are within one */
};
#define PS_KINK_KINDS 4
/* "none", "second-hardware-thread", "slower-core", "across-sockets" */
const char *ps_kink_kind_name(enum ps_kink_kind k);
int ps_kink_kind_parse(const char *name, enum ps_kink_kind *k); /* 0 or -EINVAL */

struct ps_kink {
    unsigned threads;
    enum ps_kink_kind kind;
    bool left_out; /* of the laws; else too few points are without it */
};

#endif
