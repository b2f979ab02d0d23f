/* Allocators that take malloc's place by LD_PRELOAD. */
#include <dlfcn.h>
#include <errno.h>
#include <gnu/libc-version.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "taking.h"

#define FILES 4

/* The order is that of the key's words. */
static const struct {
    const char *files[FILES]; /* any of them; the rest NULL */
    const char *debian, *fedora, *arch;
} allocators[] = {
    {{"libjemalloc.so.2"}, "libjemalloc2", "jemalloc", "jemalloc"},
    {{"libtcmalloc_minimal.so.4", "libtcmalloc.so.4"},
     "libtcmalloc-minimal4",
     "gperftools-libs",
     "gperftools"},
    {{"libmimalloc.so.2", "libmimalloc.so.2.0", "libmimalloc.so.3", "libmimalloc.so"},
     "libmimalloc2.0",
     "mimalloc",
     "mimalloc"},
};

static const char *in_folder(const char *folder, size_t length, const char *file,
                             struct ps_arena *a)
{
    const char *path = ps_arena_format(a, "%.*s/%s", (int)length, folder, file);

    return length && access(path, R_OK) == 0 ? path : NULL;
}

/* Folders, with colons between. */
static const char *in_list(const char *list, const char *file, struct ps_arena *a)
{
    const char *found = NULL;

    while (list && *list && !found) {
        const size_t length = strcspn(list, ":");

        found = in_folder(list, length, file, a);
        list += length + (list[length] == ':');
    }
    return found;
}

/* Where the C library is, which knows its distribution's way of naming folders. */
static const char *beside_libc(const char *file, struct ps_arena *a)
{
    const char *slash;
    Dl_info info;

    if (!dladdr((void *)(uintptr_t)&gnu_get_libc_version, &info) || !info.dli_fname)
        return NULL;
    slash = strrchr(info.dli_fname, '/');
    return slash ? in_folder(info.dli_fname, (size_t)(slash - info.dli_fname), file, a) : NULL;
}

static const char *find(const char *file, struct ps_arena *a)
{
    const char *found = in_list(getenv("LD_LIBRARY_PATH"), file, a);

    if (!found)
        found = beside_libc(file, a);
    return found ? found
                 : in_list("/usr/local/lib:/usr/local/lib64:/usr/lib64:/usr/lib:/lib64", file, a);
}

int take_alloc(const struct ps_outside_key *k, struct ps_outside_taking *t)
{
    const int which = taking_choice(k, t);
    const char *path = NULL, *before = getenv("LD_PRELOAD");

    if (which < 0)
        return which;
    for (size_t i = 0; !path && i < FILES && allocators[which].files[i]; i++)
        path = find(allocators[which].files[i], t->arena);
    if (!path)
        return taking_refuse(k, t, ENOENT,
                             "%s is not installed: its package is %s in Debian and Ubuntu, %s in "
                             "Fedora, %s in Arch",
                             allocators[which].files[0], allocators[which].debian,
                             allocators[which].fedora, allocators[which].arch);
    taking_variable(t, ps_arena_format(t->arena, "LD_PRELOAD=%s%s%s", path,
                                       before && *before ? ":" : "", before ? before : ""));
    return 0;
}
