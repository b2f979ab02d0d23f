/* What points are called where a name is all that tells them apart. */
#ifndef PS_POINT_NAME_H
#define PS_POINT_NAME_H

#include "result.h"

/* "steal with 2 threads on reduce", with the placement where the result has several. */
const char *ps_point_name(const struct ps_result *r, const struct ps_point *p, struct ps_arena *a);

#endif
