/* What `parscope sweep --ranks` found: POP's metrics over numbers of ranks. All memory belongs to
 * an arena. NaN stands for "no value" (null in JSON). SI units. */
#ifndef PS_RANK_SWEEP_RESULT_H
#define PS_RANK_SWEEP_RESULT_H

#include "result.h"

#define PS_RANK_SWEEP_SCHEMA "parscope-rank-sweep/1"

enum ps_rank_metric {
    PS_RANK_TIME,     /* from MPI_Init to MPI_Finalize, s */
    PS_RANK_SPEEDUP,  /* of that time, over the fewest ranks */
    PS_RANK_GLOBAL,   /* parallel efficiency x computation scaling */
    PS_RANK_PARALLEL, /* load balance x communication efficiency */
    PS_RANK_BALANCE,
    PS_RANK_COMMUNICATION, /* serialisation x transfer */
    PS_RANK_SERIALISATION,
    PS_RANK_TRANSFER,
    PS_RANK_SCALING, /* computing time of all of the fewest ranks over that of these, for the same
                        work */
    /* Its factors, by what is counted outside MPI: fewest ranks over these, or these over the
     * fewest. */
    PS_RANK_INSTRUCTIONS,
    PS_RANK_IPC,
    PS_RANK_CLOCK,
    PS_RANK_COMPUTING, /* of all ranks, s */
    PS_RANK_LAUNCHED,  /* the launcher's whole wall time, s */
    PS_RANK_METRICS,
};
/* What is known of each: id, unit, and head of its column, NULL: none. */
struct ps_rank_metric_info {
    const char *id, *unit, *head;
    bool counted; /* has a column only where it is known */
};
extern const struct ps_rank_metric_info ps_rank_metrics[PS_RANK_METRICS];

struct ps_rank_sweep_point {
    uint32_t ranks;
    size_t nodes;
    double *samples[PS_RANK_METRICS]; /* one a round */
    struct ps_interval values[PS_RANK_METRICS];
    uint32_t slowest; /* the rank that computed longest most often */
    const char *slowest_node;
    size_t slowest_rounds; /* in so many */
};

struct ps_rank_sweep {
    struct ps_arena *arena;
    const char *version, *command, *launcher, *started;
    double elapsed;
    bool weak;
    size_t rounds;
    enum ps_end ended_by;
    struct ps_rank_sweep_point *points; /* by number of ranks */
    size_t count;
    struct ps_check *checks;
    size_t check_count;
    const char *counts_reason; /* why the factors of computation scaling are not known; NULL */
    const char *calls_reason;  /* why serialisation and transfer are not known; NULL: they are */
    const char *sampled;       /* why the time inside MPI is an estimate; NULL: it is none */
    const char *reason;        /* why parallel efficiencies are not known; NULL: they are */
};

/* Of a metric without a value; NULL: nobody knows why. */
const char *ps_rank_sweep_why(const struct ps_rank_sweep *s, size_t m);

#endif
