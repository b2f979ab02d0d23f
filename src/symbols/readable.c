#include "readable.h"

#include <stdint.h>
#include <ctype.h>
#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

#define MOST_MANGLED    1000 /* bytes */
#define MOST_REFERENCES 30   /* of a mangled name to parts of itself: each may grow it by half */
#define BUDGET          ((size_t)256 << 20)

void ps_readable_init(struct ps_readable *r)
{
    *r = (struct ps_readable){.budget = BUDGET};
}

void ps_readable_free(struct ps_readable *r)
{
    ps_interned_free(&r->strings);
    if (r->library)
        dlclose(r->library);
}

bool ps_readable_mangled(const char *raw)
{
    return !strncmp(raw, "_Z", 2) || !strncmp(raw, "_R", 2);
}

/* "S_", "S1_", "T_", "T0_": what stands for an earlier part. Too many are no harm. */
static size_t references(const char *name)
{
    size_t count = 0;

    for (; *name; name++)
        if ((*name == 'S' || *name == 'T') && (name[1] == '_' || isalnum((unsigned char)name[1])))
            count++;
    return count;
}

static void load(struct ps_readable *r)
{
    r->looked = true;
    r->library = dlopen("libstdc++.so.6", RTLD_NOW | RTLD_LOCAL);
    if (r->library)
        *(void **)&r->demangle = dlsym(r->library, "__cxa_demangle");
}

/* "f() [clone .part.0]" → "f().part.0" */
static void unwrap_clones(char *name)
{
    static const char clone[] = " [clone ";
    char *from = strstr(name, clone), *to = from;

    while (from && !strncmp(from, clone, sizeof clone - 1)) {
        size_t length;

        from += sizeof clone - 1;
        length = strcspn(from, "]");
        memmove(to, from, length);
        to += length;
        from += length + (from[length] == ']');
    }
    if (to)
        *to = '\0';
}

/* Rust's names end with a hash of no use to anybody: "work::h0123456789abcdef". */
static void drop_hash(char *name)
{
    size_t length = strlen(name);
    char *end = length > 19 ? name + length - 19 : NULL;

    if (end && !strncmp(end, "::h", 3) && strspn(end + 3, "0123456789abcdef") == 16)
        *end = '\0';
}

/* To be freed; NULL: it is no mangled name, or one that can't be demangled in a bounded time. */
static char *demangled(struct ps_readable *r, const char *raw)
{
    char *name;
    int status;

    if (strncmp(raw, "_Z", 2) || strlen(raw) > MOST_MANGLED || references(raw) > MOST_REFERENCES)
        return NULL;
    if (!r->looked)
        load(r);
    if (!r->demangle || !r->budget)
        return NULL;
    name = r->demangle(raw, NULL, NULL, &status);
    if (!name)
        return NULL;
    r->budget -= strlen(name) < r->budget ? strlen(name) : r->budget;
    unwrap_clones(name);
    drop_hash(name);
    return name;
}

/* As programs call it: glibc's own symbols for calls within itself begin with "__GI_", and a
 * version may follow: "read@@GLIBC_2.2.5". */
static void drop_dressing(char *name)
{
    static const char internal[] = "__GI_";
    char *version = strstr(name, "@GLIBC");

    if (version)
        version[version > name && version[-1] == '@' ? -1 : 0] = '\0';
    if (!strncmp(name, internal, sizeof internal - 1))
        memmove(name, name + sizeof internal - 1, strlen(name) - sizeof internal + 2);
}

const char *ps_readable_function(struct ps_readable *r, const char *raw)
{
    char clean[PS_READABLE_MOST + 1];
    char *name = demangled(r, raw);

    ps_text_clean_to(clean, sizeof clean, name ? name : raw);
    free(name);
    drop_dressing(clean);
    return clean[0] ? ps_interned_keep(&r->strings, clean, SIZE_MAX) : NULL;
}

const char *ps_readable_path(struct ps_readable *r, const char *raw)
{
    char clean[PATH_MAX];

    ps_text_clean_to(clean, sizeof clean, raw);
    return clean[0] ? ps_interned_keep(&r->strings, clean, SIZE_MAX) : NULL;
}
