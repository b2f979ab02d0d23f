/* A result as JSON, and JSON read back. Comes in: a const result, or the path of a saved one, which
 * is not trusted. Goes out: a document that docs/result.schema.json describes, or a result that
 * renders to the same text as the one that was saved. */
#ifndef PS_JSON_H
#define PS_JSON_H

#include "arena.h"
#include "err.h"
#include "format.h"
#include "result.h"

extern const struct ps_format ps_format_json;

/* Reads a saved result. Untrusted: sizes and counts are bounded, types checked; errors name the
 * path in the document ("points[3].threads: expected a whole number"). All memory from the arena.
 */
int ps_result_load(const char *path, struct ps_arena *a, struct ps_result **r, struct ps_err *e);

#endif
