#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "threads.h"

static void out_of_memory(void)
{
    abort();
}

/* Parses on a machine of 6 CPUs on 3 cores and joins the counts with spaces. */
static int parse(const char *text, char *out, size_t size, struct ps_err *e)
{
    const struct ps_topology t = {.cpu_count = 6, .cores = 3};
    struct ps_arena a;
    unsigned *threads;
    size_t count, used = 0;
    int err;

    ps_arena_init(&a, out_of_memory);
    *e = (struct ps_err){""};
    *out = '\0';
    err = ps_threads_parse(text, &t, &a, &threads, &count, e);
    for (size_t i = 0; !err && i < count && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, i ? " %u" : "%u", threads[i]);
    ps_arena_finish(&a);
    return err;
}

static void test_lists(void **state)
{
    static const char *const cases[][2] = {
        {"2", "2"},
        {"4,1,2,4", "1 2 4"},
        {"1..4", "1 2 3 4"},
        {"1..64..x2", "1 2 4 8 16 32 64"},
        {"1..10..x3", "1 3 9"},
        {"2..9..+3", "2 5 8"},
        {"pow2", "1 2 4 6"},
        {"cores", "3"},
        {"1..cores", "1 2 3"},
        {"cores..cpus", "3 4 5 6"},
        {"1,pow2,1Ki", "1 2 4 6 1024"},
    };
    char out[256];
    struct ps_err e;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(parse(cases[i][0], out, sizeof out, &e), 0);
        assert_string_equal(out, cases[i][1]);
    }
}

static void test_refused(void **state)
{
    static const struct {
        const char *text;
        int err;
        const char *says;
    } cases[] = {
        {"0", -ERANGE, "1 to 65536"},
        {"65537", -ERANGE, "65536"},
        {"1..0", -ERANGE, "1 to 65536"},
        {"4..2", -EINVAL, "ends below its beginning"},
        {"1..8..x1", -ERANGE, "step"},
        {"1..8..+0", -ERANGE, "step"},
        {"1..8..2", -EINVAL, "neither xFACTOR nor +STEP"},
        {"", -EINVAL, "empty"},
        {"1,,2", -EINVAL, "empty"},
        {"two", -EINVAL, "'two' is neither a number nor cores, cpus or pow2"},
        {"cors", -EINVAL, "did you mean 'cores'?"},
        {"1,pow", -EINVAL, "did you mean 'pow2'?"},
        {"1..pow2", -EINVAL, "'pow2' is neither a number nor cores or cpus"},
        {"cpu..8", -EINVAL, "did you mean 'cpus'?"},
        {"1..", -EINVAL, "range 1.. has no end"},
        {"1....x2", -EINVAL, "range 1.. has no end"},
        {"..4", -EINVAL, "range ..4 has no beginning"},
        {"-1", -EINVAL, "-1"},
        {"99999999999999999999", -ERANGE, "65536"},
        {"1..65536,1..65536", -ERANGE, "more than 65536"},
    };
    char out[256];
    struct ps_err e;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int err = parse(cases[i].text, out, sizeof out, &e);

        if (err != cases[i].err || !strstr(e.text, cases[i].says))
            fail_msg("%s: %d, %s", cases[i].text, err, e.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
