/* Products of square matrices by the system's BLAS, which may use threads of its own inside each
 * worker.
 *
 * The BLAS is loaded when it is needed and not linked: OpenBLAS starts its threads when it is
 * loaded. It is never unloaded, because they may be running.
 *
 * Threads that call OpenBLAS's pthreads build at once run side by side with inner=1. With inner=2
 * and more they wait for a lock (seen with 0.3.21): one product at a time, and helpers that spin
 * for 2^26 ticks after each. OpenMP's build starts inner threads for each of them, on the one CPU
 * that it is pinned to.
 *
 * Entries are small whole numbers, so that products are exact in whatever order they are summed. */
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "kit.h"

#ifndef PS_BLAS
#define PS_BLAS "" /* file name of the library; see meson.build */
#endif

enum { SIZE, COUNT, INNER };

static const struct parscope_param params[] = {
    {"size", PARSCOPE_COUNT, "256", 1, 16384, NULL, "rows and columns of each matrix"},
    {"count", PARSCOPE_COUNT, "48", 1, 1e6, NULL, "independent products"},
    {"inner", PARSCOPE_COUNT, "1", 1, 1024, NULL,
     "threads that the BLAS uses inside each worker, including the worker itself"},
    {NULL},
};

/* The standard's numbers for matrices by rows, and as they are. */
enum { BY_ROWS = 101, NOT_TRANSPOSED = 111 };

enum { POSIX_THREADS = 1 }; /* what openblas_get_parallel() may say */

typedef void dgemm_fn(int order, int trans_a, int trans_b, int m, int n, int k, double alpha,
                      const double *a, int lda, const double *b, int ldb, double beta, double *c,
                      int ldc);

struct blas {
    dgemm_fn *dgemm;
    void (*set_threads)(int); /* NULL: there is no such function */
    int (*threads)(void);
    /* The number of threads is the process's, and threads lost by a fork are started anew.
     * Otherwise they are OpenMP's: the number is each calling thread's own, and a forked process
     * that inherits a team of threads hangs. */
    bool own_threads;
};

struct gemm {
    struct blas blas;
    double *factors; /* A and B of the first product, A and B of the second, ... */
    double *products;
    double *x, *expected; /* expected: A (B x) of each product */
    uint64_t n, count;
    int inner;
    pid_t creator;
    unsigned
        scale; /* of the last run's products; another one each run: no old one passes for new */
    atomic_int failed; /* errno of a body that could not do its work */
    struct ps_kit_partials partials;
};

/* NULL, or why not. */
static const char *load(struct blas *b)
{
    void *library;
    int (*parallel)(void);

    if (PS_BLAS[0] == 0)
        return "built without a BLAS: install libopenblas-dev and build again";
    library = dlopen(PS_BLAS, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        return dlerror();
    b->dgemm = (dgemm_fn *)dlsym(library, "cblas_dgemm");
    if (b->dgemm == NULL)
        return dlerror();
    b->set_threads = (void (*)(int))dlsym(library, "openblas_set_num_threads");
    b->threads = (int (*)(void))dlsym(library, "openblas_get_num_threads");
    if (b->threads == NULL)
        b->set_threads = NULL;
    parallel = (int (*)(void))dlsym(library, "openblas_get_parallel");
    b->own_threads = parallel != NULL && parallel() == POSIX_THREADS;
    return NULL;
}

static void set_inner(const struct blas *b, int inner)
{
    if (b->set_threads != NULL && (!b->own_threads || b->threads() != inner))
        b->set_threads(inner);
}

static int size(const union parscope_value *v, struct parscope_size *size, char *why,
                size_t why_size)
{
    uint64_t n = v[SIZE].count, count = v[COUNT].count, inner = v[INNER].count;
    struct blas b;
    const char *error = load(&b);

    if (error != NULL)
        return ps_kit_refuse(why, why_size, "%s", error);
    if (inner > 1 && b.set_threads == NULL)
        return ps_kit_refuse(why, why_size, "%s has no function that could set inner=%" PRIu64,
                             PS_BLAS, inner);
    /* Threads that are started here are not pinned, as those that a worker starts would be. */
    set_inner(&b, (int)inner);
    if (inner > 1 && b.threads() != (int)inner)
        return ps_kit_refuse(why, why_size, "inner=%" PRIu64 " is more than the %d threads of %s",
                             inner, b.threads(), PS_BLAS);
    size->items = 2.0 * (double)n * (double)n * (double)n * (double)count;
    size->tasks = count;
    size->bytes = count * (3 * n * n + n) * sizeof(double);
    return 0;
}

/* Whole numbers from -8 to 7: sums of their products, times scale and x, stay far below 2^53. */
static double value(uint64_t i)
{
    return (double)(ps_kit_mix(i) >> 60) - 8;
}

/* Not 0, so that each entry of a product counts. */
static double value_of_x(uint64_t i)
{
    return (double)(ps_kit_mix(i) >> 61) + 1;
}

static int allocate(struct gemm *s, struct parscope_memory *m, unsigned slots)
{
    uint64_t entries = s->n * s->n;

    s->factors = parscope_alloc(m, s->count, 2 * entries * sizeof(double));
    s->products = parscope_alloc(m, s->count, entries * sizeof(double));
    s->expected = parscope_alloc(m, s->count, s->n * sizeof(double));
    s->x = parscope_alloc(m, s->n, sizeof(double));
    if (s->factors == NULL || s->products == NULL || s->expected == NULL || s->x == NULL)
        return -ENOMEM;
    return ps_kit_partials_init(&s->partials, m, slots);
}

static int create(const union parscope_value *v, struct parscope_memory *m, unsigned slots,
                  void **state)
{
    struct gemm *s = parscope_alloc(m, 1, sizeof *s);

    if (s == NULL)
        return -ENOMEM;
    if (load(&s->blas) != NULL)
        return -ELIBACC;
    s->n = v[SIZE].count;
    s->count = v[COUNT].count;
    s->inner = (int)v[INNER].count;
    s->creator = getpid();
    if (allocate(s, m, slots) != 0)
        return -ENOMEM;
    for (uint64_t i = 0; i < s->count * 2 * s->n * s->n; i++)
        s->factors[i] = value(i);
    for (uint64_t i = 0; i < s->n; i++)
        s->x[i] = value_of_x(i);
    *state = s;
    return 0;
}

static double *factors_of(const struct gemm *s, uint64_t item)
{
    return s->factors + item * 2 * s->n * s->n;
}

static double *product_of(const struct gemm *s, uint64_t item)
{
    return s->products + item * s->n * s->n;
}

static double dot(const double *row, const double *column, uint64_t n)
{
    double sum = 0;

    for (uint64_t i = 0; i < n; i++)
        sum += row[i] * column[i];
    return sum;
}

/* (A B) x = A (B x): n^2 steps tell whether n^2 entries are right, where computing them takes n^3.
 */
static int reference(void *state)
{
    struct gemm *s = state;
    double *y = malloc(s->n * sizeof(double));

    if (y == NULL)
        return -ENOMEM;
    for (uint64_t item = 0; item < s->count; item++) {
        const double *a = factors_of(s, item), *b = a + s->n * s->n;

        for (uint64_t i = 0; i < s->n; i++)
            y[i] = dot(b + i * s->n, s->x, s->n);
        for (uint64_t i = 0; i < s->n; i++)
            s->expected[item * s->n + i] = dot(a + i * s->n, y, s->n);
    }
    free(y);
    return 0;
}

static void multiply(const struct gemm *s, uint64_t item)
{
    int n = (int)s->n;
    const double *a = factors_of(s, item), *b = a + s->n * s->n;

    s->blas.dgemm(BY_ROWS, NOT_TRANSPOSED, NOT_TRANSPOSED, n, n, n, s->scale, a, n, b, n, 0,
                  product_of(s, item), n);
}

/* OpenMP's number of threads is set here because it is the worker's own. OpenBLAS's is the
 * process's, which may be one that was forked while another state was run. */
static void body(void *arg, uint64_t begin, uint64_t end, struct parscope_worker *w)
{
    struct gemm *s = arg;

    if (s->inner > 1 && !s->blas.own_threads && getpid() != s->creator) {
        atomic_store(&s->failed, ENOTSUP);
        return;
    }
    set_inner(&s->blas, s->inner);
    for (uint64_t i = begin; i < end; i++)
        multiply(s, i);
    ps_kit_cover(&s->partials.slots[w->slot], begin, end);
}

static int run(void *state, struct parscope_exec *x)
{
    struct gemm *s = state;
    int err;

    s->scale = s->scale % 8 + 1;
    atomic_store(&s->failed, 0);
    ps_kit_partials_start(&s->partials, x->slots);
    err = parscope_range(x, s->count, body, s);
    return err != 0 ? err : -atomic_load(&s->failed);
}

static int verify(void *state, char *why, size_t why_size)
{
    const struct gemm *s = state;

    for (uint64_t row = 0; row < s->count * s->n; row++) {
        double sum = dot(s->products + row * s->n, s->x, s->n);
        double right = s->scale * s->expected[row];

        if (sum != right)
            return ps_kit_bad(why, why_size,
                              "row %" PRIu64 " of product %" PRIu64
                              " times x is %.0f where %.0f is right",
                              row % s->n, row / s->n, sum, right);
    }
    return ps_kit_check_cover(&s->partials, s->count, why, why_size);
}

static void spans(void *state, uint64_t begin, uint64_t end, struct parscope_span *input,
                  struct parscope_span *output)
{
    const struct gemm *s = state;
    size_t bytes = (end - begin) * s->n * s->n * sizeof(double);

    *input = (struct parscope_span){factors_of(s, begin), 2 * bytes};
    *output = (struct parscope_span){product_of(s, begin), bytes};
}

const struct parscope_workload ps_workload_gemm = {
    .abi = PARSCOPE_WORKLOAD_ABI,
    .name = "gemm",
    .summary = "matrix products by the BLAS, with or without BLAS threads in each worker",
    .unit = "flops",
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
