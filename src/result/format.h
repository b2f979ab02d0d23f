/* What a format is, and how a report may look. */
#ifndef PS_FORMAT_H
#define PS_FORMAT_H

#include <stdbool.h>

#include "comparison_result.h"
#include "err.h"
#include "overhead_result.h"
#include "results.h"
#include "str.h"

struct ps_report_style {
    bool colour;                /* ANSI colours, on a terminal */
    bool details;               /* series in full, a block for each value */
    bool brief;                 /* the table: the first screen, of results that have one */
    uint64_t top;               /* rows of the tables of a diagnosis; 0: as usual */
    const char *const *columns; /* of the grids in place of the usual ones, by id (column_names.h),
                                   ending with NULL; NULL: the usual ones */
    enum { PS_PLOT_NONE, PS_PLOT_WHERE_IT_PAYS, PS_PLOT_ALL } plot; /* pictures below the grids */
    size_t columns_wide; /* of the terminal, for pictures; 0: as wide as the grids */
    bool ascii;          /* nothing but ASCII */
    bool checks_only;    /* the table: nothing but the checks, one line each */
};

struct ps_topo;
struct ps_rank_sweep;

struct ps_format {
    const char *name;   /* "json" */
    const char *suffix; /* ".json"; NULL: not for files by suffix (the table) */
    const char *summary;
    const char *missing; /* why this build can't write it, and then nothing is rendered; NULL */
    int (*render)(const struct ps_result *r, const struct ps_report_style *style,
                  struct ps_str *out, struct ps_err *e);
    /* The same of several results at once; NULL, as below: not in this format. */
    int (*render_results)(const struct ps_results *r, const struct ps_report_style *style,
                          struct ps_str *out, struct ps_err *e);
    /* The same of `parscope overhead`. */
    int (*render_overhead)(const struct ps_overhead *o, const struct ps_report_style *style,
                           struct ps_str *out, struct ps_err *e);
    /* The same of `parscope compare`. */
    int (*render_comparison)(const struct ps_comparison *c, const struct ps_report_style *style,
                             struct ps_str *out, struct ps_err *e);
    /* The same of `parscope sweep --ranks`. */
    int (*render_rank_sweep)(const struct ps_rank_sweep *s, struct ps_str *out, struct ps_err *e);
    /* The same of `parscope topo`. */
    int (*render_topo)(const struct ps_topo *t, const struct ps_report_style *style,
                       struct ps_str *out, struct ps_err *e);
};

#endif
