#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <math.h>
#include <stdbool.h>
#include <cmocka.h>

#include "rng.h"
#include "rounds.h"
#include "stats.h"

enum { ROUNDS = 30, RUNS = 4000 };
#define TRUTH 1.0
#define NOISE 0.03 /* of quiet rounds, to either side */

static double uniform(struct ps_rng *rng, double low, double high)
{
    return low + (high - low) * (double)ps_rng_below(rng, 1u << 30) / (1u << 30);
}

/* Wall times of a run. In half of the rounds others take up to a half of the time more; in all, a
 * witness tells how much, with what a quiet machine shows. */
static void run(struct ps_rng *rng, double *wall, double *share)
{
    for (size_t r = 0; r < ROUNDS; r++) {
        double taken = ps_rng_below(rng, 2) ? uniform(rng, 0, 0.5) : uniform(rng, 0, 0.0005);

        wall[r] = TRUTH * (1 + uniform(rng, -NOISE, NOISE)) + taken;
        share[r] = taken / wall[r];
    }
}

/* The median of the rounds that are kept; NaN where those are too few. */
static double median_of_kept(const double *wall, const bool *kept)
{
    double x[ROUNDS], scratch[ROUNDS];
    size_t clean = 0;

    for (size_t r = 0; r < ROUNDS; r++) {
        x[r] = kept[r] ? wall[r] : NAN;
        clean += kept[r];
    }
    return ps_rounds_choose(ROUNDS, clean) == PS_ROUNDS_CLEAN ? ps_median(x, ROUNDS, scratch) : NAN;
}

struct mean {
    double sum;
    size_t count;
};

static void add(struct mean *m, double x)
{
    if (isnan(x))
        return;
    m->sum += x;
    m->count++;
}

/* By the witness the estimate is right on average; all rounds are too slow, and the fastest ones,
 * which is what choosing by the times themselves comes to, is too fast. */
static void test_choosing_rounds_does_not_bias(void **state)
{
    struct ps_rng rng = {7};
    struct mean chosen = {0}, all = {0}, fastest = {0};

    for (int i = 0; i < RUNS; i++) {
        double wall[ROUNDS], share[ROUNDS], scratch[ROUNDS], limit;
        bool quiet[ROUNDS], fast[ROUNDS];

        run(&rng, wall, share);
        limit = ps_quantile(wall, ROUNDS, 0.4, scratch);
        add(&all, ps_median(wall, ROUNDS, scratch));
        for (size_t r = 0; r < ROUNDS; r++) {
            quiet[r] = !ps_round_disturbed(share[r]);
            fast[r] = wall[r] < limit;
        }
        add(&chosen, median_of_kept(wall, quiet));
        add(&fastest, median_of_kept(wall, fast));
    }
    assert_true(chosen.count > RUNS / 2);
    assert_true(fabs(chosen.sum / (double)chosen.count - TRUTH) < 0.001 * TRUTH);
    assert_true(all.sum / (double)all.count > 1.01 * TRUTH);
    assert_true(fastest.sum / (double)fastest.count < 0.995 * TRUTH);
}

/* Of a ratio, likewise, with both sides disturbed by themselves. */
static void test_ratios_are_not_biased(void **state)
{
    struct ps_rng rng = {8};
    struct mean chosen = {0};

    for (int i = 0; i < RUNS; i++) {
        double base[ROUNDS], base_share[ROUNDS], own[ROUNDS], own_share[ROUNDS], ratio[ROUNDS];
        bool kept[ROUNDS];

        run(&rng, base, base_share);
        run(&rng, own, own_share);
        for (size_t r = 0; r < ROUNDS; r++) {
            ratio[r] = base[r] / own[r];
            kept[r] = !ps_round_disturbed(base_share[r]) && !ps_round_disturbed(own_share[r]);
        }
        add(&chosen, median_of_kept(ratio, kept));
    }
    assert_true(chosen.count > RUNS / 20);
    assert_true(fabs(chosen.sum / (double)chosen.count - 1) < 0.003);
}

static void test_how_many_must_be_clean(void **state)
{
    assert_int_equal(ps_rounds_choose(0, 0), PS_ROUNDS_UNKNOWN);
    assert_int_equal(ps_rounds_choose(3, 3), PS_ROUNDS_QUIET);
    assert_int_equal(ps_rounds_choose(3, 2), PS_ROUNDS_CLEAN);
    assert_int_equal(ps_rounds_choose(5, 3), PS_ROUNDS_DISTURBED);
    assert_int_equal(ps_rounds_choose(7, 6), PS_ROUNDS_CLEAN);
    assert_int_equal(ps_rounds_choose(7, 5), PS_ROUNDS_DISTURBED);
    assert_int_equal(ps_rounds_choose(18, 6), PS_ROUNDS_CLEAN);
    assert_int_equal(ps_rounds_choose(19, 6), PS_ROUNDS_DISTURBED);
    assert_int_equal(ps_rounds_choose(30, 10), PS_ROUNDS_CLEAN);
    assert_int_equal(ps_rounds_choose(30, 9), PS_ROUNDS_DISTURBED);
    assert_int_equal(ps_rounds_choose(30, 0), PS_ROUNDS_DISTURBED);
}

static void test_the_limit(void **state)
{
    assert_false(ps_round_disturbed(0));
    assert_false(ps_round_disturbed(PS_ROUNDS_LIMIT));
    assert_true(ps_round_disturbed(1.01 * PS_ROUNDS_LIMIT));
    assert_false(ps_round_disturbed(NAN)); /* nobody knows */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_choosing_rounds_does_not_bias),
        cmocka_unit_test(test_ratios_are_not_biased),
        cmocka_unit_test(test_how_many_must_be_clean),
        cmocka_unit_test(test_the_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
