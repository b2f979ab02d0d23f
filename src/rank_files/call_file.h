/* The calls of one rank, in a file beside its line: who waits for whom, and what was computed
 * between. In the byte order of its machine, and whole or not used. */
#ifndef PS_CALL_FILE_H
#define PS_CALL_FILE_H

#include "call_page.h"
#include "err.h"
#include "str.h"

#define PS_CALL_SUFFIX ".calls"
/* Of all ranks together: more are not replayed, and not written. */
#define PS_MOST_CALLS (UINT64_C(1) << 20)

struct ps_call_head {
    uint64_t magic;
    uint32_t rank, size;
    double window; /* as in the rank's line, by which both are known to be of one run */
    double tick;   /* s */
    uint32_t comm_count, event_count;
};

struct ps_call_file {
    struct ps_call_head head;
    struct ps_call_comm *comms;
    struct ps_call_event *events;
};

/* Adds the file of a page. NULL, or why there is none. */
const char *ps_call_file_write(const struct ps_call_page *p, const struct ps_rank *r, double tick,
                               struct ps_str *out);
/* Untrusted. 0, or a negative errno; to be freed in any case. */
int ps_call_file_read(const char *path, const struct ps_rank *r, struct ps_call_file *f);
void ps_call_file_free(struct ps_call_file *f);

#endif
