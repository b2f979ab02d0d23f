#include "schedstat.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

bool ps_schedstat_read(int fd, struct ps_schedstat *out)
{
    struct ps_schedstat s;
    char text[96];
    ssize_t got = fd < 0 ? -1 : pread(fd, text, sizeof text - 1, 0);

    *out = (struct ps_schedstat){0};
    if (got <= 0)
        return false;
    text[got] = '\0';
    if (sscanf(text, "%" SCNu64 " %" SCNu64 " %" SCNu64, &s.used, &s.delay, &s.slices) != 3)
        return false;
    *out = s;
    return true;
}

bool ps_schedstat_of(const char *path, struct ps_schedstat *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = ps_schedstat_read(fd, out);

    if (fd >= 0)
        close(fd);
    return ok;
}

double ps_schedstat_others(const struct ps_schedstat *from, const struct ps_schedstat *to)
{
    double delay = (double)(to->delay - from->delay);
    double waking = (double)(PS_WAKING * (to->slices - from->slices));

    return delay > waking ? delay - waking : 0;
}
