/* Checks and comparisons as tests, for CI systems that show JUnit's XML. */
#include <errno.h>

#include "comparison_view.h"
#include "format.h"
#include "markup.h"

struct document {
    struct ps_str *out;
    struct ps_arena scratch;
};

static void attribute(struct document *d, const char *name, const char *value)
{
    ps_str_addf(d->out, " %s=\"", name);
    ps_markup_text(d->out, &d->scratch, value);
    ps_str_add(d->out, "\"");
}

struct totals {
    size_t tests, failures, skipped;
};

static void begin(struct document *d, const char *suite, const struct totals *t, double time)
{
    ps_str_add(d->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite");
    attribute(d, "name", suite);
    ps_str_addf(d->out,
                " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\" time=\"%.3f\">\n",
                t->tests, t->failures, t->skipped, time);
}

/* element: "failure", "skipped" or NULL. */
static void test_case(struct document *d, const char *suite, const char *name, const char *element,
                      const char *message)
{
    ps_str_add(d->out, "    <testcase");
    attribute(d, "classname", suite);
    attribute(d, "name", name);
    ps_str_add(d->out, " time=\"0\">\n");
    if (element) {
        ps_str_addf(d->out, "      <%s", element);
        attribute(d, "message", message);
        ps_str_add(d->out, "/>\n");
    } else {
        ps_str_add(d->out, "      <system-out>");
        ps_markup_text(d->out, &d->scratch, message);
        ps_str_add(d->out, "</system-out>\n");
    }
    ps_str_add(d->out, "    </testcase>\n");
}

static int end(struct document *d, struct ps_err *e)
{
    ps_str_add(d->out, "  </testsuite>\n</testsuites>\n");
    ps_arena_finish(&d->scratch);
    return d->out->failed ? ps_fail(e, ENOMEM, "out of memory") : 0;
}

static int render(const struct ps_result *r, const struct ps_report_style *style,
                  struct ps_str *out, struct ps_err *e)
{
    static const char *const elements[PS_CHECK_OUTCOMES] = {
        [PS_CHECK_INCONCLUSIVE] = "skipped", [PS_CHECK_FAILS] = "failure"};
    struct document d = {.out = out};
    struct totals t = {.tests = r->check_count};

    ps_arena_init(&d.scratch, r->arena->on_oom);
    for (size_t i = 0; i < r->check_count; i++) {
        t.failures += r->checks[i].outcome == PS_CHECK_FAILS;
        t.skipped += r->checks[i].outcome == PS_CHECK_INCONCLUSIVE;
    }
    begin(&d, "parscope", &t, r->elapsed);
    for (size_t i = 0; i < r->check_count; i++)
        test_case(&d, "parscope", r->checks[i].text, elements[r->checks[i].outcome],
                  r->checks[i].evidence);
    return end(&d, e);
}

static int render_comparison(const struct ps_comparison *c, const struct ps_report_style *style,
                             struct ps_str *out, struct ps_err *e)
{
    static const char *const elements[PS_CHANGES] = {
        [PS_CHANGE_INCONCLUSIVE] = "skipped", [PS_CHANGE_WORSE] = "failure"};
    struct document d = {.out = out};
    struct totals t = {.tests = c->row_count};

    ps_arena_init(&d.scratch, c->arena->on_oom);
    for (size_t i = 0; i < c->row_count; i++) {
        t.failures += c->rows[i].verdict == PS_CHANGE_WORSE;
        t.skipped += c->rows[i].verdict == PS_CHANGE_INCONCLUSIVE;
    }
    begin(&d, "parscope compare", &t, c->measured ? c->measured->elapsed : 0);
    for (size_t i = 0; i < c->row_count; i++) {
        const struct ps_comparison_row *row = &c->rows[i];

        test_case(&d, "parscope compare",
                  ps_arena_format(&d.scratch, "%s of %s", row->title, row->subject),
                  elements[row->verdict], ps_comparison_row_text(row, &d.scratch));
    }
    return end(&d, e);
}

const struct ps_format ps_format_junit = {
    .name = "junit",
    .suffix = ".xml",
    .summary = "checks and comparisons as tests, for CI systems: JUnit's XML",
    .render = render,
    .render_comparison = render_comparison,
};
