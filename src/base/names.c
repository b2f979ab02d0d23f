#include "names.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define LONGEST 64

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;

    return least < c ? least : c;
}

/* Optimal string alignment: insert, delete, replace and swapping neighbours cost 1 each; letter
 * case costs nothing. Both at most LONGEST long. */
static size_t distance(const char *a, const char *b)
{
    size_t rows[3][LONGEST + 1];
    size_t *two_back = rows[0], *back = rows[1], *row = rows[2];
    size_t length = strlen(b);

    for (size_t j = 0; j <= length; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t *spare = two_back;

        two_back = back;
        back = row;
        row = spare;
        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            char x = lower(a[i - 1]), y = lower(b[j - 1]);

            row[j] = min3(back[j] + 1, row[j - 1] + 1, back[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == lower(b[j - 2]) && lower(a[i - 2]) == y &&
                two_back[j - 2] + 1 < row[j])
                row[j] = two_back[j - 2] + 1;
        }
    }
    return row[length];
}

/* The only name that begins with `prefix`, or NULL. */
static const char *only_completion(const char *prefix, const char *const *names, size_t count)
{
    size_t length = strlen(prefix);
    const char *found = NULL;

    for (size_t i = 0; i < count; i++) {
        if (strncmp(prefix, names[i], length) != 0)
            continue;
        if (found)
            return NULL;
        found = names[i];
    }
    return found;
}

const char *ps_nearest(const char *name, const char *const *names, size_t count)
{
    size_t length = strlen(name);
    size_t best = length / 3 > 2 ? length / 3 : 2;
    const char *nearest;

    if (length == 0 || length > LONGEST)
        return NULL;
    nearest = only_completion(name, names, count);
    if (nearest)
        return nearest;
    /* At least one letter has to agree. */
    if (best >= length)
        best = length - 1;
    for (size_t i = 0; i < count; i++) {
        size_t d = strlen(names[i]) <= LONGEST ? distance(name, names[i]) : LONGEST;

        if (d < best || (d == best && !nearest)) {
            best = d;
            nearest = names[i];
        }
    }
    return nearest;
}

int ps_unknown(const char *kind, const char *name, const char *const *names, size_t count,
               const char *hint, struct ps_err *e)
{
    const char *near = ps_nearest(name, names, count);

    if (near)
        return ps_fail(e, ENOENT, "unknown %s '%s': did you mean '%s'?", kind, name, near);
    if (hint)
        return ps_fail(e, ENOENT, "unknown %s '%s' (%s)", kind, name, hint);
    return ps_fail(e, ENOENT, "unknown %s '%s'", kind, name);
}

/* The next character that counts, before `end`; 0 at it. */
static int next_counting(const char **text, const char *end)
{
    while (*text < end) {
        unsigned char c = (unsigned char)*(*text)++;

        if (c < 0x80 && isalnum(c))
            return tolower(c);
    }
    return 0;
}

/* Marks such as "~" have no character that counts, and are compared as they stand. */
static bool same_mark(const char *a, const char *a_end, const char *b)
{
    size_t length = (size_t)(a_end - a);

    return length && strlen(b) == length && !memcmp(a, b, length);
}

bool ps_name_alike(const char *a, size_t length, const char *b)
{
    const char *a_end = a + length, *b_end = b + strlen(b), *x = a, *y = b;
    int first = next_counting(&x, a_end), other = next_counting(&y, b_end);

    if (!first || !other)
        return !first && !other && same_mark(a, a_end, b);
    while (first && first == other) {
        first = next_counting(&x, a_end);
        other = next_counting(&y, b_end);
    }
    return first == other;
}
