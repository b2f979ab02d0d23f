/* What `parscope doctor` and `parscope topo` print and write. Each adds to `out`. */
#ifndef PS_SURVEY_VIEW_H
#define PS_SURVEY_VIEW_H

#include "err.h"
#include "str.h"
#include "survey_result.h"

void ps_doctor_text(const struct ps_doctor *d, struct ps_str *out);
/* -ENOMEM. */
int ps_doctor_json(const struct ps_doctor *d, struct ps_str *out, struct ps_err *e);

void ps_probe_text(const struct ps_probe *p, struct ps_str *out);
int ps_topo_json(const struct ps_topo *t, struct ps_str *out, struct ps_err *e);

#endif
