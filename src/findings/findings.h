/* Sentences with evidence. Comes in: a result, and the samples that it was made of. Goes out: the
 * result with its findings: what limits the scaling, what can't be trusted and why, what to do. */
#ifndef PS_FINDINGS_H
#define PS_FINDINGS_H

#include "result.h"
#include "samples.h"

void ps_findings_add(const struct ps_samples *s, struct ps_result *r);

#endif
