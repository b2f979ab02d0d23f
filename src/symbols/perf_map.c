#include "perf_map.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A hexadecimal number with a space behind it. */
static bool number(char **at, uint64_t *value)
{
    char *s = *at;
    int digits = 0;

    if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
        s += 2;
    for (*value = 0;; s++, digits++) {
        unsigned char c = (unsigned char)*s, low = c | 0x20;

        if (c >= '0' && c <= '9')
            *value = *value << 4 | (c - '0');
        else if (low >= 'a' && low <= 'f')
            *value = *value << 4 | (low - 'a' + 10u);
        else
            break;
    }
    *at = s + 1;
    return digits > 0 && digits <= 16 && *s == ' ';
}

static bool parse_line(char *line, struct ps_perf_entry *e)
{
    uint64_t size;

    if (!number(&line, &e->start) || !number(&line, &size) || !*line)
        return false;
    e->name = line;
    return !__builtin_add_overflow(e->start, size, &e->end) && size;
}

static int compare(const void *a, const void *b)
{
    const struct ps_perf_entry *x = a, *y = b;

    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return (x->line < y->line) - (x->line > y->line);
}

static void unify(struct ps_perf_map *m)
{
    size_t kept = 0;

    qsort(m->entries, m->count, sizeof *m->entries, compare);
    for (size_t i = 0; i < m->count; i++)
        if (!kept || m->entries[kept - 1].start != m->entries[i].start)
            m->entries[kept++] = m->entries[i];
    m->count = kept;
}

static size_t count_lines(const char *text, size_t size)
{
    size_t count = 1;

    for (const char *s = text; (s = memchr(s, '\n', size - (size_t)(s - text))); s++)
        count++;
    return count < PS_PERF_MAP_ENTRIES ? count : PS_PERF_MAP_ENTRIES;
}

int ps_perf_map_parse(struct ps_perf_map *m, char *text, size_t size)
{
    size_t room = count_lines(text, size), line = 0;

    *m = (struct ps_perf_map){.entries = malloc(room * sizeof *m->entries), .text = text};
    if (!m->entries) {
        ps_perf_map_free(m);
        return -ENOMEM;
    }
    text[size] = '\0';
    for (char *at = text; at < text + size && m->count < room; line++) {
        char *end = memchr(at, '\n', (size_t)(text + size - at));

        if (!end)
            end = text + size;
        *end = '\0';
        m->entries[m->count].line = line;
        m->count += parse_line(at, &m->entries[m->count]);
        at = end + 1;
    }
    unify(m);
    return 0;
}

static char *read_whole(int fd, size_t room, size_t *size)
{
    char *text = malloc(room + 1);

    for (*size = 0; text && *size < room;) {
        ssize_t got = read(fd, text + *size, room - *size);

        if (got <= 0)
            break;
        *size += (size_t)got;
    }
    return text;
}

size_t ps_perf_map_load(struct ps_perf_map *m, const char *path, size_t most)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat st;
    size_t size = 0;

    *m = (struct ps_perf_map){0};
    if (fd < 0)
        return 0;
    most = most < PS_PERF_MAP_BYTES ? most : PS_PERF_MAP_BYTES;
    if (!fstat(fd, &st) && S_ISREG(st.st_mode) && (!st.st_uid || st.st_uid == geteuid())) {
        size_t room = (uint64_t)st.st_size < most ? (size_t)st.st_size : most;
        char *text = read_whole(fd, room, &size);

        if (text)
            ps_perf_map_parse(m, text, size);
    }
    close(fd);
    return size;
}

void ps_perf_map_free(struct ps_perf_map *m)
{
    free(m->entries);
    free(m->text);
    *m = (struct ps_perf_map){0};
}

const struct ps_perf_entry *ps_perf_map_find(const struct ps_perf_map *m, uint64_t address)
{
    size_t low = 0, high = m->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (m->entries[middle].start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low && address < m->entries[low - 1].end ? &m->entries[low - 1] : NULL;
}
