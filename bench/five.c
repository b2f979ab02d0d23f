/* A program with planted causes of lost speedup, each in a function of its name:
 *
 *     five serial|convoy|uneven|read|memory[,...] THREADS [SOCKET]
 *
 * What it computes takes as long with every number of threads. `read` asks a slow server, which
 * bench/observed.py is, for a byte at a time. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define ROUNDS 60
#define UNIT   1000000L
#define BYTES  (256L << 20)
#define MOST   64

static _Thread_local volatile double sink;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static long threads;
static const char *server;
static volatile long *memory;

__attribute__((noinline)) static void work(long n)
{
    double sum = 0;

    for (long i = 1; i <= n; i++)
        sum += 1.0 / (double)i;
    sink = sum;
}

__attribute__((noinline)) static void *share(void *arg)
{
    for (long i = 0; i < ROUNDS / threads; i++)
        work(UNIT);
    return arg;
}

__attribute__((noinline)) static void planted_serial(void)
{
    double sum = 0;

    for (long i = 1; i <= ROUNDS * UNIT; i++)
        sum += 1.0 / (double)i;
    sink = sum;
}

/* Two thirds of each round are behind the lock. */
__attribute__((noinline)) static void *planted_convoy(void *arg)
{
    for (long i = 0; i < 2 * ROUNDS / threads; i++) {
        work(UNIT / 3);
        pthread_mutex_lock(&mutex);
        work(2 * UNIT / 3);
        pthread_mutex_unlock(&mutex);
    }
    return arg;
}

/* The first thread has nearly all of it. */
__attribute__((noinline)) static void *planted_uneven(void *arg)
{
    const long few = ROUNDS / 10, rounds = threads == 1   ? ROUNDS
                                           : *(long *)arg ? few
                                                          : ROUNDS - few;

    for (long i = 0; i < rounds; i++)
        work(UNIT);
    return arg;
}

static int ask_whom(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    if (!server || strlen(server) >= sizeof at.sun_path)
        abort();
    strcpy(at.sun_path, server);
    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at))
        abort();
    return fd;
}

__attribute__((noinline)) static void *planted_read(void *arg)
{
    int fd = ask_whom();
    char c = 0;

    for (long i = 0; i < ROUNDS / threads; i++) {
        work(UNIT);
        if (write(fd, &c, 1) != 1 || read(fd, &c, 1) != 1)
            abort();
    }
    close(fd);
    return arg;
}

/* Threads write by turns to the same lines of memory. */
__attribute__((noinline)) static void *planted_memory(void *arg)
{
    const long from = *(long *)arg, lines = BYTES / 64;

    for (long round = 0; round < 12; round++)
        for (long i = from; i < lines; i += threads)
            memory[i * 8] += i;
    return arg;
}

static void run(void *(*body)(void *))
{
    pthread_t ids[MOST];
    long numbers[MOST];

    for (long i = 0; i < threads; i++) {
        numbers[i] = i;
        if (pthread_create(&ids[i], NULL, body, &numbers[i]))
            abort();
    }
    for (long i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
}

static void touch(void)
{
    memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE,
                  -1, 0);
    if (memory == MAP_FAILED)
        abort();
}

static void one(const char *name)
{
    static const struct {
        const char *name;
        void *(*body)(void *);
    } causes[] = {{"serial", share},
                  {"convoy", planted_convoy},
                  {"uneven", planted_uneven},
                  {"read", planted_read},
                  {"memory", planted_memory}};

    if (!strcmp(name, "serial"))
        planted_serial();
    if (!strcmp(name, "memory"))
        touch();
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
        if (!strcmp(name, causes[i].name))
            run(causes[i].body);
}

int main(int argc, char **argv)
{
    threads = argc >= 3 ? strtol(argv[2], NULL, 10) : 0;
    if (threads < 1 || threads > MOST)
        return 2;
    server = argc >= 4 ? argv[3] : NULL;
    for (char *name = strtok(argv[1], ","); name; name = strtok(NULL, ","))
        one(name);
    return 0;
}
