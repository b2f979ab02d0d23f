#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process.h"
#include "progress.h"
#include "str.h"
#include "text.h"
#include "units.h"

#define BAR_LEAST 12 /* columns, with the space before it */
#define BAR_MOST  32

bool ps_progress_possible(void)
{
    return isatty(STDERR_FILENO) && !ps_terminal_is_dumb();
}

/* Bytes of the first `columns` columns. */
static size_t cut(const char *text, size_t columns)
{
    size_t i = 0;

    for (; text[i]; i++)
        if (((unsigned char)text[i] & 0xc0) != 0x80 && columns-- == 0)
            break;
    return i;
}

static void add_left(const struct ps_progress *p, struct ps_str *out)
{
    char left[32];

    ps_str_addf(out, "%s %s left", p->at_most ? "at most" : "about",
                ps_format_time(left, sizeof left, p->remaining));
}

static void add_what(const struct ps_progress *p, struct ps_str *out)
{
    ps_str_add(out, p->what);
    ps_str_add(out, ": ");
    if (p->estimate[0])
        ps_str_addf(out, "%s, ", p->estimate);
    if (p->round > 0)
        ps_str_addf(out, "round %zu", p->round);
    if (p->rounds > 0)
        ps_str_addf(out, " of %zu", p->rounds);
}

/* "[#####.....]", as much as is done of the time. */
static void add_bar(const struct ps_progress *p, size_t columns, bool colour, struct ps_str *out)
{
    double all = p->elapsed + p->remaining;
    size_t inside = columns - 2, done = all > 0 ? (size_t)((double)inside * p->elapsed / all) : 0;

    ps_str_add(out, colour ? "[\033[32m" : "[");
    for (size_t i = 0; i < inside; i++) {
        if (i == done && colour)
            ps_str_add(out, "\033[0m");
        ps_str_add(out, i < done ? "#" : ".");
    }
    ps_str_add(out, colour ? "\033[0m]" : "]");
}

/* At most so many columns: the bar gives way first, then what stands last is cut off. */
static void compose(const struct ps_progress *p, size_t columns, bool colour, struct ps_str *out)
{
    struct ps_str what = PS_STR_INIT, left = PS_STR_INIT;
    size_t used, bar;

    add_what(p, &what);
    add_left(p, &left);
    used = ps_columns(ps_str_text(&what)) + ps_columns(ps_str_text(&left)) + 2;
    bar = columns > used ? columns - used : 0;
    ps_str_addn(out, ps_str_text(&what), cut(ps_str_text(&what), columns));
    if (bar >= BAR_LEAST) {
        ps_str_add(out, " ");
        add_bar(p, bar - 1 < BAR_MOST ? bar - 1 : BAR_MOST, colour, out);
        ps_str_addf(out, " %s", ps_str_text(&left));
    } else if (columns >= used) {
        ps_str_addf(out, ", %s", ps_str_text(&left));
    }
    ps_str_finish(&what);
    ps_str_finish(&left);
}

static bool coloured(void)
{
    const char *no_colour = getenv("NO_COLOR");

    return !(no_colour && no_colour[0]);
}

/* One write a line, so that nothing else comes between; a failing one is not worth a word. The last
 * column stays free: some terminals wrap when it is filled. */
void ps_progress_show(void *arg, const struct ps_progress *p)
{
    struct ps_progress_line *line = arg;
    struct ps_str all = PS_STR_INIT;

    if (p->final) {
        ps_progress_wipe(line);
        return;
    }
    ps_str_add(&all, PS_PROGRESS_WIPE);
    compose(p, ps_terminal_width(STDERR_FILENO) - 1, coloured(), &all);
    if (!ps_locale_is_utf8())
        ps_text_to_ascii(&all);
    if (!all.failed && ps_write_all(STDERR_FILENO, all.text, all.length) == 0)
        line->written = true;
    ps_str_finish(&all);
}

void ps_progress_wipe(struct ps_progress_line *line)
{
    if (line->written)
        ps_write_all(STDERR_FILENO, PS_PROGRESS_WIPE, strlen(PS_PROGRESS_WIPE));
    line->written = false;
}
