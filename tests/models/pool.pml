/*
 * Regions of src/runtime/strategy/pool.c: the caller raises the epoch, workers wake each other along
 * a tree, do their shares, and arrive along the same tree. In the C the tree is of any shape with at
 * most two children a worker (near.h); here it is a chain with CHILDREN=1, so that three workers
 * have an inner node, or a heap.
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

/* A node's word is busy * BUSY_UNIT + the region that was completed last * TAG_UNIT + those who have
 * still to arrive. */
#define TAG_UNIT  4
#define TAGS      4
#define BUSY_UNIT 16
#define LEFT(w)   ((w) % TAG_UNIT)
#define TAG(w)    ((w) / TAG_UNIT % TAGS)
#define BUSY(w)   ((w) / BUSY_UNIT)
#define FULL(node) (CHILDREN_OF(node) + ((node) > 0))

byte job; /* the region's number, or 0: closing */

#include "memory.pml"
#include "park.pml"

/* init */
c_code {
    static __attribute__((constructor)) void init(void)
    {
        for (int node = 0; node < WORKERS; node++)
            memory.write[ARRIVALS(node)][0].value = FULL(node);
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

/* arrive: `was_last`. The guess is always wrong here; where it is right in the C, that is as if the
 * first exchange had found the word. */
inline arrive(node, busy)
{
    atomic {
        children_of(node, count);
        count = count + (node > 0);
        word = 255;
        do
        :: expected = word;
           most = (LEFT(expected) < count && BUSY(expected) > busy -> BUSY(expected) : busy);
           if
           :: LEFT(expected) == 1 && PLANTED(NOT_REARMED) -> next = TAG_UNIT * (job % TAGS)
           :: LEFT(expected) == 1 && !PLANTED(NOT_REARMED) ->
              next = TAG_UNIT * (job % TAGS) + count
           :: else -> next = TAG_UNIT * TAG(expected) + LEFT(expected) - 1
           fi;
           compare_exchange(ARRIVE, ARRIVALS(node), expected, most * BUSY_UNIT + next, word,
                            changed);
           if
           :: changed -> break
           :: else
           fi
        od;
        busy = most;
        was_last = (LEFT(expected) == 1);
        expected = 0;
        word = 0;
        most = 0;
        next = 0;
        count = 0;
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
       :: else -> atomic { node = (node - 1) / CHILDREN; was_last = false }
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
    byte region = 1, state, changed, i, last, word;
    bool called, done;

    do
    :: region <= REGIONS ->
       /* open_region */
       atomic {
           write_plain(JOB);
           job = region;
           /* raise_epoch */
           fetch_add(RAISE_EPOCH, EPOCH, 1, word);
           word = 0
       };
       wake_children(0);
       /* await_all: done_soon, then sleep_until_done */
       if
       :: atomic { load(ALL_DONE, ARRIVALS(0), word); done = (TAG(word) == region % TAGS); word = 0 }
       :: skip
       fi;
       if
       :: !done ->
          do
          :: parker_take(CALLER);
             atomic {
                 load(ALL_DONE, ARRIVALS(0), word);
                 done = (TAG(word) == region % TAGS);
                 word = 0
             };
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
           assert(BUSY(word) == WORKERS - 1);
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
    byte seen, epoch, state, changed, i, last, node, count, word, expected, busy, most, next;
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
