/*
 * A parker (src/runtime/park.h): one owner, who sleeps until each of its callers has made its
 * reason, and callers that make it and then call.
 *
 * Shown: no wake-up is lost (nobody sleeps for ever); of several callers one does it, and the owner
 * takes note of it once; an owner that was called sees what its caller did before.
 */
#define CALLERS   2
#define THREADS   (CALLERS + 1)
#define PARKER    0
#define REASON(i) (i) /* of process i = 1 .. CALLERS */
#define LOCATIONS (CALLERS + 1)
#define BEFORE(i) ((i) - 1) /* what caller i did before it called */
#define PLAINS    CALLERS
#define HISTORY   10

#define ON_CALL(parker) calls++; by = _pid

byte calls, notes, by;

#include "memory.pml"
#include "park.pml"

/* As await_count of handoff.c and sleep_until_epoch of pool.c do. */
active proctype owner()
{
    byte i = 1, state, changed, reason;
    bool called;

    do
    :: i <= CALLERS ->
       parker_take(PARKER);
       atomic {
           load(REASON_LOAD, REASON(i), reason);
           if
           :: PLANTED(NO_LAST_LOOK) -> reason = 0
           :: else
           fi
       };
       if
       :: reason -> reason = 0; i++; parker_leave(PARKER, called)
       :: else -> parker_sleep(PARKER, called)
       fi;
       if
       :: called -> notes++; called = false; read_plain(BEFORE(by))
       :: else
       fi
    :: else -> break
    od;
    assert(calls == notes)
}

/* ps_parker_call in two steps. */
inline call_in_steps(parker, as)
{
    atomic { load(PARKER_CALL, parker, state) };
    if
    :: state == PARKED -> parker_call_parked(parker, as)
    :: else
    fi;
    state = 0
}

active [CALLERS] proctype caller()
{
    byte state, changed;

    if
    :: PLANTED(CALL_FIRST) ->
       call_in_steps(PARKER, CALLED);
       store(REASON_STORE, REASON(_pid), 1)
    :: else ->
       write_plain(BEFORE(_pid));
       store(REASON_STORE, REASON(_pid), 1);
       call_in_steps(PARKER, CALLED)
    fi
}
