/* The parts of an analysis, each of which adds to the result. Internal to this layer. */
#ifndef PS_ASSEMBLE_H
#define PS_ASSEMBLE_H

#include "result.h"
#include "samples.h"

/* assemble.c: plan, host and points. */
void assemble_result(const struct ps_samples *s, struct ps_result *r);
void assemble_host(const struct ps_samples *s, struct ps_result_host *h);
/* Of points their names and these metrics, without intervals. */
void assemble_briefly(const struct ps_samples *s, const char *const *ids, size_t count,
                      struct ps_result *r);
/* models.c: the serial fractions alone. 0 or -ENOMEM. */
int models_add_briefly(const struct ps_samples *s, struct ps_result *r);
/* models.c, grain_models.c, smt_models.c. 0 or -ENOMEM. */
int models_add(const struct ps_samples *s, struct ps_result *r);
int grain_models_add(const struct ps_samples *s, struct ps_result *r);
void smt_models_add(const struct ps_samples *s, struct ps_result *r);

#endif
