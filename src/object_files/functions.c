#include "functions.h"

#include <dwarf.h>
#include <stdbool.h>
#include <stdlib.h>

#include "elfutils.h"

#define MOST_DEPTH 64
#define MOST_SPANS ((size_t)1 << 24)

struct ps_span {
    uint64_t start, end;
    uint64_t what; /* index of a unit, or offset of a function */
};

struct ps_unit {
    Dwarf_Off die;
    bool walked;
    struct ps_span *spans; /* of its functions */
    size_t count;
};

struct spans {
    struct ps_span *items;
    size_t count, room;
};

static bool add(struct spans *s, uint64_t start, uint64_t end, uint64_t what)
{
    /* What the linker threw away is left at address 0. */
    if (!start || start >= end || s->count == MOST_SPANS)
        return true;
    if (s->count == s->room) {
        size_t room = s->room ? 2 * s->room : 16;
        struct ps_span *items = realloc(s->items, room * sizeof *items);

        if (!items)
            return false;
        s->items = items;
        s->room = room;
    }
    s->items[s->count++] = (struct ps_span){start, end, what};
    return true;
}

static void add_ranges(struct spans *s, Dwarf_Die *die, uint64_t what)
{
    Dwarf_Addr base, start, end;
    ptrdiff_t at = 0;

    for (size_t i = 0; i < MOST_SPANS; i++) {
        at = ps_elfutils()->dwarf_ranges(die, at, &base, &start, &end);
        if (at <= 0 || !add(s, start, end, what))
            return;
    }
}

static int by_start(const void *a, const void *b)
{
    const struct ps_span *x = a, *y = b;

    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return (x->what > y->what) - (x->what < y->what);
}

static void sort(struct spans *s)
{
    if (s->count)
        qsort(s->items, s->count, sizeof *s->items, by_start);
}

/* The one that begins last of those at or before the address, where it is in there. */
static const struct ps_span *find(const struct ps_span *spans, size_t count, uint64_t address)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (spans[middle].start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    /* A few back: one may lie within another. */
    for (size_t i = low; i > 0 && low - i < 8; i--)
        if (address < spans[i - 1].end)
            return &spans[i - 1];
    return NULL;
}

void ps_functions_load(struct ps_functions *f, Dwarf *dwarf)
{
    struct spans s = {0};
    Dwarf_Off at = 0, next;
    size_t header, room = 0;

    *f = (struct ps_functions){.dwarf = dwarf};
    for (; dwarf && !ps_elfutils()->dwarf_nextcu(dwarf, at, &next, &header, NULL, NULL, NULL) &&
           next > at;
         at = next) {
        Dwarf_Die die;

        if (!ps_elfutils()->dwarf_offdie(dwarf, at + header, &die))
            continue;
        if (f->unit_count == room) {
            struct ps_unit *units = realloc(f->units, (room = 2 * room + 16) * sizeof *units);

            if (!units)
                break;
            f->units = units;
        }
        f->units[f->unit_count] = (struct ps_unit){.die = ps_elfutils()->dwarf_dieoffset(&die)};
        add_ranges(&s, &die, f->unit_count++);
    }
    sort(&s);
    f->spans = s.items;
    f->span_count = s.count;
}

void ps_functions_free(struct ps_functions *f)
{
    for (size_t i = 0; i < f->unit_count; i++)
        free(f->units[i].spans);
    free(f->units);
    free(f->spans);
    *f = (struct ps_functions){0};
}

/* A walk visits an entry only where it lies behind all that were visited: in a broken file, where
 * entries point at each other, it ends as well. */
struct walk {
    struct spans spans;
    Dwarf_Off furthest;
};

static bool step_to(struct walk *w, Dwarf_Die *die)
{
    Dwarf_Off at = ps_elfutils()->dwarf_dieoffset(die);

    if (at <= w->furthest)
        return false;
    w->furthest = at;
    return true;
}

static bool holds_functions(int tag)
{
    return tag == DW_TAG_namespace || tag == DW_TAG_module || tag == DW_TAG_class_type ||
           tag == DW_TAG_structure_type || tag == DW_TAG_subprogram || tag == DW_TAG_lexical_block;
}

static void walk(struct walk *w, Dwarf_Die *parent, int depth)
{
    Dwarf_Die die;

    if (depth == MOST_DEPTH || ps_elfutils()->dwarf_child(parent, &die))
        return;
    while (step_to(w, &die)) {
        int tag = ps_elfutils()->dwarf_tag(&die);

        if (tag == DW_TAG_subprogram)
            add_ranges(&w->spans, &die, ps_elfutils()->dwarf_dieoffset(&die));
        if (holds_functions(tag))
            walk(w, &die, depth + 1);
        if (ps_elfutils()->dwarf_siblingof(&die, &die))
            return;
    }
}

static void walk_unit(struct ps_functions *f, struct ps_unit *u, Dwarf_Die *die)
{
    struct walk w = {.furthest = u->die};

    u->walked = true;
    walk(&w, die, 0);
    sort(&w.spans);
    u->spans = w.spans.items;
    u->count = w.spans.count;
}

/* The entry below the parent that has the address and is a block or was inlined. */
static bool inner(struct walk *w, Dwarf_Die *parent, uint64_t address, Dwarf_Die *found)
{
    if (ps_elfutils()->dwarf_child(parent, found))
        return false;
    while (step_to(w, found)) {
        int tag = ps_elfutils()->dwarf_tag(found);

        if ((tag == DW_TAG_inlined_subroutine || tag == DW_TAG_lexical_block) &&
            ps_elfutils()->dwarf_haspc(found, address) == 1)
            return true;
        if (ps_elfutils()->dwarf_siblingof(found, found))
            return false;
    }
    return false;
}

void ps_functions_find(struct ps_functions *f, uint64_t address, struct ps_function_chain *c)
{
    const struct ps_span *span = find(f->spans, f->span_count, address);
    struct ps_unit *u = span ? &f->units[span->what] : NULL;
    struct walk w = {0};
    Dwarf_Die die;

    c->count = 0;
    if (!u || !ps_elfutils()->dwarf_offdie(f->dwarf, u->die, &c->unit))
        return;
    if (!u->walked)
        walk_unit(f, u, &c->unit);
    span = find(u->spans, u->count, address);
    if (!span || !ps_elfutils()->dwarf_offdie(f->dwarf, span->what, &die))
        return;
    c->scopes[c->count++] = die;
    w.furthest = span->what;
    for (int depth = 0; depth < MOST_DEPTH && c->count < PS_FUNCTIONS_DEPTH; depth++) {
        Dwarf_Die below;

        if (!inner(&w, &die, address, &below))
            return;
        die = below;
        if (ps_elfutils()->dwarf_tag(&die) == DW_TAG_inlined_subroutine)
            c->scopes[c->count++] = die;
    }
}

const char *ps_function_name(Dwarf_Die *die)
{
    Dwarf_Attribute attr;
    const char *name = NULL;

    if (ps_elfutils()->dwarf_attr_integrate(die, DW_AT_linkage_name, &attr) ||
        ps_elfutils()->dwarf_attr_integrate(die, DW_AT_MIPS_linkage_name, &attr))
        name = ps_elfutils()->dwarf_formstring(&attr);
    return name ? name : ps_elfutils()->dwarf_diename(die);
}

const char *ps_function_line(const struct ps_function_chain *c, uint64_t address, unsigned *line)
{
    Dwarf_Die unit = c->unit;
    Dwarf_Line *row = ps_elfutils()->dwarf_getsrc_die(&unit, address);
    int number = 0;

    if (!row || ps_elfutils()->dwarf_lineno(row, &number) || number <= 0)
        return NULL;
    *line = (unsigned)number;
    return ps_elfutils()->dwarf_linesrc(row, NULL, NULL);
}

static Dwarf_Word number_of(const Dwarf_Die *die, unsigned name)
{
    Dwarf_Attribute attr;
    Dwarf_Die copy = *die;
    Dwarf_Word value = 0;

    if (!ps_elfutils()->dwarf_attr(&copy, name, &attr) ||
        ps_elfutils()->dwarf_formudata(&attr, &value))
        return 0;
    return value;
}

const char *ps_function_call(const struct ps_function_chain *c, size_t scope, unsigned *line)
{
    Dwarf_Word file = number_of(&c->scopes[scope], DW_AT_call_file);
    Dwarf_Die unit = c->unit;
    Dwarf_Files *files;
    size_t count;

    *line = (unsigned)number_of(&c->scopes[scope], DW_AT_call_line);
    if (ps_elfutils()->dwarf_getsrcfiles(&unit, &files, &count) || file >= count)
        return NULL;
    return ps_elfutils()->dwarf_filesrc(files, file, NULL, NULL);
}
