#include "which_mpi.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher.h"

#define MOST_BINARY ((off_t)256 << 20) /* bytes of an executable that are searched */
#define MOST_SCRIPT ((size_t)64 << 10)
#define MOST_NAMES  256 /* words of a script that are looked at */

/* An MPI, by the interface that programs are built for. */
static const struct {
    const char *name, *folder;
    const char *launchers[3]; /* that start nothing else */
    const char *libraries[3]; /* that its programs need, by name */
    const char *fortran[3];   /* likewise, of those whose calls are not seen */
} mpis[] = {
    {"Open MPI", "openmpi", {"Open MPI"}, {"libmpi.so.40"}, {"libmpi_mpifh.so.40"}},
    {"MPICH",
     "mpich",
     {"MPICH", "MVAPICH"},
     {"libmpich.so.12", "libmpi.so.12"},
     {"libmpichfort.so.12", "libmpifort.so.12"}},
};
#define MPIS (sizeof mpis / sizeof *mpis)

/* What a file says of the MPI that it needs. */
struct needed {
    size_t mpi; /* MPIS: none */
    bool fortran;
};

/* What is looked through for names of programs. */
struct search {
    const char *const *environment;
    size_t found; /* MPIS: none so far */
    bool several; /* and not the same */
    size_t names;
};

static bool contains(const char *data, size_t size, const char *const *names)
{
    for (size_t i = 0; i < 3 && names[i]; i++)
        if (memmem(data, size, names[i], strlen(names[i]) + 1))
            return true;
    return false;
}

static struct needed needed_by(const char *data, size_t size)
{
    for (size_t i = 0; i < MPIS; i++)
        if (contains(data, size, mpis[i].libraries) || contains(data, size, mpis[i].fortran))
            return (struct needed){i, contains(data, size, mpis[i].fortran)};
    return (struct needed){MPIS, false};
}

static struct needed needed_by_file(const char *path)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct needed found = {MPIS, false};
    struct stat st;
    void *data = MAP_FAILED;

    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
        st.st_size <= MOST_BINARY)
        data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data != MAP_FAILED) {
        found = needed_by(data, (size_t)st.st_size);
        munmap(data, (size_t)st.st_size);
    }
    if (fd >= 0)
        close(fd);
    return found;
}

static void note(struct search *s, const char *path)
{
    const size_t mpi = needed_by_file(path).mpi;

    s->several |= mpi < MPIS && s->found < MPIS && mpi != s->found;
    if (mpi < MPIS)
        s->found = mpi;
}

/* As the shell would find it. */
static void note_name(struct search *s, const char *name)
{
    const char *folders = ps_environment_value(s->environment, "PATH");
    char path[PATH_MAX];

    if (*name == '-' || s->names++ >= MOST_NAMES)
        return;
    if (strchr(name, '/')) {
        note(s, name);
        return;
    }
    while (folders && *folders) {
        const size_t length = strcspn(folders, ":");
        const int used = snprintf(path, sizeof path, "%.*s/%s",
                                  (int)(length < PATH_MAX ? length : 0), folders, name);

        if (used > 0 && used < PATH_MAX && access(path, X_OK) == 0) {
            note(s, path);
            return;
        }
        folders += length + (folders[length] != '\0');
    }
}

/* Words of a shell's text, without what shells take for themselves. */
static void note_text(struct search *s, char *text)
{
    char *rest = text, *word;

    while ((word = strsep(&rest, " \t\n\r;&|()<>\"'`$={}")))
        if (*word)
            note_name(s, word);
}

/* A file that begins as scripts do. */
static void note_script(struct search *s, const char *path)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char *text = malloc(MOST_SCRIPT + 1);
    const ssize_t got = fd >= 0 && text ? read(fd, text, MOST_SCRIPT) : -1;

    if (got > 2 && !memcmp(text, "#!", 2)) {
        text[got] = '\0';
        note_text(s, text + 2);
    }
    free(text);
    if (fd >= 0)
        close(fd);
}

/* MPIS where none is found, or not one alone. */
static size_t named_in(const char *path, const char *const *words, const char *const *environment)
{
    struct search s = {environment, MPIS, false, 0};

    note_script(&s, path);
    for (size_t i = 1; words[0] && words[i]; i++) {
        char *text = strdup(words[i]);

        note_script(&s, words[i]);
        if (text)
            note_text(&s, text);
        free(text);
    }
    return s.several ? MPIS : s.found;
}

static size_t of_launcher(const char *launcher)
{
    for (size_t i = 0; i < MPIS; i++)
        for (size_t k = 0; k < 3 && mpis[i].launchers[k]; k++)
            if (!strcmp(mpis[i].launchers[k], launcher))
                return i;
    return MPIS;
}

struct ps_which_mpi ps_which_mpi(const char *path, const char *const *words,
                                 const char *const *environment, const char *launcher)
{
    const struct needed own = needed_by_file(path);
    size_t mpi = own.mpi;

    if (mpi == MPIS)
        mpi = named_in(path, words, environment);
    if (mpi == MPIS)
        mpi = of_launcher(launcher);
    if (mpi == MPIS)
        return (struct ps_which_mpi){NULL, NULL, false};
    return (struct ps_which_mpi){mpis[mpi].name, mpis[mpi].folder, own.mpi < MPIS && !own.fortran};
}
