#include "span.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/types.h>

typedef ssize_t some_fn(int fd, char *at, size_t bytes);

static ssize_t send_some(int fd, char *at, size_t bytes)
{
    return send(fd, at, bytes, MSG_NOSIGNAL);
}

static ssize_t receive_some(int fd, char *at, size_t bytes)
{
    return recv(fd, at, bytes, MSG_WAITALL);
}

static int move_all(int fd, struct parscope_span s, some_fn *some)
{
    char *at = s.start;

    for (size_t left = s.bytes; left;) {
        ssize_t n = some(fd, at, left);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EPIPE;
        at += n;
        left -= (size_t)n;
    }
    return 0;
}

int ps_span_send(int fd, struct parscope_span s)
{
    return move_all(fd, s, send_some);
}

int ps_span_receive(int fd, struct parscope_span s)
{
    return move_all(fd, s, receive_some);
}
