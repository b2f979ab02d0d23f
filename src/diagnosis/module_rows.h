/* CPU time by executable and library, over executions. Internal to this layer. */
#ifndef PS_MODULE_ROWS_H
#define PS_MODULE_ROWS_H

#include <stdbool.h>

#include "arena.h"
#include "diagnosis_result.h"

struct module_rows {
    struct ps_module_row *rows;
    size_t count;
};

/* A sample of so many s; name: NULL where it is not known. */
void module_rows_add(struct module_rows *r, const char *name, double weight, bool alone,
                     struct ps_arena *a);
/* Per execution, of so many. */
void module_rows_result(struct module_rows *r, double executions, struct ps_arena *a,
                        struct ps_diagnosis *out);

#endif
