/*
 * survey/ says what can be measured on this machine: `parscope doctor` (this header) asks the
 * system and looks at counters, clock and neighbours; `parscope topo --probe` (probe.h) finds out
 * which CPUs share a core and how far apart all are. In come the topology and how long it may take;
 * out go the documents of survey_result.h, which report/ prints. Nothing of workloads is known
 * here.
 *
 * doctor.c gathers facts (facts.h, clock.h) and has lines made of them (lines.h). probe.c has pairs
 * of CPUs run kernels against each other (duel.h, kernels.h), and what comes out judged (judge.h,
 * clusters.h).
 */
#ifndef PS_DOCTOR_H
#define PS_DOCTOR_H

#include <stdatomic.h>

#include "err.h"
#include "survey_result.h"
#include "topology.h"

struct ps_doctor_request {
    const struct ps_topology *topology;
    double watch;                  /* s; 0: one short look */
    const atomic_int *interrupted; /* NULL: never */
};

/* -EINTR: the document holds what was seen until then. */
int ps_doctor_examine(const struct ps_doctor_request *q, struct ps_arena *a, struct ps_doctor **d,
                      struct ps_err *e);

/* NULL where the lines say ok to all of `names`, else the first line that does not. -ENOENT for a
 * name that is no line's. */
int ps_doctor_require(const struct ps_doctor *d, const char *const *names, size_t count,
                      const struct ps_doctor_line **unmet, struct ps_err *e);
/* The ids of all lines, known before anything is examined: what can be required. Ends with NULL. */
extern const char *const ps_doctor_ids[];

#endif
