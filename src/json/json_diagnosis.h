/* The diagnosis of a program, written and read by the same tables of fields. */
#ifndef PS_JSON_DIAGNOSIS_H
#define PS_JSON_DIAGNOSIS_H

#include "json_read.h"
#include "json_write.h"

json_t *ps_json_diagnosis(struct ps_json *w, const struct ps_diagnosis *d);
const struct ps_diagnosis *ps_read_diagnosis(const struct ps_node *n);

#endif
