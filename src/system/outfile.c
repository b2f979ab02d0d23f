#include "outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rng.h"
#include "ticks.h"

#define LINK_DEPTH    40
#define NAME_ATTEMPTS 100

static int refuse(const char *path, int err, struct ps_err *e)
{
    return ps_fail(e, err, "can't write '%s': %s", path, strerror(err));
}

/* N for the names of the process's own descriptors, else -1. Those are written through: what a
 * shell opened must not be replaced by another file. */
static int own_descriptor(const char *path)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};

    if (!strcmp(path, "/dev/stdout"))
        return STDOUT_FILENO;
    if (!strcmp(path, "/dev/stderr"))
        return STDERR_FILENO;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        const char *number = path + strlen(folders[i]);
        char *end;
        long fd;

        if (strncmp(path, folders[i], strlen(folders[i])) != 0)
            continue;
        fd = strtol(number, &end, 10);
        if (number[0] >= '0' && number[0] <= '9' && !*end && fd <= INT_MAX)
            return (int)fd;
    }
    return -1;
}

/* The folder of path, with the slash: "" for a bare name. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* Where the link at path points to, seen from where we are; to be freed. NULL with errno. */
static char *read_link(const char *path)
{
    char to[PATH_MAX];
    ssize_t length = readlink(path, to, sizeof to - 1);
    char *joined;
    int folder;

    if (length < 0)
        return NULL;
    to[length] = '\0';
    folder = to[0] == '/' ? 0 : (int)folder_length(path);
    return asprintf(&joined, "%.*s%s", folder, path, to) < 0 ? NULL : joined;
}

/* The path with links of its last part followed, whether or not the end exists. */
static int follow_links(const char *path, char **target)
{
    char *at = strdup(path);

    for (int depth = 0; at && depth < LINK_DEPTH; depth++) {
        char *next = read_link(at);

        if (!next && (errno == EINVAL || errno == ENOENT)) {
            *target = at;
            return 0;
        }
        if (!next) {
            int err = errno;

            free(at);
            return -err;
        }
        free(at);
        at = next;
    }
    free(at);
    return at ? -ELOOP : -ENOMEM;
}

/* Beside the target, so that a rename within one file system gets it there. */
static char *temporary_name(const char *target, struct ps_rng *rng)
{
    char *name;
    int folder = (int)folder_length(target);
    unsigned long long key = ps_rng_next(rng) & 0xffffffffffu;

    return asprintf(&name, "%.*s.parscope-%010llx.tmp", folder, target, key) < 0 ? NULL : name;
}

static struct ps_rng name_rng(void)
{
    return (struct ps_rng){ps_now_ns() ^ ((uint64_t)getpid() << 40)};
}

/* A new file under a temporary name. */
static int open_named(const char *target, char **temporary, int *fd)
{
    struct ps_rng rng = name_rng();

    for (int i = 0; i < NAME_ATTEMPTS; i++) {
        char *name = temporary_name(target, &rng);
        int f;

        if (!name)
            return -ENOMEM;
        f = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (f >= 0) {
            *temporary = name;
            *fd = f;
            return 0;
        }
        free(name);
        if (errno != EEXIST)
            return -errno;
    }
    return -EEXIST;
}

/* A nameless file in the target's folder; -1 where the system has none, or where it can't be given
 * a name later for want of /proc. */
static int open_nameless(const char *target)
{
    size_t length = folder_length(target);
    char *folder = length ? strndup(target, length) : strdup(".");
    int fd = -1;

    if (folder && access("/proc/self/fd", X_OK) == 0)
        fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    free(folder);
    return fd;
}

static int link_nameless(int fd, const char *target, char **temporary)
{
    struct ps_rng rng = name_rng();
    char from[40];

    snprintf(from, sizeof from, "/proc/self/fd/%d", fd);
    for (int i = 0; i < NAME_ATTEMPTS; i++) {
        char *name = temporary_name(target, &rng);

        if (!name)
            return -ENOMEM;
        if (linkat(AT_FDCWD, from, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0) {
            *temporary = name;
            return 0;
        }
        free(name);
        if (errno != EEXIST)
            return -errno;
    }
    return -EEXIST;
}

static int open_descriptor(int descriptor, int *fd)
{
    int flags = fcntl(descriptor, F_GETFL), copy;

    if (flags < 0)
        return -errno;
    if ((flags & O_ACCMODE) == O_RDONLY)
        return -EBADF;
    copy = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (copy < 0)
        return -errno;
    *fd = copy;
    return 0;
}

/* Devices are opened at once. Opening a pipe waits for its reader: that is left to the commit. */
static int open_special(const char *path, mode_t mode, int *fd)
{
    int f;

    if (S_ISDIR(mode))
        return -EISDIR;
    if (!S_ISCHR(mode) && !S_ISFIFO(mode))
        return -ENOTSUP;
    if (S_ISFIFO(mode))
        return access(path, W_OK) == 0 ? 0 : -errno;
    f = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (f < 0)
        return -errno;
    *fd = f;
    return 0;
}

static int open_regular(struct ps_outfile *f, bool exists)
{
    int err = follow_links(f->path, &f->target);

    if (err < 0)
        return err;
    if (exists && access(f->target, W_OK) != 0)
        return -errno;
    if (f->target[folder_length(f->target)] == '\0')
        return -EISDIR;
    f->fd = open_nameless(f->target);
    return f->fd >= 0 ? 0 : open_named(f->target, &f->temporary, &f->fd);
}

static int open_any(struct ps_outfile *f)
{
    int descriptor = own_descriptor(f->path);
    struct stat st;

    if (descriptor >= 0)
        return open_descriptor(descriptor, &f->fd);
    if (!f->path[0])
        return -ENOENT;
    if (stat(f->path, &st) == 0)
        return S_ISREG(st.st_mode) ? open_regular(f, true)
                                   : open_special(f->path, st.st_mode, &f->fd);
    return errno == ENOENT ? open_regular(f, false) : -errno;
}

int ps_outfile_open(struct ps_outfile *f, const char *path, struct ps_err *e)
{
    struct ps_outfile opened = {.path = strdup(path), .fd = -1};
    int err = opened.path ? open_any(&opened) : -ENOMEM;

    if (err < 0) {
        ps_outfile_abandon(&opened);
        return refuse(path, -err, e);
    }
    *f = opened;
    return 0;
}

static int write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);

        if (n < 0 && errno != EINTR)
            return -errno;
        if (n == 0)
            return -EIO;
        if (n > 0) {
            data += n;
            size -= (size_t)n;
        }
    }
    return 0;
}

/* Gives the new file the mode of the one that it replaces, and its name. */
static int publish(struct ps_outfile *f)
{
    struct stat st;
    int err;

    if (stat(f->target, &st) == 0 && fchmod(f->fd, st.st_mode & 0777) != 0)
        return -errno;
    if (fsync(f->fd) != 0)
        return -errno;
    err = f->temporary ? 0 : link_nameless(f->fd, f->target, &f->temporary);
    if (err < 0)
        return err;
    if (rename(f->temporary, f->target) != 0)
        return -errno;
    free(f->temporary);
    f->temporary = NULL;
    return 0;
}

int ps_outfile_write(struct ps_outfile *f, const void *data, size_t size)
{
    if (f->fd < 0)
        f->fd = open(f->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return f->fd < 0 ? -errno : write_all(f->fd, data, size);
}

int ps_outfile_commit(struct ps_outfile *f, const void *data, size_t size, struct ps_err *e)
{
    int err = ps_outfile_write(f, data, size);

    if (err == 0 && f->target)
        err = publish(f);
    if (err == 0) {
        err = close(f->fd) == 0 ? 0 : -errno;
        f->fd = -1;
    }
    if (err < 0)
        refuse(f->path, -err, e);
    ps_outfile_abandon(f);
    return err;
}

void ps_outfile_abandon(struct ps_outfile *f)
{
    if (f->fd >= 0)
        close(f->fd);
    if (f->temporary)
        unlink(f->temporary);
    free(f->temporary);
    free(f->target);
    free(f->path);
    *f = (struct ps_outfile){.fd = -1};
}
