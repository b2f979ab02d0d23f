/* What a stack says: the place in the program's own code, and whether its thread worked, and in a
 * parallel region. Internal to this layer. */
#ifndef PS_STACK_PLACE_H
#define PS_STACK_PLACE_H

#include "diagnosis_result.h"
#include "library.h"
#include "observer.h"
#include "symbols.h"

#define OUTER_MOST 6

/* What a thread needs of others, where that is more than the end of their work. */
enum awaits {
    AWAITS_NOTHING, /* no more than that */
    AWAITS_PIPE,
    AWAITS_CONDITION,
    AWAITS_SIGNAL,  /* of the system */
    AWAITS_ORDER,   /* its turn in a part that is done in the order of a loop */
    AWAITS_BARRIER, /* all others */
    AWAITS_JOIN,    /* the end of a thread: among those that take turns */
};
/* "pipe", "condition", ...; NULL for nothing. */
const char *place_awaits_name(enum awaits awaits);

struct place_of {
    struct ps_place place;
    unsigned region_number; /* of place.region; 0: none */
    const char *module;     /* of the innermost frame; NULL: not known */
    enum waits_for waits;   /* that the names of its libraries' functions tell */
    bool spins;             /* in a waiting loop of a parallel runtime, or of spin locks */
    bool runtime;           /* the innermost frames are a parallel runtime's */
    bool region;            /* below a parallel runtime, or in a thread that the program started */
    enum ps_hot hot;        /* what it does there */
    bool calls_kernel;      /* its innermost function does nothing else */
    const char *body;       /* of a parallel region, the function that the runtime calls; NULL */
    uint64_t body_at;       /* where it is there, an address within its file */
    struct ps_frame body_frame; /* likewise, in the address space */
    size_t space;
    bool known;                    /* a function of the program's own is on the stack */
    const char *outer[OUTER_MOST]; /* functions of the program's own that called it, innermost
                                      first */
};

void place_find(struct ps_symbols *symbols, size_t space, const struct ps_seen *seen,
                struct place_of *out);
/* The kind of a wait; derived: it is not the cause, somebody else's work or lack of it is. */
enum ps_loss_kind place_wait_kind(const struct ps_seen *seen, const struct place_of *at,
                                  bool *derived);
/* What a derived wait is for; never a join. */
enum awaits place_awaits(const struct ps_seen *seen, const struct place_of *at);

#endif
