/* The MPI that a program is built for: its interface says which library can stand before it. */
#ifndef PS_WHICH_MPI_H
#define PS_WHICH_MPI_H

#include <stdbool.h>

struct ps_which_mpi {
    const char *name, *folder; /* "Open MPI", "openmpi"; NULL: not known */
    bool certain;              /* the executable itself needs it, and not for Fortran */
};

/* By the executable; where that names none, a shell for one, by the programs that are named in its
 * words or its script; else by the launcher. environment: ends with NULL. */
struct ps_which_mpi ps_which_mpi(const char *path, const char *const *words,
                                 const char *const *environment, const char *launcher);

#endif
