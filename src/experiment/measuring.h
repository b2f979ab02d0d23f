/* experiment/: what the subcommands that measure do, once their options are known. In come the
 * values of the options; a plan is made of them and carried through measuring, analysis, checks and
 * findings (experiment.h); out go the report and the exit status. */
#ifndef PS_MEASURING_H
#define PS_MEASURING_H

#include "cli.h"
#include "measure_options.h"
#include "plan.h"

/* From the command line to the report; returns an exit status. */
int ps_measure_command(struct ps_cli *cli, enum ps_plan_command command,
                       const struct ps_measure_values *v, const struct ps_parsed *parsed);

/* The same, with a report of its own, which writes to the outputs and returns an exit status. */
struct ps_measured_report {
    int (*write)(struct ps_cli *cli, const struct ps_result *r, struct ps_outputs *o,
                 const struct ps_report_style *style, const void *arg);
    const void *arg;
};
int ps_measure_for(struct ps_cli *cli, enum ps_plan_command command,
                   const struct ps_measure_values *v, const struct ps_parsed *parsed,
                   const struct ps_measured_report *report);

/* One line per point: what, how many threads, on which CPUs. */
void ps_dry_run(const struct ps_plan *plan, struct ps_arena *a, struct ps_str *out);

#endif
