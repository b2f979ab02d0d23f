/* The terms of the efficiency stack (stack.h) as metrics of a point. Internal to this layer. */
#ifndef PS_STACK_TERMS_H
#define PS_STACK_TERMS_H

#include "derive.h"

/* Adds the terms to a point that has a reference. */
void stack_add(const struct ps_samples *s, const struct ps_series *t, struct ps_point *p);
/* One term as it would be added now; without a value where it does not apply. */
struct ps_interval stack_interval(const struct ps_samples *s, const struct ps_series *t,
                                  const struct metric_row *row);

#endif
