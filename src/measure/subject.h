/* How sentences call a point. Internal to this layer. */
#ifndef PS_SUBJECT_H
#define PS_SUBJECT_H

#include "result.h"

/* "steal with 2 threads"; of a program "2 threads". */
const char *subject_name(const struct ps_result *r, const struct ps_point *p);
/* With what it runs: "steal with 2 threads on reduce", "2 threads of make", "2 copies of make"; of
 * a program that was left alone, whose thread count is its own affair, "make". */
const char *subject_of(const struct ps_result *r, const struct ps_point *p);

#endif
