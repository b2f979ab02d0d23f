/*
 * The gate of src/runtime/region.c, with workers that come and go (queue, steal): in a region that
 * is probed, closing waits for those inside.
 *
 * Shown: nobody sleeps for ever; between two regions nobody is in the probe, so that the caller may
 * read what it left and change it; each begin of the probe has its end.
 */
#ifndef WORKERS
#define WORKERS 2
#endif
#ifndef REGIONS
#define REGIONS 2
#endif
#define THREADS   (WORKERS + 1)
#define WORD      0
#define CALLER    1
#define LOCATIONS 2
#define PROBE     0 /* plain: what the caller sets between regions */
#define COUNTS(i) (i) /* plain: what worker i's probe leaves */
#define PLAINS    (WORKERS + 1)
#ifndef ENTRIES
#define ENTRIES 2 /* of each worker, in all regions */
#endif
#define HISTORY   15

/* PS_GATE_*, with the number of the region from 16 on. */
#define OPEN   1
#define PROBED 2
#define INSIDE 4
#define REGION 16

/* Instead of a word: what else makes a worker leave. */
#define REST 254
#define END  252

#define has_open(word)     ((word) & OPEN)
#define has_probed(word)   ((word) & PROBED)
#define region_of(word)    ((word) / REGION)
#define anyone(word)       ((word) % REGION >= INSIDE)

#include "memory.pml"
#include "park.pml"

/* ps_gate_open */
inline gate_open(probed)
{
    atomic {
        load(GATE_OPEN_LOAD, WORD, word);
        store(GATE_OPEN, WORD, (region_of(word) + 1) * REGION + OPEN + (probed -> PROBED : 0));
        word = 0
    }
}

/* ps_gate_close, left_soon, await_leaving */
inline gate_close()
{
    atomic {
        load(GATE_CLOSE_LOAD, WORD, word);
        if
        :: !has_probed(word) -> store(GATE_CLOSE_UNPROBED, WORD, word - OPEN); word = 0
        :: else -> fetch_and(GATE_CLOSE, WORD, 255 - OPEN, word)
        fi
    };
    if
    :: word ->
       if
       :: anyone(word) && !PLANTED(NO_WAITING) ->
          if
          :: atomic { load(LEFT_SOON, WORD, word) }
          :: skip
          fi;
          if
          :: anyone(word) ->
             do
             :: parker_take(CALLER);
                atomic { load(AWAIT_LEAVING, WORD, word) };
                if
                :: !anyone(word) -> break
                :: else -> parker_sleep(CALLER, called)
                fi
             od;
             parker_leave(CALLER, called)
          :: else
          fi
       :: else
       fi;
       word = 0
    :: else
    fi
}

/* enter_gate, in one step: the exchange looks again. */
inline enter_gate()
{
    load(ENTER_LOAD, WORD, word);
    do
    :: !inside && has_open(word) && has_probed(word) ->
       expected = word;
       compare_exchange(ENTER, WORD, expected, expected + INSIDE, word, inside);
       expected = 0
    :: else -> break
    od;
    word = 0
}

/* leave_gate */
inline leave_gate()
{
    if
    :: PLANTED(CALLS_TOO_EARLY) ->
       parker_call(CALLER, AWAKE);
       atomic { fetch_add(LEAVE, WORD, 256 - INSIDE, word); word = 0 }
    :: else ->
       atomic { fetch_add(LEAVE, WORD, 256 - INSIDE, word); word = word - INSIDE };
       if
       :: !has_open(word) && !anyone(word) -> parker_call(CALLER, AWAKE)
       :: else
       fi;
    fi;
    atomic { word = 0; changed = 0 }
}

/* activate */
inline activate(region)
{
    active_ = true;
    entered = region;
    enter_gate();
    if
    :: inside -> read_plain(PROBE); write_plain(COUNTS(_pid)) /* the probe begins */
    :: else
    fi
}

/* ps_account_leave */
inline account_leave()
{
    if
    :: active_ ->
       atomic { active_ = false; entered = 0 };
       if
       :: inside ->
          atomic { inside = false; read_plain(PROBE); write_plain(COUNTS(_pid)) }; /* and ends */
          leave_gate()
       :: else
       fi
    :: else
    fi
}

active proctype caller()
{
    byte region = 1, state, changed, word, i;
    bool called, probed;

    do
    :: region <= REGIONS ->
       atomic {
           write_plain(PROBE);
           if
           :: probed = true
           :: region < REGIONS -> probed = false
           fi
       };
       gate_open(probed);
       gate_close();
       atomic {
           probed = false;
           i = 1;
           do
           :: i <= WORKERS -> read_plain(COUNTS(i)); i++
           :: else -> i = 0; break
           od;
           region++
       }
    :: else -> break
    od;
    write_plain(PROBE)
}

active [WORKERS] proctype worker()
{
    byte state, changed, word, seen, expected, entered, entries;
    bool active_, inside;

    do
    :: if
       :: load(WATCH, WORD, seen) /* ps_account_watch; entering looks again */
       :: seen = REST             /* before sleeping: ps_account_leave */
       :: seen = END
       fi;
       if
       :: active_ && (!has_open(seen) || entered != region_of(seen)) -> account_leave()
       :: else
       fi;
       if
       :: seen == END -> break
       :: seen != END && !active_ && has_open(seen) && entries < ENTRIES ->
          atomic { entries++; activate(region_of(seen)) }
       :: else
       fi;
       seen = 0
    od
}
