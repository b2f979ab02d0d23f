#include "spec.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "units.h"

size_t ps_param_count(const struct parscope_param *params)
{
    size_t count = 0;

    while (params && params[count].name)
        count++;
    return count;
}

const struct parscope_param *ps_param_number(const struct parscope_param *params, const char *name)
{
    for (const struct parscope_param *p = params; p && p->name; p++)
        if (!strcmp(p->name, name) && p->type != PARSCOPE_CHOICE)
            return p;
    return NULL;
}

/* "static, dynamic or guided" */
static void list_choices(const char *const *choices, char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; choices[i] && used < size; i++) {
        const char *glue = i == 0 ? "" : choices[i + 1] ? ", " : " or ";

        used += (size_t)snprintf(out + used, size - used, "%s%s", glue, choices[i]);
    }
}

/* Limits are doubles; the largest uint64_t isn't one. */
static uint64_t limit_count(double limit)
{
    if (limit <= 0)
        return 0;
    return limit < 0x1p64 ? (uint64_t)limit : UINT64_MAX;
}

char *ps_param_range(const struct parscope_param *p, char *out, size_t size)
{
    union parscope_value low = {.real = p->low}, high = {.real = p->high};
    char low_text[64], high_text[64];

    if (p->type == PARSCOPE_CHOICE) {
        list_choices(p->choices, out, size);
        return out;
    }
    if (p->type == PARSCOPE_COUNT) {
        low.count = limit_count(p->low);
        high.count = limit_count(p->high);
    }
    snprintf(out, size, "%s to %s", ps_param_format(p, low, low_text, sizeof low_text),
             ps_param_format(p, high, high_text, sizeof high_text));
    return out;
}

static int parse_choice(const struct parscope_param *p, const char *what, const char *text,
                        union parscope_value *value, struct ps_err *e)
{
    char allowed[256];

    for (unsigned i = 0; p->choices[i]; i++) {
        if (!strcmp(text, p->choices[i])) {
            value->choice = i;
            return 0;
        }
    }
    list_choices(p->choices, allowed, sizeof allowed);
    return ps_fail(e, EINVAL, "%s=%.80s is unknown: must be %s", what, text, allowed);
}

int ps_param_parse(const struct parscope_param *p, const char *owner, const char *text,
                   union parscope_value *value, struct ps_err *e)
{
    char what[128];

    snprintf(what, sizeof what, "%s: %s", owner, p->name);
    switch (p->type) {
    case PARSCOPE_COUNT:
        return ps_parse_count(text, what, limit_count(p->low), limit_count(p->high), &value->count,
                              e);
    case PARSCOPE_TIME:
        return ps_parse_time(text, what, p->low, p->high, &value->real, e);
    case PARSCOPE_REAL:
        return ps_parse_real(text, what, p->low, p->high, &value->real, e);
    case PARSCOPE_CHOICE:
        return parse_choice(p, what, text, value, e);
    }
    return ps_fail(e, EINVAL, "%s has an unknown type", what);
}

char *ps_param_format(const struct parscope_param *p, union parscope_value value, char *out,
                      size_t size)
{
    switch (p->type) {
    case PARSCOPE_COUNT:
        return ps_format_count(out, size, value.count);
    case PARSCOPE_TIME:
        return ps_format_exact_time(out, size, value.real);
    case PARSCOPE_REAL:
        return ps_format_real(out, size, value.real);
    case PARSCOPE_CHOICE:
        break;
    }
    snprintf(out, size, "%s", p->choices[value.choice]);
    return out;
}

void ps_param_defaults(const struct parscope_param *params, union parscope_value *values,
                       size_t most)
{
    size_t count = ps_param_count(params);

    for (size_t i = 0; i < count && i < most; i++)
        ps_param_parse(&params[i], "default", params[i].initial, &values[i], NULL);
}
