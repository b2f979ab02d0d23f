/* The text of -e: names of events, some of them in braces. */
#ifndef PS_EVENT_LIST_H
#define PS_EVENT_LIST_H

#include <stddef.h>

#include "arena.h"
#include "err.h"

/* Events as asked for by -e. */
struct ps_event_list {
    const char **names;
    unsigned *groups; /* of each name: the number of its braces, from 1; 0: in none */
    size_t count;
    unsigned group_count;
};

/* "a,b,{c,d}": names, separated by commas, which are added to the list. Those in braces are to be
 * counted together, as in perf's notation; a comma in braces inside a name stays. -EINVAL for empty
 * names, braces that don't match and groups inside groups; the list is then as it was. */
int ps_events_split(const char *text, struct ps_arena *a, struct ps_event_list *list,
                    struct ps_err *e);

#endif
