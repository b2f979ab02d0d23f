/* The options that `run`, `sweep` and `smt-compare` share; each command adds a group of its own in
 * front, for what they default differently. */
#ifndef PS_MEASURE_OPTIONS_H
#define PS_MEASURE_OPTIONS_H

#include "baseline.h"
#include "judging.h"
#include "outputs.h"
#include "plan.h"

struct ps_measure_values {
    const char *strategies, *threads; /* by the command's own group */
    struct ps_texts vary;             /* of sweep, as are the next two */
    const char *vary_file;
    double want_efficiency; /* 0: not asked for */
    const char *predict;
    bool adaptive, weak;
    bool try_all; /* of run */
    uint64_t size;
    const char *ranks; /* of sweep, as is the next */
    bool slurm;
    const char *placement, *cpus;
    const char *duration; /* of run and sweep */
    struct ps_texts plugins;
    struct ps_texts events;
    bool user, kernel;
    uint64_t runs, warmup, seed;
    double precision, max_time, gap; /* precision 0: not asked for, of compare */
    struct ps_compare_goal compare;
    struct ps_texts commands;                  /* -c */
    const char *const *folders, *const *marks; /* of the commands; by compare --base-git */
    const char *shell, *prepare, *cleanup, *child_output, *input;
    bool no_shell, ignore_failure, diagnose, no_diagnose, passive;
    const char *flame, *timeline;
    int attach; /* of attach: the process, and for how long; 0: none */
    double attach_time;
    double timeout;
    uint64_t cores; /* of smt-compare */
    struct ps_texts pairs;
    bool copies;
    struct ps_texts checks;
    unsigned on_inconclusive;           /* enum ps_on_inconclusive */
    struct ps_baseline_values baseline; /* of run and sweep */
    struct ps_output_values output;
    bool dry_run, quiet;
};

extern const struct ps_measure_values ps_measure_defaults;
extern const struct ps_option_group ps_measure_where_group;
extern const struct ps_option_group ps_measure_plugin_group;
extern const struct ps_option_group ps_measure_event_group;
extern const struct ps_option_group ps_measure_program_group;
extern const struct ps_option_group ps_measure_diagnosis_group;
extern const struct ps_option_group ps_measure_length_group;
extern const struct ps_option_group ps_measure_check_group;
extern const struct ps_option_group ps_measure_baseline_group;
extern const struct ps_option_group ps_measure_output_group;
extern const struct ps_option_group ps_measure_show_group;
extern const struct ps_option_group ps_measure_verbose_group;
extern const struct ps_option_group ps_measure_colour_group;
extern const struct ps_option_group ps_measure_duration_group;

/* What ends the list of each command's groups. */
#define PS_MEASURE_GROUPS PS_MEASURE_FIRST_GROUPS, PS_MEASURE_LAST_GROUPS
#define PS_MEASURE_FIRST_GROUPS                                                         \
    &ps_measure_plugin_group, &ps_measure_event_group, &ps_measure_program_group,       \
        &ps_measure_diagnosis_group, &ps_measure_length_group, &ps_measure_check_group, \
        &ps_measure_output_group
#define PS_MEASURE_LAST_GROUPS                                                                   \
    &ps_measure_verbose_group, &ps_measure_show_group, &ps_measure_colour_group, &ps_help_group, \
        NULL

/* The same of run and sweep; the first goes on under PS_MEASURE_TITLE. */
#define PS_MEASURE_SCALING_GROUPS                                                 \
    &ps_measure_duration_group, &ps_measure_where_group, PS_MEASURE_FIRST_GROUPS, \
        &ps_measure_baseline_group, PS_MEASURE_LAST_GROUPS

/* Of each command's own group, and rows in it that differ by their default. */
#define PS_MEASURE_TITLE "What is measured"
#define PS_MEASURE_STRATEGY(help)                          \
    {                                                      \
        "strategy", 's', PS_OPTION_TEXT, "LIST", help,     \
            offsetof(struct ps_measure_values, strategies) \
    }
#define PS_MEASURE_PASSIVE                                                                             \
    {                                                                                                  \
        "passive", 0, PS_OPTION_FLAG, NULL,                                                            \
            "also measure programs with passive waits of OpenMP runtimes, as by -s env:wait=passive: " \
            "threads that spin while they wait look like threads at work",                             \
            offsetof(struct ps_measure_values, passive)                                                \
    }
#define PS_MEASURE_THREADS(initial)                                                               \
    {                                                                                             \
        "threads", 't', PS_OPTION_TEXT, "LIST",                                                   \
            "thread counts: 2, 1,2,4, 1..8, 1..64..x2, pow2, cores, cpus (default: " initial ")", \
            offsetof(struct ps_measure_values, threads)                                           \
    }

/* How the three are called. */
extern const char *const ps_measure_usage[];

#endif
