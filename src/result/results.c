#include "results.h"

#include <string.h>

/* The last `parts` parts of the path; all of it where it has no more. */
static const char *tail(const char *path, size_t parts)
{
    const char *at = path + strlen(path);

    while (at > path) {
        if (at[-1] == '/' && --parts == 0)
            break;
        at--;
    }
    return at;
}

static const char *without_suffix(const char *text, struct ps_arena *a)
{
    const char *name = tail(text, 1), *dot = strrchr(name, '.');

    return ps_arena_format(a, "%.*s",
                           (int)(dot && dot > name ? (size_t)(dot - text) : strlen(text)), text);
}

static size_t like(const char *const *names, size_t count, size_t i)
{
    size_t found = 0;

    for (size_t k = 0; k < count; k++)
        found += !strcmp(names[k], names[i]);
    return found;
}

/* Where a name is another's too, its path goes one folder further. False: all have been tried. */
static bool lengthen(const char *const *paths, const char **names, size_t *parts, size_t count,
                     struct ps_arena *a)
{
    bool *again = ps_arena_array(a, count, sizeof *again), any = false;

    for (size_t i = 0; i < count; i++)
        again[i] = like(names, count, i) > 1 && tail(paths[i], parts[i]) != paths[i];
    for (size_t i = 0; i < count; i++) {
        if (!again[i])
            continue;
        names[i] = without_suffix(tail(paths[i], ++parts[i]), a);
        any = true;
    }
    return any;
}

static void number(const char **names, size_t count, struct ps_arena *a)
{
    for (size_t i = 0; i < count; i++) {
        const char *name = names[i];
        size_t next = 1;

        if (like(names, count, i) == 1)
            continue;
        for (size_t k = i; k < count; k++)
            if (names[k] == name || !strcmp(names[k], name))
                names[k] = ps_arena_format(a, "%s (%zu)", name, next++);
    }
}

const char **ps_result_names(const char *const *paths, size_t count, struct ps_arena *a)
{
    const char **names = ps_arena_array(a, count, sizeof *names);
    size_t *parts = ps_arena_array(a, count, sizeof *parts);

    for (size_t i = 0; i < count; i++) {
        parts[i] = 1;
        names[i] = without_suffix(tail(paths[i], 1), a);
    }
    while (lengthen(paths, names, parts, count, a)) {
    }
    number(names, count, a);
    return names;
}
