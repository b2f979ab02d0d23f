#include "interned.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 64

void ps_interned_free(struct ps_interned *s)
{
    for (size_t i = 0; i < s->room; i++)
        free(s->texts[i]);
    free(s->texts);
    *s = (struct ps_interned){0};
}

static uint64_t hash(const char *text)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return h ^ h >> 32;
}

static char **place(const struct ps_interned *s, const char *text)
{
    size_t i = hash(text) & (s->room - 1);

    while (s->texts[i] && strcmp(s->texts[i], text) != 0)
        i = (i + 1) & (s->room - 1);
    return &s->texts[i];
}

static bool grow(struct ps_interned *s)
{
    struct ps_interned larger = *s;

    larger.room = s->room ? 2 * s->room : FIRST_ROOM;
    larger.texts = calloc(larger.room, sizeof *larger.texts);
    if (!larger.texts)
        return false;
    for (size_t i = 0; i < s->room; i++) {
        if (s->texts[i])
            *place(&larger, s->texts[i]) = s->texts[i];
    }
    free(s->texts);
    *s = larger;
    return true;
}

const char *ps_interned_keep(struct ps_interned *s, const char *text, size_t most)
{
    const size_t size = strlen(text) + 1;
    char **at;

    if (2 * (s->count + 1) > s->room && !grow(s))
        return NULL;
    at = place(s, text);
    if (*at)
        return *at;
    if (s->bytes + size > most || !(*at = strdup(text)))
        return NULL;
    s->count++;
    s->bytes += size;
    return *at;
}
