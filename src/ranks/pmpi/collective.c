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
CALL(PS_MPI_COLLECTIVE, Bcast, (void *data, int count, MPI_Datatype type, int root, MPI_Comm comm),
     (data, count, type, root, comm), ps_mpi_bytes(count, type), FROM_ROOT)
CALL(PS_MPI_COLLECTIVE, Reduce,
     (const void *in, void *out, int count, MPI_Datatype type, MPI_Op op, int root, MPI_Comm comm),
     (in, out, count, type, op, root, comm), ps_mpi_bytes(count, type), TO_ROOT)
CALL(PS_MPI_COLLECTIVE, Allreduce,
     (const void *in, void *out, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm),
     (in, out, count, type, op, comm), ps_mpi_bytes(count, type), ALL)
CALL(PS_MPI_COLLECTIVE, Scan,
     (const void *in, void *out, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm),
     (in, out, count, type, op, comm), ps_mpi_bytes(count, type), UNTOLD(Scan))
CALL(PS_MPI_COLLECTIVE, Exscan,
     (const void *in, void *out, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm),
     (in, out, count, type, op, comm), ps_mpi_bytes(count, type), UNTOLD(Exscan))
CALL(PS_MPI_COLLECTIVE, Gather,
     (const void *in, int count, MPI_Datatype type, void *out, int each, MPI_Datatype other,
      int root, MPI_Comm comm),
     (in, count, type, out, each, other, root, comm), BYTES_OF(in, count, type), TO_ROOT)
CALL(PS_MPI_COLLECTIVE, Gatherv,
     (const void *in, int count, MPI_Datatype type, void *out, const int *each, const int *at,
      MPI_Datatype other, int root, MPI_Comm comm),
     (in, count, type, out, each, at, other, root, comm), BYTES_OF(in, count, type), TO_ROOT)
CALL(PS_MPI_COLLECTIVE, Scatter,
     (const void *in, int count, MPI_Datatype type, void *out, int each, MPI_Datatype other,
      int root, MPI_Comm comm),
     (in, count, type, out, each, other, root, comm), BYTES_OF(out, each, other), FROM_ROOT)
CALL(PS_MPI_COLLECTIVE, Scatterv,
     (const void *in, const int *counts, const int *at, MPI_Datatype type, void *out, int each,
      MPI_Datatype other, int root, MPI_Comm comm),
     (in, counts, at, type, out, each, other, root, comm), BYTES_OF(out, each, other), FROM_ROOT)
CALL(PS_MPI_COLLECTIVE, Allgather,
     (const void *in, int count, MPI_Datatype type, void *out, int each, MPI_Datatype other,
      MPI_Comm comm),
     (in, count, type, out, each, other, comm), BYTES_OF(in, count, type), ALL)
CALL(PS_MPI_COLLECTIVE, Allgatherv,
     (const void *in, int count, MPI_Datatype type, void *out, const int *each, const int *at,
      MPI_Datatype other, MPI_Comm comm),
     (in, count, type, out, each, at, other, comm), BYTES_OF(in, count, type), ALL)
CALL(PS_MPI_COLLECTIVE, Alltoall,
     (const void *in, int count, MPI_Datatype type, void *out, int each, MPI_Datatype other,
      MPI_Comm comm),
     (in, count, type, out, each, other, comm), BYTES_OF(in, count, type), ALL)
CALL(PS_MPI_COLLECTIVE, Alltoallv,
     (const void *in, const int *counts, const int *at, MPI_Datatype type, void *out,
      const int *each, const int *places, MPI_Datatype other, MPI_Comm comm),
     (in, counts, at, type, out, each, places, other, comm), 0, ALL)
CALL(PS_MPI_COLLECTIVE, Alltoallw,
     (const void *in, const int *counts, const int *at, const MPI_Datatype *types, void *out,
      const int *each, const int *places, const MPI_Datatype *others, MPI_Comm comm),
     (in, counts, at, types, out, each, places, others, comm), 0, ALL)
CALL(PS_MPI_COLLECTIVE, Reduce_scatter,
     (const void *in, void *out, const int *counts, MPI_Datatype type, MPI_Op op, MPI_Comm comm),
     (in, out, counts, type, op, comm), 0, ALL)
CALL(PS_MPI_COLLECTIVE, Reduce_scatter_block,
     (const void *in, void *out, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm),
     (in, out, count, type, op, comm), ps_mpi_bytes(count, type), ALL)
CALL(PS_MPI_COLLECTIVE, Ibarrier, (MPI_Comm comm, MPI_Request *request), (comm, request), 0,
     UNTOLD(Ibarrier))
CALL(PS_MPI_COLLECTIVE, Ibcast,
     (void *data, int count, MPI_Datatype type, int root, MPI_Comm comm, MPI_Request *request),
     (data, count, type, root, comm, request), ps_mpi_bytes(count, type), UNTOLD(Ibcast))
CALL(PS_MPI_COLLECTIVE, Ireduce,
     (const void *in, void *out, int count, MPI_Datatype type, MPI_Op op, int root, MPI_Comm comm,
      MPI_Request *request),
     (in, out, count, type, op, root, comm, request), ps_mpi_bytes(count, type), UNTOLD(Ireduce))
CALL(PS_MPI_COLLECTIVE, Iallreduce,
     (const void *in, void *out, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm,
      MPI_Request *request),
     (in, out, count, type, op, comm, request), ps_mpi_bytes(count, type), UNTOLD(Iallreduce))
CALL(PS_MPI_COLLECTIVE, Iscan,
     (const void *in, void *out, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm,
      MPI_Request *request),
     (in, out, count, type, op, comm, request), ps_mpi_bytes(count, type), UNTOLD(Iscan))
CALL(PS_MPI_COLLECTIVE, Iexscan,
     (const void *in, void *out, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm,
      MPI_Request *request),
     (in, out, count, type, op, comm, request), ps_mpi_bytes(count, type), UNTOLD(Iexscan))
CALL(PS_MPI_COLLECTIVE, Igather,
     (const void *in, int count, MPI_Datatype type, void *out, int each, MPI_Datatype other,
      int root, MPI_Comm comm, MPI_Request *request),
     (in, count, type, out, each, other, root, comm, request), BYTES_OF(in, count, type),
     UNTOLD(Igather))
CALL(PS_MPI_COLLECTIVE, Igatherv,
     (const void *in, int count, MPI_Datatype type, void *out, const int *each, const int *at,
      MPI_Datatype other, int root, MPI_Comm comm, MPI_Request *request),
     (in, count, type, out, each, at, other, root, comm, request), BYTES_OF(in, count, type),
     UNTOLD(Igatherv))
CALL(PS_MPI_COLLECTIVE, Iscatter,
     (const void *in, int count, MPI_Datatype type, void *out, int each, MPI_Datatype other,
      int root, MPI_Comm comm, MPI_Request *request),
     (in, count, type, out, each, other, root, comm, request), BYTES_OF(out, each, other),
     UNTOLD(Iscatter))
CALL(PS_MPI_COLLECTIVE, Iscatterv,
     (const void *in, const int *counts, const int *at, MPI_Datatype type, void *out, int each,
      MPI_Datatype other, int root, MPI_Comm comm, MPI_Request *request),
     (in, counts, at, type, out, each, other, root, comm, request), BYTES_OF(out, each, other),
     UNTOLD(Iscatterv))
CALL(PS_MPI_COLLECTIVE, Iallgather,
     (const void *in, int count, MPI_Datatype type, void *out, int each, MPI_Datatype other,
      MPI_Comm comm, MPI_Request *request),
     (in, count, type, out, each, other, comm, request), BYTES_OF(in, count, type),
     UNTOLD(Iallgather))
CALL(PS_MPI_COLLECTIVE, Iallgatherv,
     (const void *in, int count, MPI_Datatype type, void *out, const int *each, const int *at,
      MPI_Datatype other, MPI_Comm comm, MPI_Request *request),
     (in, count, type, out, each, at, other, comm, request), BYTES_OF(in, count, type),
     UNTOLD(Iallgatherv))
CALL(PS_MPI_COLLECTIVE, Ialltoall,
     (const void *in, int count, MPI_Datatype type, void *out, int each, MPI_Datatype other,
      MPI_Comm comm, MPI_Request *request),
     (in, count, type, out, each, other, comm, request), BYTES_OF(in, count, type),
     UNTOLD(Ialltoall))
CALL(PS_MPI_COLLECTIVE, Ialltoallv,
     (const void *in, const int *counts, const int *at, MPI_Datatype type, void *out,
      const int *each, const int *places, MPI_Datatype other, MPI_Comm comm, MPI_Request *request),
     (in, counts, at, type, out, each, places, other, comm, request), 0, UNTOLD(Ialltoallv))
CALL(PS_MPI_COLLECTIVE, Ialltoallw,
     (const void *in, const int *counts, const int *at, const MPI_Datatype *types, void *out,
      const int *each, const int *places, const MPI_Datatype *others, MPI_Comm comm,
      MPI_Request *request),
     (in, counts, at, types, out, each, places, others, comm, request), 0, UNTOLD(Ialltoallw))
CALL(PS_MPI_COLLECTIVE, Ireduce_scatter,
     (const void *in, void *out, const int *counts, MPI_Datatype type, MPI_Op op, MPI_Comm comm,
      MPI_Request *request),
     (in, out, counts, type, op, comm, request), 0, UNTOLD(Ireduce_scatter))
CALL(PS_MPI_COLLECTIVE, Ireduce_scatter_block,
     (const void *in, void *out, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm,
      MPI_Request *request),
     (in, out, count, type, op, comm, request), ps_mpi_bytes(count, type),
     UNTOLD(Ireduce_scatter_block))
CALL(PS_MPI_COLLECTIVE, Neighbor_allgather,
     (const void *in, int count, MPI_Datatype type, void *out, int each, MPI_Datatype other,
      MPI_Comm comm),
     (in, count, type, out, each, other, comm), ps_mpi_bytes(count, type),
     UNTOLD(Neighbor_allgather))
CALL(PS_MPI_COLLECTIVE, Neighbor_alltoall,
     (const void *in, int count, MPI_Datatype type, void *out, int each, MPI_Datatype other,
      MPI_Comm comm),
     (in, count, type, out, each, other, comm), ps_mpi_bytes(count, type),
     UNTOLD(Neighbor_alltoall))
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
