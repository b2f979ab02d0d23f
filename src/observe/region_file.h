/* The file that programs write the beginnings and ends of their regions to, of the layout that
 * include/parscope/region.h describes. Who writes is not trusted: what makes no sense is left out.
 */
#ifndef PS_REGION_FILE_H
#define PS_REGION_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PS_REGION_SLOTS 4096
#define PS_REGION_NAMES 256

struct ps_region_file;

struct ps_region_event {
    uint64_t time; /* ns, CLOCK_MONOTONIC; of a slot in order, and not after now */
    uint32_t slot;
    pid_t tid;        /* as the slot's owner says */
    uint32_t number;  /* of the name in this slot, from 1 on; 0: the innermost region ends */
    const char *name; /* valid during the call; any bytes; NULL: an end */
};
typedef void ps_region_event_fn(void *arg, const struct ps_region_event *e);

/* 0 or -errno. */
int ps_region_file_create(struct ps_region_file **f);
void ps_region_file_destroy(struct ps_region_file *f); /* accepts NULL */
/* Which other processes of the same user can open. */
const char *ps_region_file_path(const struct ps_region_file *f);
/* Hands over what was written since, slot by slot. */
void ps_region_file_read(struct ps_region_file *f, ps_region_event_fn *fn, void *arg);
/* Its thread has ended, and all was read: another may have the slot. */
void ps_region_file_release(struct ps_region_file *f, uint32_t slot);
/* Regions without room, and threads. */
uint64_t ps_region_file_lost(const struct ps_region_file *f);

#endif
