/* Trials of programs: one execution each, started anew. */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "execution.h"
#include "program_trials.h"
#include "source.h"
#include "thread_sampler.h"

#define WARM_UP_LOOKS \
    2e-3 /* s between looks at the process tree, in an execution that is not timed */
#define LEAST_LOOKS  0.2e-3 /* s, likewise, of a program that ends soon */
#define LOOKS        20     /* that are enough */
#define LOOK_TIME    0.3    /* s of executions that more looks may take */
#define CLEANUP_TIME 10.0   /* s that --cleanup may take after an interrupt */
#define SLOW_DISK    50e6   /* bytes/s */

/* Of a target in the warm-up: as if it were a round. */
struct first_execution {
    struct execution x;
    double raw[PS_RAW_COUNT];
};

static void set_watch(struct ps_child_limits *limits, struct ps_thread_sampler *sampler)
{
    limits->watch = ps_thread_sampler_sample;
    limits->watch_arg = sampler;
    limits->first_watch = sampler->interval / 2;
}

/* Whether more looks at a short program would tell how many threads it has. */
static bool want_more_looks(const struct target *t, const struct ps_thread_sampler *sampler,
                            double spent)
{
    return t->plan->asked && t->plan->threads * t->plan->copies > 1 && sampler->looks < LOOKS &&
           spent < LOOK_TIME && !t->program->seen.failures;
}

/* used: CPUs. */
static void judge_threads(struct target *t, const struct ps_thread_sampler *sampler, double used)
{
    const bool one_tree = t->plan->asked && t->plan->copies == 1;
    struct ps_program_seen *seen = &t->program->seen;

    seen->looks = sampler->looks;
    seen->looks_outside = sampler->outside;
    seen->runtimes = sampler->runtimes;
    seen->threads = ps_thread_judge(sampler, one_tree ? t->plan->threads : 0, used);
}

/* Whether something came by our own standard input, which programs don't get. */
static bool input_for_nobody(void)
{
    struct stat st;

    return fstat(STDIN_FILENO, &st) == 0 &&
           (S_ISFIFO(st.st_mode) || S_ISREG(st.st_mode) || S_ISSOCK(st.st_mode));
}

static void take_usage(struct target *t, double *raw, const struct ps_child_usage *u)
{
    t->program->seen.page_faults = (double)(u->minor_faults + u->major_faults) / u->wall;
    raw[PS_RAW_WALL] = u->wall;
    raw[PS_RAW_WALL_COUNTED] = execution_outlived(u) ? u->lasted : u->wall;
    raw[PS_RAW_USER] = u->user;
    raw[PS_RAW_SYSTEM] = u->system;
    raw[PS_RAW_CPU] = u->user + u->system;
    raw[PS_RAW_CPU_SPIN] = 0; /* the program's own spinning can't be told from its work */
    raw[PS_RAW_VOLUNTARY] = (double)u->voluntary;
    raw[PS_RAW_INVOLUNTARY] = (double)u->involuntary;
    raw[PS_RAW_RUN_DELAY] = u->run_delay;
    raw[PS_RAW_OTHERS] = u->others;
}

/* Only where time may end the run, and the first execution is all of the warm-up. */
static void begin_first(struct session *s, struct target *t)
{
    const struct ps_request *r = s->plan->request;

    if (r->runs || r->warmup != 1)
        return;
    t->program->first = ps_arena_alloc(s->arena, sizeof *t->program->first);
    for (size_t i = 0; i < PS_RAW_COUNT; i++)
        t->program->first->raw[i] = NAN;
    sources_begin(s, t);
}

static bool was_cold(const struct ps_child_usage *u)
{
    return (double)u->disk_read > PS_COLD * u->wall * SLOW_DISK;
}

static void end_first(struct target *t, const struct execution *x)
{
    struct first_execution *first = t->program->first;

    if (!first)
        return;
    take_usage(t, first->raw, &x->usage);
    sources_end(t, first->raw, 1);
    first->x = *x;
    if (was_cold(&x->usage))
        t->program->first = NULL;
}

/* The first execution of the warm-up, and more of a program that ends before it has been seen. */
static int execute_watched(struct session *s, struct target *t, struct execution *x)
{
    struct ps_thread_sampler *sampler = ps_arena_alloc(s->arena, sizeof *sampler);
    struct ps_child_limits limits = execution_limits(s);
    bool anywhere = t->plan->cpus[0] < 0;
    double spent = 0, cpu = 0;
    int err;

    ps_thread_sampler_init(sampler, anywhere ? NULL : t->plan->cpus,
                           anywhere ? 0 : t->plan->threads, WARM_UP_LOOKS);
    limits.watch_input = input_for_nobody();
    begin_first(s, t);
    do {
        set_watch(&limits, sampler);
        err = execution_run(s, t, &limits, x);
        if (!err && !spent)
            end_first(t, x);
        ps_thread_sampler_end(sampler);
        t->program->seen.read_input |= !err && x->usage.read_input;
        limits.watch_input = false;
        spent += err ? 0 : x->usage.wall;
        cpu += err ? 0 : x->usage.user + x->usage.system;
        sampler->interval = fmax(LEAST_LOOKS, fmin(WARM_UP_LOOKS, x->usage.wall / LOOKS));
    } while (!err && want_more_looks(t, sampler, spent));
    judge_threads(t, sampler, cpu / spent);
    return err;
}

int program_execute(struct session *s, struct target *t, ps_child_watch_fn *watch, void *arg,
                    struct ps_child_usage *usage)
{
    struct ps_child_limits limits = execution_limits(s);
    struct execution x;
    int err;

    limits.watch = watch;
    limits.watch_arg = arg;
    limits.first_watch = 1e-3;
    err = execution_run(s, t, &limits, &x);
    if (!err)
        *usage = x.usage;
    return err;
}

static void take_counts(struct session *s, struct target *t, double *raw, const struct execution *x)
{
    struct ps_counts c;

    if (!s->tree)
        return; /* -e none, or nothing that can be counted: the events say why */
    c = ps_tree_between(s->tree, &x->before, &x->after);
    for (size_t k = 0; k < s->samples.event_count; k++) {
        const char *doubt = ps_count_doubt(&s->samples.events[k], &c, k);

        if (x->count_error)
            doubt = ps_arena_format(s->arena, "the counters could not be read: %s",
                                    strerror(-x->count_error));
        t->series->sums.enabled_ns[k] += c.enabled_ns[k];
        t->series->sums.running_ns[k] += c.running_ns[k];
        if (doubt) {
            ps_sums_doubt(&t->series->sums, k, doubt);
            continue;
        }
        raw[PS_RAW_FIXED + k] = ps_count_scaled(&s->samples.events[k], &c, k);
        t->series->sums.event_rounds[k]++;
    }
}

static void take_memory(struct target *t, double *raw, const struct ps_child_usage *u)
{
    if (u->max_rss > u->own_rss)
        raw[PS_RAW_RSS] = (double)u->max_rss;
    else if (u->own_rss > t->program->seen.hiding_rss)
        t->program->seen.hiding_rss = u->own_rss;
}

/* What has been read of it already is in raw. */
static void end_round(struct session *s, struct target *t, double *raw, const struct execution *x)
{
    t->series->sums.executions++;
    take_memory(t, raw, &x->usage);
    take_counts(s, t, raw, x);
}

static int run_once(struct session *s, struct target *t, double *raw)
{
    struct ps_child_limits limits = execution_limits(s);
    struct execution x;
    int err;

    sources_begin(s, t);
    err = execution_run(s, t, &limits, &x);
    if (err < 0)
        return err;
    take_usage(t, raw, &x.usage);
    sources_end(t, raw, 1);
    end_round(s, t, raw, &x);
    return 0;
}

static int program_run(struct session *s, struct target *t, size_t round)
{
    const struct first_execution *first = t->program->first;
    double *raw = ps_raw(&s->samples, t->series, round);

    if (round || !s->first_counts || !first)
        return run_once(s, t, raw);
    memcpy(raw, first->raw, s->samples.column_count * sizeof *raw);
    end_round(s, t, raw, &first->x);
    t->program->seen.first_counts = true;
    t->spent += first->x.took;
    return 0;
}

double program_first_time(const struct target *t)
{
    return t->program && t->program->first ? t->program->first->x.took : 0;
}

static int program_warm_up(struct session *s, struct target *t)
{
    struct ps_child_limits limits = execution_limits(s);
    int err = 0;

    for (uint64_t i = 0; !err && i < s->plan->request->warmup; i++) {
        struct execution x;

        err = i ? execution_run(s, t, &limits, &x) : execute_watched(s, t, &x);
        if (!err)
            t->schedule.execution = x.took - s->plan->request->gap;
    }
    return err;
}

static int program_finish(struct session *s, struct target *t)
{
    struct ps_child_limits limits = execution_limits(s);

    t->program->cleaned = true;
    return execution_auxiliary(s, &t->program->cleanup, "--cleanup", &limits);
}

/* After an error or an interrupt, whose cause is the one to be told. */
static void clean_up(struct session *s, struct target *t)
{
    struct ps_child_limits limits = {.timeout = CLEANUP_TIME};

    if (t->program && t->program->seen.executions && !t->program->cleaned)
        execution_auxiliary(s, &t->program->cleanup, "--cleanup", &limits);
}

static void program_close(struct session *s)
{
    for (size_t i = 0; s->children && i < s->target_count; i++)
        clean_up(s, &s->targets[i]);
    sources_close(s);
    ps_children_close(s->children);
    ps_tree_destroy(s->tree);
}

/* list: the text of {cpus}. */
static struct ps_child child_of(struct session *s, const struct target *t,
                                const struct ps_program *program, const char *list)
{
    const char *const *environment = (const char *const *)environ;
    const struct ps_program_fill fill = ps_plan_fill(s->plan, t->plan, list, s->arena);

    if (!program)
        return (struct ps_child){0};
    if (t->plan->asked)
        environment = ps_program_environment(environment, fill.threads, s->arena);
    return (struct ps_child){
        .path = program->path,
        .folder = program->folder,
        .words = ps_program_words(program, &fill, s->arena),
        .environment = environment,
    };
}

/* What is chosen from outside comes last: it may take the place of anything. */
static void choose_outside(struct session *s, struct target *t, struct ps_child *child)
{
    const struct ps_outside *o = t->plan->outside;

    if (!o)
        return;
    child->environment =
        ps_outside_environment(o, child->environment, child->cpus, child->cpu_count, s->arena);
    child->calls = o->calls;
    child->call_count = o->call_count;
}

static void open_target(struct session *s, struct target *t)
{
    const struct ps_plan_point *p = t->plan;
    const int *cpus = p->cpus[0] < 0 ? NULL : p->cpus;
    const char *list = ps_plan_program_cpus(s->plan, p, s->arena);
    struct program_target *own = ps_arena_alloc(s->arena, sizeof *own);

    own->children = ps_arena_array(s->arena, p->copies, sizeof *own->children);
    for (unsigned i = 0; i < p->copies; i++) {
        bool one = p->copies > 1;

        own->children[i] = child_of(s, t, t->workload->program,
                                    one ? ps_cpu_list_format(s->arena, p->cpus + i, 1) : list);
        own->children[i].cpus = cpus ? cpus + i : NULL;
        own->children[i].cpu_count = !cpus ? 0 : one ? 1 : p->threads;
        choose_outside(s, t, &own->children[i]);
    }
    own->prepare = child_of(s, t, s->plan->prepare, list);
    own->cleanup = child_of(s, t, s->plan->cleanup, list);
    t->program = own;
    t->series->program = &own->seen;
    t->series->sums.frequency_why =
        "the clock of a program is known only if its cycles are counted";
}

static int program_open(struct session *s)
{
    const struct ps_program_request *r = &s->plan->request->program;
    int err = ps_children_open(r->output, r->output_path, &s->children, s->error);

    if (!err)
        err = ps_children_set_input(s->children, r->input_path, s->error);
    if (!err && ps_counters_any(s->counters)) {
        err = ps_tree_create(s->counters, ps_children_starter(s->children), &s->tree);
        if (err < 0)
            ps_fail(s->error, -err, "out of memory for the counters");
    }
    for (size_t i = 0; !err && i < s->target_count; i++)
        open_target(s, &s->targets[i]);
    return err;
}

const struct target_ops program_target_ops = {
    .open = program_open,
    .close = program_close,
    .warm_up = program_warm_up,
    .run = program_run,
    .observe = program_observe,
    .finish = program_finish,
};
