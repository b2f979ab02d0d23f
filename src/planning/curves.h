/* Curves over a parameter that --vary varies. Internal to this layer. */
#ifndef PS_PLAN_CURVES_H
#define PS_PLAN_CURVES_H

#include "plan.h"

/* Sets the plan's curves, from its points. */
void plan_find_curves(struct ps_plan *p, struct ps_arena *a);

#endif
