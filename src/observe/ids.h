/* From the number of a thread or process to an index: a hash table that grows with what is in it.
 */
#ifndef PS_IDS_H
#define PS_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct ps_ids {
    struct ps_ids_entry {
        pid_t id; /* 0: free */
        uint32_t index;
    } * entries;
    size_t room, count; /* room: a power of two, or 0 */
};

#define PS_IDS_NONE UINT32_MAX

void ps_ids_free(struct ps_ids *ids);
/* PS_IDS_NONE: not there. */
uint32_t ps_ids_find(const struct ps_ids *ids, pid_t id);
/* Adds or replaces; id is not 0. false: no memory, and nothing changed. */
bool ps_ids_put(struct ps_ids *ids, pid_t id, uint32_t index);
/* Nothing happens where it is not there. */
void ps_ids_remove(struct ps_ids *ids, pid_t id);

#endif
