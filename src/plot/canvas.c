#include "canvas.h"

#include <math.h>
#include <string.h>

#include "cells.h"
#include "text.h"

#define AXIS  7 /* columns of the labels of y and the axis */
#define TICKS 5 /* at most so many steps of y */
#define WIDE  100
#define LOW   12 /* rows */
#define HIGH  18 /* likewise, where there is room for them */

const struct ps_glyphs ps_glyphs_unicode = {
    .marks = {"●", "■", "▲", "◆"},
    .bar = "│",
    .ideal = "·",
    .law = "╌",
    .level = "─",
    .crossing = "┊",
    .side = "│",
    .tick = "┤",
    .corner = "└",
    .floor = "─",
    .floor_tick = "┬",
    .steps = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
};

const struct ps_glyphs ps_glyphs_ascii = {
    .marks = {"*", "o", "x", "+"},
    .bar = "|",
    .ideal = ".",
    .law = "-",
    .level = "_",
    .crossing = ":",
    .side = "|",
    .tick = "+",
    .corner = "+",
    .floor = "-",
    .floor_tick = "+",
    .steps = {" ", ".", ":", "-", "=", "+", "*", "%", "@"},
};

size_t ps_plot_rows(size_t width)
{
    return width < WIDE ? LOW : HIGH;
}

void ps_canvas_init(struct ps_canvas *c, struct ps_arena *a, const struct ps_glyphs *glyphs,
                    size_t width, size_t height)
{
    *c = (struct ps_canvas){.arena = a, .glyphs = glyphs, .height = height};
    c->width = width - AXIS;
    c->cells = ps_arena_array(a, c->width * height, sizeof *c->cells);
    c->x_labels = ps_arena_array(a, c->width, sizeof *c->x_labels);
}

/* 0 to 1 within the scale. */
static double part(const struct ps_scale *s, double x)
{
    if (s->log)
        return log(x / s->low) / log(s->high / s->low);
    return (x - s->low) / (s->high - s->low);
}

/* False outside. */
static bool place(const struct ps_scale *s, double x, size_t size, size_t *at)
{
    double where = round(part(s, x) * (double)(size - 1));

    if (!(where >= 0 && where <= (double)(size - 1)))
        return false;
    *at = (size_t)where;
    return true;
}

static const char **cell(const struct ps_canvas *c, size_t column, size_t up)
{
    return &c->cells[(c->height - 1 - up) * c->width + column];
}

void ps_canvas_mark(struct ps_canvas *c, double x, double y, const char *glyph)
{
    size_t column, up;

    if (place(&c->x, x, c->width, &column) && place(&c->y, y, c->height, &up))
        *cell(c, column, up) = glyph;
}

void ps_canvas_bar(struct ps_canvas *c, double x, double low, double high, const char *glyph)
{
    size_t column, from, to;

    if (!(low <= high) || !place(&c->x, x, c->width, &column) ||
        !place(&c->y, fmax(low, c->y.low), c->height, &from) ||
        !place(&c->y, fmin(high, c->y.high), c->height, &to))
        return;
    for (size_t up = from; up <= to; up++)
        *cell(c, column, up) = glyph;
}

/* What stands in the middle of the column. */
static double value_at(const struct ps_canvas *c, size_t column)
{
    double at = c->width > 1 ? (double)column / (double)(c->width - 1) : 0;

    if (c->x.log)
        return c->x.low * pow(c->x.high / c->x.low, at);
    return c->x.low + at * (c->x.high - c->x.low);
}

void ps_canvas_curve(struct ps_canvas *c, ps_curve_fn *y, const void *arg, size_t step,
                     const char *glyph)
{
    for (size_t column = 0; column < c->width; column += step) {
        size_t up;

        if (place(&c->y, y(arg, value_at(c, column)), c->height, &up) && !*cell(c, column, up))
            *cell(c, column, up) = glyph;
    }
}

void ps_canvas_label(struct ps_canvas *c, double x, const char *text)
{
    size_t column;

    if (place(&c->x, x, c->width, &column))
        c->x_labels[column] = text;
}

/* 1, 2 or 5 times a power of ten. */
static double nice_step(double range)
{
    double step = pow(10, floor(log10(range / TICKS)));

    while (range / step > TICKS)
        step *= range / step > 2.5 * TICKS ? 5 : 2;
    return step;
}

/* The labels of y by their rows from below. */
static const char **y_labels(const struct ps_canvas *c)
{
    const char **labels = ps_arena_array(c->arena, c->height, sizeof *labels);
    double step = c->y.log ? 0 : nice_step(c->y.high - c->y.low);
    size_t up;

    for (double y = c->y.log ? pow(10, ceil(log10(c->y.low))) : ceil(c->y.low / step) * step;
         y <= c->y.high * (1 + 1e-9); y = c->y.log ? y * 10 : y + step)
        if (place(&c->y, y, c->height, &up))
            labels[up] = ps_arena_format(c->arena, "%.4g", fabs(y) < 1e-9 ? 0 : y);
    return labels;
}

static void print_row(const struct ps_canvas *c, size_t up, const char *label, struct ps_str *out)
{
    ps_str_pad(out, label ? label : "", -(AXIS - 2));
    ps_str_addf(out, " %s", label ? c->glyphs->tick : c->glyphs->side);
    for (size_t i = 0; i < c->width; i++)
        ps_str_add(out, *cell(c, i, up) ? *cell(c, i, up) : " ");
    while (out->length && out->text[out->length - 1] == ' ')
        out->text[--out->length] = '\0';
    ps_str_add(out, "\n");
}

static void print_floor(const struct ps_canvas *c, struct ps_str *out)
{
    ps_str_pad(out, "", AXIS - 1);
    ps_str_add(out, c->glyphs->corner);
    for (size_t i = 0; i < c->width; i++)
        ps_str_add(out, c->x_labels[i] ? c->glyphs->floor_tick : c->glyphs->floor);
    ps_str_add(out, "\n");
}

/* Each in the middle below its column, unless it would touch the one before. */
static void print_x_labels(const struct ps_canvas *c, struct ps_str *out)
{
    size_t used = 0;

    for (size_t i = 0; i < c->width; i++) {
        size_t length = c->x_labels[i] ? ps_columns(c->x_labels[i]) : 0, at = AXIS + i;

        if (!length)
            continue;
        at = at > length / 2 ? at - length / 2 : 0;
        if (at + length > AXIS + c->width)
            at = AXIS + c->width - length;
        if (used && at < used + 1)
            continue;
        ps_str_pad(out, "", (int)(at - used));
        ps_str_add(out, c->x_labels[i]);
        used = at + length;
    }
    ps_str_add(out, "\n");
}

void ps_canvas_print(const struct ps_canvas *c, struct ps_str *out)
{
    const char **labels = y_labels(c);

    for (size_t up = c->height; up-- > 0;)
        print_row(c, up, labels[up], out);
    print_floor(c, out);
    print_x_labels(c, out);
}
