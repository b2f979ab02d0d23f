/* Sentences with evidence. Internal to this layer. */
#ifndef PS_FINDING_H
#define PS_FINDING_H

#include "samples.h"

/* Adds what it has to say to the result; most of the time that is nothing. */
typedef void finding_fn(const struct ps_samples *s, struct ps_result *r);

/* All that there are, find_NAME() for a row; one for a kind of point says nothing of others. */
#define PS_ROW(file, name) finding_fn find_##name;
#include "list.def"
#undef PS_ROW

struct ps_finding *finding_say(struct ps_result *r, const char *id, enum ps_severity severity,
                               const char *format, ...) __attribute__((format(printf, 4, 5)));
void finding_concerns(struct ps_result *r, struct ps_finding *f, size_t point);

/* One finding for a kind: the points of the workload of `first`, whatever its parameters, of which
 * how_bad is not NaN, the worst first. 0 where an earlier point is of that workload. points has
 * room for all. */
typedef double how_bad_fn(const struct ps_samples *s, const struct ps_result *r, size_t point);
size_t finding_group(const struct ps_samples *s, const struct ps_result *r, size_t first,
                     how_bad_fn *how_bad, size_t *points);
/* " Likewise: pool with 2 threads on reduce:size=1k and 3 more.", of all but the first. */
const char *finding_others(const struct ps_result *r, const size_t *points, size_t count);

/* Whether a point's reference, or it itself where it has none, keeps at least half a CPU busy: of
 * what mostly waits, neither clock nor CPU use nor the stack say much. */
bool finding_computes(const struct ps_result *r, const struct ps_point *p);

/* Whether the machine has hardware counters, so that it helps to speak of them. */
bool finding_has_counters(const struct ps_samples *s);

/* A sentence where what a program waited for was worth observing and could not be; else "". */
const char *finding_unobserved(const struct ps_result *r, const struct ps_point *p);

/* Short texts: "8.1 ms"; "1.98". */
const char *finding_time(const struct ps_result *r, double seconds);
const char *finding_ratio(const struct ps_result *r, double x);

/* Whether a finding on foreign load is about the point. */
bool finding_told_load(const struct ps_point *p);

/* The CPU of a point's reference where something else used its physical core, and not those of all
 * the point's CPUs; else -1. */
int finding_slowed_reference(const struct ps_samples *s, const struct ps_result *r, size_t point);

#endif
