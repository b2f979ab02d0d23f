/* Sentences with evidence. Internal to this layer. */
#ifndef PS_FINDING_H
#define PS_FINDING_H

#include "samples.h"

typedef void finding_fn(const struct ps_samples *s, struct ps_result *r);

struct ps_finding *finding_say(struct ps_result *r, const char *id, enum ps_severity severity,
                               const char *format, ...) __attribute__((format(printf, 4, 5)));
void finding_concerns(struct ps_result *r, struct ps_finding *f, size_t point);

/* Short texts: "8.1 ms"; "1.98". */
const char *finding_time(const struct ps_result *r, double seconds);
const char *finding_ratio(const struct ps_result *r, double x);

/* findings_grain.c: of what --vary varies. */
finding_fn crossovers;

/* findings_programs.c: of programs; they say nothing of other points. */
finding_fn fastest_program, threads_mismatch, placement_escaped, failures, leftovers,
    short_programs;

/* findings_stack.c: what the efficiency stack says, and what its figures could be mistaken for. */
finding_fn largest_loss, kernel_time, migrating, clock_fell, cpu_taken;

/* findings_load.c: what others took. */
finding_fn disturbed, clean_rounds;
/* Whether one of them is about the point. */
bool finding_told_load(const struct ps_point *p);

#endif
