#include "text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Length of the UTF-8 sequence at s, 0 where it is malformed, overlong or a surrogate. */
static size_t decode(const unsigned char *s, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = s[0] < 0x80             ? 1
                    : (s[0] & 0xe0) == 0xc0 ? 2
                    : (s[0] & 0xf0) == 0xe0 ? 3
                    : (s[0] & 0xf8) == 0xf0 ? 4
                                            : 0;
    uint32_t c = length == 1 ? s[0] : s[0] & (0x7fu >> length);

    if (!length)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (s[i] & 0x3f);
    }
    if (c < least[length] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        return 0;
    *code = c;
    return length;
}

static bool harmless(uint32_t c)
{
    bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);
    bool separator = c == 0x2028 || c == 0x2029 || c == 0xfeff;
    bool direction = c == 0x61c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
                     (c >= 0x2066 && c <= 0x2069);

    return !control && !separator && !direction;
}

/* Length of the harmless text at s. */
static size_t clean_span(const unsigned char *s)
{
    size_t at = 0;

    while (s[at]) {
        uint32_t code;
        size_t length = decode(s + at, &code);

        if (!length || !harmless(code))
            break;
        at += length;
    }
    return at;
}

static size_t spell(char *to, const unsigned char *s)
{
    static const char digits[] = "0123456789abcdef";

    to[0] = '\\';
    to[1] = 'x';
    to[2] = digits[s[0] >> 4];
    to[3] = digits[s[0] & 15];
    return 4;
}

const char *ps_text_clean(struct ps_arena *a, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t length = strlen(text), done = clean_span(s), used = 0;
    char *out;

    if (done == length)
        return text;
    out = ps_arena_array(a, length + 1, 4);
    for (size_t at = 0; at < length;) {
        size_t span = clean_span(s + at);

        memcpy(out + used, s + at, span);
        used += span;
        at += span;
        if (at == length)
            break;
        /* The following bytes of a sequence are not UTF-8 by themselves and get here one by one. */
        used += spell(out + used, s + at++);
    }
    out[used] = 0;
    return out;
}

void ps_text_clean_to(char *to, size_t size, const char *text)
{
    static const char cut[] = "…";
    const unsigned char *s = (const unsigned char *)text;
    size_t used = 0, fits = 0; /* fits: where the sign that it was cut can stand */

    while (*s) {
        char spelt[4];
        uint32_t code;
        size_t length = decode(s, &code), from = length;

        if (length && harmless(code))
            memcpy(spelt, s, length);
        else
            length = spell(spelt, s), from = 1;
        if (used + length >= size)
            break;
        memcpy(to + used, spelt, length);
        used += length;
        s += from;
        if (used + sizeof cut <= size)
            fits = used;
    }
    if (*s) {
        memcpy(to + fits, cut, sizeof cut);
        return;
    }
    to[used] = '\0';
}

/* The first byte after `columns` columns, or the end. */
static size_t offset_of(const char *text, size_t columns)
{
    size_t at = 0;

    while (text[at]) {
        if (((unsigned char)text[at] & 0xc0) != 0x80 && columns-- == 0)
            break;
        at++;
    }
    return at;
}

const char *ps_text_shorten(struct ps_arena *a, const char *text, size_t columns)
{
    if (ps_columns(text) <= columns)
        return text;
    return ps_arena_format(a, "%.*s…", (int)offset_of(text, columns - 1), text);
}

void ps_text_wrap(struct ps_str *out, const char *text, size_t used, size_t indent, size_t columns)
{
    bool fresh = true; /* nothing but indentation or the caller's prefix on this line */

    for (const char *word = text + strspn(text, " "); *word; word += strspn(word, " ")) {
        size_t length = strcspn(word, " "), wide = 0;

        for (size_t i = 0; i < length; i++)
            wide += ((unsigned char)word[i] & 0xc0) != 0x80;
        if (used + !fresh + wide > columns && !(fresh && used <= indent)) {
            ps_str_addf(out, "\n%*s", (int)indent, "");
            used = indent;
            fresh = true;
        }
        if (used + wide > columns) {
            length = offset_of(word, columns - used);
            wide = columns - used;
        }
        if (!fresh)
            ps_str_add(out, " ");
        ps_str_addn(out, word, length);
        used += wide + !fresh;
        fresh = false;
        word += length;
    }
    ps_str_add(out, "\n");
}

void ps_lines_add(struct ps_lines *l, const char *text)
{
    l->items = ps_arena_grow(l->arena, l->items, l->count, sizeof *l->items);
    l->items[l->count++] = ps_text_clean(l->arena, text);
}

const char *ps_text_cpu_list(struct ps_arena *a, const int *cpus, size_t count)
{
    char *out = ps_arena_array(a, count + 1, sizeof "-2147483648-2147483647,");
    size_t used = 0, pinned = 0;

    for (size_t i = 0; i < count; i++)
        pinned += cpus[i] >= 0;
    if (!pinned)
        return "-";
    for (size_t i = 0, end; i < count; i = end) {
        end = i + 1;
        while (end < count && cpus[i] >= 0 && cpus[end] == cpus[i] + (int)(end - i))
            end++;
        if (end - i < 3)
            end = i + 1;
        used += (size_t)sprintf(out + used, "%s%d", i ? "," : "", cpus[i]);
        if (end - i > 1)
            used += (size_t)sprintf(out + used, "-%d", cpus[end - 1]);
    }
    return out;
}

/* The shortest part of the list that the whole of it repeats; `count` where none does. */
static size_t period(const int *cpus, size_t count)
{
    for (size_t length = 1; length <= count / 2; length++)
        if (count % length == 0 && !memcmp(cpus, cpus + length, (count - length) * sizeof *cpus))
            return length;
    return count;
}

const char *ps_text_cpus(struct ps_arena *a, const int *cpus, size_t count)
{
    size_t length = period(cpus, count);
    const char *list = ps_text_cpu_list(a, cpus, length);

    if (length == count || cpus[0] < 0)
        return list;
    return ps_arena_format(a, "%s (×%zu)", list, count / length);
}

bool ps_text_same(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

bool ps_text_holds_any(const char *text, const char *const *parts, size_t count)
{
    for (size_t i = 0; text && i < count; i++)
        if (strstr(text, parts[i]))
            return true;
    return false;
}

static size_t sequence_length(const char *text)
{
    size_t length = 1;

    while (((unsigned char)text[length] & 0xc0) == 0x80)
        length++;
    return length;
}

/* One column each. */
static char plain_of(const char *sequence, size_t length)
{
    static const struct {
        const char *sequence;
        char plain;
    } known[] = {{"×", 'x'}, {"–", '-'}, {"—", '-'}, {"…", '.'}, {"≤", '<'},
                 {"≥", '>'}, {"µ", 'u'}, {"·", '.'}, {"’", '\''}};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i].sequence) == length && !memcmp(known[i].sequence, sequence, length))
            return known[i].plain;
    return '?';
}

void ps_text_to_ascii(struct ps_str *s)
{
    static const char pm[] = "±";
    size_t to = 0;

    for (size_t from = 0, length; from < s->length; from += length) {
        const char *at = s->text + from;

        length = sequence_length(at);
        if (length == sizeof pm - 1 && !memcmp(at, pm, length)) {
            /* What stands before it may give its column up. */
            to -= to && s->text[to - 1] == ' ';
            s->text[to++] = '+';
            if (from + length > to)
                s->text[to++] = '-';
        } else {
            s->text[to++] = (unsigned char)*at < 0x80 ? *at : plain_of(at, length);
        }
    }
    s->length = to;
    if (s->text)
        s->text[to] = '\0';
}
