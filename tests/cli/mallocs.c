/* Two threads that allocate, and free what the other has allocated: N times 512 blocks each, of
 * more than the C library keeps for a thread. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 512 };

static long rounds;
static void *blocks[2][BATCH];
static pthread_barrier_t barrier;

static void *work(void *arg)
{
    const size_t own = (size_t)arg;

    for (long i = 0; i < rounds; i++) {
        for (size_t k = 0; k < BATCH; k++) {
            blocks[own][k] = malloc(1100 + 16 * (k * 7 % 61));
            *(volatile char *)blocks[own][k] = 1;
        }
        pthread_barrier_wait(&barrier);
        for (size_t k = 0; k < BATCH; k++)
            free(blocks[1 - own][k]);
        pthread_barrier_wait(&barrier);
    }
    return NULL;
}

int main(int count, char **words)
{
    pthread_t other;

    rounds = count > 1 ? atol(words[1]) : 200;
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_create(&other, NULL, work, (void *)1);
    work(NULL);
    return pthread_join(other, NULL);
}
