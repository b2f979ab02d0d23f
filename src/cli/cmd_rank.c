#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cli.h"
#include "call_file.h"
#include "launcher.h"
#include "outfile.h"
#include "program.h"
#include "rank_file.h"
#include "rank_run.h"
#include "words.h"

#define FOLDER_VARIABLE "PARSCOPE_RANKS"
#define FOLDER          "parscope-ranks"

struct rank_values {
    const char *folder;
    bool by_samples;
};

static const struct ps_option rows[] = {
    {"folder", 'd', PS_OPTION_TEXT, "DIR",
     "write the rank's file there, a folder that all ranks see (default: $" FOLDER_VARIABLE
     ", else " FOLDER ")",
     offsetof(struct rank_values, folder)},
    {"by-samples", 0, PS_OPTION_FLAG, NULL,
     "load no library into the program, and estimate the time inside MPI by samples",
     offsetof(struct rank_values, by_samples)},
    {NULL},
};
static const struct ps_option_group group = {"Options", rows};
static const struct ps_option_group *const options[] = {&group, &ps_help_group, NULL};

static const char *folder_of(const struct rank_values *v)
{
    const char *told = getenv(FOLDER_VARIABLE);

    if (v->folder)
        return v->folder;
    return told && *told ? told : FOLDER;
}

/* So that the files of an earlier run are not taken for those of one that leaves none. */
static void remove_earlier(const struct ps_outfile *f, struct ps_arena *a)
{
    const char *path = f->path;
    const int length = (int)(strlen(path) - strlen(PS_RANK_SUFFIX));

    if (f->target)
        unlink(f->target);
    unlink(ps_arena_format(a, "%.*s" PS_CALL_SUFFIX, length, path));
}

/* All ranks make it, and one is first. */
static int open_file(const struct rank_values *v, const struct ps_place_in_run *place,
                     struct ps_arena *a, struct ps_outfile *f, struct ps_err *e)
{
    const char *folder = folder_of(v), *path;
    int err;

    if (mkdir(folder, 0777) < 0 && errno != EEXIST)
        return ps_fail(e, EINVAL, "can't create the folder '%s': %s", folder, strerror(errno));
    path = ps_arena_format(a, "%s/rank-%07u" PS_RANK_SUFFIX, folder, place->rank);
    err = ps_outfile_open(f, path, e);
    if (!err)
        remove_earlier(f, a);
    return err;
}

static int write_file(struct ps_outfile *f, const struct ps_rank_run *about,
                      const struct ps_rank *r, struct ps_err *e)
{
    struct ps_str line = PS_STR_INIT;
    int err = ps_rank_write(about, r, &line, e);

    if (!err)
        err = ps_outfile_commit(f, ps_str_text(&line), line.length, e);
    ps_str_finish(&line);
    return err;
}

/* Beside the rank's own file, before that is there. */
static int write_calls(const char *path, const struct ps_rank *r, const struct ps_str *calls,
                       struct ps_arena *a, struct ps_err *e)
{
    const int length = (int)(strlen(path) - strlen(PS_RANK_SUFFIX));
    const char *beside = ps_arena_format(a, "%.*s" PS_CALL_SUFFIX, length, path);
    struct ps_outfile f;
    int err;

    if (r->calls_reason)
        return 0;
    err = ps_outfile_open(&f, beside, e);
    return err < 0 ? err : ps_outfile_commit(&f, ps_str_text(calls), calls->length, e);
}

/* As the program ended, so that the launcher sees what it would without us. */
static int end_alike(const struct ps_rank *r)
{
    const struct rlimit none = {0, 0};
    sigset_t all;

    if (!r->signalled)
        return (int)r->status;
    setrlimit(RLIMIT_CORE, &none);
    signal((int)r->status, SIG_DFL);
    sigfillset(&all);
    sigprocmask(SIG_UNBLOCK, &all, NULL);
    raise((int)r->status);
    return 128 + (int)r->status;
}

static int measure(struct ps_cli *cli, const struct ps_place_in_run *place,
                   const struct ps_rank_program *what, const char *label, struct ps_outfile *f)
{
    const struct ps_rank_run about = {PS_VERSION, place->launcher, label, place->run};
    struct ps_rank rank = {.rank = place->rank, .size = place->size};
    struct ps_str calls = PS_STR_INIT;
    struct utsname host;

    if (uname(&host) < 0)
        return ps_exit_of(ps_fail(&cli->error, errno, "this machine has no name"));
    rank.node = host.nodename;
    if (ps_rank_run(what, &cli->arena, &rank, &calls, &cli->error) < 0 ||
        write_calls(f->path, &rank, &calls, &cli->arena, &cli->error) < 0 ||
        write_file(f, &about, &rank, &cli->error) < 0)
        return PS_EXIT_FAILED;
    ps_str_finish(&calls);
    return end_alike(&rank);
}

static int run(struct ps_cli *cli, const void *values, const struct ps_parsed *parsed)
{
    const struct rank_values *v = values;
    struct ps_place_in_run place;
    struct ps_program program;
    struct ps_rank_program what;
    struct ps_outfile file = {.fd = -1};
    int status, err = 0;

    if (!parsed->dashes || parsed->plain_count || !parsed->operand_count)
        err = ps_fail(&cli->error, EINVAL,
                      "no program given: name one, as in 'mpirun -n 4 parscope rank -- ./app'");
    if (!err)
        err = ps_launcher_find((const char *const *)environ, &cli->arena, &place, &cli->error);
    if (!err)
        err = ps_program_of_words(parsed->operands, parsed->operand_count, &cli->arena, &program,
                                  &cli->error);
    if (!err && open_file(v, &place, &cli->arena, &file, &cli->error) < 0)
        err = -EINVAL;
    if (err < 0)
        return ps_exit_of(err);
    what = (struct ps_rank_program){program.path, program.words, (const char *const *)environ,
                                    place.launcher, v->by_samples};
    status = measure(cli, &place, &what, program.label, &file);
    ps_outfile_abandon(&file);
    return status;
}

static const char *const usage[] = {"[options] -- COMMAND [ARGUMENT]...", NULL};

const struct ps_command ps_command_rank = {
    .name = "rank",
    .summary = "measure one rank of an MPI program, under its launcher",
    .usage = usage,
    .details =
        "Runs under mpirun or srun, once for each rank, and runs the program in turn. Which rank "
        "it is, the launcher says (Open MPI, MPICH, Intel MPI, MVAPICH, Slurm, PMIx). Each rank "
        "writes one file when its program has ended; 'parscope merge' joins them. The program's "
        "output, input, signals and exit status are as they are without parscope.\n"
        "\n"
        "Example: mpirun -n 4 parscope rank -d ranks -- ./app\n"
        "         parscope merge ranks",
    .options = options,
    .values_size = sizeof(struct rank_values),
    .run = run,
};
