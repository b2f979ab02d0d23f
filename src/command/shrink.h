/* A copy of a process that gives back nearly all of its memory. Internal to this layer. */
#ifndef PS_SHRINK_H
#define PS_SHRINK_H

#include <stddef.h>

/* Of the calling process only its own code and data, the C library, the stack that it is on and the
 * mapping of `room` remain, and its peak begins anew. From then on it may use nothing of the heap.
 * room: 1 MB or more, for what is known of the memory meanwhile. */
void ps_shrink(char *room, size_t size);

#endif
