#include "cut.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define POINTS      "\"points\""
#define SAMPLES     "\"samples\""
#define POINT_DEPTH 3 /* document, points, point */
#define MOST_NAMES  256
#define MARK_ROOM   40
#define MOST_DIGITS 19 /* of a 64-bit number */
#define MOST_POWER  27 /* of ten that is exact in a long double */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *blank(const char *at)
{
    while (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r')
        at++;
    return at;
}

/* A decimal number on its way: digits * 10^power. */
struct decimal {
    uint64_t digits;
    unsigned count;
    int power;
};

static const char *take_digits(const char *at, struct decimal *d, int step)
{
    for (; is_digit(*at); at++) {
        d->digits = d->digits * 10 + (uint64_t)(*at - '0');
        d->count += d->digits > 0;
        d->power += step;
        if (d->count > MOST_DIGITS)
            return NULL;
    }
    return at;
}

static const char *take_exponent(const char *at, struct decimal *d)
{
    bool less = *at == '-';
    int power = 0;

    at += *at == '-' || *at == '+';
    if (!is_digit(*at))
        return NULL;
    for (; is_digit(*at) && power < 1000; at++)
        power = power * 10 + (*at - '0');
    d->power += less ? -power : power;
    return at;
}

static double value_of(const struct decimal *d)
{
    long double x = (long double)d->digits, power = 1;

    for (int i = d->power < 0 ? -d->power : d->power; i > 0; i--)
        power *= 10;
    return (double)(d->power < 0 ? x / power : x * power);
}

/* As JSON has them, or null. Returns what follows; NULL where it is another thing. */
static const char *take_number(const char *at, double *x)
{
    struct decimal d = {0};
    bool less = *at == '-';

    *x = NAN;
    if (!strncmp(at, "null", 4))
        return at + 4;
    at += less;
    if (!is_digit(*at) || (*at == '0' && is_digit(at[1])))
        return NULL;
    at = take_digits(at, &d, 0);
    if (at && *at == '.')
        at = is_digit(at[1]) ? take_digits(at + 1, &d, -1) : NULL;
    if (at && (*at == 'e' || *at == 'E'))
        at = take_exponent(at + 1, &d);
    if (!at || d.power < -MOST_POWER || d.power > MOST_POWER)
        return NULL;
    *x = less ? -value_of(&d) : value_of(&d);
    return at;
}

/* From the bracket on. */
static size_t count_items(const char *at)
{
    size_t count = 1;

    for (; *at && *at != ']'; at++)
        count += *at == ',';
    return count;
}

static const char *take_array(const char *at, struct ps_arena *a, struct ps_cut_series *s)
{
    size_t room;

    if (*at != '[')
        return NULL;
    room = count_items(at);
    s->values = ps_arena_array(a, room, sizeof *s->values);
    at = blank(at + 1);
    if (*at == ']')
        return at + 1;
    for (;;) {
        if (s->count == room)
            return NULL;
        at = take_number(at, &s->values[s->count++]);
        if (!at)
            return NULL;
        at = blank(at);
        if (*at == ']')
            return at + 1;
        if (*at != ',')
            return NULL;
        at = blank(at + 1);
    }
}

/* Printable ASCII without escapes. */
static const char *take_name(const char *at, struct ps_arena *a, const char **name)
{
    size_t length = 0;
    char *copy;

    if (*at++ != '"')
        return NULL;
    while (at[length] >= ' ' && at[length] < 0x7f && at[length] != '"' && at[length] != '\\')
        length++;
    if (at[length] != '"')
        return NULL;
    copy = ps_arena_alloc(a, length + 1);
    *name = memcpy(copy, at, length);
    return at + length + 1;
}

static bool is_known(const struct ps_cut *c, const char *name)
{
    for (size_t i = 0; i < c->count; i++)
        if (!strcmp(c->series[i].name, name))
            return true;
    return false;
}

static const char *take_series(const char *at, struct ps_arena *a, struct ps_cut *c)
{
    struct ps_cut_series s = {0};

    at = take_name(at, a, &s.name);
    if (!at || c->count == MOST_NAMES || is_known(c, s.name))
        return NULL;
    at = blank(at);
    if (*at != ':')
        return NULL;
    at = take_array(blank(at + 1), a, &s);
    if (!at)
        return NULL;
    c->series = ps_arena_grow(a, c->series, c->count, sizeof *c->series);
    c->series[c->count++] = s;
    return at;
}

/* From the brace on. */
static const char *take_samples(const char *at, struct ps_arena *a, struct ps_cut *c)
{
    at = blank(at + 1);
    if (*at == '}')
        return at + 1;
    for (;;) {
        at = take_series(at, a, c);
        if (!at)
            return NULL;
        at = blank(at);
        if (*at == '}')
            return at + 1;
        if (*at != ',')
            return NULL;
        at = blank(at + 1);
    }
}

/* Behind the string that begins here, or at the end of the text. */
static const char *skip_string(const char *at)
{
    for (at++; *at && *at != '"'; at++)
        at += *at == '\\' && at[1];
    return at + (*at == '"');
}

/* Where samples begin: their brace, behind a key at this place; NULL. */
static const char *samples_at(const char *at)
{
    if (strncmp(at, SAMPLES, strlen(SAMPLES)) != 0)
        return NULL;
    at = blank(at + strlen(SAMPLES));
    if (*at != ':')
        return NULL;
    at = blank(at + 1);
    return *at == '{' ? at : NULL;
}

static void keep(struct ps_cuts *out, struct ps_arena *a, struct ps_cut c)
{
    out->items = ps_arena_grow(a, out->items, out->count, sizeof *out->items);
    out->items[out->count++] = c;
    for (size_t i = 0; i < c.count; i++)
        out->values += c.series[i].count;
}

/* A text that loses parts of itself: what is kept moves to the front. */
struct shrinking {
    char *to;
    const char *from;
};

static void move(struct shrinking *s, const char *until)
{
    memmove(s->to, s->from, (size_t)(until - s->from));
    s->to += until - s->from;
    s->from = until;
}

/* What is left out keeps its lines, for the places of errors; it is longer than a mark. */
static void leave_out(struct shrinking *s, const char *until, size_t index)
{
    char mark[MARK_ROOM];
    int length = snprintf(mark, sizeof mark, "{\"" PS_CUT_KEY "\":%zu}", index);
    size_t lines = 0;

    for (const char *c = s->from; c < until; c++)
        lines += *c == '\n';
    memcpy(s->to, mark, (size_t)length);
    memset(s->to + length, '\n', lines);
    s->to += (size_t)length + lines;
    s->from = until;
}

/* Returns what follows the samples that are the value of a key at this place; NULL. */
static const char *cut_here(struct shrinking *s, const char *at, struct ps_arena *a,
                            struct ps_cuts *out)
{
    const char *begin = samples_at(at), *end;
    struct ps_cut c = {0};

    end = begin ? take_samples(begin, a, &c) : NULL;
    if (!end || end - begin < MARK_ROOM)
        return NULL;
    move(s, begin);
    leave_out(s, end, out->count);
    keep(out, a, c);
    return end;
}

void ps_cut_samples(struct ps_str *text, struct ps_arena *a, struct ps_cuts *out)
{
    struct shrinking s = {text->text, text->text};
    const char *at = s.from, *next;
    bool points = false;
    size_t depth = 0;

    *out = (struct ps_cuts){0};
    while (at && *at) {
        if (*at == '"') {
            if (depth == 1)
                points = !strncmp(at, POINTS, strlen(POINTS));
            next = points && depth == POINT_DEPTH ? cut_here(&s, at, a, out) : NULL;
            at = next ? next : skip_string(at);
            continue;
        }
        depth += *at == '{' || *at == '[';
        depth -= *at == '}' || *at == ']';
        at++;
    }
    if (!s.from)
        return;
    move(&s, text->text + text->length);
    text->length = (size_t)(s.to - text->text);
    text->text[text->length] = '\0';
}
