/* A plot in characters: axes with labels, and marks between them. Internal to this layer. */
#ifndef PS_REPORT_CANVAS_H
#define PS_REPORT_CANVAS_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "str.h"

#define PS_CANVAS_MARKS 4 /* curves that can be told apart */

/* What things are drawn with; one column each. */
struct ps_glyphs {
    const char *marks[PS_CANVAS_MARKS];
    const char *bar, *ideal, *law, *level, *crossing;
    const char *side, *tick, *corner, *floor, *floor_tick;
    const char *steps[9]; /* of a histogram, from none to most */
};
extern const struct ps_glyphs ps_glyphs_unicode, ps_glyphs_ascii;

struct ps_scale {
    double low, high; /* low < high */
    bool log;         /* both above 0 then */
};

struct ps_canvas {
    struct ps_arena *arena;
    const struct ps_glyphs *glyphs;
    size_t width, height; /* in characters, between the axes */
    struct ps_scale x, y;
    const char **cells;    /* from the top left; NULL: empty */
    const char **x_labels; /* of columns; NULL: none */
};

/* Rows for a plot of that many columns. */
size_t ps_plot_rows(size_t width);
void ps_canvas_init(struct ps_canvas *c, struct ps_arena *a, const struct ps_glyphs *glyphs,
                    size_t width, size_t height);
/* Where x and y are outside of the scales, nothing is drawn. */
void ps_canvas_mark(struct ps_canvas *c, double x, double y, const char *glyph);
/* At x from y low to high, as far as that is inside; only over empty cells. */
void ps_canvas_bar(struct ps_canvas *c, double x, double low, double high, const char *glyph);
/* y(arg, x) in every `step`-th column, only over empty cells. */
typedef double ps_curve_fn(const void *arg, double x);
void ps_canvas_curve(struct ps_canvas *c, ps_curve_fn *y, const void *arg, size_t step,
                     const char *glyph);
void ps_canvas_label(struct ps_canvas *c, double x, const char *text);
void ps_canvas_print(const struct ps_canvas *c, struct ps_str *out);

#endif
