/* A thread's times by the kernel's account: /proc/TID/schedstat. */
#ifndef PS_SCHEDSTAT_H
#define PS_SCHEDSTAT_H

#include <stdbool.h>
#include <stdint.h>

/* ns that a thread which is woken is runnable at most until its idle CPU has come out of its sleep,
 * where a fork-join after 1 ms of idleness takes 27 us in all. */
#define PS_WAKING 50000u

struct ps_schedstat {
    uint64_t used;   /* ns on a CPU */
    uint64_t delay;  /* ns runnable without one */
    uint64_t slices; /* times that it got one */
};

/* Of an open file, read from its beginning, about 1 us. False: it can't be read; out is zeros. */
bool ps_schedstat_read(int fd, struct ps_schedstat *out);
/* Of a path. */
bool ps_schedstat_of(const char *path, struct ps_schedstat *out);
/* ns of the delay between two readings that somebody else on a CPU is the reason of: PS_WAKING of
 * each slice are nobody's. */
double ps_schedstat_others(const struct ps_schedstat *from, const struct ps_schedstat *to);

#endif
