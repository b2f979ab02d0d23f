/* Sends, receives, and waiting for them. */
#include <stdlib.h>
#include <string.h>

#include "calls.h"

#ifdef OPEN_MPI
#pragma weak ompi_mpi_comm_world
#pragma weak ompi_request_null
#endif

#define MOST_ON_STACK 64 /* requests of a call */

#define SENDING(name)                                                                        \
    CALL(PS_MPI_POINT, name,                                                                 \
         (const void *data, int count, MPI_Datatype type, int peer, int tag, MPI_Comm comm), \
         (data, count, type, peer, tag, comm), ps_mpi_bytes(count, type),                    \
         ps_mpi_event(PS_CALL_SEND, comm, peer, tag))
#define SENDING_LATER(name)                                                                 \
    CALL(PS_MPI_POINT, name,                                                                \
         (const void *data, int count, MPI_Datatype type, int peer, int tag, MPI_Comm comm, \
          MPI_Request *request),                                                            \
         (data, count, type, peer, tag, comm, request), ps_mpi_bytes(count, type),          \
         ps_mpi_event(PS_CALL_SEND, comm, peer, tag))

SENDING(Send)
SENDING(Ssend)
SENDING(Bsend)
SENDING(Rsend)
SENDING_LATER(Isend)
SENDING_LATER(Issend)
SENDING_LATER(Ibsend)
SENDING_LATER(Irsend)

CALL(PS_MPI_POINT, Irecv,
     (void *data, int count, MPI_Datatype type, int peer, int tag, MPI_Comm comm,
      MPI_Request *request),
     (data, count, type, peer, tag, comm, request), 0, ps_mpi_receiving(*request, comm))
CALL(PS_MPI_POINT, Start, (MPI_Request * request), (request), 0, ps_mpi_untold("MPI_Start"))
CALL(PS_MPI_POINT, Startall, (int count, MPI_Request *requests), (count, requests), 0,
     ps_mpi_untold("MPI_Startall"))
CALL(PS_MPI_POINT, Mrecv,
     (void *data, int count, MPI_Datatype type, MPI_Message *message, MPI_Status *status),
     (data, count, type, message, status), 0, ps_mpi_untold("MPI_Mrecv"))
CALL(PS_MPI_POINT, Imrecv,
     (void *data, int count, MPI_Datatype type, MPI_Message *message, MPI_Request *request),
     (data, count, type, message, request), 0, ps_mpi_untold("MPI_Imrecv"))
CALL(PS_MPI_WAITING, Probe, (int peer, int tag, MPI_Comm comm, MPI_Status *status),
     (peer, tag, comm, status), 0, NOTHING)
CALL(PS_MPI_WAITING, Iprobe, (int peer, int tag, MPI_Comm comm, int *flag, MPI_Status *status),
     (peer, tag, comm, flag, status), 0, NOTHING)
CALL(PS_MPI_WAITING, Mprobe,
     (int peer, int tag, MPI_Comm comm, MPI_Message *message, MPI_Status *status),
     (peer, tag, comm, message, status), 0, NOTHING)
CALL(PS_MPI_WAITING, Improbe,
     (int peer, int tag, MPI_Comm comm, int *flag, MPI_Message *message, MPI_Status *status),
     (peer, tag, comm, flag, message, status), 0, NOTHING)

#pragma weak PMPI_Recv
#pragma weak PMPI_Sendrecv
#pragma weak PMPI_Sendrecv_replace
#pragma weak PMPI_Wait
#pragma weak PMPI_Waitall
#pragma weak PMPI_Waitany
#pragma weak PMPI_Waitsome
#pragma weak PMPI_Test
#pragma weak PMPI_Testall
#pragma weak PMPI_Testany
#pragma weak PMPI_Testsome

/* Who a message came from is known by a status, whether the program wants it or not. */
static MPI_Status *status_of(MPI_Status *theirs, MPI_Status *own)
{
    return theirs == MPI_STATUS_IGNORE ? own : theirs;
}

/* As CALL, of calls with a status `theirs`; `status` is set in any case. */
#define CALL_WITH_STATUS(kind, name, parameters, arguments, bytes, after) \
    int MPI_##name parameters                                             \
    {                                                                     \
        const bool timed = enter(kind);                                   \
        MPI_Status own, *status = status_of(theirs, &own);                \
        const int result = PMPI_##name arguments;                         \
                                                                          \
        if (timed) {                                                      \
            if (outermost() && result == MPI_SUCCESS) {                   \
                after;                                                    \
            }                                                             \
            leave(kind, outermost() ? (bytes) : 0);                       \
        }                                                                 \
        return result;                                                    \
    }
#define RECEIVED  ps_mpi_event(PS_CALL_RECEIVE, comm, status->MPI_SOURCE, status->MPI_TAG)
#define EXCHANGED (ps_mpi_event(PS_CALL_SEND, comm, to, tag), RECEIVED)

CALL_WITH_STATUS(PS_MPI_POINT, Recv,
                 (void *data, int count, MPI_Datatype type, int peer, int tag, MPI_Comm comm,
                  MPI_Status *theirs),
                 (data, count, type, peer, tag, comm, status), 0, RECEIVED)
CALL_WITH_STATUS(PS_MPI_POINT, Sendrecv,
                 (const void *data, int count, MPI_Datatype type, int to, int tag, void *in,
                  int in_count, MPI_Datatype in_type, int from, int in_tag, MPI_Comm comm,
                  MPI_Status *theirs),
                 (data, count, type, to, tag, in, in_count, in_type, from, in_tag, comm, status),
                 ps_mpi_bytes(count, type), EXCHANGED)
CALL_WITH_STATUS(PS_MPI_POINT, Sendrecv_replace,
                 (void *data, int count, MPI_Datatype type, int to, int tag, int from, int in_tag,
                  MPI_Comm comm, MPI_Status *theirs),
                 (data, count, type, to, tag, from, in_tag, comm, status),
                 ps_mpi_bytes(count, type), EXCHANGED)

int MPI_Wait(MPI_Request *request, MPI_Status *theirs)
{
    const bool timed = enter(PS_MPI_WAITING);
    const MPI_Request before = *request;
    MPI_Status own, *status = status_of(theirs, &own);
    const int result = PMPI_Wait(request, status);

    if (!timed)
        return result;
    if (result == MPI_SUCCESS)
        ps_mpi_received(before, status);
    leave(PS_MPI_WAITING, 0);
    return result;
}

int MPI_Test(MPI_Request *request, int *flag, MPI_Status *theirs)
{
    const bool timed = enter(PS_MPI_WAITING);
    const MPI_Request before = *request;
    MPI_Status own, *status = status_of(theirs, &own);
    const int result = PMPI_Test(request, flag, status);

    if (!timed)
        return result;
    if (result == MPI_SUCCESS && *flag)
        ps_mpi_received(before, status);
    leave(PS_MPI_WAITING, 0);
    return result;
}

/* Of a call on many requests: their handles before it, and statuses after it. */
struct many {
    MPI_Request own_requests[MOST_ON_STACK], *before;
    MPI_Status own_statuses[MOST_ON_STACK], *statuses;
    bool timed;
};

static void many_begin(struct many *m, int count, const MPI_Request *requests)
{
    const size_t n = count > 0 ? (size_t)count : 0;

    m->timed = enter(PS_MPI_WAITING);
    m->before = m->own_requests;
    if (m->timed && n > MOST_ON_STACK)
        m->before = malloc(n * sizeof *m->before);
    if (!m->before)
        abort();
    if (m->timed)
        memcpy(m->before, requests, n * sizeof *requests);
}

/* theirs may be MPI_STATUSES_IGNORE. */
static void many_statuses(struct many *m, int count, MPI_Status *theirs)
{
    m->statuses = theirs;
    if (!m->timed || theirs != MPI_STATUSES_IGNORE)
        return;
    m->statuses = m->own_statuses;
    if (count > MOST_ON_STACK)
        m->statuses = malloc((size_t)count * sizeof *m->statuses);
    if (!m->statuses)
        abort();
}

static void many_end(struct many *m, const MPI_Status *theirs)
{
    if (!m->timed)
        return;
    if (m->before != m->own_requests)
        free(m->before);
    if (m->statuses != theirs && m->statuses != m->own_statuses)
        free(m->statuses);
    leave(PS_MPI_WAITING, 0);
}

int MPI_Waitall(int count, MPI_Request *requests, MPI_Status *theirs)
{
    struct many m;
    int result;

    many_begin(&m, count, requests);
    many_statuses(&m, count, theirs);
    result = PMPI_Waitall(count, requests, m.statuses);
    for (int i = 0; m.timed && result == MPI_SUCCESS && i < count; i++)
        ps_mpi_received(m.before[i], &m.statuses[i]);
    many_end(&m, theirs);
    return result;
}

int MPI_Testall(int count, MPI_Request *requests, int *flag, MPI_Status *theirs)
{
    struct many m;
    int result;

    many_begin(&m, count, requests);
    many_statuses(&m, count, theirs);
    result = PMPI_Testall(count, requests, flag, m.statuses);
    for (int i = 0; m.timed && result == MPI_SUCCESS && *flag && i < count; i++)
        ps_mpi_received(m.before[i], &m.statuses[i]);
    many_end(&m, theirs);
    return result;
}

static int some(int (*call)(int, MPI_Request *, int *, int *, MPI_Status *), int count,
                MPI_Request *requests, int *done, int *indices, MPI_Status *theirs)
{
    struct many m;
    int result;

    many_begin(&m, count, requests);
    many_statuses(&m, count, theirs);
    result = call(count, requests, done, indices, m.statuses);
    for (int i = 0; m.timed && result == MPI_SUCCESS && *done != MPI_UNDEFINED && i < *done; i++)
        ps_mpi_received(m.before[indices[i]], &m.statuses[i]);
    many_end(&m, theirs);
    return result;
}

int MPI_Waitsome(int count, MPI_Request *requests, int *done, int *indices, MPI_Status *statuses)
{
    return some(PMPI_Waitsome, count, requests, done, indices, statuses);
}

int MPI_Testsome(int count, MPI_Request *requests, int *done, int *indices, MPI_Status *statuses)
{
    return some(PMPI_Testsome, count, requests, done, indices, statuses);
}

int MPI_Waitany(int count, MPI_Request *requests, int *index, MPI_Status *theirs)
{
    MPI_Status own, *status = status_of(theirs, &own);
    struct many m;
    int result;

    many_begin(&m, count, requests);
    m.statuses = status;
    result = PMPI_Waitany(count, requests, index, status);
    if (m.timed && result == MPI_SUCCESS && *index != MPI_UNDEFINED)
        ps_mpi_received(m.before[*index], status);
    many_end(&m, status);
    return result;
}

int MPI_Testany(int count, MPI_Request *requests, int *index, int *flag, MPI_Status *theirs)
{
    MPI_Status own, *status = status_of(theirs, &own);
    struct many m;
    int result;

    many_begin(&m, count, requests);
    m.statuses = status;
    result = PMPI_Testany(count, requests, index, flag, status);
    if (m.timed && result == MPI_SUCCESS && *flag && *index != MPI_UNDEFINED)
        ps_mpi_received(m.before[*index], status);
    many_end(&m, status);
    return result;
}
