#include <errno.h>
#include <string.h>

#include "options.h"

static size_t field_size(enum ps_option_kind kind)
{
    switch (kind) {
    case PS_OPTION_HELP:
        return 0;
    case PS_OPTION_FLAG:
        return sizeof(bool);
    case PS_OPTION_TEXT:
        return sizeof(const char *);
    case PS_OPTION_TEXTS:
        return sizeof(struct ps_texts);
    case PS_OPTION_COUNT:
        return sizeof(uint64_t);
    case PS_OPTION_TIME:
    case PS_OPTION_REAL:
        return sizeof(double);
    case PS_OPTION_CHOICE:
        return sizeof(unsigned);
    }
    return 0;
}

static const char *range_flaw(const struct ps_option *o)
{
    switch (o->kind) {
    case PS_OPTION_COUNT:
        return o->count_low < o->count_high ? NULL : "has an empty range";
    case PS_OPTION_TIME:
    case PS_OPTION_REAL:
        return o->low < o->high ? NULL : "has an empty range";
    case PS_OPTION_CHOICE:
        return o->choices && o->choices[0] ? NULL : "has no choices";
    default:
        return NULL;
    }
}

static const char *row_flaw(const struct ps_option *o, size_t base, size_t values_size)
{
    size_t help = o->help ? strlen(o->help) : 0;

    if (strlen(o->name) < 2 || o->name[0] == '-' || strpbrk(o->name, "= "))
        return "has a name that is not allowed";
    if (help == 0)
        return "has no help";
    if (strstr(o->help, "{choices}") && !o->choices)
        return "has no choices for its help";
    if (o->help[help - 1] == '.')
        return "has help that ends with a full stop";
    if (ps_option_takes_argument(o) != (o->argument != NULL))
        return "has an argument name that does not fit its kind";
    if (base + o->offset + field_size(o->kind) > values_size && field_size(o->kind) > 0)
        return "lies outside the values";
    return range_flaw(o);
}

/* How many rows of all groups have this name or this letter. */
static size_t uses(const struct ps_option_group *const *groups, const struct ps_option *like)
{
    size_t count = 0;

    for (size_t g = 0; groups[g]; g++)
        for (const struct ps_option *o = groups[g]->rows; o->name; o++)
            count += !strcmp(o->name, like->name) || (like->letter && o->letter == like->letter);
    return count;
}

int ps_options_check(const struct ps_option_group *const *groups, size_t values_size,
                     struct ps_err *e)
{
    for (size_t g = 0; groups[g]; g++) {
        if (!groups[g]->title || !groups[g]->title[0])
            return ps_fail(e, EINVAL, "option group %zu has no title", g);
        for (const struct ps_option *o = groups[g]->rows; o->name; o++) {
            const char *flaw = row_flaw(o, groups[g]->base, values_size);

            if (flaw)
                return ps_fail(e, EINVAL, "option '--%s' %s", o->name, flaw);
            if (uses(groups, o) != 1)
                return ps_fail(e, EINVAL, "option '--%s' shares its name or letter", o->name);
        }
    }
    return 0;
}
