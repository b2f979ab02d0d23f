#include "temp_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int ps_temp_file(void)
{
    const char *directory = getenv("TMPDIR");
    char path[PATH_MAX];
    int length, fd;

    if (directory == NULL || *directory == '\0')
        directory = "/tmp";
    length = snprintf(path, sizeof path, "%s/parscope-XXXXXX", directory);
    if (length >= (int)sizeof path)
        return -ENAMETOOLONG;
    fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return -errno;
    unlink(path);
    return fd;
}

/* What pread and pwrite have in common. */
typedef ssize_t some_fn(int fd, unsigned char *data, size_t bytes, off_t offset);

static ssize_t read_some(int fd, unsigned char *data, size_t bytes, off_t offset)
{
    return pread(fd, data, bytes, offset);
}

static ssize_t write_some(int fd, unsigned char *data, size_t bytes, off_t offset)
{
    return pwrite(fd, data, bytes, offset);
}

static int move_all(some_fn *some, int fd, unsigned char *data, uint64_t bytes, uint64_t offset)
{
    while (bytes > 0) {
        ssize_t moved = some(fd, data, bytes, (off_t)offset);

        if (moved < 0 && errno == EINTR)
            continue;
        if (moved <= 0)
            return moved < 0 ? -errno : -EIO;
        data += moved;
        bytes -= (uint64_t)moved;
        offset += (uint64_t)moved;
    }
    return 0;
}

int ps_temp_file_read(int fd, unsigned char *data, uint64_t bytes, uint64_t offset)
{
    return move_all(read_some, fd, data, bytes, offset);
}

int ps_temp_file_write(int fd, unsigned char *data, uint64_t bytes, uint64_t offset)
{
    return move_all(write_some, fd, data, bytes, offset);
}
