/* Scales data for a network: 2 tanh(x) + c for each x, where c changes with each run, from 1 on. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "kit.h"
#include "simd.h"

#define BLOCK 1024 /* elements in an item of the range */
#define BOUND 8.0f /* of the absolute value of elements */

/* Largest error of the tanh below for all |x| <= BOUND; 3.2e-7 was the worst of 2 million x. */
#define TANH_ERROR 4e-7
/* Half a unit in the last place of 2 tanh(x) + c, which is below 16. */
#define SUM_ERROR 0x1p-21

enum { SIZE, SIMD };

static const char *const off_on[] = {"off", "on", NULL};

static const struct parscope_param params[] = {
    {"size", PARSCOPE_COUNT, "1M", 1, 1e11, NULL, "elements"},
    {"simd", PARSCOPE_CHOICE, "on", 0, 0, off_on, "compute with vectors, or one by one"},
    {NULL},
};

typedef void scale_fn(float *out, const float *in, uint64_t n, float c);

struct preprocess {
    float *in, *out;
    uint64_t size, blocks;
    scale_fn *scale;
    unsigned c; /* of the last run; another one each run, so that no old result passes for new */
    struct ps_kit_partials partials;
};

static uint64_t block_count(uint64_t size)
{
    return (size + BLOCK - 1) / BLOCK;
}

static int size(const union parscope_value *v, struct parscope_size *size, char *why,
                size_t why_size)
{
    size->items = (double)v[SIZE].count;
    size->tasks = block_count(v[SIZE].count);
    size->bytes = 2 * v[SIZE].count * sizeof(float);
    return 0;
}

/* *x = 2 tanh(*x) + c, for one float and for a vector. tanh(x) is x P(x^2) / Q(x^2), with the P and
 * Q of degree 4 whose largest error within BOUND is smallest (6e-9 before rounding; fitted by
 * least squares, reweighted until the errors were level). */
#define DEFINE_SCALE(name, type)                                                                \
    static inline __attribute__((always_inline)) void name(type *x, float c)                    \
    {                                                                                           \
        type z = *x * *x;                                                                       \
        type p = ((1.5061748e-8f * z + 2.1773201e-5f) * z + 3.5641534e-3f) * z + 1.3438189e-1f; \
        type q = ((8.4536365e-7f * z + 3.3991749e-4f) * z + 2.6136005e-2f) * z + 4.6771510e-1f; \
                                                                                                \
        *x = *x * (p * z + 0.99999997f) / (q * z + 1.0f) * 2.0f + c;                            \
    }
DEFINE_SCALE(scale_one, float)
DEFINE_SCALE(scale_vector, ps_simd)

static void scale_scalar(float *out, const float *in, uint64_t n, float c)
{
    for (uint64_t i = 0; i < n; i++) {
        float x = in[i];

        PS_SIMD_SCALAR(x);
        scale_one(&x, c);
        out[i] = x;
    }
}

static inline __attribute__((always_inline)) void scale_vectors(float *out, const float *in,
                                                                uint64_t n, float c)
{
    uint64_t whole = n / PS_SIMD_LANES * PS_SIMD_LANES;

    for (uint64_t i = 0; i < whole; i += PS_SIMD_LANES) {
        ps_simd x;

        ps_simd_load(&x, in + i);
        scale_vector(&x, c);
        ps_simd_store(out + i, &x);
    }
    scale_scalar(out + whole, in + whole, n - whole, c);
}

static void scale_narrow(float *out, const float *in, uint64_t n, float c)
{
    scale_vectors(out, in, n, c);
}

static PS_SIMD_WIDE void scale_wide(float *out, const float *in, uint64_t n, float c)
{
    scale_vectors(out, in, n, c);
}

/* Of [-BOUND, BOUND). */
static float value(uint64_t i)
{
    return ((float)(ps_kit_mix(i) >> 40) * 0x1p-23f - 1) * BOUND;
}

static int create(const union parscope_value *v, struct parscope_memory *m, unsigned slots,
                  void **state)
{
    struct preprocess *s = parscope_alloc(m, 1, sizeof *s);

    if (s == NULL)
        return -ENOMEM;
    s->size = v[SIZE].count;
    s->blocks = block_count(s->size);
    s->scale = !v[SIMD].choice ? scale_scalar : ps_simd_wide() ? scale_wide : scale_narrow;
    s->in = ps_kit_alloc_to_fill(m, s->size, sizeof(float));
    s->out = parscope_alloc(m, s->size, sizeof(float));
    if (s->in == NULL || s->out == NULL || ps_kit_partials_init(&s->partials, m, slots) != 0)
        return -ENOMEM;
    for (uint64_t i = 0; i < s->size; i++)
        s->in[i] = value(i);
    *state = s;
    return 0;
}

/* verify() computes every element from its index. */
static int reference(void *state)
{
    (void)state;
    return 0;
}

/* Elements of the items begin .. end-1; the last item may be shorter. */
static uint64_t element_count(const struct preprocess *s, uint64_t begin, uint64_t end)
{
    return (end < s->blocks ? end * BLOCK : s->size) - begin * BLOCK;
}

static void body(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    struct preprocess *s = arg;

    s->scale(s->out + begin * BLOCK, s->in + begin * BLOCK, element_count(s, begin, end),
             (float)s->c);
    ps_kit_cover(&s->partials.slots[w->slot], begin, end);
}

static int run(void *state, struct parscope_exec *x)
{
    struct preprocess *s = state;

    s->c = s->c % 8 + 1;
    ps_kit_partials_start(&s->partials, x->slots);
    return parscope_range(x, s->blocks, body, s);
}

static int verify(void *state, char *why, size_t why_size)
{
    const struct preprocess *s = state;

    for (uint64_t i = 0; i < s->size; i++) {
        double right = 2 * tanh(value(i)) + s->c;

        if (!(fabs(s->out[i] - right) <= 2 * TANH_ERROR + SUM_ERROR))
            return ps_kit_bad(why, why_size, "element %" PRIu64 " is %.9g where %.9g is right", i,
                              (double)s->out[i], right);
    }
    return ps_kit_check_cover(&s->partials, s->blocks, why, why_size);
}

static void spans(void *state, uint64_t begin, uint64_t end, struct parscope_span *input,
                  struct parscope_span *output)
{
    const struct preprocess *s = state;
    size_t bytes = element_count(s, begin, end) * sizeof(float);

    *input = (struct parscope_span){s->in + begin * BLOCK, bytes};
    *output = (struct parscope_span){s->out + begin * BLOCK, bytes};
}

const struct parscope_workload ps_workload_preprocess = {
    .abi = PARSCOPE_WORKLOAD_ABI,
    .name = "preprocess",
    .summary = "2 tanh(x) + 1 for each element of an array, with vectors or without",
    .unit = "elements",
    .shapes = PARSCOPE_RANGE,
    .params = params,
    .size = size,
    .create = create,
    .reference = reference,
    .run = run,
    .verify = verify,
    .shared = 1,
    .spans = spans,
};
