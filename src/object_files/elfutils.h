/* elfutils' libdw and libelf, loaded when symbols are made: who only lists or measures starts a
 * sixth sooner without them. A function that is called is one row. */
#ifndef PS_ELFUTILS_H
#define PS_ELFUTILS_H

#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>
#include <elfutils/libdwfl.h>
#include <gelf.h>

#include "err.h"

#define PS_ELFUTILS_ROWS(ROW)        \
    ROW(dwarf_attr)                  \
    ROW(dwarf_attr_integrate)        \
    ROW(dwarf_cfi_addrframe)         \
    ROW(dwarf_child)                 \
    ROW(dwarf_diename)               \
    ROW(dwarf_dieoffset)             \
    ROW(dwarf_entrypc)               \
    ROW(dwarf_filesrc)               \
    ROW(dwarf_formstring)            \
    ROW(dwarf_formudata)             \
    ROW(dwarf_frame_cfa)             \
    ROW(dwarf_frame_info)            \
    ROW(dwarf_frame_register)        \
    ROW(dwarf_getsrc_die)            \
    ROW(dwarf_getsrcfiles)           \
    ROW(dwarf_haspc)                 \
    ROW(dwarf_lineno)                \
    ROW(dwarf_linesrc)               \
    ROW(dwarf_nextcu)                \
    ROW(dwarf_offdie)                \
    ROW(dwarf_ranges)                \
    ROW(dwarf_siblingof)             \
    ROW(dwarf_tag)                   \
    ROW(dwelf_elf_gnu_build_id)      \
    ROW(dwfl_begin)                  \
    ROW(dwfl_build_id_find_elf)      \
    ROW(dwfl_end)                    \
    ROW(dwfl_module_address_section) \
    ROW(dwfl_module_build_id)        \
    ROW(dwfl_module_dwarf_cfi)       \
    ROW(dwfl_module_eh_cfi)          \
    ROW(dwfl_module_getdwarf)        \
    ROW(dwfl_module_getelf)          \
    ROW(dwfl_module_getsym_info)     \
    ROW(dwfl_module_getsymtab)       \
    ROW(dwfl_report_begin)           \
    ROW(dwfl_report_elf)             \
    ROW(dwfl_report_end)             \
    ROW(elf_begin)                   \
    ROW(elf_end)                     \
    ROW(elf_getdata)                 \
    ROW(elf_getdata_rawchunk)        \
    ROW(elf_getphdrnum)              \
    ROW(elf_getscn)                  \
    ROW(elf_nextscn)                 \
    ROW(elf_strptr)                  \
    ROW(gelf_getehdr)                \
    ROW(gelf_getphdr)                \
    ROW(gelf_getrela)                \
    ROW(gelf_getshdr)                \
    ROW(gelf_getsym)

#define PS_ELFUTILS_MEMBER(name) __typeof__(name) *name;
struct ps_elfutils {
    PS_ELFUTILS_ROWS(PS_ELFUTILS_MEMBER)
};

/* Once for all threads, and for good. -ENOTSUP, with a text: they are not there. */
int ps_elfutils_load(struct ps_err *e);
/* After it was loaded. */
const struct ps_elfutils *ps_elfutils(void);

#endif
