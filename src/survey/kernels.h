/* What two CPUs are made to run at once: kernels that use up what hardware threads of one core
 * share, and one that leaves nearly all of it free. Internal to this layer. */
#ifndef PS_KERNELS_H
#define PS_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kernel {
    const char *id, *what;
    bool saturating; /* false: the control, a chain that waits for itself */
    unsigned per_turn;
    void (*run)(uint64_t turns);
};

/* The control comes last. NULL and 0 on an architecture that has none. */
const struct kernel *kernels(size_t *count);

#endif
