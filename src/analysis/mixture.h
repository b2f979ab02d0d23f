/* Wall times that come from two modes. Internal to this layer. */
#ifndef PS_MIXTURE_H
#define PS_MIXTURE_H

#include "modes.h"
#include "samples.h"

/* Two modes of the wall time that are further apart than the precision asked for lets pass as one.
 * x holds a value for each round and is overwritten. */
struct ps_modes mixture_of(const struct ps_samples *s, const struct ps_series *t, double *x);
/* It isn't known yet on which of two modes the median lies, so a narrow interval says little: that
 * more rounds are on the one than on the other may be chance. Of a program, whose rounds are single
 * executions, whatever lies apart may be the second mode: where one round does, it takes 16 rounds,
 * and 20 where two do. Once the larger mode is known, the median's interval is what it seems. */
bool mixture_open(const struct ps_samples *s, const struct ps_series *t, double *x);

#endif
