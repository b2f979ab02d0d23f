#include "stacks.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct room {
    struct room *next;
};

struct ps_stacks {
    unsigned char *ready; /* MAP_FAILED: none */
    size_t size, most;
    struct room *free;
};

struct ps_stacks *ps_stacks_create(size_t ready, size_t most)
{
    struct ps_stacks *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->most = most;
    s->size = ready * most;
    s->ready = mmap(NULL, s->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (size_t i = ready; s->ready != MAP_FAILED && i-- > 0;) {
        struct room *room = (void *)(s->ready + i * most);

        room->next = s->free;
        s->free = room;
    }
    return s;
}

void ps_stacks_destroy(struct ps_stacks *s)
{
    if (!s)
        return;
    if (s->ready != MAP_FAILED)
        munmap(s->ready, s->size);
    free(s);
}

unsigned char *ps_stacks_copy(struct ps_stacks *s, const unsigned char *stack, size_t size)
{
    struct room *room = size <= s->most ? s->free : NULL;
    unsigned char *copy = (unsigned char *)room;

    if (room)
        s->free = room->next;
    else
        copy = malloc(size ? size : 1);
    if (copy && size)
        memcpy(copy, stack, size);
    return copy;
}

void ps_stacks_drop(struct ps_stacks *s, unsigned char *copy)
{
    struct room *room = (void *)copy;

    if (!copy)
        return;
    if (!s || s->ready == MAP_FAILED || copy < s->ready || copy >= s->ready + s->size) {
        free(copy);
        return;
    }
    room->next = s->free;
    s->free = room;
}
