/* Names of functions as people call them. */
#ifndef PS_NAME_H
#define PS_NAME_H

#include <stdbool.h>

#include "arena.h"

/* Without parameters, arguments of templates, return types, versions of symbols, and what compilers
 * add: "std::map::operator[]" of "std::map<int, long>::operator[](int const&)", "sum" of
 * "sum._omp_fn.0". */
const char *ps_name_short(struct ps_arena *a, const char *name);
/* Of a function of the C library that does nothing but call the kernel: "__GI___pread64" is pread.
 * NULL: not. */
bool ps_name_calls_kernel(const char *name);

#endif
