#include "execution.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#define TAIL_SHOWN 600  /* bytes of the standard error of a failed execution */
#define OUTLIVES   1e-3 /* s; what ends sooner after its program is no finding */
#define LINGER     2.0  /* s that processes which compute may outlive a program */
#define AT_ONCE    1.0  /* s, in which a program that lacks something fails */

static const char *how_many(const struct session *s, const struct target *t)
{
    if (t->plan->copies > 1)
        return ps_arena_format(s->arena, " in %u copies", t->plan->copies);
    if (!t->plan->asked)
        return "";
    return ps_arena_format(s->arena, " with %u thread%s", t->plan->threads,
                           t->plan->threads == 1 ? "" : "s");
}

/* The last bytes, made harmless for a terminal, without the end of the last line. */
static const char *shown_tail(const struct session *s, const char *tail)
{
    size_t length = strlen(tail);
    char *text;

    while (length && tail[length - 1] == '\n')
        length--;
    if (length > TAIL_SHOWN) {
        tail += length - TAIL_SHOWN;
        length = TAIL_SHOWN;
    }
    text = ps_arena_format(s->arena, "%.*s", (int)length, tail);
    for (char *c = text; *c; c++)
        if (iscntrl((unsigned char)*c) && *c != '\n' && *c != '\t')
            *c = '?';
    return text;
}

/* It may have asked for what it does not get. */
static bool silent(const struct session *s, const struct ps_child_usage *u)
{
    return s->plan->request->program.output == PS_CHILD_NULL && u->end == PS_CHILD_EXITED &&
           !u->tail[0] && u->wall < AT_ONCE;
}

static int failed(struct session *s, const struct ps_child_usage *u, const char *what,
                  double timeout)
{
    const char *tail = shown_tail(s, u->tail);
    char how[128];

    ps_child_describe(u, timeout, how, sizeof how);
    return ps_fail(
        s->error, ECHILD, "%s %s%s%s", what, how,
        *tail ? "; its standard error ends with:\n"
        : silent(s, u)
            ? "; it printed no error message. Does it need a terminal (--child-output inherit) or "
              "input (--input FILE)?"
            : "",
        tail);
}

int execution_auxiliary(struct session *s, const struct ps_child *child, const char *option,
                        const struct ps_child_limits *limits)
{
    struct ps_child_usage u;
    int err;

    if (!child->path)
        return 0;
    s->tree_still = false;
    err = ps_child_run(s->children, child, 1, limits, &u, s->error);
    if (err < 0)
        return err;
    if (u.end == PS_CHILD_INTERRUPTED)
        return -EINTR;
    if (u.end == PS_CHILD_EXITED && u.status == 0)
        return 0;
    return failed(s, &u, ps_arena_format(s->arena, "%s: '%s'", option, child->words[0]),
                  limits->timeout);
}

struct ps_child_limits execution_limits(const struct session *s)
{
    return (struct ps_child_limits){
        .timeout = s->plan->request->program.timeout,
        .interrupted = s->hooks->interrupted,
    };
}

static void read_after(void *arg)
{
    struct execution *x = arg;

    if (x->session->tree && !x->count_error)
        x->count_error = ps_tree_read(x->session->tree, &x->after);
}

static int read_before(struct session *s, struct execution *x)
{
    if (s->tree && s->tree_still)
        x->before = s->tree_counts;
    return s->tree && !s->tree_still ? ps_tree_read(s->tree, &x->before) : 0;
}

/* What was left of it may have run on, and ended after the reading. */
static void keep_reading(struct session *s, const struct execution *x)
{
    const bool ended = x->usage.end == PS_CHILD_EXITED || x->usage.end == PS_CHILD_SIGNALLED;

    s->tree_still = s->tree && ended && !x->count_error && x->usage.lasted <= x->usage.wall;
    if (s->tree_still)
        s->tree_counts = x->after;
}

static void note_leftovers(struct program_target *p, const struct ps_child_usage *u)
{
    p->seen.leftovers += u->leftover;
    p->seen.unkillable += u->unkillable;
    p->seen.leaky += u->leftover > 0;
}

/* -i forgives an exit status or a signal, but not a program that had to be stopped. */
static int judge(struct session *s, struct target *t, const struct ps_child_usage *u)
{
    const struct ps_program_request *r = &s->plan->request->program;
    const char *what = ps_arena_format(s->arena, "execution %llu of '%s'%s",
                                       (unsigned long long)t->program->seen.executions,
                                       t->workload->bound->label, how_many(s, t));
    char how[128];

    if (!r->ignore_failure || (u->end != PS_CHILD_EXITED && u->end != PS_CHILD_SIGNALLED))
        return failed(s, u, what, r->timeout);
    if (!t->program->seen.failures++)
        t->program->seen.first_failure =
            ps_arena_copy(s->arena, ps_child_describe(u, r->timeout, how, sizeof how));
    return 0;
}

/* A daemon, which does not end, is waited for once. */
static double linger_time(const struct program_target *p)
{
    return p->seen.leaky ? 0 : LINGER;
}

bool execution_outlived(const struct ps_child_usage *u)
{
    return !u->leftover && u->lasted - u->wall > OUTLIVES;
}

static void note_outliving(struct program_target *p, const struct ps_child_usage *u)
{
    if (!execution_outlived(u))
        return;
    p->seen.outlived++;
    p->seen.outlived_by = fmax(p->seen.outlived_by, u->lasted - u->wall);
}

int execution_run(struct session *s, struct target *t, const struct ps_child_limits *given,
                  struct execution *x)
{
    struct program_target *p = t->program;
    struct ps_child_limits plain = execution_limits(s), limits = *given;
    const double began = session_elapsed(s);
    int err = execution_auxiliary(s, &p->prepare, "--prepare", &plain);

    if (err < 0)
        return err;
    if (s->plan->request->gap > 0)
        session_idle(s->plan->request->gap);
    x->session = s;
    x->count_error = read_before(s, x);
    s->tree_still = false;
    limits.linger = linger_time(p);
    limits.between = read_after;
    limits.between_arg = x;
    err = ps_child_run(s->children, p->children, t->plan->copies, &limits, &x->usage, s->error);
    if (err < 0)
        return err;
    keep_reading(s, x);
    x->took = session_elapsed(s) - began;
    p->seen.executions++;
    note_outliving(p, &x->usage);
    note_leftovers(p, &x->usage);
    /* Something short may have ended by itself before it was looked at. */
    if (x->usage.end == PS_CHILD_INTERRUPTED || session_interrupted(s))
        return -EINTR;
    if (x->usage.end != PS_CHILD_EXITED || x->usage.status)
        return judge(s, t, &x->usage);
    return 0;
}
