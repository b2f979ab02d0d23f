#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "chains.h"
#include "freq.h"

#define ADDER      PS_CHAIN_ADDER
#define ROTATE     PS_CHAIN_ROTATE
#define MULTIPLIER PS_CHAIN_MULTIPLIER

static void assert_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%g is not %g within %g", value, expected, tolerance);
}

static struct ps_freq combine(const struct ps_chain_best *chains, size_t count)
{
    struct ps_freq f = {.neighbour = 3.5, .cost = 1};

    ps_freq_combine(chains, count, &f);
    assert_near(f.neighbour, 3.5, 0);
    assert_near(f.cost, 1, 0);
    return f;
}

static void assert_clock(const struct ps_freq *f, double hz)
{
    assert_null(f->why);
    assert_near(f->hz, hz, hz * 1e-9);
    assert_true(f->spread >= 0 && f->spread <= PS_FREQ_AGREE);
}

static void assert_no_clock(const struct ps_freq *f, const char *part)
{
    assert_true(isnan(f->hz));
    assert_true(isnan(f->spread));
    assert_non_null(f->why);
    assert_non_null(strstr(f->why, part));
}

static void test_agreeing(void **state)
{
    const struct ps_chain_best chains[] = {
        {"add", 2.50e9, ADDER}, {"xor", 2.52e9, ADDER}, {"ror", 2.51e9, ROTATE}};
    struct ps_freq f = combine(chains, 3);

    assert_clock(&f, 2.51e9);
    assert_near(f.spread, 0.008, 1e-12);
}

static void test_folded_add(void **state)
{
    const struct ps_chain_best chains[] = {{"add", 7.1e9, ADDER},
                                           {"xor", 2.50e9, ADDER},
                                           {"ror", 2.50e9, ROTATE},
                                           {"imul", 2.50e9, MULTIPLIER}};
    struct ps_freq f = combine(chains, 4);

    assert_clock(&f, 2.5e9);
}

static void test_lost_window(void **state)
{
    const struct ps_chain_best chains[] = {{"add", NAN, ADDER},
                                           {"xor", 1.1e9, ADDER},
                                           {"ror", 2.50e9, ROTATE},
                                           {"lea", 2.50e9, ADDER},
                                           {"imul", 2.52e9, MULTIPLIER}};
    struct ps_freq f = combine(chains, 5);

    assert_clock(&f, 2.5e9);
}

static void test_all_lost(void **state)
{
    const struct ps_chain_best chains[] = {{"add", NAN, ADDER},
                                           {"xor", 2.5e9, ADDER},
                                           {"ror", 2.5e9, ROTATE},
                                           {"imul", NAN, MULTIPLIER}};
    struct ps_freq f = combine(chains, 4);

    assert_no_clock(&f, "lost its CPU");
}

static void test_disagreeing(void **state)
{
    const struct ps_chain_best chains[] = {{"add", 2.0e9, ADDER},
                                           {"xor", 2.1e9, ADDER},
                                           {"ror", 2.2e9, ROTATE},
                                           {"imul", 2.3e9, MULTIPLIER}};
    struct ps_freq f = combine(chains, 4);

    assert_no_clock(&f, "agree");
}

static void test_one_kind(void **state)
{
    const struct ps_chain_best chains[] = {{"add", 7.0e9, ADDER},
                                           {"xor", 7.0e9, ADDER},
                                           {"lea", 7.0e9, ADDER},
                                           {"imul", 2.5e9, MULTIPLIER}};
    struct ps_freq f = combine(chains, 4);

    assert_no_clock(&f, "agree");
}

static void test_two_clusters(void **state)
{
    const struct ps_chain_best chains[] = {{"add", 5.0e9, ADDER},   {"xor", 2.5e9, ADDER},
                                           {"lea", 5.0e9, ADDER},   {"imul", 2.5e9, MULTIPLIER},
                                           {"ror", 5.0e9, ROTATE},  {"crc32", 2.5e9, MULTIPLIER},
                                           {"ror2", 2.51e9, ROTATE}};
    struct ps_freq f = combine(chains, 7);

    assert_clock(&f, 2.5e9);
    f = combine(chains, 6); /* three against three */
    assert_no_clock(&f, "two different clocks");
}

static void test_tighter_of_overlapping(void **state)
{
    const struct ps_chain_best chains[] = {{"add", 2.460e9, ADDER},
                                           {"xor", 2.500e9, ADDER},
                                           {"ror", 2.505e9, ROTATE},
                                           {"imul", 2.510e9, MULTIPLIER}};
    struct ps_freq f = combine(chains, 4);

    assert_clock(&f, 2.505e9);
}

static void test_too_few(void **state)
{
    struct ps_freq f = combine(NULL, 0);

    assert_no_clock(&f, "too few");
}

static void test_table(void **state)
{
    size_t count;
    const struct ps_chain *chains = ps_chains(&count);

    assert_in_range(count, 0, PS_FREQ_MOST);
    for (size_t i = 0; i < count; i++) {
        assert_in_range(chains[i].kind, 0, PS_CHAIN_KINDS - 1);
        assert_in_range(chains[i].latency, 1, 10);
    }
    if (count > 0)
        assert_string_equal(chains[0].name, "add");
}

static void test_live(void **state)
{
    static const double budgets[] = {0, 60e-6, 1e-3};

    for (size_t i = 0; i < sizeof budgets / sizeof budgets[0]; i++) {
        struct ps_freq f;

        ps_freq_probe(budgets[i], &f);
        assert_true(f.cost >= 0);
        if (f.why) {
            assert_true(isnan(f.hz));
            continue;
        }
        assert_true(f.hz > 0.2e9 && f.hz < 10e9);
        assert_true(f.spread >= 0 && f.spread <= PS_FREQ_AGREE);
        assert_true(isnan(f.neighbour) || f.neighbour > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_agreeing),     cmocka_unit_test(test_folded_add),
        cmocka_unit_test(test_lost_window),  cmocka_unit_test(test_all_lost),
        cmocka_unit_test(test_disagreeing),  cmocka_unit_test(test_one_kind),
        cmocka_unit_test(test_two_clusters), cmocka_unit_test(test_tighter_of_overlapping),
        cmocka_unit_test(test_too_few),      cmocka_unit_test(test_table),
        cmocka_unit_test(test_live),
    };

    return cmocka_run_group_tests_name("freq", tests, NULL, NULL);
}
