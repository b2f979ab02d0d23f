#include "shrink.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { KEPT = 3, FILE_NAME = 1024, MOST_RANGES = 1024, MOST_CODE = 16 };

struct range {
    uintptr_t from, to;
};

static bool within(const struct range *r, const void *p)
{
    return (uintptr_t)p >= r->from && (uintptr_t)p < r->to;
}

/* The file of the mapping that p is in, "" where it has none. */
static void file_of(const char *maps, const void *p, char *file, size_t size)
{
    struct range r;

    file[0] = '\0';
    for (const char *line = maps; *line; line = strchr(line, '\n') + 1) {
        int at = 0;

        if (sscanf(line, "%lx-%lx %*s %*s %*s %*s %n", &r.from, &r.to, &at) < 2 || !at)
            return;
        if (within(&r, p) && line[at] == '/')
            snprintf(file, size, "%.*s", (int)strcspn(line + at, "\n"), line + at);
    }
}

/* What the process goes on using: its own code and data, the C library with its loader, the stacks,
 * the room. Of what belongs to no file the heap and the first stack are of no use. */
static bool is_needed(const char *room, const struct range *r, const char *file,
                      const char kept[KEPT][FILE_NAME])
{
    if (within(r, room) || within(r, kept))
        return true;
    if (*file != '/')
        return strncmp(file, "[heap]", 6) != 0 && strncmp(file, "[stack]", 7) != 0;
    for (size_t i = 0; i < KEPT; i++) {
        const size_t length = strlen(kept[i]);

        if (length && !strncmp(file, kept[i], length) && file[length] == '\n')
            return true;
    }
    return false;
}

/* Descriptors may be shared with another process, so the text is read at once and the file closed.
 */
static ssize_t read_maps(char *text, size_t size)
{
    int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    size_t total = 0;
    ssize_t n;

    while (fd >= 0 && total + 1 < size && (n = read(fd, text + total, size - 1 - total)) > 0)
        total += (size_t)n;
    if (fd >= 0)
        close(fd);
    text[total] = '\0';
    while (total && text[total - 1] != '\n')
        text[--total] = '\0';
    return (ssize_t)total;
}

struct plan {
    struct range gone[MOST_RANGES], code[MOST_CODE];
    size_t gone_count, code_count;
};

/* What is not used goes, and code that was used until then leaves memory until it is used again. */
static void plan(const char *maps, struct plan *p)
{
    char kept[KEPT][FILE_NAME], may[5];
    struct range r;

    *p = (struct plan){.gone_count = 0};
    file_of(maps, (const void *)(uintptr_t)&plan, kept[0], FILE_NAME);
    file_of(maps, (const void *)(uintptr_t)&memcpy, kept[1], FILE_NAME);
    file_of(maps, (const void *)getauxval(AT_BASE), kept[2], FILE_NAME);
    for (const char *line = maps; *line; line = strchr(line, '\n') + 1) {
        int at = 0;

        if (sscanf(line, "%lx-%lx %4s %*s %*s %*s %n", &r.from, &r.to, may, &at) < 3 || !at)
            return;
        if (is_needed(maps, &r, line + at, kept)) {
            if (line[at] == '/' && may[2] == 'x' && p->code_count < MOST_CODE)
                p->code[p->code_count++] = r;
        } else if (p->gone_count < MOST_RANGES) {
            p->gone[p->gone_count++] = r;
        }
    }
}

/* By syscall() alone, which is in use later too: the heap goes, and the code of other functions is
 * to stay away. All functions were bound when the program was loaded (-z now). */
static void shrink(const struct plan *p)
{
    long fd = syscall(SYS_openat, AT_FDCWD, "/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);

    for (size_t i = 0; i < p->gone_count; i++)
        syscall(SYS_munmap, p->gone[i].from, p->gone[i].to - p->gone[i].from);
    for (size_t i = 0; i < p->code_count; i++)
        syscall(SYS_madvise, p->code[i].from, p->code[i].to - p->code[i].from, MADV_DONTNEED);
    if (fd < 0)
        return;
    syscall(SYS_write, fd, "5", 1); /* the peak begins anew; without it we are only larger */
    syscall(SYS_close, fd);
}

void ps_shrink(char *room, size_t size)
{
    struct plan *p = (struct plan *)(room + size / 2);

    read_maps(room, size / 2);
    plan(room, p);
    shrink(p);
}
