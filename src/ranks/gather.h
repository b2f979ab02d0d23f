/* Reads the lines of ranks from files, one after the other: of a file no more than a line is in
 * memory, of a rank no more than its figures. Nothing in a file is trusted: what is no line of a
 * rank is left out, with its file and the reason. */
#ifndef PS_GATHER_H
#define PS_GATHER_H

#include <time.h>

#include "rank_file.h"

#define PS_MOST_LEFT_OUT 1000 /* that are kept by name; all are counted */

struct ps_gathered_rank {
    struct ps_rank rank;
    size_t run, file; /* indices */
};

/* Ranks of which nothing says that they are of different runs. */
struct ps_gathered_run {
    struct ps_rank_run about; /* as its first line has it */
    size_t count;
    uint32_t size;
    struct timespec newest; /* of its files, when they were written */
};

struct ps_gathered {
    struct ps_arena *arena;
    struct ps_interned names; /* that all texts lie in */
    const char **files;
    size_t file_count;
    struct ps_gathered_run *runs;
    size_t run_count;
    struct ps_gathered_rank *ranks; /* in the order of files and lines */
    size_t rank_count, rank_room;
    struct ps_ranks_left_out *left_out;
    size_t left_out_count, left_out_total;
};

/* paths: files, and folders, of which all visible files are read in the order of their names. Fails
 * where a path can't be read at all. */
int ps_gather(const char *const *paths, size_t count, struct ps_arena *a, struct ps_gathered *g,
              struct ps_err *e);
void ps_gathered_finish(struct ps_gathered *g);
/* why: must outlive it. */
void ps_gather_leave_out(struct ps_gathered *g, const char *file, const char *why);

#endif
