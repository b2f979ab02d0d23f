/* In what two hosts differ. Internal to this layer. */
#ifndef PS_COMPARE_HOSTS_H
#define PS_COMPARE_HOSTS_H

#include "comparison_result.h"

/* Fills differences, which matter, and adds notes for what may. */
void hosts_compare(const struct ps_result *base, const struct ps_result *now,
                   struct ps_comparison *c);

#endif
