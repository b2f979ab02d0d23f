/* Whether code is MPI's, by the names of files and functions. */
#ifndef PS_MPI_FRAMES_H
#define PS_MPI_FRAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "symbols.h"

enum ps_mpi_where { PS_OUTSIDE_MPI, PS_INSIDE_MPI, PS_IN_MPI_INIT, PS_IN_MPI_FINALIZE };

/* By the name of a file that was mapped; or, where it is no library, by what is in it. */
bool ps_mpi_in_file(const char *path);

/* A stack, innermost frame first: inside where any of it is MPI's, so that what MPI calls back is
 * part of the call. */
enum ps_mpi_where ps_mpi_where(const struct ps_frame *frames, size_t count);

#endif
