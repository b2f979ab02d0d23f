/* What this machine lets us measure, and how to get more. */
#ifndef PS_DOCTOR_H
#define PS_DOCTOR_H

#include <stdatomic.h>

#include "counters.h"
#include "single.h"
#include "counters.h"
#include "err.h"
#include "host.h"
#include "pmu.h"
#include "survey_result.h"
#include "topology.h"
#include "tuning.h"

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
/* The ids that it takes, known before anything is examined; ends with NULL. */
extern const char *const ps_doctor_ids[];

/* ---- For tests: the lines from what is given, nothing being measured. ---- */

struct ps_doctor_facts {
    const struct ps_host *host;
    const struct ps_tuning *tuning;
    const struct ps_topology *topology;
    const struct ps_cpu_times *before, *after; /* a moment apart; NULL: not known */
    double throttled;                          /* s, since the cgroup began */
    const struct ps_counters *counters;
    enum ps_pmu_presence pmu;
    struct ps_counter_costs costs;
    double pmu_ratio;
};

void ps_doctor_read(struct ps_arena *a, const char *root, struct ps_host *h, struct ps_tuning *t,
                    struct ps_cpu_times *times, enum ps_pmu_presence *pmu);
void ps_doctor_counters(struct ps_doctor *d, const struct ps_doctor_facts *f);
void ps_doctor_host(struct ps_doctor *d, const struct ps_doctor_facts *f);
/* From d->cpus and d->pmu_ratio. */
void ps_doctor_clock(struct ps_doctor *d, const struct ps_doctor_facts *f);

void ps_doctor_add(struct ps_doctor *d, const char *id, enum ps_health health, const char *remedy,
                   const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
