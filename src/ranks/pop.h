/* The metrics of the POP project (https://pop-coe.eu/node/69) over the ranks of one run.
 *
 * With c the time that a rank computes (outside MPI), T the longest time from MPI_Init to
 * MPI_Finalize of any rank, and T' what T would be on a network that takes no time:
 *
 *     parallel efficiency = mean(c) / T = load balance x communication efficiency
 *     load balance = mean(c) / max(c)          communication efficiency = max(c) / T
 *     communication efficiency = serialisation x transfer = max(c) / T'  x  T' / T
 *
 * Nothing but durations goes in, and what was counted in them: instructions i and cycles k outside
 * MPI, by which computation scaling, a ratio of sums of c, has factors:
 *
 *     sum(c) = sum(i) / (sum(i) / sum(k)) / (sum(k) / sum(c)) = instructions / IPC / clock */
#ifndef PS_POP_H
#define PS_POP_H

#include "arena.h"
#include "ranks_result.h"

struct ps_pop {
    size_t known; /* ranks whose computing time is known; of all, or there are no figures */
    double time;  /* T; of ranks without MPI the longest wall time */
    double mean, most, sum; /* of c */
    double parallel, balance, communication;
    double serialisation, transfer; /* NaN: T' is not known */
    double instructions, cycles;    /* sums of i and k; NaN: not counted in all ranks */
    double threads; /* of the threads within ranks; NaN: each has one, or it is not known */
};

/* Figures that are not known are NaN. ideal: T', or NaN. */
struct ps_pop ps_pop_of(const struct ps_rank *ranks, size_t count, double ideal);

/* The table of metrics from it. why_not_ideal: why T' is not known. */
void ps_pop_metrics(const struct ps_rank *ranks, size_t count, double ideal,
                    const char *why_not_ideal, struct ps_ranks *out);

#endif
