#include "column_names.h"

#include <errno.h>
#include <string.h>

#include "names.h"
#include "view.h"

static const char *const others[] = {PS_COLUMN_BARS, PS_COLUMN_SERIAL, PS_COLUMN_AGAINST_ONE,
                                     PS_COLUMN_CPUS};
#define OTHERS (sizeof others / sizeof *others)

static bool alike(const char *a, const char *b)
{
    return a && ps_name_alike(a, strlen(a), b);
}

/* NULL: there is none of that name. Ids go before heads, and those before titles. */
static const char *find(const char *name, const struct ps_texts *more)
{
    for (size_t i = 0; i < more->count; i++)
        if (!strcmp(more->items[i], name))
            return more->items[i];
    for (const struct ps_metric_info *m = ps_metrics; m->id; m++)
        if (alike(m->id, name))
            return m->id;
    for (size_t i = 0; i < OTHERS; i++)
        if (alike(others[i], name))
            return others[i];
    for (const struct ps_metric_info *m = ps_metrics; m->id; m++)
        if (alike(m->look.head, name))
            return m->id;
    for (const struct ps_metric_info *m = ps_metrics; m->id; m++)
        if (alike(m->title, name))
            return m->id;
    return NULL;
}

static void append(struct ps_texts *to, const char *text, struct ps_arena *a)
{
    to->items = ps_arena_grow(a, to->items, to->count, sizeof *to->items);
    to->items[to->count++] = text;
}

static int unknown(const char *name, const struct ps_texts *more, struct ps_arena *a,
                   struct ps_err *e)
{
    struct ps_texts names = {NULL, 0};

    for (const struct ps_metric_info *m = ps_metrics; m->id; m++) {
        append(&names, m->id, a);
        append(&names, m->look.head ? m->look.head : m->title, a);
    }
    for (size_t i = 0; i < OTHERS; i++)
        append(&names, others[i], a);
    for (size_t i = 0; i < more->count; i++)
        append(&names, more->items[i], a);
    return ps_unknown("column", name, names.items, names.count, "'--columns help' lists them", e);
}

/* Without blanks at its ends. */
static const char *name_at(const char *text, size_t length, struct ps_arena *a)
{
    for (; length && *text == ' '; length--)
        text++;
    while (length && text[length - 1] == ' ')
        length--;
    return ps_arena_format(a, "%.*s", (int)length, text);
}

int ps_columns_choose(const char *list, const struct ps_texts *more, struct ps_arena *a,
                      const char *const **ids, struct ps_err *e)
{
    struct ps_texts chosen = {NULL, 0};

    for (const char *at = list; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        const char *name = name_at(at, strcspn(at, ","), a), *id = find(name, more);

        if (!*name)
            return ps_fail(e, EINVAL, "--columns has an empty name in '%s'", list);
        if (!id)
            return unknown(name, more, a, e);
        append(&chosen, id, a);
    }
    append(&chosen, NULL, a);
    *ids = chosen.items;
    return 0;
}

static void add(struct ps_str *out, const char *id, const char *head)
{
    ps_str_addf(out, "  %-26s", id);
    for (; *head; head++)
        ps_str_addn(out, *head == '\n' ? " " : head, 1);
    ps_str_add(out, "\n");
}

void ps_columns_list(struct ps_str *out)
{
    ps_str_add(out, "Columns for --columns, by id or header:\n");
    for (const struct ps_metric_info *m = ps_metrics; m->id; m++)
        add(out, m->id, m->look.head ? m->look.head : m->title);
    for (size_t i = 0; i < OTHERS; i++)
        add(out, others[i], "");
    ps_str_add(
        out,
        "Events of -e and the metrics that workloads measure themselves have columns under their "
        "own names.\n");
}
