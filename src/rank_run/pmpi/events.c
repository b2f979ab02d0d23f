/* Who waits for whom: communicators, receives that have begun, and the list of events. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "seen.h"

#pragma weak PMPI_Comm_size
#pragma weak PMPI_Comm_group
#pragma weak PMPI_Group_translate_ranks
#pragma weak PMPI_Group_free
#ifdef OPEN_MPI
#pragma weak ompi_mpi_comm_world
#pragma weak ompi_mpi_comm_null
#pragma weak ompi_request_null
#endif

#define RECEIVES 4096 /* that may be under way at once; a power of two */

struct comm {
    MPI_Comm handle;
    uint32_t index; /* in the page */
    uint32_t made;  /* communicators that were made of it */
    int size;
    int *world; /* ranks in MPI_COMM_WORLD; NULL: the same */
};

struct receive {
    uint64_t request; /* 0: free */
    MPI_Comm comm;
};

static struct comm comms[PS_CALL_COMMS];
static unsigned comm_count, last_comm;
static struct receive receives[RECEIVES];
static unsigned receive_count;

void ps_mpi_untold(const char *why)
{
    struct ps_call_page *p = ps_mpi_seen.page;

    if (!p->untold[0])
        strncpy(p->untold, why, sizeof p->untold - 1);
}

static struct comm *find(MPI_Comm handle)
{
    if (comms[last_comm].handle == handle)
        return &comms[last_comm];
    for (unsigned i = 0; i < comm_count; i++)
        if (comms[i].handle == handle) {
            last_comm = i;
            return &comms[i];
        }
    return NULL;
}

static struct comm *add(MPI_Comm handle, uint64_t id)
{
    struct ps_call_page *p = ps_mpi_seen.page;
    struct comm c = {.handle = handle, .index = p->comm_count};

    if (p->comm_count == PS_CALL_COMMS || comm_count == PS_CALL_COMMS) {
        ps_mpi_untold("too many communicators");
        return NULL;
    }
    PMPI_Comm_size(handle, &c.size);
    p->comms[p->comm_count++] = (struct ps_call_comm){.id = id, .size = (uint32_t)c.size};
    comms[comm_count] = c;
    return &comms[comm_count++];
}

void ps_mpi_comms_start(void)
{
    add(MPI_COMM_WORLD, 1);
}

/* Of both groups, so that a member of one is known in the other. */
static int *world_ranks(MPI_Comm made, int size)
{
    int *own = malloc((size_t)size * sizeof *own), *world = malloc((size_t)size * sizeof *world);
    MPI_Group all, members;

    for (int i = 0; own && i < size; i++)
        own[i] = i;
    if (own && world) {
        PMPI_Comm_group(MPI_COMM_WORLD, &all);
        PMPI_Comm_group(made, &members);
        PMPI_Group_translate_ranks(members, size, own, all, world);
        PMPI_Group_free(&all);
        PMPI_Group_free(&members);
    }
    free(own);
    return world;
}

static uint64_t mix(uint64_t a, uint64_t b)
{
    a = (a ^ b) * UINT64_C(0x9e3779b97f4a7c15);
    return a ^ a >> 29;
}

void ps_mpi_comm_made(MPI_Comm parent, MPI_Comm made)
{
    struct comm *from = find(parent), *to;
    uint64_t id;
    int size, *world;

    if (!from) {
        ps_mpi_untold("a communicator of unknown origin");
        return;
    }
    id = mix(ps_mpi_seen.page->comms[from->index].id, ++from->made);
    if (made == MPI_COMM_NULL)
        return;
    PMPI_Comm_size(made, &size);
    world = world_ranks(made, size);
    to = world ? add(made, mix(id, (uint64_t)world[0])) : NULL;
    if (to)
        to->world = world;
    else
        free(world);
}

void ps_mpi_comm_freed(MPI_Comm handle)
{
    struct comm *c = find(handle);

    if (!c || c == comms)
        return;
    free(c->world);
    *c = comms[--comm_count];
    last_comm = 0;
}

void ps_mpi_event(enum ps_call_op op, MPI_Comm handle, int peer, int tag)
{
    struct ps_call_page *p = ps_mpi_seen.page;
    const struct comm *c;

    if (p->untold[0] || peer < 0 || !outermost())
        return;
    c = find(handle);
    if (!c || peer >= c->size) {
        ps_mpi_untold("a communicator of unknown origin");
        return;
    }
    if (p->event_count == PS_CALL_EVENTS) {
        ps_mpi_untold("more events than are kept");
        return;
    }
    p->events[p->event_count++] = (struct ps_call_event){
        .ticks = ps_mpi_seen.pending,
        .peer = c->world ? c->world[peer] : peer,
        .tag = tag,
        .comm = c->index,
        .op = (uint32_t)op,
    };
    ps_mpi_seen.pending = 0;
}

static uint64_t key_of(MPI_Request r)
{
    return (uint64_t)(uintptr_t)r + 1;
}

/* The place of a request, or the free one where it would be. */
static struct receive *place(uint64_t key)
{
    uint64_t i = mix(key, 0) & (RECEIVES - 1);

    while (receives[i].request && receives[i].request != key)
        i = (i + 1) & (RECEIVES - 1);
    return &receives[i];
}

void ps_mpi_receiving(MPI_Request request, MPI_Comm comm)
{
    struct receive *r;

    if (ps_mpi_seen.page->untold[0] || request == MPI_REQUEST_NULL)
        return;
    if (receive_count >= RECEIVES / 2) {
        ps_mpi_untold("too many receives at once");
        return;
    }
    r = place(key_of(request));
    receive_count += !r->request;
    *r = (struct receive){key_of(request), comm};
}

/* Those behind it move up, so that each is found from its own place on. */
static void remove_receive(struct receive *r)
{
    uint64_t i = (uint64_t)(r - receives);

    r->request = 0;
    receive_count--;
    for (i = (i + 1) & (RECEIVES - 1); receives[i].request; i = (i + 1) & (RECEIVES - 1)) {
        const struct receive moved = receives[i];

        receives[i].request = 0;
        *place(moved.request) = moved;
    }
}

void ps_mpi_received(MPI_Request request, const MPI_Status *status)
{
    struct receive *r, found;

    if (ps_mpi_seen.page->untold[0] || !receive_count)
        return;
    r = place(key_of(request));
    if (!r->request)
        return;
    found = *r;
    remove_receive(r);
    ps_mpi_event(PS_CALL_RECEIVE, found.comm, status->MPI_SOURCE, status->MPI_TAG);
}
