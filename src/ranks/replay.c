#include "replay.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define NOBODY UINT32_MAX

/* Messages from one rank to another with one tag, in their order; or one collective call. */
struct meeting {
    uint64_t key;         /* 0: free */
    uint32_t first, last; /* messages that nobody has received, as indices plus one */
    uint32_t waiting;     /* ranks, the first of a list */
    uint32_t come;        /* members that have come */
    double latest, root;  /* time: of the last that came, of the root; NaN: not yet */
};

struct message {
    double sent;
    uint32_t next; /* index plus one */
};

struct rank {
    uint32_t next;   /* event */
    bool computed;   /* what comes before it */
    bool came;       /* to the collective call that it waits in */
    uint32_t also;   /* the next rank that waits for the same */
    uint32_t *calls; /* of each communicator, how many collective calls were made */
    double now;
};

struct replay {
    const struct ps_call_file *files;
    uint32_t count;
    struct rank *ranks;
    uint32_t *ready, ready_count;
    struct meeting *meetings;
    uint64_t mask; /* of their places */
    struct message *messages;
    uint32_t message_count;
    uint32_t *call_room;
};

static uint64_t mix(uint64_t a, uint64_t b)
{
    a = (a ^ b) * UINT64_C(0x9e3779b97f4a7c15);
    return a ^ a >> 29;
}

static struct meeting *find(struct replay *p, uint64_t key)
{
    uint64_t i = mix(key, 3) & p->mask;

    key |= 1;
    while (p->meetings[i].key && p->meetings[i].key != key)
        i = (i + 1) & p->mask;
    if (!p->meetings[i].key)
        p->meetings[i] = (struct meeting){.key = key, .waiting = NOBODY, .root = NAN};
    return &p->meetings[i];
}

static struct meeting *channel(struct replay *p, const struct ps_call_file *f,
                               const struct ps_call_event *e, uint32_t from, uint32_t to)
{
    uint64_t key = mix(f->comms[e->comm].id, from);

    return find(p, mix(mix(key, to), (uint32_t)e->tag));
}

static void wake_all(struct replay *p, struct meeting *m)
{
    while (m->waiting != NOBODY) {
        const uint32_t rank = m->waiting;

        m->waiting = p->ranks[rank].also;
        p->ready[p->ready_count++] = rank;
    }
}

/* Returns false: it can't go on. */
static bool wait_in(struct replay *p, struct meeting *m, uint32_t rank)
{
    p->ranks[rank].also = m->waiting;
    m->waiting = rank;
    return false;
}

static void send(struct replay *p, struct meeting *m, double now)
{
    p->messages[p->message_count++] = (struct message){now, 0};
    if (m->last)
        p->messages[m->last - 1].next = p->message_count;
    else
        m->first = p->message_count;
    m->last = p->message_count;
    wake_all(p, m);
}

static bool receive(struct replay *p, struct meeting *m, uint32_t rank)
{
    struct rank *r = &p->ranks[rank];
    const struct message *message;

    if (!m->first)
        return wait_in(p, m, rank);
    message = &p->messages[m->first - 1];
    r->now = fmax(r->now, message->sent);
    m->first = message->next;
    if (!m->first)
        m->last = 0;
    return true;
}

/* All members come to the meeting once; who has to wait, looks again when it may go on. */
static bool meet(struct replay *p, const struct ps_call_file *f, const struct ps_call_event *e,
                 uint32_t rank)
{
    struct rank *r = &p->ranks[rank];
    struct meeting *m = find(p, mix(mix(f->comms[e->comm].id, r->calls[e->comm]), 7));
    const bool is_root = (uint32_t)e->peer == rank;
    bool complete;

    if (!r->came) {
        r->came = true;
        m->come++;
        m->latest = fmax(m->latest, r->now);
        if (is_root)
            m->root = r->now;
        if (m->come == f->comms[e->comm].size || is_root)
            wake_all(p, m);
    }
    complete = m->come >= f->comms[e->comm].size;
    if (e->op == PS_CALL_ALL || (e->op == PS_CALL_TO_ROOT && is_root)) {
        if (!complete)
            return wait_in(p, m, rank);
        r->now = m->latest;
    } else if (e->op == PS_CALL_FROM_ROOT) {
        if (isnan(m->root))
            return wait_in(p, m, rank);
        r->now = fmax(r->now, m->root);
    }
    r->calls[e->comm]++;
    r->came = false;
    return true;
}

static bool pass(struct replay *p, uint32_t rank)
{
    const struct ps_call_file *f = &p->files[rank];
    struct rank *r = &p->ranks[rank];
    const struct ps_call_event *e = &f->events[r->next];

    if (!r->computed)
        r->now += (double)e->ticks * f->head.tick;
    r->computed = true;
    if (e->op == PS_CALL_SEND)
        send(p, channel(p, f, e, rank, (uint32_t)e->peer), r->now);
    else if (e->op == PS_CALL_RECEIVE ? !receive(p, channel(p, f, e, (uint32_t)e->peer, rank), rank)
                                      : !meet(p, f, e, rank))
        return false;
    r->computed = false;
    r->next++;
    return true;
}

static double run(struct replay *p)
{
    double end = 0;

    for (uint32_t i = 0; i < p->count; i++)
        p->ready[p->ready_count++] = p->count - 1 - i;
    while (p->ready_count) {
        const uint32_t rank = p->ready[--p->ready_count];

        while (p->ranks[rank].next < p->files[rank].head.event_count && pass(p, rank))
            ;
    }
    for (uint32_t i = 0; i < p->count; i++) {
        if (p->ranks[i].next < p->files[i].head.event_count)
            return NAN;
        end = fmax(end, p->ranks[i].now);
    }
    return end;
}

static bool make_room(struct replay *p)
{
    uint64_t events = 0, comms = 0, room = 64;

    for (uint32_t i = 0; i < p->count; i++) {
        events += p->files[i].head.event_count;
        comms += p->files[i].head.comm_count;
    }
    while (room < 2 * events)
        room *= 2;
    p->mask = room - 1;
    p->meetings = calloc(room, sizeof *p->meetings);
    p->messages = calloc(events + 1, sizeof *p->messages);
    p->ranks = calloc(p->count, sizeof *p->ranks);
    p->ready = calloc(p->count, sizeof *p->ready);
    p->call_room = calloc(comms + 1, sizeof *p->call_room);
    if (!p->meetings || !p->messages || !p->ranks || !p->ready || !p->call_room)
        return false;
    comms = 0;
    for (uint32_t i = 0; i < p->count; i++) {
        p->ranks[i].calls = p->call_room + comms;
        comms += p->files[i].head.comm_count;
    }
    return true;
}

double ps_replay(const struct ps_call_file *files, uint32_t ranks)
{
    struct replay p = {.files = files, .count = ranks};
    const double end = make_room(&p) ? run(&p) : NAN;

    free(p.meetings);
    free(p.messages);
    free(p.ranks);
    free(p.ready);
    free(p.call_room);
    return end;
}
