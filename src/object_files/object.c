#include "object.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "debug_file.h"
#include "elfutils.h"

#define MOST_SEGMENTS 64
#define SPARE_FILES   64 /* descriptors that are left to everybody else */
#define MOST_VDSO     ((size_t)1 << 20)

#ifdef __aarch64__
#define NATIVE EM_AARCH64
#else
#define NATIVE EM_X86_64
#endif

struct ps_segment {
    uint64_t offset, size, address; /* of code, in the file */
};

struct ps_object *ps_object_new(const char *path, const char *shown, uint64_t device,
                                uint64_t inode)
{
    struct ps_object *o = calloc(1, sizeof *o);

    if (o) {
        o->path = path;
        o->shown = shown;
        o->device = device;
        o->inode = inode;
    }
    return o;
}

void ps_object_free(struct ps_object *o)
{
    ps_table_free(&o->chains, free);
    ps_cfi_free(&o->cfi);
    ps_functions_free(&o->functions);
    ps_symtab_free(&o->symtab);
    free(o->segments);
    ps_elfutils()->dwfl_end(o->dwfl);
    free(o);
}

/* Of the device nothing is asked: for overlay and btrfs it differs between what was mapped and what
 * is in a folder. */
static int open_same(const char *path, uint64_t inode)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;

    if (fd >= 0 && (fstat(fd, &st) || !S_ISREG(st.st_mode) || (inode && st.st_ino != inode))) {
        close(fd);
        return -1;
    }
    return fd;
}

/* The kernel's own object, out of this process, where it is the same. */
static int copy_vdso(void)
{
    const Elf64_Ehdr *e = (const void *)(uintptr_t)getauxval(AT_SYSINFO_EHDR);
    size_t size = e ? e->e_shoff + (size_t)e->e_shnum * e->e_shentsize : 0;
    int fd = size && size < MOST_VDSO ? memfd_create("vdso", MFD_CLOEXEC) : -1;

    if (fd >= 0 && write(fd, e, size) != (ssize_t)size) {
        close(fd);
        return -1;
    }
    return fd;
}

/* As the path says; in the file system of the process; what the process runs. */
static int open_file(const struct ps_object *o, pid_t pid)
{
    char path[PATH_MAX];
    int fd;

    if (!strcmp(o->path, "[vdso]"))
        return copy_vdso();
    if (o->path[0] != '/' || o->path[1] == '/')
        return -1;
    fd = open_same(o->path, o->inode);
    if (fd >= 0 || !o->inode)
        return fd;
    if (snprintf(path, sizeof path, "/proc/%d/root%s", (int)pid, o->path) < (int)sizeof path)
        fd = open_same(path, o->inode);
    if (fd < 0 && snprintf(path, sizeof path, "/proc/%d/exe", (int)pid) > 0)
        fd = open_same(path, o->inode);
    return fd;
}

static void find_segments(struct ps_object *o, Elf *elf)
{
    size_t count;

    if (ps_elfutils()->elf_getphdrnum(elf, &count))
        return;
    o->segments = calloc(MOST_SEGMENTS, sizeof *o->segments);
    for (size_t i = 0; o->segments && i < count && o->segment_count < MOST_SEGMENTS; i++) {
        GElf_Phdr p;

        if (ps_elfutils()->gelf_getphdr(elf, (int)i, &p) && p.p_type == PT_LOAD && p.p_flags & PF_X)
            o->segments[o->segment_count++] =
                (struct ps_segment){p.p_offset, p.p_filesz, p.p_vaddr};
    }
}

static bool is_native(Elf *elf)
{
    GElf_Ehdr header;

    return ps_elfutils()->gelf_getehdr(elf, &header) && header.e_machine == NATIVE &&
           header.e_ident[EI_CLASS] == ELFCLASS64;
}

static bool read_file(struct ps_object *o, int fd)
{
    GElf_Addr bias;
    Elf *elf;

    o->callbacks.find_elf = ps_elfutils()->dwfl_build_id_find_elf;
    o->callbacks.find_debuginfo = ps_debug_file_find;
    o->dwfl = ps_elfutils()->dwfl_begin(&o->callbacks);
    if (!o->dwfl)
        return false;
    ps_elfutils()->dwfl_report_begin(o->dwfl);
    o->module = ps_elfutils()->dwfl_report_elf(o->dwfl, o->shown, o->path, fd, 0, true);
    if (!o->module || ps_elfutils()->dwfl_report_end(o->dwfl, NULL, NULL))
        return false;
    elf = ps_elfutils()->dwfl_module_getelf(o->module, &bias);
    if (!elf || bias)
        return false;
    find_segments(o, elf);
    o->native = is_native(elf);
    return true;
}

static void read_tables(struct ps_object *o)
{
    Dwarf_Addr bias = 0;
    Dwarf *dwarf = ps_elfutils()->dwfl_module_getdwarf(o->module, &bias);

    ps_functions_load(&o->functions, dwarf);
    o->functions_bias = bias;
    ps_symtab_load(&o->symtab, o->module);
    o->cfi.tables[0] = ps_elfutils()->dwfl_module_eh_cfi(o->module, &bias);
    o->cfi.biases[0] = bias;
    o->cfi.tables[1] = ps_elfutils()->dwfl_module_dwarf_cfi(o->module, &bias);
    o->cfi.biases[1] = bias;
}

/* libdwfl keeps two for each file. */
static bool spared(int fd)
{
    struct rlimit limit;

    if (fd < 0)
        return false;
    if (!getrlimit(RLIMIT_NOFILE, &limit) && (rlim_t)fd + SPARE_FILES < limit.rlim_cur)
        return true;
    close(fd);
    return false;
}

bool ps_object_usable(struct ps_object *o, pid_t pid)
{
    int fd;

    if (o->looked)
        return o->usable;
    o->looked = true;
    fd = open_file(o, pid);
    if (!spared(fd))
        return false;
    o->usable = read_file(o, fd);
    if (!o->module)
        close(fd);
    if (o->usable)
        read_tables(o);
    return o->usable;
}

bool ps_object_address(const struct ps_object *o, uint64_t offset, uint64_t *address)
{
    for (size_t i = 0; i < o->segment_count; i++) {
        const struct ps_segment *s = &o->segments[i];

        if (offset >= s->offset && offset - s->offset < s->size) {
            *address = s->address + (offset - s->offset);
            return true;
        }
    }
    return false;
}

static const char *path_of(const char *raw, struct ps_readable *names)
{
    return raw ? ps_readable_path(names, raw) : NULL;
}

/* Of the part of the function that the address is in: compilers put what is seldom run elsewhere.
 * 0: it has no such part. */
static uint64_t part_start(struct ps_object *o, Dwarf_Die *die, uint64_t address)
{
    Dwarf_Addr base, start, end;
    ptrdiff_t at = 0;

    address -= o->functions_bias;
    while ((at = ps_elfutils()->dwarf_ranges(die, at, &base, &start, &end)) > 0)
        if (start <= address && address < end)
            return start + o->functions_bias;
    return 0;
}

/* The function's name by the symbol at its beginning, which has the suffixes of clones, else by the
 * debugging information. */
static void fill_function(struct ps_object *o, Dwarf_Die *die, uint64_t address, struct ps_frame *f,
                          struct ps_readable *names)
{
    const struct ps_symbol *symbol = NULL;
    const char *name = ps_function_name(die);
    Dwarf_Addr entry;

    f->start = part_start(o, die, address);
    if (!ps_elfutils()->dwarf_entrypc(die, &entry))
        symbol = ps_symtab_find(&o->symtab, entry + o->functions_bias);
    if (symbol && symbol->start == entry + o->functions_bias &&
        !(name && !strncmp(symbol->name, "_R", 2)))
        name = symbol->name;
    f->function = name ? ps_readable_function(names, name) : NULL;
}

static void fill_chain(struct ps_object *o, uint64_t address, struct ps_function_chain *scopes,
                       struct ps_chain *chain, struct ps_readable *names)
{
    size_t count = scopes->count;
    const char *file, *name;

    for (size_t i = 0; i < count; i++) {
        struct ps_frame *f = &chain->frames[i];
        size_t scope = count - 1 - i; /* the outermost comes first there */

        file = i ? ps_function_call(scopes, scope + 1, &f->line)
                 : ps_function_line(scopes, address - o->functions_bias, &f->line);
        f->file = path_of(file, names);
        f->inlined = scope;
        if (!scope) {
            fill_function(o, &scopes->scopes[0], address, f, names);
            break;
        }
        name = ps_function_name(&scopes->scopes[scope]);
        f->function = name ? ps_readable_function(names, name) : NULL;
    }
}

static void fill_symbol(struct ps_object *o, uint64_t address, struct ps_frame *f,
                        struct ps_readable *names)
{
    const struct ps_symbol *symbol = ps_symtab_find(&o->symtab, address);

    if (!symbol)
        return;
    f->function = ps_readable_function(names, symbol->name);
    f->start = symbol->start;
}

static struct ps_chain *make_chain(struct ps_object *o, uint64_t address, struct ps_readable *names)
{
    struct ps_function_chain scopes;
    struct ps_chain *chain;
    size_t count;

    ps_functions_find(&o->functions, address - o->functions_bias, &scopes);
    count = scopes.count ? scopes.count : 1;
    chain = calloc(1, sizeof *chain + count * sizeof *chain->frames);
    if (!chain)
        return NULL;
    chain->count = count;
    if (scopes.count)
        fill_chain(o, address, &scopes, chain, names);
    else
        fill_symbol(o, address, chain->frames, names);
    return chain;
}

const struct ps_chain *ps_object_chain(struct ps_object *o, uint64_t address,
                                       struct ps_readable *names)
{
    struct ps_chain *chain = ps_table_get(&o->chains, address);

    if (chain)
        return chain;
    chain = make_chain(o, address, names);
    if (chain && ps_table_put(&o->chains, address, chain)) {
        free(chain);
        return NULL;
    }
    return chain;
}

const unsigned char *ps_object_bytes(const struct ps_object *o, uint64_t offset, size_t least,
                                     size_t most, size_t *size)
{
    GElf_Addr bias;
    Elf *elf = o->native ? ps_elfutils()->dwfl_module_getelf(o->module, &bias) : NULL;

    for (*size = most; elf && *size >= least && *size; *size /= 2) {
        const Elf_Data *d =
            ps_elfutils()->elf_getdata_rawchunk(elf, (int64_t)offset, *size, ELF_T_BYTE);

        if (d && d->d_buf && d->d_size == *size)
            return d->d_buf;
    }
    return NULL;
}

const unsigned char *ps_object_code(const struct ps_object *o, uint64_t address, size_t size)
{
    for (size_t i = 0; i < o->segment_count; i++) {
        const struct ps_segment *s = &o->segments[i];
        size_t got;

        if (address >= s->address && address - s->address < s->size)
            return ps_object_bytes(o, s->offset + (address - s->address), size, size, &got);
    }
    return NULL;
}
