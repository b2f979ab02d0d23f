#include <stdbool.h>
#include <string.h>

#include "wrap.h"

static size_t columns_of(const char *text, size_t length)
{
    size_t columns = 0;

    for (size_t i = 0; i < length; i++)
        columns += ((unsigned char)text[i] & 0xc0) != 0x80;
    return columns;
}

void ps_wrap(struct ps_str *out, const char *text, char separator, size_t column, size_t indent)
{
    const char stops[2] = {separator, '\0'};
    bool space = separator == ' ', first = true;

    while (*text) {
        size_t length = strcspn(text, stops), keep = length + (!space && text[length]);
        size_t columns = columns_of(text, keep), gap = space && !first;

        if (!first && column + gap + columns > PS_WIDTH) {
            ps_str_add(out, "\n");
            ps_str_pad(out, "", (int)indent);
            column = indent;
            gap = 0;
        }
        if (gap)
            ps_str_add(out, " ");
        ps_str_addn(out, text, keep);
        column += gap + columns;
        first = false;
        text += length + (text[length] != '\0');
    }
    ps_str_add(out, "\n");
}

void ps_wrap_entry(struct ps_str *out, const char *head, const char *text, size_t indent)
{
    ps_str_add(out, head);
    if (ps_columns(head) + 2 > indent) {
        ps_str_add(out, "\n");
        ps_str_pad(out, "", (int)indent);
    } else {
        ps_str_pad(out, "", (int)(indent - ps_columns(head)));
    }
    ps_wrap(out, text, ' ', indent, indent);
}
