/*
 * What there is to choose from: the built-in workloads and strategies, and those of plug-ins. In
 * come the files that the user named with --plugin; this folder loads them (plugin.h), checks
 * whole what they bring (valid.h), so that nothing after it has to doubt a descriptor, and gives
 * out a catalog, in which names are looked up.
 */
#ifndef PS_CATALOG_H
#define PS_CATALOG_H

#include <errno.h>
#include <stddef.h>

#include <parscope/workload.h>

#include "arena.h"
#include "crash.h"
#include "err.h"
#include "strategy.h"

/* file: of the plug-in, as the user gave it; NULL: built in. */
struct ps_catalog_workload {
    const struct parscope_workload *ops;
    const char *file;
    const struct parscope_workload *twin; /* of the same name in the second of two builds; NULL */
    const char *twin_file;
};

struct ps_catalog_strategy {
    const struct ps_strategy *strategy;
    const char *file;
};

/* Built-in ones first. */
struct ps_catalog {
    struct ps_catalog_workload *workloads;
    size_t workload_count;
    struct ps_catalog_strategy *strategies;
    size_t strategy_count;
};

/* Loads the plug-ins, checks all that they bring, and adds it. A file that is missing is -ENOENT,
 * everything else that is wrong with one -EINVAL. */
int ps_catalog_open(const char *const *files, size_t count, struct ps_arena *a,
                    struct ps_catalog *c, struct ps_err *e);

/* The same with two builds of a plug-in, whose workloads may have the same names: those of the
 * second are twins of those of the first, whose strategies are taken. */
int ps_catalog_pair(const char *const files[2], struct ps_arena *a, struct ps_catalog *c,
                    struct ps_err *e);
/* The entry that a workload is in, as itself or as twin; NULL. */
const struct ps_catalog_workload *ps_catalog_entry(const struct ps_catalog *c,
                                                   const struct parscope_workload *ops);

/* The errno in what a function of a workload returned, where that is not 0. */
static inline int ps_workload_errno(int returned)
{
    return returned < 0 ? -returned : EPROTO;
}

/* -ENOENT, with the nearest name. */
int ps_catalog_workload(const struct ps_catalog *c, const char *name, struct ps_arena *a,
                        const struct parscope_workload **ops, struct ps_err *e);
int ps_catalog_strategy(const struct ps_catalog *c, const char *name, struct ps_arena *a,
                        const struct ps_strategy **strategy, struct ps_err *e);

/* Whose code crashes, should it do so; NULL where both are built in. s may be NULL. */
const struct ps_crash_note *
ps_catalog_note(const struct ps_catalog *c, const struct parscope_workload *w,
                const struct ps_strategy *s, struct ps_arena *a, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

#endif
