#include "words.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define BLANKS        " \t\n"
#define WANTS_A_SHELL "|&;<>()`"
#define ESCAPABLE     "\\\"$`" /* by a backslash inside "..." */
/* What a word is quoted for: what splitting would take apart or refuse, and what a shell, to which
 * a label may be pasted, would expand. */
#define NEEDS_QUOTES BLANKS WANTS_A_SHELL "'\"\\$*?[~#"

struct splitter {
    const char *text, *what;
    const char *at;
    char *out; /* of the word; never longer than what it is made of */
    struct ps_err *error;
};

/* Of a place in the text, from 1. */
static size_t column(const struct splitter *s, const char *at)
{
    size_t n = 1;

    for (const char *c = s->text; c < at; c++)
        n += (*c & 0xc0) != 0x80;
    return n;
}

static bool one_of(char c, const char *set)
{
    return c && strchr(set, c);
}

static int copy_single_quoted(struct splitter *s)
{
    const char *opened = s->at, *end = strchr(opened + 1, '\'');

    if (!end)
        return ps_fail(s->error, EINVAL, "%s: the quote ' opened at column %zu is never closed",
                       s->what, column(s, opened));
    while (++s->at < end)
        *s->out++ = *s->at;
    s->at++;
    return 0;
}

static int copy_double_quoted(struct splitter *s)
{
    const char *opened = s->at++;

    while (*s->at && *s->at != '"') {
        if (*s->at == '\\' && one_of(s->at[1], ESCAPABLE))
            s->at++;
        *s->out++ = *s->at++;
    }
    if (!*s->at)
        return ps_fail(s->error, EINVAL, "%s: the quote \" opened at column %zu is never closed",
                       s->what, column(s, opened));
    s->at++;
    return 0;
}

static int copy_escaped(struct splitter *s)
{
    if (!s->at[1])
        return ps_fail(s->error, EINVAL, "%s: nothing follows the backslash at column %zu", s->what,
                       column(s, s->at));
    *s->out++ = s->at[1];
    s->at += 2;
    return 0;
}

static int copy_part(struct splitter *s)
{
    switch (*s->at) {
    case '\'':
        return copy_single_quoted(s);
    case '"':
        return copy_double_quoted(s);
    case '\\':
        return copy_escaped(s);
    }
    if (one_of(*s->at, WANTS_A_SHELL))
        return ps_fail(s->error, EINVAL,
                       "%s: '%c' at column %zu needs a shell: add --shell sh, or quote it", s->what,
                       *s->at, column(s, s->at));
    *s->out++ = *s->at++;
    return 0;
}

/* One word, which begins at s->at, to s->out, with its end. */
static int copy_word(struct splitter *s)
{
    int err = 0;

    while (err == 0 && *s->at && !one_of(*s->at, BLANKS))
        err = copy_part(s);
    *s->out++ = '\0';
    return err;
}

static int refuse_empty(const char *what, const char **words, size_t count, struct ps_err *e)
{
    if (count == 0)
        return ps_fail(e, EINVAL, "%s: the command is empty", what);
    if (!words[0][0])
        return ps_fail(e, EINVAL, "%s: the first word, the command's name, is empty", what);
    return 0;
}

int ps_words_split(const char *text, const char *what, struct ps_arena *a, const char ***words,
                   size_t *count, struct ps_err *e)
{
    struct splitter s = {text, what, text, ps_arena_alloc(a, strlen(text) + 1), e};
    const char **list = ps_arena_grow(a, NULL, 0, sizeof *list);
    size_t n = 0;
    int err;

    for (s.at += strspn(s.at, BLANKS); *s.at; s.at += strspn(s.at, BLANKS)) {
        if (n == PS_MAX_WORDS)
            return ps_fail(e, E2BIG, "%s: more than %d words", what, PS_MAX_WORDS);
        list[n] = s.out;
        err = copy_word(&s);
        if (err < 0)
            return err;
        list = ps_arena_grow(a, list, ++n, sizeof *list);
    }
    err = refuse_empty(what, list, n, e);
    if (err < 0)
        return err;
    list[n] = NULL;
    *words = list;
    *count = n;
    return 0;
}

/* As in a shell: '...', with each ' inside as '\''. */
static char *add_quoted(char *to, const char *word)
{
    *to++ = '\'';
    for (; *word; word++) {
        *to++ = *word;
        if (*word == '\'') {
            memcpy(to, "\\''", 3);
            to += 3;
        }
    }
    *to++ = '\'';
    return to;
}

static char *add_word(char *to, const char *word)
{
    if (!word[0] || strpbrk(word, NEEDS_QUOTES))
        return add_quoted(to, word);
    return stpcpy(to, word);
}

char *ps_words_join(const char *const *words, size_t count, struct ps_arena *a)
{
    size_t most = 1;
    char *text, *to;

    for (size_t i = 0; i < count; i++)
        most += 4 * strlen(words[i]) + 3;
    text = to = ps_arena_alloc(a, most);
    for (size_t i = 0; i < count; i++) {
        if (i)
            *to++ = ' ';
        to = add_word(to, words[i]);
    }
    *to = '\0';
    return text;
}
