/* What `parscope compare` writes as JSON: a struct ps_format's render_comparison. */
#ifndef PS_COMPARISON_JSON_H
#define PS_COMPARISON_JSON_H

#include "format.h"

int ps_comparison_json(const struct ps_comparison *c, const struct ps_report_style *style,
                       struct ps_str *out, struct ps_err *e);

#endif
