/* Recursions that fork at each step. */
#ifndef TREES_H
#define TREES_H

#include <stdint.h>

#include <parscope/workload.h>

struct tree {
    unsigned depth;
    uint64_t leaves;
};

static inline void count_leaves(void *arg, struct parscope_worker *w)
{
    struct tree *t = arg;
    struct tree left = {t->depth - 1, 0}, right = left;

    if (!t->depth) {
        t->leaves = 1;
        return;
    }
    parscope_join(w, count_leaves, &left, count_leaves, &right);
    t->leaves = left.leaves + right.leaves;
}

struct call {
    unsigned n;
    uint64_t value;
};

static inline void fib(void *arg, struct parscope_worker *w)
{
    struct call *c = arg, f = {c->n - 1, 0}, g = {c->n - 2, 0};

    if (c->n < 2) {
        c->value = c->n;
        return;
    }
    parscope_join(w, fib, &f, fib, &g);
    c->value = f.value + g.value;
}

/* Deeper than a deque. */
static inline void chain(void *arg, struct parscope_worker *w)
{
    struct tree *t = arg;
    struct tree rest = {t->depth - 1, 0}, leaf = {0, 0};

    if (!t->depth) {
        t->leaves = 1;
        return;
    }
    parscope_join(w, chain, &rest, chain, &leaf);
    t->leaves = rest.leaves + leaf.leaves;
}

#endif
