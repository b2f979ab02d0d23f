/* Trials whose samples come from the script: nothing is run, and workloads have no data. Internal
 * to this layer. */
#ifndef PS_FAKE_TRIAL_H
#define PS_FAKE_TRIAL_H

#include "session.h"

extern const struct target_ops fake_workload_target_ops, fake_program_target_ops;

#endif
