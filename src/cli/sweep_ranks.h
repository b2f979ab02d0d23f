/* `parscope sweep --ranks`. */
#ifndef PS_SWEEP_RANKS_H
#define PS_SWEEP_RANKS_H

#include "cli.h"
#include "measure_options.h"

/* Returns an exit status. */
int ps_sweep_ranks(struct ps_cli *cli, const struct ps_measure_values *v,
                   const struct ps_parsed *parsed);

#endif
