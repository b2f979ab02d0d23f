#include "symtab.h"

#include <stdlib.h>
#include <string.h>

#include "elfutils.h"

/* The end of the section with code that the address is in; 0: it is in none. */
static uint64_t section_end(Dwfl_Module *module, uint64_t address)
{
    Dwarf_Addr at = address, bias;
    Elf_Scn *section = ps_elfutils()->dwfl_module_address_section(module, &at, &bias);
    GElf_Shdr header;

    if (!section || !ps_elfutils()->gelf_getshdr(section, &header) ||
        !(header.sh_flags & SHF_EXECINSTR))
        return 0;
    return header.sh_addr + bias + header.sh_size;
}

static bool take(struct ps_symbol *s, Dwfl_Module *module, int index)
{
    GElf_Sym sym;
    GElf_Addr address;
    const char *name =
        ps_elfutils()->dwfl_module_getsym_info(module, index, &sym, &address, NULL, NULL, NULL);
    int type = name ? GELF_ST_TYPE(sym.st_info) : STT_FILE;

    if (!name || !*name || sym.st_shndx == SHN_UNDEF ||
        (type != STT_FUNC && type != STT_GNU_IFUNC && type != STT_NOTYPE))
        return false;
    /* "$x" and the like mark code and data of ARM; ".L" are an assembler's. */
    if (type == STT_NOTYPE && (*name == '$' || *name == '.'))
        return false;
    *s = (struct ps_symbol){address, address + sym.st_size, name,
                            GELF_ST_BIND(sym.st_info) == STB_LOCAL};
    if (!sym.st_size || type == STT_NOTYPE) {
        uint64_t end = section_end(module, address);

        if (!end)
            return false;
        if (!sym.st_size)
            s->end = end;
    }
    return s->end > s->start;
}

/* Of several names of one function that comes first which people know: nanosleep, not __nanosleep.
 */
static int compare(const void *a, const void *b)
{
    const struct ps_symbol *x = a, *y = b;
    size_t under_x, under_y;

    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->local != y->local)
        return x->local ? 1 : -1;
    under_x = strspn(x->name, "_");
    under_y = strspn(y->name, "_");
    if (under_x != under_y)
        return under_x < under_y ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* One for each address; those of no size that is known end where the next begins. */
static void unify(struct ps_symtab *t)
{
    size_t kept = 0;

    for (size_t i = 0; i < t->count; i++) {
        if (kept && t->symbols[kept - 1].start == t->symbols[i].start)
            continue;
        if (kept && t->symbols[kept - 1].end > t->symbols[i].start)
            t->symbols[kept - 1].end = t->symbols[i].start;
        t->symbols[kept++] = t->symbols[i];
    }
    t->count = kept;
}

void ps_symtab_load(struct ps_symtab *t, Dwfl_Module *module)
{
    int count = ps_elfutils()->dwfl_module_getsymtab(module);

    *t = (struct ps_symtab){0};
    if (count <= 1)
        return;
    t->symbols = calloc((size_t)count, sizeof *t->symbols);
    if (!t->symbols)
        return;
    for (int i = 1; i < count; i++)
        if (take(&t->symbols[t->count], module, i))
            t->count++;
    qsort(t->symbols, t->count, sizeof *t->symbols, compare);
    unify(t);
}

void ps_symtab_free(struct ps_symtab *t)
{
    free(t->symbols);
    *t = (struct ps_symtab){0};
}

const struct ps_symbol *ps_symtab_find(const struct ps_symtab *t, uint64_t address)
{
    size_t low = 0, high = t->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (t->symbols[middle].start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low && address < t->symbols[low - 1].end ? &t->symbols[low - 1] : NULL;
}
