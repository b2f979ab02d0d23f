/* The columns that a user can choose for the grids of a result, by id or head. */
#ifndef PS_REPORT_COLUMN_NAMES_H
#define PS_REPORT_COLUMN_NAMES_H

#include "arena.h"
#include "err.h"
#include "str.h"
#include "text.h"

/* *ids: of the names in `list`, apart by commas, in their order; ends with NULL. more: ids beside
 * those of ps_metrics, of events and of what workloads measure themselves. Fails with -ENOENT,
 * naming the nearest, or -EINVAL where the list has an empty name. */
int ps_columns_choose(const char *list, const struct ps_texts *more, struct ps_arena *a,
                      const char *const **ids, struct ps_err *e);
/* A line for each: id and head. */
void ps_columns_list(struct ps_str *out);

#endif
