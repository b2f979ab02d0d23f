#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "digits.h"
#include "rng.h"

static const char *text_of(double x, char out[PS_DIGITS_ROOM + 1])
{
    out[ps_digits(out, x)] = 0;
    return out;
}

static void test_texts(void **state)
{
    static const struct {
        double x;
        const char *text;
    } table[] = {
        {0, "0"},
        {-0.0, "0"},
        {1, "1"},
        {-12, "-12"},
        {9007199254740991, "9007199254740991"},
        {0.5, "0.5"},
        {0.196868068, "0.196868068"},
        {4.968480612102111, "4.9684806121"},
        {-2.182346345777113, "-2.1823463458"},
        {2537197203.315278, "2537197203.3"},
        {1e-5, "0.00001"},
        {1.25e-6, "1.25e-6"},
        {99999999999.9, "100000000000"},
        {0.999999999999, "1"},
        {1e300, "1e300"},
        {12345678901234567.0, "1.2345678901e16"},
    };
    char out[PS_DIGITS_ROOM + 1];

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_string_equal(text_of(table[i].x, out), table[i].text);
}

/* Close to the number, and the same text again when it is read. */
static void test_any_number(void **state)
{
    struct ps_rng rng = {1};

    for (int i = 0; i < 200000; i++) {
        double x = (ps_rng_unit(&rng) - 0.5) * pow(10, (double)ps_rng_below(&rng, 40) - 20), y;
        char out[PS_DIGITS_ROOM + 1], again[PS_DIGITS_ROOM + 1];

        y = strtod(text_of(x, out), NULL);
        assert_true(fabs(y - x) <= 5.001e-11 * fabs(x));
        assert_string_equal(text_of(y, again), out);
        assert_true(strlen(out) <= PS_DIGITS + 12);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_any_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
