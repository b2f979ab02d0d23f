/* A folder for the files of the ranks of a sweep. */
#ifndef PS_RANK_FOLDER_H
#define PS_RANK_FOLDER_H

#include "arena.h"
#include "err.h"

/* Makes one in `base`, which is made too where there is none; NULL: the working directory. *folder:
 * its whole path, so that it is the same from everywhere. */
int ps_rank_folder_make(const char *base, struct ps_arena *a, const char **folder,
                        struct ps_err *e);
void ps_rank_folder_empty(const char *folder);
void ps_rank_folder_remove(const char *folder);

#endif
