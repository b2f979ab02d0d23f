/* On which NUMA nodes the data of workloads lie. */
#include <errno.h>
#include <string.h>

#include "homes.h"
#include "workload_trials.h"

/* The point of the workload with the most threads: its static shares are those that data follow. */
static const struct ps_plan_point *widest(const struct session *s, size_t workload)
{
    const struct ps_plan_point *found = NULL;

    for (size_t i = 0; i < s->target_count; i++) {
        const struct ps_plan_point *p = s->targets[i].plan;

        if (p->workload == workload && (!found || p->threads > found->threads))
            found = p;
    }
    return found;
}

int data_nodes_prepare(struct session *s, size_t workload)
{
    const struct ps_plan_point *p = widest(s, workload);
    int err;

    if (!p || s->plan->topology->nodes < 2)
        return 0;
    err = ps_homes_init(&s->homes[workload], s->plan->topology, p->cpus, p->threads);
    if (err < 0)
        return ps_fail(s->error, -err, "no memory for the places of %u threads", p->threads);
    s->memories[workload].homes = &s->homes[workload];
    return 0;
}

/* Those that any page lies on, ascending, and their shares of all pages looked at. */
static struct ps_data_nodes shares_of(struct ps_arena *a, const size_t on[PS_NODES])
{
    struct ps_data_nodes d = {NULL, 0};
    size_t all = 0;

    for (int i = 0; i < PS_NODES; i++) {
        all += on[i];
        d.count += on[i] > 0;
    }
    d.nodes = ps_arena_array(a, d.count, sizeof *d.nodes);
    d.count = 0;
    for (int i = 0; i < PS_NODES; i++)
        if (on[i])
            d.nodes[d.count++] = (struct ps_node_share){i, (double)on[i] / (double)all};
    return d;
}

void data_nodes_note(struct session *s)
{
    size_t count = s->plan->workload_count;

    if (s->plan->topology->nodes < 2)
        return;
    s->samples.data_nodes = ps_arena_array(s->arena, count, sizeof *s->samples.data_nodes);
    for (size_t i = 0; i < count; i++) {
        size_t on[PS_NODES] = {0};

        if (ps_memory_count_pages(&s->memories[i], on))
            s->samples.data_nodes[i] = shares_of(s->arena, on);
    }
}
