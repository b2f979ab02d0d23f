#include "capture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* Read too, so that a FIFO without a reader does not block. */
static int open_file(const char *path, int flags, struct ps_err *e)
{
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | flags, 0666);

    if (fd < 0)
        return ps_fail(e, errno, "can't write the program's output to '%s': %s", path,
                       strerror(errno));
    return fd;
}

int ps_capture_check(const char *path, struct ps_err *e)
{
    int fd = open_file(path, 0, e);

    return fd < 0 ? fd : close(fd);
}

int ps_capture_open(struct ps_capture *c, enum ps_child_output output, const char *path,
                    struct ps_err *e)
{
    int ends[2];

    *c = (struct ps_capture){output, -1, -1, -1, -1};
    c->null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (c->null < 0)
        return ps_fail(e, errno, "can't open /dev/null: %s", strerror(errno));
    if (c->output == PS_CHILD_FILE) {
        c->file = open_file(path, O_TRUNC, e);
        if (c->file < 0)
            return c->file;
    }
    if (c->output == PS_CHILD_NULL) {
        if (pipe2(ends, O_CLOEXEC) < 0)
            return ps_fail(e, errno, "can't open a pipe: %s", strerror(errno));
        c->read_end = ends[0];
        c->write_end = ends[1];
        fcntl(c->read_end, F_SETFL, O_NONBLOCK);
    }
    return 0;
}

static void close_one(int fd)
{
    if (fd >= 0)
        close(fd);
}

void ps_capture_close(struct ps_capture *c)
{
    close_one(c->null);
    close_one(c->file);
    close_one(c->read_end);
    close_one(c->write_end);
}

int ps_capture_out(const struct ps_capture *c)
{
    if (c->output == PS_CHILD_INHERIT)
        return STDOUT_FILENO;
    return c->output == PS_CHILD_FILE ? c->file : c->null;
}

int ps_capture_err(const struct ps_capture *c)
{
    if (c->output == PS_CHILD_INHERIT)
        return STDERR_FILENO;
    return c->output == PS_CHILD_FILE ? c->file : c->write_end;
}

static void keep(struct ps_capture *c, const char *data, size_t length)
{
    for (size_t i = 0; i < length; i++)
        c->ring[c->total++ % PS_CHILD_TAIL] = data[i];
}

/* A flood does not keep us here, as we come back. */
void ps_capture_drain(struct ps_capture *c)
{
    char data[16384];

    for (int i = 0; i < 16; i++) {
        ssize_t length = c->read_end >= 0 ? read(c->read_end, data, sizeof data) : 0;

        if (length <= 0)
            return;
        keep(c, data + (length > PS_CHILD_TAIL ? length - PS_CHILD_TAIL : 0),
             length > PS_CHILD_TAIL ? PS_CHILD_TAIL : (size_t)length);
    }
}

/* The text from the first whole line on, where something was cut. */
static void cut_to_lines(char *text, bool cut)
{
    char *line = cut ? strchr(text, '\n') : NULL;

    if (line && line[1])
        memmove(text, line + 1, strlen(line + 1) + 1);
}

static void tail_of_ring(const struct ps_capture *c, char *tail)
{
    size_t length = c->total < PS_CHILD_TAIL ? c->total : PS_CHILD_TAIL;

    for (size_t i = 0; i < length; i++)
        tail[i] = c->ring[(c->total - length + i) % PS_CHILD_TAIL];
    tail[length] = '\0';
    cut_to_lines(tail, c->total > PS_CHILD_TAIL);
}

static void tail_of_file(const struct ps_capture *c, char *tail)
{
    off_t end = lseek(c->file, 0, SEEK_END), start = end - PS_CHILD_TAIL;
    ssize_t length;

    if (start < c->file_start)
        start = c->file_start;
    length = end > start ? pread(c->file, tail, (size_t)(end - start), start) : 0;
    tail[length > 0 ? length : 0] = '\0';
    cut_to_lines(tail, start > c->file_start);
}

void ps_capture_begin(struct ps_capture *c)
{
    ps_capture_drain(c);
    c->total = 0;
    if (c->file >= 0)
        c->file_start = lseek(c->file, 0, SEEK_END);
}

void ps_capture_tail(struct ps_capture *c, char *tail)
{
    tail[0] = '\0';
    if (c->output == PS_CHILD_NULL) {
        ps_capture_drain(c);
        tail_of_ring(c, tail);
    } else if (c->output == PS_CHILD_FILE) {
        tail_of_file(c, tail);
    }
}
