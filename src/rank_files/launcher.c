#include "launcher.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "units.h"

/* Set for the ranks by `parscope sweep --ranks`, another one for each execution. */
#define RUN_VARIABLE "PARSCOPE_RUN"

/* Those that set more come first: Open MPI sets PMIx's variables too, and srun runs other
 * launchers' processes. */
static const struct {
    const char *name, *rank, *size;
    const char *needs;   /* where srun started it, one that srun does not set; NULL */
    const char *runs[3]; /* together they name the run */
} launchers[] = {
    {"Open MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", NULL, {"PMIX_NAMESPACE"}},
    {"MVAPICH", "MV2_COMM_WORLD_RANK", "MV2_COMM_WORLD_SIZE", NULL, {"MPIRUN_ID"}},
    {"MPICH", "PMI_RANK", "PMI_SIZE", "MPI_LOCALNRANKS", {"SLURM_JOB_ID", "SLURM_STEP_ID"}},
    {"Slurm", "SLURM_PROCID", "SLURM_NTASKS", NULL, {"SLURM_JOB_ID", "SLURM_STEP_ID"}},
    {"PMIx", "PMIX_RANK", "PMIX_SIZE", NULL, {"PMIX_NAMESPACE"}},
};
#define LAUNCHERS (sizeof launchers / sizeof *launchers)

const char *ps_environment_value(const char *const *environment, const char *name)
{
    const size_t length = strlen(name);

    for (; *environment; environment++)
        if (!strncmp(*environment, name, length) && (*environment)[length] == '=')
            return *environment + length + 1;
    return NULL;
}

static const char *run_of(const char *const *environment, size_t launcher, struct ps_arena *a)
{
    const char *run = ps_environment_value(environment, RUN_VARIABLE);

    if (run)
        return run;
    for (size_t i = 0; i < 3 && launchers[launcher].runs[i]; i++) {
        const char *part = ps_environment_value(environment, launchers[launcher].runs[i]);

        if (!part)
            return NULL;
        run = run ? ps_arena_format(a, "%s.%s", run, part) : part;
    }
    return run;
}

static int read_place(const char *const *environment, size_t i, struct ps_place_in_run *p,
                      struct ps_err *e)
{
    uint64_t rank, size;
    int err = ps_parse_count(ps_environment_value(environment, launchers[i].size),
                             launchers[i].size, 1, PS_MOST_RANKS, &size, e);

    if (!err)
        err = ps_parse_count(ps_environment_value(environment, launchers[i].rank),
                             launchers[i].rank, 0, size - 1, &rank, e);
    if (err < 0)
        return -EINVAL;
    p->rank = (uint32_t)rank;
    p->size = (uint32_t)size;
    return 0;
}

/* srun speaks for any MPI: by --mpi=pmi2 with the variables that MPICH's own launcher sets, too. */
static bool is_there(const char *const *environment, size_t i)
{
    const char *slurm = ps_environment_value(environment, "SLURM_PROCID");
    const char *rank = ps_environment_value(environment, launchers[i].rank);

    if (!rank || !ps_environment_value(environment, launchers[i].size))
        return false;
    return !launchers[i].needs || !slurm || strcmp(slurm, rank) != 0 ||
           ps_environment_value(environment, launchers[i].needs);
}

int ps_launcher_find(const char *const *environment, struct ps_arena *a,
                     struct ps_place_in_run *out, struct ps_err *e)
{
    for (size_t i = 0; i < LAUNCHERS; i++) {
        struct ps_place_in_run p = {.launcher = launchers[i].name};
        int err;

        if (!is_there(environment, i))
            continue;
        err = read_place(environment, i, &p, e);
        if (err < 0)
            return err;
        p.run = run_of(environment, i, a);
        *out = p;
        return 0;
    }
    return ps_fail(e, ENOENT,
                   "no launcher has said which rank this is. Start it with one, as in 'mpirun "
                   "-n 4 parscope rank -- ./app' (known: Open MPI, MPICH, Intel MPI, MVAPICH, "
                   "srun, PMIx)");
}
