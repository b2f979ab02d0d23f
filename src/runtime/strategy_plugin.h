/* Strategies of plug-ins (<parscope/strategy.h>) as strategies of ours. */
#ifndef PS_STRATEGY_PLUGIN_H
#define PS_STRATEGY_PLUGIN_H

#include <parscope/strategy.h>

#include "arena.h"
#include "strategy.h"

/* `own` is valid and stays. */
const struct ps_strategy *ps_strategy_adapt(const struct parscope_strategy *own,
                                            struct ps_arena *a);

#endif
