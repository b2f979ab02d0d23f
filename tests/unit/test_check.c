#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "fixture.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char *const events[] = {"cache-misses", "cache-misses:u", "cpu/event=0x3c,umask=0/",
                                     "r08"};

static const struct ps_metric_info custom[] = {
    {"wakeup_p99", "s", "wakeup_p99", "how late"},
    {"small_done", "items", "small_done", "how many"},
    {NULL, NULL, NULL, NULL},
};

struct fixture {
    struct ps_arena arena;
    struct ps_err error;
    struct ps_point points[4];
    struct ps_metric metrics[4];
    struct ps_model models[2];
    struct ps_grain grains[2];
    struct ps_result result;
};

static int setup(void **state)
{
    struct fixture *f = fixture_new(state, sizeof *f);

    f->result = (struct ps_result){.arena = &f->arena, .points = f->points, .models = f->models};
    return 0;
}

static int parse(struct fixture *f, const char *text, struct ps_check_spec *c)
{
    const struct ps_check_names names = {events, COUNT(events), custom};

    f->error = (struct ps_err){""};
    return ps_check_parse(text, &names, &f->arena, c, &f->error);
}

static struct ps_check_spec parsed(struct fixture *f, const char *text)
{
    struct ps_check_spec c;

    if (parse(f, text, &c) < 0)
        fail_msg("%s", f->error.text);
    assert_string_equal(f->error.text, "");
    return c;
}

static void assert_text(const char *text, const char *expected)
{
    assert_int_equal(text != NULL, expected != NULL);
    if (expected)
        assert_string_equal(text, expected);
}

/* Nearest doubles of decimal texts are the same on both sides. */
static void assert_real(double value, double expected)
{
    assert_true(value == expected);
}

static void test_normalised(void **state)
{
    static const char *const cases[][2] = {
        {"speedup >= 1.8", "speedup >= 1.8"},
        {"speedup>=1.8", "speedup >= 1.8"},
        {" \tspeedup\n>\t 1.80 ", "speedup > 1.80"},
        {"speedup[strategy=steal,threads=2]>=1.8", "speedup[strategy=steal,threads=2] >= 1.8"},
        {"speedup [ threads = 2 , strategy = steal ] < 1", "speedup[threads=2,strategy=steal] < 1"},
        {"wall_time<=10ms", "wall_time <= 10ms"},
        {"wall_time[workload=xz -T{threads} a <b> = c]<1s",
         "wall_time[workload=xz -T{threads} a <b> = c] < 1s"},
        {"serial_fraction[placement=spread]<=1e-2", "serial_fraction[placement=spread] <= 1e-2"},
        {"cpu/event=0x3c,umask=0/[threads=1]<9", "cpu/event=0x3c,umask=0/[threads=1] < 9"},
        {"wakeup_p99[strategy=pool]<=0.1ms", "wakeup_p99[strategy=pool] <= 0.1ms"},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(parsed(f, cases[i][0]).text, cases[i][1]);
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(parsed(f, cases[i][1]).text, cases[i][1]);
}

static void test_selectors(void **state)
{
    static const struct {
        const char *text, *workload, *strategy, *placement;
        unsigned threads;
    } cases[] = {
        {"speedup > 1", NULL, NULL, NULL, 0},
        {"speedup[workload=reduce] > 1", "reduce", NULL, NULL, 0},
        {"speedup[workload=reduce:size=10M] > 1", "reduce:size=10M", NULL, NULL, 0},
        {"speedup[strategy=pool:schedule=dynamic] > 1", NULL, "pool:schedule=dynamic", NULL, 0},
        {"speedup[placement=two-per-core,threads=16] > 1", NULL, NULL, "two-per-core", 16},
        {"speedup[threads=1k,placement=none,strategy=steal,workload=a b] > 1", "a b", "steal",
         "none", 1000},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ps_check_spec c = parsed(f, cases[i].text);

        assert_text(c.workload, cases[i].workload);
        assert_text(c.strategy, cases[i].strategy);
        assert_text(c.placement, cases[i].placement);
        assert_int_equal(c.threads, cases[i].threads);
    }
}

static void test_operators(void **state)
{
    static const struct {
        const char *text;
        enum ps_check_op op;
    } cases[] = {{"ipc>=1", PS_CHECK_GE},
                 {"ipc > 1", PS_CHECK_GT},
                 {"ipc <= 1", PS_CHECK_LE},
                 {"ipc<1", PS_CHECK_LT}};
    struct fixture *f = *state;

    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(parsed(f, cases[i].text).op, cases[i].op);
}

static void test_metrics(void **state)
{
    static const struct {
        const char *text, *metric, *unit;
        bool model, grain;
    } cases[] = {
        {"crossover < 10k", "crossover", "parameter", false, true},
        {"crossover_idle[threads=2] < 10k", "crossover_idle", "parameter", false, true},
        {"metg < 1us", "metg", "s", false, true},
        {"wall_time < 1", "wall_time", "s", false},
        {"speedup < 1", "speedup", "1", false},
        {"frequency > 1G", "frequency", "Hz", false},
        {"context_switches < 10", "context_switches", "count", false},
        {"serial_fraction < 1", "serial_fraction", "1", true},
        {"cache-misses < 1k", "cache-misses", "count", false},
        {"cache-misses:u<1k", "cache-misses:u", "count", false},
        {"cpu/event=0x3c,umask=0/>1", "cpu/event=0x3c,umask=0/", "count", false},
        {"r08[threads=2] < 5", "r08", "count", false},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ps_check_spec c = parsed(f, cases[i].text);

        assert_string_equal(c.metric, cases[i].metric);
        assert_string_equal(c.unit, cases[i].unit);
        assert_int_equal(c.model, cases[i].model);
        assert_int_equal(c.grain, cases[i].grain);
    }
}

static void test_value_units(void **state)
{
    static const char *const cases[][2] = {
        {"crossover < 10k", "count"}, {"crossover < 10us", "s"}, {"crossover < 10", NULL},
        {"crossover_idle < 0", NULL}, {"metg < 10us", NULL},     {"cycles < 10k", NULL},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < COUNT(cases); i++)
        assert_text(parsed(f, cases[i][0]).value_unit, cases[i][1]);
}

/* Every metric there is can be checked, and has a unit that a number goes with. */
static void test_all_metrics(void **state)
{
    struct fixture *f = *state;
    char text[128];

    for (const struct ps_metric_info *m = ps_metrics; m->id; m++) {
        snprintf(text, sizeof text, "%s >= 0.25", m->id);
        assert_real(parsed(f, text).value, 0.25);
        assert_string_equal(parsed(f, text).metric, m->id);
    }
}

static void test_values(void **state)
{
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        {"wall_time < 10ms", 0.01},
        {"wall_time < 0.5", 0.5},
        {"wall_time < 2e-3", 2e-3},
        {"wall_time < 1.5us", 1.5e-6},
        {"cpu_time < 2min", 120},
        {"speedup > 1.8", 1.8},
        {"speedup > 1.8123456789012345", 1.8123456789012345},
        {"efficiency >= 90%", 0.9},
        {"efficiency >= 2.5e1%", 0.25},
        {"serial_fraction <= 1e-3", 1e-3},
        {"serial_fraction >= -0.01", -0.01},
        {"counting_overhead > -1%", -0.01},
        {"cycles < 1.5M", 1.5e6},
        {"context_switches < 10", 10},
        {"throughput > 2.5G", 2.5e9},
        {"cycles_per_item < 0.75", 0.75},
        {"max_rss < 1Gi", 1073741824},
        {"cache-misses < 3k", 3000},
        {"crossover < 10k", 10000},
        {"crossover < 0.5", 0.5},
        {"crossover < 10us", 10e-6},
        {"metg < 10us", 10e-6},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < COUNT(cases); i++)
        assert_real(parsed(f, cases[i].text).value, cases[i].value);
}

static void assert_refused(struct fixture *f, const char *text, int err, const char *message)
{
    struct ps_check_spec c = {.metric = "untouched"};
    char expected[1024];

    assert_int_equal(parse(f, text, &c), err);
    snprintf(expected, sizeof expected, "--check '%s': %s", text, message);
    assert_string_equal(f->error.text, expected);
    assert_string_equal(c.metric, "untouched");
}

#define SECONDS \
    "wall_time is in seconds: expected a time such as 10ms, or a plain number of seconds"
#define RATIO "speedup is a ratio: expected a plain number such as 1.8, or a percentage such as 90%"
#define NEVER "a measured value is never equal to a number: use >= or <="

static void test_refused(void **state)
{
    static const char *const cases[][2] = {
        {"", "it must begin with a metric, as in speedup >= 1.8"},
        {" ", "it must begin with a metric, as in speedup >= 1.8"},
        {">= 1.8", "it must begin with a metric, as in speedup >= 1.8"},
        {"[threads=2] >= 1.8", "it must begin with a metric, as in speedup >= 1.8"},
        {"speedup[threads=2 >= 1.8", "the selector is not closed by ]"},
        {"speedup[", "the selector is not closed by ]"},
        {"speedup[] > 1", "'' in the selector is not of the form KEY=VALUE, such as threads=2"},
        {"speedup[threads] > 1",
         "'threads' in the selector is not of the form KEY=VALUE, such as threads=2"},
        {"speedup[threads=2,] > 1",
         "'' in the selector is not of the form KEY=VALUE, such as threads=2"},
        {"speedup[threads= ] > 1", "threads has no value"},
        {"speedup[workload=] > 1", "workload has no value"},
        {"speedup[threads=2,threads=3] > 1", "threads is given twice"},
        {"speedup[strategy=a,strategy=a] > 1", "strategy is given twice"},
        {"speedup[threads=two] > 1", "threads='two' is not a whole number: must be 1 to 1048576"},
        {"speedup[threads=1.5] > 1", "threads='1.5' is not a whole number: must be 1 to 1048576"},
        {"speedup[threads=-2] > 1", "threads='-2' is not a whole number: must be 1 to 1048576"},
        {"speedup[threads=0] > 1", "threads=0: must be 1 to 1048576"},
        {"serial_fraction[threads=2] < 1",
         "serial_fraction belongs to a whole curve, not to a single thread count"},
        {"speedup", "an operator is missing: >=, >, <= or <"},
        {"speedup 1.8", "an operator is missing: >=, >, <= or <"},
        {"speedup[threads=2] 1.8", "an operator is missing: >=, >, <= or <"},
        {"speedup == 1", NEVER},
        {"speedup = 1", NEVER},
        {"speedup=1", NEVER},
        {"speedup => 1", NEVER},
        {"speedup[threads=2] != 1", NEVER},
        {"r08!=1", NEVER},
        {"speedup >=", "a value is missing"},
        {"speedup >= ", "a value is missing"},
        {"speedup >= nan", RATIO},
        {"speedup >= inf", RATIO},
        {"speedup >= -inf", RATIO},
        {"speedup >= 0x10", RATIO},
        {"speedup >= 2x", RATIO},
        {"speedup >= 1s", RATIO},
        {"speedup >= 1k", RATIO},
        {"speedup >= 1 2", RATIO},
        {"speedup >= 1,8", RATIO},
        {"speedup >== 1", RATIO},
        {"speedup >= 1e999", "the value 1e999 is too large"},
        {"speedup >= -1e999", "the value -1e999 is too small"},
        {"wall_time < 5%", SECONDS},
        {"wall_time < 1parsec", SECONDS},
        {"wall_time < 10k", SECONDS},
        {"wall_time < -1ms", SECONDS},
        {"wall_time < nan", SECONDS},
        {"context_switches < 5%",
         "context_switches is a count: expected a number such as 1000 or 1k"},
        {"context_switches < 5ms",
         "context_switches is a count: expected a number such as 1000 or 1k"},
        {"context_switches < -5", "the value -5 is too small"},
        {"max_rss < 5MB", "max_rss is in bytes: expected a number such as 1000 or 1k"},
        {"frequency > 2GHz", "frequency is in Hz: expected a number such as 1000 or 1k"},
        {"cache-misses > inf", "cache-misses is a count: expected a number such as 1000 or 1k"},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < COUNT(cases); i++)
        assert_refused(f, cases[i][0], -EINVAL, cases[i][1]);
}

static void test_unknown(void **state)
{
    static const char *const cases[][2] = {
        {"speedpu >= 1", "unknown metric 'speedpu': did you mean 'speedup'?"},
        {"speedup] >= 1", "unknown metric 'speedup]': did you mean 'speedup'?"},
        {"serial_frction < 1", "unknown metric 'serial_frction': did you mean 'serial_fraction'?"},
        {"cache-mises:u < 1", "unknown metric 'cache-mises:u': did you mean 'cache-misses:u'?"},
        {"r09 < 1", "unknown metric 'r09': did you mean 'r08'?"},
        {"bogus_quantity >= 1", "unknown metric 'bogus_quantity' (see 'parscope list metrics')"},
        {"speedup[thread=2] > 1", "unknown selector key 'thread': did you mean 'threads'?"},
        {"speedup[place=none] > 1", "unknown selector key 'place': did you mean 'placement'?"},
        {"speedup[workloads=a] > 1", "unknown selector key 'workloads': did you mean 'workload'?"},
        {"speedup[=2] > 1", "unknown selector key '' (known are workload, strategy, threads and "
                            "placement)"},
        {"speedup[qqqqqqqqqq=2] > 1", "unknown selector key 'qqqqqqqqqq' (known are workload, "
                                      "strategy, threads and placement)"},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < COUNT(cases); i++)
        assert_refused(f, cases[i][0], -ENOENT, cases[i][1]);
}

static void test_length(void **state)
{
    struct fixture *f = *state;
    struct ps_check_spec c = {.metric = "untouched"};
    char text[4096];

    snprintf(text, sizeof text, "speedup > %0500d", 1);
    assert_int_equal(parse(f, text, &c), 0);
    assert_real(c.value, 1);
    c.metric = "untouched";
    memset(text, '[', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(parse(f, text, &c), -EINVAL);
    assert_string_equal(f->error.text, "--check '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[...': "
                                       "longer than 512 characters");
    assert_string_equal(c.metric, "untouched");
}

/* Cut anywhere, a check is parsed or refused, and never leaves the text. */
static void test_cut_anywhere(void **state)
{
    static const char whole[] =
        " cpu/event=0x3c,umask=0/ [ workload=a:b=c, strategy = x,threads=2 ,placement=p ] >= 1.5k ";
    struct fixture *f = *state;

    for (size_t from = 0; from < sizeof whole; from++)
        for (size_t to = from; to < sizeof whole; to++) {
            struct ps_check_spec c = {.metric = "untouched"};
            char *text = test_calloc(to - from + 1, 1);

            memcpy(text, whole + from, to - from);
            if (parse(f, text, &c) < 0)
                assert_string_equal(c.metric, "untouched");
            else
                assert_non_null(c.text);
            test_free(text);
        }
}

static const struct ps_check_subject subjects[] = {
    {"reduce", "reduce:size=1M", "sequential", "sequential", "spread", 1, true},
    {"reduce", "reduce:size=1M", "steal", "steal", "spread", 1, false},
    {"reduce", "reduce:size=1M", "steal", "steal", "spread", 2, false},
    {"reduce", "reduce:size=1M", "pool", "pool:chunk=8", "spread", 4, false},
    {"tree", "tree", "steal", "steal", "compact", 2, false},
};

/* Which subjects match, as one character each. */
static void assert_matches(struct fixture *f, const char *text, const char *expected)
{
    struct ps_check_spec c = parsed(f, text);
    char found[COUNT(subjects) + 1] = "";

    for (size_t i = 0; i < COUNT(subjects); i++)
        found[i] = ps_check_matches(&c, &subjects[i]) ? 'x' : '.';
    assert_string_equal(found, expected);
    assert_int_equal(ps_check_any(&c, subjects, COUNT(subjects), &f->error), 0);
    assert_string_equal(f->error.text, "");
}

static void test_matches(void **state)
{
    struct fixture *f = *state;

    assert_matches(f, "wall_time < 1", "xxxxx");
    assert_matches(f, "wall_time[workload=reduce] < 1", "xxxx.");
    assert_matches(f, "wall_time[workload=reduce:size=1M,threads=1] < 1", "xx...");
    assert_matches(f, "wall_time[strategy=pool] < 1", "...x.");
    assert_matches(f, "wall_time[strategy=pool:chunk=8] < 1", "...x.");
    assert_matches(f, "wall_time[strategy=sequential] < 1", "x....");
    assert_matches(f, "wall_time[placement=compact] < 1", "....x");
    assert_matches(f, "wall_time[strategy=steal,threads=2] < 1", "..x.x");
    assert_matches(f, "serial_fraction[workload=tree] < 1", "....x");
}

static void test_reference_is_not_judged_by_itself(void **state)
{
    static const char *const ratios[] = {
        "speedup",      "speedup_idle",       "efficiency",         "cycle_speedup",
        "load_balance", "serial_fraction",    "crossover",          "crossover_idle",
        "metg",         "lost_cores_waiting", "parallel_efficiency"};
    struct fixture *f = *state;
    char text[64];

    for (size_t i = 0; i < COUNT(ratios); i++) {
        snprintf(text, sizeof text, "%s > 1", ratios[i]);
        assert_matches(f, text, ".xxxx");
    }
    assert_matches(f, "utilization > 1", "xxxxx");
}

static void assert_none(struct fixture *f, const char *text, size_t count, const char *message)
{
    struct ps_check_spec c = parsed(f, text);
    char expected[1024];

    assert_int_equal(ps_check_any(&c, subjects, count, &f->error), -ENOENT);
    snprintf(expected, sizeof expected, "--check '%s': %s", text, message);
    assert_string_equal(f->error.text, expected);
}

static void test_no_point(void **state)
{
    struct fixture *f = *state;

    assert_none(f, "wall_time[threads=3] < 1", 5, "no point has threads=3: there are 1, 2, 4");
    assert_none(f, "wall_time[workload=fib] < 1", 5,
                "no point has workload=fib: there are reduce, tree");
    assert_none(f, "wall_time[workload=reduce:size=2M] < 1", 5,
                "no point has workload=reduce:size=2M: there are reduce:size=1M, tree");
    assert_none(f, "wall_time[placement=none] < 1", 4,
                "no point has placement=none: there is only spread");
    assert_none(f, "speedup[strategy=spawn] > 1", 5,
                "no point has strategy=spawn: there are steal, pool");
    assert_none(f, "speedup[strategy=pool:chunk=9] > 1", 5,
                "no point has strategy=pool:chunk=9: there are steal, pool:chunk=8");
    assert_none(f, "wall_time[threads=4,strategy=steal] < 1", 5,
                "no point with strategy=steal has threads=4: there are 1, 2");
    assert_none(f, "wall_time[placement=compact,workload=reduce,strategy=pool] < 1", 5,
                "no point with workload=reduce, strategy=pool has placement=compact: there is only "
                "spread");
}

static void test_nothing_but_the_reference(void **state)
{
    static const char only[] =
        "it matches only the reference of speedup, which can't be compared with itself";
    struct fixture *f = *state;

    assert_none(f, "speedup[strategy=sequential] > 1", 5, only);
    assert_none(f, "speedup > 1", 1, only);
    assert_none(f, "speedup[threads=9] > 1", 1, only);
}

static void test_many_values_are_cut(void **state)
{
    struct ps_check_subject many[20];
    struct fixture *f = *state;
    struct ps_check_spec c = parsed(f, "wall_time[threads=99] < 1");

    for (unsigned i = 0; i < 20; i++)
        many[i] = (struct ps_check_subject){"a", "a", "s", "s", "none", i + 1, false};
    assert_int_equal(ps_check_any(&c, many, 20, &f->error), -ENOENT);
    assert_string_equal(f->error.text, "--check 'wall_time[threads=99] < 1': no point has "
                                       "threads=99: there are 1, 2, 3, 4, 5, 6, 7, 8, ...");
}

static void test_judge(void **state)
{
    static const struct {
        const char *text;
        double low, high;
        enum ps_check_outcome outcome;
    } cases[] = {
        {"speedup >= 2", 2.0, 2.5, PS_CHECK_HOLDS},
        {"speedup >= 2", 2.1, 2.5, PS_CHECK_HOLDS},
        {"speedup >= 2", 1.9, 2.5, PS_CHECK_INCONCLUSIVE},
        {"speedup >= 2", 1.5, 2.0, PS_CHECK_INCONCLUSIVE},
        {"speedup >= 2", 1.5, 1.9, PS_CHECK_FAILS},
        {"speedup >= 2", 2.0, 2.0, PS_CHECK_HOLDS},
        {"speedup > 2", 2.1, 2.5, PS_CHECK_HOLDS},
        {"speedup > 2", 2.0, 2.5, PS_CHECK_INCONCLUSIVE},
        {"speedup > 2", 1.5, 2.0, PS_CHECK_FAILS},
        {"speedup > 2", 2.0, 2.0, PS_CHECK_FAILS},
        {"speedup <= 2", 1.5, 1.9, PS_CHECK_HOLDS},
        {"speedup <= 2", 1.5, 2.0, PS_CHECK_HOLDS},
        {"speedup <= 2", 1.5, 2.1, PS_CHECK_INCONCLUSIVE},
        {"speedup <= 2", 2.0, 2.5, PS_CHECK_INCONCLUSIVE},
        {"speedup <= 2", 2.1, 2.5, PS_CHECK_FAILS},
        {"speedup <= 2", 2.0, 2.0, PS_CHECK_HOLDS},
        {"speedup < 2", 1.5, 1.9, PS_CHECK_HOLDS},
        {"speedup < 2", 1.5, 2.0, PS_CHECK_INCONCLUSIVE},
        {"speedup < 2", 2.0, 2.5, PS_CHECK_FAILS},
        {"speedup < 2", 2.0, 2.0, PS_CHECK_FAILS},
        {"speedup >= -0.5", -0.4, 0.4, PS_CHECK_HOLDS},
        {"speedup >= 2", NAN, NAN, PS_CHECK_INCONCLUSIVE},
        {"speedup >= 2", 2.5, NAN, PS_CHECK_INCONCLUSIVE},
        {"speedup >= 2", 2.5, INFINITY, PS_CHECK_HOLDS},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ps_check_spec c = parsed(f, cases[i].text);
        struct ps_interval interval = {cases[i].low, cases[i].low, cases[i].high};

        if (isnan(cases[i].low))
            interval.value = 9;
        assert_int_equal(ps_check_judge(&c, interval), cases[i].outcome);
    }
}

static void test_no_value_is_inconclusive(void **state)
{
    struct fixture *f = *state;
    struct ps_check_spec c = parsed(f, "speedup >= 2");

    assert_int_equal(ps_check_judge(&c, (struct ps_interval){NAN, NAN, NAN}),
                     PS_CHECK_INCONCLUSIVE);
    assert_int_equal(ps_check_judge(&c, (struct ps_interval){NAN, 3, 4}), PS_CHECK_INCONCLUSIVE);
}

/* Adds a point of reduce under steal with one metric, to be changed by the caller. */
static struct ps_point *add(struct fixture *f, unsigned threads, const char *metric, double value,
                            double low, double high)
{
    size_t i = f->result.point_count++;

    assert_true(i < COUNT(f->points));
    f->metrics[i] =
        (struct ps_metric){.id = metric, .unit = "?", .value = value, .low = low, .high = high};
    f->points[i] = (struct ps_point){
        .workload = "reduce",
        .workload_label = "reduce:size=10M",
        .strategy = "steal",
        .strategy_label = "steal",
        .threads = threads,
        .placement = "spread",
        .rounds = 20,
        .items = 1,
        .metrics = &f->metrics[i],
        .metric_count = 1,
    };
    return &f->points[i];
}

static struct ps_point *add_program(struct fixture *f, unsigned threads, double value)
{
    struct ps_point *p = add(f, threads, "wall_time", value, value, value);

    p->workload = "xz";
    p->workload_label = "xz -1 file";
    p->strategy = p->strategy_label = "program";
    return p;
}

static void assert_check(struct fixture *f, const char *text, enum ps_check_outcome outcome,
                         const char *evidence)
{
    struct ps_check_spec c = parsed(f, text);
    struct ps_check check = ps_check_on_result(&c, &f->result);

    assert_string_equal(check.text, text);
    assert_string_equal(check.evidence, evidence);
    assert_int_equal(check.outcome, outcome);
}

static void test_one_point(void **state)
{
    static const char evidence[] = "1.96 [1.95, 1.97] (steal with 2 threads on reduce:size=10M)";
    struct fixture *f = *state;

    add(f, 2, "speedup", 1.96, 1.95, 1.97);
    assert_check(f, "speedup[threads=2] >= 1.8", PS_CHECK_HOLDS, evidence);
    assert_check(f, "speedup >= 1.95", PS_CHECK_HOLDS, evidence);
    assert_check(f, "speedup > 1.95", PS_CHECK_INCONCLUSIVE, evidence);
    assert_check(f, "speedup[workload=reduce,strategy=steal] >= 2", PS_CHECK_FAILS, evidence);
    assert_check(f, "speedup < 2", PS_CHECK_HOLDS, evidence);
}

static void test_units_in_evidence(void **state)
{
    struct fixture *f = *state;

    add(f, 1, "wall_time", 0.0105, 0.0104, 0.0106);
    add(f, 1, "context_switches", 12, 11, 13);
    add(f, 1, "cache-misses", 1.25e9, 1.2e9, 1.3e9);
    add(f, 1, "efficiency", 0.123456, 0.1, 0.15);
    assert_check(f, "wall_time < 20ms", PS_CHECK_HOLDS,
                 "10.5 ms [10.4 ms, 10.6 ms] (steal with 1 thread on reduce:size=10M)");
    assert_check(f, "context_switches < 12", PS_CHECK_INCONCLUSIVE,
                 "12.0 [11.0, 13.0] (steal with 1 thread on reduce:size=10M)");
    assert_check(f, "cache-misses < 1G", PS_CHECK_FAILS,
                 "1.25 G [1.20 G, 1.30 G] (steal with 1 thread on reduce:size=10M)");
    assert_check(f, "efficiency > 5%", PS_CHECK_HOLDS,
                 "0.1235 [0.1, 0.15] (steal with 1 thread on reduce:size=10M)");
}

static void test_several_that_hold(void **state)
{
    struct fixture *f = *state;

    add(f, 1, "speedup", 1, 0.99, 1.01);
    add(f, 2, "speedup", 2, 1.9, 2.1);
    add(f, 4, "speedup", 3, 2.9, 3.1);
    assert_check(
        f, "speedup >= 0.9", PS_CHECK_HOLDS,
        "1 [0.99, 1.01] at the closest of 3 points (steal with 1 thread on reduce:size=10M)");
    assert_check(
        f, "speedup <= 4", PS_CHECK_HOLDS,
        "3 [2.9, 3.1] at the closest of 3 points (steal with 4 threads on reduce:size=10M)");
    assert_check(f, "speedup[threads=2] <= 4", PS_CHECK_HOLDS,
                 "2 [1.9, 2.1] (steal with 2 threads on reduce:size=10M)");
}

static void test_mixed_outcomes(void **state)
{
    struct fixture *f = *state;

    add(f, 1, "speedup", 1, 0.99, 1.01);
    add(f, 2, "speedup", 2, 1.9, 2.1);
    add(f, 3, "speedup", 2, 1.8, 2.2);
    add(f, 4, "speedup", 3, 2.9, 3.1);
    assert_check(f, "speedup >= 2", PS_CHECK_FAILS,
                 "1 [0.99, 1.01] on the only one of 4 that fails (steal with 1 thread on "
                 "reduce:size=10M)");
    assert_check(f, "speedup <= 2", PS_CHECK_FAILS,
                 "3 [2.9, 3.1] on the only one of 4 that fails (steal with 4 threads on "
                 "reduce:size=10M)");
    assert_check(f, "speedup > 2.5", PS_CHECK_FAILS,
                 "1 [0.99, 1.01] on the first of 3 that fail, of 4 (steal with 1 thread on "
                 "reduce:size=10M)");
    assert_check(f, "speedup > 4", PS_CHECK_FAILS,
                 "1 [0.99, 1.01] on the first of 4, all of which fail (steal with 1 thread on "
                 "reduce:size=10M)");
    f->result.point_count = 3;
    assert_check(f, "speedup <= 2", PS_CHECK_INCONCLUSIVE,
                 "2 [1.9, 2.1] on the first of 2 that are inconclusive, of 3 (steal with 2 threads "
                 "on reduce:size=10M)");
    assert_check(f, "speedup < 2.15", PS_CHECK_INCONCLUSIVE,
                 "2 [1.8, 2.2] on the only one of 3 that is inconclusive (steal with 3 threads on "
                 "reduce:size=10M)");
}

static void test_all_inconclusive(void **state)
{
    struct fixture *f = *state;

    add(f, 2, "speedup", 2, 1.9, 2.1);
    add(f, 3, "speedup", 2, 1.8, 2.2);
    assert_check(
        f, "speedup >= 2", PS_CHECK_INCONCLUSIVE,
        "2 [1.9, 2.1] on the first of 2, all of which are inconclusive (steal with 2 threads "
        "on reduce:size=10M)");
}

static void test_reference_is_left_out(void **state)
{
    struct fixture *f = *state;
    struct ps_point *p = add(f, 1, "speedup", 1, 1, 1);

    p->baseline = true;
    p->strategy = p->strategy_label = "sequential";
    add(f, 2, "speedup", 2, 1.9, 2.1);
    assert_check(f, "speedup > 1.5", PS_CHECK_HOLDS,
                 "2 [1.9, 2.1] (steal with 2 threads on reduce:size=10M)");
    f->metrics[0].id = f->metrics[1].id = "utilization";
    assert_check(f, "utilization > 1.5", PS_CHECK_FAILS,
                 "1 [1, 1] on the only one of 2 that fails (sequential with 1 thread on "
                 "reduce:size=10M)");
}

static void test_points_without_the_metric_do_not_count(void **state)
{
    struct fixture *f = *state;

    assert_check(f, "speedup > 1.5", PS_CHECK_INCONCLUSIVE, "no point has this metric");
    add(f, 1, "wall_time", 1, 1, 1);
    assert_check(f, "speedup > 1.5", PS_CHECK_INCONCLUSIVE, "no point has this metric");
    add(f, 2, "speedup", 2, 1.9, 2.1);
    assert_check(f, "speedup > 1.5", PS_CHECK_HOLDS,
                 "2 [1.9, 2.1] (steal with 2 threads on reduce:size=10M)");
    assert_check(f, "speedup[threads=1] > 1.5", PS_CHECK_INCONCLUSIVE, "no point has this metric");
}

/* Where it fails for what others took, or may have. */
static void test_load_never_fails(void **state)
{
    struct fixture *f = *state;
    struct ps_point *p = add(f, 2, "wall_time", 2, 1.9, 2.1);
    double busy[] = {0.05, 0.05, NAN};

    p->load = (struct ps_point_load){.status = PS_LOAD_DISTURBED, .share = 0.46, .rounds = 40};
    assert_check(
        f, "wall_time < 1", PS_CHECK_INCONCLUSIVE,
        "2.00 s [1.90 s, 2.10 s] (steal with 2 threads on reduce:size=10M); disturbed: "
        "other programs took 46 % of the CPU time of steal with 2 threads on reduce:size=10M, "
        "and "
        "0 of 40 rounds were quiet");
    assert_check(f, "wall_time > 3", PS_CHECK_FAILS,
                 "2.00 s [1.90 s, 2.10 s] (steal with 2 threads on reduce:size=10M)");
    p->load.status = PS_LOAD_CLEAN_ROUNDS;
    assert_check(f, "wall_time < 1", PS_CHECK_FAILS,
                 "2.00 s [1.90 s, 2.10 s] (steal with 2 threads on reduce:size=10M)");
    p->load = (struct ps_point_load){.status = PS_LOAD_UNKNOWN, .share = NAN};
    f->result.host.cpu_busy_before = busy;
    f->result.host.cpu_busy_count = 3;
    assert_check(f, "wall_time < 1", PS_CHECK_FAILS,
                 "2.00 s [1.90 s, 2.10 s] (steal with 2 threads on reduce:size=10M)");
    busy[1] = 0.95;
    assert_check(
        f, "wall_time < 1", PS_CHECK_INCONCLUSIVE,
        "2.00 s [1.90 s, 2.10 s] (steal with 2 threads on reduce:size=10M); the machine "
        "was 50 % busy with other programs when this began, and how much CPU time they took from "
        "steal with "
        "2 threads on reduce:size=10M is not known");
    assert_check(f, "wall_time < 3", PS_CHECK_HOLDS,
                 "2.00 s [1.90 s, 2.10 s] (steal with 2 threads on reduce:size=10M)");
}

static void test_no_interval(void **state)
{
    double samples[20];
    struct fixture *f = *state;
    struct ps_point *p = add(f, 2, "speedup", 1.96, NAN, NAN);

    assert_check(f, "speedup > 1", PS_CHECK_INCONCLUSIVE,
                 "1.96, without an interval (steal with 2 threads on reduce:size=10M)");
    p->rounds = 3;
    assert_check(f, "speedup > 1", PS_CHECK_INCONCLUSIVE,
                 "1.96, without an interval: only 3 rounds (steal with 2 threads on "
                 "reduce:size=10M)");
    f->result.plan.ended_by = PS_END_MAX_TIME;
    f->result.plan.rounds = 3;
    f->result.elapsed = 12;
    f->result.plan.rounds_time = 10;
    assert_check(
        f, "speedup > 1", PS_CHECK_INCONCLUSIVE,
        "1.96, without an interval: only 3 rounds; --max-time 26s would be enough (steal with 2 "
        "threads on reduce:size=10M)");
    f->result.plan.max_time = 30; /* of which time was kept */
    assert_check(
        f, "speedup > 1", PS_CHECK_INCONCLUSIVE,
        "1.96, without an interval: only 3 rounds; --max-time 42s would be enough (steal with 2 "
        "threads on reduce:size=10M)");
    f->result.plan.ended_by = PS_END_ROUNDS;
    p->rounds = 1;
    assert_check(f, "speedup > 9", PS_CHECK_INCONCLUSIVE,
                 "1.96, without an interval: only 1 round (steal with 2 threads on "
                 "reduce:size=10M)");
    p->rounds = 20;
    for (int i = 0; i < 20; i++)
        samples[i] = i % 5 ? NAN : 1.96;
    f->metrics[0].samples = samples;
    assert_check(f, "speedup > 1", PS_CHECK_INCONCLUSIVE,
                 "1.96, without an interval: only 4 rounds (steal with 2 threads on "
                 "reduce:size=10M)");
}

static void test_no_value(void **state)
{
    struct fixture *f = *state;

    add(f, 2, "ipc", NAN, NAN, NAN);
    f->metrics[0].quality = PS_UNAVAILABLE;
    f->metrics[0].reason = "this machine has no PMU";
    assert_check(f, "ipc > 1", PS_CHECK_INCONCLUSIVE,
                 "no value (steal with 2 threads on reduce:size=10M: this machine has no PMU)");
    add(f, 4, "ipc", 3, 2.9, 3.1);
    assert_check(f, "ipc > 1", PS_CHECK_INCONCLUSIVE,
                 "no value on the only one of 2 that is inconclusive (steal with 2 threads on "
                 "reduce:size=10M: this machine has no PMU)");
    assert_check(f, "ipc > 4", PS_CHECK_FAILS,
                 "3 [2.9, 3.1] on the only one of 2 that fails (steal with 4 threads on "
                 "reduce:size=10M)");
}

/* A reason beside a value is about its quality, and no reason for the outcome. */
static void test_reason_beside_a_value(void **state)
{
    struct fixture *f = *state;

    add(f, 2, "ipc", 2, 1.9, 2.1);
    f->metrics[0].reason = "counted 50 % of the time";
    assert_check(f, "ipc > 1", PS_CHECK_HOLDS,
                 "2 [1.9, 2.1] (steal with 2 threads on reduce:size=10M)");
}

static void test_programs(void **state)
{
    struct fixture *f = *state;

    add_program(f, 1, 2);
    add_program(f, 2, 1);
    assert_check(f, "wall_time[threads=2] < 2", PS_CHECK_HOLDS,
                 "1.00 s [1.00 s, 1.00 s] (2 threads of xz -1 file)");
    assert_check(f, "wall_time[workload=xz] < 2", PS_CHECK_FAILS,
                 "2.00 s [2.00 s, 2.00 s] on the only one of 2 that fails (1 thread of xz -1 "
                 "file)");
    assert_check(f, "wall_time[workload=xz -1 file,threads=2] < 2", PS_CHECK_HOLDS,
                 "1.00 s [1.00 s, 1.00 s] (2 threads of xz -1 file)");
}

static void test_program_left_alone(void **state)
{
    struct fixture *f = *state;

    add_program(f, 2, 1)->placement = "free";
    assert_check(f, "wall_time < 2", PS_CHECK_HOLDS, "1.00 s [1.00 s, 1.00 s] (xz -1 file)");
}

static void test_copies(void **state)
{
    struct fixture *f = *state;

    add_program(f, 1, 1)->placement = "one-per-core";
    add_program(f, 2, 2)->placement = "two-per-core";
    f->points[1].items = 2;
    assert_check(f, "wall_time[threads=1] < 2", PS_CHECK_HOLDS,
                 "1.00 s [1.00 s, 1.00 s] (1 copy of xz -1 file)");
    assert_check(f, "wall_time[placement=two-per-core] < 2", PS_CHECK_FAILS,
                 "2.00 s [2.00 s, 2.00 s] (2 copies of xz -1 file)");
}

static void test_placement_in_evidence(void **state)
{
    struct fixture *f = *state;

    add(f, 2, "wall_time", 1, 1, 1)->placement = "one-per-core";
    add(f, 2, "wall_time", 2, 2, 2)->placement = "packed";
    add(f, 4, "wall_time", 1, 1, 1)->placement = "two-per-core";
    assert_check(f, "wall_time[threads=2] < 2", PS_CHECK_FAILS,
                 "2.00 s [2.00 s, 2.00 s] on the only one of 2 that fails (steal with 2 threads on "
                 "reduce:size=10M, packed)");
    assert_check(f, "wall_time[threads=4] < 2", PS_CHECK_HOLDS,
                 "1.00 s [1.00 s, 1.00 s] (steal with 4 threads on reduce:size=10M)");
}

static void add_model(struct fixture *f, const char *workload, const char *strategy,
                      const char *status, struct ps_interval fraction)
{
    assert_true(f->result.model_count < COUNT(f->models));
    f->models[f->result.model_count++] = (struct ps_model){
        .workload_label = workload,
        .strategy_label = strategy,
        .placement = "spread",
        .status = status,
        .serial_fraction = fraction.value,
        .low = fraction.low,
        .high = fraction.high,
    };
}

static void test_models(void **state)
{
    struct fixture *f = *state;

    assert_check(f, "serial_fraction <= 0.1", PS_CHECK_INCONCLUSIVE, "no curve has this metric");
    add(f, 2, "speedup", 2, 1.9, 2.1)->workload_label = "labelled";
    f->points[0].workload = "amdahl";
    f->result.plan.rounds = 12;
    add_model(f, "labelled", "steal", "ok", (struct ps_interval){0.2, 0.19, 0.21});
    add_model(f, "tree:depth=9", "pool:chunk=8", "ok", (struct ps_interval){0.05, 0.04, 0.06});
    assert_check(f, "serial_fraction <= 0.1", PS_CHECK_FAILS,
                 "0.2 [0.19, 0.21] on the only one of 2 that fails (steal on labelled)");
    assert_check(f, "serial_fraction[workload=amdahl] <= 0.2", PS_CHECK_INCONCLUSIVE,
                 "0.2 [0.19, 0.21] (steal on labelled)");
    assert_check(f, "serial_fraction[workload=tree] <= 0.1", PS_CHECK_HOLDS,
                 "0.05 [0.04, 0.06] (pool:chunk=8 on tree:depth=9)");
    assert_check(f, "serial_fraction[strategy=pool] >= -0.01", PS_CHECK_HOLDS,
                 "0.05 [0.04, 0.06] (pool:chunk=8 on tree:depth=9)");
    assert_check(f, "serial_fraction[placement=compact] <= 0.1", PS_CHECK_INCONCLUSIVE,
                 "no curve has this metric");
}

static void test_models_without_a_value(void **state)
{
    struct fixture *f = *state;

    f->result.plan.rounds = 4;
    add_model(f, "amdahl", "pool", "no point with more than one CPU",
              (struct ps_interval){NAN, NAN, NAN});
    add_model(f, "make", "program", "ok", (struct ps_interval){0.05, NAN, NAN});
    assert_check(f, "serial_fraction[workload=amdahl] <= 0.1", PS_CHECK_INCONCLUSIVE,
                 "no value (pool on amdahl: no point with more than one CPU)");
    assert_check(f, "serial_fraction[strategy=program] <= 0.1", PS_CHECK_INCONCLUSIVE,
                 "0.05, without an interval: only 4 rounds (make)");
}

static void add_grain(struct fixture *f, const char *strategy, const char *parameter,
                      const char *unit, struct ps_result_threshold from)
{
    assert_true(f->result.grain_count < COUNT(f->grains));
    f->result.grains = f->grains;
    f->grains[f->result.grain_count++] = (struct ps_grain){
        .workload = "reduce",
        .workload_label = "reduce:work=4",
        .strategy_label = strategy,
        .placement = "spread",
        .threads = 2,
        .parameter = parameter,
        .unit = unit,
        .crossover = from,
        .crossover_idle = {PS_RESULT_THRESHOLD_OPEN, NAN, 0, INFINITY},
        .metg = {"size does not change the length of tasks", NAN, NAN, NAN},
    };
}

static void test_crossovers(void **state)
{
    struct fixture *f = *state;

    assert_check(f, "crossover < 1k", PS_CHECK_INCONCLUSIVE, "no curve has this metric");
    f->result.plan.rounds = 12;
    add_grain(f, "pool", "size", "count",
              (struct ps_result_threshold){PS_RESULT_THRESHOLD_OK, 640, 595, 737});
    add_grain(f, "wait", "time", "s",
              (struct ps_result_threshold){PS_RESULT_THRESHOLD_OK, 1e-5, 9e-6, 2e-5});
    assert_check(f, "crossover[strategy=pool] < 1k", PS_CHECK_HOLDS,
                 "640 [595, 737] (pool with 2 threads on reduce:work=4, by size)");
    assert_check(f, "crossover[strategy=wait,workload=reduce:work=4] < 5us", PS_CHECK_FAILS,
                 "10.0 us [9.00 us, 20.0 us] (wait with 2 threads on reduce:work=4, by time)");
    assert_check(f, "crossover_idle[strategy=pool] < 1k", PS_CHECK_INCONCLUSIVE,
                 "no value (pool with 2 threads on reduce:work=4, by size: not told apart)");
    assert_check(
        f, "metg[strategy=pool] < 1us", PS_CHECK_INCONCLUSIVE,
        "no value (pool with 2 threads on reduce:work=4, by size: size does not change the "
        "length of tasks)");
    assert_check(f, "crossover[threads=3] < 1", PS_CHECK_INCONCLUSIVE, "no curve has this metric");
}

/* What lies beyond the range is known on one side. */
static void test_crossovers_beyond(void **state)
{
    struct fixture *f = *state;

    f->result.plan.rounds = 12;
    add_grain(f, "pool", "size", "count",
              (struct ps_result_threshold){PS_RESULT_THRESHOLD_BELOW, NAN, 0, 10});
    add_grain(f, "spawn", "size", "count",
              (struct ps_result_threshold){PS_RESULT_THRESHOLD_ABOVE, NAN, 4e6, INFINITY});
    assert_check(f, "crossover[strategy=pool] <= 10", PS_CHECK_HOLDS,
                 "below the range, at most 10.0 (pool with 2 threads on reduce:work=4, by size)");
    assert_check(f, "crossover[strategy=pool] <= 5", PS_CHECK_INCONCLUSIVE,
                 "below the range, at most 10.0 (pool with 2 threads on reduce:work=4, by size)");
    assert_check(f, "crossover[strategy=spawn] < 1M", PS_CHECK_FAILS,
                 "above the range, at least 4.00 M (spawn with 2 threads on reduce:work=4, by "
                 "size)");
    assert_check(f, "crossover[strategy=spawn] < 10M", PS_CHECK_INCONCLUSIVE,
                 "above the range, at least 4.00 M (spawn with 2 threads on reduce:work=4, by "
                 "size)");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_normalised),
        TEST(test_selectors),
        TEST(test_operators),
        TEST(test_metrics),
        TEST(test_value_units),
        TEST(test_all_metrics),
        TEST(test_values),
        TEST(test_refused),
        TEST(test_unknown),
        TEST(test_length),
        TEST(test_cut_anywhere),
        TEST(test_matches),
        TEST(test_reference_is_not_judged_by_itself),
        TEST(test_no_point),
        TEST(test_nothing_but_the_reference),
        TEST(test_many_values_are_cut),
        TEST(test_judge),
        TEST(test_no_value_is_inconclusive),
        TEST(test_one_point),
        TEST(test_units_in_evidence),
        TEST(test_several_that_hold),
        TEST(test_mixed_outcomes),
        TEST(test_all_inconclusive),
        TEST(test_reference_is_left_out),
        TEST(test_points_without_the_metric_do_not_count),
        TEST(test_load_never_fails),
        TEST(test_no_interval),
        TEST(test_no_value),
        TEST(test_reason_beside_a_value),
        TEST(test_programs),
        TEST(test_program_left_alone),
        TEST(test_copies),
        TEST(test_placement_in_evidence),
        TEST(test_models),
        TEST(test_models_without_a_value),
        TEST(test_crossovers),
        TEST(test_crossovers_beyond),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
