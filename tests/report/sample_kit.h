/* What made-up results are made of. */
#ifndef PS_TESTS_SAMPLE_KIT_H
#define PS_TESTS_SAMPLE_KIT_H

#include "result.h"

#define SAMPLE_ROUNDS 8
#define SAMPLE_NO_PMU "no PMU: this virtual machine shows none"

/* A result without points, with host and plan. */
struct ps_result *sample_start(struct ps_arena *a, const char *command);
/* options: NULL or what follows the strategy in its label. */
/* One round is disturbed. */
void sample_load(struct ps_arena *a, struct ps_point *p);
struct ps_point *sample_point(struct ps_result *r, const char *workload, const char *label,
                              const char *strategy, const char *options, unsigned threads);
/* An exact value with an interval of +-margin, relative; 0: none. */
void sample_exact(struct ps_arena *a, struct ps_point *p, const char *id, double value,
                  double margin);
/* What the workload itself measures, in s. */
void sample_own(struct ps_arena *a, struct ps_point *p, const char *id, double value,
                const char *help);
void sample_inexact(struct ps_arena *a, struct ps_point *p, const char *id, double value,
                    enum ps_quality quality, const char *reason);
/* One execution of the program took `time`, of which all threads used the CPU for `busy`. */
void sample_program(struct ps_result *r, const char *label, unsigned threads, double time,
                    double busy);

/* Crossovers with every status, of several workloads and parameters. */
void sample_grains(struct ps_result *r);

#endif
