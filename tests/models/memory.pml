/*
 * Operations of C11 in Promela, on memory.h. SITE is a row of sites.def: the operation's place in
 * the C and its order, which a mutant weakens. Each operation is one step of its process.
 */
c_decl {
\#include "sites.h"
\#include "memory.h"
}
c_track "&memory" "sizeof(struct memory)"

/* The operation under way; all 0 between operations, so that they add no states. */
int op_what, op_choices;
byte op_value, op_expected, op_choice, op_result, op_changed;
bool op_race;
/* By location: its thread sleeps in the kernel. */
bool asleep[LOCATIONS];

#define K_LOAD  0
#define K_STORE 1
#define K_ADD   2
#define K_AND   3
#define K_CAS   4

#define WHAT(kind, site, location) (kind) + 8 * (location) + 256 * (site) + 65536 * _pid
#define OPERATION                                                                                  \
    (&(struct operation){now.op_what & 7, now.op_what >> 16, now.op_what >> 3 & 31,                \
                         now.op_what >> 8 & 255, now.op_value, now.op_expected})

/* One of the writes that it may read is chosen. */
inline ask(kind, site, location, value, expected)
{
    op_what = WHAT(kind, site, location);
    op_value = value;
    op_expected = expected;
    c_code { now.op_choices = choices(OPERATION); };
    do
    :: op_choices > 1 -> op_choices = op_choices / 2; op_choice++
    :: op_choices & 1 -> break
    od;
    c_code {
        int changed;
        now.op_result = perform(OPERATION, now.op_choice, &changed);
        now.op_changed = changed;
        now.op_what = now.op_choices = now.op_value = now.op_expected = now.op_choice = 0;
    }
}

inline answered()
{
    c_code { now.op_result = now.op_changed = 0; }
}

inline load(site, location, to)
{
    atomic { ask(K_LOAD, site, location, 0, 0); to = op_result; answered() }
}

inline store(site, location, value)
{
    atomic { ask(K_STORE, site, location, value, 0); answered() }
}

/* was: the value before. */
inline fetch_add(site, location, value, was)
{
    atomic { ask(K_ADD, site, location, value, 0); was = op_result; answered() }
}

inline fetch_and(site, location, value, was)
{
    atomic { ask(K_AND, site, location, value, 0); was = op_result; answered() }
}

/* was: what it found, `expected` if it changed it. */
inline compare_exchange(site, location, expected, value, was, changed)
{
    atomic {
        ask(K_CAS, site, location, value, expected);
        was = op_result;
        changed = op_changed;
        answered()
    }
}

inline access(plain, kind)
{
    atomic {
        op_what = plain + 8 * kind + 65536 * _pid;
        c_code {
            now.op_race = races(now.op_what >> 16, now.op_what & 7, now.op_what >> 3 & 1);
            now.op_what = 0;
        };
        assert(!op_race) /* a data race */
    }
}

#define read_plain(plain)  access(plain, 0)
#define write_plain(plain) access(plain, 1)

/* FUTEX_WAIT compares under the lock that FUTEX_WAKE takes, so with the youngest value. One thread
 * sleeps at a location. That it may wake for no reason is left out: that could only hide a lost
 * wake-up. */
inline futex_sleep(location, expected)
{
    atomic {
        op_what = location;
        c_code {
            now.op_result = latest(now.op_what);
            now.op_what = 0;
        };
        asleep[location] = (op_result == expected);
        op_result = 0
    }
    !asleep[location]
}

inline futex_wake(location)
{
    asleep[location] = false
}

