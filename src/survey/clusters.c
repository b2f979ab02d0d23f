#include "clusters.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The tree that joins all CPUs by the shortest steps, by Prim's algorithm: memory in proportion to
 * the CPUs. Its steps, sorted, are the heights at which single linkage joins groups. */
struct step {
    double ns;
    size_t from, to;
};

static double trip(const float *trips, size_t n, size_t i, size_t j)
{
    const float ns = trips[ps_trip_index(n, i, j)];

    return isnan(ns) ? INFINITY : (double)ns;
}

static void grow_tree(const float *trips, size_t n, struct step *nearest, bool *inside,
                      struct step *tree)
{
    size_t last = 0;

    for (size_t i = 0; i < n; i++)
        nearest[i] = (struct step){INFINITY, 0, i};
    inside[0] = true;
    for (size_t added = 0; added + 1 < n; added++) {
        size_t best = n;

        for (size_t i = 0; i < n; i++) {
            if (inside[i])
                continue;
            if (trip(trips, n, last, i) < nearest[i].ns)
                nearest[i] = (struct step){trip(trips, n, last, i), last, i};
            if (best == n || nearest[i].ns < nearest[best].ns)
                best = i;
        }
        tree[added] = nearest[best];
        inside[best] = true;
        last = best;
    }
}

static int compare_steps(const void *a, const void *b)
{
    const struct step *x = a, *y = b;

    return (x->ns > y->ns) - (x->ns < y->ns);
}

static size_t root_of(size_t *parent, size_t i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

/* Numbers groups in the order of their first CPU. */
static unsigned number_groups(size_t *parent, size_t n, unsigned *group)
{
    unsigned count = 0;

    for (size_t i = 0; i < n; i++) {
        const size_t root = root_of(parent, i);
        size_t first = 0;

        while (root_of(parent, first) != root)
            first++;
        group[i] = first == i ? count++ : group[first];
    }
    return count;
}

static struct ps_cluster_level cut(struct ps_arena *a, const struct step *tree, size_t joined,
                                   size_t n)
{
    size_t *parent = ps_arena_array(a, n, sizeof *parent);
    struct ps_cluster_level level = {
        .within = tree[joined - 1].ns,
        .beyond = tree[joined].ns,
        .group = ps_arena_array(a, n, sizeof *level.group),
    };

    for (size_t i = 0; i < n; i++)
        parent[i] = i;
    for (size_t i = 0; i < joined; i++)
        parent[root_of(parent, tree[i].from)] = root_of(parent, tree[i].to);
    level.groups = number_groups(parent, n, level.group);
    return level;
}

void ps_clusters(struct ps_arena *a, const float *trips, size_t count,
                 struct ps_cluster_level **levels, size_t *level_count)
{
    struct step *nearest = ps_arena_array(a, count + 1, sizeof *nearest),
                *tree = ps_arena_array(a, count + 1, sizeof *tree);
    bool *inside = ps_arena_array(a, count + 1, sizeof *inside);

    *levels = NULL;
    *level_count = 0;
    if (count < 3)
        return;
    grow_tree(trips, count, nearest, inside, tree);
    qsort(tree, count - 1, sizeof *tree, compare_steps);
    for (size_t i = 1; i < count - 1; i++) {
        if (!isfinite(tree[i].ns) || tree[i].ns < PS_CLUSTER_STEP * tree[i - 1].ns)
            continue;
        *levels = ps_arena_grow(a, *levels, *level_count, sizeof **levels);
        (*levels)[(*level_count)++] = cut(a, tree, i, count);
    }
}

bool ps_same_groups(const unsigned *a, const unsigned *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            if ((a[i] == a[j]) != (b[i] == b[j]))
                return false;
    return true;
}
