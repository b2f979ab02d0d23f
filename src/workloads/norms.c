/* The Euclidean norm of each row of a matrix, times a factor that changes with each run.
 *
 * Elements are whole numbers up to 4, so that the sum of their squares is exact in any order (below
 * 2^24): results are compared for equality, whichever code computed them. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "kit.h"
#include "simd.h"

enum { ROWS, COLS, SIMD };

static const char *const off_on[] = {"off", "on", NULL};

static const struct parscope_param params[] = {
    {"rows", PARSCOPE_COUNT, "4800", 1, 1e9, NULL, "rows of the matrix"},
    {"cols", PARSCOPE_COUNT, "1k", 1, 1e6, NULL, "elements of a row"},
    {"simd", PARSCOPE_CHOICE, "on", 0, 0, off_on, "sum with vectors, or one element at a time"},
    {NULL},
};

typedef float sum_fn(const float *row, uint64_t cols);

struct norms {
    float *elements, *results;
    uint64_t rows, cols;
    sum_fn *sum_of_squares;
    unsigned factor; /* of the last run; another one each run: no old result passes for new */
    struct ps_kit_partials partials;
};

static int size(const union parscope_value *v, struct parscope_size *size, char *why,
                size_t why_size)
{
    size->items = (double)v[ROWS].count;
    size->tasks = v[ROWS].count;
    size->bytes = v[ROWS].count * (v[COLS].count + 1) * sizeof(float);
    return 0;
}

/* Whole numbers from -4 to 3. */
static int value(uint64_t i)
{
    return (int)(ps_kit_mix(i) >> 61) - 4;
}

/* Both have four sums that do not wait for each other. */
static float sum_scalar(const float *row, uint64_t cols)
{
    float a = 0, b = 0, c = 0, d = 0;
    uint64_t i = 0;

    for (; i + 4 <= cols; i += 4) {
        a += row[i] * row[i];
        b += row[i + 1] * row[i + 1];
        c += row[i + 2] * row[i + 2];
        d += row[i + 3] * row[i + 3];
        PS_SIMD_SCALAR(a);
        PS_SIMD_SCALAR(b);
        PS_SIMD_SCALAR(c);
        PS_SIMD_SCALAR(d);
    }
    for (; i < cols; i++) {
        a += row[i] * row[i];
        PS_SIMD_SCALAR(a);
    }
    return a + b + c + d;
}

static inline __attribute__((always_inline)) void add_squares(ps_simd *sum, const float *row)
{
    ps_simd v;

    ps_simd_load(&v, row);
    *sum += v * v;
}

static inline __attribute__((always_inline)) float sum_vectors(const float *row, uint64_t cols)
{
    ps_simd a = {0}, b = {0}, c = {0}, d = {0};
    float sum = 0;
    uint64_t i = 0;

    for (; i + 4 * PS_SIMD_LANES <= cols; i += 4 * PS_SIMD_LANES) {
        add_squares(&a, row + i);
        add_squares(&b, row + i + PS_SIMD_LANES);
        add_squares(&c, row + i + 2 * PS_SIMD_LANES);
        add_squares(&d, row + i + 3 * PS_SIMD_LANES);
    }
    for (; i + PS_SIMD_LANES <= cols; i += PS_SIMD_LANES)
        add_squares(&a, row + i);
    a += b + c + d;
    for (unsigned lane = 0; lane < PS_SIMD_LANES; lane++)
        sum += a[lane];
    for (; i < cols; i++)
        sum += row[i] * row[i];
    return sum;
}

static float sum_narrow(const float *row, uint64_t cols)
{
    return sum_vectors(row, cols);
}

static PS_SIMD_WIDE float sum_wide(const float *row, uint64_t cols)
{
    return sum_vectors(row, cols);
}

static int create(const union parscope_value *v, struct parscope_memory *m, unsigned slots,
                  void **state)
{
    struct norms *s = parscope_alloc(m, 1, sizeof *s);

    if (s == NULL)
        return -ENOMEM;
    s->rows = v[ROWS].count;
    s->cols = v[COLS].count;
    s->sum_of_squares = !v[SIMD].choice ? sum_scalar : ps_simd_wide() ? sum_wide : sum_narrow;
    s->elements = ps_kit_alloc_to_fill(m, s->rows, s->cols * sizeof(float));
    s->results = parscope_alloc(m, s->rows, sizeof(float));
    if (s->elements == NULL || s->results == NULL ||
        ps_kit_partials_init(&s->partials, m, slots) != 0)
        return -ENOMEM;
    for (uint64_t i = 0; i < s->rows * s->cols; i++)
        s->elements[i] = (float)value(i);
    *state = s;
    return 0;
}

/* verify() computes every row from its index. */
static int reference(void *state)
{
    (void)state;
    return 0;
}

static void body(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    struct norms *s = arg;

    for (uint64_t i = begin; i < end; i++)
        s->results[i] =
            (float)s->factor * sqrtf(s->sum_of_squares(s->elements + i * s->cols, s->cols));
    ps_kit_cover(&s->partials.slots[w->slot], begin, end);
}

static int run(void *state, struct parscope_exec *x)
{
    struct norms *s = state;

    s->factor = s->factor % 8 + 1;
    ps_kit_partials_start(&s->partials, x->slots);
    return parscope_range(x, s->rows, body, s);
}

static float right_result(const struct norms *s, uint64_t row)
{
    uint64_t sum = 0;

    for (uint64_t i = row * s->cols; i < (row + 1) * s->cols; i++)
        sum += (uint64_t)(value(i) * value(i));
    return (float)s->factor * sqrtf((float)sum);
}

static int verify(void *state, char *why, size_t why_size)
{
    const struct norms *s = state;

    for (uint64_t i = 0; i < s->rows; i++) {
        float right = right_result(s, i);

        if (s->results[i] != right)
            return ps_kit_bad(why, why_size,
                              "the norm of row %" PRIu64 " is %.9g where %.9g is right", i,
                              (double)s->results[i], (double)right);
    }
    return ps_kit_check_cover(&s->partials, s->rows, why, why_size);
}

static void spans(void *state, uint64_t begin, uint64_t end, struct parscope_span *input,
                  struct parscope_span *output)
{
    const struct norms *s = state;

    *input = (struct parscope_span){s->elements + begin * s->cols,
                                    (end - begin) * s->cols * sizeof(float)};
    *output = (struct parscope_span){s->results + begin, (end - begin) * sizeof(float)};
}

const struct parscope_workload ps_workload_norms = {
    .abi = PARSCOPE_WORKLOAD_ABI,
    .name = "norms",
    .summary = "the norm of each row of a matrix, with vectors or without",
    .unit = "rows",
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
