#include "call_file.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

const char *ps_call_file_write(const struct ps_call_page *p, const struct ps_rank *r, double tick,
                               struct ps_str *out)
{
    const struct ps_call_head head = {
        .magic = PS_CALL_MAGIC,
        .rank = r->rank,
        .size = r->size,
        .window = r->window,
        .tick = tick,
        .comm_count = p->comm_count,
        .event_count = p->event_count,
    };

    if (p->comm_count > PS_CALL_COMMS || p->event_count > PS_CALL_EVENTS)
        return "the library and parscope disagree";
    if ((uint64_t)p->event_count * r->size > PS_MOST_CALLS)
        return "there are too many calls to replay";
    ps_str_addn(out, (const char *)&head, sizeof head);
    ps_str_addn(out, (const char *)p->comms, p->comm_count * sizeof *p->comms);
    ps_str_addn(out, (const char *)p->events, p->event_count * sizeof *p->events);
    return out->failed ? "out of memory" : NULL;
}

/* Of a size that was checked. */
static void *read_array(int fd, size_t count, size_t size)
{
    char *all = malloc(count * size + 1);
    size_t used = 0;

    while (all && used < count * size) {
        const ssize_t got = read(fd, all + used, count * size - used);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            free(all);
            return NULL;
        }
        used += (size_t)got;
    }
    return all;
}

static bool head_fits(const struct ps_call_head *h, const struct ps_rank *r, off_t size)
{
    const size_t expected = sizeof *h + h->comm_count * sizeof(struct ps_call_comm) +
                            h->event_count * sizeof(struct ps_call_event);

    return h->magic == PS_CALL_MAGIC && h->rank == r->rank && h->size == r->size &&
           fabs(h->window - r->window) <= 1e-9 * r->window && h->tick > 0 && isfinite(h->tick) &&
           h->comm_count <= PS_CALL_COMMS && h->event_count <= PS_CALL_EVENTS &&
           size == (off_t)expected;
}

static bool events_fit(const struct ps_call_file *f)
{
    for (uint32_t i = 0; i < f->head.comm_count; i++)
        if (!f->comms[i].size || f->comms[i].size > f->head.size)
            return false;
    for (uint32_t i = 0; i < f->head.event_count; i++) {
        const struct ps_call_event *e = &f->events[i];

        if (e->op >= PS_CALL_OPS || e->comm >= f->head.comm_count || e->peer < 0 ||
            (uint32_t)e->peer >= f->head.size)
            return false;
    }
    return true;
}

static int read_parts(int fd, const struct ps_rank *r, struct ps_call_file *f)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode) || read(fd, &f->head, sizeof f->head) != sizeof f->head ||
        !head_fits(&f->head, r, st.st_size))
        return -EINVAL;
    f->comms = read_array(fd, f->head.comm_count, sizeof *f->comms);
    f->events = read_array(fd, f->head.event_count, sizeof *f->events);
    if (!f->comms || !f->events)
        return -ENOMEM;
    return events_fit(f) ? 0 : -EINVAL;
}

int ps_call_file_read(const char *path, const struct ps_rank *r, struct ps_call_file *f)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int err = fd < 0 ? -errno : 0;

    *f = (struct ps_call_file){.comms = NULL};
    if (!err)
        err = read_parts(fd, r, f);
    if (fd >= 0)
        close(fd);
    return err;
}

void ps_call_file_free(struct ps_call_file *f)
{
    free(f->comms);
    free(f->events);
    *f = (struct ps_call_file){.comms = NULL};
}
