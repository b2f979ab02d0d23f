/*
 * The times that the gate of src/runtime/region.c tells those that look for work, in regions that are
 * not probed: when the region began, and when it is over. It is over by a count, as in `queue`, or
 * (COUNTED=0) as it is closed, as in `steal`.
 *
 * Shown: who sees a region open sees when it began, or a later time; nobody is in a region's account
 * after having seen the count at which that is over.
 */
#ifndef WORKERS
#define WORKERS 1
#endif
#ifndef REGIONS
#define REGIONS 3
#endif
#ifndef LOOKS
#define LOOKS 3 /* of each worker */
#endif
#ifndef COUNTED
#define COUNTED 1
#endif
#define THREADS   (WORKERS + 1)
#define WORD      0
#define SINCE_AT  1 /* the region that began then */
#define END       2 /* likewise: each has one item */
#define FINISHED  3
#define LOCATIONS 4
#define PLAINS    1
#define HISTORY   12

#define word_of(region) ((region) * 2 + 1)
#define has_open(word)  ((word) & 1)
#define region_of(word) ((word) / 2)

#include "memory.pml"

/* ps_gate_open_until, or ps_gate_open */
inline gate_open()
{
    if
    :: COUNTED && PLANTED(ENDS_FIRST) -> store(GATE_END, END, region)
    :: else
    fi;
    store(GATE_SINCE, SINCE_AT, region);
    store(GATE_OPEN, WORD, word_of(region));
    if
    :: COUNTED && !PLANTED(ENDS_FIRST) -> store(GATE_END, END, region)
    :: else
    fi
}

active proctype caller()
{
    byte region = 1;

    do
    :: region <= REGIONS ->
       gate_open();
       if
       :: COUNTED -> store(REASON_STORE, FINISHED, region) /* by the item's worker */
       :: else -> store(GATE_CLOSE_UNPROBED, WORD, word_of(region) - 1)
       fi;
       region++
    :: else -> break
    od
}

/* activate, with add_before_opening */
inline activate(region)
{
    active_ = true;
    entered = region;
    load(SINCE, SINCE_AT, began);
    assert(began >= region);
    began = 0
}

/* ps_account_watch */
inline account_watch()
{
    load(WATCH, WORD, word);
    atomic {
        if
        :: active_ && (!has_open(word) || entered != region_of(word)) -> active_ = false; entered = 0
        :: else
        fi
    };
    if
    :: !active_ && has_open(word) -> activate(region_of(word))
    :: else
    fi;
    word = 0
}

active [WORKERS] proctype worker()
{
    byte looks, word, count, end, entered, began;
    bool active_;

    do
    :: looks < LOOKS ->
       looks++;
       /* ps_account_watch_until; without a count its end is never reached */
       if
       :: COUNTED -> load(COUNT_LOAD, FINISHED, count); load(WATCH_END, END, end)
       :: else -> end = REGIONS + 1
       fi;
       if
       :: count >= end -> atomic { active_ = false; entered = 0 }
       :: else -> account_watch(); assert(entered == 0 || entered > count)
       fi;
       atomic { count = 0; end = 0 }
    :: else -> break
    od
}
