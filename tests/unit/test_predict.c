/* What more CPUs than were measured would bring, and when that is not told; cheapest points. */
#include <math.h>
#include <string.h>

#include "fixture.h"

#include "predict.h"

#define POINTS 6
static const double p[POINTS] = {1, 2, 3, 4, 6, 8};
static const struct ps_interval unknown = {NAN, NAN, NAN};

static struct ps_usl law_of(double sigma, double kappa, enum ps_law best)
{
    struct ps_usl u = {.enough = true,
                       .gamma = {1, 1, 1},
                       .sigma = {sigma, sigma, sigma},
                       .kappa = {kappa, kappa, kappa},
                       .best = best};

    for (unsigned law = 0; law < PS_LAWS; law++)
        u.aicc[law] = law == best ? 0 : 10;
    return u;
}

static void curve_of(const struct ps_usl *u, double *speedup)
{
    const struct ps_usl_fit f = {1, u->sigma.value, u->kappa.value, 0};

    for (size_t i = 0; i < POINTS; i++)
        speedup[i] = ps_usl(&f, p[i]);
}

/* A serial fraction of 0.1, which 6 points tell from the USL. */
static void test_amdahl(void **state)
{
    struct ps_usl u = law_of(0.1, 0, PS_LAW_AMDAHL);
    double speedup[POINTS];
    const struct ps_curve c = {p, speedup, POINTS, {0.1, 0.09, 0.11}, &u};
    struct ps_prediction to;

    curve_of(&u, speedup);
    to = ps_predict(&c, 32, (struct ps_interval){7, 6, 9});
    assert_int_equal(to.status, PS_PREDICTED);
    assert_int_equal(to.law, PS_LAW_AMDAHL);
    assert_true(fabs(to.speedup.value - 1 / (0.1 + 0.9 / 32)) < 1e-12);
    assert_true(fabs(to.speedup.low - 6) < 1e-12); /* the USL's: it is not needed, but may hold */
    assert_true(fabs(to.speedup.high - 9) < 1e-12);
    assert_int_equal(ps_predict(&c, 33, unknown).status, PS_PREDICT_FAR);
    assert_int_equal(ps_predict(&c, 8, unknown).status, PS_PREDICT_MEASURED);
    u.best = PS_LAW_NONE;
    assert_int_equal(ps_predict(&c, 17, unknown).status, PS_PREDICT_FAR);
    assert_int_equal(ps_predict(&c, 16, unknown).status, PS_PREDICTED);
    assert_int_equal(ps_predict(&c, 16, (struct ps_interval){5, 3, 7}).status, PS_PREDICT_WIDE);
}

/* Where points are clearly those of the USL, Amdahl's law has no say. */
static void test_usl(void **state)
{
    struct ps_usl u = law_of(0.02, 0.01, PS_LAW_USL);
    double speedup[POINTS];
    const struct ps_curve c = {p, speedup, POINTS, {0.1, 0.09, 0.11}, &u};
    struct ps_prediction to;

    curve_of(&u, speedup);
    to = ps_predict(&c, 16, (struct ps_interval){4.3, 4.2, 4.4});
    assert_int_equal(to.status, PS_PREDICTED);
    assert_int_equal(to.law, PS_LAW_USL);
    assert_true(to.speedup.low == 4.2 && to.speedup.high == 4.4);
}

static void test_no_answer(void **state)
{
    struct ps_usl u = law_of(NAN, NAN, PS_LAW_NONE);
    const double two[] = {1, 2}, three[] = {1, 2, 4}, speedup[] = {1, 1.8, 3},
                 odd[] = {1, 1.9, 1.5};
    struct ps_curve c = {two, speedup, 2, {0.1, 0.09, 0.11}, &u};

    assert_int_equal(ps_predict(&c, 4, unknown).status, PS_PREDICT_FEW);
    c = (struct ps_curve){three, speedup, 3, {0.11, NAN, NAN}, &u};
    assert_int_equal(ps_predict(&c, 8, unknown).status, PS_PREDICT_FEW);
    c.serial = unknown;
    assert_int_equal(ps_predict(&c, 8, unknown).status, PS_PREDICT_NO_LAW);
    c = (struct ps_curve){three, odd, 3, {0.3, 0.29, 0.31}, &u};
    assert_int_equal(ps_predict(&c, 8, unknown).status, PS_PREDICT_MISSES);
    c = (struct ps_curve){three, speedup, 3, {0.11, 0.1, 0.12}, &u};
    assert_int_equal(ps_predict(&c, 8, unknown).status, PS_PREDICTED);
}

static void test_costs(void **state)
{
    const struct ps_interval e[] = {
        {1, NAN, NAN}, {0.99, 0.97, 1.01}, {0.9, 0.88, 0.92}, {NAN, NAN, NAN}};
    const struct ps_interval worse[] = {{1, NAN, NAN}, {0.9, 0.89, 0.91}};

    assert_int_equal(ps_cheapest(p, e, 4), 1); /* as cheap as one thread, and faster */
    assert_int_equal(ps_cheapest(p, worse, 2), 0);
    assert_int_equal(ps_cheapest(p, &e[3], 1), 1);
    assert_int_equal(ps_keeps_efficiency(p, e, 4, 0.8), 2);
    assert_int_equal(ps_keeps_efficiency(p, e, 4, 0.95), 1);
    assert_int_equal(ps_keeps_efficiency(p, e, 4, 1.1), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_amdahl),
        cmocka_unit_test(test_usl),
        cmocka_unit_test(test_no_answer),
        cmocka_unit_test(test_costs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
