/* Room for copies of stacks. A page that is written to for the first time takes a page fault, many
 * times the copy itself (18 us on a VM whose hypervisor keeps the page tables): so room for some of
 * them is there, and was written to, before the program starts. */
#ifndef PS_STACKS_H
#define PS_STACKS_H

#include <stddef.h>

struct ps_stacks;

/* Room for `ready` stacks of at most `most` bytes; there is room for more later. NULL: no memory.
 */
struct ps_stacks *ps_stacks_create(size_t ready, size_t most);
/* After all copies were dropped; accepts NULL. */
void ps_stacks_destroy(struct ps_stacks *s);
/* A copy; NULL: no memory. */
unsigned char *ps_stacks_copy(struct ps_stacks *s, const unsigned char *stack, size_t size);
/* The copy is not needed any more; accepts NULL. */
void ps_stacks_drop(struct ps_stacks *s, unsigned char *copy);

#endif
