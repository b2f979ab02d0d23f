/* The grammar of checks: METRIC[selector] OP VALUE. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "check.h"
#include "names.h"
#include "ranks_result.h"
#include "units.h"

#define MODEL_METRIC "serial_fraction"
#define PARAMETER    "parameter"
#define BLANKS       " \t\n\v\f\r"
#define MOST_TEXT    512 /* so that it fits into an error text, with what is wrong about it */
#define MOST_THREADS (1u << 20)

/* Of curves over a parameter. */
static const struct {
    const char *name, *unit;
} grain_metrics[] = {
    {"crossover", PARAMETER},
    {"crossover_idle", PARAMETER},
    {"metg", "s"},
};
#define GRAIN_METRICS (sizeof grain_metrics / sizeof *grain_metrics)

/* NULL for other metrics. */
static const char *grain_unit(const char *metric)
{
    for (size_t i = 0; i < GRAIN_METRICS; i++)
        if (!strcmp(grain_metrics[i].name, metric))
            return grain_metrics[i].unit;
    return NULL;
}

struct parser {
    const char *text; /* as given */
    char *next;       /* in a copy of it, which is taken apart */
    struct ps_arena *arena;
    struct ps_check_spec *c;
    const struct ps_check_names *names;
    const char *selector; /* normalised so far, without its brackets */
    struct ps_err *e;
};

static int wrong(struct parser *p, const char *what)
{
    return ps_fail(p->e, EINVAL, "--check '%s': %s", p->text, what);
}

static int unknown(struct parser *p, const char *kind, const char *name, const char *const *names,
                   size_t count, const char *hint)
{
    struct ps_err custom = {""};

    ps_unknown(kind, name, names, count, hint, &custom);
    return ps_fail(p->e, ENOENT, "--check '%s': %s", p->text, custom.text);
}

static void skip_blanks(struct parser *p)
{
    p->next += strspn(p->next, BLANKS);
}

/* Cuts blanks off both ends, in place. */
static char *trimmed(char *text)
{
    size_t length;

    text += strspn(text, BLANKS);
    length = strlen(text);
    while (length && strchr(BLANKS, text[length - 1]))
        length--;
    text[length] = '\0';
    return text;
}

static size_t count_infos(const struct ps_metric_info *infos)
{
    size_t count = 0;

    while (infos[count].id)
        count++;
    return count;
}

static int unknown_metric(struct parser *p, const char *name)
{
    const struct ps_check_names *known = p->names;
    size_t metrics = count_infos(ps_metrics), owns = count_infos(known->custom), count = 0;
    const char **names = ps_arena_array(
        p->arena, metrics + owns + known->event_count + 1 + GRAIN_METRICS, sizeof *names);

    names[count++] = MODEL_METRIC;
    for (size_t i = 0; i < GRAIN_METRICS; i++)
        names[count++] = grain_metrics[i].name;
    for (size_t i = 0; i < metrics; i++)
        names[count++] = ps_metrics[i].id;
    for (size_t i = 0; i < owns; i++)
        names[count++] = known->custom[i].id;
    for (size_t i = 0; i < known->event_count; i++)
        names[count++] = known->events[i];
    return unknown(p, "metric", name, names, count, "see 'parscope list metrics'");
}

/* The longest event name that stands here whole; 0 without one. It may have inside what ends the
 * name of a metric. */
static size_t event_length(const char *text, const struct ps_check_names *n)
{
    size_t longest = 0;

    for (size_t i = 0; i < n->event_count; i++) {
        size_t length = strlen(n->events[i]);

        /* strchr finds the end of the text too. */
        if (length > longest && !strncmp(text, n->events[i], length) &&
            strchr("[<>=!" BLANKS, text[length]))
            longest = length;
    }
    return longest;
}

static const struct ps_metric_info *find_info(const struct parser *p, const char *id)
{
    const struct ps_metric_info *custom = p->names->custom;

    while (custom->id && strcmp(custom->id, id))
        custom++;
    return custom->id ? custom : ps_metric_find(id);
}

static int parse_metric(struct parser *p)
{
    const struct ps_metric_info *info;
    size_t length, event;

    skip_blanks(p);
    event = event_length(p->next, p->names);
    length = event ? event : strcspn(p->next, "[<>=!" BLANKS);
    if (!length)
        return wrong(p, "it must begin with a metric, as in speedup >= 1.8");
    p->c->metric = ps_arena_format(p->arena, "%.*s", (int)length, p->next);
    p->next += length;
    info = find_info(p, p->c->metric);
    p->c->model = !event && !strcmp(p->c->metric, MODEL_METRIC);
    p->c->grain = !event && grain_unit(p->c->metric);
    p->c->unit = info          ? info->unit
                 : p->c->grain ? grain_unit(p->c->metric)
                 : p->c->model ? "1"
                               : "count";
    if (event || info || p->c->model || p->c->grain)
        return 0;
    return unknown_metric(p, p->c->metric);
}

/* Or ranks. */
static int parse_threads(struct parser *p, const char *key, const char *text)
{
    struct ps_err custom = {""};
    uint64_t threads;

    if (p->c->model)
        return wrong(p, MODEL_METRIC " belongs to a whole curve, not to a single thread count");
    if (ps_parse_count(text, key, 1, p->names->ranks ? PS_MOST_RANKS : MOST_THREADS, &threads,
                       &custom) < 0)
        return wrong(p, custom.text);
    p->c->threads = (unsigned)threads;
    return 0;
}

/* Where a key's text goes; NULL for threads and for what is no key. */
static const char **field_of(struct ps_check_spec *c, const char *key)
{
    if (!strcmp(key, "workload"))
        return &c->workload;
    if (!strcmp(key, "strategy"))
        return &c->strategy;
    return !strcmp(key, "placement") ? &c->placement : NULL;
}

static int parse_key(struct parser *p, const char *key, const char *value)
{
    static const char *const keys[] = {"workload", "strategy", "threads", "placement"};
    const char **field = p->names->ranks ? NULL : field_of(p->c, key);

    if (p->names->ranks && strcmp(key, "ranks") != 0)
        return wrong(
            p, ps_arena_format(p->arena, "of ranks the selector has ranks=N alone, not %s", key));
    if (!field && !p->names->ranks && strcmp(key, "threads"))
        return unknown(p, "selector key", key, keys, sizeof keys / sizeof *keys,
                       "known are workload, strategy, threads and placement");
    if (field ? *field != NULL : p->c->threads > 0)
        return wrong(p, ps_arena_format(p->arena, "%s is given twice", key));
    if (!*value)
        return wrong(p, ps_arena_format(p->arena, "%s has no value", key));
    if (!field)
        return parse_threads(p, key, value);
    *field = value;
    return 0;
}

static int parse_part(struct parser *p, char *part)
{
    char *equals = strchr(part, '=');
    const char *key, *value;
    int err;

    if (!equals)
        return wrong(p, ps_arena_format(
                            p->arena,
                            "'%s' in the selector is not of the form KEY=VALUE, such as threads=2",
                            trimmed(part)));
    *equals = '\0';
    key = trimmed(part);
    value = trimmed(equals + 1);
    err = parse_key(p, key, value);
    if (err < 0)
        return err;
    p->selector =
        ps_arena_format(p->arena, "%s%s%s=%s", p->selector, *p->selector ? "," : "", key, value);
    return 0;
}

static int parse_selector(struct parser *p)
{
    char *end, *rest, *part;
    int err = 0;

    skip_blanks(p);
    if (*p->next != '[')
        return 0;
    end = strchr(p->next, ']');
    if (!end)
        return wrong(p, "the selector is not closed by ]");
    *end = '\0';
    rest = p->next + 1;
    while (!err && (part = strsep(&rest, ",")))
        err = parse_part(p, part);
    p->next = end + 1;
    return err;
}

static int parse_operator(struct parser *p, const char **sign)
{
    static const struct {
        const char *text;
        enum ps_check_op op;
    } signs[] = {
        {">=", PS_CHECK_GE},
        {"<=", PS_CHECK_LE},
        {">", PS_CHECK_GT},
        {"<", PS_CHECK_LT},
    };

    skip_blanks(p);
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t length = strlen(signs[i].text);

        if (strncmp(p->next, signs[i].text, length))
            continue;
        p->c->op = signs[i].op;
        p->next += length;
        *sign = signs[i].text;
        return 0;
    }
    if (*p->next == '=' || *p->next == '!')
        return wrong(p, "a measured value is never equal to a number: use >= or <=");
    return wrong(p, "an operator is missing: >=, >, <= or <");
}

/* A number of what is no ratio and no time. */
static int parse_amount(const char *text, double *value)
{
    uint64_t count;
    int err = strchr(text, '%') ? -EINVAL : ps_parse_real(text, "value", 0, INFINITY, value, NULL);

    if (err == -EINVAL) {
        err = ps_parse_count(text, "value", 0, UINT64_MAX, &count, NULL);
        if (!err)
            *value = (double)count;
    }
    return err;
}

/* What is varied is known only to the plan, which judges the unit by what the value was written as.
 */
static int parse_parameter(struct parser *p, const char *text)
{
    double *value = &p->c->value;
    int err = ps_parse_real(text, "value", 0, INFINITY, value, NULL);

    if (!err && !strchr(text, '%'))
        return 0;
    p->c->value_unit = "count";
    err = parse_amount(text, value);
    if (err != -EINVAL)
        return err;
    p->c->value_unit = "s";
    return ps_parse_time(text, "value", 0, INFINITY, value, NULL);
}

static int refuse_value(struct parser *p)
{
    const char *metric = p->c->metric, *unit = p->c->unit;

    if (!strcmp(unit, "s"))
        return wrong(p, ps_arena_format(p->arena,
                                        "%s is in seconds: expected a time such as 10ms, or a "
                                        "plain number of seconds",
                                        metric));
    if (!strcmp(unit, "1"))
        return wrong(p, ps_arena_format(p->arena,
                                        "%s is a ratio: expected a plain number such as 1.8, or a "
                                        "percentage such as 90%%",
                                        metric));
    if (!strcmp(unit, PARAMETER))
        return wrong(
            p,
            ps_arena_format(
                p->arena,
                "%s is in the unit of the varied parameter: expected a number such as 1000 or 1k, "
                "or a time such as 10us",
                metric));
    if (!strcmp(unit, "count"))
        return wrong(p, ps_arena_format(p->arena,
                                        "%s is a count: expected a number such as 1000 or 1k",
                                        metric));
    return wrong(p, ps_arena_format(p->arena, "%s is in %s: expected a number such as 1000 or 1k",
                                    metric, !strcmp(unit, "B") ? "bytes" : unit));
}

static int parse_value(struct parser *p, const char *text)
{
    double *value = &p->c->value;
    int err;

    if (!*text)
        return wrong(p, "a value is missing");
    if (!strcmp(p->c->unit, "s"))
        err = ps_parse_time(text, "value", 0, INFINITY, value, NULL);
    else if (!strcmp(p->c->unit, "1"))
        err = ps_parse_real(text, "value", -INFINITY, INFINITY, value, NULL);
    else if (!strcmp(p->c->unit, PARAMETER))
        err = parse_parameter(p, text);
    else
        err = parse_amount(text, value);
    if (err == -ERANGE)
        return wrong(p, ps_arena_format(p->arena, "the value %s is %s", text,
                                        *text == '-' ? "too small" : "too large"));
    return err < 0 ? refuse_value(p) : 0;
}

int ps_check_parse(const char *text, const struct ps_check_names *names, struct ps_arena *a,
                   struct ps_check_spec *c, struct ps_err *e)
{
    struct ps_check_spec found = {0};
    struct parser p = {
        .text = text, .arena = a, .c = &found, .names = names, .selector = "", .e = e};
    const char *sign = "", *value;
    int err;

    if (strnlen(text, MOST_TEXT + 1) > MOST_TEXT)
        return ps_fail(e, EINVAL, "--check '%.40s...': longer than %d characters", text, MOST_TEXT);
    p.next = ps_arena_copy(a, text);
    err = parse_metric(&p);
    if (!err)
        err = parse_selector(&p);
    if (!err)
        err = parse_operator(&p, &sign);
    if (err < 0)
        return err;
    value = trimmed(p.next);
    err = parse_value(&p, value);
    if (err < 0)
        return err;
    found.text = ps_arena_format(a, *p.selector ? "%s[%s] %s %s" : "%s%s %s %s", found.metric,
                                 p.selector, sign, value);
    *c = found;
    return 0;
}
