/* Two CPUs against each other: throughput alone and together, and how long a cache line takes from
 * one to the other and back. Measures; judge.h says what it means. Internal to this layer. */
#ifndef PS_DUEL_H
#define PS_DUEL_H

#include <stdatomic.h>
#include <stdint.h>

#include "err.h"
#include "judge.h"
#include "kernels.h"

/* Short, so that a pair and its singles lie close together in time, and many windows keep their CPU
 * even where other programs run. */
#define DUEL_WINDOW_NS 2000000u

struct duel;

/* Two threads pinned to the CPUs, which may be the same. */
int duel_create(int first, int second, struct duel **d, struct ps_err *e);
void duel_destroy(struct duel *d);
/* Each alone, then both. */
void duel_round(struct duel *d, const struct kernel *k, struct pair_sample *out);
/* ns there and back, the best of batches; about 0.5 ms, more where the CPUs are busy, and never
 * more than 30 ms. Two threads that take turns on a CPU finish next to nothing: the time that was
 * waited over the round trips, or just the time. */
double duel_round_trip(struct duel *d);

#endif
