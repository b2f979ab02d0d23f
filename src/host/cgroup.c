#include "cgroup.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "sysfile.h"

enum { LINE = 16384 };

/* Quota in CPUs of the cgroup in folder `dir`, NaN where it has no limit. */
typedef double quota_fn(const char *root, const char *dir);

struct hierarchy {
    const char *fstype, *controller; /* controller NULL: the unified hierarchy */
    quota_fn *quota;
    const char *source;
    const char *throttled; /* key in cpu.stat */
    uint64_t throttled_unit_ns;
};

/* A mount of the hierarchy. */
struct mount {
    char top[PATH_MAX]; /* the mount point; "" while none is found */
    char dir[PATH_MAX]; /* our cgroup's folder, in or at the mount point */
};

static bool read_in(const char *root, const char *dir, const char *file, char *line, size_t size)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s/%s", dir, file);

    return length > 0 && (size_t)length < sizeof path && ps_sysfile_line(root, path, line, size);
}

static double ratio(uint64_t quota, uint64_t period)
{
    return quota > 0 && period > 0 ? (double)quota / (double)period : NAN;
}

/* "max 100000" or "50000 100000". */
static double quota_v2(const char *root, const char *dir)
{
    char line[64];
    const char *at = line;
    uint64_t quota, period;

    if (!read_in(root, dir, "cpu.max", line, sizeof line))
        return NAN;
    if (!ps_sysfile_number(&at, &quota) || !ps_sysfile_number(&at, &period))
        return NAN;
    return ratio(quota, period);
}

/* A quota of -1 is no limit. */
static double quota_v1(const char *root, const char *dir)
{
    char quota_line[32], period_line[32];
    const char *quota_at = quota_line, *period_at = period_line;
    uint64_t quota, period;

    if (!read_in(root, dir, "cpu.cfs_quota_us", quota_line, sizeof quota_line) ||
        !read_in(root, dir, "cpu.cfs_period_us", period_line, sizeof period_line))
        return NAN;
    if (!ps_sysfile_number(&quota_at, &quota) || !ps_sysfile_number(&period_at, &period))
        return NAN;
    return ratio(quota, period);
}

static const struct hierarchy hierarchies[] = {
    {"cgroup2", NULL, quota_v2, "cgroup v2 cpu.max", "throttled_usec", 1000},
    {"cgroup", "cpu", quota_v1, "cgroup v1 cpu.cfs_quota_us", "throttled_time", 1},
};

static bool has_item(const char *list, const char *item)
{
    size_t length = strlen(item);

    for (; list; list = strchr(list, ',')) {
        list += *list == ',';
        if (!strncmp(list, item, length) && (list[length] == ',' || !list[length]))
            return true;
    }
    return false;
}

/* /proc/self/cgroup has lines "ID:CONTROLLERS:PATH", with no controllers for v2. */
static bool is_ours(const struct hierarchy *h, const char *controllers)
{
    return h->controller ? has_item(controllers, h->controller) : *controllers == '\0';
}

static bool own_path(const char *root, const struct hierarchy *h, char *out, size_t size)
{
    FILE *f = ps_sysfile_open(root, "/proc/self/cgroup");
    char line[PATH_MAX + 512];
    bool found = false;

    while (f && !found && ps_sysfile_next(f, line, sizeof line)) {
        char *rest = line, *controllers;

        strsep(&rest, ":");
        controllers = strsep(&rest, ":");
        if (rest && is_ours(h, controllers) && strlen(rest) < size) {
            strcpy(out, rest);
            found = true;
        }
    }
    if (f)
        fclose(f);
    return found;
}

/* mountinfo writes space, tab, newline and backslash as \ooo. */
static void unescape(char *text)
{
    char *to = text;

    for (; *text; text++) {
        unsigned a, b, c;

        if (*text == '\\' && (a = (unsigned)text[1] - '0') < 4 &&
            (b = (unsigned)text[2] - '0') < 8 && (c = (unsigned)text[3] - '0') < 8) {
            *to++ = (char)(a << 6 | b << 3 | c);
            text += 3;
        } else {
            *to++ = *text;
        }
    }
    *to = '\0';
}

struct mount_line {
    char *root, *point, *fstype, *options;
};

/* "ID PARENT MAJOR:MINOR ROOT POINT OPTIONS [TAGS...] - FSTYPE SOURCE SUPEROPTIONS" */
static bool split_mount(char *line, struct mount_line *m)
{
    char *rest = line, *field = NULL;

    for (int i = 0; i < 4; i++)
        m->root = strsep(&rest, " ");
    m->point = strsep(&rest, " ");
    while (rest && (!field || strcmp(field, "-") != 0))
        field = strsep(&rest, " ");
    m->fstype = strsep(&rest, " ");
    strsep(&rest, " ");
    m->options = rest;
    if (!m->root || !m->point || !m->options)
        return false;
    unescape(m->root);
    unescape(m->point);
    return true;
}

static bool is_mount_of(const struct hierarchy *h, const struct mount_line *m)
{
    return !strcmp(m->fstype, h->fstype) && (!h->controller || has_item(m->options, h->controller));
}

/* What of `path` lies below the mount's root, "" or "/a/b"; NULL where the mount does not show it,
 * as from inside a container that sees the host's paths. */
static const char *below(const char *mount_root, const char *path)
{
    size_t length = !strcmp(mount_root, "/") ? 0 : strlen(mount_root);

    if (strncmp(path, mount_root, length) != 0 || strstr(path, "/.."))
        return NULL;
    path += length;
    if (!strcmp(path, "/"))
        return "";
    return *path == '/' || *path == '\0' ? path : NULL;
}

static bool join(char *out, const char *a, const char *b)
{
    int length = snprintf(out, PATH_MAX, "%s%s", a, b);

    return length >= 0 && length < PATH_MAX;
}

/* A mount that shows our cgroup is better than one that does not; of the latter, the root is the
 * nearest that can be seen. Returns true once nothing better can come. */
static bool consider(const struct mount_line *line, const char *path, struct mount *m)
{
    const char *rest = below(line->root, path);

    if (!rest && *m->top)
        return false;
    if (!join(m->dir, line->point, rest ? rest : "") || !join(m->top, line->point, "")) {
        *m->top = '\0';
        return false;
    }
    return rest != NULL;
}

static bool find_mount(const char *root, const struct hierarchy *h, const char *path,
                       struct mount *m)
{
    FILE *f = ps_sysfile_open(root, "/proc/self/mountinfo");
    struct mount_line split;
    char line[LINE];
    bool done = false;

    *m->top = '\0';
    while (f && !done && ps_sysfile_next(f, line, sizeof line)) {
        if (split_mount(line, &split) && is_mount_of(h, &split))
            done = consider(&split, path, m);
    }
    if (f)
        fclose(f);
    return *m->top != '\0';
}

static uint64_t throttled_ns(const char *root, const char *dir, const struct hierarchy *h)
{
    char path[PATH_MAX], line[256];
    size_t length = strlen(h->throttled);
    uint64_t value = 0;
    FILE *f = join(path, dir, "/cpu.stat") ? ps_sysfile_open(root, path) : NULL;

    while (f && ps_sysfile_next(f, line, sizeof line)) {
        const char *at = line + length + 1;

        if (!strncmp(line, h->throttled, length) && line[length] == ' ' &&
            ps_sysfile_number(&at, &value))
            break;
    }
    if (f)
        fclose(f);
    return value * h->throttled_unit_ns;
}

static void visit(const char *root, const char *dir, const struct hierarchy *h,
                  struct ps_cgroup_cpu *c)
{
    double quota = h->quota(root, dir);

    if (!isnan(quota) && !(quota >= c->quota)) {
        c->quota = quota;
        c->source = h->source;
    }
    c->throttled_ns += throttled_ns(root, dir, h);
}

static void walk_up(const char *root, const struct hierarchy *h, struct mount *m,
                    struct ps_cgroup_cpu *c)
{
    size_t top = strlen(m->top);

    while (strlen(m->dir) > top) {
        visit(root, m->dir, h, c);
        *strrchr(m->dir, '/') = '\0';
    }
    visit(root, m->dir, h, c);
}

void ps_cgroup_cpu_read(const char *root, struct ps_cgroup_cpu *c)
{
    char path[PATH_MAX];
    struct mount m;

    *c = (struct ps_cgroup_cpu){.quota = NAN};
    for (size_t i = 0; i < sizeof hierarchies / sizeof *hierarchies; i++) {
        if (own_path(root, &hierarchies[i], path, sizeof path) &&
            find_mount(root, &hierarchies[i], path, &m))
            walk_up(root, &hierarchies[i], &m, c);
    }
}
