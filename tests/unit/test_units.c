#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <string.h>
#include <cmocka.h>

#include "skip.h"

#include "rng.h"
#include "units.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void test_counts(void **state)
{
    static const struct {
        const char *text;
        uint64_t value;
    } table[] = {
        {"0", 0},
        {"7", 7},
        {"007", 7},
        {"10M", 10000000},
        {"1.5M", 1500000},
        {"1.5k", 1500},
        {"0.001k", 1},
        {"3Ki", 3072},
        {"0.5Ki", 512},
        {".5Ki", 512},
        {"64Mi", 67108864},
        {"1Gi", 1073741824},
        {"2Ti", 2199023255552},
        {"4T", 4000000000000},
        {"1e6", 1000000},
        {"25e-1k", 2500},
        {"1.000000000000000000000000000", 1},
        {"18446744073709551615", UINT64_MAX},
        {"16777215.9990234375Ti", UINT64_MAX - ((uint64_t)1 << 30) + 1},
    };

    for (size_t i = 0; i < COUNT(table); i++) {
        struct ps_err e = {0};
        uint64_t value = 1;

        assert_int_equal(ps_parse_count(table[i].text, "n", 0, UINT64_MAX, &value, &e), 0);
        assert_int_equal(value, table[i].value);
        assert_string_equal(e.text, "");
    }
}

static const char *const no_numbers[] = {
    "",     " ",    " 5",  "5 ",    "-5",    "-0",   "+5",   "0x10",  "1,5",      "1.",    ".",
    "nan",  "inf",  "1e",  "1e+3",  "1_000", "5\n",  "5x",   "k",     "1kk",      "1e5.5", "..5",
    "1..2", "NaN",  "1e-", "1.5.5", "١",     "1Mib", "1kiB", "0b11",  "1p3",      "\t1",   "1\v",
    "٣k",   "1e 3", "1 k", "∞",     "1'000", "1d",   "1f",   "1e--3", "infinity",
};

static void test_no_counts(void **state)
{
    for (size_t i = 0; i < COUNT(no_numbers); i++) {
        struct ps_err e = {0};
        uint64_t value = 42;

        assert_int_equal(ps_parse_count(no_numbers[i], "n", 0, UINT64_MAX, &value, &e), -EINVAL);
        assert_int_equal(value, 42);
        assert_non_null(strstr(e.text, "whole number"));
    }
}

static void test_fractions_are_no_counts(void **state)
{
    static const char *const texts[] = {"1.5", "0.0001k", "1e-1", "0.3Ki",
                                        "1.00000000000000000000000000001"};

    for (size_t i = 0; i < COUNT(texts); i++) {
        uint64_t value;

        assert_int_equal(ps_parse_count(texts[i], "n", 0, 1000, &value, NULL), -EINVAL);
    }
}

static void test_large_counts(void **state)
{
    static const char *const texts[] = {
        "18446744073709551616",
        "99999999T",
        "16777216Ti",
        "1e20",
        "1e99999999999",
        "184467440737095516150",
        "18446744073709551615k",
        "999999999999999999999999999999999999999999999999999999999999999999999999999",
    };

    for (size_t i = 0; i < COUNT(texts); i++) {
        struct ps_err e = {0};
        uint64_t value = 42;

        assert_int_equal(ps_parse_count(texts[i], "n", 0, UINT64_MAX, &value, &e), -ERANGE);
        assert_int_equal(value, 42);
        assert_non_null(strstr(e.text, "is too large: must be 0 or more"));
    }
}

static void check_count_error(const char *text, const char *what, int err, const char *expected)
{
    struct ps_err e = {0};
    uint64_t value;

    assert_int_equal(ps_parse_count(text, what, 1, what[0] == '-' ? 65536 : 4000000000, &value, &e),
                     -err);
    assert_string_equal(e.text, expected);
}

static void test_count_errors(void **state)
{
    check_count_error("0", "--threads", ERANGE, "--threads 0: must be 1 to 65536");
    check_count_error("65537", "--threads", ERANGE,
                      "--threads 65537 is too large: must be 1 to 65536");
    check_count_error("two", "--threads", EINVAL,
                      "--threads 'two' is not a whole number: must be 1 to 65536");
    check_count_error("", "--threads", EINVAL,
                      "--threads is empty: must be a whole number, 1 to 65536");
    check_count_error("99999999T", "reduce: size", ERANGE,
                      "reduce: size=99999999T is too large: must be 1 to 4G");
}

static void test_times(void **state)
{
    static const struct {
        const char *text;
        double seconds;
    } table[] = {
        {"200us", 2e-4},    {"2.6us", 2.6e-6},  {"1ns", 1e-9}, {"3ms", 3e-3},
        {"0.1", 0.1},       {"30", 30},         {"1.5s", 1.5}, {"2min", 120},
        {"1h", 3600},       {"5\u00b5s", 5e-6}, {"0s", 0},     {"1e-7s", 1e-7},
        {"5\u03bcs", 5e-6}, {"0.0002ms", 2e-7},
    };

    for (size_t i = 0; i < COUNT(table); i++) {
        double seconds = -1;

        assert_int_equal(ps_parse_time(table[i].text, "t", 0, 1e6, &seconds, NULL), 0);
        /* Exactly: the suffix moves the decimal point before the conversion to binary. */
        assert_true(seconds == table[i].seconds);
    }
}

static void check_time_error(const char *text, int err, const char *expected)
{
    struct ps_err e = {0};
    double seconds = 42;

    assert_int_equal(ps_parse_time(text, "op: time", 1e-9, 3600, &seconds, &e), -err);
    assert_true(seconds == 42);
    assert_string_equal(e.text, expected);
}

static void test_time_errors(void **state)
{
    check_time_error("0us", ERANGE, "op: time=0us: must be 1ns to 1h");
    check_time_error("0.5ns", ERANGE, "op: time=0.5ns: must be 1ns to 1h");
    check_time_error("2h", ERANGE, "op: time=2h is too large: must be 1ns to 1h");
    check_time_error("1e400", ERANGE, "op: time=1e400 is too large: must be 1ns to 1h");
    check_time_error("5m", EINVAL,
                     "op: time='5m' is not a time (such as 200us, 1.5ms or 2s): must be 1ns to 1h");
    check_time_error("", EINVAL,
                     "op: time is empty: must be a time (such as 200us, 1.5ms or 2s), 1ns to 1h");
    for (size_t i = 0; i < COUNT(no_numbers); i++) {
        double seconds;

        assert_int_equal(ps_parse_time(no_numbers[i], "t", 0, 1e9, &seconds, NULL), -EINVAL);
    }
}

static void test_reals(void **state)
{
    static const struct {
        const char *text;
        double value;
    } table[] = {
        {"0", 0},         {"0.2", 0.2},   {"5%", 0.05},  {"-1.5", -1.5}, {"1e-300", 1e-300},
        {"12.5%", 0.125}, {"1e22", 1e22}, {"100%", 1.0}, {"0.1e1", 1.0}, {"-50%", -0.5},
    };

    for (size_t i = 0; i < COUNT(table); i++) {
        double value = 42;

        assert_int_equal(ps_parse_real(table[i].text, "x", -INFINITY, INFINITY, &value, NULL), 0);
        assert_true(value == table[i].value);
    }
}

static void test_no_reals(void **state)
{
    for (size_t i = 0; i < COUNT(no_numbers); i++) {
        double value = 42;

        assert_int_not_equal(ps_parse_real(no_numbers[i], "x", 0, INFINITY, &value, NULL), 0);
        assert_true(value == 42);
    }
}

static void check_real_error(const char *text, double low, double high, const char *expected)
{
    struct ps_err e = {0};
    double value;

    assert_int_equal(ps_parse_real(text, "--precision", low, high, &value, &e), -ERANGE);
    assert_string_equal(e.text, expected);
}

static void test_real_errors(void **state)
{
    check_real_error("2", 0, 1, "--precision 2 is too large: must be 0 to 1");
    check_real_error("-0.1", 0, 1, "--precision -0.1: must be 0 to 1");
    check_real_error("-0", 0, 1, "--precision -0: must be 0 to 1");
    check_real_error("1e999", 0, INFINITY, "--precision 1e999 is too large: must be 0 or more");
    check_real_error("-1e999", -INFINITY, 1, "--precision -1e999: must be at most 1");
}

struct formatted {
    double value;
    const char *text;
};

typedef char *format_fn(char *out, size_t size, double value);

static void check_formats(format_fn *format, const struct formatted *table, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[64];

        assert_ptr_equal(format(text, sizeof text, table[i].value), text);
        assert_string_equal(text, table[i].text);
    }
}

static void test_format_time(void **state)
{
    static const struct formatted table[] = {
        {412e-9, "412 ns"},   {8.12e-3, "8.12 ms"},  {1.005, "1.00 s"},
        {999.4e-6, "999 us"}, {999.9e-6, "1.00 ms"}, {9.996e-3, "10.0 ms"},
        {1e-9, "1.00 ns"},    {4e-10, "0.4 ns"},     {0, "0 s"},
        {-3e-3, "-3.00 ms"},  {59.96, "60.0 s"},     {999.4, "999 s"},
        {999.6, "16.7 min"},  {1e5, "27.8 h"},       {-999.9e-9, "-1.00 us"},
        {INFINITY, "inf"},    {-INFINITY, "-inf"},   {NAN, "-"},
    };

    check_formats(ps_format_time, table, COUNT(table));
}

static void test_format_si(void **state)
{
    static const struct formatted table[] = {
        {412, "412"},         {8123, "8.12 k"},   {1.25e9, "1.25 G"}, {0.031, "0.031"},
        {0.0312, "0.0312"},   {0.5, "0.5"},       {1, "1.00"},        {999.4, "999"},
        {999.6, "1.00 k"},    {999600, "1.00 M"}, {-8123, "-8.12 k"}, {0, "0"},
        {3.12e-7, "3.12e-7"}, {5e17, "500 P"},    {NAN, "-"},         {-INFINITY, "-inf"},
    };

    check_formats(ps_format_si, table, COUNT(table));
}

static void test_format_time_stamp(void **state)
{
    char text[32], small[8];

    assert_string_equal(ps_format_time_stamp(text, sizeof text, 0), "1970-01-01T00:00:00Z");
    assert_string_equal(ps_format_time_stamp(text, sizeof text, 1769903999),
                        "2026-01-31T23:59:59Z");
    assert_string_equal(ps_format_time_stamp(small, sizeof small, 0), "-");
}

static void test_format_bytes_and_percent(void **state)
{
    static const struct formatted bytes[] = {
        {80e6, "80.0 MB"}, {0, "0 B"}, {5, "5 B"}, {999, "999 B"}, {999.7, "1.00 kB"}, {NAN, "-"},
    };
    static const struct formatted percents[] = {
        {0.987, "98.7 %"}, {1, "100 %"},        {0.05, "5.00 %"},   {0.0004, "0.04 %"},
        {0, "0 %"},        {-0.032, "-3.20 %"}, {0.9999, "100 %"},  {12.34, "1234 %"},
        {NAN, "-"},        {999.6, "99960 %"},  {9.9996, "1000 %"},
    };

    check_formats(ps_format_bytes, bytes, COUNT(bytes));
    check_formats(ps_format_percent, percents, COUNT(percents));
}

static void test_format_count(void **state)
{
    static const struct {
        uint64_t value;
        const char *text;
    } table[] = {
        {0, "0"},
        {1, "1"},
        {999, "999"},
        {1000, "1k"},
        {1234, "1234"},
        {1500, "1500"},
        {65536, "65536"},
        {1500000, "1.5M"},
        {1234000, "1234k"},
        {10000000, "10M"},
        {4000000000, "4G"},
        {1000500000, "1000.5M"},
        {2000000000000, "2T"},
        {UINT64_MAX, "18446744073709551615"},
    };

    for (size_t i = 0; i < COUNT(table); i++) {
        char text[64];

        assert_string_equal(ps_format_count(text, sizeof text, table[i].value), table[i].text);
    }
}

static void test_counts_round_trip(void **state)
{
    struct ps_rng rng = {7};

    for (int i = 0; i < 20000; i++) {
        uint64_t value = ps_rng_next(&rng) >> ps_rng_below(&rng, 64), back = 0, scale = 1;
        char text[64];

        for (uint64_t zeros = ps_rng_below(&rng, 13); zeros > 0; zeros--)
            scale *= 10;
        value = value / scale * scale;
        ps_format_count(text, sizeof text, value);
        assert_int_equal(ps_parse_count(text, "n", 0, UINT64_MAX, &back, NULL), 0);
        assert_int_equal(back, value);
    }
}

static void test_format_exact(void **state)
{
    static const struct formatted times[] = {
        {2e-4, "200us"},
        {2.6e-6, "2.6us"},
        {1.5e-3, "1.5ms"},
        {0.5, "500ms"},
        {90, "90s"},
        {60, "1min"},
        {3600, "1h"},
        {1e-9, "1ns"},
        {5e-10, "0.5ns"},
        {0, "0s"},
        {1.234567e-3, "1.234567ms"},
        {999.9e-6, "999.9us"},
    };
    static const struct formatted reals[] = {
        {0.25, "0.25"},       {0.1, "0.1"}, {1e-7, "1e-7"}, {0, "0"},
        {-1.5, "-1.5"},       {100, "100"}, {1e22, "1e22"}, {0.1 + 0.2, "0.30000000000000004"},
        {1.25e-9, "1.25e-9"},
    };

    check_formats(ps_format_exact_time, times, COUNT(times));
    check_formats(ps_format_real, reals, COUNT(reals));
}

static void test_reals_round_trip(void **state)
{
    struct ps_rng rng = {11};

    for (int i = 0; i < 20000; i++) {
        double value = ldexp(ps_rng_unit(&rng) + 0.5, (int)ps_rng_below(&rng, 120) - 60), back = 0;
        char text[64];

        ps_format_real(text, sizeof text, value);
        assert_int_equal(ps_parse_real(text, "x", 0, INFINITY, &back, NULL), 0);
        assert_true(back == value);
        ps_format_exact_time(text, sizeof text, value);
        assert_int_equal(ps_parse_time(text, "x", 0, INFINITY, &back, NULL), 0);
        assert_true(back == value);
    }
}

static void test_short_buffers(void **state)
{
    char text[4] = "xyz";

    assert_string_equal(ps_format_time(text, sizeof text, 8.12e-3), "8.1");
    assert_string_equal(ps_format_count(text, sizeof text, 123456), "123");
}

/* Where the system has a locale with a decimal comma. */
static void test_locale_does_not_matter(void **state)
{
    double value = 0;
    char text[64];

    if (!setlocale(LC_ALL, "de_DE.UTF-8"))
        skip_because("no locale de_DE.UTF-8 here");
    assert_int_equal(ps_parse_real("1.5", "x", 0, 10, &value, NULL), 0);
    assert_true(value == 1.5);
    assert_int_equal(ps_parse_real("1,5", "x", 0, 10, &value, NULL), -EINVAL);
    assert_string_equal(ps_format_real(text, sizeof text, 1.5), "1.5");
    assert_string_equal(ps_format_time(text, sizeof text, 1.5), "1.50 s");
    setlocale(LC_ALL, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_no_counts),
        cmocka_unit_test(test_fractions_are_no_counts),
        cmocka_unit_test(test_large_counts),
        cmocka_unit_test(test_count_errors),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_time_errors),
        cmocka_unit_test(test_reals),
        cmocka_unit_test(test_no_reals),
        cmocka_unit_test(test_real_errors),
        cmocka_unit_test(test_format_time),
        cmocka_unit_test(test_format_si),
        cmocka_unit_test(test_format_time_stamp),
        cmocka_unit_test(test_format_bytes_and_percent),
        cmocka_unit_test(test_format_count),
        cmocka_unit_test(test_counts_round_trip),
        cmocka_unit_test(test_format_exact),
        cmocka_unit_test(test_reals_round_trip),
        cmocka_unit_test(test_short_buffers),
        cmocka_unit_test(test_locale_does_not_matter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
