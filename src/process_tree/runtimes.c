#include "runtimes.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAPS_BYTES (256 << 10)
#define HEAD_BYTES 8192 /* of an executable, where Go's note is */

/* What the last part of a mapped file's name begins with. */
static const struct {
    const char *name;
    enum ps_runtime runtime;
} names[] = {
    {"libgomp.so", PS_RUNTIME_LIBGOMP},   {"libomp.so", PS_RUNTIME_LIBOMP},
    {"libomp5", PS_RUNTIME_LIBOMP},       {"libiomp5", PS_RUNTIME_LIBOMP},
    {"libtbb.so", PS_RUNTIME_TBB},        {"libpython", PS_RUNTIME_PYTHON},
    {"python", PS_RUNTIME_PYTHON},        {"libjvm.so", PS_RUNTIME_JAVA},
    {"libopenblas", PS_RUNTIME_OPENBLAS}, {"libmkl_", PS_RUNTIME_MKL},
};

static bool begins(const char *text, const char *with)
{
    return !strncmp(text, with, strlen(with));
}

static unsigned by_name(const char *file, size_t length)
{
    unsigned found = 0;
    const char *last = memrchr(file, '/', length);

    for (size_t i = 0; last && i < sizeof names / sizeof *names; i++)
        if (begins(last + 1, names[i].name))
            found |= names[i].runtime;
    return found;
}

unsigned ps_runtimes_in(const char *maps)
{
    unsigned found = 0;

    for (const char *line = maps; *line;) {
        const size_t length = strcspn(line, "\n");

        found |= by_name(line, length);
        line += length + (line[length] == '\n');
    }
    return found;
}

static size_t read_some(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    size_t total = 0;
    ssize_t n;

    while (fd >= 0 && total < size && (n = read(fd, text + total, size - total)) > 0)
        total += (size_t)n;
    if (fd >= 0)
        close(fd);
    return total;
}

/* Go's linker puts a note of type 4, "Go", near the start. */
static bool is_go(pid_t pid)
{
    static const char note[] = {4, 0, 0, 0, 'G', 'o', 0, 0};
    char path[64], head[HEAD_BYTES];

    snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
    return memmem(head, read_some(path, head, sizeof head), note, sizeof note);
}

unsigned ps_runtimes_of(pid_t pid)
{
    char path[64], *maps = malloc(MAPS_BYTES);
    unsigned found;

    if (!maps)
        return 0;
    snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
    maps[read_some(path, maps, MAPS_BYTES - 1)] = '\0';
    found = ps_runtimes_in(maps);
    free(maps);
    return found | (is_go(pid) ? PS_RUNTIME_GO : 0);
}
