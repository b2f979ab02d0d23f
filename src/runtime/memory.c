#include "memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "homes.h"

#define PAGES_ASKED 1000 /* of each mapping */

/* A mapping; after it lies a page that nobody may touch, so that running over the end is noticed.
 */
struct ps_memory_block {
    struct ps_memory_block *next;
    char *start;
    size_t bytes;
};

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static char *map(size_t bytes, int flags)
{
    void *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);

    return start == MAP_FAILED ? NULL : start;
}

/* Mapped with its guard; the guard is a mapping of its own from then on. */
static char *map_guarded(size_t bytes)
{
    size_t page = page_size();
    char *start = map(bytes + page, MAP_PRIVATE);

    if (start && mprotect(start + bytes, page, PROT_NONE) < 0) {
        munmap(start, bytes + page);
        return NULL;
    }
    return start;
}

static void touch(const struct ps_memory *m, char *start, size_t bytes)
{
    if (m->homes)
        ps_homes_touch(m->homes, start, bytes);
}

/* Data end where the guard begins, to a line. */
static void *alloc(struct parscope_memory *abi, size_t bytes)
{
    struct ps_memory *m = (struct ps_memory *)abi;
    size_t page = page_size(), whole;
    struct ps_memory_block *b;

    if (bytes > SIZE_MAX / 2)
        return NULL;
    bytes = (bytes + PARSCOPE_LINE - 1) / PARSCOPE_LINE * PARSCOPE_LINE;
    whole = (bytes + page - 1) / page * page;
    b = malloc(sizeof *b);
    if (!b)
        return NULL;
    *b = (struct ps_memory_block){m->blocks, map_guarded(whole), whole};
    if (!b->start) {
        free(b);
        return NULL;
    }
    m->blocks = b;
    touch(m, b->start, whole);
    return b->start + (whole - bytes);
}

void ps_memory_init(struct ps_memory *m)
{
    *m = (struct ps_memory){{alloc}, NULL, NULL};
}

void ps_memory_finish(struct ps_memory *m)
{
    while (m->blocks) {
        struct ps_memory_block *b = m->blocks;

        m->blocks = b->next;
        munmap(b->start, b->bytes + page_size());
        free(b);
    }
}

/* The new mapping is filled aside and then moved into the place of the old one. */
static int replace(const struct ps_memory *m, struct ps_memory_block *b, int flags)
{
    char *copy = map(b->bytes, flags);

    if (!copy)
        return -errno;
    touch(m, copy, b->bytes);
    memcpy(copy, b->start, b->bytes);
    if (mremap(copy, b->bytes, b->bytes, MREMAP_MAYMOVE | MREMAP_FIXED, b->start) == MAP_FAILED) {
        int err = -errno;

        munmap(copy, b->bytes);
        return err;
    }
    return 0;
}

static int replace_all(struct ps_memory *m, int flags)
{
    int err = 0;

    for (struct ps_memory_block *b = m->blocks; !err && b; b = b->next)
        err = replace(m, b, flags);
    return err;
}

int ps_memory_share(struct ps_memory *m)
{
    return replace_all(m, MAP_SHARED);
}

int ps_memory_own(struct ps_memory *m)
{
    return replace_all(m, MAP_PRIVATE);
}

int ps_memory_own_block(struct ps_memory *m, const void *at)
{
    for (struct ps_memory_block *b = m->blocks; b; b = b->next)
        if ((const char *)at >= b->start && (const char *)at < b->start + b->bytes)
            return replace(m, b, MAP_PRIVATE);
    return 0;
}

bool ps_memory_count_pages(const struct ps_memory *m, size_t *on)
{
    bool told = m->blocks;

    for (const struct ps_memory_block *b = m->blocks; told && b; b = b->next)
        told = ps_pages_count(b->start, b->bytes, PAGES_ASKED, on);
    return told;
}
