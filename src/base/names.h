/* "did you mean": the nearest of a list of names. */
#ifndef PS_NAMES_H
#define PS_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

/* The name nearest to `name` by Damerau-Levenshtein distance, or NULL where none is near enough to
 * help (more than a third of the letters differ, at least 2 allowed; a prefix counts as near). */
const char *ps_nearest(const char *name, const char *const *names, size_t count);

/* Fails with -ENOENT: "unknown KIND 'name': did you mean 'X'?", or "unknown KIND 'name' (hint)"
 * where nothing is near. hint may be NULL. */
int ps_unknown(const char *kind, const char *name, const char *const *names, size_t count,
               const char *hint, struct ps_err *e);

/* Whether the first `length` bytes of `a`, and b, are the same but for letter case, spaces and
 * punctuation: "lost_cores", "Lost cores". Marks without a letter or digit have to be the same. */
bool ps_name_alike(const char *a, size_t length, const char *b);

#endif
