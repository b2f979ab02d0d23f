/* Speedups as a parameter varies, and where parallel begins to pay. Internal to this layer. */
#ifndef PS_REPORT_PLOT_VARY_H
#define PS_REPORT_PLOT_VARY_H

#include "canvas.h"
#include "view.h"

/* Of a PS_BLOCK_SERIES. */
void ps_plot_vary(const struct ps_view *v, const struct ps_block *b, size_t width,
                  const struct ps_glyphs *glyphs, struct ps_str *out);

#endif
