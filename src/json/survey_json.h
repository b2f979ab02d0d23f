/* What `parscope doctor` and `parscope topo` write as JSON. Each adds to `out`; -ENOMEM. */
#ifndef PS_SURVEY_JSON_H
#define PS_SURVEY_JSON_H

#include "err.h"
#include "str.h"
#include "survey_result.h"

int ps_doctor_json(const struct ps_doctor *d, struct ps_str *out, struct ps_err *e);
int ps_topo_json(const struct ps_topo *t, struct ps_str *out, struct ps_err *e);

#endif
