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

static const struct {
    const char *escape, *text;
} escapes[] =
    {
        {"$LT$", "<"},  {"$GT$", ">"},  {"$RF$", "&"},  {"$BP$", "*"},  {"$C$", ","},
        {"$LP$", "("},  {"$RP$", ")"},  {"$u20$", " "}, {"$u27$", "'"}, {"$u5b$", "["},
        {"$u5d$", "]"}, {"$u7b$", "{"}, {"$u7d$", "}"}, {"$u7e$", "~"}, {"..", "::"},
        {"_$", "$"}, /* before an escape at the beginning of a part */
};

/* "_$LT$T$u20$as$u20$core..fmt..Debug$GT$::fmt" → "<T as core::fmt::Debug>::fmt". It gets no
 * longer.
 */
static void unescape(char *name)
{
    char *to = name;

    for (const char *from = name; *from;) {
        size_t i = 0;

        while (i < sizeof escapes / sizeof *escapes &&
               strncmp(from, escapes[i].escape, strlen(escapes[i].escape)))
            i++;
        if (i == sizeof escapes / sizeof *escapes) {
            *to++ = *from++;
        } else if (escapes[i].escape[0] == '_') {
            from++;
        } else {
            from += strlen(escapes[i].escape);
            to = mempcpy(to, escapes[i].text, strlen(escapes[i].text));
        }
    }
    *to = '\0';
}

/* Rust's names end with a hash of no use to anybody: "work::h0123456789abcdef". */
static void drop_hash(char *name)
{
    size_t length = strlen(name);
    char *end = length > 19 ? name + length - 19 : NULL;

    if (end && !strncmp(end, "::h", 3) && strspn(end + 3, "0123456789abcdef") == 16)
        *end = '\0';
    if (end && !*end)
        unescape(name);
}

/* Behind what tells apart those of the same name, and what stands for an earlier part: "s1b_",
 * "B5_". NULL: there is none. */
static const char *behind_reference(const char *at)
{
    const char *end = at + 1;

    if (*at != 's' && *at != 'B')
        return NULL;
    while (isalnum((unsigned char)*end))
        end++;
    return *end == '_' ? end + 1 : NULL;
}

/* Of a path that begins with a crate: of how many names it is. What comes behind them is what it is
 * for, and who made it. SIZE_MAX: not known. */
static size_t parts_of(const char *at)
{
    size_t count = 1;

    at += *at == 'I';
    for (; *at == 'N' && isalpha((unsigned char)at[1]); at += 2)
        count++;
    return *at == 'C' ? count : SIZE_MAX;
}

/* Rust's newest mangling as the parts of the path, without types: "_RNvNtCs5_3std6thread5sleep" →
 * "std::thread::sleep". Types that a method is of are parts of it, by their names. To be freed. */
static char *rust_path(const char *raw)
{
    char *name = calloc(1, 2 * strlen(raw) + 1), *to = name;
    size_t parts = parts_of(raw + 2);

    for (const char *at = raw + 2; name && parts && *at && *at != '.';) {
        const char *behind = behind_reference(at);
        char *text;
        size_t length;

        if (behind || !isdigit((unsigned char)*at)) {
            at = behind ? behind : at + 1;
            continue;
        }
        length = strtoul(at, &text, 10);
        text += *text == '_';
        length = strnlen(text, length);
        parts -= parts != SIZE_MAX;
        if (length && to > name)
            to = stpcpy(to, "::");
        to = mempcpy(to, text, length);
        at = text + length;
    }
    return name;
}

/* Of LLVM's suffix, which demanglers don't know; to be freed. */
static char *without_suffix(const char *raw)
{
    const char *end = strstr(raw, ".llvm.");

    return end ? strndup(raw, (size_t)(end - raw)) : strdup(raw);
}

/* To be freed; NULL: it is no mangled name, or one that can't be demangled in a bounded time. */
static char *demangled(struct ps_readable *r, const char *raw)
{
    char *name, *whole;
    int status;

    if (!strncmp(raw, "_R", 2) && strlen(raw) <= MOST_MANGLED)
        return rust_path(raw);
    if (strncmp(raw, "_Z", 2) || strlen(raw) > MOST_MANGLED || references(raw) > MOST_REFERENCES)
        return NULL;
    if (!r->looked)
        load(r);
    if (!r->demangle || !r->budget)
        return NULL;
    whole = without_suffix(raw);
    name = whole ? r->demangle(whole, NULL, NULL, &status) : NULL;
    free(whole);
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
