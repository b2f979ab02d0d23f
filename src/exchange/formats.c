#include "exchange.h"

#include <string.h>

#define PS_ROW(name) extern const struct ps_format ps_format_##name;
#include "list.def"
#undef PS_ROW

#define PS_ROW(name) &ps_format_##name,
const struct ps_format *const ps_formats[] = {
#include "list.def"
    NULL,
};
#undef PS_ROW

#define PS_ROW(name) #name,
const char *const ps_format_names[] = {
#include "list.def"
    NULL,
};
#undef PS_ROW

const struct ps_format *ps_format_find(const char *name)
{
    for (const struct ps_format *const *f = ps_formats; *f; f++)
        if (!strcmp((*f)->name, name))
            return *f;
    return NULL;
}

static bool ends_with(const char *text, const char *suffix)
{
    size_t length = strlen(text), tail = strlen(suffix);

    return length > tail && !strcmp(text + length - tail, suffix);
}

const struct ps_format *ps_format_of_path(const char *path)
{
    const struct ps_format *best = NULL;

    for (const struct ps_format *const *f = ps_formats; *f; f++)
        if ((*f)->suffix && ends_with(path, (*f)->suffix) &&
            (!best || strlen((*f)->suffix) > strlen(best->suffix)))
            best = *f;
    return best;
}
