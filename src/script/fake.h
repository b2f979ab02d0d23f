/*
 * Scripted samples in place of measured ones, for exact output tests: PARSCOPE_FAKE=FILE.
 *
 * The script has lines `METRIC WORKLOAD STRATEGY THREADS VALUE...`; # starts a comment. WORKLOAD
 * and STRATEGY are labels as the plan shows them ("reduce:size=10M") or bare names or *; THREADS a
 * number or *. Values are plain SI numbers, or `unavailable:REASON_WITH_UNDERSCORES`. Round r takes
 * value r modulo their number. The most specific line wins: an exact label before a bare name
 * before *, the workload counting most, then the strategy, then the threads; among equals the last
 * one. METRIC is a metric id, an event name, a value that the workload measures itself, or one of
 * the clock and host lines, whose selectors are all *: neighbour_index, steal, cpu_busy, cpu_quota
 * (of the cgroup; without it there is none).
 */
#ifndef PS_FAKE_H
#define PS_FAKE_H

#include <stddef.h>

#include "arena.h"
#include "err.h"

struct ps_fake;

/* Bounded: 1 MiB, 10,000 lines, 1,000 values each. Errors name file, line and what is wrong. */
int ps_fake_load(struct ps_arena *a, const char *path, struct ps_fake **f, struct ps_err *e);

/* What a script is asked for. workload and strategy are labels ("reduce:size=10M"); the bare name
 * is what stands before the first colon. */
struct ps_fake_query {
    const char *metric, *workload, *strategy;
    unsigned threads;
};
/* A query of what is of no point: the clock and the host. */
#define PS_FAKE_HOST(metric) \
    {                        \
        metric, "*", "*", 0  \
    }

struct ps_fake_line;
/* What speaks for it in all rounds; NULL: nothing does. Lives as long as the script. */
const struct ps_fake_line *ps_fake_find(const struct ps_fake *f, const struct ps_fake_query *q);
/* 0 and a value; -ENODATA with *reason "not scripted" or the script's own reason. */
int ps_fake_value(const struct ps_fake_line *line, size_t round, double *value,
                  const char **reason);
/* Both. */
int ps_fake_sample(const struct ps_fake *f, const struct ps_fake_query *q, size_t round,
                   double *value, const char **reason);

#endif
