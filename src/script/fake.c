#include "fake.h"

#include <errno.h>
#include <fcntl.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "units.h"

#define MOST_BYTES   ((size_t)1 << 20)
#define MOST_LINES   10000
#define MOST_VALUES  1000
#define MOST_THREADS 65536
#define ANY_THREADS  0
#define UNAVAILABLE  "unavailable:"

struct value {
    double number;
    const char *reason; /* NULL: number is valid */
};

struct ps_fake_line {
    const char *metric, *workload, *strategy; /* selectors as written */
    uint64_t threads;                         /* or ANY_THREADS */
    struct value *values;
    size_t value_count;
};

struct ps_fake {
    struct ps_fake_line *lines;
    size_t count;
};

struct parser {
    struct ps_arena *arena;
    const char *path;
    size_t number; /* of the line, from 1 */
    struct ps_fake *fake;
    struct ps_err *e;
};

static int refuse_at(const struct parser *p, const char *what, const char *text)
{
    return ps_fail(p->e, EINVAL, "%s:%zu: %s '%.60s'", p->path, p->number, what, text);
}

/* Errors of the parsers of numbers, with the place in front. */
static int refuse_number(const struct parser *p, const struct ps_err *cause)
{
    return ps_fail(p->e, EINVAL, "%s:%zu: %s", p->path, p->number, cause->text);
}

static int read_whole(int fd, char *text, size_t room, size_t *length)
{
    size_t n = 0;

    while (n < room) {
        ssize_t got = read(fd, text + n, room - n);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            break;
        n += (size_t)got;
    }
    *length = n;
    return 0;
}

static int load(struct ps_arena *a, const char *path, char **text, struct ps_err *e)
{
    char *buffer = ps_arena_alloc(a, MOST_BYTES + 2);
    size_t length = 0;
    int err, fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return ps_fail(e, errno, "can't read '%s': %s", path, strerror(errno));
    err = read_whole(fd, buffer, MOST_BYTES + 1, &length);
    close(fd);
    if (err < 0)
        return ps_fail(e, -err, "can't read '%s': %s", path, strerror(-err));
    if (length > MOST_BYTES)
        return ps_fail(e, E2BIG, "%s: larger than 1 MiB", path);
    if (memchr(buffer, '\0', length))
        return ps_fail(e, EINVAL, "%s: not a text file", path);
    buffer[length] = '\0';
    *text = buffer;
    return 0;
}

/* The reason with spaces for underscores, in place. */
static int parse_reason(const struct parser *p, char *word, struct value *v)
{
    char *reason = word + strlen(UNAVAILABLE);

    if (!*reason)
        return refuse_at(p, "no reason follows", word);
    for (char *c = reason; *c; c++)
        *c = *c == '_' ? ' ' : *c;
    *v = (struct value){NAN, reason};
    return 0;
}

static int parse_value(const struct parser *p, char *word, struct value *v)
{
    struct ps_err cause = {0};
    double number;

    if (!strncmp(word, UNAVAILABLE, strlen(UNAVAILABLE)))
        return parse_reason(p, word, v);
    if (ps_parse_real(word, "value", -DBL_MAX, DBL_MAX, &number, &cause) < 0)
        return refuse_number(p, &cause);
    *v = (struct value){number, NULL};
    return 0;
}

static int parse_threads(const struct parser *p, const char *word, uint64_t *threads)
{
    struct ps_err cause = {0};

    if (!strcmp(word, "*")) {
        *threads = ANY_THREADS;
        return 0;
    }
    if (ps_parse_count(word, "threads", 1, MOST_THREADS, threads, &cause) < 0)
        return refuse_number(p, &cause);
    return 0;
}

/* What holds for the machine can't be asked of one point. */
static int check_selectors(const struct parser *p, const struct ps_fake_line *l)
{
    static const char *const machine[] = {"neighbour_index", "steal", "cpu_busy", "cpu_quota"};
    const bool any =
        !strcmp(l->workload, "*") && !strcmp(l->strategy, "*") && l->threads == ANY_THREADS;

    for (size_t i = 0; i < sizeof machine / sizeof machine[0]; i++) {
        if (!any && !strcmp(l->metric, machine[i]))
            return refuse_at(p, "workload, strategy and threads must be * for", l->metric);
    }
    return 0;
}

static char *next_word(char **rest)
{
    return strtok_r(NULL, " \t\r", rest);
}

static int parse_values(const struct parser *p, struct ps_fake_line *l, char **rest)
{
    char *word;

    while ((word = next_word(rest))) {
        int err;

        if (l->value_count == MOST_VALUES)
            return refuse_at(p, "more than 1000 values for", l->metric);
        l->values = ps_arena_grow(p->arena, l->values, l->value_count, sizeof *l->values);
        err = parse_value(p, word, &l->values[l->value_count]);
        if (err < 0)
            return err;
        l->value_count++;
    }
    if (l->value_count == 0)
        return refuse_at(p, "no value for", l->metric);
    return 0;
}

static int parse_words(struct parser *p, char *first, char **rest)
{
    struct ps_fake *f = p->fake;
    struct ps_fake_line l = {.metric = first};
    const char *threads;
    int err;

    l.workload = next_word(rest);
    l.strategy = next_word(rest);
    threads = next_word(rest);
    if (!threads)
        return refuse_at(p, "workload, strategy and threads must follow", l.metric);
    err = parse_threads(p, threads, &l.threads);
    if (err == 0)
        err = check_selectors(p, &l);
    if (err == 0)
        err = parse_values(p, &l, rest);
    if (err < 0)
        return err;
    f->lines = ps_arena_grow(p->arena, f->lines, f->count, sizeof *f->lines);
    f->lines[f->count++] = l;
    return 0;
}

static int parse_line(struct parser *p, char *text)
{
    char *rest, *first;

    p->number++;
    if (p->number > MOST_LINES)
        return ps_fail(p->e, E2BIG, "%s: more than %d lines", p->path, MOST_LINES);
    text[strcspn(text, "#")] = '\0';
    first = strtok_r(text, " \t\r", &rest);
    return first ? parse_words(p, first, &rest) : 0;
}

int ps_fake_load(struct ps_arena *a, const char *path, struct ps_fake **f, struct ps_err *e)
{
    struct parser p = {a, path, 0, ps_arena_alloc(a, sizeof(struct ps_fake)), e};
    char *text = NULL, *line;
    int err = load(a, path, &text, e);

    while (err == 0 && *text) {
        line = text;
        text += strcspn(text, "\n");
        if (*text)
            *text++ = '\0';
        err = parse_line(&p, line);
    }
    if (err < 0)
        return err;
    *f = p.fake;
    return 0;
}

/* 3: the label; 2: its bare name; 1: anything; 0: no match. */
static unsigned match_label(const char *selector, const char *label)
{
    const size_t bare = strcspn(label, ":");

    if (!strcmp(selector, label))
        return 3;
    if (strlen(selector) == bare && !memcmp(selector, label, bare))
        return 2;
    return !strcmp(selector, "*");
}

/* How well a line of the metric fits, the workload weighing most; 0 where it does not. */
static unsigned match_line(const struct ps_fake_line *l, const struct ps_fake_query *q)
{
    const unsigned t = l->threads == ANY_THREADS ? 1 : l->threads == q->threads ? 2 : 0;
    const unsigned w = t ? match_label(l->workload, q->workload) : 0;
    const unsigned s = w ? match_label(l->strategy, q->strategy) : 0;

    return s ? w * 16 + s * 4 + t : 0;
}

const struct ps_fake_line *ps_fake_find(const struct ps_fake *f, const struct ps_fake_query *q)
{
    const struct ps_fake_line *best = NULL;
    unsigned best_match = 1;

    for (size_t i = 0; i < f->count; i++) {
        unsigned match = strcmp(f->lines[i].metric, q->metric) ? 0 : match_line(&f->lines[i], q);

        if (match >= best_match) {
            best = &f->lines[i];
            best_match = match;
        }
    }
    return best;
}

int ps_fake_value(const struct ps_fake_line *line, size_t round, double *value, const char **reason)
{
    const struct value *v = line ? &line->values[round % line->value_count] : NULL;

    if (!v || v->reason) {
        *reason = v ? v->reason : "not scripted";
        return -ENODATA;
    }
    *value = v->number;
    return 0;
}

int ps_fake_sample(const struct ps_fake *f, const struct ps_fake_query *q, size_t round,
                   double *value, const char **reason)
{
    return ps_fake_value(ps_fake_find(f, q), round, value, reason);
}
