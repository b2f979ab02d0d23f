/* What code the processes of a tree have mapped, and when: the address space of each process, from
 * its birth (that of its parent) or exec on. A sample belongs to the space that its process has at
 * that moment. */
#ifndef PS_SPACES_H
#define PS_SPACES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "mapping.h"
#include "record.h"

#define PS_SPACES_MOST     4096  /* then processes share the first, of which nothing is known */
#define PS_SPACES_MAPPINGS 65536 /* in all */

struct ps_space {
    pid_t pid;
    const char *name; /* of the program, by its exec or its parent */
    /* By start, none overlaps another: a later one cuts earlier ones. Paths are the spaces'. */
    struct ps_mapping *mappings;
    size_t count, room;
};

struct ps_spaces {
    struct ps_space *spaces;
    size_t count, room, mapping_count;
    struct ps_spaces_index *index; /* by process; internal */
};

int ps_spaces_init(struct ps_spaces *s);
void ps_spaces_free(struct ps_spaces *s);
/* In the order of time. A process born as a copy shares its parent's space until one of the two
 * maps something or calls exec, and a space that was never asked for goes with its last process:
 * 10,000 short-lived children cost little. */
void ps_spaces_take(struct ps_spaces *s, const struct ps_record *r);
/* Of a process that was there before: how many threads it has is not known, and exits of threads
 * don't end it. */
void ps_spaces_keep(struct ps_spaces *s, pid_t pid);
/* The space of a process now: an index that stays valid; where it is not known 0, that of an empty
 * space. To be asked where it is needed alone: what is asked for is kept. */
size_t ps_spaces_of(struct ps_spaces *s, pid_t pid);

#endif
