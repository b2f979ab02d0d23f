#include "units.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPONENT_LIMIT 9999

/* An unsigned decimal number: digits * 10^exponent. */
struct number {
    uint64_t digits;
    int exponent;
    bool full; /* further digits do not fit */
    bool cut;  /* some of those were not 0 */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void add_digit(struct number *n, char c, bool fraction)
{
    uint64_t digit = (uint64_t)(c - '0'), more;

    n->full |=
        __builtin_mul_overflow(n->digits, 10, &more) || __builtin_add_overflow(more, digit, &more);
    if (n->full) {
        n->cut |= digit != 0;
        n->exponent += !fraction;
    } else {
        n->digits = more;
        n->exponent -= fraction;
    }
}

/* Reads e[-]DIGITS if it is there. A plus sign is not taken: it separates values in lists. */
static const char *scan_exponent(const char *s, struct number *n)
{
    bool negative = s[0] == 'e' && s[1] == '-';
    const char *digits = s + 1 + negative;
    int exponent = 0;

    if (s[0] != 'e' || !is_digit(*digits))
        return s;
    for (s = digits; is_digit(*s); s++)
        exponent = exponent < EXPONENT_LIMIT ? exponent * 10 + (*s - '0') : EXPONENT_LIMIT;
    n->exponent += negative ? -exponent : exponent;
    return s;
}

/* DIGITS[.DIGITS][e[-]DIGITS] or .DIGITS...; returns what follows, or NULL. strtod() won't do: it
 * also takes white space, signs, hexadecimal, NaN, infinity and the locale's decimal point. */
static const char *scan_number(const char *s, struct number *n)
{
    *n = (struct number){0};
    if (!is_digit(s[*s == '.']))
        return NULL;
    for (; is_digit(*s); s++)
        add_digit(n, *s, false);
    if (*s == '.') {
        if (!is_digit(*++s))
            return NULL;
        for (; is_digit(*s); s++)
            add_digit(n, *s, true);
    }
    return scan_exponent(s, n);
}

/* Correctly rounded; infinity where too large. No decimal point, so no locale matters. */
static double to_real(const struct number *n)
{
    char text[64];

    snprintf(text, sizeof text, "%" PRIu64 "e%d", n->digits, n->exponent);
    return strtod(text, NULL);
}

/* -ERANGE where n * scale is too large, -EINVAL where it is not whole. */
static int to_count(const struct number *n, uint64_t scale, uint64_t *value)
{
    unsigned __int128 v = (unsigned __int128)n->digits * scale;
    int exponent = n->exponent;

    for (; exponent > 0 && v && v <= UINT64_MAX; exponent--)
        v *= 10;
    for (; exponent < 0 && v && v % 10 == 0; exponent++)
        v /= 10;
    /* Digits before the point are cut off only where the number is above UINT64_MAX. */
    if (exponent >= 0 && (v > UINT64_MAX || (n->cut && n->exponent > 0)))
        return -ERANGE;
    if (v && (exponent < 0 || n->cut))
        return -EINVAL;
    *value = (uint64_t)v;
    return 0;
}

static bool count_scale(const char *suffix, uint64_t *scale)
{
    static const struct {
        const char *suffix;
        uint64_t scale;
    } table[] = {
        {"", 1},
        {"k", 1000},
        {"K", 1000},
        {"M", 1000000},
        {"G", 1000000000},
        {"T", 1000000000000},
        {"Ki", (uint64_t)1 << 10},
        {"Mi", (uint64_t)1 << 20},
        {"Gi", (uint64_t)1 << 30},
        {"Ti", (uint64_t)1 << 40},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (!strcmp(suffix, table[i].suffix)) {
            *scale = table[i].scale;
            return true;
        }
    }
    return false;
}

struct time_unit {
    const char *suffix;
    int exponent;
    double factor;
};

static const struct time_unit *find_time_unit(const char *suffix)
{
    static const struct time_unit table[] = {
        {"", 0, 1},    {"ns", -9, 1}, {"us", -6, 1},  {"\u00b5s", -6, 1}, {"\u03bcs", -6, 1},
        {"ms", -3, 1}, {"s", 0, 1},   {"min", 0, 60}, {"h", 0, 3600},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (!strcmp(suffix, table[i].suffix))
            return &table[i];
    }
    return NULL;
}

/* Who gave the value and what is allowed, for error texts. */
struct context {
    const char *what, *text;
    const char *kind; /* "a whole number" */
    char range[96];   /* "1 to 4G" */
};

static void set_range(struct context *c, const char *low, const char *high)
{
    if (low && high)
        snprintf(c->range, sizeof c->range, "%s to %s", low, high);
    else if (low)
        snprintf(c->range, sizeof c->range, "%s or more", low);
    else if (high)
        snprintf(c->range, sizeof c->range, "at most %s", high);
    else
        snprintf(c->range, sizeof c->range, "any number");
}

/* An option is followed by a space, a key by an equals sign, as they were typed. */
static char separator(const struct context *c)
{
    return c->what[0] == '-' ? ' ' : '=';
}

static int refuse_syntax(const struct context *c, struct ps_err *e)
{
    if (!c->text[0])
        return ps_fail(e, EINVAL, "%s is empty: must be %s, %s", c->what, c->kind, c->range);
    return ps_fail(e, EINVAL, "%s%c'%.80s' is not %s: must be %s", c->what, separator(c), c->text,
                   c->kind, c->range);
}

static int refuse_small(const struct context *c, struct ps_err *e)
{
    return ps_fail(e, ERANGE, "%s%c%.80s: must be %s", c->what, separator(c), c->text, c->range);
}

static int refuse_large(const struct context *c, struct ps_err *e)
{
    return ps_fail(e, ERANGE, "%s%c%.80s is too large: must be %s", c->what, separator(c), c->text,
                   c->range);
}

int ps_parse_count(const char *text, const char *what, uint64_t low, uint64_t high, uint64_t *value,
                   struct ps_err *e)
{
    struct context c = {what, text, "a whole number"};
    char low_text[32], high_text[32];
    struct number n;
    uint64_t scale, v;
    const char *suffix = scan_number(text, &n);
    int err;

    ps_format_count(low_text, sizeof low_text, low);
    ps_format_count(high_text, sizeof high_text, high);
    set_range(&c, low_text, high == UINT64_MAX ? NULL : high_text);
    if (!suffix || !count_scale(suffix, &scale))
        return refuse_syntax(&c, e);
    err = to_count(&n, scale, &v);
    if (err == -EINVAL)
        return refuse_syntax(&c, e);
    if (err < 0 || v > high)
        return refuse_large(&c, e);
    if (v < low)
        return refuse_small(&c, e);
    *value = v;
    return 0;
}

typedef char *format_fn(char *out, size_t size, double value);

static void set_real_range(struct context *c, format_fn *format, double low, double high)
{
    char low_text[48], high_text[48];

    format(low_text, sizeof low_text, low);
    format(high_text, sizeof high_text, high);
    set_range(c, isinf(low) ? NULL : low_text, isinf(high) ? NULL : high_text);
}

static int check_real(const struct context *c, double v, double low, double high, double *value,
                      struct ps_err *e)
{
    if (isinf(v) ? v > 0 : v > high)
        return refuse_large(c, e);
    if (isinf(v) || v < low || (signbit(v) && low >= 0))
        return refuse_small(c, e);
    *value = v;
    return 0;
}

int ps_parse_time(const char *text, const char *what, double low, double high, double *seconds,
                  struct ps_err *e)
{
    struct context c = {what, text, "a time (such as 200us, 1.5ms or 2s)"};
    const struct time_unit *unit;
    struct number n;
    const char *suffix = scan_number(text, &n);

    set_real_range(&c, ps_format_exact_time, low, high);
    unit = suffix ? find_time_unit(suffix) : NULL;
    if (!unit)
        return refuse_syntax(&c, e);
    n.exponent += unit->exponent;
    return check_real(&c, to_real(&n) * unit->factor, low, high, seconds, e);
}

int ps_parse_real(const char *text, const char *what, double low, double high, double *value,
                  struct ps_err *e)
{
    struct context c = {what, text, "a number"};
    bool negative = text[0] == '-';
    struct number n;
    const char *suffix = scan_number(text + negative, &n);
    double v;

    set_real_range(&c, ps_format_real, low, high);
    if (suffix && !strcmp(suffix, "%"))
        n.exponent -= 2;
    else if (!suffix || *suffix)
        return refuse_syntax(&c, e);
    v = to_real(&n);
    return check_real(&c, negative ? -v : v, low, high, value, e);
}
