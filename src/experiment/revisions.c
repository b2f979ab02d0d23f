#include "revisions.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "text.h"

#define MOST_OUTPUT 4096 /* of git: a hash, a path */

/* A command that is waited for. */
struct command {
    const char *const *words; /* ends with NULL */
    const char *folder;       /* NULL: ours */
    int out;                  /* its standard output; -1: our standard error */
    bool quiet;               /* its standard error is dropped */
};

static _Noreturn void become(const struct command *c)
{
    int null = open("/dev/null", O_RDWR);

    setpgid(0, 0);
    signal(SIGPIPE, SIG_DFL);
    if (null < 0 || dup2(null, 0) < 0 || dup2(c->out < 0 ? 2 : c->out, 1) < 0)
        _exit(127);
    if (c->quiet)
        dup2(null, 2);
    if (c->folder && chdir(c->folder) < 0)
        _exit(127);
    execvp(c->words[0], (char *const *)c->words);
    _exit(127);
}

/* The group of an interrupted command is ended: a build has children. */
static int wait_for(pid_t pid, const atomic_int *interrupted, int *status)
{
    bool ended = false;

    while (waitpid(pid, status, 0) < 0) {
        if (errno != EINTR)
            return -errno;
        if (interrupted && !ended && atomic_load(interrupted)) {
            kill(-pid, SIGTERM);
            ended = true;
        }
    }
    return ended ? -EINTR : 0;
}

/* What it ends with: 0, -EINTR, -ENOENT where it can't be run, -EPROTO where it fails. */
static int run(const struct command *c, const atomic_int *interrupted)
{
    pid_t pid = fork();
    int status, err;

    if (pid == 0)
        become(c);
    if (pid < 0)
        return -errno;
    setpgid(pid, pid);
    err = wait_for(pid, interrupted, &status);
    if (err < 0)
        return err;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return -ENOENT;
    return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EPROTO;
}

/* The one line that git prints. */
static int ask_git(const char *const *words, const char *cause, struct ps_arena *a,
                   const char **line, struct ps_err *e)
{
    char text[MOST_OUTPUT];
    ssize_t length;
    int pipes[2], err;

    if (pipe2(pipes, O_CLOEXEC) < 0)
        return ps_fail(e, errno, "can't ask git: %s", strerror(errno));
    err = run(&(struct command){words, NULL, pipes[1], true}, NULL);
    close(pipes[1]);
    length = read(pipes[0], text, sizeof text - 1);
    close(pipes[0]);
    if (err == -ENOENT)
        return ps_fail(e, ENOENT, "can't run git");
    if (err < 0 || length < 0)
        return ps_fail(e, EINVAL, "%s", cause);
    text[length] = '\0';
    text[strcspn(text, "\n")] = '\0';
    *line = ps_arena_copy(a, text);
    return 0;
}

static int find_revision(const char *name, struct ps_arena *a, const char **hash, struct ps_err *e)
{
    const char *const words[] = {
        "git", "rev-parse", "--verify", "--end-of-options", ps_arena_format(a, "%s^{commit}", name),
        NULL};

    return ask_git(
        words,
        ps_arena_format(a, "'%s' is not a revision of this git repository", ps_text_clean(a, name)),
        a, hash, e);
}

static int make_top(struct ps_revisions *r, struct ps_arena *a, struct ps_err *e)
{
    const char *temporary = getenv("TMPDIR");
    char *top = ps_arena_format(a, "%s/parscope-XXXXXX",
                                temporary && temporary[0] == '/' ? temporary : "/tmp");

    if (!mkdtemp(top))
        return ps_fail(e, errno, "can't create a folder for the revisions: %s", strerror(errno));
    r->top = top;
    return 0;
}

static int check_out(struct ps_revisions *r, size_t side, const char *hash, const char *within,
                     struct ps_err *e)
{
    const char *tree = ps_arena_format(r->arena, "%s/%s", r->top, side ? "new" : "base");
    const char *const words[] = {"git", "worktree", "add", "--quiet", "--detach", tree, hash, NULL};
    int err;

    r->worktrees[side] = tree;
    err = run(&(struct command){words, NULL, -1, false}, r->interrupted);
    if (err == -EINTR)
        return ps_fail(e, EINTR, "interrupted");
    if (err < 0)
        return ps_fail(e, -err, "can't check out '%s': git worktree add failed", r->names[side]);
    r->folders[side] = *within ? ps_arena_format(r->arena, "%s/%s", tree, within) : tree;
    if (access(r->folders[side], X_OK) < 0)
        return ps_fail(e, ENOENT, "'%s' has no folder '%s'", r->names[side], within);
    return 0;
}

static int build_side(const struct ps_revisions *r, size_t side, const char *build,
                      struct ps_err *e)
{
    const char *const words[] = {"sh", "-c", build, NULL};
    int err = run(&(struct command){words, r->folders[side], -1, false}, r->interrupted);

    if (err == -EINTR)
        return ps_fail(e, EINTR, "interrupted");
    return err < 0 ? ps_fail(e, -err, "the build of '%s' failed: %s", r->names[side], build) : 0;
}

static bool stopped(const struct ps_revisions *r)
{
    return r->interrupted && atomic_load(r->interrupted);
}

int ps_revisions_make(struct ps_revisions *r, const char *build, struct ps_err *e)
{
    static const char *const prefix[] = {"git", "rev-parse", "--show-prefix", NULL};
    const char *within = NULL, *hashes[PS_REVISIONS] = {NULL};
    int err = ask_git(prefix, "this is not a git repository", r->arena, &within, e);

    for (size_t i = 0; !err && i < PS_REVISIONS; i++)
        err = find_revision(r->names[i], r->arena, &hashes[i], e);
    if (!err)
        err = make_top(r, r->arena, e);
    for (size_t i = 0; !err && i < PS_REVISIONS; i++)
        err = stopped(r) ? ps_fail(e, EINTR, "interrupted") : check_out(r, i, hashes[i], within, e);
    for (size_t i = 0; build && !err && i < PS_REVISIONS; i++)
        err = stopped(r) ? ps_fail(e, EINTR, "interrupted") : build_side(r, i, build, e);
    return err;
}

void ps_revisions_remove(struct ps_revisions *r)
{
    for (size_t i = 0; i < PS_REVISIONS; i++) {
        const char *const words[] = {"git", "worktree", "remove", "--force", r->worktrees[i], NULL};

        if (r->worktrees[i])
            run(&(struct command){words, NULL, -1, true}, NULL);
    }
    if (r->top)
        rmdir(r->top);
    r->top = NULL;
}
