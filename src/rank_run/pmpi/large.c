/* Calls with large counts, of MPI 4. */
#include "calls.h"

#if MPI_VERSION >= 4
#define COUNT    MPI_Count
#define AT       MPI_Aint
#define NAMED(x) x##_c
#include "counted.h"
#endif
