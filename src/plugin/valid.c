#include "valid.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "result.h"
#include "spec.h"

#define LONGEST_NAME 64
#define LONGEST_TEXT 500
#define MOST_CHOICES 64
#define ALL_SHAPES   (PARSCOPE_RANGE | PARSCOPE_TREE | PARSCOPE_WAIT)

/* What is looked at: "plug-in ./x.so: workload 'dot'" and where to say what is wrong. */
struct subject {
    char text[256];
    struct ps_err *e;
};

static bool name_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

/* Fits between the commas, colons and equals signs of specs, and is no range of values. */
static bool is_name(const char *text)
{
    size_t i = 0;

    while (i <= LONGEST_NAME && text[i] && name_letter(text[i]))
        i++;
    return i > 0 && i <= LONGEST_NAME && !text[i] && text[0] != '-' && text[0] != '.' &&
           !strstr(text, "..");
}

/* One line that a terminal can be shown. */
static bool is_text(const char *text)
{
    size_t i = 0;

    while (i <= LONGEST_TEXT && (unsigned char)text[i] >= ' ' && text[i] != 127)
        i++;
    return i > 0 && i <= LONGEST_TEXT && !text[i];
}

static int check_name(const struct subject *s, const char *what, const char *name)
{
    if (!name)
        return ps_fail(s->e, EINVAL, "%s: a %s is NULL", s->text, what);
    if (!is_name(name))
        return ps_fail(s->e, EINVAL,
                       "%s: '%.40s' is not a valid %s: use 1 to %d letters, digits, '-', '_' or "
                       "'.'",
                       s->text, name, what, LONGEST_NAME);
    return 0;
}

static int check_text(const struct subject *s, const char *what, const char *text)
{
    if (!text)
        return ps_fail(s->e, EINVAL, "%s: its %s is NULL", s->text, what);
    if (!is_text(text))
        return ps_fail(s->e, EINVAL, "%s: its %s must be one line of 1 to %d bytes", s->text, what,
                       LONGEST_TEXT);
    return 0;
}

static int check_functions(const struct subject *s, const char *const *names, const bool *there,
                           size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!there[i])
            return ps_fail(s->e, EINVAL, "%s: its function %s is NULL", s->text, names[i]);
    return 0;
}

static int check_choices(const struct subject *s, const struct parscope_param *p)
{
    size_t count = 0;

    if (!p->choices || !p->choices[0])
        return ps_fail(s->e, EINVAL, "%s: parameter '%s' has no choices", s->text, p->name);
    for (; p->choices[count]; count++) {
        int err = 0;

        if (count == MOST_CHOICES)
            return ps_fail(s->e, EINVAL,
                           "%s: parameter '%s' has more than %d choices, or its list of them has "
                           "no NULL at the end",
                           s->text, p->name, MOST_CHOICES);
        err = check_name(s, "choice", p->choices[count]);
        if (err < 0)
            return err;
    }
    return 0;
}

static int check_range(const struct subject *s, const struct parscope_param *p)
{
    if (p->type == PARSCOPE_CHOICE)
        return check_choices(s, p);
    if (!isfinite(p->low) || !isfinite(p->high) || p->low > p->high ||
        (p->type == PARSCOPE_COUNT && p->low < 0))
        return ps_fail(s->e, EINVAL, "%s: parameter '%s' has a bad range: %g to %g", s->text,
                       p->name, p->low, p->high);
    return 0;
}

static int check_initial(const struct subject *s, const struct parscope_param *p)
{
    struct ps_err why = {""};
    union parscope_value value;

    if (!p->initial)
        return ps_fail(s->e, EINVAL, "%s: parameter '%s' has no initial value", s->text, p->name);
    if (ps_param_parse(p, "initial value", p->initial, &value, &why) < 0)
        return ps_fail(s->e, EINVAL, "%s: %s", s->text, why.text);
    return 0;
}

static int check_param(const struct subject *s, const struct parscope_param *params, size_t i)
{
    const struct parscope_param *p = &params[i];
    int err = check_name(s, "parameter name", p->name);

    for (size_t k = 0; !err && k < i; k++)
        if (!strcmp(params[k].name, p->name))
            err = ps_fail(s->e, EINVAL, "%s: two parameters are named '%s'", s->text, p->name);
    if (!err && (unsigned)p->type > PARSCOPE_CHOICE)
        err = ps_fail(s->e, EINVAL, "%s: parameter '%s' has the unknown type %u", s->text, p->name,
                      (unsigned)p->type);
    if (!err)
        err = check_text(s, "help of a parameter", p->help);
    if (!err)
        err = check_range(s, p);
    return err < 0 ? err : check_initial(s, p);
}

static int check_params(const struct subject *s, const struct parscope_param *params)
{
    for (size_t i = 0; params && params[i].name; i++) {
        int err;

        if (i == PS_SPEC_KEYS)
            return ps_fail(s->e, EINVAL,
                           "%s: it has more than %d parameters, or its list of "
                           "them has no end",
                           s->text, PS_SPEC_KEYS);
        err = check_param(s, params, i);
        if (err < 0)
            return err;
    }
    return 0;
}

static int check_shapes(const struct subject *s, unsigned shapes)
{
    if (!shapes || shapes & ~(unsigned)ALL_SHAPES)
        return ps_fail(s->e, EINVAL, "%s: its shapes are %#x, and this parscope knows only %#x",
                       s->text, shapes, (unsigned)ALL_SHAPES);
    return 0;
}

/* As metric ids are. */
static bool is_metric_name(const char *text)
{
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");

    return length <= LONGEST_NAME && !text[length] && text[0] >= 'a' && text[0] <= 'z';
}

/* serial_fraction is a metric too, of whole curves. */
static int check_custom_name(const struct subject *s, const struct parscope_custom *custom,
                             size_t i)
{
    const char *name = custom[i].name;

    if (!is_metric_name(name))
        return ps_fail(s->e, EINVAL,
                       "%s: '%.40s' is not a valid name for a custom metric: use 1 to %d "
                       "lower-case letters, digits or '_', and a letter first",
                       s->text, name, LONGEST_NAME);
    if (ps_metric_find(name) || !strcmp(name, "serial_fraction"))
        return ps_fail(s->e, EINVAL, "%s: its custom metric '%s' has the name of a built-in one",
                       s->text, name);
    for (size_t k = 0; k < i; k++)
        if (!strcmp(custom[k].name, name))
            return ps_fail(s->e, EINVAL, "%s: two custom metrics are named '%s'", s->text, name);
    return 0;
}

static int check_custom(const struct subject *s, const struct parscope_workload *w)
{
    for (size_t i = 0; w->custom && w->custom[i].name; i++) {
        int err = 0;

        if (i == PARSCOPE_CUSTOM)
            err = ps_fail(s->e, EINVAL,
                          "%s: it has more than %d custom metrics, or its list of them has no end",
                          s->text, PARSCOPE_CUSTOM);
        if (!err)
            err = check_custom_name(s, w->custom, i);
        if (!err)
            err = check_text(s, "unit of a custom metric", w->custom[i].unit);
        if (!err)
            err = check_text(s, "help of a custom metric", w->custom[i].help);
        if (err < 0)
            return err;
    }
    if (w->custom && !w->measured)
        return ps_fail(s->e, EINVAL, "%s: it has custom metrics, but measured is NULL", s->text);
    return 0;
}

static int check_workload(const struct parscope_workload *w, const struct subject *s)
{
    static const char *const names[] = {"size", "create", "reference", "run", "verify"};
    const bool there[] = {w->size, w->create, w->reference, w->run, w->verify};
    int err = check_text(s, "summary", w->summary);

    if (!err)
        err = check_text(s, "unit", w->unit);
    if (!err)
        err = check_shapes(s, w->shapes);
    if (!err)
        err = check_functions(s, names, there, sizeof there / sizeof *there);
    if (!err)
        err = check_params(s, w->params);
    return err < 0 ? err : check_custom(s, w);
}

static int check_reasons(const struct subject *s, const struct parscope_strategy *own)
{
    const struct {
        unsigned shape;
        const char *what, *reason;
    } rows[] = {
        {PARSCOPE_RANGE, "reason for no ranges (no_range)", own->no_range},
        {PARSCOPE_TREE, "reason for no trees (no_tree)", own->no_tree},
        {PARSCOPE_WAIT, "reason for no items that block (no_wait)", own->no_wait},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int err = own->shapes & rows[i].shape ? 0 : check_text(s, rows[i].what, rows[i].reason);

        if (err < 0)
            return err;
    }
    return 0;
}

static int check_strategy(const struct parscope_strategy *own, const struct subject *s)
{
    static const char *const names[] = {"create", "range", "root"};
    const bool there[] = {
        own->create,
        own->range || !(own->shapes & (PARSCOPE_RANGE | PARSCOPE_WAIT)),
        own->root || !(own->shapes & PARSCOPE_TREE),
    };
    int err = check_text(s, "summary", own->summary);

    if (!err)
        err = check_text(s, "stands_for", own->stands_for);
    if (!err)
        err = check_shapes(s, own->shapes);
    if (!err)
        err = check_reasons(s, own);
    if (!err)
        err = check_functions(s, names, there, sizeof there / sizeof *there);
    return err < 0 ? err : check_params(s, own->params);
}

/* What workloads and strategies begin with. */
struct head {
    const char *kind;
    size_t index; /* in its list */
    uint32_t abi, wanted;
    const char *const *name;
};

/* The ABI stands first in each entry: nothing else of it is read before. On success the subject
 * goes by its name. */
static int check_head(struct subject *s, const struct ps_plugin *p, const struct head *h)
{
    int err;

    snprintf(s->text, sizeof s->text, "plug-in %.120s: %s number %zu", p->file, h->kind,
             h->index + 1);
    if (h->abi != h->wanted)
        return ps_fail(s->e, EINVAL,
                       "%s has ABI %u, and this parscope expects %u: rebuild it against this "
                       "version's headers",
                       s->text, (unsigned)h->abi, (unsigned)h->wanted);
    err = check_name(s, "name", *h->name);
    if (!err)
        snprintf(s->text, sizeof s->text, "plug-in %.120s: %s '%s'", p->file, h->kind, *h->name);
    return err;
}

static int no_end(const struct ps_plugin *p, const char *kind, struct ps_err *e)
{
    return ps_fail(e, EINVAL,
                   "plug-in %s: it has more than %d %s, or its list of them has no "
                   "NULL at the end",
                   p->file, PS_VALID_ENTRIES, kind);
}

static int check_workloads(const struct ps_plugin *p, struct ps_err *e)
{
    for (size_t i = 0; p->abi->workloads && p->abi->workloads[i]; i++) {
        const struct parscope_workload *w = p->abi->workloads[i];
        struct head head;
        struct subject s = {.e = e};
        int err;

        if (i == PS_VALID_ENTRIES)
            return no_end(p, "workloads", e);
        head = (struct head){"workload", i, w->abi, PARSCOPE_WORKLOAD_ABI, &w->name};
        err = check_head(&s, p, &head);
        if (!err)
            err = check_workload(w, &s);
        if (err < 0)
            return err;
    }
    return 0;
}

static int check_strategies(const struct ps_plugin *p, struct ps_err *e)
{
    for (size_t i = 0; p->abi->strategies && p->abi->strategies[i]; i++) {
        const struct parscope_strategy *own = p->abi->strategies[i];
        struct head head;
        struct subject s = {.e = e};
        int err;

        if (i == PS_VALID_ENTRIES)
            return no_end(p, "strategies", e);
        head = (struct head){"strategy", i, own->abi, PARSCOPE_STRATEGY_ABI, &own->name};
        err = check_head(&s, p, &head);
        if (!err)
            err = check_strategy(own, &s);
        if (err < 0)
            return err;
    }
    return 0;
}

int ps_valid_plugin(const struct ps_plugin *p, struct ps_err *e)
{
    const struct parscope_plugin *abi = p->abi;
    int err;

    if (!(abi->workloads && abi->workloads[0]) && !(abi->strategies && abi->strategies[0]))
        return ps_fail(e, EINVAL, "plug-in %s: it provides neither workloads nor strategies",
                       p->file);
    err = check_workloads(p, e);
    return err < 0 ? err : check_strategies(p, e);
}
