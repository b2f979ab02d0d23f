/* The plan: every point that will be measured, checked and complete before anything runs. Comes in:
 * a request, as text where the command line has a grammar. Goes out: points (a workload with its
 * parameters, a strategy with its options, threads and CPUs), in the order of the report; curves
 * over what is varied; checks. build.h makes one; this is what the rest sees of it. */
#ifndef PS_PLAN_H
#define PS_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <parscope/workload.h>

#include "arena.h"
#include "catalog.h"
#include "check.h"
#include "child.h"
#include "err.h"
#include "host.h"
#include "kink_result.h"
#include "outside.h"
#include "program.h"
#include "spec.h"
#include "strategy.h"
#include "threads.h"
#include "topology.h"

#define PS_MAX_POINTS     100000
#define PS_MOST_PREDICTED 16
#define PS_MAX_CPU_LISTS  (64u << 20) /* entries of all points' CPU lists together */

/* The programs of a request, which take the place of workloads. */
struct ps_program_request {
    const char *const *words; /* after `--`: one program */
    size_t word_count;
    const char *const *texts; /* -c: one program each */
    size_t text_count;
    const char *const *folders;    /* that each of the texts runs in; NULL: ours */
    const char *const *marks;      /* likewise: that tell their labels apart; NULL */
    const char *shell;             /* --shell, NULL: none; of texts, prepare and cleanup */
    const char *prepare, *cleanup; /* NULL: none */
    pid_t attach;       /* the process that runs already, which is observed for a while; 0: none */
    double attach_time; /* s */
    bool ignore_failure;
    double timeout; /* s; 0: none */
    enum ps_child_output output;
    const char *output_path; /* of PS_CHILD_FILE */
    const char *input_path;  /* of standard input; NULL: it is empty */
};

/* What smt-compare is asked. */
struct ps_smt_request {
    uint64_t cores;           /* 0: all that have two CPUs */
    const char *const *pairs; /* "A,B", taken as siblings; none: those of the topology */
    size_t pair_count;
    bool copies; /* of single-threaded programs, in place of threads */
};

/* The subcommands that measure a plan. */
enum ps_plan_command { PS_PLAN_RUN, PS_PLAN_SWEEP, PS_PLAN_SMT_COMPARE, PS_PLAN_COMPARE };

/* "run", "sweep", "smt-compare" or "compare". */
const char *ps_plan_command_name(enum ps_plan_command command);

/* Whether programs are run again after the rounds, observed. */
enum ps_diagnose {
    PS_DIAGNOSE_WORTH, /* points of a sweep with a low efficiency, while time is left */
    PS_DIAGNOSE_ALWAYS,
    PS_DIAGNOSE_NEVER,
};

/* What compare goes on measuring for. */
struct ps_compare_goal {
    double threshold;
    const char *const *metrics; /* none: those that gates are about */
    size_t metric_count;
    bool precise; /* the precision, too */
};

/* What the command line asks for, as text where it has a grammar. */
struct ps_request {
    enum ps_plan_command command;
    const char *const *arguments; /* whole command line, for the record */
    size_t argument_count;
    const struct ps_catalog *catalog; /* workloads and strategies to choose from */
    const char *const *workloads;     /* specs, each may hold several separated by commas */
    size_t workload_count;
    const char *strategies; /* NULL: the command's default */
    bool tries; /* strategies are chosen later: checks may name some that are not here yet */
    const char *threads;     /* NULL: the command's default */
    const char *const *vary; /* "KEY=RANGE", of sweep */
    size_t vary_count;
    const char *vary_file;     /* of programs: a line a point; NULL */
    const char *placement;     /* NULL: "spread"; may list several: "spread,compact" */
    const char *cpus;          /* --cpus, NULL: none */
    const char *duration;      /* of workloads that have one; "auto"; NULL: as they say */
    const char *const *events; /* -e, each as given */
    size_t event_count;
    bool user, kernel; /* of hardware events, --user and --kernel; neither: both */
    uint64_t seed;
    double precision; /* relative half-width, default 0.01 */
    struct ps_compare_goal compare;
    double max_time; /* s, default 30 */
    uint64_t runs;   /* rounds exactly; 0: until precise */
    uint64_t warmup; /* executions of each point before the first round; default 1 */
    double gap;      /* s of idleness before each execution */
    enum ps_diagnose diagnose;
    const char *fake; /* script, or NULL */
    struct ps_program_request program;
    struct ps_smt_request smt;
    const char *const *checks; /* --check, each as given */
    size_t check_count;
    double want_efficiency; /* of a sweep; 0: none is asked for */
    bool weak;              /* work grows with the threads, of a sweep */
    uint64_t size;          /* what {size} is with one thread */
    const char *predict;    /* numbers of CPUs, of a sweep; NULL: not asked for */
};

struct ps_plan_workload {
    const struct parscope_workload *ops; /* of a program: without functions */
    const struct ps_program *program;    /* NULL: a built-in workload */
    struct ps_bound *bound;              /* its label; of a program without values */
    struct parscope_size size;
    unsigned slots; /* most workers of any of its points */
    size_t unit; /* index of the one that it is grown from by --weak, or of the program that it is
                    compared with at the same values; else its own */
    const char *const *fills; /* of a program: what takes the places of its parameters */
};

struct ps_plan_point {
    size_t workload;                    /* index into plan->workloads */
    const struct ps_strategy *strategy; /* of a program: ps_strategy_program */
    struct ps_bound *options;
    unsigned threads;
    enum ps_placement placement;
    int *cpus;              /* one per thread, -1: not pinned */
    unsigned distinct_cpus; /* that the threads share */
    double p; /* CPUs that can be used at once: the distinct ones, but the cgroup's quota at most */
    bool baseline;
    unsigned copies;        /* of a program, started at once, each on a CPU of its own; else 1 */
    bool asked;             /* the thread count was: a program is told it */
    enum ps_kink_kind kink; /* that the curve has here */
    bool kinked;            /* and no law is about it for that */
    double work; /* over that of its reference: 1, but the threads by --weak, and the copies */
    const struct ps_outside *outside; /* what is chosen for a program from outside; NULL: nothing */
};

/* Whose parameter --vary varies. */
enum ps_owner { PS_OWNER_WORKLOAD, PS_OWNER_STRATEGY, PS_OWNERS };

struct ps_plan_vary {
    const char *key, *range;
    const char *owners[PS_OWNERS]; /* the last that has the key; NULL: none of its kind */
};

/* The strategy of all programs, which schedule by themselves. It can't be asked for. */
extern const struct ps_strategy ps_strategy_program;

/* Points that differ in nothing but one numeric parameter of their workload; two at least. */
struct ps_plan_curve {
    const struct parscope_param *param;
    const char *label; /* of the workload, without the parameter */
    size_t *points;    /* indices */
    double *values;    /* of the parameter */
    size_t count;
};

struct ps_plan {
    const struct ps_request *request;
    const struct ps_topology *topology;
    struct ps_host host;
    bool dry;             /* nothing will be measured */
    struct ps_fake *fake; /* NULL: measure */
    struct ps_plan_workload *workloads;
    size_t workload_count;
    struct ps_plan_point *points; /* grouped by workload, its baseline first */
    size_t point_count;
    const char **events;    /* of -e, split */
    unsigned *event_groups; /* of each: the number of its braces, 0: in none */
    size_t event_count;
    bool no_events;              /* -e none */
    struct ps_plan_vary *varied; /* by --vary */
    size_t varied_count;
    size_t
        programs_at_once; /* that have the same values, one behind the other; 0: nothing varies */
    struct ps_plan_curve *curves; /* over what is varied */
    size_t curve_count;
    double *predicted; /* numbers of CPUs that a speedup is wanted of */
    size_t predicted_count;
    bool scales;        /* curves over thread counts are asked for */
    bool programs;      /* all workloads are programs; else none is */
    bool against_plain; /* the reference is the program as it is, not one thread of it */
    const struct ps_program *prepare, *cleanup; /* NULL: none */
    unsigned smt_cores;                         /* of smt-compare */
    bool smt_assumed;                           /* siblings are those of --pair */
    struct ps_check_spec *checks;
    size_t check_count;
    const char **skipped; /* sentences: pairs of workload and strategy that can't be, and why */
    size_t skipped_count;
};

/* The CPUs that a program at this point may run on, each once: "0,2-3". */
const char *ps_plan_program_cpus(const struct ps_plan *p, const struct ps_plan_point *point,
                                 struct ps_arena *a);
/* The label of a workload's curve over a key: without it, "reduce:size=10:work=64" over "size" is
 * "reduce:work=64"; and without the duration where --duration auto found one for each value. */
const char *ps_plan_curve_label(const struct ps_plan *p, const struct ps_plan_workload *w,
                                const char *key, struct ps_arena *a);
/* A program's command with its values; but: the NAME that is left as it is; NULL: none. */
const char *ps_plan_program_label(const struct ps_plan_workload *w, const char *but,
                                  struct ps_arena *a);
/* What strategies from outside need to know of the machine. */
struct ps_outside_host ps_plan_outside_host(const struct ps_plan *p);
/* What takes the places in a program's words at a point. cpus: NULL: those of the point. */
struct ps_program_fill ps_plan_fill(const struct ps_plan *p, const struct ps_plan_point *point,
                                    const char *cpus, struct ps_arena *a);
/* Also where compare is asked for thread counts. */
bool plan_is_sweep(const struct ps_request *r);
bool plan_is_smt(const struct ps_request *r);
/* Whether a workload's parameter is varied. */
bool ps_plan_varies(const struct ps_plan *p);
/* What {size} is in a program's words; 0: it is no placeholder. */
uint64_t ps_plan_size(const struct ps_plan *p, const struct ps_plan_point *point);
/* A point, as checks see it. */
struct ps_check_subject ps_plan_subject(const struct ps_plan *p, const struct ps_plan_point *point);

#endif
