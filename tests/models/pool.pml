/*
 * Regions of src/runtime/strategy/pool.c: the caller raises the epoch, workers wake each other as a
 * tree, do their shares, and arrive along the same tree. With CHILDREN=1 the tree is a chain, so
 * that three workers have an inner node.
 *
 * Shown: nobody sleeps for ever; each worker does each region once, with that region's job; the
 * caller goes on when all are done, sees what they did and the longest busy time; nobody reads a
 * job that is being written.
 */
#ifndef WORKERS
#define WORKERS 3
#endif
#ifndef CHILDREN
#define CHILDREN 1
#endif
#ifndef REGIONS
#define REGIONS 2
#endif
#define THREADS      WORKERS
#define EPOCH        0
#define CALLER       1
#define PARKER(i)    (1 + (i)) /* of worker i = 1 .. WORKERS-1 */
#define ARRIVALS(i)  (1 + WORKERS + (i)) /* of node i */
#define LOCATIONS    (1 + WORKERS + WORKERS)
#define JOB          0 /* plain: job and closing */
#define SLOT(i)      (i) /* plain: what worker i did */
#define PLAINS       WORKERS
#define HISTORY      13
/* Of memory.h: worker 0 is the caller. */
#define TOUCHES(t, l)                                                                              \
    ((l) == EPOCH || ((l) > WORKERS ? 1 : (l) == CALLER || (t) <= (l)-1))

#define FIRST_CHILD(i) (CHILDREN * (i) + 1)
#define CHILDREN_OF(i)                                                                             \
    (FIRST_CHILD(i) >= WORKERS                ? 0                                                  \
     : WORKERS - FIRST_CHILD(i) < CHILDREN ? WORKERS - FIRST_CHILD(i)                              \
                                              : CHILDREN)

#define BUSY_UNIT 8 /* an arrival word is busy * BUSY_UNIT + those who have still to arrive */

byte job; /* the region's number, or 0: closing */

#include "memory.pml"
#include "park.pml"

/* init */
c_code {
    static __attribute__((constructor)) void init(void)
    {
        for (int node = 1; node < WORKERS; node++)
            memory.write[ARRIVALS(node)][0].value = 1 + CHILDREN_OF(node);
    }
}

/* children_of */
inline children_of(node, count)
{
    if
    :: CHILDREN * node + 1 >= WORKERS -> count = 0
    :: CHILDREN * node + 1 < WORKERS && WORKERS - (CHILDREN * node + 1) < CHILDREN ->
       count = WORKERS - (CHILDREN * node + 1)
    :: else -> count = CHILDREN
    fi
}

/* wake_children */
inline wake_children(parent)
{
    atomic { i = CHILDREN * parent + 1; last = CHILDREN * parent + CHILDREN };
    do
    :: i <= last && i < WORKERS && !(PLANTED(WAKES_FIRST_CHILD) && i > 1) ->
       parker_call(PARKER(i), AWAKE);
       i++
    :: else -> atomic { i = 0; last = 0; changed = 0; break }
    od
}

/* arrive: `was_last` */
inline arrive(node, busy)
{
    atomic {
        load(ARRIVE_LOAD, ARRIVALS(node), word);
        do
        :: busy = (word / BUSY_UNIT > busy -> word / BUSY_UNIT : busy);
           expected = word;
           compare_exchange(ARRIVE, ARRIVALS(node), expected,
                            busy * BUSY_UNIT + expected % BUSY_UNIT - 1, word, changed);
           if
           :: changed -> break
           :: else
           fi
        od;
        was_last = (expected % BUSY_UNIT == 1);
        expected = 0;
        word = 0;
        changed = false
    }
}

/* arrive_all */
inline arrive_all(start, busy)
{
    atomic {
        node = start;
        children_of(node, count);
        if
        :: !count -> node = (node - 1) / CHILDREN
        :: else
        fi;
        count = 0
    };
    do
    :: arrive(node, busy);
       if
       :: !was_last -> break
       :: was_last && !node -> parker_call(CALLER, AWAKE); break
       :: else ->
          atomic {
              children_of(node, count);
              if
              :: PLANTED(NOT_REARMED) -> skip
              :: else -> store(REARM, ARRIVALS(node), 1 + count)
              fi;
              count = 0;
              node = (node - 1) / CHILDREN;
              was_last = false
          }
       fi
    od;
    atomic { was_last = false; node = 0; changed = 0; busy = 0 }
}

/* await_epoch: looks once or not at all, which is as good as any number of looks, and sleeps. */
inline await_epoch()
{
    if
    :: atomic { load(EPOCH_CAME, EPOCH, epoch); came = (epoch != seen); epoch = 0 }
    :: skip
    fi;
    if
    :: !came ->
       /* sleep_until_epoch */
       do
       :: parker_take(PARKER(_pid));
          atomic { load(EPOCH_LAST_LOOK, EPOCH, epoch); came = (epoch != seen); epoch = 0 };
          if
          :: came && !PLANTED(NO_LAST_LOOK) -> break
          :: else -> came = false; parker_sleep(PARKER(_pid), called)
          fi
       od;
       parker_leave(PARKER(_pid), called)
    :: else
    fi;
    atomic { came = false; seen++ };
    wake_children(_pid)
}

/* range and close_trial */
active proctype caller()
{
    byte region = 1, state, changed, i, last, count, word;
    bool called, done;

    do
    :: region <= REGIONS ->
       /* open_region */
       atomic {
           write_plain(JOB);
           job = region;
           children_of(0, count);
           store(OPEN_ARRIVALS, ARRIVALS(0), count);
           count = 0;
           /* raise_epoch */
           fetch_add(RAISE_EPOCH, EPOCH, 1, word);
           word = 0
       };
       wake_children(0);
       /* await_all: done_soon, then sleep_until_done */
       if
       :: atomic { load(ALL_DONE, ARRIVALS(0), word); done = (word % BUSY_UNIT == 0); word = 0 }
       :: skip
       fi;
       if
       :: !done ->
          do
          :: parker_take(CALLER);
             atomic { load(ALL_DONE, ARRIVALS(0), word); done = (word % BUSY_UNIT == 0); word = 0 };
             if
             :: done -> break
             :: else -> parker_sleep(CALLER, called)
             fi
          od;
          parker_leave(CALLER, called)
       :: else
       fi;
       done = false;
       atomic {
           load(BUSIEST, ARRIVALS(0), word);
           assert(word / BUSY_UNIT == WORKERS - 1);
           word = 0;
           i = 1;
           do
           :: i < WORKERS -> read_plain(SLOT(i)); i++
           :: else -> i = 0; break
           od
       };
       region++
    :: else -> break
    od;
    atomic {
        write_plain(JOB);
        job = 0;
        fetch_add(RAISE_EPOCH, EPOCH, 1, word);
        word = 0
    };
    wake_children(0)
}

/* work; how long worker i was busy is i. */
active [WORKERS - 1] proctype worker()
{
    byte seen, epoch, state, changed, i, last, node, count, word, expected, busy;
    bool called, came, was_last;

    do
    :: await_epoch();
       atomic {
           read_plain(JOB);
           if
           :: !job -> assert(seen == REGIONS + 1); break
           :: else -> assert(job == seen)
           fi;
           write_plain(SLOT(_pid));
           busy = _pid
       };
       arrive_all(_pid, busy)
    od
}
