/* What a run-time compiler says of the code it makes: /tmp/perf-PID.map, lines "START SIZE name" in
 * hexadecimal numbers. */
#ifndef PS_SYMBOLS_PERF_MAP_H
#define PS_SYMBOLS_PERF_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PS_PERF_MAP_BYTES   ((size_t)64 << 20) /* of a file; the rest is not read */
#define PS_PERF_MAP_ENTRIES ((size_t)1 << 20)

struct ps_perf_entry {
    uint64_t start, end;
    size_t line;
    const char *name; /* raw; not empty */
};

struct ps_perf_map {
    struct ps_perf_entry *entries; /* by start, which are all different: the last line counts */
    size_t count;
    char *text;
};

/* Takes over the text, from malloc(), of size bytes and room for one more. Lines that are none are
 * passed over. -ENOMEM, the map is empty then. */
int ps_perf_map_parse(struct ps_perf_map *m, char *text, size_t size);
/* A file only that is the user's or root's own, and `most` bytes at most. Empty where there is
 * none. Returns the bytes read. */
size_t ps_perf_map_load(struct ps_perf_map *m, const char *path, size_t most);
void ps_perf_map_free(struct ps_perf_map *m);
const struct ps_perf_entry *ps_perf_map_find(const struct ps_perf_map *m, uint64_t address);

#endif
