/*
 * The efficiency stack: where the cores went between the speedup and the thread count.
 *
 * With T the wall time, U the useful CPU time of all slots (spinning in our runtime excluded), p
 * the CPUs, and index 1 the reference, of one round:
 *
 *     E = T1 / (p T) = PE * CS / R,   PE = U / (p T),   CS = U1 / U,   R = U1 / T1
 *     CS = instruction scaling * IPC scaling * clock scaling
 *
 * and additively, as cores:
 *
 *     p - T1/T = serial + imbalance + waiting + runtime + others + (U - U1) / T - (T1 - U1) / T
 *
 * Both hold exactly in every round, whatever is known of it, and so they do for the means that
 * ps_stack_interval() forms.
 */
#ifndef PS_STACK_H
#define PS_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats.h"

/* One execution, in s; NaN where not known. */
struct ps_stack_times {
    double wall;
    double cpu;      /* CPU time, spinning excluded */
    double slots;    /* that share the regions */
    double busy;     /* summed over slots; NaN: nothing is known of slots */
    double max_busy; /* of the busiest slot of each region, summed over regions */
    double spin;     /* summed over slots, within regions */
    double serial;   /* wall time with no region open */
    bool runtime;    /* CPU time beyond busy and serial time is what the runtime costs */
    double frequency, ipc;
    double others; /* that other programs kept the slots from their CPUs, summed; NaN: not known */
};

enum ps_stack_term {
    /* factors */
    PS_STACK_EFFICIENCY,
    PS_STACK_PARALLEL,    /* PE */
    PS_STACK_COMPUTATION, /* CS */
    PS_STACK_REFERENCE,   /* R */
    PS_STACK_INSTRUCTIONS,
    PS_STACK_IPC,
    PS_STACK_CYCLES, /* of both, where they can't be told apart */
    PS_STACK_FREQUENCY,
    PS_STACK_WAIT, /* wait efficiency, of the regions; no factor of E */
    /* lost cores */
    PS_LOST_SERIAL,
    PS_LOST_IMBALANCE,
    PS_LOST_WAITING, /* with all of the four others that is not known */
    PS_LOST_RUNTIME,
    PS_LOST_OTHERS, /* CPUs that other programs had */
    PS_LOST_INSTRUCTIONS,
    PS_LOST_IPC,
    PS_LOST_CYCLES,      /* of both, where they can't be told apart */
    PS_LOST_COMPUTATION, /* of all excess CPU time, where the clock is not known either */
    PS_LOST_FREQUENCY,
    PS_LOST_REFERENCE_IDLE, /* never above 0 for a reference on one CPU */
    PS_STACK_TERMS,
};
#define PS_LOST_FIRST PS_LOST_SERIAL

/* The ids of the terms as metrics. */
extern const char *const ps_stack_ids[PS_STACK_TERMS];
/* The term of an id; PS_STACK_TERMS where it is none. */
enum ps_stack_term ps_stack_find(const char *id);

/* CPU time that went into the workload: no more than was used, nor than slots and the serial part
 * were busy (a body may sleep, a runtime uses CPU time besides). */
double ps_stack_useful(const struct ps_stack_times *t);

/* The terms of one round. What is not known stays NaN, and its loss is in the term that says so.
 * All NaN where there is no wall time or no CPU time at all. */
void ps_stack_round(const struct ps_stack_times *t, const struct ps_stack_times *base, double p,
                    double terms[PS_STACK_TERMS]);

/* One term over the rounds; those without an efficiency are skipped. The efficiency is the median
 * E, with the interval of a median. The other terms are means over the middle half of the rounds by
 * efficiency, so that disturbed ones move them as little as the median, in which the rounds on each
 * side of it weigh so much that the mean of ln(E_r) is ln(E). Factors are geometric means, and
 * losses means with the further weights 1 / L(E_r, E), where L is the logarithmic mean: so the
 * factors multiply to E, and the losses sum to p - p E, the median of the speedup. terms: rows of
 * PS_STACK_TERMS that ps_stack_round() filled. Returns 0 or -ENOMEM. */
int ps_stack_interval(const double *terms, size_t rounds, enum ps_stack_term term, uint64_t seed,
                      struct ps_interval *out);
/* Several at once, whose resamples are the same; wanted: bits 1 << term, the others are NaN. */
int ps_stack_intervals(const double *terms, size_t rounds, unsigned wanted, struct ps_draws *draws,
                       struct ps_interval out[PS_STACK_TERMS]);

/* (a - b) / ln(a / b); a where both are equal. */
double ps_log_mean(double a, double b);

/* out[i]: x[i] as whole steps, less than one step off, so that they sum to the rounded sum of x
 * (largest remainder). */
void ps_apportion(const double *x, size_t n, double step, double *out);

#endif
