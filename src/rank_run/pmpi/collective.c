/* Calls that all ranks of a communicator make, and those that make communicators. */
#include "calls.h"

#ifdef OPEN_MPI
#pragma weak ompi_mpi_comm_null
#endif

#define ALL          ps_mpi_event(PS_CALL_ALL, comm, 0, 0)
#define FROM_ROOT    ps_mpi_event(PS_CALL_FROM_ROOT, comm, root, 0)
#define TO_ROOT      ps_mpi_event(PS_CALL_TO_ROOT, comm, root, 0)
#define MADE         (ALL, ps_mpi_comm_made(comm, *made))
#define UNTOLD(name) ps_mpi_untold("MPI_" #name)
/* In place, count and type say nothing, and may be of no type at all. */
#define BYTES_OF(data, count, type) ((data) == MPI_IN_PLACE ? 0 : ps_mpi_bytes(count, type))

CALL(PS_MPI_COLLECTIVE, Barrier, (MPI_Comm comm), (comm), 0, ALL)

CALL(PS_MPI_COLLECTIVE, Ibarrier, (MPI_Comm comm, MPI_Request *request), (comm, request), 0,
     UNTOLD(Ibarrier))

CALL(PS_MPI_COLLECTIVE, Comm_dup, (MPI_Comm comm, MPI_Comm *made), (comm, made), 0, MADE)
CALL(PS_MPI_COLLECTIVE, Comm_split, (MPI_Comm comm, int colour, int key, MPI_Comm *made),
     (comm, colour, key, made), 0, MADE)
CALL(PS_MPI_COLLECTIVE, Comm_split_type,
     (MPI_Comm comm, int what, int key, MPI_Info info, MPI_Comm *made),
     (comm, what, key, info, made), 0, MADE)
CALL(PS_MPI_COLLECTIVE, Comm_create, (MPI_Comm comm, MPI_Group group, MPI_Comm *made),
     (comm, group, made), 0, MADE)
CALL(PS_MPI_COLLECTIVE, Cart_create,
     (MPI_Comm comm, int dimensions, const int *sizes, const int *periods, int reorder,
      MPI_Comm *made),
     (comm, dimensions, sizes, periods, reorder, made), 0, MADE)
CALL(PS_MPI_COLLECTIVE, Cart_sub, (MPI_Comm comm, const int *kept, MPI_Comm *made),
     (comm, kept, made), 0, MADE)

#pragma weak PMPI_Comm_free

int MPI_Comm_free(MPI_Comm *comm)
{
    const bool timed = enter(PS_MPI_COLLECTIVE);
    const MPI_Comm before = *comm;
    const int result = PMPI_Comm_free(comm);

    if (!timed)
        return result;
    if (outermost())
        ps_mpi_comm_freed(before);
    leave(PS_MPI_COLLECTIVE, 0);
    return result;
}
