#include "rng.h"

/* Fisher and Yates, as Durstenfeld (1964) does it in place. */
void ps_shuffle(struct ps_rng *r, size_t *items, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = (size_t)ps_rng_below(r, i);
        size_t item = items[j];

        items[j] = items[i - 1];
        items[i - 1] = item;
    }
}
