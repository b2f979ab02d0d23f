/* What a curve over thread counts advises. Internal to this layer. */
#ifndef PS_ANALYSIS_ADVICE_H
#define PS_ANALYSIS_ADVICE_H

#include "series.h"

/* The CPUs that speedups are wanted of: those of the request, or twice the most of the points. */
void advice_targets(const struct ps_samples *s, const size_t *targets, size_t count,
                    struct ps_usl *u);
/* Of a model whose law is set. u: with what is predicted at the targets. */
void advice_set(const struct ps_samples *s, const struct ps_result *r, const size_t *targets,
                size_t count, const struct ps_usl *u, struct ps_model *m);

#endif
