#include "units.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS 3 /* significant ones in columns for people */

/* A finite value as d.ddd * 10^exponent. */
struct decimal {
    bool negative;
    char digits[24]; /* no point */
    int count, exponent;
};

/* Rounds correctly, with the carry: 999.9 to 3 digits is 1.00 * 10^3. Skips the decimal point,
 * whatever the locale makes of it. */
static struct decimal to_decimal(double value, int digits)
{
    struct decimal d = {.negative = value < 0, .count = digits};
    char text[40];
    const char *e;

    snprintf(text, sizeof text, "%.*e", digits - 1, fabs(value));
    e = strchr(text, 'e');
    d.digits[0] = text[0];
    if (digits > 1)
        memcpy(d.digits + 1, e - (digits - 1), (size_t)digits - 1);
    d.exponent = atoi(e + 1);
    return d;
}

static void trim_zeros(struct decimal *d)
{
    while (d->count > 1 && d->digits[d->count - 1] == '0')
        d->digits[--d->count] = '\0';
}

static double to_double(const struct decimal *d)
{
    char text[48];
    double value;

    snprintf(text, sizeof text, "%se%d", d->digits, d->exponent - d->count + 1);
    value = strtod(text, NULL);
    return d->negative ? -value : value;
}

/* The fewest digits, from 15 on, that read back as the same value; without trailing zeros. */
static struct decimal to_shortest(double value)
{
    struct decimal d;

    for (int digits = 15; digits <= 17; digits++) {
        d = to_decimal(value, digits);
        if (to_double(&d) == value)
            break;
    }
    trim_zeros(&d);
    return d;
}

/* Plain notation of d * 10^-unit. */
static void write_plain(char *out, size_t size, const struct decimal *d, int unit)
{
    static const char zeros[] = "000000000000000000000000";
    const char *sign = d->negative ? "-" : "";
    int point = d->exponent - unit + 1;

    if (point <= 0)
        snprintf(out, size, "%s0.%.*s%s", sign, -point, zeros, d->digits);
    else if (point >= d->count)
        snprintf(out, size, "%s%s%.*s", sign, d->digits, point - d->count, zeros);
    else
        snprintf(out, size, "%s%.*s.%s", sign, point, d->digits, d->digits + point);
}

static void write_exponent(char *out, size_t size, const struct decimal *d)
{
    snprintf(out, size, "%s%c%s%se%d", d->negative ? "-" : "", d->digits[0],
             d->count > 1 ? "." : "", d->digits + 1, d->exponent);
}

/* What needs no digits: "-" for NaN, "inf". */
static bool write_special(char *out, size_t size, double value)
{
    if (isnan(value))
        snprintf(out, size, "-");
    else if (isinf(value))
        snprintf(out, size, value < 0 ? "-inf" : "inf");
    return !isfinite(value);
}

/* d * 10^-unit for people: below 1 without trailing zeros, and not cut above 1000. */
static void write_short(char *out, size_t size, double value, int unit)
{
    struct decimal d = to_decimal(value, DIGITS);

    if (d.exponent - unit >= DIGITS && d.exponent - unit < 18)
        d = to_decimal(value, to_decimal(value, 17).exponent - unit + 1);
    if (d.exponent < unit)
        trim_zeros(&d);
    if (d.exponent - unit < -4 || d.exponent - unit >= 18) {
        d.exponent -= unit;
        write_exponent(out, size, &d);
    } else {
        write_plain(out, size, &d, unit);
    }
}

/* The exponent of the unit, a multiple of 3 in low..high, that leaves one to three digits before
 * the point. */
static int pick_unit(const struct decimal *d, int low, int high)
{
    int exponent = d->exponent;
    int unit = exponent >= 0 ? exponent / 3 * 3 : -((-exponent + 2) / 3 * 3);

    if (unit < low)
        return low;
    return unit > high ? high : unit;
}

static char *with_unit(char *out, size_t size, const char *number, const char *space,
                       const char *unit)
{
    snprintf(out, size, "%s%s%s", number, space, unit);
    return out;
}

char *ps_format_time(char *out, size_t size, double seconds)
{
    static const char *const units[] = {"ns", "us", "ms", "s"};
    struct decimal d;
    char number[64];
    int unit;

    if (write_special(out, size, seconds))
        return out;
    if (seconds == 0)
        return with_unit(out, size, "0", " ", "s");
    d = to_decimal(seconds, DIGITS);
    unit = pick_unit(&d, -9, 3);
    if (unit < 3) {
        write_short(number, sizeof number, seconds, unit);
        return with_unit(out, size, number, " ", units[unit / 3 + 3]);
    }
    if (to_decimal(seconds / 60, DIGITS).exponent < DIGITS) {
        write_short(number, sizeof number, seconds / 60, 0);
        return with_unit(out, size, number, " ", "min");
    }
    write_short(number, sizeof number, seconds / 3600, 0);
    return with_unit(out, size, number, " ", "h");
}

static const char *const prefixes[] = {"", "k", "M", "G", "T", "P", "E"};

char *ps_format_si(char *out, size_t size, double value)
{
    struct decimal d;
    char number[64];
    int unit;

    if (write_special(out, size, value))
        return out;
    if (value == 0)
        return with_unit(out, size, "0", "", "");
    d = to_decimal(value, DIGITS);
    unit = pick_unit(&d, 0, 18);
    write_short(number, sizeof number, value, unit);
    return with_unit(out, size, number, unit ? " " : "", prefixes[unit / 3]);
}

char *ps_format_bytes(char *out, size_t size, double bytes)
{
    char number[64];

    if (write_special(out, size, bytes))
        return out;
    if (fabs(bytes) < 999.5) {
        snprintf(number, sizeof number, "%ld B", lround(bytes));
        return with_unit(out, size, number, "", "");
    }
    ps_format_si(number, sizeof number, bytes);
    return with_unit(out, size, number, "", "B");
}

char *ps_format_percent(char *out, size_t size, double fraction)
{
    char number[64];

    if (write_special(out, size, fraction))
        return out;
    if (fraction == 0)
        return with_unit(out, size, "0", " ", "%");
    write_short(number, sizeof number, fraction, -2);
    return with_unit(out, size, number, " ", "%");
}

/* Of "1500k" and "1.5M" the shorter; where equal, the smaller unit. */
char *ps_format_count(char *out, size_t size, uint64_t value)
{
    char best[48], text[48];
    uint64_t scale = 1;

    snprintf(best, sizeof best, "%" PRIu64, value);
    for (int i = 1; i <= 4 && value; i++) {
        uint64_t rest;
        int width = 3 * i;

        scale *= 1000;
        rest = value % scale;
        while (rest && rest % 10 == 0) {
            rest /= 10;
            width--;
        }
        if (value < scale)
            break;
        if (rest)
            snprintf(text, sizeof text, "%" PRIu64 ".%0*" PRIu64 "%s", value / scale, width, rest,
                     prefixes[i]);
        else
            snprintf(text, sizeof text, "%" PRIu64 "%s", value / scale, prefixes[i]);
        if (strlen(text) < strlen(best))
            strcpy(best, text);
    }
    return with_unit(out, size, best, "", "");
}

char *ps_format_real(char *out, size_t size, double value)
{
    struct decimal d;
    char number[64];

    if (write_special(out, size, value))
        return out;
    d = to_shortest(value);
    if (d.exponent < -5 || d.exponent > 16)
        write_exponent(number, sizeof number, &d);
    else
        write_plain(number, sizeof number, &d, 0);
    return with_unit(out, size, number, "", "");
}

char *ps_format_exact_time(char *out, size_t size, double seconds)
{
    static const char *const units[] = {"ns", "us", "ms", "s"};
    struct decimal d;
    char number[64];
    int unit;

    if (write_special(out, size, seconds))
        return out;
    if (seconds >= 3600 && fmod(seconds, 3600) == 0 && seconds < 1e9)
        return with_unit(out, size, ps_format_real(number, sizeof number, seconds / 3600), "", "h");
    if (seconds >= 60 && fmod(seconds, 60) == 0 && seconds < 1e9)
        return with_unit(out, size, ps_format_real(number, sizeof number, seconds / 60), "", "min");
    if (seconds == 0)
        return with_unit(out, size, "0", "", "s");
    d = to_shortest(seconds);
    unit = pick_unit(&d, -9, 0);
    if (d.exponent - unit < -5 || d.exponent - unit > 16) {
        d.exponent -= unit;
        write_exponent(number, sizeof number, &d);
    } else {
        write_plain(number, sizeof number, &d, unit);
    }
    return with_unit(out, size, number, "", units[unit / 3 + 3]);
}

char *ps_format_time_stamp(char *out, size_t size, time_t when)
{
    struct tm utc;

    if (!gmtime_r(&when, &utc) || !strftime(out, size, "%Y-%m-%dT%H:%M:%SZ", &utc))
        snprintf(out, size, "-");
    return out;
}
