/* The parts of `parscope list`. Each adds text; none touches the machine. */
#ifndef PS_LIST_TABLES_H
#define PS_LIST_TABLES_H

#include <parscope/param.h>

#include "str.h"

void ps_list_workloads(struct ps_str *out);
void ps_list_strategies(struct ps_str *out);
/* Which strategy can run which workload, and why not. */
void ps_list_matrix(struct ps_str *out);
void ps_list_metrics(struct ps_str *out);
void ps_list_formats(struct ps_str *out);

/* One name a line; and one "NAME:key=" a line, "NAME:key=choice" for choices. */
void ps_list_workload_names(struct ps_str *out);
void ps_list_workload_keys(struct ps_str *out);
void ps_list_strategy_names(struct ps_str *out);
void ps_list_strategy_keys(struct ps_str *out);
void ps_list_metric_names(struct ps_str *out);
void ps_list_format_names(struct ps_str *out);

#endif
