/* Where an address is: of which mapping, in which file. The address spaces, and the files that they
 * share. */
#ifndef PS_SYMBOLS_PLACES_H
#define PS_SYMBOLS_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "interned.h"
#include "object.h"
#include "perf_map.h"
#include "readable.h"
#include "symbols.h"
#include "table.h"

#define PS_HOT_SEEN     1024
#define PS_CALLEES_SEEN 64

struct ps_place_mapping {
    uint64_t start, end, offset;
    struct ps_object *object;
};

struct ps_place_space {
    pid_t pid;
    struct ps_place_mapping *mappings; /* by start */
    size_t count;
    bool looked; /* for the perf map */
    struct ps_perf_map map;
};

struct ps_symbols {
    struct ps_place_space *spaces;
    size_t space_count, space_room;
    struct ps_table objects; /* by path and inode */
    struct ps_interned paths;
    struct ps_readable names;
    size_t map_budget; /* bytes of perf maps that may still be read */
    struct ps_hot_seen {
        const struct ps_object *object; /* NULL: empty */
        uint64_t address;
        enum ps_hot hot;
    } hot[PS_HOT_SEEN]; /* by address */
    struct ps_callee_seen {
        const struct ps_object *object; /* NULL: empty */
        uint64_t address;
        const char *name;
    } callees[PS_CALLEES_SEEN]; /* likewise */
};

struct ps_place {
    const struct ps_place_mapping *mapping; /* NULL: not mapped */
    struct ps_object *object;               /* NULL: it can't be read */
    uint64_t address; /* in the file's numbering; where it can't be read: offset */
};

/* The index; or that of the first space, of which nothing is known, where there is no memory. */
size_t ps_places_add(struct ps_symbols *s, pid_t pid, const struct ps_mapping *m, size_t count);
void ps_places_free(struct ps_symbols *s);
struct ps_place ps_place_of(struct ps_symbols *s, size_t space, uint64_t address);
/* Where the function begins that is called by the instruction before `back`, an address in the
 * file's numbering: of this object's own functions, by its distance or by an address that the
 * loader puts in place. 0: not known. */
uint64_t ps_callee_start(const struct ps_object *o, uint64_t back);
/* NULL: none there. */
const struct ps_perf_entry *ps_place_jitted(struct ps_symbols *s, size_t space, uint64_t address);

#endif
