/* The order of records of many rings. */
#ifndef PS_MERGE_H
#define PS_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ps_merge_key {
    uint64_t time; /* twice, and 1 less for those that go first */
    uint32_t ring, offset;
};

struct ps_merge {
    struct ps_merge_key *keys, *spare;
    size_t count, room;
};

void ps_merge_free(struct ps_merge *m);
/* false: no memory. */
bool ps_merge_add(struct ps_merge *m, uint64_t time, bool first, uint32_t ring, size_t offset);
/* By time; what is equal stays in the order in which it was added. */
void ps_merge_sort(struct ps_merge *m);

#endif
