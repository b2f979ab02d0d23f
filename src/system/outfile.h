/* Output files that are written whole or not at all.
 *
 * Opening checks at once that the file can be written, before anything is measured. The content
 * goes to a nameless or temporary file beside it, which takes the name on commit, with the mode of
 * the file that was there. Links stay: the file that they lead to is replaced. Character devices,
 * pipes and the process's own descriptors (/dev/stdout) are written directly at commit. */
#ifndef PS_OUTFILE_H
#define PS_OUTFILE_H

#include <stddef.h>

#include "err.h"

struct ps_outfile {
    char *path;      /* as the user gave it; owned */
    char *target;    /* path with links followed; NULL where it is written directly */
    char *temporary; /* NULL where the system has nameless files */
    int fd;          /* -1: a pipe that commit opens */
};

/* Errors name the path and the cause: "can't write 'x/r.json': No such file or directory". */
int ps_outfile_open(struct ps_outfile *f, const char *path, struct ps_err *e);
/* Writes a piece of the content; what commit is given then comes after it. 0 or a negative errno.
 */
int ps_outfile_write(struct ps_outfile *f, const void *data, size_t size);
/* Writes, flushes to disk, renames. On failure (a full disk) nothing is left under the name that
 * was not there before. Always ends the use of f. */
int ps_outfile_commit(struct ps_outfile *f, const void *data, size_t size, struct ps_err *e);
/* Ends the use of f and leaves no trace. Harmless after commit or on a zeroed struct with fd -1. */
void ps_outfile_abandon(struct ps_outfile *f);

#endif
