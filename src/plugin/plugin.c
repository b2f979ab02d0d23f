#include "plugin.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crash.h"

#define HOW_TO_BUILD "build it with cc -shared -fPIC, see parscope-plugin(3)"
#define REBUILD      "rebuild it against this version's headers"

/* The loader searches libraries' folders for a name without a slash. */
static const char *path_of(const char *file, struct ps_arena *a)
{
    return strchr(file, '/') ? file : ps_arena_format(a, "./%s", file);
}

/* What the loader would tell in its own words, or by waiting for a pipe. */
static int check_file(const char *file, const char *path, struct ps_err *e)
{
    char magic[4] = "";
    struct stat st;
    ssize_t got;
    int fd;

    if (stat(path, &st) < 0)
        return ps_fail(e, errno == ENOENT ? ENOENT : EINVAL, "plug-in %s: %s", file,
                       strerror(errno));
    if (!S_ISREG(st.st_mode))
        return ps_fail(e, EINVAL, "plug-in %s: it is %s, not a shared object", file,
                       S_ISDIR(st.st_mode) ? "a folder" : "a special file");
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return ps_fail(e, EINVAL, "plug-in %s: %s", file, strerror(errno));
    got = read(fd, magic, sizeof magic);
    close(fd);
    if (got != sizeof magic || memcmp(magic, "\177ELF", sizeof magic) != 0)
        return ps_fail(e, EINVAL, "plug-in %s: it is not a shared object: " HOW_TO_BUILD, file);
    return 0;
}

/* The loader's message, without the path where it begins with it. */
static const char *loader_text(const char *path)
{
    const char *text = dlerror();
    size_t length = strlen(path);

    if (!text)
        return "the loader gives no reason";
    if (!strncmp(text, path, length) && text[length] == ':')
        text += length + 1;
    return text + strspn(text, " ");
}

static int check_abi(const char *file, const struct parscope_plugin *abi, struct ps_err *e)
{
    if (abi->abi == PARSCOPE_PLUGIN_ABI)
        return 0;
    return ps_fail(e, EINVAL,
                   "plug-in %s: it has plug-in ABI %u, and this parscope expects %d: " REBUILD,
                   file, (unsigned)abi->abi, PARSCOPE_PLUGIN_ABI);
}

int ps_plugin_load(const char *file, struct ps_arena *a, struct ps_plugin *p, struct ps_err *e)
{
    struct ps_crash_note note = {ps_arena_format(a, "plug-in %s", file), "while it was loaded"};
    const char *path = path_of(file, a);
    struct ps_plugin loaded = {.file = file};
    int err = check_file(file, path, e);

    if (err < 0)
        return err;
    ps_crash_note(&note);
    loaded.handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    ps_crash_note(NULL);
    if (!loaded.handle)
        return ps_fail(e, EINVAL, "plug-in %s: it can't be loaded: %s", file, loader_text(path));
    loaded.abi = dlsym(loaded.handle, "parscope_plugin");
    if (!loaded.abi)
        return ps_fail(
            e, EINVAL,
            "plug-in %s: it has no symbol parscope_plugin, so it is not a parscope plug-in: see "
            "parscope-plugin(3)",
            file);
    err = check_abi(file, loaded.abi, e);
    if (!err)
        *p = loaded;
    return err;
}
