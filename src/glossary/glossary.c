#include "glossary.h"

#include <ctype.h>
#include <string.h>

#include "names.h"

#define PS_WORD(word, also, what, formula, todo) {PS_WORD_GROUP, word, also, what, formula, todo},
const struct ps_word ps_glossary[] = {
#include "glossary.def"
    {NULL},
};
#undef PS_WORD

const char *ps_word_also(const char *also, size_t *length)
{
    also += strspn(also, ", ");
    *length = strcspn(also, ",");
    return *length ? also : NULL;
}

bool ps_word_is(const struct ps_word *w, const char *text)
{
    const char *at = w->also;
    size_t length;

    if (ps_name_alike(w->word, strlen(w->word), text))
        return true;
    for (; (at = ps_word_also(at, &length)); at += length)
        if (ps_name_alike(at, length, text))
            return true;
    return false;
}

const struct ps_word *ps_word_next(const struct ps_word *from, const char *text)
{
    for (; from->word; from++)
        if (ps_word_is(from, text))
            return from;
    return NULL;
}

size_t ps_word_names(const char *const **names, struct ps_arena *a)
{
    const char **all = NULL;
    size_t count = 0, length;

    for (const struct ps_word *w = ps_glossary; w->word; w++) {
        all = ps_arena_grow(a, all, count, sizeof *all);
        all[count++] = w->word;
    }
    for (const struct ps_word *w = ps_glossary; w->word; w++)
        for (const char *at = w->also; (at = ps_word_also(at, &length)); at += length) {
            all = ps_arena_grow(a, all, count, sizeof *all);
            all[count++] = ps_arena_format(a, "%.*s", (int)length, at);
        }
    *names = all;
    return count;
}

/* The text has the letter as a symbol of its own: "T", "T1", not that of a word. */
static bool has_symbol(const char *text, char letter)
{
    for (const char *at = text; (at = strchr(at, letter)); at++)
        if ((at == text || !isalnum((unsigned char)at[-1])) && !isalpha((unsigned char)at[1]))
            return true;
    return false;
}

static bool has_reference(const char *text)
{
    return strstr(text, "T1") || strstr(text, "U1") || strstr(text, "f1") || strstr(text, "I1") ||
           strstr(text, "IPC1");
}

const char *ps_word_symbols(const char *formula, struct ps_arena *a)
{
    static const struct {
        char letter;
        const char *meaning;
    } symbols[] = {
        {'S', "S the speedup"},
        {'T', "T the wall time"},
        {'U', "U the useful CPU time of a thread"},
        {'p', "p the CPUs"},
        {'f', "f the clock"},
        {'I', "I the instructions"},
    };
    const char *text = "";

    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
        if (has_symbol(formula, symbols[i].letter))
            text = ps_arena_format(a, "%s%s%s", text, *text ? ", " : "", symbols[i].meaning);
    if (has_reference(formula))
        text = ps_arena_format(a, "%s%s1 the reference", text, *text ? ", " : "");
    return text;
}
