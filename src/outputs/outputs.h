/* outputs/: where results go. In comes a result of any kind, and what the options say of its form;
 * out go files, each in the format of its suffix, standard output, and the line of progress on
 * standard error. */
#ifndef PS_OUTPUTS_H
#define PS_OUTPUTS_H

#include "cli.h"
#include "outfile.h"
#include "exchange.h"

/* What options say about it. */
struct ps_output_values {
    struct ps_texts paths; /* -o, "-" being standard output */
    const char *format;    /* of standard output, NULL: the table */
    unsigned colour;       /* enum ps_colour */
    bool verbose;          /* of results with series */
    const char *columns;   /* of the grids, as given; NULL: the usual ones */
    uint64_t top;          /* rows of a diagnosis; 0: as usual */
    bool plot, no_plot, ascii;
};

/* Rows for groups whose base is such a struct. */
extern const struct ps_option ps_output_rows[];  /* -o and --format */
extern const struct ps_option ps_verbose_rows[]; /* --columns and --plot too */
extern const struct ps_option ps_colour_rows[];

struct ps_output {
    const char *path;
    const struct ps_format *format;
    struct ps_outfile file;
};

struct ps_outputs {
    struct ps_output *files;
    size_t count, opened;
    const struct ps_format *standard; /* for standard output */
};

/* Decides formats without touching a file. -EINVAL or -ENOENT for unknown suffixes and formats. */
int ps_outputs_choose(struct ps_outputs *o, const struct ps_output_values *v, struct ps_arena *a,
                      struct ps_err *e);
/* -EINVAL where one of the formats is not for this; what: "overheads". */
typedef bool ps_renders_fn(const struct ps_format *f);
int ps_outputs_check(const struct ps_outputs *o, ps_renders_fn *renders, const char *what,
                     struct ps_err *e);
/* How the table looks; on a terminal with a picture where that pays. */
struct ps_report_style ps_style_of(const struct ps_output_values *v);
/* --columns help, and what it prints; returns an exit status. */
bool ps_columns_asked_for_help(const struct ps_output_values *v);
int ps_columns_show(struct ps_cli *cli);
/* Checks that every file can be written. */
int ps_outputs_open(struct ps_outputs *o, struct ps_err *e);
/* The files that were made and may have to be removed at a crash; ends with NULL. */
const char *const *ps_outputs_temporaries(const struct ps_outputs *o, struct ps_arena *a);
/* Renders to all files and standard output, even where one of them fails; returns an exit status,
 * with the first failure in cli->error. what: as the render function expects it. */
typedef int ps_render_fn(const struct ps_format *f, const void *what,
                         const struct ps_report_style *style, struct ps_str *out, struct ps_err *e);
int ps_outputs_write(struct ps_outputs *o, struct ps_cli *cli, ps_render_fn *render,
                     const void *what, const struct ps_report_style *style);
ps_render_fn ps_render_result;     /* const struct ps_result * */
ps_render_fn ps_render_results;    /* const struct ps_results * */
ps_render_fn ps_render_overhead;   /* const struct ps_overhead * */
ps_render_fn ps_render_comparison; /* const struct ps_comparison * */
/* Leaves no trace of files that were not written. */
void ps_outputs_abandon(struct ps_outputs *o);

#endif
