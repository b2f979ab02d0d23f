/* The parts of `parscope list`. Each adds text; none touches the machine. */
#ifndef PS_LIST_TABLES_H
#define PS_LIST_TABLES_H

#include "str.h"

struct ps_catalog;

void ps_list_workloads(const struct ps_catalog *c, struct ps_str *out);
void ps_list_strategies(const struct ps_catalog *c, struct ps_str *out);
/* Which strategy can run which workload, and why not. */
void ps_list_matrix(const struct ps_catalog *c, struct ps_str *out);
/* What can be chosen for a program from outside. */
void ps_list_outside(const struct ps_catalog *c, struct ps_str *out);
void ps_list_metrics(const struct ps_catalog *c, struct ps_str *out);
void ps_list_formats(const struct ps_catalog *c, struct ps_str *out);
void ps_list_doctor(const struct ps_catalog *c, struct ps_str *out);
void ps_list_overhead(const struct ps_catalog *c, struct ps_str *out);

/* One name a line; and one "NAME:key=" a line, "NAME:key=choice" for choices. */
void ps_list_workload_names(const struct ps_catalog *c, struct ps_str *out);
void ps_list_workload_keys(const struct ps_catalog *c, struct ps_str *out);
void ps_list_strategy_names(const struct ps_catalog *c, struct ps_str *out);
void ps_list_strategy_keys(const struct ps_catalog *c, struct ps_str *out);
void ps_list_outside_names(const struct ps_catalog *c, struct ps_str *out);
void ps_list_outside_keys(const struct ps_catalog *c, struct ps_str *out);
void ps_list_metric_names(const struct ps_catalog *c, struct ps_str *out);
void ps_list_format_names(const struct ps_catalog *c, struct ps_str *out);
void ps_list_doctor_names(const struct ps_catalog *c, struct ps_str *out);
void ps_list_overhead_names(const struct ps_catalog *c, struct ps_str *out);

#endif
