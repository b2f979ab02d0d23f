/*
 * Sleeping and waking of workers (src/runtime/idle.h) as src/runtime/strategy/steal.c uses it, with
 * the stack of tasks of worker 0, who forks TASKS tasks and then computes until each has been begun
 * by another worker: so a sleeper that is forgotten, or a request that goes unanswered, is a
 * deadlock. With as many thieves the tasks need each other, too: each lasts until all have begun.
 *
 * Shown: nobody sleeps for ever while there is work, or while its end has come (`done` of a task
 * that was stolen, `closing` of the trial); every task is done once.
 */
#ifndef THIEVES
#define THIEVES 1
#endif
#ifndef TASKS
#define TASKS THIEVES
#endif
#define THREADS      (THIEVES + 1)
#define WORD         0
#define LIMIT        1
#define FENCE        2
#define SLEEPING     3
#define WAKING       4
#define IS_CLOSING   5
#define PARKER(i)    (6 + (i)) /* of worker i */
#define DONE(i)      (6 + THREADS + (i))
#define LOCATIONS    (6 + THREADS + TASKS)
#define TASK(i)      (i)
#define PLAINS       TASKS
#define HISTORY      14
#define TOUCHES(t, l) ((l) != FENCE)
#define DEPTH        TASKS

#define YOUNGEST(location) c_expr { memory.write[location][memory.writes[location]].value }

byte runs[TASKS], begun;

#include "memory.pml"
#include "park.pml"
#include "tasks_ops.pml"

/* ps_idle_anyone */
inline idle_anyone(is)
{
    atomic { load(IDLE_ANYONE, SLEEPING, word); is = (word > 0); word = 0 }
}

/* ps_idle_wake_one. It looks from the next worker on, and past itself. */
inline idle_wake_one()
{
    atomic { load(IDLE_WAKING, WAKING, word); many = (word > 0 && word < 128); word = 0 };
    if
    :: many -> many = false
    :: else ->
       other = 1;
       do
       :: other <= THREADS && !changed ->
          atomic { parker_call(PARKER((_pid + other) % THREADS), CALLED); other++ }
       :: else -> break
       od;
       if
       :: changed -> atomic { fetch_add(IDLE_WAKE_ONE, WAKING, 1, word); word = 0; changed = false }
       :: else
       fi;
       other = 0
    fi
}

/* work_left: of worker 0, as the others have no tasks here */
inline work_left(is)
{
    atomic { load(VISIBLE, WORD, word); is = (tail_of(word) < split_of(word)); word = 0 }
}

/* ps_idle_settle */
inline idle_settle()
{
    if
    :: called ->
       called = false;
       atomic { fetch_add(IDLE_SETTLE, WAKING, 255, word); word = 0 };
       idle_anyone(some);
       if
       :: some && !PLANTED(NO_CHAIN) ->
          work_left(some);
          if
          :: some -> some = false; idle_wake_one()
          :: else
          fi
       :: else -> some = false
       fi
    :: else
    fi
}

/* sleep_until_woken, with ps_idle_prepare and ps_idle_sleep */
inline sleep_until_woken(stop)
{
    idle_settle();
    atomic { fetch_add(IDLE_PREPARE, SLEEPING, 1, word); word = 0 };
    parker_take(PARKER(_pid));
    if
    :: _pid > 0 -> tasks_want() /* ask_all */
    :: else
    fi;
    atomic { load(STOPPED, stop, word); some = (word > 0); word = 0 };
    if
    :: !some -> work_left(some)
    :: else
    fi;
    if
    :: some && !PLANTED(NO_STAY) -> some = false; parker_leave(PARKER(_pid), called)
    :: else -> some = false; parker_sleep(PARKER(_pid), called)
    fi;
    atomic { fetch_add(IDLE_SLEEP, SLEEPING, 255, word); word = 0 }
}

/* share_tasks, with share_first */
inline share_tasks()
{
    if
    :: opened -> tasks_share()
    :: else -> opened = true; tasks_show()
    fi;
    if
    :: shared ->
       shared = false;
       idle_anyone(some);
       if
       :: some -> some = false; idle_wake_one()
       :: else
       fi
    :: else
    fi
}

/* The owner, worker 0. Its body goes on forking small tasks, which see a request some time. */
active proctype owner()
{
    byte head, word, expected, split, next, state, other, own, seen;
    bool shared, changed, ours, wanted, many, some, called, opened;

    atomic {
        do
        :: head < TASKS -> write_plain(TASK(head)); head++
        :: else -> break
        od; /* ps_tasks_reset has asked in the name of all: limit is 0 */
        if
        :: opened = true /* tasks have been shared before in this region */
        :: true
        fi
    };
    do
    :: begun < TASKS && YOUNGEST(LIMIT) == 0 && own < head -> share_tasks()
    :: begun == TASKS -> break
    od;
    do
    :: head > 0 ->
       head--;
       tasks_take_back(head);
       assert(!ours);
       /* await_thief: work_until(done) */
       do
       :: atomic {
              load(STOPPED, DONE(head), word);
              if
              :: word -> word = 0; break
              :: else
              fi
          };
          sleep_until_woken(DONE(head))
       od;
       idle_settle();
       tasks_forget(head);
       atomic { assert(runs[head] == 1); read_plain(TASK(head)) }
    :: else -> break
    od;
    /* close_trial */
    store(CLOSING, IS_CLOSING, 1);
    other = 1;
    do
    :: other < THREADS -> parker_call(PARKER(other), AWAKE); other++
    :: else -> break
    od
}

/* work, work_until, rest, run_stolen, finish_stolen */
active [THIEVES] proctype thief()
{
    byte word, expected, stolen, state, other;
    bool changed, wanted, many, some, called;

    do
    :: atomic {
           load(STOPPED, IS_CLOSING, word);
           if
           :: word -> word = 0; break
           :: else
           fi
       };
       /* find_task */
       tasks_steal();
       if
       :: stolen ->
          idle_settle();
          idle_anyone(some);
          if
          :: some -> some = false; tasks_want()
          :: else
          fi;
          atomic {
              runs[stolen - 1]++;
              assert(runs[stolen - 1] == 1);
              write_plain(TASK(stolen - 1));
              begun++
          };
          begun == TASKS || TASKS > THIEVES;
          store(FINISH_STOLEN, DONE(stolen - 1), 1);
          stolen = 0;
          parker_call(PARKER(0), AWAKE)
       :: else -> tasks_want(); sleep_until_woken(IS_CLOSING)
       fi
    od;
    idle_settle()
}
