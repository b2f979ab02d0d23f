/* Small files of /proc and /sys below a root, read in bounded pieces. A file that is missing,
 * can't be opened or has a path beyond PATH_MAX is "not there". */
#ifndef PS_SYSFILE_H
#define PS_SYSFILE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* NULL where it is not there; close with fclose. */
FILE *ps_sysfile_open(const char *root, const char *path);
/* The next line without its newline; what is beyond size - 1 bytes is dropped. False at the end. */
bool ps_sysfile_next(FILE *f, char *line, size_t size);
/* The first line without space around it; false where there is none or it is empty. */
bool ps_sysfile_line(const char *root, const char *path, char *line, size_t size);
/* Cuts space off both ends, in place. */
char *ps_sysfile_trim(char *text);
/* A decimal number at the start of *text, which moves behind it and the blanks that follow. False,
 * with *text unmoved, where there is none or it does not fit. */
bool ps_sysfile_number(const char **text, uint64_t *value);

#endif
