/* What is asked of a timeline while it is folded. */
#include "timeline.h"
#include "timeline_state.h"

const struct ps_timeline_thread *ps_timeline_find(const struct ps_timeline *t, pid_t tid)
{
    const struct live *l = find_live(t->state, tid);

    return l ? &t->threads[l->thread] : NULL;
}

enum ps_doing ps_timeline_doing(const struct ps_timeline *t, pid_t tid)
{
    const struct live *l = find_live(t->state, tid);

    return l ? l->doing : PS_BLOCKED;
}

bool ps_timeline_runs(const struct ps_timeline *t, pid_t tid)
{
    return ps_timeline_doing(t, tid) == PS_RUNNING;
}

static uint64_t ran_until(const struct live *l, uint64_t time)
{
    const uint64_t end = l->gone && l->gone < time ? l->gone : time;

    return end > l->since ? end - l->since : 0;
}

uint64_t ps_timeline_cpu_ns(const struct ps_timeline *t, pid_t pid, uint64_t time)
{
    const struct ps_timeline_state *s = t->state;
    uint64_t ns = 0;

    for (size_t i = 0; i < t->thread_count; i++)
        ns += t->threads[i].pid == pid ? t->threads[i].on_cpu : 0;
    for (size_t i = 0; i < s->live_count; i++) {
        const struct live *l = &s->live[i];

        if (l->tid && l->pid == pid && l->doing == PS_RUNNING)
            ns += ran_until(l, time);
    }
    return ns;
}

/* Beside one that exits. */
struct company {
    bool threads, begun; /* others of its process; other processes that nobody of the tree began */
    bool parents, awake; /* threads of the process that it is a child of; of those, not blocked */
};

static struct company company_of(const struct ps_timeline *t, const struct ps_record *exit)
{
    const struct ps_timeline_state *s = t->state;
    struct company c = {0};

    for (size_t i = 0; i < s->live_count; i++) {
        const struct live *l = &s->live[i];

        if (!l->tid || l->gone || l->tid == exit->tid)
            continue;
        if (l->pid == exit->pid)
            c.threads = true;
        else if (!l->parent)
            c.begun = true;
        if (l->pid == exit->parent_pid) {
            c.parents = true;
            c.awake = c.awake || l->doing != PS_BLOCKED;
        }
    }
    return c;
}

enum ps_end_shown ps_timeline_end_shown(const struct ps_timeline *t, const struct ps_record *exit)
{
    const struct live *l = find_live(t->state, exit->tid);
    const struct company c = company_of(t, exit);

    if (!l || c.threads || c.awake)
        return PS_END_BY_NOBODY;
    if (c.parents)
        return PS_END_BY_PARENT;
    return l->parent || c.begun ? PS_END_BY_NOBODY : PS_END_BY_CALLER;
}
