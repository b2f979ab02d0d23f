#include "source.h"

#define PS_SOURCE(name) extern const struct source source_##name;
#include "metrics.def"

static const struct source *const sources[] = {
#define PS_SOURCE(name) &source_##name,
#include "metrics.def"
};
#define SOURCES (sizeof sources / sizeof *sources)

static void open_all(struct session *s, struct target *t)
{
    if (!s->source_shared)
        s->source_shared = ps_arena_array(s->arena, SOURCES, sizeof *s->source_shared);
    t->source_states = ps_arena_array(s->arena, SOURCES, sizeof *t->source_states);
    for (size_t i = 0; i < SOURCES; i++)
        t->source_states[i] = sources[i]->open(s, t, &s->source_shared[i]);
}

void sources_begin(struct session *s, struct target *t)
{
    if (!t->source_states)
        open_all(s, t);
    for (size_t i = 0; i < SOURCES; i++)
        if (t->source_states[i])
            sources[i]->begin(t->source_states[i]);
}

void sources_end(struct target *t, double *raw, double executions)
{
    for (size_t i = 0; i < SOURCES; i++)
        if (t->source_states[i])
            sources[i]->end(t->source_states[i], executions, raw);
}

void sources_close(struct session *s)
{
    for (size_t i = 0; s->source_shared && i < SOURCES; i++)
        if (sources[i]->close && s->source_shared[i])
            sources[i]->close(s->source_shared[i]);
}
