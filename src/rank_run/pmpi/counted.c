#include "calls.h"

#ifdef OPEN_MPI
#pragma weak ompi_mpi_comm_null
#pragma weak ompi_mpi_comm_world
#pragma weak ompi_request_null
#endif

#define COUNT    int
#define AT       int
#define NAMED(x) x
#include "counted.h"
