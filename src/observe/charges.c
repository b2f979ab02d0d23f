#include "charges.h"

#include <stdlib.h>
#include <time.h>

#include "ticks.h"

#define APART_NS   10000000
#define MOST       4096 /* processes */
#define FIRST_ROOM 16
#define EXACT_NS   20000 /* within which a clock and the time are read */
#define TRIES      3
#define LOOKS      8       /* of which the largest charge counts, or of twice as many */
#define LATE_NS    4000000 /* between ticks */

void ps_charges_init(struct ps_charges *c, bool from_now)
{
    *c = (struct ps_charges){.from_now = from_now, .oldest = UINT64_MAX};
}

void ps_charges_free(struct ps_charges *c)
{
    ps_ids_free(&c->ids);
    free(c->charges);
    ps_charges_init(c, false);
}

static bool more_room(struct ps_charges *c)
{
    const size_t room = c->room ? 2 * c->room : FIRST_ROOM;
    void *larger = room <= MOST ? realloc(c->charges, room * sizeof *c->charges) : NULL;

    if (!larger)
        return false;
    c->charges = larger;
    c->room = room;
    return true;
}

/* NULL: no memory, or too many. */
static struct ps_charge *find_or_add(struct ps_charges *c, pid_t pid)
{
    const uint32_t i = ps_ids_find(&c->ids, pid);

    if (i != PS_IDS_NONE)
        return &c->charges[i];
    if ((c->count == c->room && !more_room(c)) || !ps_ids_put(&c->ids, pid, (uint32_t)c->count))
        return NULL;
    c->charges[c->count] = (struct ps_charge){.pid = pid};
    return &c->charges[c->count++];
}

/* A moment, and the CPU time of a process then; false: it was too long. */
static bool read_clock(clockid_t clock, struct ps_charge *charge)
{
    for (int i = 0; i < TRIES; i++) {
        const uint64_t before = ps_now_ns();
        struct timespec t;
        uint64_t lasted;

        if (clock_gettime(clock, &t) < 0)
            return false;
        lasted = ps_now_ns() - before;
        charge->time = before + lasted / 2;
        charge->ns = (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
        if (lasted < EXACT_NS)
            return true;
    }
    return false;
}

void ps_charges_look(struct ps_charges *c, pid_t pid)
{
    struct ps_charge *charge = pid > 0 ? find_or_add(c, pid) : NULL;
    const uint64_t before = charge ? charge->ns : 0;
    clockid_t clock;

    if (!charge || charge->open || charge->reused || ps_now_ns() - charge->time < APART_NS ||
        clock_getcpuclockid(pid, &clock) || !read_clock(clock, charge))
        return;
    charge->reused = charge->ns < before;
    charge->open = !charge->reused;
    if (charge->reused)
        return;
    if (charge->time < c->oldest)
        c->oldest = charge->time;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Of a thread that runs elsewhere, the clock is that of the kernel's last tick: it is late, but
 * never early. What a hypervisor takes may be charged to nobody, and then the records have more and
 * more: so the largest of the last looks counts, not that of all, and a negative one only beyond a
 * tick. */
static void add_look(struct ps_charge *charge, int64_t more)
{
    if (charge->looks++ % LOOKS == 0) {
        charge->older = charge->looks == 1 ? more : charge->recent;
        charge->recent = more;
    }
    charge->recent = larger(charge->recent, more);
    more = larger(charge->older, charge->recent);
    charge->more = more < -LATE_NS ? more + LATE_NS : larger(0, more);
}

/* Both looks are as late, on average. */
static void add_difference(struct ps_charge *charge, int64_t more)
{
    if (!charge->looks++)
        charge->first = more;
    charge->more = more;
}

static void settle(const struct ps_charges *c, struct ps_charge *charge,
                   const struct ps_timeline *t)
{
    int64_t more;

    charge->open = false;
    if (t->truncated) /* the process of a thread is not known any more */
        return;
    more = (int64_t)(charge->ns - ps_timeline_cpu_ns(t, charge->pid, charge->time));
    if (c->from_now)
        add_difference(charge, more);
    else
        add_look(charge, more);
}

void ps_charges_settle(struct ps_charges *c, const struct ps_timeline *t, uint64_t time)
{
    if (time < c->oldest || c->oldest == UINT64_MAX)
        return;
    c->oldest = UINT64_MAX;
    for (size_t i = 0; i < c->count; i++) {
        struct ps_charge *charge = &c->charges[i];

        if (charge->open && charge->time <= time)
            settle(c, charge, t);
        if (charge->open && charge->time < c->oldest)
            c->oldest = charge->time;
    }
}

double ps_charges_unrecorded(const struct ps_charges *c)
{
    double ns = 0;

    for (size_t i = 0; i < c->count; i++)
        ns += (double)(c->charges[i].more - c->charges[i].first);
    return ns * 1e-9;
}
