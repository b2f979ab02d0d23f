#include "debug_file.h"

#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "elfutils.h"

#define MOST_ID   64
#define MOST_FILE ((off_t)4 << 30) /* of one without build ID, all of which must be read */

struct wanted {
    const unsigned char *id; /* NULL: none, the checksum decides */
    size_t id_size;
    uint32_t crc;
};

static int open_regular(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;

    if (fd >= 0 && (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size > MOST_FILE)) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool same_id(int fd, const struct wanted *w)
{
    Elf *elf = ps_elfutils()->elf_begin(fd, ELF_C_READ, NULL);
    const void *id = NULL;
    ssize_t size = elf ? ps_elfutils()->dwelf_elf_gnu_build_id(elf, &id) : 0;
    bool same = size > 0 && (size_t)size == w->id_size && !memcmp(id, w->id, w->id_size);

    ps_elfutils()->elf_end(elf);
    return same;
}

/* CRC-32 as in zlib, four bits at a time. */
static bool same_checksum(int fd, const struct wanted *w)
{
    static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                       0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                       0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                       0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    unsigned char part[65536];
    uint32_t crc = ~0u;
    ssize_t got;

    while ((got = read(fd, part, sizeof part)) > 0)
        for (ssize_t i = 0; i < got; i++) {
            crc ^= part[i];
            crc = crc >> 4 ^ table[crc & 15];
            crc = crc >> 4 ^ table[crc & 15];
        }
    return !got && ~crc == w->crc && lseek(fd, 0, SEEK_SET) == 0;
}

/* The descriptor where it is the wanted file; then *found is the path, from malloc(). */
static int try_file(const char *path, const struct wanted *w, char **found)
{
    int fd = open_regular(path);

    if (fd < 0)
        return -1;
    if ((w->id ? same_id(fd, w) : same_checksum(fd, w)) && (*found = strdup(path)))
        return fd;
    close(fd);
    return -1;
}

static int find_by_id(const struct wanted *w, char **found)
{
    const char *cache = getenv("DEBUGINFOD_CACHE_PATH"), *xdg = getenv("XDG_CACHE_HOME"),
               *home = getenv("HOME");
    char hex[2 * MOST_ID + 1], path[PATH_MAX];
    int fd;

    for (size_t i = 0; i < w->id_size; i++)
        snprintf(hex + 2 * i, 3, "%02x", w->id[i]);
    snprintf(path, sizeof path, "/usr/lib/debug/.build-id/%.2s/%s.debug", hex, hex + 2);
    fd = try_file(path, w, found);
    if (fd >= 0)
        return fd;
    if (cache && *cache)
        snprintf(path, sizeof path, "%s/%s/debuginfo", cache, hex);
    else if (xdg && *xdg)
        snprintf(path, sizeof path, "%s/debuginfod_client/%s/debuginfo", xdg, hex);
    else if (home && *home)
        snprintf(path, sizeof path, "%s/.cache/debuginfod_client/%s/debuginfo", home, hex);
    else
        return -1;
    return try_file(path, w, found);
}

static int find_by_link(const char *folder, const char *link, const struct wanted *w, char **found)
{
    static const char *const places[] = {"%s/.debug/%s", "/usr/lib/debug%s/%s", "%s/%s"};
    char path[PATH_MAX];
    int fd = -1;

    for (size_t i = 0; i < sizeof places / sizeof *places && fd < 0; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        int length = snprintf(path, sizeof path, places[i], folder, link);
#pragma GCC diagnostic pop

        if (length > 0 && (size_t)length < sizeof path)
            fd = try_file(path, w, found);
    }
    return fd;
}

int ps_debug_file_find(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base,
                       const char *path, const char *link, GElf_Word crc, char **found)
{
    struct wanted w = {.crc = crc};
    GElf_Addr at;
    int size = ps_elfutils()->dwfl_module_build_id(module, &w.id, &at), fd = -1;
    char *whole;

    /* A path is that of a supplementary file, which libdw finds by itself. */
    if (link && strchr(link, '/'))
        return -1;
    if (size > 2 && size <= MOST_ID) {
        w.id_size = (size_t)size;
        fd = find_by_id(&w, found);
    } else {
        w.id = NULL;
    }
    whole = fd < 0 && link && path ? realpath(path, NULL) : NULL;
    if (whole)
        fd = find_by_link(dirname(whole), link, &w, found);
    free(whole);
    return fd;
}
