/* Which of the system's limits keeps us from one more thread or mapping. */
#ifndef PS_THREAD_LIMITS_H
#define PS_THREAD_LIMITS_H

#include <stddef.h>

/* To be asked while what we have is still there. Writes, and returns, a phrase that says which
 * limit was reached and how to raise it; where none can be told, those that it may be. Below
 * `root`, "" on a real machine. */
const char *ps_limit_of_threads(const char *root, char *text, size_t size);
/* The same of mappings alone; "out of memory" where it is not their limit. */
const char *ps_limit_of_mappings(const char *root, char *text, size_t size);

#endif
