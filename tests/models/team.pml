/*
 * Calls of a team, src/runtime/team.c: the supervisor starts a function on its members and sleeps
 * until all have returned from it.
 *
 * Shown: nobody sleeps for ever; each member does each call once, with its function; the supervisor
 * sees what they did, and fn is not written while anybody reads it.
 */
#ifndef MEMBERS
#define MEMBERS 2
#endif
#ifndef CALLS
#define CALLS 2
#endif
#define THREADS   (MEMBERS + 1)
#define PENDING   0
#define CALLED(i) (i) /* `calls` of member i = 1 .. MEMBERS */
#define LOCATIONS (MEMBERS + 1)
#define FN        0 /* plain: fn and arg */
#define WORK(i)   (i) /* plain: what member i did */
#define PLAINS    (MEMBERS + 1)
#define HISTORY   10

byte fn; /* the number of the call; 0: end */

#include "memory.pml"

/* call_member, of all */
inline call_members()
{
    i = 1;
    do
    :: i <= MEMBERS ->
       atomic { fetch_add(CALL_MEMBER, CALLED(i), 1, word); word = 0 };
       if
       :: PLANTED(NO_WAKE) -> skip
       :: else -> futex_wake(CALLED(i))
       fi;
       i++
    :: else -> break
    od;
    i = 0
}

active proctype supervisor()
{
    byte call = 1, i, word;

    do
    :: call <= CALLS ->
       /* prepare_call */
       atomic { write_plain(FN); fn = call; store(PREPARE_CALL, PENDING, MEMBERS) };
       call_members();
       /* ps_team_wait */
       do
       :: atomic { load(TEAM_WAIT, PENDING, word) };
          if
          :: !word -> break
          :: else -> futex_sleep(PENDING, word)
          fi
       od;
       atomic {
           i = 1;
           do
           :: i <= MEMBERS -> read_plain(WORK(i)); i++
           :: else -> i = 0; break
           od;
           call++
       }
    :: else -> break
    od;
    /* end_members */
    atomic { write_plain(FN); fn = 0 };
    call_members()
}

/* member_main */
active [MEMBERS] proctype member()
{
    byte seen, word;

    do
    :: do
       :: atomic { load(MEMBER_MAIN, CALLED(_pid), word) };
          if
          :: word != seen -> break
          :: else -> word = 0; futex_sleep(CALLED(_pid), seen)
          fi
       od;
       atomic {
           word = 0;
           seen++;
           read_plain(FN);
           if
           :: !fn -> assert(seen == CALLS + 1); break
           :: else -> assert(fn == seen)
           fi;
           write_plain(WORK(_pid))
       };
       /* finish_call */
       atomic { fetch_add(FINISH_CALL, PENDING, 255, word) };
       if
       :: word == 1 && !PLANTED(NO_LAST_WAKE) -> word = 0; futex_wake(PENDING)
       :: else -> word = 0
       fi
    od
}
