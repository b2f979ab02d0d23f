/* Text broken into lines of a terminal's width. */
#ifndef PS_WRAP_H
#define PS_WRAP_H

#include <stddef.h>

#include "str.h"

#define PS_WIDTH 80

/* Adds text and a newline, broken after `separator` (a space vanishes at a break, anything else
 * stays) so that no line passes `PS_WIDTH` columns, if its pieces allow. column: how many are in
 * use already; further lines begin with `indent` spaces. */
void ps_wrap(struct ps_str *out, const char *text, char separator, size_t column, size_t indent);
/* The same, but where `indent` is already passed the text begins on a line of its own. */
void ps_wrap_entry(struct ps_str *out, const char *head, const char *text, size_t indent);

#endif
