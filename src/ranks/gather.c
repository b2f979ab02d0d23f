#include "gather.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "call_file.h"
#include "text.h"

#define MOST_RUNS 256
#define BAD_LINES 16 /* more than the good ones by so many: the file is something else */

/* A file while it is read. */
struct lines {
    struct ps_gathered *g;
    const char *path;
    size_t file, number, good, bad;
    struct timespec written;
    size_t used;                   /* bytes in the buffer */
    char buffer[PS_RANK_LINE + 2]; /* a line, its end, and NUL */
};

void ps_gather_leave_out(struct ps_gathered *g, const char *file, const char *why)
{
    g->left_out_total++;
    if (g->left_out_count == PS_MOST_LEFT_OUT)
        return;
    g->left_out = ps_arena_grow(g->arena, g->left_out, g->left_out_count, sizeof *g->left_out);
    g->left_out[g->left_out_count++] = (struct ps_ranks_left_out){file, why};
}

static void leave_out_line(struct lines *l, const char *why)
{
    l->bad++;
    ps_gather_leave_out(l->g, l->path,
                        l->g->left_out_count == PS_MOST_LEFT_OUT ? NULL
                                                                 : ps_arena_copy(l->g->arena, why));
}

/* Texts are kept once each. */
static bool same_run(const struct ps_rank_run *a, const struct ps_rank_run *b)
{
    if (a->run || b->run)
        return a->run == b->run;
    return a->command == b->command && a->launcher == b->launcher;
}

static bool later(struct timespec a, struct timespec b)
{
    return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

/* MOST_RUNS: there are too many already. */
static size_t run_of(struct ps_gathered *g, const struct ps_rank_run *about)
{
    /* Lines of one run mostly follow each other. */
    for (size_t i = g->run_count; i-- > 0;)
        if (same_run(&g->runs[i].about, about))
            return i;
    if (g->run_count == MOST_RUNS)
        return MOST_RUNS;
    g->runs = ps_arena_grow(g->arena, g->runs, g->run_count, sizeof *g->runs);
    g->runs[g->run_count] = (struct ps_gathered_run){.about = *about};
    return g->run_count++;
}

static int add_rank(struct lines *l, const struct ps_rank_run *about, const struct ps_rank *r)
{
    struct ps_gathered *g = l->g;
    const size_t run = run_of(g, about);

    l->good++;
    if (run == MOST_RUNS) {
        ps_gather_leave_out(g, l->path, "of one of too many runs");
        return 0;
    }
    if (g->rank_count == g->rank_room) {
        const size_t room = g->rank_room ? 2 * g->rank_room : 256;
        struct ps_gathered_rank *more = reallocarray(g->ranks, room, sizeof *more);

        if (!more)
            return -ENOMEM;
        g->ranks = more;
        g->rank_room = room;
    }
    g->ranks[g->rank_count++] = (struct ps_gathered_rank){*r, run, l->file};
    if (!g->runs[run].count++)
        g->runs[run].size = r->size;
    if (later(l->written, g->runs[run].newest))
        g->runs[run].newest = l->written;
    return 0;
}

/* Where in its file a line is, where there are several. */
static const char *reason(const struct lines *l, const struct ps_err *e, struct ps_arena *a)
{
    const char *why = e->text;
    const size_t length = strlen(l->path);

    if (!strncmp(why, l->path, length) && !strncmp(why + length, ": ", 2))
        why += length + 2;
    return l->number > 1 ? ps_arena_format(a, "line %zu: %s", l->number, why) : why;
}

static int take_line(struct lines *l, size_t start, size_t length)
{
    const struct ps_rank_line line = {l->path, l->buffer + start, length};
    struct ps_rank_run about;
    struct ps_rank rank;
    struct ps_err error = {""};
    struct ps_arena scratch;
    int err;

    l->number++;
    err = ps_rank_read(&line, &l->g->names, &about, &rank, &error);
    if (!err)
        return add_rank(l, &about, &rank);
    if (err == -ENOMEM)
        return err;
    ps_arena_init(&scratch, l->g->arena->on_oom);
    leave_out_line(l, reason(l, &error, &scratch));
    ps_arena_finish(&scratch);
    return 0;
}

static bool is_something_else(const struct lines *l)
{
    return l->bad && (l->good == 0 || l->bad > l->good + BAD_LINES);
}

/* The lines that are whole in the buffer; what is left is the beginning of the next one. */
static int take_lines(struct lines *l)
{
    size_t start = 0;
    char *end;
    int err = 0;

    while (!err && (end = memchr(l->buffer + start, '\n', l->used - start)) &&
           !is_something_else(l)) {
        const size_t length = (size_t)(end - l->buffer) - start;

        *end = '\0';
        if (length)
            err = take_line(l, start, length);
        start += length + 1;
    }
    l->used -= start;
    memmove(l->buffer, l->buffer + start, l->used);
    return err;
}

/* 1: more may come. */
static int read_some(struct lines *l, int fd)
{
    const ssize_t got = read(fd, l->buffer + l->used, PS_RANK_LINE + 1 - l->used);
    int err;

    if (got < 0)
        return errno == EINTR ? 1 : -errno;
    l->used += (size_t)got;
    l->buffer[l->used] = '\0';
    err = got ? take_lines(l) : 0;
    if (err < 0 || is_something_else(l))
        return err;
    if (got == 0)
        return l->used ? take_line(l, 0, l->used) : 0;
    if (l->used <= PS_RANK_LINE)
        return 1;
    leave_out_line(l, "not the line of a rank: it is longer than 64 KiB");
    return 0;
}

static int read_lines(struct lines *l, int fd)
{
    int more;

    do
        more = read_some(l, fd);
    while (more > 0);
    if (!more && !l->number && !l->bad)
        leave_out_line(l, "it is empty");
    return more;
}

/* No pipes, and nothing that a link leads to where a folder is read. */
static int read_file(struct ps_gathered *g, struct lines *l, const char *path, int flags)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags), err = 0;

    l->g = g;
    l->path = path;
    l->number = l->good = l->bad = l->used = 0;
    l->file = g->file_count;
    g->files = ps_arena_grow(g->arena, g->files, g->file_count, sizeof *g->files);
    g->files[g->file_count++] = path;
    if (fd < 0 || fstat(fd, &st) < 0)
        leave_out_line(l, ps_arena_format(g->arena, "can't be read: %s", strerror(errno)));
    else if (!S_ISREG(st.st_mode))
        leave_out_line(l, "it is not a regular file");
    else {
        l->written = st.st_mtim;
        err = read_lines(l, fd);
    }
    if (fd >= 0)
        close(fd);
    if (err == -ENOMEM)
        return err;
    if (err < 0)
        leave_out_line(l, ps_arena_format(g->arena, "can't be read: %s", strerror(-err)));
    return 0;
}

/* Calls are read with the lines that they are beside. */
static int visible(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');

    return entry->d_name[0] != '.' && !(dot && !strcmp(dot, PS_CALL_SUFFIX));
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int read_folder(struct ps_gathered *g, struct lines *l, const char *path, struct ps_err *e)
{
    struct dirent **entries;
    const int count = scandir(path, &entries, visible, by_name);
    int err = 0;

    if (count < 0)
        return ps_fail(e, errno, "can't read '%s': %s", path, strerror(errno));
    for (int i = 0; i < count; i++) {
        if (!err)
            err = read_file(g, l, ps_arena_format(g->arena, "%s/%s", path, entries[i]->d_name),
                            O_NOFOLLOW);
        free(entries[i]);
    }
    free(entries);
    return err;
}

static int read_path(struct ps_gathered *g, struct lines *l, const char *path, struct ps_err *e)
{
    struct stat st;
    int err;

    if (stat(path, &st) < 0)
        return ps_fail(e, errno, "can't read '%s': %s", path, strerror(errno));
    err = S_ISDIR(st.st_mode) ? read_folder(g, l, path, e) : read_file(g, l, path, 0);
    return err == -ENOMEM ? ps_fail(e, ENOMEM, "out of memory") : err;
}

int ps_gather(const char *const *paths, size_t count, struct ps_arena *a, struct ps_gathered *g,
              struct ps_err *e)
{
    struct lines *l = malloc(sizeof *l);
    int err = l ? 0 : ps_fail(e, ENOMEM, "out of memory");

    *g = (struct ps_gathered){.arena = a};
    for (size_t i = 0; !err && i < count; i++)
        err = read_path(g, l, paths[i], e);
    free(l);
    if (err < 0)
        ps_gathered_finish(g);
    return err;
}

void ps_gathered_finish(struct ps_gathered *g)
{
    ps_interned_free(&g->names);
    free(g->ranks);
    g->ranks = NULL;
}
