/* How a call of MPI is passed on. */
#ifndef PS_CALLS_H
#define PS_CALLS_H

#include "seen.h"

/* Defines MPI_<name>, which has the types of its arguments in parentheses, then the arguments.
 * `after` is what to note of a call that is timed and went well, within no other. */
#define CALL(kind, name, parameters, arguments, bytes, after)    \
    _Pragma(PS_TEXT(weak PMPI_##name)) int MPI_##name parameters \
    {                                                            \
        const bool timed = enter(kind);                          \
        const int result = PMPI_##name arguments;                \
                                                                 \
        if (timed) {                                             \
            if (outermost() && result == MPI_SUCCESS) {          \
                after;                                           \
            }                                                    \
            leave(kind, outermost() ? (bytes) : 0);              \
        }                                                        \
        return result;                                           \
    }
#define PS_TEXT(x) #x
#define NOTHING    (void)0

#endif
