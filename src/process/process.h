/* process/: this process and what it was started from: descriptors, limits, signals, the terminal,
 * and the exit statuses of all subcommands (exit.h). */
#ifndef PS_PROCESS_H
#define PS_PROCESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* Makes sure that descriptors 0 to 2 are in use, so that no file we open takes their place; ignores
 * SIGPIPE and SIGXFSZ, so that writing fails with a cause instead; raises the soft limit of open
 * files, of which counters need many, to the hard one. */
void ps_process_prepare(void);

/* Turns the first SIGINT, SIGTERM or SIGHUP into a non-zero flag; the second ends the program with
 * 130. A SIGINT or SIGHUP that was ignored stays ignored, as shells arrange for background jobs and
 * nohup does. Whatever ends the program at once removes the files of ps_crash_remove. */
const atomic_int *ps_process_catch_interrupts(void);
/* From now on the first signal ends the program at once, too, with these words on standard error;
 * one that has already come does so here. NULL: from now on it is a flag again. */
void ps_process_end_at_once(const char *words);

/* 0 or negative errno. */
int ps_write_all(int fd, const char *data, size_t size);

bool ps_terminal_is_dumb(void);
/* By the environment (LC_ALL, LC_CTYPE, LANG). */
bool ps_locale_is_utf8(void);
/* Columns of the terminal behind fd, 80 where it does not say. */
size_t ps_terminal_width(int fd);

#endif
