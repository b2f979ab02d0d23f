/* Where the output of commands goes, and the end of their standard error. Internal to this layer.
 */
#ifndef PS_CAPTURE_H
#define PS_CAPTURE_H

#include <sys/types.h>

#include "command.h"
#include "err.h"

struct ps_capture {
    enum ps_child_output output;
    int null, file;          /* -1: not used */
    int read_end, write_end; /* of the pipe for standard error, likewise; both stay ours */
    off_t file_start;        /* end of the file before the run */
    char ring[PS_CHILD_TAIL];
    size_t total; /* bytes written to the ring in this run */
};

/* Whether the file can be written; creates it. 0, or a negative errno with the cause in e. */
int ps_capture_check(const char *path, struct ps_err *e);
/* path: of PS_CHILD_FILE. To be closed also where it fails. */
int ps_capture_open(struct ps_capture *c, enum ps_child_output output, const char *path,
                    struct ps_err *e);
void ps_capture_close(struct ps_capture *c);
/* The descriptors that become 1 and 2 of a command. */
int ps_capture_out(const struct ps_capture *c);
int ps_capture_err(const struct ps_capture *c);
/* A run begins: what came before is forgotten. */
void ps_capture_begin(struct ps_capture *c);
/* Takes what is in the pipe, so that the command can go on writing. */
void ps_capture_drain(struct ps_capture *c);
/* The last of standard error, of PS_CHILD_TAIL + 1 bytes. */
void ps_capture_tail(struct ps_capture *c, char *tail);

#endif
