#include <string.h>

#include "elfutils.h"
#include "places.h"

#define CALL 6 /* bytes of the longest that is known, FF 15 and a distance */
#define STUB 16

static uint64_t distance_at(const unsigned char *bytes)
{
    int32_t x;

    memcpy(&x, bytes, sizeof x);
    return (uint64_t)(int64_t)x;
}

/* What the loader puts into a slot, and the section with the symbols that it may be of. */
struct relocation {
    GElf_Rela entry;
    GElf_Shdr section;
    Elf *elf;
};

static bool find_in(Elf_Scn *section, uint64_t slot, struct relocation *r)
{
    Elf_Data *data;

    if (!ps_elfutils()->gelf_getshdr(section, &r->section) || r->section.sh_type != SHT_RELA)
        return false;
    data = ps_elfutils()->elf_getdata(section, NULL);
    for (int i = 0; data && ps_elfutils()->gelf_getrela(data, i, &r->entry); i++)
        if (r->entry.r_offset == slot)
            return true;
    return false;
}

static bool find_relocation(const struct ps_object *o, uint64_t slot, struct relocation *r)
{
    GElf_Addr bias;

    r->elf = ps_elfutils()->dwfl_module_getelf(o->module, &bias);
    for (Elf_Scn *s = NULL; r->elf && (s = ps_elfutils()->elf_nextscn(r->elf, s));)
        if (find_in(s, slot, r))
            return true;
    return false;
}

/* Of the object's own function whose address the loader puts there; 0: of none. */
static uint64_t start_of_slot(const struct ps_object *o, uint64_t slot)
{
    struct relocation r;

    return find_relocation(o, slot, &r) && GELF_R_TYPE(r.entry.r_info) == R_X86_64_RELATIVE
               ? (uint64_t)r.entry.r_addend
               : 0;
}

/* Of the function whose address the loader puts there. */
static const char *name_of_slot(const struct ps_object *o, uint64_t slot)
{
    struct relocation r;
    Elf_Scn *symbols;
    GElf_Shdr of;
    GElf_Sym sym;

    if (!find_relocation(o, slot, &r))
        return NULL;
    symbols = ps_elfutils()->elf_getscn(r.elf, r.section.sh_link);
    if (!symbols || !ps_elfutils()->gelf_getshdr(symbols, &of) ||
        !ps_elfutils()->gelf_getsym(ps_elfutils()->elf_getdata(symbols, NULL),
                                    (int)GELF_R_SYM(r.entry.r_info), &sym))
        return NULL;
    return ps_elfutils()->elf_strptr(r.elf, of.sh_link, sym.st_name);
}

/* The stub of a procedure linkage table: [endbr64] [bnd] jmp *slot(%rip). 0: it is none. */
static uint64_t slot_of_stub(const struct ps_object *o, uint64_t address)
{
    static const unsigned char endbr[] = {0xf3, 0x0f, 0x1e, 0xfa};
    const unsigned char *bytes = ps_object_code(o, address, STUB);
    size_t at = bytes && !memcmp(bytes, endbr, sizeof endbr) ? sizeof endbr : 0;

    if (!bytes)
        return 0;
    at += bytes[at] == 0xf2;
    if (bytes[at] != 0xff || bytes[at + 1] != 0x25)
        return 0;
    return address + at + 6 + distance_at(bytes + at + 2);
}

/* Of the call that returns to an address. */
static const char *look(const struct ps_object *o, uint64_t back)
{
    const unsigned char *bytes = ps_object_code(o, back - CALL, CALL);
    uint64_t to, slot = 0;

    if (!bytes)
        return NULL;
    to = back + distance_at(bytes + 2);
    if (bytes[0] == 0xff && bytes[1] == 0x15)
        slot = to;
    else if (bytes[1] == 0xe8)
        slot = slot_of_stub(o, to);
    return slot ? name_of_slot(o, slot) : NULL;
}

uint64_t ps_callee_start(const struct ps_object *o, uint64_t back)
{
    const unsigned char *bytes = ps_object_code(o, back - CALL, CALL);
    const uint64_t to = bytes ? back + distance_at(bytes + 2) : 0;

    if (bytes && bytes[1] == 0xe8)
        return to;
    return bytes && bytes[0] == 0xff && bytes[1] == 0x15 ? start_of_slot(o, to) : 0;
}

const char *ps_symbols_callee(struct ps_symbols *s, size_t space, const struct ps_frame *caller)
{
#ifdef __x86_64__
    const struct ps_place p = ps_place_of(s, space, caller->address - 1);
    struct ps_callee_seen *seen = &s->callees[p.address % PS_CALLEES_SEEN];

    if (!p.object || !p.object->native)
        return NULL;
    if (seen->object != p.object || seen->address != p.address) {
        const char *name = look(p.object, p.address + 1);

        *seen = (struct ps_callee_seen){p.object, p.address,
                                        name ? ps_readable_function(&s->names, name) : NULL};
    }
    return seen->name;
#else
    return NULL;
#endif
}
