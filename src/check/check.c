#include "check.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "stack.h"
#include "units.h"

#define MOST_LISTED 8 /* values in an error text */

/* The parts of a selector, in the order in which an error looks for the one that excludes all. */
enum part { WORKLOAD, STRATEGY, PLACEMENT, THREADS, PARTS };

static const char *const part_names[PARTS] = {"workload", "strategy", "placement", "threads"};

static bool relative(const char *metric)
{
    static const char *const names[] = {"speedup",       "speedup_idle",   "efficiency",
                                        "cycle_speedup", "load_balance",   "serial_fraction",
                                        "crossover",     "crossover_idle", "metg"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i], metric))
            return true;
    return ps_stack_find(metric) < PS_STACK_TERMS;
}

static bool named(const char *wanted, const char *name, const char *label)
{
    return !wanted || !strcmp(wanted, name) || !strcmp(wanted, label);
}

/* True if the first `parts` parts select the point, be it a reference or not. */
static bool selects(const struct ps_check_spec *c, const struct ps_check_subject *p, int parts)
{
    const bool met[PARTS] = {
        [WORKLOAD] = named(c->workload, p->workload, p->workload_label),
        [STRATEGY] = named(c->strategy, p->strategy, p->strategy_label),
        [PLACEMENT] = named(c->placement, p->placement, p->placement),
        [THREADS] = !c->threads || c->threads == p->threads,
    };

    for (int i = 0; i < parts; i++)
        if (!met[i])
            return false;
    return true;
}

static bool judgeable(const struct ps_check_spec *c, const struct ps_check_subject *p)
{
    return !p->baseline || !relative(c->metric);
}

bool ps_check_matches(const struct ps_check_spec *c, const struct ps_check_subject *p)
{
    return judgeable(c, p) && selects(c, p, PARTS);
}

static bool any(const struct ps_check_spec *c, const struct ps_check_subject *subjects,
                size_t count, int parts)
{
    for (size_t i = 0; i < count; i++)
        if (judgeable(c, &subjects[i]) && selects(c, &subjects[i], parts))
            return true;
    return false;
}

static bool any_reference(const struct ps_check_spec *c, const struct ps_check_subject *subjects,
                          size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!judgeable(c, &subjects[i]) && selects(c, &subjects[i], PARTS))
            return true;
    return false;
}

/* Text that grows in a buffer, cut at its end. */
struct line {
    char text[512];
    size_t length;
};

static void add_value(struct line *l, const char *value, int most)
{
    size_t left = sizeof l->text - l->length;
    int n = snprintf(l->text + l->length, left, "%s%.*s", l->length ? ", " : "", most, value);

    l->length += (size_t)n < left ? (size_t)n : left - 1;
}

/* NULL for a part that the check leaves open. */
static const char *wanted_text(const struct ps_check_spec *c, enum part part, char *out,
                               size_t size)
{
    snprintf(out, size, "%u", c->threads);
    switch (part) {
    case WORKLOAD:
        return c->workload;
    case STRATEGY:
        return c->strategy;
    case PLACEMENT:
        return c->placement;
    default:
        return c->threads ? out : NULL;
    }
}

/* Names where a name was asked for, else whole labels. */
static const char *subject_text(const struct ps_check_subject *p, enum part part,
                                const char *wanted, char *out, size_t size)
{
    bool label = strpbrk(wanted, ": ") != NULL;

    snprintf(out, size, "%u", p->threads);
    switch (part) {
    case WORKLOAD:
        return label ? p->workload_label : p->workload;
    case STRATEGY:
        return label ? p->strategy_label : p->strategy;
    case PLACEMENT:
        return p->placement;
    default:
        return out;
    }
}

/* The distinct values of a part among the points that those before it select, in their order;
 * returns how many were found, at most one more than are listed. */
static size_t list_values(const struct ps_check_spec *c, const struct ps_check_subject *subjects,
                          size_t count, enum part part, const char *wanted, struct line *l)
{
    const struct ps_check_subject *seen[MOST_LISTED];
    size_t found = 0;

    for (size_t i = 0; i < count && found <= MOST_LISTED; i++) {
        char custom[16], other[16];
        const char *text = subject_text(&subjects[i], part, wanted, custom, sizeof custom);
        size_t k = 0;

        if (!judgeable(c, &subjects[i]) || !selects(c, &subjects[i], part))
            continue;
        while (k < found && strcmp(subject_text(seen[k], part, wanted, other, sizeof other), text))
            k++;
        if (k < found)
            continue;
        add_value(l, found < MOST_LISTED ? text : "...", 50);
        if (found < MOST_LISTED)
            seen[found] = &subjects[i];
        found++;
    }
    return found;
}

/* " with workload=reduce, strategy=steal": what is asked for before a part. */
static void list_before(const struct ps_check_spec *c, enum part end, struct line *l)
{
    for (int i = 0; i < (int)end; i++) {
        char number[16], text[128];
        const char *wanted = wanted_text(c, (enum part)i, number, sizeof number);

        if (!wanted)
            continue;
        snprintf(text, sizeof text, "%s%s=%s", l->length ? "" : " with ", part_names[i], wanted);
        add_value(l, text, (int)sizeof text);
    }
}

static int refuse_part(const struct ps_check_spec *c, const struct ps_check_subject *subjects,
                       size_t count, enum part part, struct ps_err *e)
{
    struct line before = {.length = 0}, there = {.length = 0};
    char number[16];
    const char *wanted = wanted_text(c, part, number, sizeof number);
    size_t values = list_values(c, subjects, count, part, wanted, &there);

    list_before(c, part, &before);
    return ps_fail(e, ENOENT, "--check '%s': no point%s has %s=%s: there %s %s", c->text,
                   before.text, part_names[part], wanted, values == 1 ? "is only" : "are",
                   there.text);
}

int ps_check_any(const struct ps_check_spec *c, const struct ps_check_subject *subjects,
                 size_t count, struct ps_err *e)
{
    int parts = 0;

    if (any(c, subjects, count, PARTS))
        return 0;
    while (any(c, subjects, count, parts))
        parts++;
    if (parts == 0 || any_reference(c, subjects, count))
        return ps_fail(
            e, ENOENT,
            "--check '%s': it matches only the reference of %s, which can't be compared with itself",
            c->text, c->metric);
    return refuse_part(c, subjects, count, (enum part)(parts - 1), e);
}

static bool satisfied(const struct ps_check_spec *c, double x)
{
    switch (c->op) {
    case PS_CHECK_GE:
        return x >= c->value;
    case PS_CHECK_GT:
        return x > c->value;
    case PS_CHECK_LE:
        return x <= c->value;
    default:
        return x < c->value;
    }
}

enum ps_check_outcome ps_check_judge(const struct ps_check_spec *c, struct ps_interval i)
{
    bool low, high;

    if (isnan(i.value) || isnan(i.low) || isnan(i.high))
        return PS_CHECK_INCONCLUSIVE;
    low = satisfied(c, i.low);
    high = satisfied(c, i.high);
    if (low && high)
        return PS_CHECK_HOLDS;
    return low || high ? PS_CHECK_INCONCLUSIVE : PS_CHECK_FAILS;
}
