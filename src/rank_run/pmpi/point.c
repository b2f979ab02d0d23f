/* Sends, receives, and waiting for them. */
#include <stdlib.h>
#include <string.h>

#include "calls.h"

#ifdef OPEN_MPI
#pragma weak ompi_mpi_comm_world
#pragma weak ompi_request_null
#endif

#define MOST_ON_STACK 64 /* requests of a call */

CALL(PS_MPI_POINT, Start, (MPI_Request * request), (request), 0, ps_mpi_untold("MPI_Start"))
CALL(PS_MPI_POINT, Startall, (int count, MPI_Request *requests), (count, requests), 0,
     ps_mpi_untold("MPI_Startall"))

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

#pragma weak PMPI_Wait
#pragma weak PMPI_Waitall
#pragma weak PMPI_Waitany
#pragma weak PMPI_Waitsome
#pragma weak PMPI_Test
#pragma weak PMPI_Testall
#pragma weak PMPI_Testany
#pragma weak PMPI_Testsome

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
