#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <math.h>
#include <string.h>
#include <cmocka.h>

#include "modes.h"
#include "rng.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define LARGEST  200
#define SAMPLES  20
#define MANY     400

typedef double draw_fn(struct ps_rng *rng);

/* Box and Muller. */
static double normal(struct ps_rng *rng)
{
    double u = 1 - ps_rng_unit(rng), v = ps_rng_unit(rng);

    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

static double uniform(struct ps_rng *rng)
{
    return ps_rng_unit(rng);
}

static double exponential(struct ps_rng *rng)
{
    return -log(1 - ps_rng_unit(rng));
}

static double log_normal(struct ps_rng *rng)
{
    return exp(normal(rng));
}

/* Student's t with two degrees of freedom. */
static double heavy_tailed(struct ps_rng *rng)
{
    double z = normal(rng);

    return z / sqrt(exponential(rng));
}

static double scattered_outliers(struct ps_rng *rng)
{
    double x = 100 + normal(rng);

    return ps_rng_unit(rng) < 0.05 ? x + 100 * exponential(rng) : x;
}

/* A cluster of their own. */
static double equal_outliers(struct ps_rng *rng)
{
    double x = 50 + 0.1 * normal(rng);

    return ps_rng_unit(rng) < 0.05 ? x + 50 : x;
}

static double two_modes(struct ps_rng *rng, double lower, double distance)
{
    double x = normal(rng);

    return ps_rng_unit(rng) < lower ? x : x + distance;
}

static double even(struct ps_rng *rng)
{
    return two_modes(rng, 0.5, 50);
}

static double quarter(struct ps_rng *rng)
{
    return two_modes(rng, 0.25, 50);
}

static double three_quarters(struct ps_rng *rng)
{
    return two_modes(rng, 0.75, 50);
}

static double even_and_close(struct ps_rng *rng)
{
    return two_modes(rng, 0.5, 8);
}

static double even_with_outliers(struct ps_rng *rng)
{
    double x = even(rng);

    return ps_rng_unit(rng) < 0.05 ? 1000 * ps_rng_unit(rng) : x;
}

static size_t times_found(draw_fn *draw, size_t n, size_t samples)
{
    struct ps_rng rng = {1};
    double x[LARGEST];
    struct ps_modes m;
    size_t found = 0;

    for (size_t i = 0; i < samples; i++) {
        for (size_t k = 0; k < n; k++)
            x[k] = draw(&rng);
        assert_int_equal(ps_modes_find(x, n, &m), 0);
        found += m.found;
    }
    return found;
}

static void test_one_mode(void **state)
{
    draw_fn *const one[] = {
        normal, uniform, exponential, log_normal, heavy_tailed, scattered_outliers, equal_outliers};
    const size_t sizes[] = {30, 50, 100, LARGEST};

    for (size_t i = 0; i < COUNT(one); i++)
        for (size_t k = 0; k < COUNT(sizes); k++)
            assert_int_equal(times_found(one[i], sizes[k], SAMPLES), 0);
}

/* How often small samples and large ones mislead: what the header says. */
static void test_one_mode_rates(void **state)
{
    draw_fn *const one[] = {
        normal, uniform, exponential, log_normal, heavy_tailed, scattered_outliers, equal_outliers};

    for (size_t i = 0; i < COUNT(one); i++) {
        assert_in_range(times_found(one[i], 10, MANY), 0, MANY / 50);
        assert_in_range(times_found(one[i], 20, MANY), 0, MANY / 50);
        assert_in_range(times_found(one[i], 50, MANY), 0, 0);
        assert_in_range(times_found(one[i], 100, MANY), 0, 0);
    }
}

static void test_two_modes(void **state)
{
    draw_fn *const two[] = {even, quarter, three_quarters, even_and_close, even_with_outliers};

    for (size_t i = 0; i < COUNT(two); i++)
        for (size_t n = 100; n <= LARGEST; n += 50)
            assert_in_range(times_found(two[i], n, SAMPLES), 18, SAMPLES);
    assert_in_range(times_found(even, 20, SAMPLES), 18, SAMPLES);
    assert_in_range(times_found(even_and_close, 50, MANY), MANY * 19 / 20, MANY);
}

static void test_figures(void **state)
{
    const double x[] = {99, 51, NAN, 50, 100, 49, 101, 50, 50, 100, 102, 98, 100};
    double copy[COUNT(x)];
    struct ps_modes m;

    memcpy(copy, x, sizeof x);
    assert_int_equal(ps_modes_find(x, COUNT(x), &m), 0);
    assert_memory_equal(copy, x, sizeof x);
    assert_true(m.found);
    assert_int_equal(m.count[0], 5);
    assert_int_equal(m.count[1], 7);
    assert_true(m.centre[0] == 50 && m.centre[1] == 100);
    assert_true(m.share[0] == 5.0 / 12 && m.share[1] == 7.0 / 12);
}

/* Equal values, and too few. */
static void test_no_spread(void **state)
{
    double x[40];
    struct ps_modes m;

    for (size_t i = 0; i < COUNT(x); i++)
        x[i] = 1;
    assert_int_equal(ps_modes_find(x, COUNT(x), &m), 0);
    assert_false(m.found);
    for (size_t i = 0; i < COUNT(x); i += 2)
        x[i] = 2;
    assert_int_equal(ps_modes_find(x, COUNT(x), &m), 0);
    assert_true(m.found);
    assert_int_equal(ps_modes_find(x, 9, &m), 0);
    assert_false(m.found);
    assert_int_equal(ps_modes_find(x, 0, &m), 0);
    assert_false(m.found);
    for (size_t i = 0; i < COUNT(x); i++)
        x[i] = i % 5 ? 1 : NAN;
    assert_int_equal(ps_modes_find(x, COUNT(x), &m), 0);
    assert_false(m.found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_mode),  cmocka_unit_test(test_one_mode_rates),
        cmocka_unit_test(test_two_modes), cmocka_unit_test(test_figures),
        cmocka_unit_test(test_no_spread),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
