/* The lines of `parscope doctor`, from facts alone: nothing is measured here. A line is a function
 * and a row of list.def. */
#ifndef PS_DOCTOR_LINES_H
#define PS_DOCTOR_LINES_H

#include "facts.h"
#include "survey_result.h"

/* Adds a line; its text, formatted, may have any length. remedy lives as long as d; NULL: none. */
void ps_doctor_add(struct ps_doctor *d, const char *id, enum ps_health health, const char *remedy,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Adds the line of its id. What the probes saw is in d->cpus. */
typedef void doctor_fn(struct ps_doctor *d, const struct ps_doctor_facts *f);

#define PS_ROW(file, function, id) doctor_fn function;
#include "list.def"
#undef PS_ROW

/* All lines. */
void ps_doctor_lines(struct ps_doctor *d, const struct ps_doctor_facts *f);

#endif
