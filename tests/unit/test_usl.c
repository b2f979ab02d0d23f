/* The Universal Scalability Law: published data, exact curves, bounds, what too few points say. */
#include <math.h>

#include "fixture.h"

#include "rng.h"
#include "usl.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void assert_near(double a, double b, double within)
{
    if (!(fabs(a - b) <= within))
        fail_msg("%.10g is not within %g of %.10g", a, within, b);
}

/* To so many significant digits. */
static void assert_digits(double a, double b, int digits)
{
    assert_near(a, b, 0.5 * pow(10, floor(log10(fabs(b))) + 1 - digits));
}

/* SPEC SDM91 on a Sun SPARCcenter 2000: Gunther, Guerrilla Capacity Planning (2007), as in R's
 * package usl, whose fit is 0.0277285, 0.0001044, 89.9952330, peak at 96.51956. */
static void test_specsdm91(void **state)
{
    const double p[] = {1, 18, 36, 72, 108, 144, 216};
    const double x[] = {64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775.0, 1702.2};
    struct ps_usl_fit f = ps_usl_fit(p, x, COUNT(p), NULL);

    assert_digits(f.sigma, 0.0277285, 6);
    assert_digits(f.kappa, 0.0001044, 4);
    assert_digits(f.gamma, 89.9952330, 6);
    assert_near(ps_usl_peak(&f), 96.51956, 0.01);
    assert_digits(sqrt(f.squares / 4), 82.85, 4);
}

/* The ray tracer of the same book on an SGI Origin 2000: the first six points, and all, where
 * coherence is at its bound. The same package: 0.02444, 0.00163, 20.85605; 0.057771, 0, 21.848843.
 */
static void test_raytracer(void **state)
{
    const double p[] = {1, 4, 8, 12, 16, 20, 24, 28, 32, 48, 64};
    const double x[] = {20, 78, 130, 170, 190, 200, 210, 230, 260, 280, 310};
    struct ps_usl_fit some = ps_usl_fit(p, x, 6, NULL), all = ps_usl_fit(p, x, COUNT(p), NULL);

    assert_digits(some.sigma, 0.02444, 4);
    assert_digits(some.kappa, 0.00163, 3);
    assert_digits(some.gamma, 20.85605, 7);
    assert_digits(all.sigma, 0.057771, 4);
    assert_int_equal(all.kappa == 0, 1);
    assert_digits(all.gamma, 21.848843, 6);
    assert_true(isinf(ps_usl_peak(&all)));
}

/* 0.02 and 0.02, from the tests of that package. */
static void test_exact_curves(void **state)
{
    const double p[] = {1, 2, 4, 6, 8, 10};
    const double x[] = {1, 1.8868, 3.0769, 3.5294, 3.5398, 3.3557};
    struct ps_usl_fit f = ps_usl_fit(p, x, COUNT(p), NULL);

    assert_near(f.sigma, 0.02, 1e-4);
    assert_near(f.kappa, 0.02, 1e-4);
    for (double s = 0; s <= 1; s += 0.25) {
        for (double k = 0; k < 0.2; k += 0.05) {
            const struct ps_usl_fit truth = {3, s, k};
            double y[COUNT(p)];

            for (size_t i = 0; i < COUNT(p); i++)
                y[i] = ps_usl(&truth, p[i]);
            f = ps_usl_fit(p, y, COUNT(p), NULL);
            assert_near(f.sigma, s, 1e-5);
            assert_near(f.kappa, k, 1e-5);
            assert_near(f.gamma, 3, 1e-5);
        }
    }
}

/* No other place has fewer squares, wherever the bounds cut it off. */
static void test_least_squares(void **state)
{
    const double p[] = {1, 2, 3, 4, 6, 8};
    struct ps_rng rng = {3};

    for (int i = 0; i < 50; i++) {
        double x[COUNT(p)];
        struct ps_usl_fit f;

        for (size_t k = 0; k < COUNT(p); k++)
            x[k] = p[k] * (0.2 + 1e-9 * (double)ps_rng_below(&rng, 1000000000));
        f = ps_usl_fit(p, x, COUNT(p), NULL);
        for (int s = 0; s <= 50; s++) {
            for (int k = 0; k <= 50; k++) {
                struct ps_usl_fit other = {1, s / 50.0, pow(k / 50.0, 3)};
                double shape[COUNT(p)], xf = 0, ff = 0, squares = 0;

                for (size_t j = 0; j < COUNT(p); j++) {
                    shape[j] = ps_usl(&other, p[j]);
                    xf += x[j] * shape[j];
                    ff += shape[j] * shape[j];
                }
                for (size_t j = 0; j < COUNT(p); j++)
                    squares += pow(x[j] - xf / ff * shape[j], 2);
                assert_true(f.squares <= squares * (1 + 1e-9));
            }
        }
    }
}

enum { ROUNDS = 30, MOST = 128 };

struct curve {
    double p[MOST], base[ROUNDS], times[MOST * ROUNDS];
    struct ps_point_times t;
};

static double noise(struct ps_rng *rng)
{
    double sum = -6;

    for (int i = 0; i < 12; i++)
        sum += 1e-9 * (double)ps_rng_below(rng, 1000000000);
    return sum;
}

static void make(struct curve *c, size_t points, double s, double k, double spread)
{
    const struct ps_usl_fit truth = {1, s, k};
    struct ps_rng rng = {7};

    c->t = (struct ps_point_times){c->p, c->times, c->base, points, ROUNDS};
    for (size_t r = 0; r < ROUNDS; r++)
        c->base[r] = 1;
    for (size_t i = 0; i < points; i++) {
        c->p[i] = (double)i + 1;
        for (size_t r = 0; r < ROUNDS; r++)
            c->times[i * ROUNDS + r] = (1 + spread * noise(&rng)) / ps_usl(&truth, c->p[i]);
    }
}

static void test_intervals(void **state)
{
    static struct curve c;
    struct ps_usl u = {0};
    double residuals[8];

    u.residuals = residuals;
    make(&c, 8, 0.05, 0.01, 0.01);
    assert_int_equal(ps_usl_rounds(&c.t, 1, &u), 0);
    assert_true(u.enough);
    assert_true(u.sigma.low < 0.05 && u.sigma.high > 0.05 && u.sigma.high - u.sigma.low < 0.03);
    assert_true(u.kappa.low < 0.01 && u.kappa.high > 0.01 && u.kappa.high - u.kappa.low < 0.005);
    assert_true(u.peak.low < 9.75 && u.peak.high > 9.75);
    assert_int_equal(u.best, PS_LAW_USL);
    for (size_t i = 0; i < 8; i++)
        assert_true(fabs(residuals[i]) < 4 * u.residual + 1e-9);
}

static enum ps_law best_of(size_t points, double s, double k)
{
    static struct curve c;
    struct ps_usl u = {0};

    make(&c, points, s, k, 0);
    assert_int_equal(ps_usl_rounds(&c.t, 1, &u), 0);
    return u.best;
}

/* The one with the fewest parameters among those that fit. */
static void test_best_law(void **state)
{
    assert_int_equal(best_of(8, 0, 0), PS_LAW_LINEAR);
    assert_int_equal(best_of(8, 0.2, 0), PS_LAW_AMDAHL);
    assert_int_equal(best_of(8, 0.02, 0.02), PS_LAW_USL);
    assert_int_equal(best_of(5, 0.02, 0.02), PS_LAW_NONE);
}

static void test_too_few(void **state)
{
    static struct curve c;
    struct ps_usl u = {0};

    make(&c, 3, 0.05, 0.01, 0.01);
    assert_int_equal(ps_usl_rounds(&c.t, 1, &u), 0);
    assert_false(u.enough);
    assert_true(isnan(u.sigma.value) && isnan(u.kappa.low) && isnan(u.peak.value));
    assert_int_equal(u.best, PS_LAW_NONE);
    make(&c, 8, 0.05, 0.01, 0.01);
    for (size_t i = 3; i < 8; i++)
        c.p[i] = 3;
    assert_int_equal(ps_usl_rounds(&c.t, 1, &u), 0);
    assert_false(u.enough);
}

static void test_many_points(void **state)
{
    static struct curve c;
    struct ps_usl u = {0};

    make(&c, MOST, 0.02, 0.0001, 0.02);
    assert_int_equal(ps_usl_rounds(&c.t, 1, &u), 0);
    assert_true(u.sigma.low < 0.02 && u.sigma.high > 0.02);
    assert_int_equal(u.best, PS_LAW_USL);
}

static void test_aicc(void **state)
{
    /* 10 ln(0.1) + 2 * 3 + 2 * 3 * 4 / (10 - 3 - 1) */
    assert_near(ps_aicc(1, 10, 2), 10 * log(0.1) + 6 + 4, 1e-12);
    assert_true(isinf(ps_aicc(1, 5, 3)));
    assert_true(isfinite(ps_aicc(1, 6, 3)));
}

static void test_shape(void **state)
{
    const double p[] = {1, 2, 4, 8};
    const struct ps_interval grows[] = {{1, 1, 1}, {2, 1.9, 2.1}, {3, 2.9, 3.1}, {3.1, 3, 3.2}};
    const struct ps_interval falls[] = {{1, 1, 1}, {2, 1.9, 2.1}, {3, 2.9, 3.1}, {2, 1.9, 2.1}};
    const struct ps_interval over[] = {{1, 1, 1}, {2.3, 2.1, 2.5}, {NAN, NAN, NAN}, {2, 1.9, 2.1}};

    assert_int_equal(ps_curve_shape(p, grows, 4).superlinear, 4);
    assert_int_equal(ps_curve_shape(p, grows, 4).falls, 4);
    assert_int_equal(ps_curve_shape(p, falls, 4).falls, 3);
    assert_int_equal(ps_curve_shape(p, over, 4).superlinear, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_specsdm91),    cmocka_unit_test(test_raytracer),
        cmocka_unit_test(test_exact_curves), cmocka_unit_test(test_least_squares),
        cmocka_unit_test(test_intervals),    cmocka_unit_test(test_best_law),
        cmocka_unit_test(test_too_few),      cmocka_unit_test(test_many_points),
        cmocka_unit_test(test_aicc),         cmocka_unit_test(test_shape),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
