#include "grid.h"

#include <string.h>

#include "text.h"

#define GAP       2
#define LABEL_MAX 24 /* columns that the first key may take where others need the room */
#define KEY_MAX   12 /* and the other keys; at most three of them */

void ps_grid_init(struct ps_grid *g, struct ps_arena *a, size_t rows)
{
    *g = (struct ps_grid){.arena = a, .row_count = rows};
}

static size_t add(struct ps_grid *g, struct ps_grid_column column)
{
    size_t i = g->column_count;

    g->columns = ps_arena_grow(g->arena, g->columns, i, sizeof *g->columns);
    g->columns[i] = column;
    g->column_count++;
    return i;
}

size_t ps_grid_key(struct ps_grid *g, const char *head, bool left)
{
    g->keys++;
    return add(g, (struct ps_grid_column){.head = head, .title = head, .left = left});
}

size_t ps_grid_column(struct ps_grid *g, const char *head, const char *title, size_t block)
{
    return add(g, (struct ps_grid_column){.head = head, .title = title, .block = block});
}

void ps_grid_heads(struct ps_grid *g, const struct ps_grid_head *heads, size_t count)
{
    ps_grid_key(g, heads[0].head, heads[0].left);
    for (size_t i = 1; i < count; i++) {
        const char *title = heads[i].title ? heads[i].title : heads[i].head;

        g->columns[ps_grid_column(g, heads[i].head, title, heads[i].block)].left = heads[i].left;
    }
    ps_grid_start(g);
}

void ps_grid_each_head(const struct ps_grid_head *heads, size_t count, ps_head_fn *each, void *arg)
{
    for (size_t i = 0; i < count; i++)
        each(arg, heads[i].head);
}

void ps_grid_start(struct ps_grid *g)
{
    size_t row_size = g->column_count * sizeof *g->cells;

    g->cells = ps_arena_array(g->arena, g->row_count, row_size);
}

void ps_grid_cell(struct ps_grid *g, size_t row, size_t column, const char *text)
{
    g->cells[row * g->column_count + column] = text;
    g->columns[column].used = true;
}

const char *ps_grid_text(const struct ps_grid *g, size_t row, size_t column)
{
    return g->cells[row * g->column_count + column];
}

/* Where a second line may begin: after a space, or within a name after its punctuation. */
static const char *next_break(const char *text)
{
    const char *at = strpbrk(text, " _.:-/");

    return at ? at + 1 : NULL;
}

const char *ps_grid_fold(struct ps_arena *a, const char *text)
{
    size_t all = ps_columns(text), best = all, head;
    const char *fold = NULL;

    for (const char *at = next_break(text); at && *at; at = next_break(at)) {
        size_t tail = ps_columns(at), wide;

        head = all - tail - (at[-1] == ' ');
        wide = head > tail ? head : tail;
        if (wide < best) {
            best = wide;
            fold = at;
        }
    }
    if (!fold)
        return text;
    head = (size_t)(fold - text) - (fold[-1] == ' ');
    return ps_arena_format(a, "%.*s\n%s", (int)head, text, fold);
}

/* The upper (0) or lower (1) line of a head; one-line heads stand on the lower. */
static const char *head_line(struct ps_grid *g, const struct ps_grid_column *c, size_t line)
{
    const char *fold = strchr(c->head, '\n');

    if (line == 1)
        return fold ? fold + 1 : c->head;
    return fold ? ps_arena_format(g->arena, "%.*s", (int)(fold - c->head), c->head) : "";
}

static void widen(struct ps_grid_column *c, const char *text)
{
    size_t width = text ? ps_columns(text) : 0;

    if (width > c->width)
        c->width = width;
}

static void measure(struct ps_grid *g)
{
    for (size_t i = 0; i < g->column_count; i++) {
        struct ps_grid_column *c = &g->columns[i];

        widen(c, head_line(g, c, 0));
        widen(c, head_line(g, c, 1));
        for (size_t row = 0; row < g->row_count; row++)
            widen(c, ps_grid_text(g, row, i));
    }
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Columns that the used ones of from .. end-1 take, each with the gap before it. */
static size_t span(const struct ps_grid *g, size_t from, size_t end)
{
    size_t width = 0;

    for (size_t i = from; i < end; i++)
        if (g->columns[i].used)
            width += g->columns[i].width + GAP;
    return width;
}

/* What the keys leave to the other columns, each with the gap before it: without keys the first
 * has none. */
static size_t room(const struct ps_grid *g)
{
    if (!g->keys)
        return PS_GRID_COLUMNS + GAP;
    return PS_GRID_COLUMNS - smaller(g->columns[0].width, LABEL_MAX) - span(g, 1, g->keys);
}

/* Makes every column fit beside the keys, of which the first may have to give way. */
static void limit(struct ps_grid *g)
{
    for (size_t i = 1; i < g->keys; i++)
        g->columns[i].width = smaller(g->columns[i].width, KEY_MAX);
    for (size_t i = g->keys; i < g->column_count; i++)
        g->columns[i].width = smaller(g->columns[i].width, room(g) - GAP);
}

/* The end of the columns of the block that begins with `from`. */
static size_t block_end(const struct ps_grid *g, size_t from, size_t block)
{
    size_t width = 0, i;

    for (i = from; i < g->column_count; i++) {
        width += span(g, i, i + 1);
        if (g->columns[i].used && (g->columns[i].block > block || width > room(g)))
            break;
    }
    return i;
}

static void trim(struct ps_str *s)
{
    while (s->length && s->text[s->length - 1] == ' ')
        s->text[--s->length] = 0;
}

/* Cells of one line; text(g, i) per column. A NULL cell is empty. */
static void print_line(struct ps_grid *g, const char *const *cells, size_t from, size_t end,
                       struct ps_str *out)
{
    size_t printed = 0;

    for (size_t i = g->keys ? 0 : from; i < end; i = i + 1 == g->keys ? from : i + 1) {
        const struct ps_grid_column *c = &g->columns[i];
        const char *text = cells[i] ? cells[i] : "";

        if (!c->used)
            continue;
        if (printed++)
            ps_str_add(out, "  ");
        ps_str_pad(out, ps_text_shorten(g->arena, text, c->width),
                   c->left ? (int)c->width : -(int)c->width);
    }
    trim(out);
}

static void print_heads(struct ps_grid *g, size_t from, size_t end, bool bold, struct ps_str *out)
{
    const char **cells = ps_arena_array(g->arena, g->column_count, sizeof *cells);

    for (size_t line = 0; line < 2; line++) {
        bool empty = true;

        for (size_t i = 0; i < end; i++) {
            cells[i] = head_line(g, &g->columns[i], line);
            if (*cells[i] && g->columns[i].used && (i < g->keys || i >= from))
                empty = false;
        }
        if (empty)
            continue;
        ps_str_add(out, bold ? "\033[1m" : "");
        print_line(g, cells, from, end, out);
        ps_str_add(out, bold ? "\033[0m\n" : "\n");
    }
}

static bool has_cells(const struct ps_grid *g, size_t row, size_t from, size_t end)
{
    for (size_t i = from; i < end; i++)
        if (ps_grid_text(g, row, i))
            return true;
    return false;
}

/* above: the first key of the row above, NULL at the top. */
static void print_row(struct ps_grid *g, size_t row, const char *above, size_t from, size_t end,
                      struct ps_str *out)
{
    const char **cells = g->cells + row * g->column_count;
    const char *label = g->keys ? cells[0] : NULL;

    if (g->grouped && label && above && !strcmp(label, above)) {
        cells[0] = NULL;
    } else if (label && ps_columns(label) > g->columns[0].width) {
        ps_str_addf(out, "%s\n", ps_text_shorten(g->arena, label, PS_GRID_COLUMNS));
        cells[0] = NULL;
    }
    print_line(g, cells, from, end, out);
    ps_str_add(out, "\n");
    if (label)
        cells[0] = label;
}

/* The first key takes what the others leave. */
static void print_block(struct ps_grid *g, size_t from, size_t end, bool bold, struct ps_str *out)
{
    size_t width = g->columns[0].width, rest = span(g, 1, g->keys) + span(g, from, end);
    const char *above = NULL;

    if (g->keys)
        g->columns[0].width = smaller(width, PS_GRID_COLUMNS - rest);
    print_heads(g, from, end, bold, out);
    for (size_t row = 0; row < g->row_count; row++) {
        if (from != g->keys && !has_cells(g, row, from, end))
            continue;
        print_row(g, row, above, from, end, out);
        above = ps_grid_text(g, row, 0);
    }
    g->columns[0].width = width;
}

void ps_grid_print(struct ps_grid *g, bool bold, struct ps_str *out)
{
    size_t from = g->keys, end;

    if (!g->column_count)
        return; /* one point, of which nothing is known */
    measure(g);
    limit(g);
    for (size_t block = 0; from < g->column_count || !block; block++) {
        end = block_end(g, from, block);
        if (!block || span(g, from, end)) {
            ps_str_add(out, block ? "\n" : "");
            print_block(g, from, end, bold, out);
        }
        from = end;
    }
}
