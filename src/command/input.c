#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int ps_input_open(const char *path, struct ps_err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat s;

    if (fd < 0)
        return ps_fail(e, errno, "--input: can't read '%s': %s", path, strerror(errno));
    if (fstat(fd, &s) < 0 || !(S_ISREG(s.st_mode) || S_ISCHR(s.st_mode))) {
        close(fd);
        return ps_fail(
            e, EINVAL,
            "--input: '%s' is not a file that each execution can read from the beginning", path);
    }
    fcntl(fd, F_SETFL, 0);
    return fd;
}

int ps_input_check(const char *path, struct ps_err *e)
{
    int fd = ps_input_open(path, e);

    return fd < 0 ? fd : close(fd);
}

/* Reading it sets its access time, also where nothing is there. */
int ps_input_watched(void)
{
    static const struct timespec never[2] = {{0, 0}, {0, 0}};
    int file = memfd_create("empty", MFD_CLOEXEC), fd;
    char path[64];

    if (file < 0)
        return -errno;
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && futimens(file, never) < 0) {
        close(fd);
        fd = -1;
    }
    close(file);
    return fd >= 0 ? fd : -EINVAL;
}

bool ps_input_was_read(int fd)
{
    struct stat s;

    return fstat(fd, &s) == 0 && (s.st_atim.tv_sec || s.st_atim.tv_nsec);
}
