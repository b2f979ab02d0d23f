/* Data of items (struct parscope_span) through a socket between processes. */
#ifndef PS_SPAN_H
#define PS_SPAN_H

#include <parscope/workload.h>

/* All of it, blocking. 0 or -errno; -EPIPE where the other end is closed. */
int ps_span_send(int fd, struct parscope_span s);
int ps_span_receive(int fd, struct parscope_span s);

#endif
