#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cells.h"
#include "exchange.h"
#include "sample.h"
#include "text.h"

struct fixture {
    struct ps_arena arena;
    struct ps_result *r;
    struct ps_str out;
};

static int setup(void **state)
{
    static struct fixture f;

    f = (struct fixture){0};
    ps_arena_init(&f.arena, sample_oom);
    f.r = sample_result(&f.arena);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    ps_str_finish(&f->out);
    ps_arena_finish(&f->arena);
    return 0;
}

static const char *render(struct fixture *f, const char *name, bool colour)
{
    struct ps_report_style style = {.colour = colour};

    ps_str_clear(&f->out);
    assert_int_equal(ps_format_find(name)->render(f->r, &style, &f->out, NULL), 0);
    return ps_str_text(&f->out);
}

/* Columns of a line without its colours. */
static size_t visible(const char *line, size_t length)
{
    char plain[4096];
    size_t used = 0;

    assert_true(length < sizeof plain);
    for (size_t i = 0; i < length; i++) {
        if (line[i] == '\033')
            i += strcspn(line + i, "m");
        else
            plain[used++] = line[i];
    }
    plain[used] = 0;
    return ps_columns(plain);
}

static void assert_narrow(const char *text)
{
    for (const char *line = text; *line;) {
        size_t length = strcspn(line, "\n");

        if (visible(line, length) > 80)
            fail_msg("%zu columns: %.*s", visible(line, length), (int)length, line);
        assert_true(!length || line[length - 1] != ' ');
        assert_int_equal(line[length], '\n');
        line += length + 1;
    }
}

static void assert_has(const char *text, const char *part)
{
    assert_non_null(text);
    if (strstr(text, part))
        return;
    print_error("no '%s' in:\n%s\n", part, text);
    fail();
}

static size_t occurrences(const char *text, const char *part)
{
    size_t count = 0;

    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
        count++;
    return count;
}

static void formats_are_found(void **state)
{
    assert_string_equal(ps_formats[0]->name, "table");
    assert_string_equal(ps_format_find("csv")->suffix, ".csv");
    assert_null(ps_format_find("yaml"));
    assert_ptr_equal(ps_format_of_path("a/b.json"), ps_format_find("json"));
    assert_ptr_equal(ps_format_of_path("b.json.csv"), ps_format_find("csv"));
    assert_ptr_equal(ps_format_of_path("summary.md"), ps_format_find("markdown"));
    assert_null(ps_format_of_path("a.json/b"));
    assert_null(ps_format_of_path(".json"));
    assert_null(ps_format_of_path("r.yaml"));
    assert_ptr_equal(ps_format_of_path("r.bmf.json"), ps_format_find("bmf"));
    assert_ptr_equal(ps_format_of_path("r.xml"), ps_format_find("junit"));
}

static void table_fits_80_columns(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < PS_ENDS; i++) {
        f->r->plan.ended_by = (enum ps_end)i;
        assert_narrow(render(f, "table", false));
        assert_narrow(render(f, "table", true));
    }
}

static void all_samples_fit_80_columns(void **state)
{
    struct fixture *f = *state;

    for (const struct sample *s = sample_variants; s->name; s++) {
        f->r = s->make(&f->arena);
        assert_narrow(render(f, "table", false));
    }
}

static void table_shows_what_matters(void **state)
{
    const char *text = render(*state, "table", false);

    assert_has(text, "reduce:size=10M — 10M elements, 2 threads on CPUs 0,1 (spread), 8 rounds\n");
    assert_has(text, "pool                      2  4.10 ms ±0.4%  1.98 ±0.01   99%    2.44 G/s\n");
    assert_has(text, "sequential                1  8.12 ms ±0.4%        1.00          1.23 G/s\n");
    assert_has(text, "~2.54 GHz");
    assert_has(text, "~2.06");
    assert_has(text, "after 1 ms");
    assert_has(text, " 8!  spread");
    assert_has(text, "! more threads than CPUs");
    assert_has(text, "serial fraction 0.198 [0.195, 0.201]: at most 5.05 ×");
    assert_has(text, "so the law itself is unverified");
    assert_has(text, "serial e");
    assert_has(text, "\nwarning: reduce:size=10: every");
    assert_has(text, "\n         19 times after 1 ms of idleness.\n");
    assert_has(text, "; widest");
    assert_int_equal(occurrences(text, "this virtual machine shows none") +
                         occurrences(text, "this virtual machine shows\n  none"),
                     1);
    assert_has(text, "- not available: cycles, instructions, IPC: no PMU");
    assert_null(strchr(text, '\033'));
    assert_null(strstr(text, "nan"));
}

static void table_has_colours_on_request(void **state)
{
    const char *text = render(*state, "table", true);

    assert_has(text, "\033[1mstrategy");
    assert_has(text, "\033[33mwarning: \033[0m");
    assert_has(text, "\033[31merror: \033[0m");
}

static void few_rounds_are_noted(void **state)
{
    struct fixture *f = *state;

    f->r->point_count = 1;
    f->r->points[0].rounds = 3;
    f->r->points[0].metrics[0].low = f->r->points[0].metrics[0].high = NAN;
    assert_has(render(f, "table", false), "no ±: an interval needs at least 6 rounds\n");
    assert_has(render(f, "table", false), "1  8.12 ms  ");
    f->r->plan.arguments = (const char *[]){"parscope", "attach"}; /* there are no more to be had */
    f->r->plan.argument_count = 2;
    assert_null(strstr(render(f, "table", false), "no ±"));
}

static void an_empty_result_renders(void **state)
{
    struct fixture *f = *state;

    f->r->point_count = f->r->model_count = f->r->finding_count = 0;
    f->r->smt_count = f->r->check_count = f->r->grain_count = 0;
    f->r->plan.rounds = 0;
    assert_narrow(render(f, "table", false));
    assert_has(render(f, "table", false), "0 rounds in 30.0 s");
    assert_has(render(f, "json", false), "\"points\": [],");
    assert_int_equal(occurrences(render(f, "csv", false), "\n"), 1);
    assert_has(render(f, "json", false), "\"checks\": [],");
    assert_null(strstr(render(f, "table", false), "Checks"));
    assert_null(strstr(render(f, "markdown", false), "###"));
}

static void new_metrics_get_a_column(void **state)
{
    struct ps_metric m = {"branch-misses", "1", 12345, NAN, NAN, PS_EXACT};
    struct fixture *f = *state;

    f->r->point_count = 1;
    f->r->points[0].metrics = &m;
    f->r->points[0].metric_count = 1;
    assert_has(render(f, "table", false), "branch-\nstrategy    threads   misses\n");
    assert_has(render(f, "table", false), "12.3 k\n");
}

static void of_equal_ids_the_first_counts(void **state)
{
    double samples[8] = {0};
    struct ps_metric twice[] = {
        {"cycles", "cycles", 111, NAN, NAN, PS_EXACT},
        {"cycles", "cycles", 222, NAN, NAN, PS_EXACT, NULL, samples},
    };
    struct fixture *f = *state;

    f->r->point_count = 1;
    f->r->points[0].metrics = twice;
    f->r->points[0].metric_count = 2;
    for (const char *const *name = (const char *const[]){"json", "csv", NULL}; *name; name++) {
        assert_has(render(f, *name, false), "111");
        assert_null(strstr(render(f, *name, false), "222"));
    }
    assert_has(render(f, "json", false), "\"samples\": {}");
}

static void nothing_reaches_the_terminal_raw(void **state)
{
    struct fixture *f = *state;

    f->r->points[0].strategy_label = "evil\033]0;title\007";
    f->r->points[0].metrics[0].reason = "\xff\xc2\x9b";
    f->r->points[0].metrics[0].quality = PS_PARTIAL;
    f->r->findings[0].text = "a\rb\x7f\u202e";
    f->r->host.cpu_model = "c\nd";
    for (const struct ps_format *const *format = ps_formats; *format; format++) {
        const char *text = render(f, (*format)->name, false);

        for (const char *c = "\033\007\r\x7f\xff"; *c; c++)
            assert_null(strchr(text, *c));
        assert_null(strstr(text, "\xc2\x9b"));
        assert_null(strstr(text, "\u202e"));
        assert_null(strstr(text, "c\nd"));
    }
    assert_has(render(f, "table", false), "evil\\x1b]0;title\\x07");
}

static void programs_have_no_strategy(void **state)
{
    struct fixture *f = *state;
    const char *text;

    f->r->points += 15;
    f->r->point_count = 2;
    f->r->check_count = f->r->finding_count = f->r->grain_count = 0;
    text = render(f, "table", false);
    assert_has(text, "\nxz -1 -T{threads} -c 'a | file' — placement spread, 8 rounds\n");
    assert_has(text, "\nthreads          time     speedup  eff.    user  system ");
    assert_has(text, "\n      1  12.5 s ±0.4%        1.00        11.2 s  1.24 s  83.4 MB  99%");
    assert_has(text, "\n      2  6.40 s ±0.4%  1.95 ±0.01   98%  11.3 s  1.26 s  83.4 MB  98%");
    assert_has(text, "switches");
    assert_has(text, "with 1 thread ±0.4%)\n");
    for (const char *const *no =
             (const char *const[]){"strategy", "program", "runs", "throughput", "seen", NULL};
         *no; no++)
        assert_null(strstr(text, *no));
    f->r->points[0].placement = f->r->points[1].placement = "none";
    f->r->points[1].threads = 1;
    f->r->points[0].cpus[0] = f->r->points[1].cpus[0] = -1;
    text = render(f, "table", false);
    assert_has(text, " — 1 thread, not pinned, 8 rounds\n");
    assert_null(strstr(text, "CPUs\n"));
}

static void commands_share_a_table(void **state)
{
    struct fixture *f = *state;
    const char *text, *first, *second;

    f->r = sample_commands(&f->arena);
    text = render(f, "table", false);
    assert_has(text, "\n4 commands — 2 threads, not pinned, 8 rounds\n");
    first = strstr(text, "\nxz -1 -c file     ");
    second = strstr(text, "\nzstd -c file     ");
    assert_true(first && second && first < second);
    assert_has(text, "\ncommand  ");
    assert_has(text, "one and-more=of-them last\n   ");
    f->r->points[1].threads = 1;
    assert_has(render(f, "table", false), "\ncommand                   threads ");
    /* One of them in two ways: each has its own table. */
    f->r->points[1].workload_label = f->r->points[0].workload_label;
    text = render(f, "table", false);
    assert_has(text, "\nxz -1 -c file — not pinned, 8 rounds\n");
    assert_null(strstr(text, "commands"));
}

static void smt_is_compared_in_one_table(void **state)
{
    struct fixture *f = *state;
    const char *text;

    f->r = sample_smt(&f->arena);
    text = render(f, "table", false);
    assert_has(text, "\n3 workloads — pool, 8 rounds\n");
    assert_has(text, "\ncounter:ilp=8                 one-per-core        2  10.0 ms ±0.4%\n"
                     "                              packed              2  32.3 ms ±0.4%  0.310 "
                     "±0.004\n"
                     "                              two-per-core        4  16.1 ms ±0.4%  0.620 "
                     "±0.007\n");
    assert_has(text,
               "\nSMT on counter:ilp=8 (2 cores, as --pair says): hurts: 0.620 [0.614, 0.626]");
    f->r->smt[1].assumed = false;
    f->r->smt[1].copies = true;
    f->r->smt[1].cores = 1;
    f->r->smt[1].low = NAN;
    f->r->smt[1].packed = NAN;
    text = render(f, "table", false);
    assert_has(text,
               "\nSMT on counter:ilp=8 (1 core): hurts: 0.620 × the throughput of one copy per");
    assert_null(strstr(text, "0.310 ×"));
    f->r->smt[1].effect = NAN;
    assert_has(render(f, "table", false), "hurts: no effect measured. They");
}

static void smt_of_one_workload_needs_no_label(void **state)
{
    struct fixture *f = *state;
    const char *text;

    f->r = sample_smt(&f->arena);
    f->r->point_count = 3;
    text = render(f, "table", false);
    assert_has(text, "\ncounter:ilp=1 — 10M elements, pool, 8 rounds\n");
    assert_has(text, "\ntwo-per-core        4  7.63 ms ±0.4%    1.31 ±0.02    1.31 G/s  ");
    f->r->point_count = 4;
    f->r->points[3].workload_label = f->r->points[0].workload_label;
    f->r->points[3].strategy_label = "steal";
    text = render(f, "table", false);
    assert_has(text, "\nstrategy  placement     threads ");
    assert_has(text, "\nsteal     one-per-core        2 ");
    assert_null(strstr(text, "pool, 8 rounds"));
}

static void copies_are_not_called_threads(void **state)
{
    struct fixture *f = *state;
    const char *text;

    f->r = sample_commands(&f->arena);
    f->r->plan.command = "smt-compare";
    f->r->point_count = 2;
    f->r->points[1].items = 2;
    text = render(f, "table", false);
    assert_has(text, "copies");
    assert_has(text, "throughput");
    assert_null(strstr(text, "threads  "));
}

static void checks_are_shown(void **state)
{
    struct fixture *f = *state;
    struct ps_report_style only = {.checks_only = true};
    const char *text = render(f, "table", false),
               *checks = strstr(text, "\n\nChecks\nholds: speedup[");

    assert_non_null(checks);
    assert_true(strstr(text, "- not available") < checks);
    assert_true(checks < strstr(text, "\nwarning: "));
    assert_has(text, "\nFAILS: serial_fraction <= 0.1: 0.198 [0.195, 0.201] (pool on amdahl)\n");
    assert_has(text, "\ninconclusive: efficiency[threads=4] > 62%: 0.63");
    text = render(f, "table", true);
    assert_has(text, "\033[1mChecks\033[0m\n\033[32mholds: \033[0mspeedup");
    assert_has(text, "\n\033[31mFAILS: \033[0mserial");
    assert_has(text, "\n\033[33minconclusive: \033[0meff");
    ps_str_clear(&f->out);
    assert_int_equal(ps_format_find("table")->render(f->r, &only, &f->out, NULL), 0);
    assert_int_equal(occurrences(f->out.text, "\n"), 3);
    assert_memory_equal(f->out.text, "holds: speedup[", 15);
    assert_has(f->out.text, " would narrow\n");
    f->r->check_count = 0;
    ps_str_clear(&f->out);
    assert_int_equal(ps_format_find("table")->render(f->r, &only, &f->out, NULL), 0);
    assert_int_equal(f->out.length, 0);
}

static void markdown_shows_the_same(void **state)
{
    const char *text = render(*state, "markdown", false);

    assert_memory_equal(text, "## parscope run\n\nImaginary(R) Processor", 39);
    assert_has(text, "\n### Checks\n\n- ✅ holds: `speedup[strategy=pool,threads=2] >= 1.8`: 1.98 ");
    assert_has(text, "\n- ❌ fails: `serial");
    assert_has(text, "\n- ❔ inconclusive: `eff");
    assert_true(strstr(text, "### Checks") < strstr(text, "### `reduce:size=10M`"));
    assert_has(text, "\n| strategy | threads | wall time | speedup | efficiency | throughput |");
    assert_has(text, "\n| --- | ---: | ---: |");
    assert_has(text, "\n| `pool` | 2 | 4.10 ms ±0.4% | 1.98 ±0.01 | 99% | 2.44 G/s |");
    assert_has(text, "\n### `xz -1 -T{threads} -c 'a | file'`\n");
    assert_has(text, "\n- **warning:** reduce:size=10: every");
    assert_has(text, "\n8 rounds in 30.0 s (another would");
}

static void markdown_is_escaped(void **state)
{
    struct fixture *f = *state;
    const char *text;

    f->r->point_count = f->r->model_count = 1;
    f->r->smt_count = f->r->check_count = f->r->finding_count = 1;
    f->r->host.cpu_model = "1. <b>CPU</b> [x](y) #1 *_~$&!";
    f->r->points[0].workload_label = f->r->checks[0].text = "a `b` ``c` | d\\";
    f->r->points[0].strategy_label = "`|";
    f->r->checks[0].evidence = "- see http://x | www.y";
    f->r->findings[0].text = "line\n# two\\";
    text = render(f, "markdown", false);
    assert_has(text, "\n1\\. \\<b\\>CPU\\</b\\> \\[x\\](y) \\#1 \\*\\_\\~\\$\\&\\!, 2 cores");
    assert_has(text, "\n### ```a `b` ``c` | d\\```\n");
    assert_has(text, "holds: ```a `b` ``c` | d\\```: \\- see http\\://x \\| www\\.y\n");
    assert_has(text, "\n| `` `\\| `` | 1 |");
    assert_has(text, "\n- **warning:** line\\\\x0a\\# two\\\\\n");
}

static void csv_is_quoted(void **state)
{
    const char *text = render(*state, "csv", false);

    assert_has(text, "point,workload,parameters,strategy,options,threads,placement,cpus,baseline,"
                     "metric,value,low,high,unit,quality,reason\n");
    assert_has(text, "3,reduce,size=10M,queue,\"schedule=a \"\"quoted\"\", listed value\",2,spread,"
                     "\"0,1\",false,wall_time,0.0041999999999999997,");
    assert_has(text, "cycles,,,,cycles,unavailable,no PMU: this virtual machine shows none\n");
}

static void text_is_made_harmless(void **state)
{
    struct fixture *f = *state;
    struct ps_arena *a = &f->arena;
    const char *fine = "µ ± × … — \U0001f600", *spelt = ps_text_clean(a, "x\x1b\xc3(\xed\xa0\x80");

    assert_ptr_equal(ps_text_clean(a, fine), fine);
    assert_string_equal(spelt, "x\\x1b\\xc3(\\xed\\xa0\\x80");
    assert_ptr_equal(ps_text_clean(a, spelt), spelt);
    assert_string_equal(ps_text_clean(a, "\xc0\x80"), "\\xc0\\x80");
    assert_string_equal(ps_text_clean(a, "end\xe2\x82"), "end\\xe2\\x82");
    assert_string_equal(ps_text_clean(a, "\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
}

static void text_is_shortened(void **state)
{
    struct fixture *f = *state;

    assert_string_equal(ps_text_shorten(&f->arena, "abcde", 5), "abcde");
    assert_string_equal(ps_text_shorten(&f->arena, "abcdef", 5), "abcd…");
    assert_string_equal(ps_text_shorten(&f->arena, "µµµ", 2), "µ…");
    assert_string_equal(ps_text_shorten(&f->arena, "ab", 1), "…");
}

static void text_is_wrapped(void **state)
{
    struct fixture *f = *state;

    ps_text_wrap(&f->out, " one  two three", 0, 2, 8);
    assert_string_equal(ps_str_text(&f->out), "one two\n  three\n");
    ps_str_clear(&f->out);
    ps_text_wrap(&f->out, "abcdefghij", 3, 3, 8);
    assert_string_equal(ps_str_text(&f->out), "abcde\n   fghij\n");
    ps_str_clear(&f->out);
    ps_text_wrap(&f->out, "", 0, 0, 8);
    assert_string_equal(ps_str_text(&f->out), "\n");
}

static void cpu_lists_are_folded(void **state)
{
    struct fixture *f = *state;
    const int mixed[] = {0, 2, 3, 4, 7, 8, -1, -1}, none[] = {-1, -1};
    const int turns[] = {0, 1, 0, 1, 0, 1, 0, 1}, one[] = {5, 5, 5};

    assert_string_equal(ps_text_cpus(&f->arena, mixed, 8), "0,2-4,7,8,-1,-1");
    assert_string_equal(ps_text_cpus(&f->arena, none, 2), "-");
    assert_string_equal(ps_text_cpus(&f->arena, turns, 8), "0,1 (×4)");
    assert_string_equal(ps_text_cpus(&f->arena, turns, 7), "0,1,0,1,0,1,0");
    assert_string_equal(ps_text_cpus(&f->arena, turns, 2), "0,1");
    assert_string_equal(ps_text_cpus(&f->arena, one, 3), "5 (×3)");
    assert_string_equal(ps_text_cpu_list(&f->arena, turns, 8), "0,1,0,1,0,1,0,1");
}

static const char *cell(struct fixture *f, struct ps_metric m, enum ps_cell_style style)
{
    return ps_cell_metric(&f->arena, &m, style);
}

static void cells_keep_three_digits(void **state)
{
    struct fixture *f = *state;
    struct ps_arena *a = &f->arena;

    assert_string_equal(ps_cell_ratio(a, 1.9756), "1.98");
    assert_string_equal(ps_cell_ratio(a, 12345.6), "12346");
    assert_string_equal(ps_cell_ratio(a, 0.000283), "0.00028");
    assert_string_equal(ps_cell_ratio(a, 1e-9), "<0.00001");
    assert_string_equal(ps_cell_ratio(a, 0), "0.00");
    assert_string_equal(ps_cell_ratio(a, NAN), "-");
    assert_string_equal(ps_cell_margin(a, 0.004), "0.4%");
    assert_string_equal(ps_cell_margin(a, 0.0041), "0.5%");
    assert_string_equal(ps_cell_margin(a, 0.0000001), "0.01%");
    assert_string_equal(ps_cell_margin(a, 0.25), "25%");
    assert_string_equal(ps_cell_margin(a, 1e9), ">999%");
}

static void cells_follow_unit_and_quality(void **state)
{
    struct fixture *f = *state;
    struct ps_metric time = {"t", "s", 8.12e-3, 8e-3, 8.2e-3, PS_EXACT};
    struct ps_metric clock = {"f", "Hz", 2.54e9, NAN, NAN, PS_ESTIMATED};
    struct ps_metric speedup = {"s", "1", 1.98, 1.9799, 1.9801, PS_EXACT};
    struct ps_metric cycles = {"c", "cycles/item", 1922374, NAN, NAN, PS_EXACT};

    assert_string_equal(cell(f, cycles, PS_CELL_PLAIN), "1.92 M");
    cycles.value = 19223.7;
    assert_string_equal(cell(f, cycles, PS_CELL_PLAIN), "19224");
    assert_string_equal(cell(f, time, PS_CELL_TIME_PM), "8.12 ms ±1.3%");
    assert_string_equal(cell(f, time, PS_CELL_PLAIN), "8.12 ms");
    assert_string_equal(cell(f, clock, PS_CELL_PLAIN), "~2.54 GHz");
    assert_string_equal(cell(f, speedup, PS_CELL_RATIO_PM), "1.98 ±0.01");
    speedup.low = NAN;
    assert_string_equal(cell(f, speedup, PS_CELL_RATIO_PM), "1.98");
    assert_string_equal(cell(f, speedup, PS_CELL_PERCENT), "198%");
    speedup.value = INFINITY;
    assert_string_equal(cell(f, speedup, PS_CELL_RATIO_PM), "-");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(formats_are_found),
        TEST(table_fits_80_columns),
        TEST(all_samples_fit_80_columns),
        TEST(table_shows_what_matters),
        TEST(table_has_colours_on_request),
        TEST(few_rounds_are_noted),
        TEST(an_empty_result_renders),
        TEST(new_metrics_get_a_column),
        TEST(of_equal_ids_the_first_counts),
        TEST(nothing_reaches_the_terminal_raw),
        TEST(programs_have_no_strategy),
        TEST(commands_share_a_table),
        TEST(smt_is_compared_in_one_table),
        TEST(smt_of_one_workload_needs_no_label),
        TEST(copies_are_not_called_threads),
        TEST(checks_are_shown),
        TEST(markdown_shows_the_same),
        TEST(markdown_is_escaped),
        TEST(csv_is_quoted),
        TEST(text_is_made_harmless),
        TEST(text_is_shortened),
        TEST(text_is_wrapped),
        TEST(cpu_lists_are_folded),
        TEST(cells_keep_three_digits),
        TEST(cells_follow_unit_and_quality),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
