#include "leaving.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 16

void ps_leaving_free(struct ps_leaving *l)
{
    free(l->leaving);
    *l = (struct ps_leaving){0};
}

static bool more_room(struct ps_leaving *l)
{
    const size_t room = l->room ? 2 * l->room : FIRST_ROOM;
    void *larger = realloc(l->leaving, room * sizeof *l->leaving);

    if (!larger)
        return false;
    l->leaving = larger;
    l->room = room;
    return true;
}

bool ps_leaving_add(struct ps_leaving *l, pid_t tid, uint64_t gone)
{
    size_t i = l->count;

    if (i == l->room && !more_room(l))
        return false;
    for (; i > 0 && l->leaving[i - 1].gone > gone; i--)
        l->leaving[i] = l->leaving[i - 1];
    l->leaving[i] = (struct ps_leaving_thread){gone, tid};
    l->count++;
    return true;
}

bool ps_leaving_take(struct ps_leaving *l, uint64_t until, pid_t *tid, uint64_t *gone)
{
    if (!l->count || l->leaving[0].gone > until)
        return false;
    *tid = l->leaving[0].tid;
    *gone = l->leaving[0].gone;
    memmove(l->leaving, l->leaving + 1, --l->count * sizeof *l->leaving);
    return true;
}
