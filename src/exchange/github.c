/* Workflow commands of GitHub Actions: what fails or can't be decided becomes an annotation. */
#include <errno.h>

#include "comparison_view.h"
#include "format.h"
#include "text.h"

/* Of a message; in a property ':' and ',' too. */
static void escaped(struct ps_str *out, const char *text, bool property)
{
    for (const char *c = text; *c; c++) {
        if (*c == '%' || (property && (*c == ':' || *c == ',')))
            ps_str_addf(out, "%%%02X", (unsigned char)*c);
        else
            ps_str_addn(out, c, 1);
    }
}

static void annotate(struct ps_str *out, struct ps_arena *a, const char *level, const char *title,
                     const char *message)
{
    ps_str_addf(out, "::%s title=", level);
    escaped(out, ps_text_clean(a, title), true);
    ps_str_add(out, "::");
    escaped(out, ps_text_clean(a, message), false);
    ps_str_add(out, "\n");
}

static int finish(struct ps_arena *a, const struct ps_str *out, struct ps_err *e)
{
    ps_arena_finish(a);
    return out->failed ? ps_fail(e, ENOMEM, "out of memory") : 0;
}

static int render(const struct ps_result *r, const struct ps_report_style *style,
                  struct ps_str *out, struct ps_err *e)
{
    static const char *const levels[PS_CHECK_OUTCOMES] = {[PS_CHECK_HOLDS] = "notice",
                                                          [PS_CHECK_INCONCLUSIVE] = "warning",
                                                          [PS_CHECK_FAILS] = "error"};
    struct ps_arena a;

    ps_arena_init(&a, r->arena->on_oom);
    for (size_t i = 0; i < r->check_count; i++) {
        const struct ps_check *c = &r->checks[i];

        annotate(out, &a, levels[c->outcome],
                 ps_arena_format(&a, "%s: %s", ps_check_outcome_name(c->outcome), c->text),
                 c->evidence);
    }
    for (size_t i = 0; i < r->finding_count; i++)
        if (r->findings[i].severity != PS_INFO)
            annotate(out, &a, "warning", "parscope", r->findings[i].text);
    return finish(&a, out, e);
}

static int render_comparison(const struct ps_comparison *c, const struct ps_report_style *style,
                             struct ps_str *out, struct ps_err *e)
{
    struct ps_arena a;

    ps_arena_init(&a, c->arena->on_oom);
    for (size_t i = 0; i < c->row_count; i++) {
        const struct ps_comparison_row *row = &c->rows[i];

        if (row->verdict != PS_CHANGE_WORSE && row->verdict != PS_CHANGE_INCONCLUSIVE)
            continue;
        annotate(out, &a, row->verdict == PS_CHANGE_WORSE ? "error" : "warning",
                 ps_arena_format(&a, "%s of %s", row->title, row->subject),
                 ps_comparison_row_text(row, &a));
    }
    annotate(out, &a, "notice", "parscope compare", ps_comparison_answer(c, &a));
    return finish(&a, out, e);
}

const struct ps_format ps_format_github = {
    .name = "github",
    .suffix = NULL,
    .summary = "annotations of GitHub Actions, for checks, comparisons and warnings",
    .render = render,
    .render_comparison = render_comparison,
};
