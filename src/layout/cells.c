#include "cells.h"

#include <math.h>
#include <string.h>

#include "units.h"

#define MOST_DECIMALS 5
#define MOST_PLAIN    1e5 /* cycles of an item that stand without k, M or G */

/* For three significant digits. */
static int decimals_of(double value)
{
    double size = fabs(value);
    int decimals = size > 0 ? 2 - (int)floor(log10(size)) : 2;

    if (decimals < 0)
        return 0;
    return decimals > MOST_DECIMALS ? MOST_DECIMALS : decimals;
}

const char *ps_cell_ratio(struct ps_arena *a, double value)
{
    int decimals = decimals_of(value);

    if (!isfinite(value))
        return "-";
    if (fabs(value) >= 1e9)
        return ps_arena_format(a, "%.3g", value);
    if (value != 0 && fabs(value) < pow(10, -MOST_DECIMALS))
        return value > 0 ? "<0.00001" : "0.00000";
    return ps_arena_format(a, "%.*f", decimals, value);
}

const char *ps_cell_margin(struct ps_arena *a, double fraction)
{
    double percent = fraction * 100;
    int decimals = percent < 0.095 ? 2 : percent < 9.95 ? 1 : 0;
    double step = pow(10, -decimals);

    if (!isfinite(fraction))
        return "-";
    if (percent >= 1000)
        return ">999%";
    return ps_arena_format(a, "%.*f%%", decimals, fmax(ceil(percent / step - 1e-6) * step, 0.01));
}

const char *ps_cell_time(struct ps_arena *a, double seconds)
{
    char text[64];

    return ps_arena_copy(a, ps_format_time(text, sizeof text, seconds));
}

static const char *si(struct ps_arena *a, double value, const char *unit)
{
    char text[64];

    ps_format_si(text, sizeof text, value);
    if (!*unit)
        return ps_arena_copy(a, text);
    /* "2.54 GHz" but "412 Hz" and "412/s". */
    return ps_arena_format(a, "%s%s%s", text, strchr(text, ' ') || *unit == '/' ? "" : " ", unit);
}

static const char *percent(struct ps_arena *a, double fraction)
{
    if (fraction > 0 && fraction < 0.005)
        return "<1%";
    return ps_arena_format(a, "%.0f%%", fraction * 100);
}

static const char *count(struct ps_arena *a, double value)
{
    if (value == floor(value) && fabs(value) < 1000)
        return ps_arena_format(a, "%.0f", value);
    return si(a, value, "");
}

static const char *bytes(struct ps_arena *a, double value)
{
    char text[64];

    return ps_arena_copy(a, ps_format_bytes(text, sizeof text, value));
}

static const char *plain(struct ps_arena *a, const struct ps_metric *m)
{
    if (!strcmp(m->unit, "s"))
        return ps_cell_time(a, m->value);
    if (!strcmp(m->unit, "ns"))
        return ps_cell_time(a, m->value * 1e-9);
    if (!strcmp(m->unit, "B"))
        return bytes(a, m->value);
    if (!strcmp(m->unit, "Hz"))
        return si(a, m->value, "Hz");
    if (!strcmp(m->unit, "1") || (strstr(m->unit, "/") && fabs(m->value) < MOST_PLAIN))
        return ps_cell_ratio(a, m->value);
    return count(a, m->value);
}

static double half_width(const struct ps_metric *m)
{
    return (m->high - m->low) / 2;
}

static const char *time_margin(struct ps_arena *a, const struct ps_metric *m)
{
    const char *time = ps_cell_time(a, m->value);

    if (!isfinite(half_width(m)) || m->value <= 0)
        return time;
    return ps_arena_format(a, "%s ±%s", time, ps_cell_margin(a, half_width(m) / m->value));
}

static const char *ratio_margin(struct ps_arena *a, const struct ps_metric *m)
{
    int decimals = decimals_of(m->value);
    double step = pow(10, -decimals), margin = half_width(m);
    const char *ratio = ps_cell_ratio(a, m->value);

    if (!isfinite(margin) || fabs(m->value) >= 1e9 || margin >= 1e9)
        return ratio;
    margin = fmax(ceil(margin / step - 1e-6), 1) * step;
    return ps_arena_format(a, "%s ±%.*f", ratio, decimals, margin);
}

static const char *format(struct ps_arena *a, const struct ps_metric *m, enum ps_cell_style style)
{
    switch (style) {
    case PS_CELL_COUNT:
        return count(a, m->value);
    case PS_CELL_TIME_PM:
        return time_margin(a, m);
    case PS_CELL_RATIO_PM:
        return ratio_margin(a, m);
    case PS_CELL_PERCENT:
        return percent(a, m->value);
    case PS_CELL_RATE:
        return si(a, m->value, "/s");
    case PS_CELL_PLAIN:
        break;
    }
    return plain(a, m);
}

const char *ps_cell_metric(struct ps_arena *a, const struct ps_metric *m, enum ps_cell_style style)
{
    if (!isfinite(m->value))
        return "-";
    if (m->quality == PS_ESTIMATED)
        return ps_arena_format(a, "~%s", format(a, m, style));
    if (m->share > 0)
        return ps_arena_format(a, "%s (%s)", format(a, m, style), percent(a, m->share));
    return format(a, m, style);
}

const char *ps_cell_percent(struct ps_arena *a, double share, bool small)
{
    if (!isfinite(share))
        return NULL;
    return ps_arena_format(a, "%.*f %%", small && share < 0.0995 ? 1 : 0, 100 * share);
}
