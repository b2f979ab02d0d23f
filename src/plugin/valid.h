/* Whether what a plug-in brings can be used; internal to this layer. Errors say in which file, what
 * of it and what is wrong, with -EINVAL. */
#ifndef PS_VALID_H
#define PS_VALID_H

#include "plugin.h"

#define PS_VALID_ENTRIES 256 /* workloads, and strategies, of one plug-in */

/* The lists' lengths and each entry; clashes of names are not looked at. */
int ps_valid_plugin(const struct ps_plugin *p, struct ps_err *e);

#endif
