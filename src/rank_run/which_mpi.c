#include "which_mpi.h"

#include <elf.h>
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

/* Of a regular file alone, which nobody else loses what is read of; else -1. */
static int open_file(const char *path, struct stat *st)
{
    int fd = -1;

    if (stat(path, st) == 0 && S_ISREG(st->st_mode))
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0 && (fstat(fd, st) < 0 || !S_ISREG(st->st_mode))) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool is_binary(int fd)
{
    char magic[SELFMAG];

    return pread(fd, magic, sizeof magic, 0) == (ssize_t)sizeof magic &&
           !memcmp(magic, ELFMAG, sizeof magic);
}

static struct needed needed_by_file(const char *path)
{
    struct stat st;
    const int fd = open_file(path, &st);
    struct needed found = {MPIS, false};
    void *data = MAP_FAILED;

    if (fd >= 0 && st.st_size <= MOST_BINARY && is_binary(fd))
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

/* No folder is the current one. false: longer than paths may be. */
static bool in_folder(const char *folder, size_t length, const char *name, char path[PATH_MAX])
{
    if (length >= PATH_MAX)
        return false;
    return snprintf(path, PATH_MAX, "%.*s/%s", length ? (int)length : 1, length ? folder : ".",
                    name) < PATH_MAX;
}

/* As the shell would find it. */
static void note_name(struct search *s, const char *name)
{
    const char *folders = ps_environment_value(s->environment, "PATH");
    char path[PATH_MAX];

    if (*name == '-' || s->names++ >= MOST_NAMES)
        return;
    if (strchr(name, '/')) {
        if (access(name, X_OK) == 0)
            note(s, name);
        return;
    }
    while (folders) {
        const size_t length = strcspn(folders, ":");

        if (in_folder(folders, length, name, path) && access(path, X_OK) == 0) {
            note(s, path);
            return;
        }
        folders = folders[length] ? folders + length + 1 : NULL;
    }
}

static void blank_comments(char *text)
{
    for (char *c = text; *c; c++)
        if (*c == '#' && (c == text || strchr(" \t\n;", c[-1])))
            memset(c, ' ', strcspn(c, "\n"));
}

/* Words of a shell's text, without what shells take for themselves. */
static void note_text(struct search *s, char *text)
{
    char *rest = text, *word;

    blank_comments(text);
    while ((word = strsep(&rest, " \t\n\r;&|()<>\"'`$={}")))
        if (*word)
            note_name(s, word);
}

/* A file that begins as scripts do. */
static void note_script(struct search *s, const char *path)
{
    struct stat st;
    const int fd = open_file(path, &st);
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
