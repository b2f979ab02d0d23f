#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "skip.h"

#include "outfile.h"

static bool proc_is_missing;

/* In place of the C library's: lets a test play a system without /proc, where a nameless file can't
 * be given a name. */
int access(const char *path, int mode)
{
    if (proc_is_missing && !strcmp(path, "/proc/self/fd")) {
        errno = ENOENT;
        return -1;
    }
    return faccessat(AT_FDCWD, path, mode, 0);
}

/* Each test runs in an empty folder of its own. */
struct place {
    char folder[64];
    int back;
};

static int setup(void **state)
{
    static struct place place;

    place = (struct place){"/tmp/parscope-outfile-XXXXXX", open(".", O_RDONLY | O_DIRECTORY)};
    proc_is_missing = false;
    *state = &place;
    return place.back >= 0 && mkdtemp(place.folder) && chdir(place.folder) == 0 ? 0 : -1;
}

static int count_entries(const char *folder)
{
    DIR *d = opendir(folder);
    int count = -2; /* . and .. */

    assert_non_null(d);
    while (readdir(d))
        count++;
    closedir(d);
    return count;
}

static void empty_folder(const char *folder)
{
    DIR *d = opendir(folder);
    struct dirent *entry;

    if (!d)
        return;
    while ((entry = readdir(d))) {
        if (unlinkat(dirfd(d), entry->d_name, 0) != 0)
            unlinkat(dirfd(d), entry->d_name, AT_REMOVEDIR);
    }
    closedir(d);
}

static int teardown(void **state)
{
    struct place *place = *state;
    int err;

    empty_folder("sub");
    empty_folder(".");
    err = fchdir(place->back);
    close(place->back);
    return err == 0 ? rmdir(place->folder) : err;
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void check_file(const char *path, const char *expected)
{
    char text[256] = "";
    FILE *f = fopen(path, "r");

    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    assert_string_equal(text, expected);
}

static unsigned mode_of(const char *path)
{
    struct stat st;

    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 0777;
}

static void put(const char *path, const char *text)
{
    struct ps_outfile f;
    struct ps_err e = {0};

    assert_int_equal(ps_outfile_open(&f, path, &e), 0);
    assert_int_equal(ps_outfile_commit(&f, text, strlen(text), &e), 0);
    assert_string_equal(e.text, "");
    ps_outfile_abandon(&f);
}

static void test_new_file(void **state)
{
    mode_t old = umask(027);

    put("r.json", "whole");
    umask(old);
    check_file("r.json", "whole");
    assert_int_equal(mode_of("r.json"), 0640);
    assert_int_equal(count_entries("."), 1);
}

static void test_nothing_shows_before_commit(void **state)
{
    struct ps_outfile f;

    write_file("r.json", "old", 0644);
    assert_int_equal(ps_outfile_open(&f, "r.json", NULL), 0);
    check_file("r.json", "old");
    assert_int_equal(ps_outfile_commit(&f, "new", 3, NULL), 0);
    check_file("r.json", "new");
    assert_int_equal(count_entries("."), 1);
}

static void test_mode_is_kept(void **state)
{
    write_file("r.json", "a longer old text", 0600);
    put("r.json", "new");
    check_file("r.json", "new");
    assert_int_equal(mode_of("r.json"), 0600);
}

static void test_abandon(void **state)
{
    struct ps_outfile f, zero = {.fd = -1};

    for (int i = 0; i < 2; i++) {
        proc_is_missing = i;
        assert_int_equal(ps_outfile_open(&f, "r.json", NULL), 0);
        ps_outfile_abandon(&f);
        ps_outfile_abandon(&f);
        assert_int_equal(count_entries("."), 0);
    }
    ps_outfile_abandon(&zero);
}

static void test_without_nameless_files(void **state)
{
    mode_t old = umask(022);
    struct ps_outfile f;

    proc_is_missing = true;
    assert_int_equal(ps_outfile_open(&f, "r.json", NULL), 0);
    assert_non_null(f.temporary);
    assert_int_equal(count_entries("."), 1);
    assert_int_equal(ps_outfile_commit(&f, "named", 5, NULL), 0);
    umask(old);
    check_file("r.json", "named");
    assert_int_equal(mode_of("r.json"), 0644);
    assert_int_equal(count_entries("."), 1);
}

static void test_two_outputs_at_once(void **state)
{
    struct ps_outfile a, b;

    proc_is_missing = true;
    assert_int_equal(ps_outfile_open(&a, "a.json", NULL), 0);
    assert_int_equal(ps_outfile_open(&b, "b.csv", NULL), 0);
    assert_int_equal(ps_outfile_commit(&a, "a", 1, NULL), 0);
    assert_int_equal(ps_outfile_commit(&b, "b", 1, NULL), 0);
    check_file("a.json", "a");
    check_file("b.csv", "b");
}

static void test_links_stay(void **state)
{
    struct stat st;

    assert_int_equal(mkdir("sub", 0755), 0);
    write_file("sub/real.json", "old", 0644);
    assert_int_equal(symlink("real.json", "sub/second"), 0);
    assert_int_equal(symlink("sub/second", "first"), 0);
    put("first", "new");
    check_file("sub/real.json", "new");
    assert_int_equal(lstat("first", &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(lstat("sub/second", &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(count_entries("sub"), 2);
}

static void test_dangling_link(void **state)
{
    assert_int_equal(symlink("later.json", "link"), 0);
    put("link", "here");
    check_file("later.json", "here");
    assert_int_equal(count_entries("."), 2);
}

static void check_refused(const char *path, int err)
{
    struct ps_outfile f = {.fd = 4711};
    struct ps_err e = {0};
    char expected[512];

    snprintf(expected, sizeof expected, "can't write '%s': %s", path, strerror(err));
    assert_int_equal(ps_outfile_open(&f, path, &e), -err);
    assert_string_equal(e.text, expected);
    assert_int_equal(f.fd, 4711);
}

static void test_refused_at_once(void **state)
{
    assert_int_equal(mkdir("sub", 0755), 0);
    write_file("file", "", 0644);
    assert_int_equal(symlink("loop", "loop"), 0);
    check_refused("", ENOENT);
    check_refused("x/r.json", ENOENT);
    check_refused("file/r.json", ENOTDIR);
    check_refused("sub", EISDIR);
    check_refused("sub/", EISDIR);
    check_refused("new/", EISDIR);
    check_refused(".", EISDIR);
    check_refused("loop", ELOOP);
    check_refused("/dev/fd/4711", EBADF);
    assert_int_equal(count_entries("sub"), 0);
}

static void test_permissions(void **state)
{
    if (geteuid() == 0)
        skip_because("root may write everywhere");
    write_file("readonly", "old", 0444);
    check_refused("readonly", EACCES);
    assert_int_equal(mkdir("sub", 0555), 0);
    check_refused("sub/r.json", EACCES);
}

static void test_socket_is_refused(void **state)
{
    struct sockaddr_un address = {AF_UNIX, "socket"};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    check_refused("socket", ENOTSUP);
    close(fd);
}

static void test_full_device(void **state)
{
    struct ps_outfile f;
    struct ps_err e = {0};

    assert_int_equal(ps_outfile_open(&f, "/dev/full", &e), 0);
    assert_int_equal(ps_outfile_commit(&f, "text", 4, &e), -ENOSPC);
    assert_string_equal(e.text, "can't write '/dev/full': No space left on device");
    assert_int_equal(f.fd, -1);
}

/* A commit of more than the file size limit. */
static void fail_to_commit(const char *path)
{
    struct rlimit old, tiny;
    struct ps_outfile f;
    struct ps_err e = {0};
    int err;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    tiny = (struct rlimit){16, old.rlim_max};
    assert_int_equal(ps_outfile_open(&f, path, &e), 0);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tiny), 0);
    err = ps_outfile_commit(&f, "more than the sixteen bytes that fit", 36, &e);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(err, -EFBIG);
    assert_non_null(strstr(e.text, "can't write '"));
}

static void test_failed_write_leaves_the_old_file(void **state)
{
    for (int i = 0; i < 2; i++) {
        proc_is_missing = i;
        write_file("r.json", "old", 0644);
        fail_to_commit("r.json");
        check_file("r.json", "old");
        assert_int_equal(count_entries("."), 1);
        fail_to_commit("new.json");
        assert_int_equal(count_entries("."), 1);
    }
}

static void test_folder_vanishes(void **state)
{
    struct ps_outfile f;
    struct ps_err e = {0};

    assert_int_equal(mkdir("sub", 0755), 0);
    assert_int_equal(ps_outfile_open(&f, "sub/r.json", &e), 0);
    assert_int_equal(rmdir("sub"), 0);
    assert_int_equal(ps_outfile_commit(&f, "text", 4, &e), -ENOENT);
    assert_string_equal(e.text, "can't write 'sub/r.json': No such file or directory");
}

static void test_custom_descriptor(void **state)
{
    char path[32], text[8] = "";
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[1]);
    put(path, "piped");
    assert_int_equal(read(ends[0], text, sizeof text), 5);
    assert_string_equal(text, "piped");
    snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
    check_refused(path, EBADF);
    close(ends[0]);
    close(ends[1]);
}

/* What the shell opened for us keeps what it has, and is not replaced. */
static void test_redirected_descriptor(void **state)
{
    int fd = open("out", O_WRONLY | O_CREAT, 0644);
    char path[32];

    assert_int_equal(write(fd, "before ", 7), 7);
    snprintf(path, sizeof path, "/dev/fd/%d", fd);
    put(path, "between");
    assert_int_equal(write(fd, " after", 6), 6);
    close(fd);
    check_file("out", "before between after");
}

static void test_named_pipe(void **state)
{
    char text[8] = "";
    struct ps_outfile f;
    int reader;

    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_int_equal(ps_outfile_open(&f, "pipe", NULL), 0);
    reader = open("pipe", O_RDONLY | O_NONBLOCK);
    assert_true(reader >= 0);
    assert_int_equal(ps_outfile_commit(&f, "piped", 5, NULL), 0);
    assert_int_equal(read(reader, text, sizeof text), 5);
    assert_string_equal(text, "piped");
    close(reader);
}

static void test_large_content(void **state)
{
    size_t size = 3 << 20;
    char *text = malloc(size);
    struct ps_outfile f;
    struct stat st;

    assert_non_null(text);
    memset(text, 'x', size);
    assert_int_equal(ps_outfile_open(&f, "large", NULL), 0);
    assert_int_equal(ps_outfile_commit(&f, text, size, NULL), 0);
    free(text);
    assert_int_equal(stat("large", &st), 0);
    assert_int_equal(st.st_size, size);
}

static void test_pieces_are_one_file_at_commit(void **state)
{
    struct ps_outfile f;

    write_file("r.json", "old", 0644);
    assert_int_equal(ps_outfile_open(&f, "r.json", NULL), 0);
    assert_int_equal(ps_outfile_write(&f, "first, ", 7), 0);
    assert_int_equal(ps_outfile_write(&f, "second, ", 8), 0);
    check_file("r.json", "old");
    assert_int_equal(ps_outfile_commit(&f, "last", 4, NULL), 0);
    check_file("r.json", "first, second, last");
    assert_int_equal(ps_outfile_open(&f, "r.json", NULL), 0);
    assert_int_equal(ps_outfile_write(&f, "half", 4), 0);
    ps_outfile_abandon(&f);
    check_file("r.json", "first, second, last");
    assert_int_equal(count_entries("."), 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_new_file),
        TEST(test_nothing_shows_before_commit),
        TEST(test_mode_is_kept),
        TEST(test_abandon),
        TEST(test_without_nameless_files),
        TEST(test_two_outputs_at_once),
        TEST(test_links_stay),
        TEST(test_dangling_link),
        TEST(test_refused_at_once),
        TEST(test_permissions),
        TEST(test_socket_is_refused),
        TEST(test_full_device),
        TEST(test_failed_write_leaves_the_old_file),
        TEST(test_folder_vanishes),
        TEST(test_custom_descriptor),
        TEST(test_redirected_descriptor),
        TEST(test_named_pipe),
        TEST(test_large_content),
        TEST(test_pieces_are_one_file_at_commit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
