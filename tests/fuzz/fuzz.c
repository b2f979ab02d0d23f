#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void fuzz_must(bool so, const char *file, int line, const char *sentence)
{
    if (so)
        return;
    fprintf(stderr, "%s:%d: not so: %s\n", file, line, sentence);
    abort();
}

static void out_of_memory(void)
{
    fuzz_must(false, __FILE__, __LINE__, "there is memory left");
}

void fuzz_arena(struct ps_arena *a)
{
    ps_arena_init(a, out_of_memory);
}

const char *fuzz_text(struct ps_arena *a, const uint8_t *data, size_t size)
{
    char *text = ps_arena_alloc(a, size + 1);

    memcpy(text, data, size);
    return text;
}

const char *fuzz_file(const uint8_t *data, size_t size)
{
    static char path[64];
    static int fd = -1;

    if (fd < 0) {
        fd = memfd_create("fuzz", MFD_CLOEXEC);
        must(fd >= 0, "there are files in memory");
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    must(!ftruncate(fd, 0) && pwrite(fd, data, size, 0) == (ssize_t)size, "the file is written");
    return path;
}

void fuzz_check_error(int rc, const struct ps_err *e)
{
    must(rc <= 0, "0 or a negative errno");
    must(!rc == !e->text[0], "a text with every error, and none without");
}
