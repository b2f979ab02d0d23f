#include "mpi_frames.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Beginnings of names of files: MPI, what it loads, and what it sends by. */
static const char *const files[] = {
    "libmpi",   "libopen-pal", "libopen-rte", "libpmix",     "libpmi.",
    "libpmi2.", "mca_",        "libucp.",     "libuct.",     "libucs.",
    "libucm.",  "libucc.",     "libfabric",   "libibverbs.", "libpsm",
};

/* Beginnings of names of functions, in a program that MPI is linked into. */
static const char *const functions[] = {
    "MPI_",  "PMPI_", "MPIR_", "MPID_", "MPIDI_", "MPIDU_", "MPIX_", "MPL_",
    "ompi_", "opal_", "pmpi_", "ucp_",  "uct_",   "ucs_",   "mca_",
};

#define MOST_FILE ((off_t)256 << 20)
#define COUNT(x)  (sizeof(x) / sizeof *(x))

static bool begins(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; name && i < count; i++)
        if (!strncmp(name, list[i], strlen(list[i])))
            return true;
    return false;
}

static bool is_library(const char *module)
{
    const char *slash = module ? strrchr(module, '/') : NULL, *name = slash ? slash + 1 : module;

    for (name = name ? strstr(name, ".so") : NULL; name; name = strstr(name, ".so")) {
        name += strlen(".so");
        if (!*name || *name == '.')
            return true;
    }
    return false;
}

/* A program that MPI is linked into has its functions' names, where it is not stripped. */
static bool holds_names(const char *path)
{
    static const char name[] = "MPI_Init";
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    void *data = MAP_FAILED;
    bool found;

    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
        st.st_size <= MOST_FILE)
        data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (fd >= 0)
        close(fd);
    if (data == MAP_FAILED)
        return false;
    found = memmem(data, (size_t)st.st_size, name, strlen(name));
    munmap(data, (size_t)st.st_size);
    return found;
}

bool ps_mpi_in_file(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return false;
    return begins(slash + 1, files, COUNT(files)) || (!is_library(path) && holds_names(path));
}

static bool is_mpi(const struct ps_frame *f)
{
    return begins(f->module, files, COUNT(files)) ||
           (!is_library(f->module) && begins(f->function, functions, COUNT(functions)));
}

/* "PMPI_Init_thread", "ompi_mpi_init", and not "MPI_Initialized". */
static bool has(const char *name, const char *part, const char *but)
{
    return name && strcasestr(name, part) && !strcasestr(name, but);
}

enum ps_mpi_where ps_mpi_where(const struct ps_frame *frames, size_t count)
{
    enum ps_mpi_where where = PS_OUTSIDE_MPI;

    for (size_t i = 0; i < count; i++) {
        if (!is_mpi(&frames[i]))
            continue;
        if (has(frames[i].function, "mpi_init", "mpi_initialized"))
            return PS_IN_MPI_INIT;
        if (has(frames[i].function, "mpi_finalize", "mpi_finalized"))
            return PS_IN_MPI_FINALIZE;
        where = PS_INSIDE_MPI;
    }
    return where;
}
