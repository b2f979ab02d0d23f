#include "table_results.h"

#include <errno.h>

#include "answer.h"
#include "beside.h"
#include "exchange.h"

struct table {
    const struct ps_results *r;
    struct ps_arena *arena;
    bool colour;
    struct ps_str *out;
};

static void say(struct table *t, const char *text)
{
    ps_text_wrap(t->out, text, 0, 2, PS_GRID_COLUMNS);
}

static void print_title(struct table *t, const char *title)
{
    ps_str_add(t->out, t->colour ? "\033[1m" : "");
    say(t, title);
    ps_str_add(t->out, t->colour ? "\033[0m" : "");
}

/* What each of them is. */
static void print_results(struct table *t)
{
    for (size_t i = 0; i < t->r->count; i++) {
        const struct ps_named_result *n = &t->r->items[i];
        const struct ps_view v = {.r = n->r, .arena = t->arena};

        say(t, ps_arena_format(t->arena, "%zu. %s: %s; %s", i + 1, ps_text_clean(t->arena, n->name),
                               ps_beside_about(n, t->arena), ps_view_machine(&v)));
    }
}

static void print_groups(struct table *t)
{
    struct ps_beside *groups;
    size_t count = ps_beside_groups(t->r, t->arena, &groups);

    for (size_t i = 0; i < count; i++) {
        struct ps_grid g;

        ps_str_add(t->out, "\n");
        print_title(t, groups[i].title);
        ps_beside_grid(t->r, &groups[i], t->arena, &g);
        ps_grid_print(&g, t->colour, t->out);
    }
}

/* The sentence that each begins its answer with. */
static void print_answers(struct table *t, size_t i)
{
    const struct ps_view v = {.r = t->r->items[i].r, .arena = t->arena};

    for (size_t k = 0; k < v.r->point_count;) {
        const struct ps_block b = ps_view_block(&v, k);
        struct ps_lines answer = {0};

        if (b.kind != PS_BLOCK_SERIES)
            answer = ps_block_answer(&v, &b);
        if (answer.count)
            say(t, ps_arena_format(t->arena, "%s: %s", ps_beside_short(t->r, i, t->arena),
                                   answer.items[0]));
        k += b.count;
    }
}

static void print_warnings(struct table *t, size_t i)
{
    const struct ps_view v = {.r = t->r->items[i].r, .arena = t->arena};

    for (size_t k = 0; k < v.r->finding_count; k++)
        if (ps_finding_changes_answer(&v, &v.r->findings[k]))
            say(t, ps_arena_format(t->arena, "%s: warning: %s", ps_beside_short(t->r, i, t->arena),
                                   ps_text_clean(t->arena, v.r->findings[k].text)));
}

static void print_brief(struct table *t)
{
    print_results(t);
    print_groups(t);
    ps_str_add(t->out, "\n");
    for (size_t i = 0; i < t->r->count; i++) {
        print_answers(t, i);
        print_warnings(t, i);
    }
    ps_str_add(t->out, "\n");
    say(t,
        "-v shows each in full, and -o FILE.html draws the curves of all in one chart; 'parscope "
        "compare' says whether two results differ.");
}

static int print_whole(struct table *t, const struct ps_report_style *style, struct ps_err *e)
{
    int err = 0;

    for (size_t i = 0; !err && i < t->r->count; i++) {
        ps_str_add(t->out, i ? "\n" : "");
        print_title(t, ps_arena_format(t->arena,
                                       "==> %s <==", ps_text_clean(t->arena, t->r->items[i].name)));
        err = ps_formats[0]->render(t->r->items[i].r, style, t->out, e);
    }
    return err;
}

int ps_table_results(const struct ps_results *r, const struct ps_report_style *style,
                     struct ps_str *out, struct ps_err *e)
{
    struct ps_arena arena;
    struct table t = {r, &arena, style && style->colour, out};
    int err = 0;

    ps_arena_init(&arena, r->arena->on_oom);
    if (style && style->details)
        err = print_whole(&t, style, e);
    else
        print_brief(&t);
    if (style && style->ascii)
        ps_text_to_ascii(out);
    ps_arena_finish(&arena);
    return err == 0 && out->failed ? ps_fail(e, ENOMEM, "out of memory") : err;
}
