/* What a part leaves behind, taken into the samples and sums. Internal to this layer. */
#ifndef PS_ACCOUNTS_H
#define PS_ACCOUNTS_H

#include "part.h"

/* Busy and spinning time, regions, fairness, by the slots of the instance. */
void take_slots(struct session *s, struct target *t, size_t round, const struct part *p);
/* CPU time, switches and events, by the target's groups. */
void take_counts(struct session *s, struct target *t, size_t round, const struct part *p);
/* CPU time that a worker spun, of `spin` s by the clock while it had a CPU for `cpu` s. NaN where
 * it was kept from its CPU while it spun: how much of both was spinning can't be told then. */
double spun_cpu(double spin, double cpu);

#endif
