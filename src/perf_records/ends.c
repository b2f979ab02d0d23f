#include "ends.h"

struct ps_ends_search ps_ends_search(const struct ps_record *exit, enum ps_end_shown by)
{
    return (struct ps_ends_search){.exit = exit, .by = by, .taken = UINT64_MAX};
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

bool ps_ends_look(struct ps_ends_search *s, const struct ps_record *later)
{
    if (s->found || later->time - s->exit->time > PS_ENDS_MOST_NS)
        return false;
    if (later->kind != PS_RECORD_IN)
        return true;
    if (later->cpu == s->exit->cpu)
        s->taken = earlier(s->taken, later->time);
    if (s->by == PS_END_BY_PARENT && later->pid == s->exit->parent_pid)
        s->found = earlier(s->taken, later->time);
    return !s->found;
}

uint64_t ps_ends_found(const struct ps_ends_search *s, uint64_t told)
{
    if (s->by == PS_END_BY_CALLER && told > s->exit->time)
        return earlier(s->taken, told);
    return s->found;
}
