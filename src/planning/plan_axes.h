/* What a request says, parsed, before it is multiplied out to points; and the points. Internal to
 * this layer. */
#ifndef PS_PLAN_AXES_H
#define PS_PLAN_AXES_H

#include "plan.h"

struct choice {
    const struct ps_strategy *strategy;
    struct ps_bound *options;
    const struct ps_outside *outside; /* of a program; NULL: it is left as it is */
};

struct choices {
    struct choice *items;
    size_t count;
};

struct axes {
    struct choices strategies;
    bool default_strategies;
    unsigned *threads;
    size_t thread_count;
    enum ps_placement *placements;
    size_t placement_count;
    int *cpus; /* --cpus */
    size_t cpu_count;
    const char **names; /* of all parameters that --vary could mean */
    size_t name_count;
    bool asked;      /* threads or CPUs were, by an option or a placeholder */
    uint64_t listed; /* entries of CPU lists so far */
};

/* plan_axes.c */
int axes_parse(struct ps_plan *p, struct axes *x, struct ps_arena *a, struct ps_err *e);
void axes_choose_program(struct axes *x, struct ps_arena *a);
int axes_choose_sequential(struct choice *c, struct ps_arena *a, struct ps_err *e);

/* plan_vary.c: the request's --vary; a spec with what is varied of it, which is noted; the names
 * that could be meant; whether each key was had by workloads or by strategies. */
int vary_parse(struct ps_plan *p, struct ps_arena *a, struct ps_err *e);
int vary_spec(struct ps_plan *p, enum ps_owner owner, struct ps_spec *spec,
              const struct parscope_param *params, struct ps_err *e);
void vary_know(struct axes *x, const struct parscope_param *params, struct ps_arena *a);
int vary_check(const struct ps_plan *p, const struct axes *x, struct ps_err *e);

/* plan_vary_programs.c: the plan's programs with each combination of the values. */
int vary_programs(struct ps_plan *p, struct ps_arena *a, struct ps_err *e);

/* plan_predict.c: the request's --predict. */
int plan_parse_predicted(struct ps_plan *p, struct ps_arena *a, struct ps_err *e);

/* plan_programs.c: workloads, prepare and cleanup from the request's programs. */
int plan_add_programs(struct ps_plan *p, struct ps_arena *a, struct ps_err *e);
/* Whether the thread count matters to any of them. */
bool plan_takes_threads(const struct ps_plan *p);

/* A point to be added. */
struct new_point {
    size_t workload; /* in the plan */
    struct choice choice;
    enum ps_placement placement;
    unsigned threads;
    const int *list; /* CPUs of placements that have a list */
    size_t list_count;
};

/* plan_outside.c: the strategies of programs that the request names, behind the plain one; and
 * what smt-compare and --cpus leave no room for. */
int plan_choose_outside(struct ps_plan *p, struct axes *x, struct ps_arena *a, struct ps_err *e);

/* plan_weak.c: a workload grown for so many threads; what --weak can't be asked of. */
int weak_grow(struct ps_plan *p, size_t unit, unsigned threads, struct ps_arena *a, size_t *grown,
              struct ps_err *e);
int weak_check(const struct ps_plan *p, struct ps_err *e);

/* plan_kinks.c: which points of curves over threads have other hardware. */
void plan_find_kinks(struct ps_plan *p, struct ps_arena *a);

/* plan_points.c */
int plan_add_point(struct ps_plan *p, struct axes *x, const struct new_point *n, struct ps_arena *a,
                   struct ps_err *e);
int plan_add_points(struct ps_plan *p, struct axes *x, struct ps_arena *a, struct ps_err *e);
/* The strategies of the axes that can run a workload and do so in parallel, in *fitting; -EINVAL
 * where none can run it at all. */
int plan_fitting(struct ps_plan *p, const struct axes *x, size_t workload, struct choices *fitting,
                 struct ps_arena *a, struct ps_err *e);

/* plan_smt.c: the three placements of smt-compare. */
int plan_add_smt_points(struct ps_plan *p, struct axes *x, struct ps_arena *a, struct ps_err *e);

#endif
