/* The phases of a function that several threads run at once: what lies between two waits for all of
 * them. Compilers double the call of a wait and move code away from its neighbours, so addresses
 * alone do not tell: the jumps do. */
#ifndef PS_PHASE_H
#define PS_PHASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PS_PHASE_CODE  4096 /* bytes from the beginning of a function, as far as is looked */
#define PS_PHASE_WAITS 16   /* whose calls are known */

/* Its code that runs between the waits before it and a wait, by whatever thread. */
struct ps_phase {
    unsigned char bytes[PS_PHASE_CODE / 8]; /* a bit for each byte of the function */
};

/* Of a function on x86-64, of a wait whose call returns to backs[0], in bytes from its beginning;
 * the others, `count` in all, are where calls of other waits return to. All its calls of the same
 * functions are such waits. False: that is no call, or some code is not known. */
bool ps_phase_find(const unsigned char *function, size_t size, const size_t *backs, size_t count,
                   struct ps_phase *out);
bool ps_phase_has(const struct ps_phase *p, size_t at);

#endif
