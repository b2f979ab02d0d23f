/* Made-up results that have everything. */
#ifndef PS_TESTS_SAMPLE_H
#define PS_TESTS_SAMPLE_H

#include "result.h"

/* Memory from the arena. */
struct ps_result *sample_result(struct ps_arena *a); /* every quality, missing values, long names */
struct ps_result *sample_commands(struct ps_arena *a); /* programs, in one way each */
struct ps_result *sample_smt(struct ps_arena *a);      /* smt-compare of several workloads */

struct sample {
    const char *name;
    struct ps_result *(*make)(struct ps_arena *a);
};
/* Ends with name NULL. */
extern const struct sample sample_variants[];

/* Ends the program. */
void sample_oom(void) __attribute__((noreturn));

#endif
