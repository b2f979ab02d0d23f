#include "regions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ids.h"
#include "merge.h"
#include "region_file.h"
#include "text.h"

#define NO_ROW   0xff
#define LAST_ROW (PS_REGIONS_MOST - 1)

/* One thread's slot of the file. */
struct ring {
    pid_t tid;
    enum ps_doing doing;
    bool known, ended; /* the timeline had its thread; and has it no more */
    uint64_t mask;     /* of the rows that are open */
    unsigned depth;
    struct {
        uint32_t row;
        uint64_t begin;
    } stack[PS_REGIONS_DEPTH];
    uint8_t times[PS_REGIONS_MOST];  /* that a row is open */
    uint8_t row_of[PS_REGION_NAMES]; /* by the number of a name less 1 */
    uint32_t other;                  /* slot of the same thread; PS_IDS_NONE */
};

struct ps_regions {
    struct ps_region_file *file;
    struct ps_merge pending; /* offset: the row and 1; 0: an end */
    struct ring *rings[PS_REGION_SLOTS];
    size_t ring_count;
    struct ps_ids slots; /* by thread: one of its slots */
    struct ps_region rows[PS_REGIONS_MOST];
    size_t row_count;
    uint64_t now;
};

int ps_regions_create(struct ps_regions **regions)
{
    struct ps_regions *r = calloc(1, sizeof *r);
    int err = r ? ps_region_file_create(&r->file) : -ENOMEM;

    if (!err)
        *regions = r;
    else
        free(r);
    return err;
}

void ps_regions_destroy(struct ps_regions *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < PS_REGION_SLOTS; i++)
        free(r->rings[i]);
    ps_region_file_destroy(r->file);
    ps_merge_free(&r->pending);
    ps_ids_free(&r->slots);
    free(r);
}

const char *ps_regions_path(const struct ps_regions *r)
{
    return ps_region_file_path(r->file);
}

/* ---- reading ---- */

static uint8_t row_named(struct ps_regions *r, const char *name)
{
    struct ps_region row = {0};
    size_t i = 0;

    ps_text_clean_to(row.name, sizeof row.name, *name ? name : "(without a name)");
    while (i < r->row_count && i < LAST_ROW && strcmp(r->rows[i].name, row.name) != 0)
        i++;
    if (i == LAST_ROW)
        strcpy(row.name, "other regions");
    if (i == r->row_count) {
        r->rows[i] = row;
        r->row_count++;
    }
    return (uint8_t)i;
}

static struct ring *ring_of(struct ps_regions *r, uint32_t slot, pid_t tid)
{
    struct ring *n = r->rings[slot];

    if (n)
        return n;
    n = calloc(1, sizeof *n);
    if (!n)
        return NULL;
    n->tid = tid;
    n->other = ps_ids_find(&r->slots, tid);
    memset(n->row_of, NO_ROW, sizeof n->row_of);
    if (tid <= 0 || !ps_ids_put(&r->slots, tid, slot)) {
        free(n);
        return NULL;
    }
    r->ring_count++;
    return r->rings[slot] = n;
}

static void take_event(void *arg, const struct ps_region_event *e)
{
    struct ps_regions *r = arg;
    struct ring *ring = ring_of(r, e->slot, e->tid);
    uint8_t *row = ring && e->number ? &ring->row_of[e->number - 1] : NULL;

    if (!ring)
        return;
    if (row && *row == NO_ROW)
        *row = row_named(r, e->name);
    ps_merge_add(&r->pending, e->time, false, e->slot, row ? *row + 1u : 0);
}

static void release(struct ps_regions *r, uint32_t slot)
{
    struct ring *ring = r->rings[slot];

    /* Of the other slots of the thread nobody asks any more: it has ended. */
    ps_ids_remove(&r->slots, ring->tid);
    ps_region_file_release(r->file, slot);
    free(ring);
    r->rings[slot] = NULL;
    r->ring_count--;
}

void ps_regions_read(struct ps_regions *r, const struct ps_timeline *t)
{
    ps_region_file_read(r->file, take_event, r);
    ps_merge_sort(&r->pending);
    for (uint32_t i = 0; r->ring_count && i < PS_REGION_SLOTS; i++) {
        struct ring *ring = r->rings[i];

        if (!ring)
            continue;
        if (ring->ended) {
            release(r, i);
            continue;
        }
        ring->known |= ps_timeline_find(t, ring->tid) != NULL;
    }
}

/* ---- folding ---- */

static bool slot_is(const struct ps_regions *r, uint32_t slot, pid_t tid)
{
    return slot != PS_IDS_NONE && r->rings[slot] && r->rings[slot]->tid == tid;
}

static void count_thread(struct ps_region *row, enum ps_doing doing, uint32_t by)
{
    row->open += by;
    row->running += doing == PS_RUNNING ? by : 0;
    row->waiting += doing == PS_RUNNABLE ? by : 0;
}

static void begin_region(struct ps_regions *r, struct ring *ring, uint32_t row, uint64_t time)
{
    if (ring->depth == PS_REGIONS_DEPTH)
        return;
    ring->stack[ring->depth].row = row;
    ring->stack[ring->depth++].begin = time;
    r->rows[row].entries++;
    if (ring->times[row]++)
        return;
    ring->mask |= UINT64_C(1) << row;
    count_thread(&r->rows[row], ring->doing, 1);
}

static void end_region(struct ps_regions *r, struct ring *ring, uint64_t time)
{
    const uint32_t row = ring->depth ? ring->stack[ring->depth - 1].row : 0;

    if (!ring->depth)
        return;
    ring->depth--;
    if (--ring->times[row])
        return;
    if (time > ring->stack[ring->depth].begin)
        r->rows[row].time += time - ring->stack[ring->depth].begin;
    ring->mask &= ~(UINT64_C(1) << row);
    count_thread(&r->rows[row], ring->doing, (uint32_t)-1);
}

static void step(struct ps_regions *r, const struct ps_timeline *t, uint64_t to)
{
    const uint64_t ns = r->now && to > r->now ? to - r->now : 0;

    for (size_t i = 0; ns && i < r->row_count; i++) {
        struct ps_region *row = &r->rows[i];

        row->wall += row->open ? ns : 0;
        row->on_cpu += ns * row->running;
        row->runnable += ns * row->waiting;
        row->alone += row->running == 1 && ps_timeline_alone(t) ? ns : 0;
    }
    if (to > r->now)
        r->now = to;
}

static void set_doing(struct ps_regions *r, const struct ps_timeline *t, struct ring *ring)
{
    const enum ps_doing doing = ps_timeline_doing(t, ring->tid);

    if (doing == ring->doing)
        return;
    for (size_t i = 0; i < r->row_count; i++) {
        if (!(ring->mask >> i & 1))
            continue;
        count_thread(&r->rows[i], ring->doing, (uint32_t)-1);
        count_thread(&r->rows[i], doing, 1);
    }
    ring->doing = doing;
}

/* At its time, but not after `limit`. */
static void apply(struct ps_regions *r, const struct ps_timeline *t, const struct ps_merge_key *key,
                  uint64_t limit)
{
    const uint64_t time = key->time / 2 < limit ? key->time / 2 : limit;
    struct ring *ring = r->rings[key->ring];

    step(r, t, time);
    if (!ring)
        return;
    set_doing(r, t, ring);
    if (key->offset)
        begin_region(r, ring, key->offset - 1, time);
    else
        end_region(r, ring, time);
}

void ps_regions_before(struct ps_regions *r, const struct ps_timeline *t, uint64_t time)
{
    size_t done = 0;

    while (done < r->pending.count && r->pending.keys[done].time / 2 <= time)
        apply(r, t, &r->pending.keys[done++], time);
    if (done) {
        r->pending.count -= done;
        memmove(r->pending.keys, r->pending.keys + done,
                r->pending.count * sizeof *r->pending.keys);
    }
    step(r, t, time);
}

/* Its thread is no more, or is another program's. */
static void close_all(struct ps_regions *r, struct ring *ring, uint64_t time)
{
    while (ring->depth)
        end_region(r, ring, time);
}

void ps_regions_after(struct ps_regions *r, const struct ps_timeline *t,
                      const struct ps_record *record)
{
    uint32_t slot = r->ring_count ? ps_ids_find(&r->slots, record->tid) : PS_IDS_NONE;

    while (slot_is(r, slot, record->tid)) {
        struct ring *ring = r->rings[slot];

        set_doing(r, t, ring);
        if (record->kind == PS_RECORD_EXIT || record->kind == PS_RECORD_EXEC)
            close_all(r, ring, record->time);
        ring->ended |= record->kind == PS_RECORD_EXIT && ring->known;
        slot = ring->other;
    }
}

void ps_regions_end(struct ps_regions *r, const struct ps_timeline *t)
{
    for (size_t i = 0; i < r->pending.count; i++)
        apply(r, t, &r->pending.keys[i], t->end);
    r->pending.count = 0;
    step(r, t, t->end);
    for (size_t i = 0; i < PS_REGION_SLOTS; i++)
        if (r->rings[i])
            close_all(r, r->rings[i], t->end);
}

const struct ps_region *ps_regions_rows(const struct ps_regions *r, size_t *count, uint64_t *lost)
{
    *count = r->row_count;
    *lost = ps_region_file_lost(r->file);
    return r->rows;
}

uint64_t ps_regions_of(const struct ps_regions *r, pid_t tid)
{
    uint32_t slot = ps_ids_find(&r->slots, tid);
    uint64_t mask = 0;

    for (; slot_is(r, slot, tid); slot = r->rings[slot]->other)
        mask |= r->rings[slot]->mask;
    return mask;
}

uint32_t ps_regions_innermost(const struct ps_regions *r, pid_t tid)
{
    uint32_t slot = ps_ids_find(&r->slots, tid);

    for (; slot_is(r, slot, tid); slot = r->rings[slot]->other)
        if (r->rings[slot]->depth)
            return r->rings[slot]->stack[r->rings[slot]->depth - 1].row + 1u;
    return 0;
}
