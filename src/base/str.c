#include "str.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DRAINED ((size_t)1 << 18) /* bytes */

void ps_str_finish(struct ps_str *s)
{
    free(s->text);
    *s = (struct ps_str)PS_STR_INIT;
}

void ps_str_clear(struct ps_str *s)
{
    s->length = 0;
    s->failed = false;
    if (s->text)
        s->text[0] = '\0';
}

void ps_str_drain(struct ps_str *s)
{
    if (!s->drain || s->failed || s->length < DRAINED)
        return;
    s->failed = !s->drain(s->drain_arg, s->text, s->length);
    s->length = 0;
}

/* Makes room for `more` bytes and the NUL. */
static bool reserve(struct ps_str *s, size_t more)
{
    size_t capacity = s->capacity ? s->capacity : 64;
    char *text;

    if (s->failed)
        return false;
    if (more < s->capacity - s->length)
        return true;
    while (capacity <= SIZE_MAX / 2 && capacity - s->length <= more)
        capacity *= 2;
    text = capacity - s->length > more ? realloc(s->text, capacity) : NULL;
    if (!text) {
        s->failed = true;
        return false;
    }
    s->text = text;
    s->capacity = capacity;
    return true;
}

void ps_str_addn(struct ps_str *s, const char *text, size_t length)
{
    if (!reserve(s, length))
        return;
    memcpy(s->text + s->length, text, length);
    s->length += length;
    s->text[s->length] = '\0';
}

void ps_str_add(struct ps_str *s, const char *text)
{
    ps_str_addn(s, text, strlen(text));
}

void ps_str_addf(struct ps_str *s, const char *format, ...)
{
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0)
        s->failed = true;
    if (length < 0 || !reserve(s, (size_t)length))
        return;
    va_start(args, format);
    vsnprintf(s->text + s->length, (size_t)length + 1, format, args);
    va_end(args);
    s->length += (size_t)length;
}

static void add_spaces(struct ps_str *s, size_t count)
{
    if (!reserve(s, count))
        return;
    memset(s->text + s->length, ' ', count);
    s->length += count;
    s->text[s->length] = '\0';
}

void ps_str_pad(struct ps_str *s, const char *text, int width)
{
    size_t wanted = width < 0 ? (size_t) - (long)width : (size_t)width;
    size_t columns = ps_columns(text);
    size_t spaces = wanted > columns ? wanted - columns : 0;

    if (width < 0)
        add_spaces(s, spaces);
    ps_str_add(s, text);
    if (width > 0)
        add_spaces(s, spaces);
}

const char *ps_str_text(const struct ps_str *s)
{
    return s->text ? s->text : "";
}

size_t ps_columns(const char *text)
{
    size_t columns = 0;

    for (; *text; text++)
        columns += ((unsigned char)*text & 0xc0) != 0x80;
    return columns;
}
