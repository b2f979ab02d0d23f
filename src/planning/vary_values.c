#include "vary_values.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES (1u << 20)
#define BLANKS     " \t\r\v\f"

/* Tried in this order. */
static const struct parscope_param types[] = {
    {.type = PARSCOPE_COUNT, .initial = "0", .low = 0, .high = 1e18},
    {.type = PARSCOPE_REAL, .initial = "0", .low = -1e300, .high = 1e300},
    {.type = PARSCOPE_TIME, .initial = "0", .low = 0, .high = 1e9},
};
#define TYPES (sizeof types / sizeof *types)

static struct parscope_param param_of(const char *name, size_t type)
{
    struct parscope_param p = types[type];

    p.name = name;
    p.help = "a value of --vary";
    return p;
}

/* What is written is the program's own, but it can't be expected to know of k and M. */
static const char *fill_of(const struct ps_varied_values *v, size_t i, const char *written,
                           struct ps_arena *a)
{
    if (v->param.type != PARSCOPE_COUNT || !written[strspn(written, "0123456789")])
        return written;
    return ps_arena_format(a, "%" PRIu64, v->values[i].count);
}

/* texts: valid ones of the type. */
static void take_numbers(struct ps_varied_values *v, const struct ps_texts *texts,
                         struct ps_arena *a)
{
    char text[64];

    v->count = texts->count;
    v->texts = ps_arena_array(a, v->count, sizeof *v->texts);
    v->fills = ps_arena_array(a, v->count, sizeof *v->fills);
    v->values = ps_arena_array(a, v->count, sizeof *v->values);
    for (size_t i = 0; i < v->count; i++) {
        ps_param_parse(&v->param, "--vary", texts->items[i], &v->values[i], NULL);
        v->texts[i] = ps_arena_copy(a, ps_param_format(&v->param, v->values[i], text, sizeof text));
        v->fills[i] = fill_of(v, i, texts->items[i], a);
    }
}

static void take_words(struct ps_varied_values *v, const char *name, const struct ps_texts *words,
                       struct ps_arena *a)
{
    const char **choices = ps_arena_array(a, words->count + 1, sizeof *choices);

    v->count = words->count;
    v->texts = v->fills = words->items;
    v->values = ps_arena_array(a, v->count, sizeof *v->values);
    for (size_t i = 0; i < v->count; i++) {
        choices[i] = words->items[i];
        v->values[i].choice = (unsigned)i;
    }
    v->param = (struct parscope_param){.name = name,
                                       .type = PARSCOPE_CHOICE,
                                       .initial = words->items[0],
                                       .choices = choices,
                                       .help = "a value of --vary"};
}

static struct ps_texts split_words(const char *text, struct ps_arena *a)
{
    char *rest = ps_arena_copy(a, text), *word;
    struct ps_texts words = {0};

    while ((word = strsep(&rest, "+"))) {
        words.items = ps_arena_grow(a, words.items, words.count, sizeof *words.items);
        words.items[words.count++] = word;
    }
    return words;
}

static int check_words(const char *name, const struct ps_texts *words, struct ps_err *e)
{
    for (size_t i = 0; i < words->count; i++) {
        if (!*words->items[i])
            return ps_fail(e, EINVAL, "--vary: %s has an empty value", name);
        for (size_t k = 0; k < i; k++)
            if (!strcmp(words->items[i], words->items[k]))
                return ps_fail(e, EINVAL, "--vary: %s=%s is given twice", name, words->items[i]);
    }
    return 0;
}

/* Whether what a range begins with is of the type: then it is meant. */
static bool begins_as(const struct parscope_param *p, const char *range, struct ps_arena *a)
{
    const char *dots = strstr(range, ".."), *plus = dots;
    union parscope_value value;

    while (plus > range && plus[-1] != '+')
        plus--;
    return dots && !ps_param_parse(p, "", ps_arena_format(a, "%.*s", (int)(dots - plus), plus),
                                   &value, NULL);
}

int ps_varied_range(const char *name, const char *range, struct ps_arena *a,
                    struct ps_varied_values *v, struct ps_err *e)
{
    struct ps_texts texts;
    int err;

    for (size_t i = 0; i < TYPES; i++) {
        const struct parscope_param param = param_of(name, i);
        struct ps_err first = {""};

        err = ps_param_expand_as_written(&param, "--vary", range, a, &texts, &first);
        if (!err) {
            v->param = param;
            take_numbers(v, &texts, a);
            return check_words(name, &(struct ps_texts){v->texts, v->count}, e);
        }
        if (err == -E2BIG || begins_as(&param, range, a) || (strstr(range, "..") && i + 1 == TYPES))
            return ps_fail(e, -err, "%s", first.text);
    }
    texts = split_words(range, a);
    err = check_words(name, &texts, e);
    if (!err)
        take_words(v, name, &texts, a);
    return err;
}

/* ---- files ---- */

static int read_text(const char *path, struct ps_arena *a, char **text, struct ps_err *e)
{
    FILE *f = fopen(path, "re");
    size_t n;

    if (!f)
        return ps_fail(e, errno == ENOENT ? ENOENT : EINVAL, "--vary-file %s: %s", path,
                       strerror(errno));
    *text = ps_arena_alloc(a, FILE_BYTES + 1);
    n = fread(*text, 1, FILE_BYTES + 1, f);
    fclose(f);
    if (n > FILE_BYTES)
        return ps_fail(e, E2BIG, "--vary-file %s: more than 1 MiB", path);
    (*text)[n] = '\0';
    if (strlen(*text) != n)
        return ps_fail(e, EINVAL, "--vary-file %s: it is not a text file", path);
    return 0;
}

/* Without blanks around it, and without quotes where it begins and ends with one. */
static char *trimmed(char *cell)
{
    size_t n;

    cell += strspn(cell, " \t");
    for (n = strlen(cell); n && isspace((unsigned char)cell[n - 1]);)
        cell[--n] = '\0';
    if (n > 1 && cell[0] == '"' && cell[n - 1] == '"') {
        cell[n - 1] = '\0';
        cell++;
    }
    return cell;
}

struct table {
    struct ps_texts *columns;
    const char **names;
    size_t count, lines;
};

static void begin_table(struct table *t, char *line, struct ps_arena *a)
{
    char *cell;

    while ((cell = strsep(&line, ","))) {
        t->names = ps_arena_grow(a, t->names, t->count, sizeof *t->names);
        t->names[t->count++] = trimmed(cell);
    }
    t->columns = ps_arena_array(a, t->count, sizeof *t->columns);
}

static int add_line(struct table *t, char *line, const char *path, size_t number,
                    struct ps_arena *a, struct ps_err *e)
{
    size_t found = 0;
    char *cell;

    while ((cell = strsep(&line, ","))) {
        struct ps_texts *c = &t->columns[found];

        if (found++ >= t->count)
            break;
        c->items = ps_arena_grow(a, c->items, c->count, sizeof *c->items);
        c->items[c->count++] = trimmed(cell);
        if (!*c->items[c->count - 1])
            return ps_fail(e, EINVAL, "--vary-file %s:%zu: %s is empty", path, number,
                           t->names[found - 1]);
    }
    if (found != t->count)
        return ps_fail(e, EINVAL, "--vary-file %s:%zu: expected %zu columns, as in the first line",
                       path, number, t->count);
    return ++t->lines > PS_SPEC_POINTS
               ? ps_fail(e, E2BIG, "--vary-file %s: more than %d lines", path, PS_SPEC_POINTS)
               : 0;
}

static bool all_are(const struct parscope_param *p, const struct ps_texts *texts)
{
    union parscope_value value;

    for (size_t i = 0; i < texts->count; i++)
        if (ps_param_parse(p, "--vary", texts->items[i], &value, NULL) < 0)
            return false;
    return true;
}

static void take_column(struct ps_varied_values *v, const char *name, const struct ps_texts *texts,
                        struct ps_arena *a)
{
    for (size_t i = 0; i < TYPES; i++) {
        v->param = param_of(name, i);
        if (all_are(&v->param, texts)) {
            take_numbers(v, texts, a);
            return;
        }
    }
    take_words(v, name, texts, a);
}

static bool same_line(const struct ps_varied_values *columns, size_t count, size_t a, size_t b)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(columns[i].texts[a], columns[i].texts[b]))
            return false;
    return true;
}

/* Values are the same however they are written: 1000 and 1k. */
static int check_lines(const struct ps_varied_values *columns, size_t count, const char *path,
                       struct ps_err *e)
{
    for (size_t i = 0; i < columns[0].count; i++)
        for (size_t k = 0; k < i; k++)
            if (same_line(columns, count, i, k))
                return ps_fail(e, EINVAL, "--vary-file %s: a point is given twice: %s=%s ...", path,
                               columns[0].param.name, columns[0].texts[i]);
    return 0;
}

static int check_table(const struct table *t, const char *path, struct ps_err *e)
{
    if (!t->lines)
        return ps_fail(e, EINVAL,
                       "--vary-file %s: expected a line of names, as in n,mode, and a "
                       "line for each point",
                       path);
    for (size_t i = 0; i < t->count; i++) {
        if (!*t->names[i])
            return ps_fail(e, EINVAL, "--vary-file %s: column %zu has no name", path, i + 1);
        for (size_t k = 0; k < i; k++)
            if (!strcmp(t->names[i], t->names[k]))
                return ps_fail(e, EINVAL, "--vary-file %s: there are two columns '%s'", path,
                               t->names[i]);
    }
    return 0;
}

int ps_varied_file(const char *path, struct ps_arena *a, struct ps_varied_values **axes,
                   size_t *count, struct ps_err *e)
{
    struct table t = {0};
    char *text, *line;
    int err = read_text(path, a, &text, e);

    for (size_t number = 1; !err && (line = strsep(&text, "\n")); number++) {
        if (!line[strspn(line, BLANKS)])
            continue;
        if (!t.count)
            begin_table(&t, line, a);
        else
            err = add_line(&t, line, path, number, a, e);
    }
    if (!err)
        err = check_table(&t, path, e);
    if (err < 0)
        return err;
    *axes = ps_arena_array(a, t.count, sizeof **axes);
    for (size_t i = 0; i < t.count; i++)
        take_column(&(*axes)[i], t.names[i], &t.columns[i], a);
    *count = t.count;
    return check_lines(*axes, t.count, path, e);
}
