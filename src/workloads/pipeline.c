/* A file, block by block: read, decode, transform, write. Decoding and transforming are chains of
 * dependent steps; reading and writing are system calls on temporary files.
 *
 * mode=items: the blocks are the items, and each goes through all stages on one worker.
 *
 * mode=stages: a stage does one block at a time, in the order of the file, so that a chain is as
 * fast as its slowest stage. Blocks on their way lie in a ring of `queue` buffers; reading goes on
 * while one is free. The range has one item for each stage, but an item is not tied to it, as a
 * strategy may run all on one worker: an item takes part in the pipeline until all blocks are
 * written, each time doing a block of the last stage that can go on. It waits only while no stage
 * can. Then some stage is being done in another item that is running, for the first block that is
 * not written waits only for its own stages: so nobody waits for an item that has not begun. */
#include <errno.h>
#include <inttypes.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "kit.h"
#include "lcg.h"
#include "temp_file.h"

#define MOST_STEPS 1e12 /* of one execution: about half an hour, serially */

enum { COUNT, BLOCK, DECODE_STEPS, TRANSFORM_STEPS, MODE, QUEUE };
enum mode { ITEMS, IN_STAGES };
enum stage { READ, DECODE, TRANSFORM, WRITE, STAGES };

static const char *const modes[] = {"items", "stages", NULL};

static const struct parscope_param params[] = {
    {"n", PARSCOPE_COUNT, "60", 1, 1e9, NULL, "blocks of the file"},
    {"block", PARSCOPE_COUNT, "32Ki", 1, 0x1p30, NULL, "bytes of a block"},
    {"decode", PARSCOPE_COUNT, "2", 0, 1e6, NULL, "dependent steps for each byte to decode it"},
    {"transform", PARSCOPE_COUNT, "6", 0, 1e6, NULL,
     "dependent steps for each byte to transform it"},
    {"mode", PARSCOPE_CHOICE, "stages", 0, 0, modes,
     "what runs in parallel: whole blocks, or the stages, each with one block at a time"},
    {"queue", PARSCOPE_COUNT, "16", 1, 1e6, NULL,
     "most blocks between reading and writing (mode=stages)"},
    {NULL},
};

static const struct parscope_custom custom[] = {
    {"stage_read", "s", "time in reading, all blocks together"},
    {"stage_decode", "s", "time in decoding, all blocks together"},
    {"stage_transform", "s", "time in transforming, all blocks together"},
    {"stage_write", "s", "time in writing, all blocks together"},
    {NULL},
};

/* Where the stages stand; everything but the mutex and the condition is under the mutex. Neither of
 * them is destroyed: they are nothing but memory, and to destroy a condition that a killed process
 * slept on would wait for it. */
struct progress {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    uint64_t done[STAGES]; /* blocks; the next has this number */
    int busy[STAGES];
};

struct slot {
    _Alignas(PARSCOPE_LINE) int64_t ns[STAGES]; /* time in the last run */
};

struct pipeline {
    uint64_t n, block, steps[STAGES], queue;
    enum mode mode;
    int input, output;      /* descriptors */
    unsigned char *buffers; /* one for each slot, or the ring */
    uint64_t *expected;     /* of each block of the output, its checksum */
    struct slot *slots;
    atomic_int failed;               /* -errno of a stage in the last run */
    int complete;                    /* the last run went through */
    struct ps_kit_partials partials; /* only what was covered */
    struct progress progress;
};

static int size(const union parscope_value *v, struct parscope_size *size, char *why,
                size_t why_size)
{
    double bytes = (double)v[COUNT].count * (double)v[BLOCK].count;
    double steps = bytes * (double)(v[DECODE_STEPS].count + v[TRANSFORM_STEPS].count);

    if (steps > MOST_STEPS)
        return ps_kit_refuse(why, why_size,
                             "decoding and transforming %.0f bytes takes %.0f steps, more than the "
                             "%.0f allowed",
                             bytes, steps, MOST_STEPS);
    size->items = bytes;
    size->tasks = v[MODE].choice == ITEMS ? v[COUNT].count : STAGES;
    size->bytes = v[COUNT].count * sizeof(uint64_t);
    if (v[MODE].choice == IN_STAGES)
        size->bytes += v[QUEUE].count * v[BLOCK].count;
    return 0;
}

static void fill(unsigned char *data, uint64_t bytes, uint64_t offset)
{
    for (uint64_t i = 0; i < bytes; i++)
        data[i] = (unsigned char)ps_kit_mix(offset + i);
}

/* Replaces each byte by a part of a value that it and all bytes before it went into. */
static void chain(unsigned char *data, uint64_t bytes, uint64_t x, uint64_t steps)
{
    for (uint64_t i = 0; i < bytes; i++) {
        x = ps_lcg_run(x + data[i], steps);
        data[i] = (unsigned char)(x >> 56);
    }
}

static int do_stage(struct pipeline *s, enum stage stage, uint64_t block, unsigned char *data)
{
    if (stage == READ)
        return ps_temp_file_read(s->input, data, s->block, block * s->block);
    if (stage == WRITE)
        return ps_temp_file_write(s->output, data, s->block, block * s->block);
    chain(data, s->block, ps_kit_mix(block * STAGES + stage), s->steps[stage]);
    return 0;
}

static uint64_t checksum(const unsigned char *data, uint64_t bytes)
{
    uint64_t sum = 0;

    for (uint64_t i = 0; i < bytes; i++)
        sum = sum * 0xd6e8feb86659fd93u + data[i] + 1;
    return sum;
}

static int make_input(struct pipeline *s)
{
    int err = s->input = ps_temp_file();

    for (uint64_t i = 0; err >= 0 && i < s->n; i++) {
        fill(s->buffers, s->block, i * s->block);
        err = ps_temp_file_write(s->input, s->buffers, s->block, i * s->block);
    }
    return err < 0 ? err : 0;
}

/* Takes all the room, so that no run finds the disk full. */
static int make_output(struct pipeline *s)
{
    s->output = ps_temp_file();
    if (s->output < 0)
        return s->output;
    return -posix_fallocate(s->output, 0, (off_t)(s->n * s->block));
}

static void close_files(struct pipeline *s)
{
    if (s->input >= 0)
        close(s->input);
    if (s->output >= 0)
        close(s->output);
}

/* For workers that are processes, too. */
static int init_progress(struct progress *p)
{
    pthread_condattr_t changed;
    int err = ps_kit_mutex_init(&p->mutex);

    if (err != 0)
        return err;
    pthread_condattr_init(&changed);
    pthread_condattr_setpshared(&changed, PTHREAD_PROCESS_SHARED);
    err = pthread_cond_init(&p->changed, &changed);
    pthread_condattr_destroy(&changed);
    return -err;
}

static int create(const union parscope_value *v, struct parscope_memory *m, unsigned slots,
                  void **state)
{
    struct pipeline *s = parscope_alloc(m, 1, sizeof *s);
    int err;

    if (s == NULL)
        return -ENOMEM;
    s->n = v[COUNT].count;
    s->block = v[BLOCK].count;
    s->steps[DECODE] = v[DECODE_STEPS].count;
    s->steps[TRANSFORM] = v[TRANSFORM_STEPS].count;
    s->mode = (enum mode)v[MODE].choice;
    s->queue = v[QUEUE].count;
    s->buffers = parscope_alloc(m, s->mode == ITEMS ? slots : s->queue, s->block);
    s->expected = parscope_alloc(m, s->n, sizeof *s->expected);
    s->slots = parscope_alloc(m, slots, sizeof *s->slots);
    if (s->buffers == NULL || s->expected == NULL || s->slots == NULL ||
        ps_kit_partials_init(&s->partials, m, slots) != 0)
        return -ENOMEM;
    s->input = s->output = -1;
    err = init_progress(&s->progress);
    if (err == 0)
        err = make_input(s);
    if (err == 0)
        err = make_output(s);
    if (err != 0) {
        close_files(s);
        return err;
    }
    *state = s;
    return 0;
}

static void destroy(void *state)
{
    close_files(state);
}

static int reference(void *state)
{
    struct pipeline *s = state;

    for (uint64_t i = 0; i < s->n; i++) {
        fill(s->buffers, s->block, i * s->block);
        do_stage(s, DECODE, i, s->buffers);
        do_stage(s, TRANSFORM, i, s->buffers);
        s->expected[i] = checksum(s->buffers, s->block);
    }
    return 0;
}

static void run_stage(struct pipeline *s, enum stage stage, uint64_t block, unsigned char *data,
                      unsigned slot)
{
    int64_t start = ps_kit_ns();
    int err = do_stage(s, stage, block, data);

    s->slots[slot].ns[stage] += ps_kit_ns() - start;
    /* Relaxed: run() reads it after the region, whose end orders everything in it. */
    if (err != 0)
        atomic_store_explicit(&s->failed, err, memory_order_relaxed);
}

static void run_items(struct pipeline *s, uint64_t begin, uint64_t end, unsigned slot)
{
    unsigned char *data = s->buffers + slot * s->block;

    for (uint64_t i = begin; i < end; i++)
        for (enum stage stage = READ; stage < STAGES; stage++)
            run_stage(s, stage, i, data, slot);
}

static int can_go_on(const struct pipeline *s, enum stage stage)
{
    const struct progress *p = &s->progress;

    if (p->busy[stage] || p->done[stage] == s->n)
        return 0;
    if (stage == READ)
        return p->done[READ] - p->done[WRITE] < s->queue;
    return p->done[stage] < p->done[stage - 1];
}

/* STAGES where none can go on. The last first: that frees buffers soonest. */
static enum stage choose_stage(const struct pipeline *s)
{
    for (enum stage stage = STAGES; stage-- > READ;)
        if (can_go_on(s, stage))
            return stage;
    return STAGES;
}

static void take_part(struct pipeline *s, unsigned slot)
{
    struct progress *p = &s->progress;

    pthread_mutex_lock(&p->mutex);
    while (p->done[WRITE] < s->n) {
        enum stage stage = choose_stage(s);
        uint64_t block;

        if (stage == STAGES) {
            pthread_cond_wait(&p->changed, &p->mutex);
            continue;
        }
        block = p->done[stage];
        p->busy[stage] = 1;
        pthread_mutex_unlock(&p->mutex);
        run_stage(s, stage, block, s->buffers + block % s->queue * s->block, slot);
        pthread_mutex_lock(&p->mutex);
        p->busy[stage] = 0;
        p->done[stage]++;
        pthread_cond_broadcast(&p->changed);
    }
    pthread_mutex_unlock(&p->mutex);
}

static void body(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    struct pipeline *s = arg;

    if (s->mode == ITEMS)
        run_items(s, begin, end, w->slot);
    else
        take_part(s, w->slot);
    ps_kit_cover(&s->partials.slots[w->slot], begin, end);
}

static uint64_t item_count(const struct pipeline *s)
{
    return s->mode == ITEMS ? s->n : STAGES;
}

static void start(struct pipeline *s, unsigned slots)
{
    for (unsigned i = 0; i < slots; i++)
        s->slots[i] = (struct slot){{0}};
    for (enum stage stage = READ; stage < STAGES; stage++) {
        s->progress.done[stage] = 0;
        s->progress.busy[stage] = 0;
    }
    /* Relaxed: the region's start orders it. */
    atomic_store_explicit(&s->failed, 0, memory_order_relaxed);
    s->complete = 0;
    ps_kit_partials_start(&s->partials, slots);
}

static int run(void *state, struct parscope_exec *x)
{
    struct pipeline *s = state;
    int err;

    start(s, x->slots);
    err = parscope_range(x, item_count(s), body, s);
    if (err == 0)
        err = atomic_load_explicit(&s->failed, memory_order_relaxed); /* see run_stage */
    s->complete = err == 0;
    return err;
}

static int verify(void *state, char *why, size_t why_size)
{
    struct pipeline *s = state;

    for (uint64_t i = 0; i < s->n; i++) {
        int err = ps_temp_file_read(s->output, s->buffers, s->block, i * s->block);

        if (err != 0)
            return err;
        if (checksum(s->buffers, s->block) != s->expected[i])
            return ps_kit_bad(why, why_size, "block %" PRIu64 " of the output is wrong", i);
    }
    return ps_kit_check_cover(&s->partials, item_count(s), why, why_size);
}

static void measured(void *state, double *values)
{
    const struct pipeline *s = state;

    for (enum stage stage = READ; stage < STAGES; stage++) {
        int64_t ns = 0;

        for (unsigned i = 0; i < s->partials.used; i++)
            ns += s->slots[i].ns[stage];
        values[stage] = s->complete ? 1e-9 * (double)ns : NAN;
    }
}

const struct parscope_workload ps_workload_pipeline = {
    .abi = PARSCOPE_WORKLOAD_ABI,
    .name = "pipeline",
    .summary = "read, decode, transform and write a file: as fast as its slowest stage",
    .unit = "bytes",
    .shapes = PARSCOPE_RANGE,
    .params = params,
    .size = size,
    .create = create,
    .destroy = destroy,
    .reference = reference,
    .run = run,
    .verify = verify,
    .shared = 1,
    .custom = custom,
    .measured = measured,
};
