/*
 * What a plug-in is: a shared object that defines
 *
 *     const struct parscope_plugin parscope_plugin = {
 *         .abi = PARSCOPE_PLUGIN_ABI,
 *         .workloads = workloads,
 *         .strategies = strategies,
 *     };
 *
 * `parscope run --plugin FILE` loads it. abi is looked at before anything else, and each workload
 * and strategy begins with the ABI of its own header. See parscope-plugin(3).
 */
#ifndef PARSCOPE_PLUGIN_H
#define PARSCOPE_PLUGIN_H

#include <parscope/strategy.h>
#include <parscope/workload.h>

#define PARSCOPE_PLUGIN_ABI 1

struct parscope_plugin {
    uint32_t abi; /* PARSCOPE_PLUGIN_ABI */
    /* Each ends with NULL; NULL: none. All stays as it is while the plug-in is loaded. */
    const struct parscope_workload *const *workloads;
    const struct parscope_strategy *const *strategies;
};

/* Found by this name, also where the plug-in is compiled with hidden symbols. */
#ifdef __cplusplus
extern "C" {
#endif
extern __attribute__((visibility("default"))) const struct parscope_plugin parscope_plugin;
#ifdef __cplusplus
}
#endif

#endif
