/* What the named causes of a program leave open. Internal to this layer. */
#ifndef PS_CAUSE_REST_H
#define PS_CAUSE_REST_H

#include "result.h"

#define WORTH_NAMING 0.03 /* share of the CPUs */

/* Whether others took so much while it was observed that no cause can be named; says so. */
bool say_drowned(struct ps_result *r, const struct ps_point *p, const struct ps_diagnosis *own);
/* own: what was observed of the point; lost: the cores that it lost of so many CPUs, NaN where
 * that is not known; named: those of its causes. */
void say_what_is_open(struct ps_result *r, const struct ps_point *p, const struct ps_diagnosis *own,
                      double cpus, double lost, double named);

#endif
