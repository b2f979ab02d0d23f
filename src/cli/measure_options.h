/* The options that `run` and `sweep` share; each command adds a group of its own in front, for what
 * they default differently. */
#ifndef PS_MEASURE_OPTIONS_H
#define PS_MEASURE_OPTIONS_H

#include "options.h"

struct ps_measure_values {
    const char *strategies, *threads; /* by the command's own group */
    const char *placement, *cpus;
    struct ps_texts events;
    uint64_t runs, warmup, seed;
    double precision, max_time, gap;
    struct ps_texts outputs;
    const char *format;
    bool dry_run, quiet;
    unsigned colour;
};

extern const struct ps_measure_values ps_measure_defaults;
extern const struct ps_option_group ps_measure_where_group;
extern const struct ps_option_group ps_measure_length_group;
extern const struct ps_option_group ps_measure_output_group;

#endif
