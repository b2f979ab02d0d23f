/*
 * The split task stack (src/runtime/tasks.h) with its owner, as src/runtime/strategy/steal.c and
 * include/parscope/task.h use it, and thieves. The owner forks and joins in any order that a
 * recursion can have.
 *
 * Shown: every task is done once, by the owner or one thief, before its join returns; who does it
 * sees what was put into it, and the owner what the thief left there; nothing is overwritten while
 * a thief reads it; a task of a region before is never done in the next one.
 */
#ifndef THIEVES
#define THIEVES 1
#endif
#ifndef DEPTH
#define DEPTH 2
#endif
#ifndef FORKS
#define FORKS 2 /* in all regions */
#endif
#ifndef REGIONS
#define REGIONS 1
#endif
#ifndef LOOKS
#define LOOKS 2 /* of each thief */
#endif
#define THREADS   (THIEVES + 1)
#define WORD      0
#define LIMIT     1
#define FENCE     2
#define DONE(i)   (3 + (i)) /* of task i = 0 .. DEPTH-1 */
#define LOCATIONS (3 + DEPTH)
#define TASK(i)   (i) /* plain: run, argument and result */
#define PLAINS    DEPTH
#define HISTORY   14
/* The owner alone reads the fence. */
#define TOUCHES(t, l) ((l) != FENCE || (t) == 0)

byte runs[DEPTH]; /* of the task that is there now */

#include "memory.pml"
#include "tasks_ops.pml"

/* share_tasks of strategy/steal_worker.c, with share_first */
inline share_tasks()
{
    if
    :: opened -> tasks_share()
    :: else -> opened = true; tasks_show()
    fi;
    shared = false
}

inline run_task(index)
{
    atomic {
        runs[index]++;
        assert(runs[index] == 1);
        write_plain(TASK(index)) /* its result lies where its argument was */
    }
}

active proctype owner()
{
    byte head, word, expected, split, next, forks, region, limit, own, seen;
    bool shared, changed, ours, opened;

    do
    :: region < REGIONS ->
       tasks_reset(); /* open_region */
       opened = false;
       do
       :: head < DEPTH && forks < FORKS ->
          /* NAME_both: push, and forked where parscope_is_slow */
          atomic {
              write_plain(TASK(head));
              runs[head] = 0;
              forks++;
              load(IS_SLOW, LIMIT, limit);
              head++
          };
          if
          :: limit < head -> limit = 0; share_tasks()
          :: else -> limit = 0
          fi
       :: head > 0 ->
          /* parscope_unforked */
          atomic { head--; load(UNFORKED, FENCE, limit); ours = (head >= limit); limit = 0 };
          if
          :: !ours ->
             tasks_take_back(head);
             if
             :: ours -> atomic { load(WANTED, LIMIT, limit) };
                if
                :: limit != STACK_END -> limit = 0; share_tasks()
                :: else -> limit = 0
                fi
             :: else
             fi
          :: else
          fi;
          if
          :: ours -> run_task(head)
          :: else ->
             /* await_thief, which here does nothing but wait */
             do
             :: atomic {
                    load(STOPPED, DONE(head), word);
                    if
                    :: word -> word = 0; break
                    :: else
                    fi
                }
             od;
             tasks_forget(head)
          fi;
          atomic { assert(runs[head] == 1); read_plain(TASK(head)); ours = false }
       :: !head && forks == FORKS -> break
       :: !head && region + 1 < REGIONS -> break
       od;
       region++
    :: else -> break
    od
}

active [THIEVES] proctype thief()
{
    byte word, expected, stolen, looks;
    bool changed, wanted;

    do
    :: looks < LOOKS ->
       looks++;
       tasks_steal();
       if
       :: stolen ->
          run_task(stolen - 1);
          atomic { store(FINISH_STOLEN, DONE(stolen - 1), 1); stolen = 0 }
       :: else -> tasks_want()
       fi
    :: break
    od
}
