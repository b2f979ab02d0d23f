#include <errno.h>
#include <string.h>

#include "cli.h"
#include "names.h"
#include "units.h"

struct parser {
    const struct ps_option_group *const *groups;
    const char *const *arguments;
    size_t count, next;
    struct ps_arena *arena;
    void *values;
    struct ps_parsed *parsed;
    struct ps_err *e;
};

bool ps_option_takes_argument(const struct ps_option *o)
{
    return o->kind != PS_OPTION_HELP && o->kind != PS_OPTION_FLAG;
}

const struct ps_option *ps_option_find(const struct ps_option_group *const *groups,
                                       const char *name, size_t length)
{
    for (size_t g = 0; groups[g]; g++)
        for (const struct ps_option *o = groups[g]->rows; o->name; o++)
            if (strlen(o->name) == length && !memcmp(o->name, name, length))
                return o;
    return NULL;
}

const struct ps_option *ps_option_letter(const struct ps_option_group *const *groups, char letter)
{
    for (size_t g = 0; groups[g]; g++)
        for (const struct ps_option *o = groups[g]->rows; o->name; o++)
            if (o->letter == letter)
                return o;
    return NULL;
}

static int refuse_foreign(const struct parser *p, const char *written, const char *owners)
{
    return ps_fail(p->e, ENOENT, "unknown option '%s': it is an option of %s", written, owners);
}

static int unknown_long(const struct parser *p, const char *written)
{
    const char *owners = ps_commands_with(written, p->arena), **names = NULL;
    size_t count = 0;

    if (owners)
        return refuse_foreign(p, written, owners);
    for (size_t g = 0; p->groups[g]; g++) {
        for (const struct ps_option *o = p->groups[g]->rows; o->name; o++) {
            names = ps_arena_grow(p->arena, names, count, sizeof *names);
            names[count++] = ps_arena_format(p->arena, "--%s", o->name);
        }
    }
    return ps_unknown("option", written, names, count, NULL, p->e);
}

/* rest: the letter and what follows it in its word. */
static int unknown_letter(const struct parser *p, const char *rest)
{
    const char *letter = ps_arena_format(p->arena, "-%c", rest[0]);
    const char *owners = ps_commands_with(letter, p->arena);

    if (owners)
        return refuse_foreign(p, letter, owners);
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
static int store(const struct parser *p, const struct ps_option *o, const char *as,
                 const char *text)
{
    void *field = (char *)p->values + o->offset;

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
static int take(struct parser *p, const struct ps_option *o, const char *as, const char *attached)
{
    if (!ps_option_takes_argument(o)) {
        if (attached)
            return ps_fail(p->e, EINVAL, "option '%s' takes no argument", as);
        return store(p, o, as, NULL);
    }
    if (!attached) {
        if (p->next == p->count)
            return ps_fail(p->e, EINVAL, "option '%s' needs an argument: %s", as, o->argument);
        attached = p->arguments[p->next++];
    }
    return store(p, o, as, attached);
}

static int take_long(struct parser *p, const char *argument)
{
    const char *equals = strchr(argument, '=');
    size_t length = equals ? (size_t)(equals - argument) : strlen(argument);
    const struct ps_option *o = ps_option_find(p->groups, argument + 2, length - 2);
    const char *as = ps_arena_format(p->arena, "%.*s", (int)length, argument);

    if (!o)
        return unknown_long(p, as);
    return take(p, o, as, equals ? equals + 1 : NULL);
}

static int take_letters(struct parser *p, const char *argument)
{
    for (const char *c = argument + 1; *c; c++) {
        const struct ps_option *o = ps_option_letter(p->groups, *c);
        int err;

        if (!o)
            return unknown_letter(p, c);
        if (ps_option_takes_argument(o))
            return take(p, o, ps_arena_format(p->arena, "-%c", *c), c[1] ? c + 1 : NULL);
        err = take(p, o, ps_arena_format(p->arena, "-%c", *c), NULL);
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

static int take_all(struct parser *p, enum ps_operands operands)
{
    bool ended = false; /* by `--` */

    while (p->next < p->count && !p->parsed->help) {
        const char *argument = p->arguments[p->next++];
        int err = 0;

        if (ended || argument[0] != '-' || argument[1] == '\0') {
            operand(p, argument);
            if (operands == PS_OPERANDS_STOP)
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

int ps_options_parse(const struct ps_option_group *const *groups, const char *const *arguments,
                     size_t count, enum ps_operands operands, struct ps_arena *a, void *values,
                     struct ps_parsed *parsed, struct ps_err *e)
{
    struct ps_parsed found = {0};
    struct parser p = {groups, arguments, count, 0, a, values, &found, e};
    int err = take_all(&p, operands);

    if (err < 0)
        return err;
    found.used = p.next;
    if (!found.dashes)
        found.plain_count = found.operand_count;
    *parsed = found;
    return 0;
}
