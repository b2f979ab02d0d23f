/* Text in HTML and XML. Internal to this layer. */
#ifndef PS_EXCHANGE_MARKUP_H
#define PS_EXCHANGE_MARKUP_H

#include "arena.h"
#include "str.h"

/* Adds the text, made harmless, and what has a meaning in markup spelt out; also between the quotes
 * of an attribute. */
void ps_markup_text(struct ps_str *out, struct ps_arena *a, const char *text);

#endif
