#include <string.h>
#include <unistd.h>

#include "process.h"
#include "progress.h"
#include "str.h"
#include "units.h"

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

static void compose(const struct ps_progress *p, struct ps_str *out)
{
    char left[32];

    ps_str_add(out, p->what);
    if (p->estimate[0])
        ps_str_addf(out, ": %s", p->estimate);
    if (p->round > 0)
        ps_str_addf(out, ", round %zu", p->round);
    ps_str_addf(out, ", at most %s left", ps_format_time(left, sizeof left, p->remaining));
}

/* One write a line, so that nothing else comes between; a failing one is not worth a word. The last
 * column stays free: some terminals wrap when it is filled. */
void ps_progress_show(void *arg, const struct ps_progress *p)
{
    struct ps_progress_line *line = arg;
    struct ps_str text = PS_STR_INIT, all = PS_STR_INIT;

    if (p->final) {
        ps_progress_wipe(line);
        return;
    }
    compose(p, &text);
    ps_str_add(&all, PS_PROGRESS_WIPE);
    ps_str_addn(&all, ps_str_text(&text),
                cut(ps_str_text(&text), ps_terminal_width(STDERR_FILENO) - 1));
    if (!all.failed && ps_write_all(STDERR_FILENO, all.text, all.length) == 0)
        line->written = true;
    ps_str_finish(&text);
    ps_str_finish(&all);
}

void ps_progress_wipe(struct ps_progress_line *line)
{
    if (line->written)
        ps_write_all(STDERR_FILENO, PS_PROGRESS_WIPE, strlen(PS_PROGRESS_WIPE));
    line->written = false;
}
