/* The program of a rank, as it is to be started. */
#ifndef PS_RANK_PROGRAM_H
#define PS_RANK_PROGRAM_H

#include <stdbool.h>

struct ps_rank_program {
    const char *path;               /* of the executable */
    const char *const *words;       /* argv, ends with NULL */
    const char *const *environment; /* ends with NULL */
    const char *launcher;
    bool by_samples; /* no library is to be loaded */
};

#endif
