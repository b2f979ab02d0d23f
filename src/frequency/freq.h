/*
 * The core clock without a PMU, and a look at the neighbour on the same physical core.
 *
 * Chains of dependent instructions of known latency give the clock: several chains must agree, and
 * windows that lost their CPU (thread CPU time below 98 % of wall time) are dropped. The chains are
 * of register-register instructions, because recent cores fold immediate adds at rename.
 * Independent chains beside them give the neighbour index: how many of these simple instructions a
 * cycle the core still has for us.
 */
#ifndef PS_FREQ_H
#define PS_FREQ_H

#include <stddef.h>

#include "chains.h"

struct ps_freq {
    double hz;        /* NaN where the chains do not agree or no window kept its CPU */
    double spread;    /* relative difference of the chains, best windows */
    double neighbour; /* independent additions per cycle of a dependent one, median window; NaN */
    const char *why;  /* static text; NULL where hz is valid */
    double cost;      /* s that the probe took */
};

/* Runs on the calling CPU for about `budget` seconds (at least one window of each chain, 70 to 150
 * us in all, at most 5 ms). */
void ps_freq_probe(double budget, struct ps_freq *out);

/* The best window of one chain. */
struct ps_chain_best {
    const char *name;
    double hz; /* NaN where every window lost its CPU */
    enum ps_chain_kind kind;
};

/* How chains become a frequency: the largest set of them that lie within PS_FREQ_AGREE of each
 * other (relative to the lowest), at least PS_FREQ_CHAINS of at least two kinds, gives its median.
 * Where there is no such set, or two apart are equally large, hz is NaN and `why` says which. Sets
 * hz, spread and why. At most PS_FREQ_MOST chains. */
#define PS_FREQ_AGREE  0.02
#define PS_FREQ_CHAINS 3
#define PS_FREQ_MOST   16
void ps_freq_combine(const struct ps_chain_best *chains, size_t count, struct ps_freq *out);

#endif
