/* Rows of the regions that a program marks, over executions. Internal to this layer. */
#ifndef PS_REGION_ROWS_H
#define PS_REGION_ROWS_H

#include "arena.h"
#include "stack_place.h"

struct region_rows {
    struct region_sum *sums;
    size_t count;
    double lost;
};

/* The number, from 1 on, of the region with that name, the same in all executions, and the name in
 * memory that lasts. */
unsigned region_rows_number(struct region_rows *r, const char *name, struct ps_arena *a,
                            const char **lasting);
/* waits: of each wait of the observation what its stack says. */
void region_rows_add(struct region_rows *r, const struct ps_observation *n,
                     const struct place_of *waits, struct ps_arena *a);
/* Per execution, of so many. */
void region_rows_result(const struct region_rows *r, double executions, struct ps_arena *a,
                        struct ps_diagnosis *out);

#endif
