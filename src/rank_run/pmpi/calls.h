/* How a call of MPI is passed on. */
#ifndef PS_CALLS_H
#define PS_CALLS_H

#include "seen.h"

/* Defines MPI_<name>, which has the types of its arguments in parentheses, then the arguments.
 * `after` is what to note of a call that is timed and went well, within no other; `before`
 * declares what the arguments need. */
#define CALL_PREPARED(kind, name, parameters, before, arguments, bytes, after) \
    _Pragma(PS_TEXT(weak PMPI_##name)) int MPI_##name parameters               \
    {                                                                          \
        const bool timed = enter(kind);                                        \
        before;                                                                \
        const int result = PMPI_##name arguments;                              \
                                                                               \
        if (timed) {                                                           \
            if (outermost() && result == MPI_SUCCESS) {                        \
                after;                                                         \
            }                                                                  \
            leave(kind, outermost() ? (bytes) : 0);                            \
        }                                                                      \
        return result;                                                         \
    }
#define CALL(kind, name, parameters, arguments, bytes, after) \
    CALL_PREPARED(kind, name, parameters, NOTHING, arguments, bytes, after)
/* Who a message came from is known by a status, whether the program wants it or not. */
static inline MPI_Status *status_of(MPI_Status *theirs, MPI_Status *own)
{
    return theirs == MPI_STATUS_IGNORE ? own : theirs;
}

#define OWN_STATUS MPI_Status own, *status = status_of(theirs, &own)
/* As CALL, of calls with a status `theirs`; `status` is set in any case. */
#define CALL_WITH_STATUS(kind, name, parameters, arguments, bytes, after) \
    CALL_PREPARED(kind, name, parameters, OWN_STATUS, arguments, bytes, after)
#define PS_TEXT(x) #x
#define NOTHING    (void)0

#endif
