/* Sentences with evidence. Internal to this layer. */
#ifndef PS_FINDING_H
#define PS_FINDING_H

#include "samples.h"

/* Adds what it has to say to the result; most of the time that is nothing. */
typedef void finding_fn(const struct ps_samples *s, struct ps_result *r);

/* All that there are; one for a kind of point says nothing of others. */
#define PS_ROW(file, function) finding_fn function;
#include "list.def"
#undef PS_ROW

struct ps_finding *finding_say(struct ps_result *r, const char *id, enum ps_severity severity,
                               const char *format, ...) __attribute__((format(printf, 4, 5)));
void finding_concerns(struct ps_result *r, struct ps_finding *f, size_t point);

/* Short texts: "8.1 ms"; "1.98". */
const char *finding_time(const struct ps_result *r, double seconds);
const char *finding_ratio(const struct ps_result *r, double x);

/* findings_load.c: whether one of its findings is about the point. */
bool finding_told_load(const struct ps_point *p);

#endif
