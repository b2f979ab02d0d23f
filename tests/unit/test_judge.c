#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "judge.h"
#include "rng.h"

enum { ROUNDS = 60, MS = 1000000 };

struct fixture {
    struct ps_arena arena;
    struct ps_rng rng;
};

static int setup(void **state)
{
    struct fixture *f = fixture_new(state, sizeof *f);

    f->rng.state = 7;
    return 0;
}

/* How a machine behaves: what a kernel's throughput is on both, over that of each alone; how much
 * of a CPU the threads of a pair get; by how much windows vary. */
struct machine {
    double saturating, control, share, noise, round_trip;
};

static double vary(struct fixture *f, double noise)
{
    return 1 + noise * (2 * ps_rng_unit(&f->rng) - 1);
}

static struct pair_window window(struct fixture *f, double speed, double share, double noise)
{
    const double cpu = 2 * MS * share;

    return (struct pair_window){speed * cpu * vary(f, noise), 2 * MS, cpu};
}

static struct pair_sample sample(struct fixture *f, double ratio, const struct machine *m)
{
    struct pair_sample s;

    for (size_t i = 0; i < 2; i++) {
        s.alone[i] = window(f, 4, 1, m->noise);
        s.together[i] = window(f, 4 * ratio, m->share, m->noise);
    }
    return s;
}

static struct ps_pair probe(struct fixture *f, const struct machine *m, size_t rounds)
{
    struct ps_pair p = {.first = 0, .second = 1, .round_trip = m->round_trip, .kernel_count = 4};
    struct pair_sample samples[ROUNDS];

    for (size_t k = 0; k < 4; k++) {
        p.kernels[k].saturating = k < 3;
        for (size_t i = 0; i < rounds; i++)
            samples[i] = sample(f, k < 3 ? m->saturating : m->control, m);
        ps_pair_summarize(samples, rounds, &p.kernels[k]);
    }
    ps_pair_judge(&f->arena, &p);
    return p;
}

static void assert_answer(const struct ps_pair *p, enum ps_pair_answer answer, const char *why)
{
    if (p->answer != answer || !strstr(p->why, why))
        fail_msg("%s: %s", ps_pair_answer_name(p->answer), p->why);
}

static void test_siblings(void **state)
{
    const struct machine m = {0.55, 0.98, 1, 0.2, 15};
    struct ps_pair p = probe(*state, &m, ROUNDS);

    assert_answer(&p, PS_PAIR_SHARE_CORE, "3 of 3");
    assert_non_null(strstr(p.why, "as within one core"));
    assert_true(fabs(p.kernels[0].by_cpu.value - 0.55) < 0.05);
}

/* A round trip between the two limits is no witness, and none that contradicts. */
static void test_siblings_with_an_unclear_trip(void **state)
{
    const struct machine m = {0.6, 1, 1, 0.1, 30};
    struct ps_pair p = probe(*state, &m, ROUNDS);

    assert_answer(&p, PS_PAIR_SHARE_CORE, "3 of 3");
    assert_null(strstr(p.why, "as within one core"));
}

static void test_cores(void **state)
{
    const struct machine m = {1, 1, 1, 0.25, 150};
    struct ps_pair p = probe(*state, &m, ROUNDS);

    assert_answer(&p, PS_PAIR_NO_EVIDENCE, "3 of 3");
    assert_true(p.kernels[0].kept == ROUNDS);
}

static void test_witnesses_that_disagree(void **state)
{
    const struct machine slow = {0.55, 1, 1, 0.1, 150}, near = {1, 1, 1, 0.1, 12};
    struct ps_pair p = probe(*state, &slow, ROUNDS);

    assert_answer(&p, PS_PAIR_INCONCLUSIVE, "as long as between cores");
    p = probe(*state, &near, ROUNDS);
    assert_answer(&p, PS_PAIR_INCONCLUSIVE, "as within one core");
}

static void test_noise(void **state)
{
    struct fixture *f = *state;
    const struct machine wild = {0.8, 1, 1, 0.9, 150}, quiet = {0.8, 1, 1, 0.1, 150};
    struct ps_pair p = probe(f, &wild, 14), q = probe(f, &quiet, 14);
    const struct ps_pair_kernel control = p.kernels[3];

    assert_answer(&p, PS_PAIR_INCONCLUSIVE, "vary too much");
    p.kernels[3] = q.kernels[3];
    ps_pair_judge(&f->arena, &p);
    assert_answer(&p, PS_PAIR_INCONCLUSIVE, "vary too much");
    q.kernels[3] = control;
    ps_pair_judge(&f->arena, &q);
    assert_answer(&q, PS_PAIR_INCONCLUSIVE, "vary too much");
}

/* What slows the control down is not a shared core: a clock that falls, a busy host. */
static void test_control_that_slows_down(void **state)
{
    const struct machine m = {0.6, 0.8, 1, 0.1, 150};
    struct ps_pair p = probe(*state, &m, ROUNDS);

    assert_answer(&p, PS_PAIR_INCONCLUSIVE, "the control lost speed too");
}

/* By CPU time nothing is lost: only wall time and the CPUs in use at once tell. */
static void test_one_cpu(void **state)
{
    const struct machine m = {1, 1, 0.5, 0.02, 4e6};
    struct ps_pair p = probe(*state, &m, ROUNDS);

    assert_answer(&p, PS_PAIR_TAKE_TURNS, "never got more");
    assert_true(fabs(p.kernels[3].by_wall.value - 0.5) < 0.02);
    assert_true(p.kernels[3].at_once <= 1);
    assert_int_equal(p.kernels[3].kept, 0);
}

/* A hypervisor that runs two of our CPUs on one: each believes that it ran all the time. */
static void test_one_cpu_unseen(void **state)
{
    const struct machine m = {0.5, 0.5, 1, 0.05, 3e6};
    struct ps_pair p = probe(*state, &m, ROUNDS);

    assert_answer(&p, PS_PAIR_TAKE_TURNS, "dependent chain");
}

/* Other programs have the CPUs nearly always; now and then both threads run. */
static void test_busy(void **state)
{
    struct fixture *f = *state;
    const struct machine m = {1, 1, 0.3, 0.1, 150}, quiet = {1, 1, 1, 0.1, 150};
    struct ps_pair p = {.round_trip = 150, .kernel_count = 1};
    struct pair_sample samples[ROUNDS];

    for (size_t i = 0; i < ROUNDS; i++)
        samples[i] = sample(f, 1, i < 4 ? &quiet : &m);
    for (size_t i = 0; i < ROUNDS; i++)
        samples[i].alone[0].operations = samples[i].alone[1].operations =
            samples[i].together[0].operations;
    ps_pair_summarize(samples, ROUNDS, &p.kernels[0]);
    assert_int_equal(p.kernels[0].kept, 4);
    ps_pair_judge(&f->arena, &p);
    assert_answer(&p, PS_PAIR_INCONCLUSIVE, "other programs");
}

/* A pair whose second thread never ran says nothing of the core, however fast the first was. */
static void test_rounds_without_a_pair_are_dropped(void **state)
{
    struct fixture *f = *state;
    const struct machine m = {0.5, 1, 1, 0, 15};
    struct pair_sample samples[ROUNDS];
    struct ps_pair_kernel k = {.saturating = true};

    for (size_t i = 0; i < ROUNDS; i++) {
        samples[i] = sample(f, i % 2 ? 1 : 0.5, &m);
        if (i % 2)
            samples[i].together[1].cpu_ns = samples[i].together[1].operations = 0;
    }
    ps_pair_summarize(samples, ROUNDS, &k);
    assert_int_equal(k.kept, ROUNDS / 2);
    assert_true(fabs(k.by_cpu.value - 0.5) < 1e-9);
}

static void test_too_little(void **state)
{
    struct fixture *f = *state;
    const struct machine m = {0.5, 1, 1, 0, 15};
    struct ps_pair p = probe(f, &m, PS_PAIR_ROUNDS - 1);

    assert_answer(&p, PS_PAIR_INCONCLUSIVE, "no time");
    p.kernel_count = 0;
    ps_pair_judge(&f->arena, &p);
    assert_answer(&p, PS_PAIR_INCONCLUSIVE, "architecture");
    ps_pair_summarize(NULL, 0, &p.kernels[0]);
    assert_true(isnan(p.kernels[0].by_cpu.value) && isnan(p.kernels[0].by_wall.value));
}

static void test_kernels_that_disagree(void **state)
{
    struct fixture *f = *state;
    const struct machine apart = {1, 1, 1, 0.05, 150}, shared = {0.5, 1, 1, 0.05, 150};
    struct ps_pair p = probe(f, &apart, ROUNDS), q = probe(f, &shared, ROUNDS);

    p.kernels[0] = q.kernels[0];
    ps_pair_judge(&f->arena, &p);
    assert_answer(&p, PS_PAIR_INCONCLUSIVE, "others don't");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fixture_end)
    const struct CMUnitTest tests[] = {
        TEST(test_siblings),   TEST(test_siblings_with_an_unclear_trip),
        TEST(test_cores),      TEST(test_witnesses_that_disagree),
        TEST(test_noise),      TEST(test_control_that_slows_down),
        TEST(test_one_cpu),    TEST(test_one_cpu_unseen),
        TEST(test_busy),       TEST(test_rounds_without_a_pair_are_dropped),
        TEST(test_too_little), TEST(test_kernels_that_disagree),
    };

    return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}
