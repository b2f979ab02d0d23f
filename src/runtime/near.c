#include "near.h"

#include <errno.h>
#include <stdlib.h>

#include "topology.h"

enum { PACKAGE, NODE, L3, CORE, PLACES };

/* Where a worker is, by the number of its package and so on; those of worker 0 are 0. */
struct spot {
    uint32_t place[PLACES];
    uint32_t worker;
};

static void set_places(struct spot *s, const struct ps_topology *topology, int os)
{
    const struct ps_cpu *cpu = topology && os >= 0 ? ps_topology_cpu(topology, os) : NULL;

    if (!cpu)
        return;
    s->place[PACKAGE] = cpu->package + 1;
    s->place[NODE] = cpu->node + 1;
    s->place[L3] = cpu->l3 + 1;
    s->place[CORE] = cpu->core + 1;
}

static int by_place(const void *a, const void *b)
{
    const struct spot *x = a, *y = b;

    for (int i = 0; i < PLACES; i++)
        if (x->place[i] != y->place[i])
            return x->place[i] < y->place[i] ? -1 : 1;
    return x->worker < y->worker ? -1 : x->worker > y->worker;
}

static struct spot *make_spots(const struct ps_topology *topology, const int *cpus,
                               unsigned workers)
{
    struct spot *spots = calloc(workers, sizeof *spots);

    if (!spots)
        return NULL;
    for (unsigned i = 0; i < workers; i++) {
        spots[i].worker = i;
        set_places(&spots[i], topology, cpus[i]);
    }
    for (int p = 0; p < PLACES; p++) {
        uint32_t first = spots[0].place[p];

        for (unsigned i = 0; i < workers; i++)
            if (spots[i].place[p] == first)
                spots[i].place[p] = 0;
    }
    qsort(spots, workers, sizeof *spots, by_place);
    return spots;
}

/* The largest place that has only one of two neighbours in the order; PLACES: they share a core. */
static int border(const struct spot *spots, unsigned at)
{
    int p = 0;

    while (p < PLACES && spots[at - 1].place[p] == spots[at].place[p])
        p++;
    return p;
}

/* The largest border right of `begin`. */
static int largest_border(const struct spot *spots, unsigned begin, unsigned end)
{
    int found = PLACES;

    for (unsigned i = begin + 1; i < end; i++)
        if (border(spots, i) < found)
            found = border(spots, i);
    return found;
}

static unsigned distance(unsigned a, unsigned b)
{
    return a < b ? b - a : a - b;
}

/* Where what lies right of `begin` is divided between its children: at one of the largest borders,
 * so that no place is divided before those that are larger, and near the middle. */
static unsigned cut(const struct spot *spots, unsigned begin, unsigned end)
{
    unsigned middle = begin + 1 + (end - begin - 1) / 2, found = end;
    int wanted = largest_border(spots, begin, end);

    for (unsigned i = begin + 1; i < end; i++)
        if (border(spots, i) == wanted &&
            (found == end || distance(i, middle) < distance(found, middle)))
            found = i;
    return found;
}

static void add_child(struct ps_near *n, unsigned parent, unsigned child)
{
    struct ps_near_worker *p = &n->workers[n->order[parent]];

    p->children[p->child_count++] = n->order[child];
    n->workers[n->order[child]].parent = n->order[parent];
}

/* The tree of what stands at begin .. end-1, with the first at its root. */
static void grow(struct ps_near *n, const struct spot *spots, unsigned begin, unsigned end)
{
    unsigned middle;

    if (end - begin < 2)
        return;
    middle = cut(spots, begin, end);
    if (middle < end) {
        add_child(n, begin, middle);
        grow(n, spots, middle, end);
    }
    if (middle > begin + 1) {
        add_child(n, begin, begin + 1);
        grow(n, spots, begin + 1, middle);
    }
}

/* The workers at begin .. end-1 share a place: around each of them, those that no ring has yet. */
static void add_ring(struct ps_near *n, const struct spot *spots, unsigned begin, unsigned end)
{
    for (unsigned i = begin; i < end; i++) {
        struct ps_near_worker *w = &n->workers[spots[i].worker];
        const struct ps_ring_of *last = w->ring_count ? &w->rings[w->ring_count - 1] : NULL;
        struct ps_ring_of ring = {begin, last ? last->outer_begin : i,
                                  last ? last->outer_end : i + 1, end};

        if (ps_ring_count(&ring))
            w->rings[w->ring_count++] = ring;
    }
}

static void make_rings(struct ps_near *n, const struct spot *spots)
{
    for (int places = PLACES; places >= 0; places--)
        for (unsigned begin = 0, end; begin < n->count; begin = end) {
            for (end = begin + 1; end < n->count && border(spots, end) >= places; end++)
                ;
            add_ring(n, spots, begin, end);
        }
}

int ps_near_init(struct ps_near *n, const struct ps_topology *topology, const int *cpus,
                 unsigned workers)
{
    struct spot *spots = make_spots(topology, cpus, workers);

    *n = (struct ps_near){calloc(workers, sizeof *n->workers), calloc(workers, sizeof *n->order),
                          workers};
    if (!spots || !n->workers || !n->order) {
        free(spots);
        ps_near_finish(n);
        return -ENOMEM;
    }
    for (unsigned i = 0; i < workers; i++)
        n->order[i] = spots[i].worker;
    grow(n, spots, 0, workers);
    make_rings(n, spots);
    free(spots);
    return 0;
}

void ps_near_finish(struct ps_near *n)
{
    free(n->workers);
    free(n->order);
    n->workers = NULL;
    n->order = NULL;
}
