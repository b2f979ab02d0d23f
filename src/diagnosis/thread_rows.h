/* Rows of threads by their names, over executions. Internal to this layer. */
#ifndef PS_THREAD_ROWS_H
#define PS_THREAD_ROWS_H

#include "arena.h"
#include "diagnosis_result.h"
#include "row_names.h"
#include "timeline.h"

struct thread_rows {
    struct names names;
    struct ps_thread_row rows[NAMES_MOST]; /* of each name; their own is not set */
};

void thread_rows_add(struct thread_rows *r, const struct ps_timeline *t, struct ps_arena *a);
/* Per execution, of so many. */
void thread_rows_result(const struct thread_rows *r, double executions, struct ps_arena *a,
                        struct ps_diagnosis *out);

#endif
