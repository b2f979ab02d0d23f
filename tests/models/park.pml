/* src/runtime/park.h and park.c. Parkers are locations; `called` is what leave and sleep return. */
#define AWAKE  0
#define PARKED 1
#define CALLED 2

#ifndef ON_CALL
#define ON_CALL(parker) skip
#endif

/* ps_parker_take */
inline parker_take(parker)
{
    store(PARKER_TAKE, parker, PARKED)
}

/* settle, in one step with what gave the state, as no caller changes it from anything but PARKED */
inline parker_settle(parker, called)
{
    if
    :: state != PARKED -> store(PARKER_SETTLE, parker, AWAKE); called = (state == CALLED)
    :: else
    fi;
    state = 0
}

/* ps_parker_leave */
inline parker_leave(parker, called)
{
    atomic {
        compare_exchange(PARKER_LEAVE, parker, PARKED, AWAKE, state, changed);
        called = false;
        parker_settle(parker, called);
        changed = false
    }
}

/* ps_parker_sleep */
inline parker_sleep(parker, called)
{
    do
    :: atomic {
           load(PARKER_SLEEP, parker, state);
           if
           :: state != PARKED -> parker_settle(parker, called); break
           :: else -> state = 0
           fi
       };
       if
       :: PLANTED(NO_COMPARE) -> asleep[parker] = true; !asleep[parker]
       :: else -> futex_sleep(parker, PARKED)
       fi
    od
}

/* ps_parker_call_parked; changed: what it returns. The wake-up is in one step with the exchange: a
 * later one could only wake somebody without a reason. */
inline parker_call_parked(parker, as)
{
    atomic {
        compare_exchange(PARKER_CALL_PARKED, parker, PARKED, as, state, changed);
        state = 0;
        if
        :: changed ->
           ON_CALL(parker);
           if
           :: PLANTED(NO_WAKE) -> skip
           :: else -> futex_wake(parker)
           fi
        :: else
        fi
    }
}

/* ps_parker_call. In one step: the exchange looks again, so what changes in between is as if it had
 * been called later. (parker.pml takes them apart.) */
inline parker_call(parker, as)
{
    atomic {
        changed = false;
        load(PARKER_CALL, parker, state);
        if
        :: state == PARKED -> parker_call_parked(parker, as)
        :: else -> state = 0
        fi
    }
}
