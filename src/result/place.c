#include <string.h>

#include "diagnosis_result.h"
#include "text.h"

bool ps_place_same(const struct ps_place *a, const struct ps_place *b)
{
    return ps_text_same(a->function, b->function) && ps_text_same(a->library, b->library) &&
           ps_text_same(a->module, b->module);
}

const struct ps_code_row *ps_diagnosis_code(const struct ps_diagnosis *d, const struct ps_place *p)
{
    for (size_t i = 0; i < d->code_count; i++)
        if (ps_place_same(&d->code[i].place, p))
            return &d->code[i];
    return NULL;
}

static const char *file_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* "spin (causes.c:9)". */
static const char *function_at(struct ps_arena *a, const char *function, const char *file,
                               unsigned line)
{
    if (!file || !line)
        return function;
    return ps_arena_format(a, "%s (%s:%u)", function, file_of(file), line);
}

const char *ps_place_text(struct ps_arena *a, const struct ps_place *p)
{
    const char *own = p->function ? p->function : p->module ? p->module : NULL;
    /* Without the version of a symbol. */
    const char *library =
        p->library ? ps_arena_format(a, "%.*s", (int)strcspn(p->library, "@"), p->library) : NULL;
    const char *text = library && own ? ps_arena_format(a, "%s, called from ", library)
                       : library      ? library
                                      : "";

    if (!own)
        return *text ? text : "code that is not known";
    text = ps_arena_format(a, "%s%s", text, function_at(a, own, p->file, p->line));
    if (p->caller)
        text = ps_arena_format(a, "%s, called from %s", text,
                               function_at(a, p->caller, p->caller_file, p->caller_line));
    return text;
}
