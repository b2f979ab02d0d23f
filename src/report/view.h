/* What people read of a result, for the formats that put it on a page. Comes in: a const result, as
 * it was measured or loaded from a file. Goes out: texts and grids. Nothing here measures, models
 * or touches a file. Texts are harmless on a terminal; a format that gives characters a meaning
 * must escape them. */
#ifndef PS_REPORT_VIEW_H
#define PS_REPORT_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "grid.h"
#include "result.h"
#include "stack.h"
#include "subject.h"
#include "text.h"

struct ps_view {
    const struct ps_result *r;
    struct ps_arena *arena;  /* of everything that a view gives out */
    bool details;            /* a series is shown as a block for each of its values */
    const char *const *only; /* ids of the metrics that grids and notes are about, ending with NULL;
                                NULL: all */
    bool asked;              /* the user chose them, and their order */
    size_t top;              /* rows of the tables of a diagnosis; 0: as usual */
};

/* Columns that are no metric, by id. */
#define PS_COLUMN_SERIAL      "serial-e"             /* the Karp-Flatt value of the point's model */
#define PS_COLUMN_AGAINST_ONE "against-one-per-core" /* the SMT effect or the packing effect */
#define PS_COLUMN_CPUS        "cpus"
#define PS_COLUMN_BARS        "where-the-cores-went"

enum ps_block_kind {
    PS_BLOCK_STRATEGIES, /* of one workload */
    PS_BLOCK_PROGRAM,    /* one program in several ways */
    PS_BLOCK_COMMANDS,   /* several programs in one way each */
    PS_BLOCK_SERIES,     /* of one workload, at several values of a parameter */
    PS_BLOCK_SMT,        /* one and two threads a core, of any workloads or programs */
};

/* Adjacent points that one grid shows. */
struct ps_block {
    enum ps_block_kind kind;
    const struct ps_point *points;
    size_t count;
    bool same_workload, same_strategy;            /* labels, of all points */
    bool same_pattern;                            /* of programs, likewise */
    bool same_placement, same_threads, same_cpus; /* of all points but the references */
    bool pinned;                                  /* any thread of any point */
    const char *parameter;                        /* of a series: what differs */
    size_t ways;                                  /* likewise: points of each value */
};

struct ps_report_style;
/* Of the style; NULL: the usual one. Where columns were asked for, each value of a series has a
 * block. */
struct ps_view ps_view_of(const struct ps_result *r, const struct ps_report_style *style,
                          struct ps_arena *a);
/* The sentence about the machine. */
const char *ps_view_host(const struct ps_view *v);

/* The block that begins with the point of that index. */
struct ps_block ps_view_block(const struct ps_view *v, size_t first);
/* What the block is about; *label: it is a text that the user gave. */
const char *ps_block_title(const struct ps_view *v, const struct ps_block *b, bool *label);
const char *ps_block_about(const struct ps_view *v, const struct ps_block *b);
void ps_block_grid(const struct ps_view *v, const struct ps_block *b, struct ps_grid *g);
/* Adds the columns of the block's metrics, and fills them. */
void ps_block_columns(const struct ps_view *v, const struct ps_block *b, struct ps_grid *g);
/* The efficiency stacks of the block's parallel points, and what they mean; NULL where none has
 * one, and then no grid either. */
const char *ps_block_stack(const struct ps_view *v, const struct ps_block *b, struct ps_grid *g);
/* A row for each CPU: how much of it each point with several pinned threads used. False where none
 * was idle for long, or that is not known. */
bool ps_block_cpu_use(const struct ps_view *v, const struct ps_block *b, struct ps_grid *g);
/* The regions that a point's program marks, and what the columns mean; NULL where there are none.
 */
const char *ps_regions_grid(const struct ps_view *v, const struct ps_point *p, struct ps_grid *g);
/* stack_view.c, for ps_block_stack: the block of those points, false where there is none; its
 * columns, filled; what they mean. */
bool ps_stack_points(const struct ps_view *v, const struct ps_block *b, struct ps_block *out);
void ps_stack_columns(const struct ps_view *v, const struct ps_block *b, struct ps_grid *g);
const char *ps_stack_legend(const struct ps_view *v, const struct ps_block *b);
/* What became of the CPUs of a parallel point, "########ww"; NULL where that is not known. */
const char *ps_stack_bar(const struct ps_view *v, const struct ps_point *p);
/* Whether a loss has a letter in it. */
bool ps_stack_bar_shows(const struct ps_view *v, const struct ps_point *p, enum ps_stack_term term);
/* The letters in the bars of the block; NULL where there is no bar. */
const char *ps_stack_bar_legend(const struct ps_view *v, const struct ps_block *b);
/* "4 and 8 are left out: they take turns on 2 CPUs", where any were. */
const char *ps_left_out(const struct ps_view *v, const struct ps_model *m);
/* What was seen of a program in executions that were observed: when its threads ran, at each point;
 * what cores had no work for, and which functions, libraries and threads had the CPU time, at the
 * one with most threads.
 */
struct ps_diagnosis_part {
    const char *title;
    struct ps_grid grid;
};
#define PS_DIAGNOSIS_PARTS 5
/* Returns how many parts there are; 0: nothing was observed. */
size_t ps_block_diagnosis(const struct ps_view *v, const struct ps_block *b,
                          struct ps_diagnosis_part *parts);
/* "0.19 of 2 cores were lost: 0.11 to waiting, 0.06 to lower clock."; NULL where next to nothing is
 * lost, or that is not known. */
double ps_stack_lost(const struct ps_point *p, double *cpus);
const char *ps_stack_losses(const struct ps_view *v, const struct ps_point *p);
/* What the second hardware thread of a core brings, of several workloads a line each. */
struct ps_lines ps_block_smt(const struct ps_view *v, const struct ps_block *b);
/* The models of the block's workloads, in sentences. */
struct ps_lines ps_block_models(const struct ps_view *v, const struct ps_block *b);

/* Where throughput is highest by the USL: "no peak in sight". */
const char *ps_peak_text(const struct ps_view *v, const struct ps_laws *l);
/* Whether it is worth a sentence that more threads are slower than fewer: of two thread counts the
 * speedup says it. */
bool ps_model_falls(const struct ps_model *m);

/* From where on parallel pays, as one parameter of a workload varies. */
struct ps_crossovers {
    const char *title;
    struct ps_grid grid;
    struct ps_lines lines; /* what its marks mean, and why there is none */
};
/* Those of the same workload and parameter as the result's grain of that index; returns the index
 * of the next. */
size_t ps_view_crossovers(const struct ps_view *v, size_t first, struct ps_crossovers *c);

/* What the marks in the grids mean, and why numbers are missing. */
struct ps_lines ps_view_notes(const struct ps_view *v);
/* Whether the id is among those that the view is about. */
bool ps_view_shows(const struct ps_view *v, const char *id);
/* "Scripted CPU, 4 cores, 8 CPUs (2 threads a core)": as much of the machine as fits in a line. */
const char *ps_view_machine(const struct ps_view *v);
/* Whether the finding is told at the head, before any figure. */
bool ps_view_is_head(const struct ps_finding *f);
/* How the measurement ended. */
const char *ps_view_ending(const struct ps_view *v);

/* The heads of all columns that grids of a result can have, "in-\nstructions"; those of events and
 * of what workloads measure themselves are their names. */
ps_heads_fn ps_view_heads;
/* Of each module. */
ps_heads_fn ps_key_heads, ps_column_heads, ps_stack_heads, ps_crossover_heads, ps_diagnosis_heads,
    ps_region_heads, ps_cpu_use_heads;

#endif
