#include "plot_strips.h"

#include <math.h>

#include "cells.h"

#define STRIP     40 /* columns, at most */
#define LEAST     6  /* samples */
#define TIME      8  /* columns of one */
#define NAME_MOST 24
#define STEPS     8 /* of the glyphs, above none */

struct strip {
    const double *samples;
    size_t count; /* NaN among them */
    double low, high;
    size_t known;
};

static struct strip strip_of(const struct ps_point *p)
{
    const struct ps_metric *m = ps_point_metric(p, "wall_time");
    struct strip s = {.low = INFINITY, .high = -INFINITY};

    if (!m || !m->samples)
        return s;
    s.samples = m->samples;
    s.count = p->rounds;
    for (size_t i = 0; i < s.count; i++) {
        if (!isfinite(s.samples[i]))
            continue;
        s.known++;
        s.low = fmin(s.low, s.samples[i]);
        s.high = fmax(s.high, s.samples[i]);
    }
    return s;
}

static size_t bin_of(const struct strip *s, double x, size_t bins)
{
    size_t bin = s->high > s->low ? (size_t)((x - s->low) / (s->high - s->low) * (double)bins) : 0;

    return bin < bins ? bin : bins - 1;
}

/* The tallest is the most there is in a bin; any sample is seen. */
static const char *histogram(const struct strip *s, size_t bins, const struct ps_glyphs *glyphs,
                             struct ps_arena *a)
{
    size_t *counts = ps_arena_array(a, bins, sizeof *counts), most = 0;
    const char *text = "";

    for (size_t i = 0; i < s->count; i++)
        if (isfinite(s->samples[i])) {
            size_t bin = bin_of(s, s->samples[i], bins);

            counts[bin]++;
            most = counts[bin] > most ? counts[bin] : most;
        }
    for (size_t i = 0; i < bins; i++)
        text =
            ps_arena_format(a, "%s%s", text, glyphs->steps[(counts[i] * STEPS + most - 1) / most]);
    return text;
}

static const char *name_of(const struct ps_view *v, const struct ps_block *b,
                           const struct ps_point *p)
{
    const char *name = ps_point_is_free(p) ? ps_subject_short(v->r, p)
                       : b->same_workload  ? ps_subject_name(v->r, p)
                                           : ps_subject_of(v->r, p);

    return ps_text_shorten(v->arena, ps_text_clean(v->arena, name), NAME_MOST);
}

static void print(const struct ps_view *v, const struct ps_block *b, const struct ps_point *p,
                  size_t bins, const struct ps_glyphs *glyphs, struct ps_str *out)
{
    struct strip s = strip_of(p);

    if (s.known < LEAST)
        return;
    ps_str_pad(out, name_of(v, b, p), NAME_MOST);
    ps_str_add(out, "  ");
    ps_str_pad(out, ps_cell_time(v->arena, s.low), -TIME);
    ps_str_addf(out, " %s%s%s %s\n", glyphs->side, histogram(&s, bins, glyphs, v->arena),
                glyphs->side, ps_cell_time(v->arena, s.high));
}

void ps_plot_strips(const struct ps_view *v, const struct ps_block *b, size_t width,
                    const struct ps_glyphs *glyphs, struct ps_str *out)
{
    size_t beside = NAME_MOST + 2 * TIME + 6, bins = width > beside ? width - beside : 1;
    bool any = false;

    for (size_t i = 0; i < b->count; i++)
        any |= strip_of(&b->points[i]).known >= LEAST;
    if (!any)
        return;
    bins = bins < STRIP ? bins : STRIP;
    ps_str_add(out, "\n");
    for (size_t i = 0; i < b->count; i++)
        print(v, b, &b->points[i], bins, glyphs, out);
    ps_text_wrap(
        out,
        "Distribution of the times over the rounds, from fastest to slowest: two clusters are two "
        "modes.",
        0, 2, width);
}
