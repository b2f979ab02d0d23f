#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "survey_json.h"
#include "survey_view.h"

enum { MOST = 100 };

struct fixture {
    struct ps_arena arena;
    struct ps_probe probe;
    struct ps_cluster_level level;
    struct ps_pair pair;
    int cpus[MOST];
    unsigned group[MOST];
    float trips[MOST * (MOST - 1) / 2];
    struct ps_str text;
};

static int setup(void **state)
{
    fixture_new(state, sizeof(struct fixture));
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    ps_str_finish(&f->text);
    return fixture_end(state);
}

/* Two sockets: 50 ns within one, 400 ns between them. */
static const char *render(struct fixture *f, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        f->cpus[i] = (int)i;
        f->group[i] = i >= n / 2;
        for (size_t j = i + 1; j < n; j++)
            f->trips[ps_trip_index(n, i, j)] = (i < n / 2) == (j < n / 2) ? 50 : 400;
    }
    f->level = (struct ps_cluster_level){50e0, 400, f->group, 2, "packages"};
    f->pair = (struct ps_pair){.second = 1, .round_trip = 50, .why = "for a test"};
    f->probe = (struct ps_probe){
        .arena = &f->arena,
        .cpus = f->cpus,
        .cpu_count = n,
        .trips = f->trips,
        .trips_measured = n * (n - 1) / 2,
        .levels = &f->level,
        .level_count = 1,
        .pairs = &f->pair,
        .pair_count = 1,
    };
    ps_probe_text(&f->probe, &f->text);
    return ps_str_text(&f->text);
}

static void assert_has(const char *text, const char *part)
{
    assert_non_null(text);
    if (!strstr(text, part)) {
        print_error("%s\n", text);
        fail_msg("'%s' is not in it", part);
    }
}

static void assert_narrow(const char *text)
{
    while (*text) {
        const size_t length = strcspn(text, "\n");
        char line[512];

        assert_true(length < sizeof line);
        memcpy(line, text, length);
        line[length] = '\0';
        if (ps_columns(line) > 80)
            fail_msg("too wide: %s", line);
        text += length + (text[length] == '\n');
    }
}

static void test_numbers(void **state)
{
    const char *text = render(*state, 4);

    assert_has(text, "CPUs 0 and 1: inconclusive: for a test. Round trip 50.0 ns.");
    assert_has(text, "\n    0        \\    50█   400·   400·\n");
    assert_has(text, "\n    3     400·   400·    50█      \\\n");
    assert_has(text, "near █▓▒░· far (50.0 ns to 400 ns)");
    assert_has(text, "2 groups, the same as the topology's packages, up to 50.0 ns");
    assert_has(text, "0,1 | 2,3");
    assert_has(text, "no known pair of siblings");
    assert_narrow(text);
}

static void test_shades(void **state)
{
    const char *text = render(*state, 12);

    assert_has(text, "\n    1  ██\\\\████████············\n");
    assert_narrow(text);
}

/* Four CPUs to a cell, of which the diagonal has a distance too. */
static void test_many(void **state)
{
    const char *text = render(*state, 100);

    assert_has(text, ", 4 CPUs per cell");
    assert_has(text, "\n    0  ██");
    assert_has(text, "\n   96  ··");
    assert_narrow(text);
}

static void test_unfinished(void **state)
{
    struct fixture *f = *state;
    const char *text;

    render(f, 3);
    ps_str_clear(&f->text);
    f->trips[1] = NAN;
    f->probe.trips_measured = 2;
    f->probe.pairs_left = 2;
    f->probe.max_time = 1;
    f->probe.interrupted = true;
    f->probe.siblings_shown = true;
    f->probe.level_count = 0;
    ps_probe_text(&f->probe, &f->text);
    text = ps_str_text(&f->text);
    assert_has(text, "2 of 3 round trips");
    assert_has(text, "2 pairs had to be left out");
    assert_has(text, "Cut short");
    assert_has(text, "No groups");
    assert_null(strstr(text, "no known pair of siblings"));
    assert_has(text, "400·      -\n");
}

static void test_json(void **state)
{
    struct fixture *f = *state;
    struct ps_topo topo = {.arena = &f->arena, .source = "a test", .probe = &f->probe};
    struct ps_err e = {""};

    render(f, 4);
    ps_str_clear(&f->text);
    assert_int_equal(ps_topo_json(&topo, &f->text, &e), 0);
    assert_has(ps_str_text(&f->text), "\"same_as\": \"packages\"");
    assert_has(ps_str_text(&f->text), "\"round_trips_measured\": 6");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_numbers),    TEST(test_shades), TEST(test_many),
        TEST(test_unfinished), TEST(test_json),
    };

    return cmocka_run_group_tests_name("probe text", tests, NULL, NULL);
}
