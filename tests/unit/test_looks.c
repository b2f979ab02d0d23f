/* From stacks whose places are known to why cores had nothing to do. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "episode.h"
#include "fixture.h"
#include "weights.h"

#define SECOND UINT64_C(1000000000)

#define MOST 1024 /* samples of a test */

/* One look in a second of two cores: thread 1 works, thread 2 waits; sometimes 3 does too. */
struct fixture {
    struct ps_arena arena;
    struct ps_diagnoser d;
    struct ps_observation n;
    struct ps_seen samples[1], waits[2];
    struct place_of at[1], in[2];
    struct episode x;
    double weights[MOST];
};

static int set_up(void **state)
{
    struct fixture *f = fixture_new(state, sizeof *f);

    f->d = (struct ps_diagnoser){.arena = &f->arena, .cores = 2};
    f->d.code.arena = f->d.losses.arena = f->d.sites.parts.arena = &f->arena;
    f->samples[0] = (struct ps_seen){.time = SECOND / 2, .tid = 1, .running = 1};
    f->at[0] = (struct place_of){.place.function = "produce", .known = true, .region = true};
    for (int i = 0; i < 2; i++) {
        f->waits[i] = (struct ps_seen){
            .time = SECOND / 2 + 1000000, .tid = 2 + i, .running = 1, .wait.kind = PS_WAIT_FUTEX};
        f->in[i] = (struct place_of){.place.function = "consume", .known = true, .region = true};
    }
    f->n.timeline.end = SECOND;
    f->n.period = 2e-3;
    f->n.looks = f->n.by_runnable[1] = 1;
    f->n.lists[PS_SEEN_SAMPLE] = (struct ps_seen_list){f->samples, 1, 1, 1};
    f->n.lists[PS_SEEN_WAIT] = (struct ps_seen_list){f->waits, 1, 1, 0};
    f->x = (struct episode){
        .d = &f->d, .n = &f->n, .samples = f->at, .waits = f->in, .weights = f->weights};
    return 0;
}

static void add_samples(struct fixture *f, struct ps_seen *seen, struct place_of *at, size_t count)
{
    assert_true(count <= MOST);
    f->x.samples = at;
    f->n.lists[PS_SEEN_SAMPLE] = (struct ps_seen_list){seen, count, 1, count};
    ps_weights_find(&f->n, f->weights);
    episode_add_samples(&f->x);
}

static const struct row *only_row(struct fixture *f)
{
    looks_add(&f->x);
    assert_int_equal(f->d.losses.count, 1);
    assert_float_equal(f->d.losses.rows[0].idle, 1, 1e-9);
    assert_float_equal(f->d.behind_one, 0, 1e-9);
    return &f->d.losses.rows[0];
}

static void test_a_queue_is_filled_too_slowly(void **state)
{
    struct fixture *f = *state;
    const struct row *r;

    f->in[0].waits = WAITS_SIGNAL;
    r = only_row(f);
    assert_int_equal(r->kind, PS_LOSS_STARVED);
    assert_string_equal(r->object, "condition");
    assert_string_equal(r->at.place.function, "produce");
    assert_string_equal(r->waiter->function, "consume");
}

static void test_the_first_thread_works_alone(void **state)
{
    struct fixture *f = *state;
    const struct row *r;

    f->at[0].region = false;
    f->in[0].waits = WAITS_SIGNAL;
    r = only_row(f);
    assert_int_equal(r->kind, PS_LOSS_SERIAL);
    assert_string_equal(r->waiter->function, "consume");
}

static void test_a_barrier(void **state)
{
    struct fixture *f = *state;
    const struct row *r;

    f->in[0].waits = WAITS_BARRIER;
    r = only_row(f);
    assert_int_equal(r->kind, PS_LOSS_IMBALANCE);
    assert_string_equal(r->object, "barrier");
    assert_string_equal(r->waiter->function, "consume");
}

static void test_a_join_is_no_wait_of_its_own(void **state)
{
    struct fixture *f = *state;
    const struct row *r;

    f->in[0].waits = WAITS_JOIN;
    r = only_row(f);
    assert_int_equal(r->kind, PS_LOSS_IMBALANCE);
    assert_null(r->waiter);
    assert_null(r->object);
}

/* The one that waits for the lock is the cause, the one in join is not. */
static void test_a_lock_beside_a_join(void **state)
{
    struct fixture *f = *state;
    const struct row *r;

    f->in[0].waits = WAITS_JOIN;
    f->in[1].waits = WAITS_LOCK;
    f->in[1].place.library = "pthread_mutex_lock";
    f->n.lists[PS_SEEN_WAIT].count = 2;
    r = only_row(f);
    assert_int_equal(r->kind, PS_LOSS_LOCK);
    assert_string_equal(r->at.place.library, "pthread_mutex_lock");
}

/* What runs in the function that takes the lock, deep or not, while nobody else does. */
static void test_what_a_lock_is_held_during(void **state)
{
    struct fixture *f = *state;
    const struct row *lock;

    f->in[0].waits = WAITS_LOCK;
    f->at[0].place.caller = "between";
    f->at[0].outer[0] = "between";
    f->at[0].outer[1] = "consume";
    lock = only_row(f);
    assert_string_equal(looks_holder(lock)->at.place.function, "produce");
    f->at[0].outer[1] = NULL; /* it may have been given back by then */
    f->samples[0].running = 1;
    looks_add(&f->x);
    looks_add(&f->x);
    assert_null(looks_holder(&f->d.losses.rows[0]));
}

/* Nobody runs: who waits for the disk has it. */
static void test_a_lock_is_held_during_a_wait(void **state)
{
    struct fixture *f = *state;
    const struct row *lock = NULL;

    f->n.by_runnable[0] = 1;
    f->n.by_runnable[1] = 0;
    for (int i = 0; i < 2; i++)
        f->waits[i].running = 0;
    f->in[0].waits = WAITS_LOCK;
    f->waits[1].wait.kind = PS_WAIT_SYNC;
    f->in[1].place.library = "fsync";
    f->n.lists[PS_SEEN_WAIT].count = 2;
    looks_add(&f->x);
    for (size_t i = 0; i < f->d.losses.count; i++)
        if (f->d.losses.rows[i].kind == PS_LOSS_LOCK)
            lock = &f->d.losses.rows[i];
    assert_string_equal(looks_holder(lock)->at.place.library, "fsync");
}

/* A part of a loop that is done in its order: asleep or not, who waits there waits for its turn. */
static void test_an_ordered_part(void **state)
{
    struct fixture *f = *state;
    struct ps_seen seen[] = {f->samples[0], f->samples[0]};
    struct place_of at[] = {f->at[0], f->in[0]};
    const struct row *r;

    f->in[0].waits = WAITS_ORDER;
    f->in[0].runtime = true;
    r = only_row(f);
    assert_int_equal(r->kind, PS_LOSS_TURNS);
    assert_string_equal(r->at.place.function, "produce");
    assert_string_equal(r->waiter->function, "consume");
    seen[1].tid = 2;
    at[1].waits = WAITS_ORDER;
    at[1].spins = true;
    add_samples(f, seen, at, 2);
    assert_float_equal(f->d.losses.rows[1].spun, f->n.period, 1e-9);
    assert_int_equal(f->d.losses.rows[1].kind, PS_LOSS_TURNS);
    assert_string_equal(f->d.losses.rows[1].waiter->function, "consume");
}

/* Reading is how programs wait for a timer, and for each other's events. */
static void test_timers_and_events(void **state)
{
    struct fixture *f = *state;

    f->waits[0].wait.kind = PS_WAIT_READ;
    f->waits[0].wait.object = (char[]){"anon_inode:[timerfd]"};
    assert_int_equal(only_row(f)->kind, PS_LOSS_SLEEP);
    f->d.losses.count = 0;
    f->d.behind_one = 0;
    f->waits[0].wait.object = (char[]){"anon_inode:[eventfd]"};
    assert_int_equal(only_row(f)->kind, PS_LOSS_STARVED);
}

/* A process that waits for a file's lock is the cause, whatever function called. */
static void test_the_lock_of_a_file(void **state)
{
    struct fixture *f = *state;
    const struct row *r;

    f->waits[0].wait.kind = PS_WAIT_LOCK;
    f->waits[0].wait.object = "/var/lib/ledger";
    r = only_row(f);
    assert_int_equal(r->kind, PS_LOSS_LOCK);
    assert_string_equal(r->object, "/var/lib/ledger");
    assert_string_equal(r->at.place.function, "consume");
}

/* Who waits for a semaphore waits for those that work. */
static void test_a_semaphore(void **state)
{
    struct fixture *f = *state;

    f->waits[0].wait.kind = PS_WAIT_SEMAPHORE;
    assert_int_equal(only_row(f)->kind, PS_LOSS_STARVED);
}

/* A process that others start by a signal; one that is there for nothing else works for nobody. */
static void test_a_signal(void **state)
{
    struct fixture *f = *state;
    struct ps_timeline_thread threads[] = {{.tid = 1, .on_cpu = 1000}, {.tid = 2, .on_cpu = 500}};
    const struct row *r;

    f->n.timeline.threads = threads;
    f->n.timeline.thread_count = 2;
    f->waits[0].wait.kind = PS_WAIT_SIGNAL;
    r = only_row(f);
    assert_int_equal(r->kind, PS_LOSS_STARVED);
    assert_string_equal(r->object, "signal");
    assert_string_equal(r->waiter->function, "consume");
    f->d.losses.count = 0;
    f->d.behind_one = 0;
    threads[1].on_cpu = 10;
    r = only_row(f);
    assert_int_equal(r->kind, PS_LOSS_IMBALANCE);
    assert_null(r->waiter);
}

static void test_an_interpreter(void **state)
{
    struct fixture *f = *state;

    f->in[0].waits = WAITS_INTERPRETER;
    assert_int_equal(only_row(f)->kind, PS_LOSS_INTERPRETER);
}

/* The process that works has two threads, and those of its pool wait for what it hands out. */
static void test_an_interpreter_that_others_wait_for(void **state)
{
    struct fixture *f = *state;

    f->at[0].region = false;
    f->samples[0].pid = f->waits[0].pid = 1;
    f->in[0].waits = WAITS_INTERPRETER;
    f->waits[1].pid = 3;
    f->waits[1].wait.kind = PS_WAIT_READ;
    f->waits[1].wait.object = (char[]){"pipe:[1]"};
    f->n.lists[PS_SEEN_WAIT].count = 2;
    assert_int_equal(only_row(f)->kind, PS_LOSS_SERIAL);
}

/* Without a sample about then it is shared out by all of them. */
static void test_the_rest(void **state)
{
    struct fixture *f = *state;

    f->in[0].waits = WAITS_SIGNAL;
    f->waits[0].time = SECOND / 2 + 100000000;
    looks_add(&f->x);
    assert_int_equal(f->d.losses.count, 0);
    assert_float_equal(f->d.behind_one, 1, 1e-9);
    rows_code(&f->d.code, &f->at[0], 1)->alone = 1;
    looks_share_rest(&f->d);
    assert_int_equal(f->d.losses.count, 1);
    assert_float_equal(f->d.losses.rows[0].idle, 1, 1e-9);
}

/* The last stage of a pipeline of processes. */
static void test_no_room_in_a_pipe(void **state)
{
    struct fixture *f = *state;

    f->waits[0].wait.kind = PS_WAIT_WRITE;
    f->waits[0].wait.object = (char[]){"pipe:[1]"};
    assert_int_equal(only_row(f)->kind, PS_LOSS_SERIAL);
}

/* ---- who takes turns ---- */

static const struct ps_place ask = {.function = "ask"}, serve = {.function = "serve"};

/* A parent (0) and two workers (1, 2): who of them works waits for nothing. */
static void take_turns(struct turns *t, double first, double second)
{
    turns_wait(t, AWAITS_PIPE, &serve, 2, 1, first);
    turns_wait(t, AWAITS_PIPE, &ask, 0, 1, first);
    turns_look(t, 1, first, true);
    turns_wait(t, AWAITS_PIPE, &serve, 1, 2, second);
    turns_wait(t, AWAITS_PIPE, &ask, 0, 2, second);
    turns_look(t, 2, second, true);
}

static struct row *uneven(struct fixture *f)
{
    return rows_loss(&f->d.losses, &(struct loss){PS_LOSS_IMBALANCE, &f->at[0], NULL, NULL}, 1);
}

static void test_who_asks_in_turn_is_named(void **state)
{
    struct fixture *f = *state;
    struct row *r = uneven(f);

    take_turns(&f->d.turns, 5, 5);
    turns_find(&f->d.turns, 10, 1, &f->d.losses);
    assert_int_equal(r->kind, PS_LOSS_TURNS);
    assert_string_equal(r->waiter->function, "ask");
}

/* Who started them waits for their end only. */
static void test_who_joins_has_no_part_in_turns(void **state)
{
    struct fixture *f = *state;
    struct turns *t = &f->d.turns;
    const struct loss behind = {PS_LOSS_STARVED, &f->at[0], "condition", &serve};
    struct row *r = rows_loss(&f->d.losses, &behind, 1);

    turns_wait(t, AWAITS_CONDITION, &serve, 2, 1, 5);
    turns_wait(t, AWAITS_JOIN, &ask, 0, 1, 5);
    turns_look(t, 1, 5, true);
    turns_wait(t, AWAITS_CONDITION, &serve, 1, 2, 5);
    turns_wait(t, AWAITS_JOIN, &ask, 0, 2, 5);
    turns_look(t, 2, 5, true);
    turns_find(t, 10, 1, &f->d.losses);
    assert_int_equal(r->kind, PS_LOSS_TURNS);
    assert_string_equal(r->waiter->function, "serve");
}

static void test_one_of_them_works_longer(void **state)
{
    struct fixture *f = *state;
    struct row *r = uneven(f);

    take_turns(&f->d.turns, 9, 1);
    turns_find(&f->d.turns, 10, 1, &f->d.losses);
    assert_int_equal(r->kind, PS_LOSS_IMBALANCE);
}

static void test_who_works_at_once_takes_no_turns(void **state)
{
    struct fixture *f = *state;
    struct row *r = uneven(f);

    take_turns(&f->d.turns, 5, 5);
    turns_find(&f->d.turns, 10, 9, &f->d.losses);
    assert_int_equal(r->kind, PS_LOSS_IMBALANCE);
}

/* Each side of a queue keeps its place. */
static void test_both_sides_of_a_queue(void **state)
{
    struct fixture *f = *state;
    struct turns *t = &f->d.turns;
    const struct loss behind = {PS_LOSS_STARVED, &f->at[0], "condition", &serve};
    struct row *r = rows_loss(&f->d.losses, &behind, 1);

    turns_wait(t, AWAITS_CONDITION, &serve, 2, 1, 5);
    turns_look(t, 1, 5, true);
    turns_wait(t, AWAITS_CONDITION, &ask, 1, 2, 5);
    turns_look(t, 2, 5, true);
    turns_find(t, 10, 1, &f->d.losses);
    assert_int_equal(r->kind, PS_LOSS_TURNS);
    assert_string_equal(r->waiter->function, "serve");
}

/* The same, from looks at two threads of which one works and one waits. */
static void test_looks_tell_who_takes_turns(void **state)
{
    struct fixture *f = *state;
    struct ps_timeline_thread threads[] = {{.tid = 9}, {.tid = 1}, {.tid = 2}};

    f->n.timeline.threads = threads;
    f->n.timeline.thread_count = 3;
    f->in[0].waits = WAITS_JOIN;
    looks_add(&f->x);
    assert_float_equal(f->d.turns.looked, 1, 1e-9);
    assert_float_equal(f->d.turns.signalled, 1, 1e-9);
    assert_float_equal(f->d.turns.worked[1], 1, 1e-9);
    assert_int_equal(f->d.turns.count, 1);
    assert_int_equal(f->d.turns.sides[0].waiting, 4);
    assert_int_equal(f->d.turns.sides[0].working, 2);
}

/* Who only sleeps beside them has no part in it. */
static void test_bystanders_of_turns(void **state)
{
    struct fixture *f = *state;
    struct ps_timeline_thread threads[] = {
        {.tid = 9, .switches = 900}, {.tid = 1, .switches = 1000}, {.tid = 2, .switches = 3}};

    f->n.timeline.threads = threads;
    f->n.timeline.thread_count = 3;
    f->in[0].waits = WAITS_SIGNAL;
    looks_add(&f->x);
    assert_float_equal(f->d.turns.looked, 1, 1e-9);
    assert_float_equal(f->d.turns.signalled, 0, 1e-9);
    assert_int_equal(f->d.turns.count, 0);
    threads[2].switches = 500;
    looks_add(&f->x);
    assert_float_equal(f->d.turns.signalled, 1, 1e-9);
    assert_int_equal(f->d.turns.count, 1);
}

/* Of several that wait at a place a look counts once. */
static void test_a_look_counts_once_for_a_side(void **state)
{
    struct fixture *f = *state;
    struct turns *t = &f->d.turns;

    for (size_t waiter = 2; waiter < 6; waiter++)
        turns_wait(t, AWAITS_CONDITION, &serve, waiter, 1, 5);
    turns_look(t, 1, 5, true);
    assert_float_equal(t->sides[0].waited, 5, 1e-9);
}

/* Who tries again waits for what another thread does at that moment, not before or behind. */
static void test_what_a_loop_waits_for(void **state)
{
    struct fixture *f = *state;
    const uint64_t period = 2000000;
    struct ps_seen seen[] = {{.time = SECOND, .tid = 1, .running = 2},
                             {.time = SECOND + period / 10, .tid = 2, .running = 2},
                             {.time = SECOND + 4 * period, .tid = 1, .running = 2},
                             {.time = SECOND + 9 * period / 2, .tid = 2, .running = 2}};
    const struct place_of loop = {
        .place.function = "post", .known = true, .spins = true, .waits = WAITS_TURN};
    struct place_of at[] = {f->at[0], loop, f->at[0], loop};
    const struct row *r;

    at[0].place.function = "digest";
    at[0].place.library = "memcpy";
    add_samples(f, seen, at, 4);
    assert_int_equal(f->d.losses.count, 1);
    r = &f->d.losses.rows[0];
    assert_int_equal(r->kind, PS_LOSS_SPIN);
    assert_float_equal(r->spun, 2 * f->n.period, 1e-9);
    assert_float_equal(r->watched, f->n.period, 1e-9);
    assert_string_equal(looks_holder(r)->at.place.function, "digest");
    assert_null(looks_holder(r)->at.place.library);
}

/* ---- which samples are kept ---- */

/* Samples of as many CPUs come in turns. */
static void test_what_is_kept_is_of_all_cpus(void **state)
{
    enum { COUNT = 64000 };

    for (size_t step = 1; step <= 64; step *= 2)
        for (size_t cpus = 1; cpus <= 8; cpus++)
            for (size_t cpu = 0; cpu < cpus; cpu++) {
                const double expected = (double)COUNT / (double)(cpus * step);
                size_t kept = 0;

                for (size_t i = cpu; i < COUNT; i += cpus) {
                    kept += ps_observed_kept(i, step);
                    assert_true(ps_observed_kept(i, step) || !ps_observed_kept(i, 2 * step));
                }
                assert_float_equal(kept, expected, 0.1 * expected + 1);
            }
    assert_true(ps_observed_kept(0, 64));
}

/* ---- who works alone while others spin ---- */

/* Thread 1 always works, thread 2 works and spins in turns of two milliseconds, which is the
 * sampling period: half of the samples of thread 1 are of time alone. */
static void test_phases_as_short_as_the_sampling_period(void **state)
{
    enum { CYCLES = 50, COUNT = 4 * CYCLES };
    struct fixture *f = *state;
    static struct ps_seen seen[COUNT];
    static struct place_of at[COUNT];

    for (uint64_t i = 0; i < COUNT; i++) {
        const bool second = i % 2;
        const uint64_t time = SECOND + i * 1000000;

        seen[i] = (struct ps_seen){.time = time, .pid = 1, .tid = second ? 2 : 1, .running = 2};
        at[i] = (struct place_of){.place.function = second ? "wait" : "work", .known = true};
        at[i].spins = second && i / 2 % 2;
    }
    add_samples(f, seen, at, COUNT);
    assert_float_equal(f->d.spun, CYCLES * f->n.period, 1e-9);
    assert_float_equal(f->d.beside_idle, CYCLES * f->n.period, 1.5 * f->n.period);
    assert_float_equal(f->d.beside, 3 * CYCLES * f->n.period, 1e-9);
}

/* Two of forty work, and the others spin: the first is not alone, however many are nearer to it. */
static void test_two_of_many_work(void **state)
{
    enum { THREADS = 40 };
    struct fixture *f = *state;
    static struct ps_seen seen[THREADS];
    static struct place_of at[THREADS];

    for (int i = 0; i < THREADS; i++) {
        seen[i] = (struct ps_seen){
            .time = SECOND + (uint64_t)i * 1000, .pid = 1, .tid = 1 + i, .running = THREADS};
        at[i] = (struct place_of){.spins = i && i < THREADS - 1};
    }
    add_samples(f, seen, at, THREADS);
    assert_float_equal(f->d.beside, 2 * f->n.period, 1e-9);
    assert_float_equal(f->d.beside_idle, 0, 1e-9);
}

/* Of a body with a loop that ends at 0x20 and a part for one thread that ends at 0x40, in steps far
 * shorter than the sampling period: the samples next to one that spins are mostly of the loop. */
static void test_a_part_for_one_thread(void **state)
{
    enum { CYCLES = 20, COUNT = 6 * CYCLES };
    struct fixture *f = *state;
    static struct ps_seen seen[COUNT];
    static struct place_of at[COUNT];
    static const struct place_of cycle[] = {
        {.place.function = "relax",
         .known = true,
         .region = true,
         .body = "solve",
         .body_at = 0x1c},
        {.known = true, .region = true, .spins = true, .body = "solve", .body_at = 0x40},
        {.place.function = "relax",
         .known = true,
         .region = true,
         .body = "solve",
         .body_at = 0x10},
        {.place.function = "relax",
         .known = true,
         .region = true,
         .body = "solve",
         .body_at = 0x12},
        {.place.function = "judge",
         .known = true,
         .region = true,
         .body = "solve",
         .body_at = 0x30},
        {.place.function = "relax",
         .known = true,
         .region = true,
         .body = "solve",
         .body_at = 0x10},
    };

    for (size_t i = 0; i < COUNT; i++) {
        seen[i] = (struct ps_seen){
            .time = SECOND + i * 1000000, .pid = 1, .tid = i % 2 ? 2 : 1, .running = 2};
        at[i] = cycle[i % 6];
    }
    add_samples(f, seen, at, COUNT);
    assert_int_equal(f->d.losses.count, 0);
    /* Later: where each wait is. One at the end of the loop is what tells the two parts apart. */
    at[1].body_at = 0x20;
    f->n.lists[PS_SEEN_SAMPLE].count = 2;
    episode_add_samples(&f->x);
    spin_sites_share(&f->d.sites, 1, &f->d.losses);
    assert_int_equal(f->d.losses.count, 2);
    assert_string_equal(f->d.losses.rows[0].at.place.function, "judge");
    assert_int_equal(f->d.losses.rows[0].kind, PS_LOSS_SERIAL);
    assert_float_equal(f->d.losses.rows[0].spun, CYCLES * f->n.period, 1e-9);
    assert_string_equal(f->d.losses.rows[1].at.place.function, "relax");
    assert_int_equal(f->d.losses.rows[1].kind, PS_LOSS_IMBALANCE);
    assert_float_equal(f->d.losses.rows[1].spun, f->n.period, 1e-9);
}

/* The other thread sleeps at the end of the part: what runs there at other times, in the same
 * function, is no part of it. */
static void test_a_part_for_one_thread_that_is_long(void **state)
{
    struct fixture *f = *state;
    const struct row *r;

    f->at[0].place.caller = "prepare";
    f->at[0].place.caller_file = "a.c";
    f->at[0].place.caller_line = 3;
    f->at[0].body = f->in[0].body = "solve";
    f->at[0].body_at = 0x10;
    f->in[0].body_at = 0x20;
    f->in[0].runtime = f->in[0].spins = true;
    looks_add(&f->x);
    assert_int_equal(f->d.losses.count, 0);
    spin_sites_work(&f->d.sites, &f->at[0], 1);
    f->at[0].place.caller = "loop";
    f->at[0].place.caller_line = 5;
    f->at[0].body_at = 0x30;
    spin_sites_work(&f->d.sites, &f->at[0], 5);
    spin_sites_share(&f->d.sites, 1, &f->d.losses);
    assert_int_equal(f->d.losses.count, 1);
    r = &f->d.losses.rows[0];
    assert_int_equal(r->kind, PS_LOSS_SERIAL);
    assert_float_equal(r->idle, 1, 1e-9);
    assert_string_equal(row_place(r).caller, "prepare");
    assert_int_equal(row_place(r).caller_line, 3);
}

/* The caller is the one of the line that is told. */
static void test_the_caller_of_most_samples(void **state)
{
    struct fixture *f = *state;
    struct place_of at = f->at[0];
    struct row *r;

    at.place.caller_file = "a.c";
    at.place.caller = "seldom";
    at.place.caller_line = 3;
    rows_code(&f->d.code, &at, 1);
    at.place.caller = "often";
    at.place.caller_line = 5;
    r = rows_code(&f->d.code, &at, 2);
    assert_string_equal(row_place(r).caller, "often");
    assert_int_equal(row_place(r).caller_line, 5);
}

/* Nobody works beside it, though it is in a region: it is no share that is too large. */
static void test_alone_in_a_region(void **state)
{
    struct fixture *f = *state;
    struct row *code, *loss;

    code = rows_code(&f->d.code, &f->at[0], 1);
    code->cpu = code->region = 1;
    loss = rows_loss(&f->d.losses, &(struct loss){PS_LOSS_IMBALANCE, &f->at[0], NULL, NULL}, 1);
    code->single = 0.5;
    spins_find_single(&f->d);
    assert_int_equal(loss->kind, PS_LOSS_IMBALANCE);
    code->single = 0.9;
    spins_find_single(&f->d);
    assert_int_equal(loss->kind, PS_LOSS_IMBALANCE); /* a thread's share */
    code->body = "solve";
    spins_find_single(&f->d);
    assert_int_equal(loss->kind, PS_LOSS_SERIAL);
    /* A stage that lets in one at a time, while others are in another one. */
    loss->kind = PS_LOSS_IMBALANCE;
    code->single = 0.3;
    code->met = 20;
    code->met_same = 6;
    spins_find_single(&f->d);
    assert_int_equal(loss->kind, PS_LOSS_IMBALANCE);
    code->met_same = 2; /* one begins where another one has just ended */
    spins_find_single(&f->d);
    assert_int_equal(loss->kind, PS_LOSS_SERIAL);
    /* A share that is too large, of which few samples meet others. */
    loss->kind = PS_LOSS_IMBALANCE;
    *code = (struct row){.at = code->at, .body = "solve", .region = 1, .single = 0.4, .met = 10};
    code->met_spinning = 6;
    code->met_same = 4;
    spins_find_single(&f->d);
    assert_int_equal(loss->kind, PS_LOSS_IMBALANCE);
    code->met_spinning = 10;
    code->met_same = 0;
    spins_find_single(&f->d);
    assert_int_equal(loss->kind, PS_LOSS_SERIAL);
    loss->kind = PS_LOSS_IMBALANCE;
    code->met = code->met_spinning = 3;
    spins_find_single(&f->d);
    assert_int_equal(loss->kind, PS_LOSS_IMBALANCE);
    code->single = 0.3;
    code->met = 20;
    code->met_spinning = 0;
    code->met_same = 2;
    /* Of ten that take as long each two are seldom in the same. */
    loss->kind = PS_LOSS_IMBALANCE;
    for (size_t i = 0; i < 9; i++) {
        static const char *const names[] = {"b", "c", "d", "e", "f", "g", "h", "i", "j"};
        const struct place_of other = {.place.function = names[i], .known = true};
        struct row *beside = rows_code(&f->d.code, &other, 1);

        beside->region = 1;
    }
    code = f->d.code.rows;
    spins_find_single(&f->d);
    assert_int_equal(loss->kind, PS_LOSS_IMBALANCE);
    code->met_same = 0;
    spins_find_single(&f->d);
    assert_int_equal(loss->kind, PS_LOSS_SERIAL);
    code->bodies = true; /* of several regions */
    loss->kind = PS_LOSS_IMBALANCE;
    spins_find_single(&f->d);
    assert_int_equal(loss->kind, PS_LOSS_IMBALANCE);
    code->bodies = false;
    /* Who makes tasks that are too small does most of them. */
    loss->kind = PS_LOSS_IMBALANCE;
    loss->idle = 0.5;
    rows_loss(&f->d.losses, &(struct loss){PS_LOSS_TASKS, &f->at[0], NULL, NULL}, 1)->spun = 0.4;
    spins_find_single(&f->d);
    assert_int_equal(f->d.losses.rows[0].kind, PS_LOSS_IMBALANCE);
}

/* ---- names of libraries ---- */

static enum waits_for waits(const char *inner, const char *outer, const char *module)
{
    const struct ps_frame frames[] = {{.function = inner, .module = module},
                                      {.function = outer, .module = module}};

    return library_waits(frames, 2, &(struct ps_frame){.function = "f", .module = "program"});
}

static void test_names_say_what_for(void **state)
{
    const char *c = "libc.so.6", *omp = "libgomp.so.1";

    assert_int_equal(waits("pthread_join", "std::thread::join()", c), WAITS_JOIN);
    assert_int_equal(waits("pthread_mutex_lock", "std::lock_guard<std::mutex>::lock_guard", c),
                     WAITS_LOCK);
    assert_int_equal(waits("pthread_cond_wait", "std::unique_lock<std::mutex>::lock()", c),
                     WAITS_SIGNAL);
    assert_int_equal(waits("__futex_abstimed_wait", "pthread_barrier_wait", c), WAITS_BARRIER);
    assert_int_equal(waits("clock_nanosleep", "std::basic_block", c), WAITS_UNKNOWN);
    assert_int_equal(waits("sched_yield", "std::this_thread::yield()", c), WAITS_TURN);
    assert_int_equal(waits(NULL, "GOMP_critical_name_start", omp), WAITS_LOCK);
    assert_int_equal(waits(NULL, "GOMP_loop_nonmonotonic_dynamic_next", omp), WAITS_PIECES);
    assert_int_equal(waits(NULL, "GOMP_task", omp), WAITS_TASKS);
    assert_int_equal(waits(NULL, "GOMP_barrier", omp), WAITS_UNKNOWN);
}

static bool runtime(const char *inner, const char *in, const char *outer)
{
    const struct ps_frame frames[] = {{.function = inner, .module = in},
                                      {.function = outer, .module = "libomp.so.5"},
                                      {.function = "f", .module = "program"}};

    return library_in_runtime(frames, 2);
}

static void test_what_a_runtime_calls_is_no_work(void **unused)
{
    const struct ps_frame work = {.function = "malloc", .module = "libc.so.6"};

    assert_true(runtime("__kmp_wait", "libomp.so.5", "__kmpc_barrier"));
    assert_true(runtime("__tls_get_addr", "ld-linux-x86-64.so.2", "__kmpc_for_static_init_4"));
    assert_true(runtime("__tls_get_addr", "ld-linux-x86-64.so.2", NULL));
    assert_false(runtime("clock_gettime", "[vdso]", "omp_get_wtime"));
    assert_false(library_in_runtime(&work, 0));
    assert_false(library_in_runtime(
        (const struct ps_frame[]){work, {.function = "f", .module = "program"}}, 1));
}

static void test_what_is_not_the_programs_own(void **state)
{
    static const struct {
        struct ps_frame frame;
        enum library_kind kind;
    } table[] = {
        {{.function = "f", .module = "program"}, LIBRARY_NONE},
        {{.function = "f", .module = "libc.so.6"}, LIBRARY_SYSTEM},
        {{.function = "f", .module = "libomp.so.5"}, LIBRARY_RUNTIME},
        {{.function = "std::mutex::lock()", .module = "program"}, LIBRARY_INLINE},
        {{.function = "void std::sort<int>(int)", .module = "program"}, LIBRARY_INLINE},
        {{.function = "run(std::string)", .module = "program"}, LIBRARY_NONE},
        {{.function = "void run<int, std::string>(int)", .module = "program"}, LIBRARY_NONE},
        {{.function = "x", .module = "program", .file = "/usr/include/c++/12/mutex"},
         LIBRARY_INLINE},
        {{.function = "std::x", .module = "program", .file = "/home/me/x.cc"}, LIBRARY_NONE},
        {{.function = "x", .module = "program", .file = "library/std/src/thread.rs"},
         LIBRARY_INLINE},
        {{.function = "x",
          .module = "program",
          .file = "/usr/src/rustc-1.63.0/library/std/src/lib.rs"},
         LIBRARY_INLINE},
        {{.function = "x", .module = "program", .file = "/home/me/library/core/src/a.rs"},
         LIBRARY_NONE},
        {{.function = "x", .module = "program", .file = "/home/me/src/runtime/team.c"},
         LIBRARY_NONE},
        {{.function = "x", .module = "program", .file = "/usr/lib/go-1.19/src/runtime/proc.go"},
         LIBRARY_INLINE},
        {{.module = "program"}, LIBRARY_NONE},
        {{.module = NULL}, LIBRARY_NONE},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(library_of(&table[i].frame), table[i].kind);
}

/* The timeline keeps what so many did in one place; how many they were is told all the same. */
static void test_threads_that_are_not_told_apart(void **state)
{
    struct fixture *f = *state;
    struct ps_timeline_thread threads[] = {{.tid = 1, .name = "worker"}, {.name = "others"}};
    const struct ps_timeline t = {
        .threads = threads, .thread_count = 2, .truncated = true, .others = 5000};
    struct ps_diagnosis d = {0};

    thread_rows_add(&f->d.threads, &t, &f->arena);
    thread_rows_result(&f->d.threads, 1, &f->arena, &d);
    assert_int_equal(d.thread_count, 2);
    assert_float_equal(d.threads[0].count + d.threads[1].count, 5001, 1e-9);
}

/* Where HotSpot spins or sleeps for a monitor, and not where a method waits for a notification. */
static void test_monitors_of_java(void **state)
{
    struct ps_frame spins[] = {
        {.function = "SpinPause", .module = "libjvm.so"},
        {.function = "ObjectMonitor::TrySpin(JavaThread*)", .module = "libjvm.so"},
        {.function = "ObjectMonitor::enter(JavaThread*)", .module = "libjvm.so"}};
    struct ps_frame waits[] = {
        {.function = "pthread_cond_wait", .module = "libc.so.6"},
        {.function = "ObjectMonitor::wait(long, bool, JavaThread*)", .module = "libjvm.so"}};

    assert_true(library_in_monitor(spins, 3));
    assert_true(library_in_monitor(spins + 1, 1));
    assert_false(library_in_monitor(spins, 1));
    assert_false(library_in_monitor(waits, 2));
    spins[1].module = spins[2].module = "work";
    assert_false(library_in_monitor(spins, 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_queue_is_filled_too_slowly, set_up, fixture_end),
        cmocka_unit_test_setup_teardown(test_the_first_thread_works_alone, set_up, fixture_end),
        cmocka_unit_test_setup_teardown(test_a_barrier, set_up, fixture_end),
        cmocka_unit_test_setup_teardown(test_no_room_in_a_pipe, set_up, fixture_end),
        cmocka_unit_test_setup_teardown(test_who_asks_in_turn_is_named, set_up, fixture_end),
        cmocka_unit_test_setup_teardown(test_bystanders_of_turns, set_up, fixture_end),
        cmocka_unit_test_setup_teardown(test_a_look_counts_once_for_a_side, set_up, fixture_end),
        cmocka_unit_test_setup_teardown(test_who_joins_has_no_part_in_turns, set_up, fixture_end),
        cmocka_unit_test_setup_teardown(test_one_of_them_works_longer, set_up, fixture_end),
        cmocka_unit_test_setup_teardown(test_who_works_at_once_takes_no_turns, set_up, fixture_end),
        cmocka_unit_test_setup_teardown(test_both_sides_of_a_queue, set_up, fixture_end),
        cmocka_unit_test_setup_teardown(test_looks_tell_who_takes_turns, set_up, fixture_end),
        cmocka_unit_test(test_what_is_kept_is_of_all_cpus),
        cmocka_unit_test_setup_teardown(test_two_of_many_work, set_up, fixture_end),
        cmocka_unit_test_setup_teardown(test_phases_as_short_as_the_sampling_period, set_up,
                                        fixture_end),
        cmocka_unit_test_setup_teardown(test_a_join_is_no_wait_of_its_own, set_up, fixture_end),
        cmocka_unit_test_setup_teardown(test_a_lock_beside_a_join, set_up, fixture_end),
        cmocka_unit_test_setup_teardown(test_an_interpreter, set_up, fixture_end),
        cmocka_unit_test_setup_teardown(test_an_interpreter_that_others_wait_for, set_up,
                                        fixture_end),
        cmocka_unit_test_setup_teardown(test_the_rest, set_up, fixture_end),
        cmocka_unit_test_setup_teardown(test_the_lock_of_a_file, set_up, fixture_end),
        cmocka_unit_test_setup_teardown(test_timers_and_events, set_up, fixture_end),
        cmocka_unit_test_setup_teardown(test_an_ordered_part, set_up, fixture_end),
        cmocka_unit_test_setup_teardown(test_what_a_lock_is_held_during, set_up, fixture_end),
        cmocka_unit_test_setup_teardown(test_a_lock_is_held_during_a_wait, set_up, fixture_end),
        cmocka_unit_test_setup_teardown(test_a_semaphore, set_up, fixture_end),
        cmocka_unit_test(test_monitors_of_java),
        cmocka_unit_test_setup_teardown(test_what_a_loop_waits_for, set_up, fixture_end),
        cmocka_unit_test_setup_teardown(test_a_signal, set_up, fixture_end),
        cmocka_unit_test_setup_teardown(test_a_part_for_one_thread, set_up, fixture_end),
        cmocka_unit_test_setup_teardown(test_a_part_for_one_thread_that_is_long, set_up,
                                        fixture_end),
        cmocka_unit_test_setup_teardown(test_the_caller_of_most_samples, set_up, fixture_end),
        cmocka_unit_test_setup_teardown(test_alone_in_a_region, set_up, fixture_end),
        cmocka_unit_test_setup_teardown(test_threads_that_are_not_told_apart, set_up, fixture_end),
        cmocka_unit_test(test_names_say_what_for),
        cmocka_unit_test(test_what_a_runtime_calls_is_no_work),
        cmocka_unit_test(test_what_is_not_the_programs_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
