/* The result in files: JSON, CSV, markdown, pages and pictures, and JSON read back. Comes in: a
 * const result, or the path of a saved one, which is not trusted. Goes out: text in a format, or a
 * result that renders to the same text as the one that was saved. */
#ifndef PS_EXCHANGE_H
#define PS_EXCHANGE_H

#include "arena.h"
#include "err.h"
#include "format.h"
#include "result.h"

/* Ends with NULL; "table" is the first. */
extern const struct ps_format *const ps_formats[];
extern const char *const ps_format_names[]; /* in the same order, and ends with NULL */
const struct ps_format *ps_format_find(const char *name);
/* By the suffix of a path, of several that fit the longest; NULL where none fits. */
const struct ps_format *ps_format_of_path(const char *path);

/* Reads a saved result. Untrusted: sizes and counts are bounded, types checked; errors name the
 * path in the document ("points[3].threads: expected a whole number"). All memory from the arena.
 */
int ps_result_load(const char *path, struct ps_arena *a, struct ps_result **r, struct ps_err *e);

#endif
