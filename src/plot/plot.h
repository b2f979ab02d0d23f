/* plot/: pictures in characters. In comes a block of a view; out goes text that shows how the
 * speedup grows with threads or with a parameter, and how the samples of each point lie. */
#ifndef PS_REPORT_PLOT_H
#define PS_REPORT_PLOT_H

#include "str.h"
#include "view.h"

struct ps_plot_style {
    size_t columns; /* that a line may take, at least 40 */
    bool ascii;
};

/* Adds lines, an empty one first; nothing where the block has too little for a picture. */
void ps_plot_block(const struct ps_view *v, const struct ps_block *b,
                   const struct ps_plot_style *style, struct ps_str *out);
/* Whether the block has so many thread counts that a curve says more than the grid. */
bool ps_plot_pays(const struct ps_block *b);

#endif
