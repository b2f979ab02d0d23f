/* One planted cause each, where processes, files and pipes are in it: system CAUSE THREADS. See
 * bench/causes.py. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile double sink;
static int threads;

__attribute__((noinline)) static void crunch(long n)
{
    double sum = 0;

    for (long i = 1; i <= n; i++)
        sum += sqrt(1.0 / (double)i);
    sink = sum;
}

static void check(int ok, const char *what)
{
    if (!ok) {
        perror(what);
        exit(1);
    }
}

static void on_all(void *(*body)(void *))
{
    pthread_t ids[64];

    for (int i = 0; i < threads; i++)
        check(!pthread_create(&ids[i], NULL, body, (void *)(intptr_t)i), "pthread_create");
    for (int i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
}

/* ---- a pipe between two processes, of which the second is slow ---- */

__attribute__((noinline)) static void slow_filter(int in)
{
    char block[4096];

    while (read(in, block, sizeof block) > 0)
        crunch(60000);
}

__attribute__((noinline)) static void generate(int out)
{
    char block[4096] = {0};

    for (int i = 0; i < 4000; i++) {
        crunch(4000);
        check(write(out, block, sizeof block) > 0, "write");
    }
}

static void piped(void)
{
    int ends[2];
    pid_t child;

    check(!pipe(ends), "pipe");
    child = fork();
    if (!child) {
        close(ends[1]);
        slow_filter(ends[0]);
        _exit(0);
    }
    close(ends[0]);
    generate(ends[1]);
    close(ends[1]);
    waitpid(child, NULL, 0);
}

/* ---- each record is written to the disk by itself ---- */

__attribute__((noinline)) static void *log_records(void *arg)
{
    char path[] = "/var/tmp/causes.XXXXXX", line[64] = "record\n";
    int fd = mkstemp(path);

    check(fd >= 0, "mkstemp");
    unlink(path);
    for (int i = 0; i < 300 / threads; i++) {
        crunch(300000);
        check(write(fd, line, sizeof line) > 0, "write");
        check(!fsync(fd), "fsync");
    }
    close(fd);
    return arg;
}

/* ---- a file that is read from the disk ---- */

#define FILE_SIZE (64L << 20)
static int file;

__attribute__((noinline)) static void *scan_file(void *arg)
{
    const long share = FILE_SIZE / threads, from = (long)(intptr_t)arg * share;
    char *block = aligned_alloc(4096, 65536);

    for (long at = 0; at < share; at += 65536) {
        check(pread(file, block, 65536, from + at) > 0, "pread");
        crunch(60000);
    }
    free(block);
    return NULL;
}

static void cold(void)
{
    char path[] = "/var/tmp/causes.XXXXXX";
    char *block = aligned_alloc(4096, 1 << 20);

    file = mkstemp(path);
    check(file >= 0, "mkstemp");
    memset(block, 7, 1 << 20);
    for (long i = 0; i < FILE_SIZE; i += 1 << 20)
        check(write(file, block, 1 << 20) > 0, "write");
    fsync(file);
    close(file);
    file = open(path, O_RDONLY | O_DIRECT);
    check(file >= 0, "open");
    unlink(path);
    on_all(scan_file);
}

/* ---- many small system calls ---- */

__attribute__((noinline)) static void *copy_bytes(void *arg)
{
    int from = open("/dev/zero", O_RDONLY), to = open("/dev/null", O_WRONLY);
    char c;

    for (long i = 0; i < 1500000 / threads; i++)
        check(read(from, &c, 1) == 1 && write(to, &c, 1) == 1, "copy");
    close(from);
    close(to);
    return arg;
}

/* Appends to one file, whose lock is the kernel's. */
static int shared_log;

__attribute__((noinline)) static void *append_lines(void *arg)
{
    static const char line[200] = "line\n";

    for (long i = 0; i < 400000 / threads; i++)
        check(write(shared_log, line, sizeof line) > 0, "write");
    return arg;
}

static void appending(void)
{
    char path[] = "/dev/shm/causes.XXXXXX";

    shared_log = mkstemp(path);
    check(shared_log >= 0, "mkstemp");
    unlink(path);
    on_all(append_lines);
}

/* ---- more threads than CPUs, that meet often ---- */

static pthread_barrier_t meet;

__attribute__((noinline)) static void *crowd_step(void *arg)
{
    for (int i = 0; i < 300; i++) {
        crunch(1500000 / (8 * threads));
        if (threads > 1)
            pthread_barrier_wait(&meet);
    }
    return arg;
}

static void crowd(void)
{
    threads *= 8;
    pthread_barrier_init(&meet, NULL, (unsigned)threads);
    on_all(crowd_step);
}

/* ---- the allocator gives memory back and takes it again ---- */

__attribute__((noinline)) static void *grow_buffers(void *arg)
{
    for (int i = 0; i < 2400 / threads; i++) {
        char *buffer = malloc(1 << 20);

        check(buffer != NULL, "malloc");
        memset(buffer, i, 1 << 20);
        sink = buffer[i];
        free(buffer);
    }
    return arg;
}

/* Workers that answer a question at a time, each asked when the one before it has answered. */
static void answer(int in, int out)
{
    long question;

    while (read(in, &question, sizeof question) == sizeof question) {
        crunch(question);
        check(write(out, &question, sizeof question) == sizeof question, "write");
    }
    _exit(0);
}

__attribute__((noinline)) static void ask(const int *worker)
{
    long question = 60000;

    check(write(worker[1], &question, sizeof question) == sizeof question, "write");
    check(read(worker[0], &question, sizeof question) == sizeof question, "read");
}

static void asking(void)
{
    int to[64][2], from[64][2];

    for (int i = 0; i < threads; i++) {
        check(!pipe(to[i]) && !pipe(from[i]), "pipe");
        if (!fork()) {
            for (int k = 0; k <= i; k++)
                close(to[k][1]);
            answer(to[i][0], from[i][1]);
        }
    }
    for (int i = 0; i < 3000; i++)
        ask((int[]){from[i % threads][0], to[i % threads][1]});
    for (int i = 0; i < threads; i++)
        close(to[i][1]);
    while (wait(NULL) > 0)
        ;
}

/* Processes that compute while they hold the lock of a file. */
__attribute__((noinline)) static void post(int file)
{
    check(!flock(file, LOCK_EX), "flock");
    crunch(60000);
    check(!flock(file, LOCK_UN), "flock");
}

static void filelock(void)
{
    char path[] = "/tmp/causes.XXXXXX";

    close(mkstemp(path));
    for (int i = 0; i < threads; i++)
        if (!fork()) {
            const int file = open(path, O_RDWR);

            for (int k = 0; k < 2400 / threads; k++) {
                crunch(10000);
                post(file);
            }
            _exit(0);
        }
    while (wait(NULL) > 0)
        ;
    unlink(path);
}

static void syscalls(void)
{
    on_all(copy_bytes);
}
static void logging(void)
{
    on_all(log_records);
}
static void buffers(void)
{
    on_all(grow_buffers);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } causes[] = {{"pipe", piped},        {"fsync", logging},    {"cold", cold},
                  {"syscalls", syscalls}, {"append", appending}, {"crowd", crowd},
                  {"buffers", buffers},   {"asking", asking},    {"filelock", filelock}};

    for (size_t i = 0; argc == 3 && i < sizeof causes / sizeof *causes; i++) {
        if (strcmp(argv[1], causes[i].name))
            continue;
        threads = atoi(argv[2]);
        causes[i].run();
        return 0;
    }
    fprintf(stderr, "usage: system CAUSE THREADS\n");
    return 2;
}
