/* The table of several results. Internal to this layer. */
#ifndef PS_EXCHANGE_TABLE_RESULTS_H
#define PS_EXCHANGE_TABLE_RESULTS_H

#include "format.h"

/* Their answers and figures beside each other; with details each whole, one after the other. */
int ps_table_results(const struct ps_results *r, const struct ps_report_style *style,
                     struct ps_str *out, struct ps_err *e);

#endif
