#include <errno.h>
#include <string.h>

#include "names.h"
#include "options.h"
#include "units.h"

struct parser {
    const struct ps_command_line *line;
    size_t next;
    struct ps_arena *arena;
    void *values;
    struct ps_parsed *parsed;
    struct ps_err *e;
};

struct match {
    const struct ps_option *row; /* NULL: none */
    size_t offset;               /* of its field in the command's values */
};

bool ps_option_takes_argument(const struct ps_option *o)
{
    return o->kind != PS_OPTION_HELP && o->kind != PS_OPTION_FLAG;
}

/* written: "--name" or "-n". */
static bool is_written(const struct ps_option *o, const char *written)
{
    return written[1] == '-' ? !strcmp(o->name, written + 2) : o->letter == written[1];
}

static struct match find(const struct ps_option_group *const *groups, const char *written)
{
    for (size_t g = 0; groups[g]; g++)
        for (const struct ps_option *o = groups[g]->rows; o->name; o++)
            if (is_written(o, written))
                return (struct match){o, groups[g]->base + o->offset};
    return (struct match){NULL};
}

/* "run, sweep and overhead"; NULL where nobody has the option. */
static const char *owners_of(const struct parser *p, const char *written)
{
    const char **names = NULL, *text = NULL;
    size_t count = 0;

    for (const struct ps_option_owner *o = p->line->owners; o && o->name; o++) {
        if (find(o->groups, written).row) {
            names = ps_arena_grow(p->arena, names, count, sizeof *names);
            names[count++] = o->name;
        }
    }
    for (size_t i = 0; i < count; i++)
        text =
            i ? ps_arena_format(p->arena, "%s%s%s", text, i + 1 < count ? ", " : " and ", names[i])
              : names[i];
    return text;
}

static int unknown_long(const struct parser *p, const char *written)
{
    const struct ps_option_group *const *groups = p->line->groups;
    const char **names = NULL;
    size_t count = 0;

    for (size_t g = 0; groups[g]; g++) {
        for (const struct ps_option *o = groups[g]->rows; o->name; o++) {
            names = ps_arena_grow(p->arena, names, count, sizeof *names);
            names[count++] = ps_arena_format(p->arena, "--%s", o->name);
        }
    }
    return ps_unknown("option", written, names, count, NULL, p->e);
}

/* rest: of a long option all, of a letter it and what follows it in its word. */
static int refuse(const struct parser *p, const char *written, const char *rest)
{
    const char *owners = owners_of(p, written);

    if (owners)
        return ps_fail(p->e, ENOENT, "unknown option '%s': it is an option of %s", written, owners);
    if (written[1] == '-')
        return unknown_long(p, written);
    return ps_fail(p->e, ENOENT, "unknown option '-%s'", rest);
}

static int store_choice(const struct ps_option *o, const char *as, const char *text,
                        unsigned *field, struct ps_err *e)
{
    struct ps_str hint = PS_STR_INIT;
    size_t count = 0;
    int err;

    for (; o->choices[count]; count++) {
        if (!strcmp(o->choices[count], text)) {
            ps_str_finish(&hint);
            *field = (unsigned)count;
            return 0;
        }
        ps_str_addf(&hint, "%s%s", count ? ", " : "", o->choices[count]);
    }
    err = ps_unknown(as, text, o->choices, count, ps_str_text(&hint), e);
    ps_str_finish(&hint);
    return err;
}

static void append(struct ps_arena *a, struct ps_texts *texts, const char *text)
{
    texts->items = ps_arena_grow(a, texts->items, texts->count, sizeof *texts->items);
    texts->items[texts->count++] = text;
}

/* as: the option as it was written, for errors. text: NULL for flags. */
static int store(const struct parser *p, struct match m, const char *as, const char *text)
{
    const struct ps_option *o = m.row;
    void *field = (char *)p->values + m.offset;

    switch (o->kind) {
    case PS_OPTION_HELP:
        p->parsed->help = true;
        return 0;
    case PS_OPTION_FLAG:
        *(bool *)field = true;
        return 0;
    case PS_OPTION_TEXT:
        *(const char **)field = text;
        return 0;
    case PS_OPTION_TEXTS:
        append(p->arena, field, text);
        return 0;
    case PS_OPTION_COUNT:
        return ps_parse_count(text, as, o->count_low, o->count_high, field, p->e);
    case PS_OPTION_TIME:
        return ps_parse_time(text, as, o->low, o->high, field, p->e);
    case PS_OPTION_REAL:
        return ps_parse_real(text, as, o->low, o->high, field, p->e);
    case PS_OPTION_CHOICE:
        return store_choice(o, as, text, field, p->e);
    }
    return ps_fail(p->e, EINVAL, "option '%s' has no known kind", as);
}

/* The argument of an option that has none attached is the next word, whatever it looks like. */
static int take(struct parser *p, struct match m, const char *as, const char *attached)
{
    if (!ps_option_takes_argument(m.row)) {
        if (attached)
            return ps_fail(p->e, EINVAL, "option '%s' takes no argument", as);
        return store(p, m, as, NULL);
    }
    if (!attached) {
        if (p->next == p->line->count)
            return ps_fail(p->e, EINVAL, "option '%s' needs an argument: %s", as, m.row->argument);
        attached = p->line->arguments[p->next++];
    }
    return store(p, m, as, attached);
}

static int take_long(struct parser *p, const char *argument)
{
    const char *equals = strchr(argument, '=');
    size_t length = equals ? (size_t)(equals - argument) : strlen(argument);
    const char *as = ps_arena_format(p->arena, "%.*s", (int)length, argument);
    struct match m = find(p->line->groups, as);

    if (!m.row)
        return refuse(p, as, as);
    return take(p, m, as, equals ? equals + 1 : NULL);
}

static int take_letters(struct parser *p, const char *argument)
{
    for (const char *c = argument + 1; *c; c++) {
        const char *as = ps_arena_format(p->arena, "-%c", *c);
        struct match m = find(p->line->groups, as);
        int err;

        if (!m.row)
            return refuse(p, as, c);
        if (ps_option_takes_argument(m.row))
            return take(p, m, as, c[1] ? c + 1 : NULL);
        err = take(p, m, as, NULL);
        if (err < 0 || p->parsed->help)
            return err;
    }
    return 0;
}

static void operand(struct parser *p, const char *argument)
{
    struct ps_texts texts = {p->parsed->operands, p->parsed->operand_count};

    append(p->arena, &texts, argument);
    p->parsed->operands = texts.items;
    p->parsed->operand_count = texts.count;
}

static int take_all(struct parser *p)
{
    bool ended = false; /* by `--` */

    while (p->next < p->line->count && !p->parsed->help) {
        const char *argument = p->line->arguments[p->next++];
        int err = 0;

        if (ended || argument[0] != '-' || argument[1] == '\0') {
            operand(p, argument);
            if (p->line->operands == PS_OPERANDS_STOP)
                break;
        } else if (!strcmp(argument, "--")) {
            ended = p->parsed->dashes = true;
            p->parsed->plain_count = p->parsed->operand_count;
        } else if (argument[1] == '-') {
            err = take_long(p, argument);
        } else {
            err = take_letters(p, argument);
        }
        if (err < 0)
            return err;
    }
    return 0;
}

int ps_options_parse(const struct ps_command_line *line, struct ps_arena *a, void *values,
                     struct ps_parsed *parsed, struct ps_err *e)
{
    struct ps_parsed found = {0};
    struct parser p = {line, 0, a, values, &found, e};
    int err = take_all(&p);

    if (err < 0)
        return err;
    found.used = p.next;
    if (!found.dashes)
        found.plain_count = found.operand_count;
    *parsed = found;
    return 0;
}
