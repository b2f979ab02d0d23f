#include "losses.h"

#include "text.h"

static void add_line(struct lines *l, const struct line *x, double weight)
{
    size_t i = 0;

    while (i < l->count &&
           !(l->lines[i].line == x->line && ps_text_same(l->lines[i].function, x->function)))
        i++;
    if (!x->file || i == LINES_MOST)
        return;
    if (i == l->count)
        l->lines[l->count++] = (struct line){x->function, x->file, x->line, 0};
    l->lines[i].weight += weight;
}

static const struct line *heaviest(const struct lines *l)
{
    const struct line *most = l->count ? &l->lines[0] : NULL;

    for (size_t i = 1; i < l->count; i++)
        if (l->lines[i].weight > most->weight)
            most = &l->lines[i];
    return most;
}

static void weigh(struct row *r, const struct place_of *at, double weight)
{
    const struct ps_place *p = &at->place;

    add_line(&r->own, &(struct line){NULL, p->file, p->line, 0}, weight);
    add_line(&r->calls, &(struct line){p->caller, p->caller_file, p->caller_line, 0}, weight);
    add_line(&r->regions, &(struct line){NULL, p->region, at->region_number, 0}, weight);
    r->weight += weight;
}

void lines_add(struct lines *to, const struct lines *from)
{
    for (size_t i = 0; i < from->count; i++)
        add_line(to, &from->lines[i], from->lines[i].weight);
}

static bool same_waiter(const struct ps_place *a, const struct ps_place *b)
{
    return a && b ? ps_place_same(a, b) : a == b;
}

static struct row *find_row(const struct rows *r, const struct loss *x)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->rows[i].part == x->part && r->rows[i].kind == x->kind &&
            ps_text_same(r->rows[i].object, x->object) &&
            ps_place_same(&r->rows[i].at.place, &x->at->place) &&
            same_waiter(r->rows[i].waiter, x->waiter))
            return &r->rows[i];
    return NULL;
}

static struct ps_place *copy_place(struct ps_arena *a, const struct ps_place *p)
{
    struct ps_place *copy = p ? ps_arena_alloc(a, sizeof *copy) : NULL;

    if (copy)
        *copy = *p;
    return copy;
}

struct row *rows_loss(struct rows *r, const struct loss *x, double weight)
{
    struct row *found = find_row(r, x);

    if (!found && r->count < ROWS_MOST) {
        r->rows = ps_arena_grow(r->arena, r->rows, r->count, sizeof *r->rows);
        found = &r->rows[r->count++];
        *found = (struct row){.at = *x->at,
                              .kind = x->kind,
                              .part = x->part,
                              .object = x->object ? ps_arena_copy(r->arena, x->object) : NULL,
                              .waiter = copy_place(r->arena, x->waiter)};
    }
    if (found)
        weigh(found, x->at, weight);
    return found;
}

struct row *rows_code(struct rows *r, const struct place_of *at, double weight)
{
    return rows_loss(r, &(struct loss){.at = at}, weight);
}

void row_hold(struct row *r, struct ps_arena *a, const struct place_of *holder, double weight)
{
    if (!r->held) {
        r->held = ps_arena_alloc(a, sizeof *r->held);
        *r->held = (struct rows){.arena = a};
    }
    rows_code(r->held, holder, weight);
}

struct ps_place row_place(const struct row *r)
{
    const struct line *own = heaviest(&r->own), *call = heaviest(&r->calls);
    const struct line *region = heaviest(&r->regions);
    struct ps_place p = r->at.place;

    if (own) {
        p.file = own->file;
        p.line = own->line;
    }
    if (call) {
        p.caller = call->function;
        p.caller_file = call->file;
        p.caller_line = call->line;
    }
    p.region = region && region->weight > r->weight / 2 ? region->file : NULL;
    return p;
}
