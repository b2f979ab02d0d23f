#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <math.h>
#include <stdbool.h>
#include <cmocka.h>

#include "amdahl.h"
#include "rng.h"

#include "../tries.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { POINTS = 4, ROUNDS = 20 };

static const double threads[POINTS] = {1, 2, 4, 8};

static double law(double s, double p)
{
    return 1 / (s + (1 - s) / p);
}

static bool is_near(double a, double b)
{
    return fabs(a - b) < 1e-12;
}

static void test_karp_flatt(void **state)
{
    for (double s = 0; s <= 1; s += 0.125) {
        for (double p = 2; p <= 64; p *= 2)
            assert_true(is_near(ps_karp_flatt(law(s, p), p), s));
    }
    assert_true(is_near(ps_karp_flatt(2.5, 2), -0.2));
    assert_true(isnan(ps_karp_flatt(1, 1)));
    assert_true(isnan(ps_karp_flatt(0, 2)));
    assert_true(isnan(ps_karp_flatt(NAN, 2)));
}

static void test_fit_is_exact_on_exact_data(void **state)
{
    double speedup[POINTS];

    for (double s = 0; s <= 1; s += 0.125) {
        for (size_t i = 0; i < POINTS; i++)
            speedup[i] = law(s, threads[i]);
        assert_true(is_near(ps_amdahl_fit(threads, speedup, POINTS), s));
        speedup[2] = NAN;
        assert_true(is_near(ps_amdahl_fit(threads, speedup, POINTS), s));
    }
    assert_true(isnan(ps_amdahl_fit(threads, speedup, 1)));
    assert_true(isnan(ps_amdahl_fit(threads, speedup, 0)));
}

/* s = sum(uv) / sum(u^2), by hand: u = 1/2, 3/4; v = 0.1, 0.25. */
static void test_fit_weighs_by_u(void **state)
{
    const double p[] = {2, 4}, speedup[] = {1 / 0.6, 1 / 0.5};

    assert_true(is_near(ps_amdahl_fit(p, speedup, 2), (0.05 + 0.1875) / (0.25 + 0.5625)));
}

struct data {
    double times[POINTS * ROUNDS], base[ROUNDS];
};

static double normal(struct ps_rng *rng)
{
    double u = 1 - ps_rng_unit(rng), v = ps_rng_unit(rng);

    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

/* Rounds at very different speeds, each time with noise of its own. */
static struct data make_data(double s, double drift, double noise, uint64_t seed)
{
    struct ps_rng rng = {seed};
    struct data d;

    for (size_t r = 0; r < ROUNDS; r++) {
        double speed = exp(drift * normal(&rng));

        d.base[r] = speed * exp(noise * normal(&rng));
        for (size_t i = 0; i < POINTS; i++)
            d.times[i * ROUNDS + r] = speed / law(s, threads[i]) * exp(noise * normal(&rng));
    }
    return d;
}

static int fit_of(const struct data *d, const double *p, size_t points, size_t rounds,
                  uint64_t seed, struct ps_amdahl *out)
{
    const struct ps_point_times t = {p, d->times, d->base, points, rounds};

    return ps_amdahl_rounds(&t, false, seed, out);
}

static void test_drift_cancels(void **state)
{
    struct data d = make_data(0.2, 1, 0, 1);
    struct ps_amdahl fit;

    assert_int_equal(fit_of(&d, threads, POINTS, ROUNDS, 1, &fit), 0);
    assert_int_equal(fit.status, PS_FIT_OK);
    assert_true(is_near(fit.serial_fraction.value, 0.2));
    assert_true(is_near(fit.serial_fraction.low, 0.2));
    assert_true(is_near(fit.serial_fraction.high, 0.2));
    assert_true(fabs(fit.limit - 5) < 1e-9);
    assert_true(fit.residual < 1e-12);
}

static void test_interval_holds_the_truth(void **state)
{
    static const double truths[] = {0.05, 0.2, 0.5};

    const int seeds = tries(200);

    for (size_t t = 0; t < COUNT(truths); t++) {
        int held = 0;
        double width = 0;

        for (int seed = 0; seed < seeds; seed++) {
            struct data d = make_data(truths[t], 0.3, 0.01, (uint64_t)seed);
            struct ps_interval s;
            struct ps_amdahl fit;

            fit_of(&d, threads, POINTS, ROUNDS, (uint64_t)seed, &fit);
            s = fit.serial_fraction;
            held += s.low <= truths[t] && truths[t] <= s.high;
            width += (s.high - s.low) / seeds;
            assert_true(fit.residual > 0);
        }
        assert_true(FEW_TRIES || (held >= 180 && held <= 198));
        assert_true(width < 0.02);
    }
}

static void test_superlinear(void **state)
{
    struct data d = make_data(-0.05, 0.3, 0, 1);
    struct ps_amdahl fit;

    assert_int_equal(fit_of(&d, threads, POINTS, ROUNDS, 1, &fit), 0);
    assert_true(is_near(fit.serial_fraction.value, -0.05));
    assert_true(isinf(fit.limit) && fit.limit > 0);
}

static void test_one_thread_count_is_unverified(void **state)
{
    const double p[] = {1, 2}, same[] = {2, 2};
    struct data d = make_data(0.3, 0.3, 0, 1);
    struct ps_amdahl fit;

    assert_int_equal(fit_of(&d, p, 2, ROUNDS, 1, &fit), 0);
    assert_int_equal(fit.status, PS_FIT_UNVERIFIED);
    assert_true(is_near(fit.serial_fraction.value, 0.3));
    assert_true(!isnan(fit.serial_fraction.low));
    assert_true(isnan(fit.residual));
    assert_int_equal(fit_of(&d, same, 2, ROUNDS, 1, &fit), 0);
    assert_int_equal(fit.status, PS_FIT_UNVERIFIED);
}

static void test_too_few(void **state)
{
    struct data d = make_data(0.3, 0.3, 0, 1);
    struct ps_amdahl fit;

    assert_int_equal(fit_of(&d, threads, 1, ROUNDS, 1, &fit), 0);
    assert_int_equal(fit.status, PS_FIT_TOO_FEW);
    assert_true(isnan(fit.serial_fraction.value));
    assert_true(isnan(fit.limit));
    assert_int_equal(fit_of(&d, threads, POINTS, 0, 1, &fit), 0);
    assert_int_equal(fit.status, PS_FIT_TOO_FEW);
    assert_int_equal(ps_amdahl_rounds(&(struct ps_point_times){NULL}, false, 1, &fit), 0);
    assert_int_equal(fit.status, PS_FIT_TOO_FEW);
}

static void test_missing_times(void **state)
{
    struct data d = make_data(0.2, 1, 0, 1);
    struct ps_amdahl fit;

    d.base[3] = NAN;
    d.times[1 * ROUNDS + 5] = NAN;
    for (size_t i = 0; i < POINTS; i++)
        d.times[i * ROUNDS + 7] = NAN;
    d.times[2 * ROUNDS + 9] = 0;
    assert_int_equal(fit_of(&d, threads, POINTS, ROUNDS, 1, &fit), 0);
    assert_int_equal(fit.status, PS_FIT_OK);
    assert_true(is_near(fit.serial_fraction.low, 0.2));
    assert_true(is_near(fit.serial_fraction.high, 0.2));
    for (size_t r = 5; r < ROUNDS; r++)
        d.base[r] = NAN;
    assert_int_equal(fit_of(&d, threads, POINTS, ROUNDS, 1, &fit), 0);
    assert_true(is_near(fit.serial_fraction.value, 0.2));
    assert_true(isnan(fit.serial_fraction.low) && isnan(fit.serial_fraction.high));
}

static void test_same_seed_same_interval(void **state)
{
    struct data d = make_data(0.2, 0.3, 0.05, 1);
    struct ps_amdahl a, b;

    fit_of(&d, threads, POINTS, ROUNDS, 7, &a);
    fit_of(&d, threads, POINTS, ROUNDS, 7, &b);
    assert_memory_equal(&a.serial_fraction, &b.serial_fraction, sizeof a.serial_fraction);
}

static void assert_bound(struct ps_interval s, enum ps_fit_status status, double value, double low,
                         double high)
{
    assert_int_equal(ps_serial_bound(&s), status);
    if (status != PS_FIT_OK)
        assert_true(isnan(s.value) && isnan(s.low) && isnan(s.high));
    else
        assert_true((s.value == value || isnan(value)) && (s.low == low || isnan(low)) &&
                    (s.high == high || isnan(high)));
}

static void test_a_fraction_is_within_0_and_1(void **state)
{
    assert_bound((struct ps_interval){0.2, 0.1, 0.3}, PS_FIT_OK, 0.2, 0.1, 0.3);
    assert_bound((struct ps_interval){-0.01, -0.02, 0.01}, PS_FIT_OK, 0, 0, 0.01);
    assert_bound((struct ps_interval){0.99, 0.97, 1.02}, PS_FIT_OK, 0.99, 0.97, 1);
    assert_bound((struct ps_interval){-0.01, -0.02, -0.001}, PS_FIT_SUPERLINEAR, 0, 0, 0);
    assert_bound((struct ps_interval){-0.46, NAN, NAN}, PS_FIT_SUPERLINEAR, 0, 0, 0);
    assert_bound((struct ps_interval){-0.01, NAN, NAN}, PS_FIT_OK, 0, NAN, NAN);
    assert_bound((struct ps_interval){1.006, 0.99, 1.02}, PS_FIT_NO_FASTER, 0, 0, 0);
    assert_bound((struct ps_interval){32.2, 30, 34}, PS_FIT_SLOWER, 0, 0, 0);
    assert_bound((struct ps_interval){32.2, NAN, NAN}, PS_FIT_SLOWER, 0, 0, 0);
    assert_bound((struct ps_interval){1.05, NAN, NAN}, PS_FIT_NO_FASTER, 0, 0, 0);
    assert_bound((struct ps_interval){NAN, NAN, NAN}, PS_FIT_OK, NAN, NAN, NAN);
}

static void test_trend(void **state)
{
    const struct ps_interval low = {0.1, 0.09, 0.11}, wide = {0.15, 0.1, 0.2};
    const struct ps_interval high = {0.2, 0.19, 0.21}, none = {0.3, NAN, NAN};
    const struct ps_interval rising[] = {low, none, high}, falling[] = {high, low};
    const struct ps_interval flat[] = {low, high, wide}, unknown[] = {low, none};

    assert_int_equal(ps_karp_flatt_trend(rising, 3), PS_TREND_RISING);
    assert_int_equal(ps_karp_flatt_trend(falling, 2), PS_TREND_FALLING);
    assert_int_equal(ps_karp_flatt_trend(flat, 3), PS_TREND_FLAT);
    assert_int_equal(ps_karp_flatt_trend(unknown, 2), PS_TREND_UNKNOWN);
    assert_int_equal(ps_karp_flatt_trend(rising, 1), PS_TREND_UNKNOWN);
    assert_int_equal(ps_karp_flatt_trend(NULL, 0), PS_TREND_UNKNOWN);
}

static void test_best_threads(void **state)
{
    const double p[] = {1, 2, 4, 8}, reversed[] = {8, 4, 2, 1}, same[] = {4, 4, 4, 4};
    const double saturating[] = {1, 1.96, 2, 1.9}, peak[] = {1, 2, 4, 3};
    const double gaps[] = {NAN, 1, NAN, 5}, nothing[] = {NAN, NAN, NAN, NAN};
    const double slower[] = {10, 9, 8, 7}, few[] = {2, 1.97, 2, 1};

    assert_int_equal(ps_best_threads(p, saturating, 4, 0.05), 1);
    assert_int_equal(ps_best_threads(p, saturating, 4, 0.01), 2);
    assert_int_equal(ps_best_threads(p, peak, 4, 0.05), 2);
    assert_int_equal(ps_best_threads(p, gaps, 4, 0.05), 3);
    assert_int_equal(ps_best_threads(p, nothing, 4, 0.05), 0);
    assert_int_equal(ps_best_threads(p, slower, 4, 0.05), 0);
    assert_int_equal(ps_best_threads(reversed, few, 4, 0.05), 2);
    assert_int_equal(ps_best_threads(same, peak, 4, 0.5), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_karp_flatt),
        cmocka_unit_test(test_fit_is_exact_on_exact_data),
        cmocka_unit_test(test_fit_weighs_by_u),
        cmocka_unit_test(test_drift_cancels),
        cmocka_unit_test(test_interval_holds_the_truth),
        cmocka_unit_test(test_superlinear),
        cmocka_unit_test(test_one_thread_count_is_unverified),
        cmocka_unit_test(test_too_few),
        cmocka_unit_test(test_missing_times),
        cmocka_unit_test(test_same_seed_same_interval),
        cmocka_unit_test(test_a_fraction_is_within_0_and_1),
        cmocka_unit_test(test_trend),
        cmocka_unit_test(test_best_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
