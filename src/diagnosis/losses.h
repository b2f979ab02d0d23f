/* Rows of code and of losses while they are added up. Internal to this layer. */
#ifndef PS_LOSSES_H
#define PS_LOSSES_H

#include "arena.h"
#include "stack_place.h"

#define ROWS_MOST  1024 /* then what comes is added to none */
#define LINES_MOST 16   /* of a function, of which the one with most samples is told */

struct lines {
    struct line {
        const char *function, *file; /* function: of a caller */
        unsigned line;
        double weight;
    } lines[LINES_MOST];
    size_t count;
};

struct row {
    struct place_of at;
    enum ps_loss_kind kind; /* of a loss */
    const char *object;
    struct ps_place *waiter;                 /* of a loss; NULL */
    double cpu, alone, alone_region, faults; /* of code */
    double kernel, calling;       /* of no cpu; of cpu: in functions that call the kernel */
    double atomic, stores, loads; /* of cpu: at such instructions */
    double region, single;    /* of cpu: in a parallel region; of which while no other thread ran */
    double met, met_spinning; /* samples of others that ran at the moment of one of those */
    double met_same;          /* of which in the same function */
    double idle, spun;        /* of a loss */
    struct rows *held;        /* of a lock: what ran meanwhile within the function that takes it; of
                                 a waiting loop: what another thread did at that moment */
    double watched;           /* likewise, of `weight`: while that could be seen */
    const char *body;         /* of code: as in place_of */
    bool bodies;              /* it is in several */
    uint64_t part;            /* as in struct loss */
    struct lines own, calls, regions; /* regions: by their number */
    double weight;
};

struct rows {
    struct ps_arena *arena;
    struct row *rows;
    size_t count;
};

/* What tells one loss from another. */
struct loss {
    enum ps_loss_kind kind;
    const struct place_of *at;
    const char *object;            /* NULL: none */
    const struct ps_place *waiter; /* likewise */
    uint64_t part;                 /* of a parallel region's body, by where it is there; 0: all */
};

/* The row of a place; NULL: there are too many. weight: of its lines. */
struct row *rows_code(struct rows *r, const struct place_of *at, double weight);
struct row *rows_loss(struct rows *r, const struct loss *loss, double weight);
/* Of what is waited for at a row: what ran meanwhile. */
void row_hold(struct row *r, struct ps_arena *a, const struct place_of *holder, double weight);
void lines_add(struct lines *to, const struct lines *from);
/* The place with the lines that had most weight. */
struct ps_place row_place(const struct row *r);

#endif
