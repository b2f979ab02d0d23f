/* What samples of two CPUs mean. Plain numbers in and out, nothing is measured here. */
#ifndef PS_JUDGE_H
#define PS_JUDGE_H

#include <stddef.h>
#include <stdint.h>

#include "survey_result.h"

/* Work done in a window, and what it took. The wall time of a pair's windows begins at one moment.
 */
struct pair_window {
    double operations, wall_ns, cpu_ns;
};

struct pair_sample {
    struct pair_window alone[2], together[2];
};

/* A ratio below it is taken for shared execution units, one above for units of one's own: siblings
 * are expected at 0.5 to 0.65, separate cores at 1, and this is their middle. */
#define PS_PAIR_LINE 0.8
/* The control has to stay above this: it is what two CPUs lose for other reasons. */
#define PS_PAIR_CONTROL 0.85
/* By wall time, the control of two threads that take turns is at 0.5. */
#define PS_PAIR_TURNS 0.75
/* Two threads on one CPU get at most 1 of its time in any window, two CPUs more than this in some,
 * however busy they are; if alone each got at least the second at times. */
#define PS_PAIR_AT_ONCE 1.2
#define PS_PAIR_ALONE   0.9
/* ns: shorter round trips than the first are those of one core's cache; longer ones than the second
 * cross cores. Published measurements: 8 to 20 between siblings, from 34 on between cores. */
#define PS_TRIP_NEAR 28
#define PS_TRIP_FAR  33
/* Fewer rounds that count give no answer. */
#define PS_PAIR_ROUNDS 12

/* The ratios of a kernel. k->id, what and saturating are left alone. */
void ps_pair_summarize(const struct pair_sample *samples, size_t count, struct ps_pair_kernel *k);
/* Sets answer and why from the kernels' ratios and the round trip. */
void ps_pair_judge(struct ps_arena *a, struct ps_pair *p);

#endif
