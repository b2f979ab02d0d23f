/* A table of text that always fits: columns that do not fit beside the others go to a further block
 * of rows that repeats the key columns, and a first cell that is too long gets a line of its own.
 */
#ifndef PS_REPORT_GRID_H
#define PS_REPORT_GRID_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "str.h"

#define PS_GRID_COLUMNS 80

struct ps_grid_column {
    const char *head;  /* one or two lines, separated by '\n' */
    const char *title; /* the head where there is room: in one line, in full words */
    bool left;         /* aligned to the left */
    bool label;        /* the cells are texts that the user gave */
    size_t block;      /* the first block that it may stand in */
    bool used;         /* has a cell with text; unused columns are left out */
    size_t width;
};

struct ps_grid {
    struct ps_arena *arena;
    size_t keys;  /* leading columns that every block repeats, one at least */
    bool grouped; /* rows with the same first key stand together, and only the first shows it */
    struct ps_grid_column *columns;
    size_t column_count;
    const char **cells; /* rows x columns, NULL: empty */
    size_t row_count;
};

void ps_grid_init(struct ps_grid *g, struct ps_arena *a, size_t rows);
/* Both return the column's index. Keys come before other columns, columns before cells. */
size_t ps_grid_key(struct ps_grid *g, const char *head, bool left);
size_t ps_grid_column(struct ps_grid *g, const char *head, const char *title, size_t block);
/* A grid whose columns are always the same: the first is the key. */
struct ps_grid_head {
    const char *head, *title; /* title NULL: the head is in full words */
    size_t block;
    bool left;
};
void ps_grid_heads(struct ps_grid *g, const struct ps_grid_head *heads, size_t count);
void ps_grid_start(struct ps_grid *g); /* between columns and cells */
void ps_grid_cell(struct ps_grid *g, size_t row, size_t column, const char *text);
/* NULL: empty. */
const char *ps_grid_text(const struct ps_grid *g, size_t row, size_t column);
/* The text in two lines, as narrow as words and the parts of a name allow: for heads. */
const char *ps_grid_fold(struct ps_arena *a, const char *text);
/* bold: heads in bold type. */
void ps_grid_print(struct ps_grid *g, bool bold, struct ps_str *out);

/* For those who explain heads, "in-\nstructions". */
typedef void ps_head_fn(void *arg, const char *head);
typedef void ps_heads_fn(ps_head_fn *each, void *arg);
void ps_grid_each_head(const struct ps_grid_head *heads, size_t count, ps_head_fn *each, void *arg);

#endif
