#include "taking.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "names.h"

int taking_refuse(const struct ps_outside_key *k, const struct ps_outside_taking *t, int err,
                  const char *format, ...)
{
    const char *why;
    va_list args;

    va_start(args, format);
    why = ps_arena_vformat(t->arena, format, args);
    va_end(args);
    return ps_fail(t->error, err, PS_OUTSIDE ": %s=%.80s: %s", k->name, t->value, why);
}

/* "spread, compact or none" */
static const char *in_words(char *const *words, size_t count, struct ps_arena *a)
{
    const char *text = words[0];

    for (size_t i = 1; i < count; i++)
        text = ps_arena_format(a, "%s%s%s", text, i + 1 < count ? ", " : " or ", words[i]);
    return text;
}

int taking_choice(const struct ps_outside_key *k, struct ps_outside_taking *t)
{
    char *rest = ps_arena_copy(t->arena, k->takes), **words = NULL, *word;
    const char *near;
    size_t count = 0;

    while ((word = strsep(&rest, "|"))) {
        if (!strcmp(word, t->value))
            return (int)count;
        words = ps_arena_grow(t->arena, words, count, sizeof *words);
        words[count++] = word;
    }
    near = ps_nearest(t->value, (const char *const *)words, count);
    if (near)
        return taking_refuse(k, t, ENOENT, "did you mean '%s'?", near);
    return taking_refuse(k, t, ENOENT, "must be %s", in_words(words, count, t->arena));
}

void taking_variable(struct ps_outside_taking *t, const char *text)
{
    struct ps_outside *o = t->o;

    o->variables = ps_arena_grow(t->arena, o->variables, o->variable_count, sizeof *o->variables);
    o->variables[o->variable_count++] = text;
}

void taking_call(struct ps_outside_taking *t, const struct ps_child_call *call)
{
    struct ps_outside *o = t->o;

    o->calls = ps_arena_grow(t->arena, o->calls, o->call_count, sizeof *o->calls);
    o->calls[o->call_count++] = *call;
}

void taking_note(struct ps_outside_taking *t, const char *sentence)
{
    struct ps_outside *o = t->o;

    o->notes = ps_arena_grow(t->arena, o->notes, o->note_count, sizeof *o->notes);
    o->notes[o->note_count++] = sentence;
}
