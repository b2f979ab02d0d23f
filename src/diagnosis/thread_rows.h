/* Rows of threads by their names, over executions. Internal to this layer. */
#ifndef PS_THREAD_ROWS_H
#define PS_THREAD_ROWS_H

#include "arena.h"
#include "diagnosis_result.h"
#include "timeline.h"

struct thread_rows {
    struct ps_thread_row *rows;
    size_t count;
};

void thread_rows_add(struct thread_rows *r, const struct ps_timeline *t, struct ps_arena *a);
/* Per execution, of so many. */
void thread_rows_result(struct thread_rows *r, double executions, struct ps_arena *a,
                        struct ps_diagnosis *out);

#endif
