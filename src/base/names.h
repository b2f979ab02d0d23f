/* "did you mean": the nearest of a list of names. */
#ifndef PS_NAMES_H
#define PS_NAMES_H

#include <stddef.h>

#include "err.h"

/* The name nearest to `name` by Damerau-Levenshtein distance, or NULL where none is near enough to
 * help (more than a third of the letters differ, at least 2 allowed; a prefix counts as near). */
const char *ps_nearest(const char *name, const char *const *names, size_t count);

/* Fails with -ENOENT: "unknown KIND 'name': did you mean 'X'?", or "unknown KIND 'name' (hint)"
 * where nothing is near. hint may be NULL. */
int ps_unknown(const char *kind, const char *name, const char *const *names, size_t count,
               const char *hint, struct ps_err *e);

#endif
