#include "losses.h"

#include "text.h"

static void add_line(struct lines *l, const char *file, unsigned line, double weight)
{
    size_t i = 0;

    while (i < l->count && l->lines[i].line != line)
        i++;
    if (!file || i == LINES_MOST)
        return;
    if (i == l->count)
        l->lines[l->count++] = (struct line){file, line, 0};
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

static void weigh(struct row *r, const struct ps_place *p, double weight)
{
    add_line(&r->own, p->file, p->line, weight);
    add_line(&r->calls, p->caller_file, p->caller_line, weight);
}

static struct row *find_row(const struct rows *r, enum ps_loss_kind kind,
                            const struct ps_place *place, const char *object)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->rows[i].kind == kind && ps_text_same(r->rows[i].object, object) &&
            ps_place_same(&r->rows[i].at.place, place))
            return &r->rows[i];
    return NULL;
}

struct row *rows_loss(struct rows *r, enum ps_loss_kind kind, const struct place_of *at,
                      const char *object, double weight)
{
    struct row *found = find_row(r, kind, &at->place, object);

    if (!found && r->count < ROWS_MOST) {
        r->rows = ps_arena_grow(r->arena, r->rows, r->count, sizeof *r->rows);
        found = &r->rows[r->count++];
        *found = (struct row){
            .at = *at, .kind = kind, .object = object ? ps_arena_copy(r->arena, object) : NULL};
    }
    if (found)
        weigh(found, &at->place, weight);
    return found;
}

struct row *rows_code(struct rows *r, const struct place_of *at, double weight)
{
    return rows_loss(r, (enum ps_loss_kind)0, at, NULL, weight);
}

struct ps_place row_place(const struct row *r)
{
    const struct line *own = heaviest(&r->own), *call = heaviest(&r->calls);
    struct ps_place p = r->at.place;

    if (own) {
        p.file = own->file;
        p.line = own->line;
    }
    if (call) {
        p.caller_file = call->file;
        p.caller_line = call->line;
    }
    return p;
}
