/* The lines of `parscope doctor`, from facts alone: nothing is measured here. A line is a function
 * in one of lines_*.c and an id in doctor.c. */
#ifndef PS_DOCTOR_LINES_H
#define PS_DOCTOR_LINES_H

#include "facts.h"
#include "survey_result.h"

/* Adds a line; its text, formatted, may have any length. remedy lives as long as d; NULL: none. */
void ps_doctor_add(struct ps_doctor *d, const char *id, enum ps_health health, const char *remedy,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));

/* lines_counters.c, lines_host.c, and lines_clock.c from d->cpus and the ratio to the PMU's clock.
 */
void ps_doctor_counters(struct ps_doctor *d, const struct ps_doctor_facts *f);
void ps_doctor_host(struct ps_doctor *d, const struct ps_doctor_facts *f);
void ps_doctor_clock(struct ps_doctor *d, const struct ps_doctor_facts *f);

#endif
