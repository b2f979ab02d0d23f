#include "rank_folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int ps_rank_folder_make(const char *base, struct ps_arena *a, const char **folder, struct ps_err *e)
{
    char *whole, *name;

    base = base && *base ? base : ".";
    if (mkdir(base, 0777) < 0 && errno != EEXIST)
        return ps_fail(e, errno, "can't make the folder '%.200s': %s", base, strerror(errno));
    whole = realpath(base, NULL);
    name = ps_arena_format(a, "%s/.parscope-ranks-XXXXXX", whole ? whole : base);
    free(whole);
    if (!mkdtemp(name))
        return ps_fail(e, errno, "can't make a folder for the ranks' files in '%.200s': %s", base,
                       strerror(errno));
    *folder = name;
    return 0;
}

void ps_rank_folder_empty(const char *folder)
{
    DIR *d = opendir(folder);
    const struct dirent *entry;

    while (d && (entry = readdir(d)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlinkat(dirfd(d), entry->d_name, 0);
    if (d)
        closedir(d);
}

void ps_rank_folder_remove(const char *folder)
{
    ps_rank_folder_empty(folder);
    rmdir(folder);
}
