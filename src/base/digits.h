/* Numbers with the digits that measurements have: short, and fast to write. */
#ifndef PS_DIGITS_H
#define PS_DIGITS_H

#include <stddef.h>

#define PS_DIGITS      11 /* significant ones: to 5e-11 of the value */
#define PS_DIGITS_ROOM 32

/* As JSON has numbers, whatever the locale: "0.196868068", "12", "1.5e-9"; whole numbers up to 2^53
 * in full. x is finite. Returns the length; out is not terminated. */
size_t ps_digits(char out[PS_DIGITS_ROOM], double x);

#endif
