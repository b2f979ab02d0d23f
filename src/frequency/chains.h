/* Chains of instructions whose speed tells the core clock; one table per architecture. */
#ifndef PS_CHAINS_H
#define PS_CHAINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a chain's speed depends on, so that one special treatment can't sway all that agree. */
enum ps_chain_kind { PS_CHAIN_ADDER, PS_CHAIN_ROTATE, PS_CHAIN_MULTIPLIER };
#define PS_CHAIN_KINDS 3

/* Instructions in one turn of the loop around a chain: enough to hide the loop's own. */
#define PS_CHAIN_TURN 32

struct ps_chain {
    const char *name;
    enum ps_chain_kind kind;
    unsigned latency; /* cycles from operand to result */
    void (*run)(uint64_t turns);
    bool (*usable)(void); /* NULL: on every CPU of the architecture */
};

/* NULL and 0 where no chain is known for this architecture. */
const struct ps_chain *ps_chains(size_t *count);

/* PS_CHAIN_INDEPENDENT additions a turn that wait for none of their PS_CHAIN_WIDTH neighbours, the
 * counterpart of the chain at ps_chains()[0], which waits for each. */
#define PS_CHAIN_WIDTH       8
#define PS_CHAIN_INDEPENDENT 128
void ps_chain_run_independent(uint64_t turns);

#endif
