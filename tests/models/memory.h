/*
 * The memory that the models run on: C11's atomics, as a set of views, weaker than store buffers.
 *
 * Every location has its writes in the order in which they take effect (C11: modification order).
 * A thread's view says of each location from which write on it may read, so a relaxed load may give
 * something old, which a store buffer of another thread or a load done too early would give. A
 * release writes its thread's view down with the value, and an acquire that reads it takes the view
 * over. A relaxed write of another thread may take its place before writes that came earlier. An
 * exchange follows the write that it read, immediately, and hands on its view (release sequence).
 * Sequentially consistent operations happen in the order in which the search does them; one of them
 * reads or writes no older than what those before it read or wrote at the same location.
 *
 * What it does not have: fences (the code has none), consume, and loads that read a write which
 * depends on them (load buffering); it keeps no happens-before but by these orders, so nothing that
 * only x86 or a compiler promises can hold a model up.
 *
 * Plain data has no values here but knowledge: which accesses of whom a view knows. An access that
 * doesn't know a conflicting one is a data race.
 *
 * A model sets THREADS, LOCATIONS, PLAINS and HISTORY, the writes of a location that are kept:
 * those that no thread can read any more are dropped, and too few end the search with exit
 * status 3.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_READ 4 /* bit of thread 0's reads in `knows`; below it are writes */

enum { LOAD, STORE, ADD, AND, CAS };

struct view {
    unsigned char from[LOCATIONS];
    unsigned char knows[PLAINS];
};

struct write {
    unsigned char value;
    unsigned char exchange; /* must stay next to the one before it */
    struct view view;
};

struct memory {
    unsigned char writes[LOCATIONS];  /* how many are kept, less the first */
    unsigned char ordered[LOCATIONS]; /* the youngest that a seq_cst operation read or wrote */
    unsigned char accessed[PLAINS];   /* since the last write, and that: bits as in `knows` */
    struct view view[THREADS];
    struct write write[LOCATIONS][HISTORY];
};

static struct memory memory;

/* One operation, as a model asks for it. */
struct operation {
    int kind, thread, location, site, value, expected;
};

static const char *const order_names[] = {"relaxed", "acquire", "release", "acq_rel", "seq_cst"};
enum { RELAXED, ACQUIRE, RELEASE, ACQ_REL, SEQ_CST };
static int planted = -1, weak_site = -1, weak_order;

/* MUTANT is SITE=ORDER, both as numbers, or !DEFECT, or nothing. */
static __attribute__((constructor)) void read_mutant(void)
{
    const char *mutant = getenv("MUTANT");

    if (mutant && sscanf(mutant, "!%d", &planted) != 1)
        sscanf(mutant, "%d=%d", &weak_site, &weak_order);
}

static int order_of(int site)
{
    return site == weak_site ? weak_order : site_orders[site];
}

static int acquires(int order)
{
    return order == ACQUIRE || order >= ACQ_REL;
}

static int releases(int order)
{
    return order >= RELEASE;
}

static void join(struct view *to, const struct view *from)
{
    for (int l = 0; l < LOCATIONS; l++)
        if (from->from[l] > to->from[l])
            to->from[l] = from->from[l];
    for (int p = 0; p < PLAINS; p++)
        to->knows[p] |= from->knows[p];
}

/* The oldest write that the operation may read, or follow. */
static int oldest(const struct operation *o, int order)
{
    int from = memory.view[o->thread].from[o->location];
    int ordered = order == SEQ_CST ? memory.ordered[o->location] : 0;

    return from > ordered ? from : ordered;
}

/* Whether an exchange follows write k. */
static int taken(const struct operation *o, int k)
{
    return k < memory.writes[o->location] && memory.write[o->location][k + 1].exchange;
}

static int fails(const struct operation *o, int k)
{
    return o->kind == CAS && memory.write[o->location][k].value != o->expected;
}

/* A weaker exchange is weaker where it fails, too. */
static int failure_order(int site)
{
    return site == weak_site && !acquires(weak_order) ? RELAXED : site_failures[site];
}

static int order_at(const struct operation *o, int k)
{
    return fails(o, k) ? failure_order(o->site) : order_of(o->site);
}

/* Whether the operation may read write k (a store: come after it). */
static int can(const struct operation *o, int k)
{
    if (k > memory.writes[o->location] || k < oldest(o, order_at(o, k)))
        return 0;
    return o->kind == LOAD || fails(o, k) || !taken(o, k);
}

/* As bits: the writes that it may read. */
static int choices(const struct operation *o)
{
    int bits = 0;

    for (int k = 0; k < HISTORY; k++)
        bits |= can(o, k) << k;
    return bits;
}

static void shift(struct view *v, int l, int k)
{
    if (v->from[l] >= k)
        v->from[l]++;
}

/* Makes room for write k of the location. */
static void insert(int l, int k)
{
    if (++memory.writes[l] == HISTORY) {
        fprintf(stderr, "HISTORY is too short for location %d\n", l);
        exit(3);
    }
    for (int i = memory.writes[l]; i > k; i--)
        memory.write[l][i] = memory.write[l][i - 1];
    for (int t = 0; t < THREADS; t++)
        shift(&memory.view[t], l, k);
    for (int other = 0; other < LOCATIONS; other++)
        for (int i = 0; i <= memory.writes[other]; i++)
            shift(&memory.write[other][i].view, l, k);
    if (memory.ordered[l] >= k)
        memory.ordered[l]++;
}

static void put(const struct operation *o, int after, int value, int exchange)
{
    struct view *mine = &memory.view[o->thread];
    struct write *w = &memory.write[o->location][after + 1];
    struct view carried = {{0}};
    int order = order_of(o->site);

    insert(o->location, after + 1);
    if (exchange)
        carried = memory.write[o->location][after].view;
    mine->from[o->location] = after + 1;
    *w = (struct write){value, exchange, carried};
    w->view.from[o->location] = after + 1;
    if (releases(order))
        join(&w->view, mine);
    if (order == SEQ_CST && memory.ordered[o->location] < after + 1)
        memory.ordered[o->location] = after + 1;
}

static void get(const struct operation *o, int k, int order)
{
    struct view *mine = &memory.view[o->thread];

    mine->from[o->location] = k;
    if (acquires(order))
        join(mine, &memory.write[o->location][k].view);
    if (order == SEQ_CST && memory.ordered[o->location] < k)
        memory.ordered[o->location] = k;
}

static void lower(unsigned char *from, int by)
{
    *from = *from > by ? *from - by : 0;
}

/* Whether a thread is ever to read or write the location; a model may know better. */
#ifndef TOUCHES
#define TOUCHES(thread, location) 1
#endif

/* Drops the writes that nobody can read any more, so that states that mean the same are the same.
 */
static void forget_old(int l)
{
    int by = memory.writes[l];

    for (int t = 0; t < THREADS; t++)
        if (TOUCHES(t, l) && memory.view[t].from[l] < by)
            by = memory.view[t].from[l];
    if (!by)
        return;
    for (int i = 0; i <= memory.writes[l]; i++)
        if (i + by <= memory.writes[l])
            memory.write[l][i] = memory.write[l][i + by];
        else
            memset(&memory.write[l][i], 0, sizeof memory.write[l][i]);
    memory.writes[l] -= by;
    memory.write[l][0].exchange = 0;
    lower(&memory.ordered[l], by);
    for (int t = 0; t < THREADS; t++)
        lower(&memory.view[t].from[l], by);
    for (int other = 0; other < LOCATIONS; other++)
        for (int i = 0; i <= memory.writes[other]; i++)
            lower(&memory.write[other][i].view.from[l], by);
}

/* Does it with write k; returns the value that was read, or 0. *changed: whether an exchange was.
 */
static int perform(const struct operation *o, int k, int *changed)
{
    int value = memory.write[o->location][k].value, order = order_at(o, k);

    *changed = !fails(o, k);
    if (o->kind != STORE)
        get(o, k, order);
    if (o->kind == STORE)
        put(o, k, o->value, 0);
    else if (o->kind == ADD)
        put(o, k, (unsigned char)(value + o->value), 1);
    else if (o->kind == AND)
        put(o, k, value & o->value, 1);
    else if (o->kind == CAS && *changed)
        put(o, k, o->value, 1);
    for (int l = 0; l < LOCATIONS; l++)
        forget_old(l);
    return o->kind == STORE ? 0 : value;
}

static int latest(int l)
{
    return memory.write[l][memory.writes[l]].value;
}

static void knows_nothing_but(int p, int bits)
{
    for (int t = 0; t < THREADS; t++)
        memory.view[t].knows[p] &= bits;
    for (int l = 0; l < LOCATIONS; l++)
        for (int i = 0; i <= memory.writes[l]; i++)
            memory.write[l][i].view.knows[p] &= bits;
}

/* Whether the access is a data race; it is made in any case. */
static int races(int t, int p, int writes)
{
    struct view *mine = &memory.view[t];
    int others = memory.accessed[p] & ~(1 << t | 1 << (t + FIRST_READ));
    int racing = others & ~mine->knows[p] & (writes ? 0xff : (1 << FIRST_READ) - 1);
    int bit = 1 << (writes ? t : t + FIRST_READ);

    memory.accessed[p] = writes ? bit : memory.accessed[p] | bit;
    knows_nothing_but(p, memory.accessed[p] & ~bit);
    mine->knows[p] |= bit;
    return racing != 0;
}
