/* Forward passes of sets of small and large networks: one hidden layer after another, all units of
 * a layer connected to all of the next, float weights.
 *
 * An item is `reps` passes of one network. With mix=heterogeneous the hidden layers' widths go from
 * a quarter of `width` to twice of it in equal ratios. Items are not in the order of their costs:
 * the i-th has the network that stands (i * stride) mod networks from the smallest, with a stride
 * of about 0.618 of the networks, and any run of neighbours then has all sizes alike.
 *
 * Timed runs: an item is some networks, one after the other, and all items together take twice as
 * long as there is time. When it is up a network that was begun is ended, and bodies return at
 * once. So shares that were fixed beforehand last until then, and strategies that hand over items
 * one by one are soon through with the rest, because there are not many.
 *
 * With policy=round-robin the networks are taken in turn, whatever they cost. With policy=greedy
 * each is drawn from those that still fit into the time left, by what the reference took for them,
 * and another draw is made in each run. Towards the end only small ones fit. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kit.h"

#define LANES     16    /* units that are computed together; widths are multiples */
#define ENDS      LANES /* width of the input and of the output */
#define MOST_WORK 1e13  /* multiplications of one execution: about an hour, serially */
#define TURNS     3     /* that are timed, and the fastest counts */
#define GOLDEN    0.61803398875

enum { NETWORKS, BATCH, REPS, WIDTH, MIX, DURATION, POLICY };
enum mix { HOMOGENEOUS, HETEROGENEOUS };
enum policy { ROUND_ROBIN, GREEDY };

static const char *const mixes[] = {"homogeneous", "heterogeneous", NULL};
static const char *const policies[] = {"round-robin", "greedy", NULL};

static const struct parscope_param params[] = {
    {"networks", PARSCOPE_COUNT, "24", 1, 1e5, NULL, "networks"},
    {"batch", PARSCOPE_COUNT, "16", 1, 1e5, NULL, "samples per pass"},
    {"reps", PARSCOPE_COUNT, "1", 1, 1e9, NULL, "passes of a network per item"},
    {"width", PARSCOPE_COUNT, "128", LANES, 1e4, NULL,
     "units of a hidden layer, rounded to multiples of 16"},
    {"mix", PARSCOPE_CHOICE, "homogeneous", 0, 0, mixes,
     "all networks alike, or with widths from a quarter of width to twice width"},
    {"duration", PARSCOPE_TIME, "0", 0, 3600, NULL,
     "evaluate networks for this time; 0: each of them once"},
    {"policy", PARSCOPE_CHOICE, "round-robin", 0, 0, policies,
     "which networks a timed run evaluates: all in turn, or whatever fits into the remaining time"},
    {NULL},
};

static const struct parscope_custom custom[] = {
    {"small_done", "items", "networks done that cost less than the median"},
    {"large_done", "items", "networks done that cost the median or more"},
    {"small_share", "1", "share of small networks among those done"},
    {NULL},
};

/* ENDS to width to width to ENDS. Weights of a layer: for each LANES outputs those of input 0, of
 * input 1, ... */
struct network {
    uint64_t width;
    float *weights;
    uint64_t expected; /* checksum of its output */
};

/* What an item with a network costs. */
struct cost {
    double seconds;
    uint64_t network;
};

struct mlp {
    uint64_t count, batch, reps;
    double duration;
    enum policy policy;
    uint64_t runs;            /* so far, this one included */
    struct network *networks; /* in the order of the items */
    struct cost *costs;       /* from the cheapest */
    float *input;
    float *values;          /* of each slot, of two layers */
    uint64_t values_stride; /* from a layer to the next */
    uint64_t *times;        /* of each slot, how often it did each network in the last run */
    uint64_t times_stride;  /* from a slot to the next */
    double seconds;         /* for a network, on average */
    double median;          /* cost of the networks */
    int64_t end;            /* of the last run, ns */
    uint64_t per_item;      /* networks */
    int complete;           /* the last run went through */
    struct ps_kit_partials partials;
};

static uint64_t whole_lanes(double width)
{
    return (uint64_t)fmax(1, round(width / LANES)) * LANES;
}

/* Of the network that stands at `rank`, from 0 for the smallest. */
static uint64_t width_of(const union parscope_value *v, uint64_t rank)
{
    double width = (double)v[WIDTH].count;
    double share = v[NETWORKS].count > 1 ? (double)rank / (double)(v[NETWORKS].count - 1) : 0.5;

    return whole_lanes(v[MIX].choice == HOMOGENEOUS ? width : width / 4 * pow(8, share));
}

static uint64_t weight_count(uint64_t width)
{
    return ENDS * width + width * width + width * ENDS;
}

static uint64_t weights_of_all(const union parscope_value *v)
{
    uint64_t sum = 0;

    for (uint64_t rank = 0; rank < v[NETWORKS].count; rank++)
        sum += weight_count(width_of(v, rank));
    return sum;
}

static int size(const union parscope_value *v, struct parscope_size *size, char *why,
                size_t why_size)
{
    uint64_t weights = weights_of_all(v), count = v[NETWORKS].count;
    double turn = (double)weights * (double)v[BATCH].count * (double)v[REPS].count;

    if (turn > MOST_WORK)
        return ps_kit_refuse(why, why_size,
                             "networks=%" PRIu64 " take %.2g multiplications, more than the %.0g "
                             "allowed",
                             count, turn, MOST_WORK);
    size->items = (double)count;
    size->tasks = v[DURATION].real > 0 ? PS_KIT_BLOCKS : count;
    size->bytes = (weights + v[BATCH].count * ENDS) * sizeof(float);
    return 0;
}

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    return b == 0 ? a : common_divisor(b, a % b);
}

/* Without a common divisor every rank is taken once. */
static uint64_t stride(uint64_t count)
{
    uint64_t stride = (uint64_t)(GOLDEN * (double)count) + 1;

    while (common_divisor(stride, count) != 1)
        stride++;
    return stride;
}

/* From -limit to limit. */
static void fill(float *values, uint64_t count, double limit, uint64_t seed)
{
    for (uint64_t i = 0; i < count; i++)
        values[i] = (float)(limit * (0x1p-52 * (double)(ps_kit_mix(seed + i) >> 11) - 1));
}

/* The limits keep the spread of values the same from layer to layer (He et al., "Delving Deep into
 * Rectifiers", 2015). */
static float *fill_network(struct network *n, uint64_t width, float *weights, uint64_t seed)
{
    n->width = width;
    n->weights = weights;
    fill(weights, ENDS * width, sqrt(6.0 / ENDS), seed);
    fill(weights + ENDS * width, width * (width + ENDS), sqrt(6.0 / (double)width), ~seed);
    return weights + weight_count(width);
}

static uint64_t lines(uint64_t count, size_t size)
{
    uint64_t per_line = PARSCOPE_LINE / size;

    return (count + per_line - 1) / per_line * per_line;
}

static int allocate(struct mlp *s, const union parscope_value *v, struct parscope_memory *m,
                    unsigned slots, float **weights)
{
    uint64_t widest = width_of(v, s->count - 1);

    s->values_stride = lines(s->batch * widest, sizeof(float));
    s->times_stride = lines(s->count, sizeof(uint64_t));
    *weights = parscope_alloc(m, weights_of_all(v), sizeof(float));
    s->networks = parscope_alloc(m, s->count, sizeof *s->networks);
    s->costs = parscope_alloc(m, s->count, sizeof *s->costs);
    s->input = parscope_alloc(m, s->batch, ENDS * sizeof(float));
    s->values = parscope_alloc(m, 2 * (uint64_t)slots, s->values_stride * sizeof(float));
    s->times = parscope_alloc(m, slots, s->times_stride * sizeof(uint64_t));
    if (*weights == NULL || s->networks == NULL || s->costs == NULL || s->input == NULL ||
        s->values == NULL || s->times == NULL)
        return -ENOMEM;
    return ps_kit_partials_init(&s->partials, m, slots);
}

/* The mean of the middle two where their number is even. */
static double median_cost(const union parscope_value *v)
{
    uint64_t low = width_of(v, (v[NETWORKS].count - 1) / 2);
    uint64_t high = width_of(v, v[NETWORKS].count / 2);

    return (double)(weight_count(low) + weight_count(high)) / 2;
}

static int create(const union parscope_value *v, struct parscope_memory *m, unsigned slots,
                  void **state)
{
    struct mlp *s = parscope_alloc(m, 1, sizeof *s);
    float *weights;

    if (s == NULL)
        return -ENOMEM;
    s->count = v[NETWORKS].count;
    s->batch = v[BATCH].count;
    s->reps = v[REPS].count;
    s->duration = v[DURATION].real;
    s->policy = (enum policy)v[POLICY].choice;
    if (allocate(s, v, m, slots, &weights) != 0)
        return -ENOMEM;
    for (uint64_t i = 0, step = stride(s->count); i < s->count; i++)
        weights = fill_network(&s->networks[i], width_of(v, i * step % s->count), weights, i << 32);
    fill(s->input, s->batch * ENDS, 1, UINT64_MAX / 2);
    s->median = median_cost(v);
    *state = s;
    return 0;
}

/* Never inlined: the reference's arithmetic is that of the run, to the last bit. Unrolled, so that
 * the sums stay in registers. */
static __attribute__((noinline, aligned(64))) void layer(const float *restrict in, uint64_t ins,
                                                         const float *restrict weights,
                                                         float *restrict out, uint64_t outs)
{
    for (uint64_t o = 0; o < outs; o += LANES) {
        float sum[LANES] = {0};

        for (uint64_t i = 0; i < ins; i++, weights += LANES)
#pragma GCC unroll 16
            for (unsigned k = 0; k < LANES; k++)
                sum[k] += in[i] * weights[k];
        for (unsigned k = 0; k < LANES; k++)
            out[o + k] = sum[k] > 0 ? sum[k] : 0;
    }
}

/* A pass leaves the output in `a`. */
static void pass(const struct mlp *s, const struct network *n, float *a, float *b)
{
    uint64_t w = n->width;

    for (uint64_t i = 0; i < s->batch; i++)
        layer(s->input + i * ENDS, ENDS, n->weights, a + i * w, w);
    for (uint64_t i = 0; i < s->batch; i++)
        layer(a + i * w, w, n->weights + ENDS * w, b + i * w, w);
    for (uint64_t i = 0; i < s->batch; i++)
        layer(b + i * w, w, n->weights + ENDS * w + w * w, a + i * ENDS, ENDS);
}

/* Changes with every bit of every value and with their order. */
static uint64_t checksum(const float *values, uint64_t count)
{
    uint64_t sum = 0;

    for (uint64_t i = 0; i < count; i++) {
        uint32_t bits;

        memcpy(&bits, &values[i], sizeof bits);
        sum += (2 * i + 1) * (uint64_t)bits;
    }
    return sum;
}

static float *values_of(const struct mlp *s, unsigned slot)
{
    return s->values + 2 * slot * s->values_stride;
}

/* Returns the output's checksum. */
static uint64_t run_network(const struct mlp *s, const struct network *n, uint64_t reps,
                            unsigned slot)
{
    float *a = values_of(s, slot);

    for (; reps > 0; reps--)
        pass(s, n, a, a + s->values_stride);
    return checksum(a, s->batch * ENDS);
}

static void time_network(struct mlp *s, uint64_t i)
{
    int64_t start = ps_kit_ns();
    double seconds;

    s->networks[i].expected = run_network(s, &s->networks[i], 1, 0);
    seconds = 1e-9 * fmax(1, (double)(ps_kit_ns() - start)) * (double)s->reps;
    s->costs[i] = (struct cost){fmin(s->costs[i].seconds, seconds), i};
}

static int compare_costs(const void *a, const void *b)
{
    double x = ((const struct cost *)a)->seconds, y = ((const struct cost *)b)->seconds;

    return (x > y) - (x < y);
}

static int reference(void *state)
{
    struct mlp *s = state;
    double sum = 0;

    for (uint64_t i = 0; i < s->count; i++)
        s->costs[i].seconds = INFINITY;
    for (int turn = 0; turn < TURNS; turn++)
        for (uint64_t i = 0; i < s->count; i++)
            time_network(s, i);
    for (uint64_t i = 0; i < s->count; i++)
        sum += s->costs[i].seconds;
    s->seconds = sum / (double)s->count;
    qsort(s->costs, s->count, sizeof *s->costs, compare_costs);
    return 0;
}

/* How many of the costs are at most that. */
static uint64_t fitting(const struct mlp *s, double seconds)
{
    uint64_t low = 0, high = s->count;

    while (low < high) {
        uint64_t middle = low + (high - low) / 2;

        if (s->costs[middle].seconds <= seconds)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The network that is the i-th of the run, or s->count where there is no time for one. */
static uint64_t choose(const struct mlp *s, uint64_t i)
{
    int64_t left;
    uint64_t fit;

    if (s->duration == 0)
        return i;
    left = s->end - ps_kit_ns();
    if (s->policy == ROUND_ROBIN)
        return left > 0 ? i % s->count : s->count;
    fit = fitting(s, 1e-9 * (double)left);
    return fit > 0 ? s->costs[ps_kit_mix(ps_kit_mix(s->runs) + i) % fit].network : s->count;
}

/* The first-th to the one before the last-th of the run, as far as there is time. */
static void run_networks(struct mlp *s, uint64_t first, uint64_t last, unsigned slot)
{
    uint64_t *times = s->times + slot * s->times_stride, sum = 0, k;

    for (uint64_t i = first; i < last && (k = choose(s, i)) < s->count; i++) {
        sum += run_network(s, &s->networks[k], s->reps, slot);
        times[k]++;
    }
    s->partials.slots[slot].sum += sum;
}

static void body(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    struct mlp *s = arg;

    run_networks(s, begin * s->per_item, end * s->per_item, w->slot);
}

/* In a timed run: enough for twice the time. */
static uint64_t networks_per_item(const struct mlp *s, unsigned slots)
{
    double seconds = s->policy == GREEDY ? s->costs[0].seconds : s->seconds;
    double networks = 2 * s->duration * slots / seconds;

    return s->duration > 0 ? (uint64_t)ceil(networks / PS_KIT_BLOCKS) : 1;
}

static int run(void *state, struct parscope_exec *x)
{
    struct mlp *s = state;
    int err;

    ps_kit_partials_start(&s->partials, x->slots);
    memset(s->times, 0, x->slots * s->times_stride * sizeof *s->times);
    s->complete = 0;
    s->runs++;
    s->per_item = networks_per_item(s, x->slots);
    s->end = ps_kit_ns() + (int64_t)(s->duration * 1e9);
    err = parscope_range(x, s->duration > 0 ? PS_KIT_BLOCKS : s->count, body, s);
    s->complete = err == 0;
    return err;
}

static uint64_t times_done(const struct mlp *s, uint64_t network)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < s->partials.used; i++)
        sum += s->times[i * s->times_stride + network];
    return sum;
}

static int verify(void *state, char *why, size_t why_size)
{
    const struct mlp *s = state;
    uint64_t expected = 0;

    for (uint64_t k = 0; k < s->count; k++) {
        uint64_t times = times_done(s, k);

        if (s->duration == 0 && times != 1)
            return ps_kit_bad(why, why_size,
                              "network %" PRIu64 " was done %" PRIu64 " times where 1 is right", k,
                              times);
        expected += times * s->networks[k].expected;
    }
    return ps_kit_check_sum(&s->partials, expected, why, why_size);
}

static void measured(void *state, double *values)
{
    const struct mlp *s = state;

    values[0] = values[1] = s->complete ? 0 : NAN;
    for (uint64_t k = 0; k < s->count; k++)
        values[(double)weight_count(s->networks[k].width) >= s->median] += (double)times_done(s, k);
    values[2] = values[0] / (values[0] + values[1]); /* NaN where none was done */
}

static double done(void *state)
{
    const struct mlp *s = state;
    double sum = 0;

    for (uint64_t k = 0; k < s->count; k++)
        sum += (double)times_done(s, k);
    return sum;
}

const struct parscope_workload ps_workload_mlp = {
    .abi = PARSCOPE_WORKLOAD_ABI,
    .name = "mlp",
    .summary = "forward passes of small and large neural networks, each once or for a given time",
    .unit = "networks",
    .shapes = PARSCOPE_RANGE,
    .params = params,
    .size = size,
    .create = create,
    .reference = reference,
    .run = run,
    .verify = verify,
    .shared = 1,
    .custom = custom,
    .measured = measured,
    .done = done,
};
