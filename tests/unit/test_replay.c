#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "pop.h"
#include "replay.h"

enum { RANKS = 3, MOST = 8 };

/* Ranks whose calls are added one by one; a tick is a second. */
struct run {
    struct ps_call_file files[RANKS];
    struct ps_call_comm comms[2];
    struct ps_call_event events[RANKS][MOST];
};

static void begin(struct run *r)
{
    memset(r, 0, sizeof *r);
    r->comms[0] = (struct ps_call_comm){.id = 1, .size = RANKS};
    r->comms[1] = (struct ps_call_comm){.id = 2, .size = 2};
    for (uint32_t i = 0; i < RANKS; i++)
        r->files[i] = (struct ps_call_file){
            .head = {PS_CALL_MAGIC, i, RANKS, 100, 1, 2, 0},
            .comms = r->comms,
            .events = r->events[i],
        };
}

static void call(struct run *r, uint32_t rank, uint64_t computed, enum ps_call_op op, int32_t peer)
{
    struct ps_call_file *f = &r->files[rank];

    f->events[f->head.event_count++] = (struct ps_call_event){computed, peer, 5, 0, op};
}

static void all(struct run *r, uint64_t computed)
{
    for (uint32_t i = 0; i < RANKS; i++)
        call(r, i, computed, PS_CALL_ALL, 0);
}

static void near(double found, double expected)
{
    assert_true(fabs(found - expected) < 1e-9);
}

static void test_a_chain_takes_its_sum(void **state)
{
    struct run r;

    begin(&r);
    call(&r, 0, 2, PS_CALL_SEND, 1);
    call(&r, 1, 0, PS_CALL_RECEIVE, 0);
    call(&r, 1, 3, PS_CALL_SEND, 2);
    call(&r, 2, 1, PS_CALL_RECEIVE, 1);
    all(&r, 1);
    near(ps_replay(r.files, RANKS), 6);
}

static void test_messages_of_one_sender_keep_their_order(void **state)
{
    struct run r;

    begin(&r);
    call(&r, 0, 1, PS_CALL_SEND, 1);
    call(&r, 0, 9, PS_CALL_SEND, 1);
    call(&r, 1, 0, PS_CALL_RECEIVE, 0);
    call(&r, 1, 4, PS_CALL_SEND, 2);
    call(&r, 1, 0, PS_CALL_RECEIVE, 0);
    call(&r, 2, 0, PS_CALL_RECEIVE, 1);
    call(&r, 2, 20, PS_CALL_RECEIVE, 2);
    r.files[2].head.event_count--; /* the last is nobody's */
    near(ps_replay(r.files, RANKS), 10);
}

static void test_all_wait_for_the_last(void **state)
{
    struct run r;

    begin(&r);
    call(&r, 0, 1, PS_CALL_ALL, 0);
    call(&r, 1, 2, PS_CALL_ALL, 0);
    call(&r, 2, 7, PS_CALL_ALL, 0);
    all(&r, 1);
    near(ps_replay(r.files, RANKS), 8);
}

/* Others than the root need only it, and the root all of them. */
static void test_roots(void **state)
{
    struct run r;

    begin(&r);
    call(&r, 0, 9, PS_CALL_FROM_ROOT, 1);
    call(&r, 1, 2, PS_CALL_FROM_ROOT, 1);
    call(&r, 2, 1, PS_CALL_FROM_ROOT, 1);
    near(ps_replay(r.files, RANKS), 9);
    call(&r, 0, 0, PS_CALL_TO_ROOT, 2);
    call(&r, 1, 0, PS_CALL_TO_ROOT, 2);
    call(&r, 2, 0, PS_CALL_TO_ROOT, 2);
    call(&r, 1, 4, PS_CALL_SEND, 2);
    near(ps_replay(r.files, RANKS), 9);
    call(&r, 2, 4, PS_CALL_RECEIVE, 1);
    near(ps_replay(r.files, RANKS), 13);
}

static void test_a_communicator_of_two(void **state)
{
    struct run r;

    begin(&r);
    for (uint32_t i = 0; i < 2; i++) {
        call(&r, i, i + 1, PS_CALL_ALL, 0);
        r.events[i][0].comm = 1;
    }
    all(&r, 1);
    near(ps_replay(r.files, RANKS), 3);
}

/* They end all the same, without a time. */
static void test_calls_that_do_not_fit(void **state)
{
    struct run r;

    begin(&r);
    call(&r, 0, 1, PS_CALL_RECEIVE, 1);
    assert_true(isnan(ps_replay(r.files, RANKS)));
    begin(&r);
    call(&r, 0, 1, PS_CALL_ALL, 0);
    call(&r, 1, 1, PS_CALL_FROM_ROOT, 2);
    call(&r, 2, 1, PS_CALL_RECEIVE, 2);
    assert_true(isnan(ps_replay(r.files, RANKS)));
}

/* mean(c) 3, max(c) 4, T' 5, T 10 */
static void test_factors(void **state)
{
    struct ps_rank ranks[2] = {
        {.mpi = PS_RANK_MPI_WHOLE, .window = 10, .computing = 2, .threads = 1, .cpu = 10},
        {.mpi = PS_RANK_MPI_WHOLE, .window = 9, .computing = 4, .threads = 1, .cpu = 9},
    };
    struct ps_pop p = ps_pop_of(ranks, 2, 5);

    near(p.parallel, 0.3);
    near(p.balance, 0.75);
    near(p.communication, 0.4);
    near(p.serialisation, 0.8);
    near(p.transfer, 0.5);
    assert_true(isnan(p.threads));
    p = ps_pop_of(ranks, 2, NAN);
    assert_true(isnan(p.serialisation) && isnan(p.transfer));
    ranks[0].threads = 2; /* of 2 x 2 s and 4 s that are there, 2 and 4 s are used */
    near(ps_pop_of(ranks, 2, NAN).threads, 0.75);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_chain_takes_its_sum),
        cmocka_unit_test(test_messages_of_one_sender_keep_their_order),
        cmocka_unit_test(test_all_wait_for_the_last),
        cmocka_unit_test(test_roots),
        cmocka_unit_test(test_a_communicator_of_two),
        cmocka_unit_test(test_calls_that_do_not_fit),
        cmocka_unit_test(test_factors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
