/* When compare has measured enough. */
#ifndef PS_DECIDING_H
#define PS_DECIDING_H

#include <stdbool.h>

#include "samples.h"

/* Stopping rules (measure.h) of two programs: by the verdicts that a report would have now, and
 * where it was asked for by the precision of the ratios of wall times. */
bool ps_deciding_done(const struct ps_samples *s);
double ps_deciding_too_wide(const struct ps_samples *s);

#endif
