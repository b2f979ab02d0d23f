#include "executable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_PATH "/bin:/usr/bin"

/* 0 or the negative errno that executing the file would give. */
static int try_file(const char *path)
{
    struct stat s;

    if (stat(path, &s) < 0)
        return -errno;
    if (S_ISDIR(s.st_mode))
        return -EISDIR;
    if (!S_ISREG(s.st_mode))
        return -EACCES;
    return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0 ? -errno : 0;
}

/* As execvp does: the first that can be executed; one that is forbidden is only an answer where
 * nothing else is found. */
static int search_path(const char *name, struct ps_arena *a, const char **found, struct ps_err *e)
{
    const char *directory = getenv("PATH"), *forbidden = NULL;
    bool more = true;

    for (directory = directory ? directory : DEFAULT_PATH; more;) {
        size_t length = strcspn(directory, ":");
        const char *path =
            ps_arena_format(a, "%.*s%s%s", (int)length, directory, length ? "/" : "", name);
        int err = try_file(path);

        if (err == 0) {
            *found = path;
            return 0;
        }
        if (err == -EACCES && !forbidden)
            forbidden = path;
        more = directory[length];
        directory += length + more;
    }
    if (forbidden)
        return ps_fail(e, ENOEXEC, "can't run '%s': %s: %s", name, forbidden, strerror(EACCES));
    return ps_fail(e, ENOEXEC, "can't run '%s': there is no such command in PATH", name);
}

int ps_executable_find(const char *name, const char *folder, struct ps_arena *a, const char **found,
                       struct ps_err *e)
{
    int err;

    if (!strchr(name, '/'))
        return search_path(name, a, found, e);
    err = try_file(folder && name[0] != '/' ? ps_arena_format(a, "%s/%s", folder, name) : name);
    if (err < 0)
        return ps_fail(e, ENOEXEC, "can't run '%s': %s", name, strerror(-err));
    *found = name;
    return 0;
}
