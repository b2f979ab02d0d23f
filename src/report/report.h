/* Renderers of a result. Each reads a const result and writes text; none measures or models. A
 * format is one file that ends with its const descriptor, and one row in list.def. */
#ifndef PS_REPORT_H
#define PS_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "overhead_result.h"
#include "result.h"
#include "str.h"

struct ps_report_style {
    bool colour;      /* ANSI colours, on a terminal */
    bool checks_only; /* the table: nothing but the checks, one line each */
};

struct ps_format {
    const char *name;   /* "json" */
    const char *suffix; /* ".json"; NULL: not for files by suffix (the table) */
    const char *summary;
    int (*render)(const struct ps_result *r, const struct ps_report_style *style,
                  struct ps_str *out, struct ps_err *e);
    /* The same of `parscope overhead`; NULL: not in this format. */
    int (*render_overhead)(const struct ps_overhead *o, const struct ps_report_style *style,
                           struct ps_str *out, struct ps_err *e);
};

/* Ends with NULL; "table" is the first. */
extern const struct ps_format *const ps_formats[];
const struct ps_format *ps_format_find(const char *name);
/* By the suffix of a path; NULL where none fits. */
const struct ps_format *ps_format_of_path(const char *path);

/* Reads a saved result. Untrusted: sizes and counts are bounded, types checked; errors name the
 * path in the document ("points[3].threads: expected a whole number"). All memory from the arena.
 */
int ps_result_load(const char *path, struct ps_arena *a, struct ps_result **r, struct ps_err *e);

#endif
