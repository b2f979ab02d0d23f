/* Groups of CPUs by the round trips between them. Plain numbers in and out. */
#ifndef PS_CLUSTERS_H
#define PS_CLUSTERS_H

#include <stddef.h>

#include "survey_result.h"

/* Two steps of the tree of nearest neighbours make a level where the longer is this many times the
 * shorter. */
#define PS_CLUSTER_STEP 1.4

/* Single linkage: CPUs are in one group where a path of round trips joins them that are all shorter
 * than any that leaves it by PS_CLUSTER_STEP. trips: a triangle (ps_trip_index), NaN where not
 * measured. Levels from the smallest groups to the largest, none where all are alike. */
void ps_clusters(struct ps_arena *a, const float *trips, size_t count,
                 struct ps_cluster_level **levels, size_t *level_count);

/* Whether two ways to group the same CPUs are one, whatever the numbers of the groups. */
bool ps_same_groups(const unsigned *a, const unsigned *b, size_t count);

#endif
