/* Calls with numbers of elements: each is there for int, and since MPI 4 for MPI_Count too, as
 * MPI_Send_c. Included once for each, with COUNT, AT (of a place in memory) and NAMED(x) defined.
 */
#define COUNTED(kind, name, ...)  COUNTED_(kind, NAMED(name), __VA_ARGS__)
#define COUNTED_(kind, name, ...) CALL(kind, name, __VA_ARGS__)

#define ALL          ps_mpi_event(PS_CALL_ALL, comm, 0, 0)
#define FROM_ROOT    ps_mpi_event(PS_CALL_FROM_ROOT, comm, root, 0)
#define TO_ROOT      ps_mpi_event(PS_CALL_TO_ROOT, comm, root, 0)
#define UNTOLD(name) ps_mpi_untold("MPI_" #name)
/* In place, count and type say nothing, and may be of no type at all. */
#define BYTES_OF(data, count, type) ((data) == MPI_IN_PLACE ? 0 : ps_mpi_bytes(count, type))

#define COUNTED_WITH_STATUS(kind, name, ...)  COUNTED_WITH_STATUS_(kind, NAMED(name), __VA_ARGS__)
#define COUNTED_WITH_STATUS_(kind, name, ...) CALL_WITH_STATUS(kind, name, __VA_ARGS__)
#define RECEIVED                              ps_mpi_event(PS_CALL_RECEIVE, comm, status->MPI_SOURCE, status->MPI_TAG)
#define EXCHANGED                             (ps_mpi_event(PS_CALL_SEND, comm, to, tag), RECEIVED)
#define SENDING(name)                                                                             \
    COUNTED(PS_MPI_POINT, name,                                                                   \
            (const void *data, COUNT count, MPI_Datatype type, int peer, int tag, MPI_Comm comm), \
            (data, count, type, peer, tag, comm), ps_mpi_bytes(count, type),                      \
            ps_mpi_event(PS_CALL_SEND, comm, peer, tag))
#define SENDING_LATER(name)                                                                      \
    COUNTED(PS_MPI_POINT, name,                                                                  \
            (const void *data, COUNT count, MPI_Datatype type, int peer, int tag, MPI_Comm comm, \
             MPI_Request *request),                                                              \
            (data, count, type, peer, tag, comm, request), ps_mpi_bytes(count, type),            \
            ps_mpi_event(PS_CALL_SEND, comm, peer, tag))

SENDING(Send)
SENDING(Ssend)
SENDING(Bsend)
SENDING(Rsend)
SENDING_LATER(Isend)
SENDING_LATER(Issend)
SENDING_LATER(Ibsend)
SENDING_LATER(Irsend)

COUNTED_WITH_STATUS(PS_MPI_POINT, Recv,
                    (void *data, COUNT count, MPI_Datatype type, int peer, int tag, MPI_Comm comm,
                     MPI_Status *theirs),
                    (data, count, type, peer, tag, comm, status), 0, RECEIVED)
COUNTED_WITH_STATUS(PS_MPI_POINT, Sendrecv,
                    (const void *data, COUNT count, MPI_Datatype type, int to, int tag, void *in,
                     COUNT in_count, MPI_Datatype in_type, int from, int in_tag, MPI_Comm comm,
                     MPI_Status *theirs),
                    (data, count, type, to, tag, in, in_count, in_type, from, in_tag, comm, status),
                    ps_mpi_bytes(count, type), EXCHANGED)
COUNTED_WITH_STATUS(PS_MPI_POINT, Sendrecv_replace,
                    (void *data, COUNT count, MPI_Datatype type, int to, int tag, int from,
                     int in_tag, MPI_Comm comm, MPI_Status *theirs),
                    (data, count, type, to, tag, from, in_tag, comm, status),
                    ps_mpi_bytes(count, type), EXCHANGED)
COUNTED(PS_MPI_POINT, Irecv,
        (void *data, COUNT count, MPI_Datatype type, int peer, int tag, MPI_Comm comm,
         MPI_Request *request),
        (data, count, type, peer, tag, comm, request), 0, ps_mpi_receiving(*request, comm))
COUNTED(PS_MPI_POINT, Mrecv,
        (void *data, COUNT count, MPI_Datatype type, MPI_Message *message, MPI_Status *status),
        (data, count, type, message, status), 0, ps_mpi_untold("MPI_Mrecv"))
COUNTED(PS_MPI_POINT, Imrecv,
        (void *data, COUNT count, MPI_Datatype type, MPI_Message *message, MPI_Request *request),
        (data, count, type, message, request), 0, ps_mpi_untold("MPI_Imrecv"))
COUNTED(PS_MPI_COLLECTIVE, Bcast,
        (void *data, COUNT count, MPI_Datatype type, int root, MPI_Comm comm),
        (data, count, type, root, comm), ps_mpi_bytes(count, type), FROM_ROOT)
COUNTED(PS_MPI_COLLECTIVE, Reduce,
        (const void *in, void *out, COUNT count, MPI_Datatype type, MPI_Op op, int root,
         MPI_Comm comm),
        (in, out, count, type, op, root, comm), ps_mpi_bytes(count, type), TO_ROOT)
COUNTED(PS_MPI_COLLECTIVE, Allreduce,
        (const void *in, void *out, COUNT count, MPI_Datatype type, MPI_Op op, MPI_Comm comm),
        (in, out, count, type, op, comm), ps_mpi_bytes(count, type), ALL)
COUNTED(PS_MPI_COLLECTIVE, Scan,
        (const void *in, void *out, COUNT count, MPI_Datatype type, MPI_Op op, MPI_Comm comm),
        (in, out, count, type, op, comm), ps_mpi_bytes(count, type), UNTOLD(Scan))
COUNTED(PS_MPI_COLLECTIVE, Exscan,
        (const void *in, void *out, COUNT count, MPI_Datatype type, MPI_Op op, MPI_Comm comm),
        (in, out, count, type, op, comm), ps_mpi_bytes(count, type), UNTOLD(Exscan))
COUNTED(PS_MPI_COLLECTIVE, Gather,
        (const void *in, COUNT count, MPI_Datatype type, void *out, COUNT each, MPI_Datatype other,
         int root, MPI_Comm comm),
        (in, count, type, out, each, other, root, comm), BYTES_OF(in, count, type), TO_ROOT)
COUNTED(PS_MPI_COLLECTIVE, Gatherv,
        (const void *in, COUNT count, MPI_Datatype type, void *out, const COUNT *each, const AT *at,
         MPI_Datatype other, int root, MPI_Comm comm),
        (in, count, type, out, each, at, other, root, comm), BYTES_OF(in, count, type), TO_ROOT)
COUNTED(PS_MPI_COLLECTIVE, Scatter,
        (const void *in, COUNT count, MPI_Datatype type, void *out, COUNT each, MPI_Datatype other,
         int root, MPI_Comm comm),
        (in, count, type, out, each, other, root, comm), BYTES_OF(out, each, other), FROM_ROOT)
COUNTED(PS_MPI_COLLECTIVE, Scatterv,
        (const void *in, const COUNT *counts, const AT *at, MPI_Datatype type, void *out,
         COUNT each, MPI_Datatype other, int root, MPI_Comm comm),
        (in, counts, at, type, out, each, other, root, comm), BYTES_OF(out, each, other), FROM_ROOT)
COUNTED(PS_MPI_COLLECTIVE, Allgather,
        (const void *in, COUNT count, MPI_Datatype type, void *out, COUNT each, MPI_Datatype other,
         MPI_Comm comm),
        (in, count, type, out, each, other, comm), BYTES_OF(in, count, type), ALL)
COUNTED(PS_MPI_COLLECTIVE, Allgatherv,
        (const void *in, COUNT count, MPI_Datatype type, void *out, const COUNT *each, const AT *at,
         MPI_Datatype other, MPI_Comm comm),
        (in, count, type, out, each, at, other, comm), BYTES_OF(in, count, type), ALL)
COUNTED(PS_MPI_COLLECTIVE, Alltoall,
        (const void *in, COUNT count, MPI_Datatype type, void *out, COUNT each, MPI_Datatype other,
         MPI_Comm comm),
        (in, count, type, out, each, other, comm), BYTES_OF(in, count, type), ALL)
COUNTED(PS_MPI_COLLECTIVE, Alltoallv,
        (const void *in, const COUNT *counts, const AT *at, MPI_Datatype type, void *out,
         const COUNT *each, const AT *places, MPI_Datatype other, MPI_Comm comm),
        (in, counts, at, type, out, each, places, other, comm), 0, ALL)
COUNTED(PS_MPI_COLLECTIVE, Alltoallw,
        (const void *in, const COUNT *counts, const AT *at, const MPI_Datatype *types, void *out,
         const COUNT *each, const AT *places, const MPI_Datatype *others, MPI_Comm comm),
        (in, counts, at, types, out, each, places, others, comm), 0, ALL)
COUNTED(PS_MPI_COLLECTIVE, Reduce_scatter,
        (const void *in, void *out, const COUNT *counts, MPI_Datatype type, MPI_Op op,
         MPI_Comm comm),
        (in, out, counts, type, op, comm), 0, ALL)
COUNTED(PS_MPI_COLLECTIVE, Reduce_scatter_block,
        (const void *in, void *out, COUNT count, MPI_Datatype type, MPI_Op op, MPI_Comm comm),
        (in, out, count, type, op, comm), ps_mpi_bytes(count, type), ALL)
COUNTED(PS_MPI_COLLECTIVE, Ibcast,
        (void *data, COUNT count, MPI_Datatype type, int root, MPI_Comm comm, MPI_Request *request),
        (data, count, type, root, comm, request), ps_mpi_bytes(count, type), UNTOLD(Ibcast))
COUNTED(PS_MPI_COLLECTIVE, Ireduce,
        (const void *in, void *out, COUNT count, MPI_Datatype type, MPI_Op op, int root,
         MPI_Comm comm, MPI_Request *request),
        (in, out, count, type, op, root, comm, request), ps_mpi_bytes(count, type), UNTOLD(Ireduce))
COUNTED(PS_MPI_COLLECTIVE, Iallreduce,
        (const void *in, void *out, COUNT count, MPI_Datatype type, MPI_Op op, MPI_Comm comm,
         MPI_Request *request),
        (in, out, count, type, op, comm, request), ps_mpi_bytes(count, type), UNTOLD(Iallreduce))
COUNTED(PS_MPI_COLLECTIVE, Iscan,
        (const void *in, void *out, COUNT count, MPI_Datatype type, MPI_Op op, MPI_Comm comm,
         MPI_Request *request),
        (in, out, count, type, op, comm, request), ps_mpi_bytes(count, type), UNTOLD(Iscan))
COUNTED(PS_MPI_COLLECTIVE, Iexscan,
        (const void *in, void *out, COUNT count, MPI_Datatype type, MPI_Op op, MPI_Comm comm,
         MPI_Request *request),
        (in, out, count, type, op, comm, request), ps_mpi_bytes(count, type), UNTOLD(Iexscan))
COUNTED(PS_MPI_COLLECTIVE, Igather,
        (const void *in, COUNT count, MPI_Datatype type, void *out, COUNT each, MPI_Datatype other,
         int root, MPI_Comm comm, MPI_Request *request),
        (in, count, type, out, each, other, root, comm, request), BYTES_OF(in, count, type),
        UNTOLD(Igather))
COUNTED(PS_MPI_COLLECTIVE, Igatherv,
        (const void *in, COUNT count, MPI_Datatype type, void *out, const COUNT *each, const AT *at,
         MPI_Datatype other, int root, MPI_Comm comm, MPI_Request *request),
        (in, count, type, out, each, at, other, root, comm, request), BYTES_OF(in, count, type),
        UNTOLD(Igatherv))
COUNTED(PS_MPI_COLLECTIVE, Iscatter,
        (const void *in, COUNT count, MPI_Datatype type, void *out, COUNT each, MPI_Datatype other,
         int root, MPI_Comm comm, MPI_Request *request),
        (in, count, type, out, each, other, root, comm, request), BYTES_OF(out, each, other),
        UNTOLD(Iscatter))
COUNTED(PS_MPI_COLLECTIVE, Iscatterv,
        (const void *in, const COUNT *counts, const AT *at, MPI_Datatype type, void *out,
         COUNT each, MPI_Datatype other, int root, MPI_Comm comm, MPI_Request *request),
        (in, counts, at, type, out, each, other, root, comm, request), BYTES_OF(out, each, other),
        UNTOLD(Iscatterv))
COUNTED(PS_MPI_COLLECTIVE, Iallgather,
        (const void *in, COUNT count, MPI_Datatype type, void *out, COUNT each, MPI_Datatype other,
         MPI_Comm comm, MPI_Request *request),
        (in, count, type, out, each, other, comm, request), BYTES_OF(in, count, type),
        UNTOLD(Iallgather))
COUNTED(PS_MPI_COLLECTIVE, Iallgatherv,
        (const void *in, COUNT count, MPI_Datatype type, void *out, const COUNT *each, const AT *at,
         MPI_Datatype other, MPI_Comm comm, MPI_Request *request),
        (in, count, type, out, each, at, other, comm, request), BYTES_OF(in, count, type),
        UNTOLD(Iallgatherv))
COUNTED(PS_MPI_COLLECTIVE, Ialltoall,
        (const void *in, COUNT count, MPI_Datatype type, void *out, COUNT each, MPI_Datatype other,
         MPI_Comm comm, MPI_Request *request),
        (in, count, type, out, each, other, comm, request), BYTES_OF(in, count, type),
        UNTOLD(Ialltoall))
COUNTED(PS_MPI_COLLECTIVE, Ialltoallv,
        (const void *in, const COUNT *counts, const AT *at, MPI_Datatype type, void *out,
         const COUNT *each, const AT *places, MPI_Datatype other, MPI_Comm comm,
         MPI_Request *request),
        (in, counts, at, type, out, each, places, other, comm, request), 0, UNTOLD(Ialltoallv))
COUNTED(PS_MPI_COLLECTIVE, Ialltoallw,
        (const void *in, const COUNT *counts, const AT *at, const MPI_Datatype *types, void *out,
         const COUNT *each, const AT *places, const MPI_Datatype *others, MPI_Comm comm,
         MPI_Request *request),
        (in, counts, at, types, out, each, places, others, comm, request), 0, UNTOLD(Ialltoallw))
COUNTED(PS_MPI_COLLECTIVE, Ireduce_scatter,
        (const void *in, void *out, const COUNT *counts, MPI_Datatype type, MPI_Op op,
         MPI_Comm comm, MPI_Request *request),
        (in, out, counts, type, op, comm, request), 0, UNTOLD(Ireduce_scatter))
COUNTED(PS_MPI_COLLECTIVE, Ireduce_scatter_block,
        (const void *in, void *out, COUNT count, MPI_Datatype type, MPI_Op op, MPI_Comm comm,
         MPI_Request *request),
        (in, out, count, type, op, comm, request), ps_mpi_bytes(count, type),
        UNTOLD(Ireduce_scatter_block))
COUNTED(PS_MPI_COLLECTIVE, Neighbor_allgather,
        (const void *in, COUNT count, MPI_Datatype type, void *out, COUNT each, MPI_Datatype other,
         MPI_Comm comm),
        (in, count, type, out, each, other, comm), ps_mpi_bytes(count, type),
        UNTOLD(Neighbor_allgather))
COUNTED(PS_MPI_COLLECTIVE, Neighbor_alltoall,
        (const void *in, COUNT count, MPI_Datatype type, void *out, COUNT each, MPI_Datatype other,
         MPI_Comm comm),
        (in, count, type, out, each, other, comm), ps_mpi_bytes(count, type),
        UNTOLD(Neighbor_alltoall))
COUNTED(PS_MPI_COLLECTIVE, Neighbor_allgatherv,
        (const void *in, COUNT count, MPI_Datatype type, void *out, const COUNT *each, const AT *at,
         MPI_Datatype other, MPI_Comm comm),
        (in, count, type, out, each, at, other, comm), ps_mpi_bytes(count, type),
        UNTOLD(Neighbor_allgatherv))
COUNTED(PS_MPI_COLLECTIVE, Neighbor_alltoallv,
        (const void *in, const COUNT *counts, const AT *at, MPI_Datatype type, void *out,
         const COUNT *each, const AT *places, MPI_Datatype other, MPI_Comm comm),
        (in, counts, at, type, out, each, places, other, comm), 0, UNTOLD(Neighbor_alltoallv))
COUNTED(PS_MPI_COLLECTIVE, Neighbor_alltoallw,
        (const void *in, const COUNT *counts, const MPI_Aint *at, const MPI_Datatype *types,
         void *out, const COUNT *each, const MPI_Aint *places, const MPI_Datatype *others,
         MPI_Comm comm),
        (in, counts, at, types, out, each, places, others, comm), 0, UNTOLD(Neighbor_alltoallw))
COUNTED(PS_MPI_COLLECTIVE, Ineighbor_allgather,
        (const void *in, COUNT count, MPI_Datatype type, void *out, COUNT each, MPI_Datatype other,
         MPI_Comm comm, MPI_Request *request),
        (in, count, type, out, each, other, comm, request), ps_mpi_bytes(count, type),
        UNTOLD(Ineighbor_allgather))
COUNTED(PS_MPI_COLLECTIVE, Ineighbor_allgatherv,
        (const void *in, COUNT count, MPI_Datatype type, void *out, const COUNT *each, const AT *at,
         MPI_Datatype other, MPI_Comm comm, MPI_Request *request),
        (in, count, type, out, each, at, other, comm, request), ps_mpi_bytes(count, type),
        UNTOLD(Ineighbor_allgatherv))
COUNTED(PS_MPI_COLLECTIVE, Ineighbor_alltoall,
        (const void *in, COUNT count, MPI_Datatype type, void *out, COUNT each, MPI_Datatype other,
         MPI_Comm comm, MPI_Request *request),
        (in, count, type, out, each, other, comm, request), ps_mpi_bytes(count, type),
        UNTOLD(Ineighbor_alltoall))
COUNTED(PS_MPI_COLLECTIVE, Ineighbor_alltoallv,
        (const void *in, const COUNT *counts, const AT *at, MPI_Datatype type, void *out,
         const COUNT *each, const AT *places, MPI_Datatype other, MPI_Comm comm,
         MPI_Request *request),
        (in, counts, at, type, out, each, places, other, comm, request), 0,
        UNTOLD(Ineighbor_alltoallv))
COUNTED(PS_MPI_COLLECTIVE, Ineighbor_alltoallw,
        (const void *in, const COUNT *counts, const MPI_Aint *at, const MPI_Datatype *types,
         void *out, const COUNT *each, const MPI_Aint *places, const MPI_Datatype *others,
         MPI_Comm comm, MPI_Request *request),
        (in, counts, at, types, out, each, places, others, comm, request), 0,
        UNTOLD(Ineighbor_alltoallw))
COUNTED(PS_MPI_OTHER, Put,
        (const void *data, COUNT count, MPI_Datatype type, int peer, MPI_Aint at, COUNT there,
         MPI_Datatype other, MPI_Win win),
        (data, count, type, peer, at, there, other, win), ps_mpi_bytes(count, type), UNTOLD(Put))
COUNTED(PS_MPI_OTHER, Get,
        (void *data, COUNT count, MPI_Datatype type, int peer, MPI_Aint at, COUNT there,
         MPI_Datatype other, MPI_Win win),
        (data, count, type, peer, at, there, other, win), ps_mpi_bytes(count, type), UNTOLD(Get))
COUNTED(PS_MPI_OTHER, Accumulate,
        (const void *data, COUNT count, MPI_Datatype type, int peer, MPI_Aint at, COUNT there,
         MPI_Datatype other, MPI_Op op, MPI_Win win),
        (data, count, type, peer, at, there, other, op, win), ps_mpi_bytes(count, type),
        UNTOLD(Accumulate))
COUNTED(PS_MPI_OTHER, Get_accumulate,
        (const void *data, COUNT count, MPI_Datatype type, void *out, COUNT here, MPI_Datatype mine,
         int peer, MPI_Aint at, COUNT there, MPI_Datatype other, MPI_Op op, MPI_Win win),
        (data, count, type, out, here, mine, peer, at, there, other, op, win), 0,
        UNTOLD(Get_accumulate))
COUNTED(PS_MPI_OTHER, Rput,
        (const void *data, COUNT count, MPI_Datatype type, int peer, MPI_Aint at, COUNT there,
         MPI_Datatype other, MPI_Win win, MPI_Request *request),
        (data, count, type, peer, at, there, other, win, request), ps_mpi_bytes(count, type),
        UNTOLD(Rput))
COUNTED(PS_MPI_OTHER, Rget,
        (void *data, COUNT count, MPI_Datatype type, int peer, MPI_Aint at, COUNT there,
         MPI_Datatype other, MPI_Win win, MPI_Request *request),
        (data, count, type, peer, at, there, other, win, request), ps_mpi_bytes(count, type),
        UNTOLD(Rget))
COUNTED(PS_MPI_OTHER, Raccumulate,
        (const void *data, COUNT count, MPI_Datatype type, int peer, MPI_Aint at, COUNT there,
         MPI_Datatype other, MPI_Op op, MPI_Win win, MPI_Request *request),
        (data, count, type, peer, at, there, other, op, win, request), ps_mpi_bytes(count, type),
        UNTOLD(Raccumulate))
COUNTED(PS_MPI_OTHER, Rget_accumulate,
        (const void *data, COUNT count, MPI_Datatype type, void *out, COUNT here, MPI_Datatype mine,
         int peer, MPI_Aint at, COUNT there, MPI_Datatype other, MPI_Op op, MPI_Win win,
         MPI_Request *request),
        (data, count, type, out, here, mine, peer, at, there, other, op, win, request), 0,
        UNTOLD(Rget_accumulate))
COUNTED(PS_MPI_OTHER, File_read_shared,
        (MPI_File file, void *data, COUNT count, MPI_Datatype type, MPI_Status *status),
        (file, data, count, type, status), ps_mpi_bytes(count, type), UNTOLD(File_read_shared))
COUNTED(PS_MPI_OTHER, File_read_ordered,
        (MPI_File file, void *data, COUNT count, MPI_Datatype type, MPI_Status *status),
        (file, data, count, type, status), ps_mpi_bytes(count, type), UNTOLD(File_read_ordered))
COUNTED(PS_MPI_OTHER, File_read_all_begin,
        (MPI_File file, void *data, COUNT count, MPI_Datatype type), (file, data, count, type),
        ps_mpi_bytes(count, type), UNTOLD(File_read_all_begin))
COUNTED(PS_MPI_OTHER, File_write_shared,
        (MPI_File file, const void *data, COUNT count, MPI_Datatype type, MPI_Status *status),
        (file, data, count, type, status), ps_mpi_bytes(count, type), UNTOLD(File_write_shared))
COUNTED(PS_MPI_OTHER, File_write_ordered,
        (MPI_File file, const void *data, COUNT count, MPI_Datatype type, MPI_Status *status),
        (file, data, count, type, status), ps_mpi_bytes(count, type), UNTOLD(File_write_ordered))
COUNTED(PS_MPI_OTHER, File_write_all_begin,
        (MPI_File file, const void *data, COUNT count, MPI_Datatype type),
        (file, data, count, type), ps_mpi_bytes(count, type), UNTOLD(File_write_all_begin))
COUNTED(PS_MPI_OTHER, File_read,
        (MPI_File file, void *data, COUNT count, MPI_Datatype type, MPI_Status *status),
        (file, data, count, type, status), ps_mpi_bytes(count, type), UNTOLD(File_read))
COUNTED(PS_MPI_OTHER, File_read_all,
        (MPI_File file, void *data, COUNT count, MPI_Datatype type, MPI_Status *status),
        (file, data, count, type, status), ps_mpi_bytes(count, type), UNTOLD(File_read_all))
COUNTED(PS_MPI_OTHER, File_read_at,
        (MPI_File file, MPI_Offset at, void *data, COUNT count, MPI_Datatype type,
         MPI_Status *status),
        (file, at, data, count, type, status), ps_mpi_bytes(count, type), UNTOLD(File_read_at))
COUNTED(PS_MPI_OTHER, File_read_at_all,
        (MPI_File file, MPI_Offset at, void *data, COUNT count, MPI_Datatype type,
         MPI_Status *status),
        (file, at, data, count, type, status), ps_mpi_bytes(count, type), UNTOLD(File_read_at_all))
COUNTED(PS_MPI_OTHER, File_write,
        (MPI_File file, const void *data, COUNT count, MPI_Datatype type, MPI_Status *status),
        (file, data, count, type, status), ps_mpi_bytes(count, type), UNTOLD(File_write))
COUNTED(PS_MPI_OTHER, File_write_all,
        (MPI_File file, const void *data, COUNT count, MPI_Datatype type, MPI_Status *status),
        (file, data, count, type, status), ps_mpi_bytes(count, type), UNTOLD(File_write_all))
COUNTED(PS_MPI_OTHER, File_write_at,
        (MPI_File file, MPI_Offset at, const void *data, COUNT count, MPI_Datatype type,
         MPI_Status *status),
        (file, at, data, count, type, status), ps_mpi_bytes(count, type), UNTOLD(File_write_at))
COUNTED(PS_MPI_OTHER, File_write_at_all,
        (MPI_File file, MPI_Offset at, const void *data, COUNT count, MPI_Datatype type,
         MPI_Status *status),
        (file, at, data, count, type, status), ps_mpi_bytes(count, type), UNTOLD(File_write_at_all))
