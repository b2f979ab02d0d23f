/* Time inside MPI where no library sees its calls: told from samples of the main thread and from
 * looks at what it waits for, by the functions and files that its stack goes through. An estimate:
 * of a window that begins when MPI_Init was seen last, and ends when MPI_Finalize is seen. */
#ifndef PS_SAMPLED_H
#define PS_SAMPLED_H

#include "observer.h"
#include "ranks_result.h"

/* start, end: of the program, ns by CLOCK_MONOTONIC. Sets the use of MPI of *r, with window,
 * computing, CPU time and start-up. NULL; or why nothing is told, and *r is as it was. */
const char *ps_sampled_take(const struct ps_observation *n, uint64_t start, uint64_t end,
                            struct ps_rank *r);

#endif
