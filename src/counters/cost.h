/* What counting costs, and whether events take turns. */
#ifndef PS_COST_H
#define PS_COST_H

#include <stdbool.h>
#include <stddef.h>

struct ps_counters;

/* What counting costs the calling thread, in s; NaN where nothing is counted. */
struct ps_counter_costs {
    double open;     /* once for each thread: all its events */
    double enable;   /* likewise */
    double read;     /* median of begin + end over two: one reading with what goes with it */
    size_t sets;     /* of events that are scheduled together: as many reads in one reading */
    bool user_reads; /* hardware counters are read without a system call */
};
void ps_counters_measure(const struct ps_counters *c, struct ps_counter_costs *costs);
/* costs.read alone. */
double ps_counters_read_cost(const struct ps_counters *c);
/* Whether the sets are seen not to be on the PMU all at once: opens and reads them, on the calling
 * thread. */
bool ps_counters_seen_rotating(const struct ps_counters *c);

#endif
