/* CPU time by executable and library, over executions. Internal to this layer. */
#ifndef PS_MODULE_ROWS_H
#define PS_MODULE_ROWS_H

#include <stdbool.h>

#include "arena.h"
#include "diagnosis_result.h"
#include "row_names.h"

struct module_rows {
    struct names names;
    struct ps_module_row rows[NAMES_MOST]; /* of each name; their own is not set */
};

/* A sample of so many s; name: NULL where it is not known. */
void module_rows_add(struct module_rows *r, const char *name, double weight, bool alone,
                     struct ps_arena *a);
/* Per execution, of so many. */
void module_rows_result(const struct module_rows *r, double executions, struct ps_arena *a,
                        struct ps_diagnosis *out);

#endif
