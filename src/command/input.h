/* Standard input of commands. Internal to this layer. */
#ifndef PS_INPUT_H
#define PS_INPUT_H

#include <stdbool.h>

#include "err.h"

/* A descriptor at the beginning of the file, or a negative errno with the cause in e. */
int ps_input_open(const char *path, struct ps_err *e);
int ps_input_check(const char *path, struct ps_err *e);
/* An empty file that is known to have been read from. Negative errno where there is no such. */
int ps_input_watched(void);
bool ps_input_was_read(int fd);

#endif
