/* What the run would have taken on a network that takes no time: the calls of all ranks once more,
 * with what was computed between them. A message is there as soon as it is sent, a collective call
 * is over as soon as those that it waits for have come, and nothing else takes time inside MPI. */
#ifndef PS_REPLAY_H
#define PS_REPLAY_H

#include "call_file.h"

/* files: of each rank. The time from MPI_Init until the last rank's end; NaN: there is no memory,
 * or the calls don't fit together. */
double ps_replay(const struct ps_call_file *files, uint32_t ranks);

#endif
