/* A growing string. After an allocation failure it stays as it was and `failed` is set, so that
 * only the last use needs a check. */
#ifndef PS_STR_H
#define PS_STR_H

#include <stdbool.h>
#include <stddef.h>

struct ps_str {
    char *text; /* NUL-terminated, or NULL while empty */
    size_t length, capacity;
    bool failed;
    /* Where the text may go piece by piece, else NULL; false: it can't, and the string has failed.
     */
    bool (*drain)(void *arg, const char *text, size_t length);
    void *drain_arg;
};

#define PS_STR_INIT \
    {               \
        0           \
    }

void ps_str_finish(struct ps_str *s);
void ps_str_clear(struct ps_str *s);
/* Lets the text so far go where it has a drain, once it is long: it is not looked at again. */
void ps_str_drain(struct ps_str *s);
void ps_str_add(struct ps_str *s, const char *text);
void ps_str_addn(struct ps_str *s, const char *text, size_t length);
void ps_str_addf(struct ps_str *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Adds text padded with spaces to `width` columns, counting UTF-8 code points. Negative width: pads
 * on the left. */
void ps_str_pad(struct ps_str *s, const char *text, int width);
/* The text, never NULL. */
const char *ps_str_text(const struct ps_str *s);
/* Columns that a UTF-8 text takes (code points; no wide characters are used here). */
size_t ps_columns(const char *text);

#endif
