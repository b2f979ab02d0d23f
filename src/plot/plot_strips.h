/* How the samples of each point lie, a line each. Internal to this layer. */
#ifndef PS_REPORT_PLOT_STRIPS_H
#define PS_REPORT_PLOT_STRIPS_H

#include "canvas.h"
#include "view.h"

void ps_plot_strips(const struct ps_view *v, const struct ps_block *b, size_t width,
                    const struct ps_glyphs *glyphs, struct ps_str *out);

#endif
