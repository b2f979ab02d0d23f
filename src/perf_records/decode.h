/* Records of perf events as bytes of a ring, of the layout that ps_decode_attr() asks for. All
 * sizes in them are checked: what doesn't fit is no record. */
#ifndef PS_DECODE_H
#define PS_DECODE_H

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record.h"

/* Sets what both kinds of samples have; stack_size 0: neither registers nor stack. */
void ps_decode_attr(struct perf_event_attr *attr, uint32_t stack_size);

/* What is needed to order records before they are decoded. */
struct ps_decode_head {
    uint64_t time;
    bool first; /* goes before others of the same time */
};

/* Of `size` bytes that begin with a record of just that size. false: nothing that has a time. */
bool ps_decode_head(const unsigned char *bytes, size_t size, struct ps_decode_head *h);

struct ps_decode {
    uint32_t stack_size;
    uint64_t fault_id, fault_weight; /* of the event whose samples are page faults */
};

/* cpu and, of THROTTLED, the weight are left to the caller; `throttle_end` tells that it is the end
 * of such a time, and not its beginning. false: no record that anybody wants. */
bool ps_decode(const struct ps_decode *d, const unsigned char *bytes, size_t size,
               struct ps_record *r, bool *throttle_end);

#endif
