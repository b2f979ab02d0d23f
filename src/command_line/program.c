#include "program.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "executable.h"
#include "names.h"
#include "words.h"

#define BLANKS   " \t\n"
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

const char *const ps_thread_variables[] = {
    "OMP_NUM_THREADS",                      /* OpenMP */
    "OPENBLAS_NUM_THREADS",                 /* OpenBLAS */
    "MKL_NUM_THREADS",                      /* Intel MKL */
    "BLIS_NUM_THREADS",                     /* BLIS */
    "VECLIB_MAXIMUM_THREADS",               /* Apple's Accelerate */
    "RAYON_NUM_THREADS",                    /* Rayon */
    "TBB_NUM_THREADS",                      /* by convention, of programs that use TBB */
    "GOMAXPROCS",                           /* Go */
    "JULIA_NUM_THREADS",                    /* Julia */
    "NUMBA_NUM_THREADS",                    /* Numba */
    "NUMEXPR_NUM_THREADS",                  /* NumExpr */
    "PARLAY_NUM_THREADS",                   /* ParlayLib */
    "CILK_NWORKERS",                        /* OpenCilk, Cilk Plus */
    "TOKIO_WORKER_THREADS",                 /* Tokio */
    "POLARS_MAX_THREADS",                   /* Polars */
    "BLOSC_NTHREADS",                       /* Blosc */
    "HL_NUM_THREADS",                       /* Halide */
    "TF_NUM_INTRAOP_THREADS",               /* TensorFlow */
    "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS", /* ITK */
    NULL,
};

enum place { THREADS, CPUS, SIZE, PLACES };
static const char *const places[PLACES] = {"{threads}", "{cpus}", "{size}"};

/* "${threads}" is a shell's variable. */
static bool place_at(const char *text, const char *at, enum place *which)
{
    if (*at != '{' || (at > text && at[-1] == '$'))
        return false;
    for (size_t i = 0; i < PLACES; i++) {
        if (!strncmp(at, places[i], strlen(places[i]))) {
            *which = (enum place)i;
            return true;
        }
    }
    return false;
}

/* The first place from `from` on, or NULL. */
static const char *next_place(const char *text, const char *from, enum place *which)
{
    for (const char *at = strchr(from, '{'); at; at = strchr(at + 1, '{')) {
        if (place_at(text, at, which))
            return at;
    }
    return NULL;
}

static void note_places(const char *word, struct ps_program *p)
{
    enum place which;

    for (const char *at = word; (at = next_place(word, at, &which)); at++) {
        p->takes_threads |= which == THREADS;
        p->takes_cpus |= which == CPUS;
        p->takes_size |= which == SIZE;
    }
}

/* Of the place {NAME} of so many letters at `at`; NULL: it is none, or is left as it is. */
static const char *value_at(const char *at, size_t length, const struct ps_program_fill *f,
                            struct ps_arena *a)
{
    enum place which;

    for (size_t i = 0; i < f->count; i++)
        if (length && strlen(f->names[i]) == length && !strncmp(at + 1, f->names[i], length))
            return f->values[i];
    if (!place_at(at, at, &which))
        return NULL;
    if (which == THREADS)
        return f->threads ? ps_arena_format(a, "%u", f->threads) : NULL;
    if (which == CPUS)
        return f->cpus;
    return f->size ? ps_arena_format(a, "%" PRIu64, f->size) : NULL;
}

const char *ps_program_fill_text(const char *text, const struct ps_program_fill *f,
                                 struct ps_arena *a)
{
    const char *rest = text, *out = "";

    for (const char *at = strchr(text, '{'); at; at = strchr(at + 1, '{')) {
        const size_t length = strcspn(at + 1, "{}");
        const char *value = NULL;

        if (at[1 + length] == '}' && !(at > text && at[-1] == '$'))
            value = value_at(at, length, f, a);
        if (!value)
            continue;
        out = ps_arena_format(a, "%s%.*s%s", out, (int)(at - rest), rest, value);
        rest = at + length + 2;
    }
    return rest == text ? text : ps_arena_format(a, "%s%s", out, rest);
}

static bool has_place(const char *word, const char *name)
{
    const size_t length = strlen(name);

    for (const char *at = strchr(word, '{'); at; at = strchr(at + 1, '{'))
        if (!strncmp(at + 1, name, length) && at[1 + length] == '}' &&
            !(at > word && at[-1] == '$'))
            return true;
    return false;
}

bool ps_program_takes(const struct ps_program *p, const char *name)
{
    for (size_t i = 1; p->words[i]; i++)
        if (has_place(p->words[i], name))
            return true;
    return false;
}

/* Letters of the name of a place that the word ends with, alone or behind '='; 0: it does not. */
static size_t last_place(const char *word, const char **name)
{
    const char *at = strrchr(word, '{');
    size_t length;

    if (!at || (at > word && at[-1] != '='))
        return 0;
    length = strspn(at + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    *name = at + 1;
    return !strcmp(at + 1 + length, "}") ? length : 0;
}

/* Whether one letter more, less or other, two neighbours swapped, or the letters' case is all that
 * is between the two. */
static bool one_slip(const char *a, size_t m, const char *b, size_t n)
{
    while (m && n && !strncasecmp(a, b, 1))
        a++, b++, m--, n--;
    while (m && n && !strncasecmp(a + m - 1, b + n - 1, 1))
        m--, n--;
    if (m == 2 && n == 2)
        return !strncasecmp(a, b + 1, 1) && !strncasecmp(a + 1, b, 1);
    return m <= 1 && n <= 1;
}

/* Of a place that has no value: whether one of the names was meant. */
static bool is_slip(const char *name, size_t length, const char *const *names, size_t count)
{
    bool slip = false;

    for (size_t i = 0; i < count; i++) {
        if (strlen(names[i]) == length && !strncmp(names[i], name, length))
            return false;
        slip |= one_slip(name, length, names[i], strlen(names[i]));
    }
    return slip;
}

const char *ps_program_unfilled(const struct ps_program *p, const char *const *names, size_t count,
                                struct ps_arena *a)
{
    for (size_t i = 1; p->words[i]; i++) {
        const char *name;
        const size_t length = last_place(p->words[i], &name);
        enum place which;

        if (length && !place_at(name - 1, name - 1, &which) && is_slip(name, length, names, count))
            return ps_arena_format(a, "%.*s", (int)length, name);
    }
    return NULL;
}

static int check_brace(const char *at, size_t length, struct ps_arena *a, struct ps_err *e)
{
    char *name;

    for (size_t i = 0; i < SIZE; i++) { /* {side} may well be the program's own */
        if (!one_slip(at, length, places[i], strlen(places[i])))
            continue;
        name = ps_arena_format(a, "%.*s", (int)length, at);
        ps_unknown("placeholder", name, places, SIZE, NULL, e);
        return -EINVAL;
    }
    return 0;
}

/* Refuses what looks like a misspelt place; other braces are the program's own. */
static int check_spelling(const char *word, struct ps_arena *a, struct ps_err *e)
{
    enum place which;
    int err = 0;

    for (const char *at = strchr(word, '{'); at && err == 0; at = strchr(at + 1, '{')) {
        size_t length = 1 + strcspn(at + 1, "{}");

        if (at[length] == '}' && !(at > word && at[-1] == '$') && !place_at(word, at, &which))
            err = check_brace(at, length + 1, a, e);
    }
    return err;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash && slash[1] ? slash + 1 : path;
}

static int take_words(struct ps_program *p, const char *const *words, size_t count,
                      struct ps_arena *a, struct ps_err *e)
{
    const char **copy = ps_arena_array(a, count + 1, sizeof *copy);

    for (size_t i = 0; i < count; i++) {
        int err = check_spelling(words[i], a, e);

        if (err < 0)
            return err;
        copy[i] = ps_arena_copy(a, words[i]);
        note_places(copy[i], p);
    }
    p->words = copy;
    return ps_executable_find(copy[0], p->folder, a, &p->path, e);
}

/* n: with its folder. */
static int program_of_words(const char *const *words, size_t count, struct ps_arena *a,
                            struct ps_program *n, struct ps_err *e)
{
    enum place which;
    int err;

    if (count == 0)
        return ps_fail(e, EINVAL, "there is no command after --");
    if (!words[0][0])
        return ps_fail(e, EINVAL, "the first word, the command's name, is empty");
    if (next_place(words[0], words[0], &which))
        return ps_fail(e, EINVAL,
                       "'%s': %s is allowed in the arguments of a command, not in its name",
                       words[0], places[which]);
    err = take_words(n, words, count, a, e);
    if (err < 0)
        return err;
    n->name = last_part(n->words[0]);
    n->label = ps_words_join(words, count, a);
    return 0;
}

int ps_program_of_words(const char *const *words, size_t count, struct ps_arena *a,
                        struct ps_program *p, struct ps_err *e)
{
    struct ps_program n = {0};
    int err = program_of_words(words, count, a, &n, e);

    if (!err)
        *p = n;
    return err;
}

/* The first word of a shell's text, where it plainly is one; else the shell's own. */
static const char *name_in_shell(const char *text, const char *shell, struct ps_arena *a)
{
    size_t length = strcspn(text, BLANKS ";&|<>()");

    if (length == 0 || strcspn(text, "'\"\\`$={}*?[!#~") < length)
        return last_part(shell);
    return last_part(ps_arena_format(a, "%.*s", (int)length, text));
}

static int program_of_shell(const char *text, const char *what, const char *shell,
                            struct ps_arena *a, struct ps_program *n, struct ps_err *e)
{
    const char *begin = text + strspn(text, BLANKS);
    size_t length = strlen(begin);
    const char *const words[] = {shell, "-c", text};
    int err;

    if (!*begin)
        return ps_fail(e, EINVAL, "%s: the command is empty", what);
    if (!shell[0])
        return ps_fail(e, EINVAL, "the shell's name is empty");
    err = take_words(n, words, COUNT(words), a, e);
    if (err < 0)
        return err;
    n->name = name_in_shell(begin, shell, a);
    while (strchr(BLANKS, begin[length - 1]))
        length--;
    n->label = ps_arena_format(a, "%.*s", (int)length, begin);
    return 0;
}

static int program_of_text(const char *text, const char *what, const char *shell,
                           struct ps_arena *a, struct ps_program *n, struct ps_err *e)
{
    const char **words;
    size_t count;
    int err;

    if (shell)
        return program_of_shell(text, what, shell, a, n, e);
    err = ps_words_split(text, what, a, &words, &count, e);
    return err < 0 ? err : program_of_words(words, count, a, n, e);
}

int ps_program_of_text(const char *text, const char *what, const char *shell, struct ps_arena *a,
                       struct ps_program *p, struct ps_err *e)
{
    struct ps_program n = {0};
    int err = program_of_text(text, what, shell, a, &n, e);

    if (!err)
        *p = n;
    return err;
}

int ps_program_in_folder(const char *text, const char *shell, const char *folder,
                         struct ps_arena *a, struct ps_program *p, struct ps_err *e)
{
    struct ps_program n = {.folder = folder};
    int err = program_of_text(text, "-c", shell, a, &n, e);

    if (!err)
        *p = n;
    return err;
}

const char *const *ps_program_words(const struct ps_program *p, const struct ps_program_fill *f,
                                    struct ps_arena *a)
{
    const char **words;
    size_t count = 0;

    while (p->words[count])
        count++;
    words = ps_arena_array(a, count + 1, sizeof *words);
    for (size_t i = 0; i < count; i++)
        words[i] = ps_program_fill_text(p->words[i], f, a);
    return words;
}

static bool is_thread_variable(const char *entry)
{
    const size_t length = strcspn(entry, "=");

    for (size_t i = 0; ps_thread_variables[i]; i++) {
        if (!strncmp(entry, ps_thread_variables[i], length) && !ps_thread_variables[i][length])
            return true;
    }
    return false;
}

const char *const *ps_program_environment(const char *const *environment, unsigned threads,
                                          struct ps_arena *a)
{
    const char **copy;
    size_t count = 0, n = 0;

    while (environment[count])
        count++;
    copy = ps_arena_array(a, count + COUNT(ps_thread_variables), sizeof *copy);
    for (size_t i = 0; i < count; i++) {
        if (!is_thread_variable(environment[i]))
            copy[n++] = environment[i];
    }
    for (size_t i = 0; ps_thread_variables[i]; i++)
        copy[n++] = ps_arena_format(a, "%s=%u", ps_thread_variables[i], threads);
    return copy;
}
