/* command_line/: the command of a program that is to be measured. In comes what the user wrote
 * (words.h splits a text); out go its words, with places for the thread count and the CPUs, the
 * executable (executable.h) and what its environment becomes. Nothing is started here. */
#ifndef PS_PROGRAM_H
#define PS_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "err.h"

struct ps_program {
    const char *name;         /* last part of the first word: "xz" */
    const char *label;        /* the whole command, words joined: "xz -T{threads} f"; or the TEXT */
    const char *const *words; /* as given, ends with NULL; with --shell: SHELL -c TEXT */
    const char *path;         /* of the executable, found as execvp would */
    const char *folder;       /* that it runs in, which path is relative to; NULL: ours */
    bool takes_threads;       /* a word has {threads} */
    bool takes_cpus;          /* a word has {cpus} */
    bool takes_size;          /* a word has {size} */
};

/* From the words of the command line (after `--`), or from one text: split into words, or with
 * shell not NULL handed to it whole as SHELL -c TEXT (then name is the first word of the text as
 * far as it can be told, else the shell's).
 * -EINVAL: no or an empty first word, a first word with {threads} or {cpus}, an unknown {name} that
 * looks like a misspelt one ("{thread}": did you mean '{threads}'?; other braces and "${threads}"
 * are left alone). Not found or not executable: -ENOEXEC, "can't run 'foo': there is no such
 * command in PATH" or "can't run './foo': Permission denied". */
int ps_program_of_words(const char *const *words, size_t count, struct ps_arena *a,
                        struct ps_program *p, struct ps_err *e);
int ps_program_of_text(const char *text, const char *what, const char *shell, struct ps_arena *a,
                       struct ps_program *p, struct ps_err *e);
/* Of -c, of a program that runs in a folder (NULL: ours), which a relative first word is looked for
 * in. */
int ps_program_in_folder(const char *text, const char *shell, const char *folder,
                         struct ps_arena *a, struct ps_program *p, struct ps_err *e);

/* What takes the places in a program's words. */
struct ps_program_fill {
    unsigned threads;                         /* 0: {threads} is left as it is */
    const char *cpus;                         /* "0,2-3"; NULL: likewise */
    uint64_t size;                            /* 0: likewise */
    const char *const *names, *const *values; /* of other places, as {n}; "" is no name */
    size_t count;
};

/* Words with their places filled, ending with NULL. */
const char *const *ps_program_words(const struct ps_program *p, const struct ps_program_fill *f,
                                    struct ps_arena *a);
const char *ps_program_fill_text(const char *text, const struct ps_program_fill *f,
                                 struct ps_arena *a);
/* Whether any word of the program but the first has the place {name}. */
bool ps_program_takes(const struct ps_program *p, const char *name);
/* A place that a word is, or ends with behind '=', and that is none of the count names but nearly
 * one: "siez" of "--size={siez}"; NULL where there is none. Others are the program's own. */
const char *ps_program_unfilled(const struct ps_program *p, const char *const *names, size_t count,
                                struct ps_arena *a);

/* A copy of `environment` (ends with NULL) in which the variables by which runtimes take their
 * thread count (OMP_NUM_THREADS, ... : ps_thread_variables) are set to `threads`. Each appears
 * once.
 */
const char *const *ps_program_environment(const char *const *environment, unsigned threads,
                                          struct ps_arena *a);
extern const char *const ps_thread_variables[]; /* ends with NULL */

#endif
