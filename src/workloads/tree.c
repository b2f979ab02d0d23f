/* Inverts a perfect binary tree: swaps the children of every node. */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include <parscope/task.h>

#include "kit.h"

#define PART_LEVELS 13

enum { DEPTH, CUTOFF, CALLS };
enum calls { TYPED, POINTERS };

static const char *const calls[] = {"typed", "pointers", NULL};

static const struct parscope_param params[] = {
    {"depth", PARSCOPE_COUNT, "20", 1, 28, NULL, "levels of nodes: 2^depth - 1 nodes"},
    {"cutoff", PARSCOPE_COUNT, "64", 1, 64, NULL,
     "levels from the root that fork and join; nodes below recurse serially, and a lone worker "
     "always does"},
    {"calls", PARSCOPE_CHOICE, "typed", 0, 0, calls,
     "how nodes fork: by typed tasks (parscope/task.h), or through function pointers"},
    {NULL},
};

struct node {
    struct node *left, *right; /* both NULL in a leaf */
};

/* Nodes lie in preorder: the near child of node i, whose subtree has h levels, is i + 1 and the far
 * child i + 2^(h-1). The far child is the right one in the tree as built. */
struct tree {
    struct node *nodes;
    unsigned depth, cutoff;
    enum calls calls;
    bool mirrored; /* after an odd number of runs */
};

static uint64_t node_count(unsigned depth)
{
    return (UINT64_C(1) << depth) - 1;
}

static int size(const union parscope_value *v, struct parscope_size *size, char *why,
                size_t why_size)
{
    unsigned depth = (unsigned)v[DEPTH].count, cutoff = (unsigned)v[CUTOFF].count;

    size->items = (double)node_count(depth);
    size->tasks = node_count(cutoff < depth - 1 ? cutoff : depth - 1);
    size->bytes = node_count(depth) * sizeof(struct node);
    return 0;
}

static void build(struct node *node, unsigned levels)
{
    if (levels == 1) {
        *node = (struct node){NULL, NULL};
        return;
    }
    *node = (struct node){node + 1, node + (UINT64_C(1) << (levels - 1))};
    build(node->left, levels - 1);
    build(node->right, levels - 1);
}

static int create(const union parscope_value *v, struct parscope_memory *m, unsigned slots,
                  void **state)
{
    struct tree *s = parscope_alloc(m, 1, sizeof *s);

    if (s == NULL)
        return -ENOMEM;
    s->depth = (unsigned)v[DEPTH].count;
    s->cutoff = (unsigned)v[CUTOFF].count;
    s->calls = (enum calls)v[CALLS].choice;
    s->mirrored = false;
    s->nodes = ps_kit_alloc_to_fill(m, node_count(s->depth), sizeof *s->nodes);
    if (s->nodes == NULL)
        return -ENOMEM;
    build(s->nodes, s->depth);
    *state = s;
    return 0;
}

/* What both trees look like follows from the places of the nodes, so verify() computes it. */
static int reference(void *state)
{
    (void)state;
    return 0;
}

struct children {
    struct node *near, *far; /* in memory */
};

/* Of a node that is no leaf. Whichever way the tree stands, the walk goes on in memory order, which
 * is several times faster than the other, so that all runs do the same work. */
static inline struct children swap(struct node *node)
{
    struct node *left = node->left, *right = node->right;

    node->left = right;
    node->right = left;
    return left < right ? (struct children){left, right} : (struct children){right, left};
}

static bool is_leaf(const struct node *node)
{
    return node->left == NULL;
}

/* The fastest that was found, for a lone worker and below the cutoff alike, so that no speedup is
 * that of better code: leaves, half of all nodes, are neither written nor called for, a call does
 * two levels, and trees of many levels, whose branches are harder to predict, are done in parts.
 * With plain recursion a tree in 64 parts took 20 % less time than the same as a whole. */
static void invert_two_levels(struct node *node);

static inline void invert_one_level(struct node *node)
{
    struct children c;

    if (is_leaf(node))
        return;
    c = swap(node);
    if (!is_leaf(c.near))
        invert_two_levels(c.near);
    if (!is_leaf(c.far))
        invert_two_levels(c.far);
}

/* Of a node that is no leaf. */
static __attribute__((noinline)) void invert_two_levels(struct node *node)
{
    struct children c = swap(node);

    invert_one_level(c.near);
    invert_one_level(c.far);
}

static void invert_serially(struct node *node, uint32_t levels)
{
    if (levels > PART_LEVELS) {
        struct children c = swap(node);

        invert_serially(c.near, levels - 1);
        invert_serially(c.far, levels - 1);
    } else if (levels % 2 == 0) {
        invert_one_level(node); /* so that the last call of all does two */
    } else if (levels > 1) {
        invert_two_levels(node);
    }
}

struct fork {
    struct node *node;
    uint32_t levels; /* that still fork */
    uint32_t below;  /* levels that don't */
};

static inline void invert_above(PARSCOPE_PLACE, struct fork f);
PARSCOPE_ACTION(invert_above, struct fork);

static inline void invert_above(PARSCOPE_PLACE, struct fork f)
{
    if (f.levels == 0) {
        invert_serially(f.node, f.below);
        return;
    }
    struct children c = swap(f.node);
    struct fork near = {c.near, f.levels - 1, f.below}, far = {c.far, f.levels - 1, f.below};
    invert_above_both(PARSCOPE_HERE, near, far);
}

/* The same for a cutoff that is never reached: a task takes a word less. */
static inline void invert_all(PARSCOPE_PLACE, struct node *node);
PARSCOPE_ACTION(invert_all, struct node *);

static inline void invert_all(PARSCOPE_PLACE, struct node *node)
{
    if (is_leaf(node))
        return;
    struct children c = swap(node);
    invert_all_both(PARSCOPE_HERE, c.near, c.far);
}

static void invert_by_pointers(void *arg, struct parscope_worker *w)
{
    const struct fork *f = arg;

    if (f->levels == 0) {
        invert_serially(f->node, f->below);
        return;
    }
    struct children c = swap(f->node);
    struct fork near = {c.near, f->levels - 1, f->below}, far = {c.far, f->levels - 1, f->below};
    parscope_join(w, invert_by_pointers, &near, invert_by_pointers, &far);
}

struct root {
    struct fork fork;
    enum calls calls;
};

static void invert_root(void *arg, struct parscope_worker *w)
{
    const struct root *r = arg;

    if (r->calls == POINTERS)
        invert_by_pointers(arg, w);
    else if (r->fork.below == 1)
        invert_all(PARSCOPE_START(w), r->fork.node);
    else
        invert_above(PARSCOPE_START(w), r->fork);
}

static int run(void *state, struct parscope_exec *x)
{
    struct tree *s = state;
    /* A lone worker has nobody to fork for: it is the plain recursion that speedups refer to. */
    unsigned most = x->slots > 1 ? s->cutoff : 0;
    unsigned levels = most < s->depth ? most : s->depth - 1;
    struct root root = {{s->nodes, levels, s->depth - levels}, s->calls};
    int err = parscope_root(x, invert_root, &root);

    if (err == 0)
        s->mirrored = !s->mirrored;
    return err;
}

/* The first node, in preorder, whose children are not where they should be; NULL: none. */
static const struct node *first_wrong(const struct node *node, unsigned levels, bool mirrored)
{
    const struct node *near = levels > 1 ? node + 1 : NULL;
    const struct node *far = levels > 1 ? node + (UINT64_C(1) << (levels - 1)) : NULL;
    const struct node *wrong;

    if (node->left != (mirrored ? far : near) || node->right != (mirrored ? near : far))
        return node;
    if (levels == 1)
        return NULL;
    wrong = first_wrong(near, levels - 1, mirrored);
    return wrong != NULL ? wrong : first_wrong(far, levels - 1, mirrored);
}

static int verify(void *state, char *why, size_t why_size)
{
    const struct tree *s = state;
    const struct node *wrong = first_wrong(s->nodes, s->depth, s->mirrored);

    if (wrong == NULL)
        return 0;
    return ps_kit_bad(why, why_size, "the children of node %td of %" PRIu64 " are not %s",
                      wrong - s->nodes, node_count(s->depth),
                      s->mirrored ? "swapped" : "back where they were");
}

const struct parscope_workload ps_workload_tree = {
    .abi = PARSCOPE_WORKLOAD_ABI,
    .name = "tree",
    .summary = "inverts a perfect binary tree, forking at each node down to a cutoff",
    .unit = "nodes",
    .shapes = PARSCOPE_TREE,
    .params = params,
    .size = size,
    .create = create,
    .reference = reference,
    .run = run,
    .verify = verify,
};
