#include "spec.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "units.h"

/* How far beside the end a step may fall and still mean the end, relative to the step. */
#define SLACK 1e-9

struct expansion {
    const struct parscope_param *param;
    const char *owner;
    struct ps_arena *arena;
    struct ps_err *err;
    struct ps_texts values;
    bool as_written; /* what is no range */
};

/* BEGIN..END, BEGIN..END..+STEP or BEGIN..END..xFACTOR */
struct range {
    const char *text; /* all of it, for errors */
    union parscope_value begin, end;
    char kind; /* '+' or 'x' */
    union parscope_value step;
};

static int refuse(struct expansion *x, const char *text, const char *why)
{
    return ps_fail(x->err, EINVAL, "%s: %s=%.80s: %s", x->owner, x->param->name, text, why);
}

/* Called before values are made, so that an absurd range allocates nothing. */
static int check_room(struct expansion *x, const char *text, double more)
{
    if ((double)x->values.count + more <= PS_SPEC_POINTS)
        return 0;
    return ps_fail(x->err, E2BIG,
                   "%s: %s=%.80s expands to too many values: at most %d are "
                   "allowed",
                   x->owner, x->param->name, text, PS_SPEC_POINTS);
}

static void add_text(struct expansion *x, const char *text)
{
    struct ps_texts *v = &x->values;

    v->items = ps_arena_grow(x->arena, v->items, v->count, sizeof *v->items);
    v->items[v->count++] = ps_arena_copy(x->arena, text);
}

static void add(struct expansion *x, union parscope_value value)
{
    char text[64];

    add_text(x, ps_param_format(x->param, value, text, sizeof text));
}

static int add_single(struct expansion *x, const char *text)
{
    union parscope_value value;
    int err = ps_param_parse(x->param, x->owner, text, &value, x->err);

    if (err == 0)
        err = check_room(x, text, 1);
    if (err == 0 && x->as_written)
        add_text(x, text);
    else if (err == 0)
        add(x, value);
    return err;
}

static int parse_step(struct expansion *x, const char *text, struct range *range)
{
    char what[160];

    snprintf(what, sizeof what, "%s: %s=%.60s: step", x->owner, x->param->name, range->text);
    range->kind = text[0];
    if (text[0] != '+' && text[0] != 'x')
        return refuse(x, range->text, "the step must be +STEP or xFACTOR");
    if (x->param->type == PARSCOPE_COUNT)
        return ps_parse_count(text + 1, what, text[0] == 'x' ? 2 : 1, UINT64_MAX,
                              &range->step.count, x->err);
    if (text[0] == '+' && x->param->type == PARSCOPE_TIME)
        return ps_parse_time(text + 1, what, 0, INFINITY, &range->step.real, x->err);
    return ps_parse_real(text + 1, what, 0, INFINITY, &range->step.real, x->err);
}

/* Splits at the two dots; the parts are copies in the arena. */
static int parse_range(struct expansion *x, const char *text, struct range *range)
{
    char *begin = ps_arena_copy(x->arena, text);
    char *end = strstr(begin, ".."), *step;
    int err;

    *end = '\0';
    end += 2;
    step = strstr(end, "..");
    if (step) {
        *step = '\0';
        step += 2;
    }
    *range = (struct range){.text = text, .kind = '+', .step.count = 1};
    if (x->param->type == PARSCOPE_CHOICE)
        return refuse(x, text, "choices have no ranges: list them as A+B");
    if (!step && x->param->type != PARSCOPE_COUNT)
        return refuse(x, text, "a range needs a step: BEGIN..END..+STEP or BEGIN..END..xFACTOR");
    err = ps_param_parse(x->param, x->owner, begin, &range->begin, x->err);
    if (err == 0)
        err = ps_param_parse(x->param, x->owner, end, &range->end, x->err);
    return err == 0 && step ? parse_step(x, step, range) : err;
}

static int add_counts(struct expansion *x, const struct range *range)
{
    uint64_t first = range->begin.count, last = range->end.count, step = range->step.count;
    int err;

    if (last < first)
        return refuse(x, range->text, "the end is below the beginning");
    if (range->kind == 'x' && first == 0)
        return refuse(x, range->text, "steps by factor can't begin at 0");
    err = check_room(x, range->text, range->kind == 'x' ? 1 : (double)((last - first) / step) + 1);
    if (err < 0)
        return err;
    for (uint64_t v = first;;) {
        uint64_t next;
        bool over = range->kind == 'x' ? __builtin_mul_overflow(v, step, &next)
                                       : __builtin_add_overflow(v, step, &next);

        add(x, (union parscope_value){.count = v});
        if (over || next > last)
            return 0;
        v = next;
    }
}

/* The nearest double with 15 significant digits: what a person would have written. */
static double tidy(double value)
{
    char text[40];

    snprintf(text, sizeof text, "%.14e", value);
    return strtod(text, NULL);
}

/* Each value is formed from the beginning, so that errors don't add up. */
static int add_reals(struct expansion *x, const struct range *range)
{
    double first = range->begin.real, last = range->end.real, step = range->step.real;
    bool by_factor = range->kind == 'x';
    double steps;
    int err;

    if (last < first)
        return refuse(x, range->text, "the end is below the beginning");
    if (by_factor && !(first > 0))
        return refuse(x, range->text, "steps by factor must begin above 0");
    if (by_factor ? !(step > 1) : !(step > 0))
        return refuse(x, range->text,
                      by_factor ? "the factor must be above 1" : "the step must be above 0");
    steps = by_factor ? log(last / first) / log(step) : (last - first) / step;
    steps = floor(steps + SLACK);
    err = check_room(x, range->text, steps + 1);
    for (double i = 0; err == 0 && i <= steps; i++) {
        double v = tidy(by_factor ? first * pow(step, i) : first + i * step);

        add(x, (union parscope_value){.real = v < last ? v : last});
    }
    return err;
}

/* One element of a list: a value or a range. */
static int add_element(struct expansion *x, const char *text)
{
    struct range range;
    int err;

    if (!strstr(text, ".."))
        return add_single(x, text);
    err = parse_range(x, text, &range);
    if (err < 0)
        return err;
    return x->param->type == PARSCOPE_COUNT ? add_counts(x, &range) : add_reals(x, &range);
}

/* The plus sign that ends the first element, not one that begins a step. */
static char *find_separator(char *text)
{
    for (char *s = text; *s; s++) {
        bool step = s - text >= 2 && s[-1] == '.' && s[-2] == '.';

        if (*s == '+' && !step)
            return s;
    }
    return NULL;
}

static int expand(struct expansion *x, const char *text, struct ps_texts *values)
{
    char *element = ps_arena_copy(x->arena, text);

    while (element) {
        char *next = find_separator(element);
        int err;

        if (next)
            *next++ = '\0';
        err = add_element(x, element);
        if (err < 0)
            return err;
        element = next;
    }
    *values = x->values;
    return 0;
}

int ps_param_expand(const struct parscope_param *p, const char *owner, const char *text,
                    struct ps_arena *a, struct ps_texts *values, struct ps_err *e)
{
    return expand(&(struct expansion){p, owner, a, e}, text, values);
}

int ps_param_expand_as_written(const struct parscope_param *p, const char *owner, const char *text,
                               struct ps_arena *a, struct ps_texts *values, struct ps_err *e)
{
    return expand(&(struct expansion){p, owner, a, e, .as_written = true}, text, values);
}
