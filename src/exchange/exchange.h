/* The formats in which a result is given out: the table, JSON, CSV, markdown, pages, and what other
 * tools read. Comes in: a const result. Goes out: text in a format.
 *
 * A format is one file that ends with its const descriptor, and one row in list.def. What it prints
 * of a result, which may come from anywhere, goes through ps_text_clean(). */
#ifndef PS_EXCHANGE_H
#define PS_EXCHANGE_H

#include "format.h"

/* Ends with NULL; "table" is the first. */
extern const struct ps_format *const ps_formats[];
extern const char *const ps_format_names[]; /* in the same order, and ends with NULL */
const struct ps_format *ps_format_find(const char *name);
/* By the suffix of a path, of several that fit the longest; NULL where none fits. */
const struct ps_format *ps_format_of_path(const char *path);

#endif
