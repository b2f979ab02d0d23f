/* A made-up result that has everything: every quality, missing values, long names, many CPUs. */
#ifndef PS_TESTS_SAMPLE_H
#define PS_TESTS_SAMPLE_H

#include "result.h"

/* Memory from the arena. */
struct ps_result *sample_result(struct ps_arena *a);
/* Ends the program. */
void sample_oom(void) __attribute__((noreturn));

#endif
