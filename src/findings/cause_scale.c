/* Observed executions brought to the size of the timed ones: their shares, of those times. */
#include <math.h>

#include "causes.h"

/* Beyond that they did not do the same work. */
#define LEAST_SCALE 0.5
#define MOST_SCALE  2
#define MOST_IDLE   2 /* times what waiting was observed */

/* 1 where one of the two is not known. */
static double ratio(double timed, double observed)
{
    const double x = timed / observed;

    return isfinite(x) && x > 0 ? fmin(fmax(x, LEAST_SCALE), MOST_SCALE) : 1;
}

static void scale(double *x, double factor)
{
    *x *= factor;
}

static struct ps_code_row *scaled_code(struct ps_arena *a, const struct ps_diagnosis *d, double cpu,
                                       double work)
{
    struct ps_code_row *code = ps_arena_array(a, d->code_count, sizeof *code);

    for (size_t i = 0; i < d->code_count; i++) {
        code[i] = d->code[i];
        scale(&code[i].cpu_time, cpu);
        scale(&code[i].alone, cpu);
        scale(&code[i].atomic, cpu);
        scale(&code[i].stores, cpu);
        scale(&code[i].kernel, cpu);
        scale(&code[i].faults, work);
        scale(&code[i].loads, cpu);
    }
    return code;
}

static struct ps_loss_row *scaled_losses(struct ps_arena *a, const struct ps_diagnosis *d,
                                         double cpu, double wall)
{
    struct ps_loss_row *losses = ps_arena_array(a, d->loss_count, sizeof *losses);

    for (size_t i = 0; i < d->loss_count; i++) {
        losses[i] = d->losses[i];
        scale(&losses[i].spun, cpu);
        scale(&losses[i].idle, wall);
    }
    return losses;
}

static struct ps_thread_row *scaled_threads(struct ps_arena *a, const struct ps_diagnosis *d,
                                            double cpu, double wall)
{
    struct ps_thread_row *threads = ps_arena_array(a, d->thread_count, sizeof *threads);

    for (size_t i = 0; i < d->thread_count; i++) {
        threads[i] = d->threads[i];
        scale(&threads[i].cpu_time, cpu);
        scale(&threads[i].most, cpu);
        scale(&threads[i].alone, cpu);
        scale(&threads[i].runnable, wall);
        scale(&threads[i].blocked, wall);
    }
    return threads;
}

const struct ps_diagnosis *causes_as_timed(struct ps_arena *a, const struct ps_diagnosis *d,
                                           const struct ps_point *p, double work)
{
    const double time = ps_point_value(p, "wall_time");
    const double wall = ratio(time, d->wall);
    const double cpu = work * ratio(ps_point_value(p, "cpus_used") * time, d->used);
    struct ps_diagnosis *scaled = ps_arena_alloc(a, sizeof *scaled);

    *scaled = *d;
    scaled->code = scaled_code(a, d, cpu, work);
    scaled->losses = scaled_losses(a, d, cpu, wall);
    scaled->threads = scaled_threads(a, d, cpu, wall);
    scale(&scaled->wall, wall);
    scale(&scaled->brief, wall);
    scale(&scaled->used, cpu);
    scale(&scaled->cpu_time, cpu);
    scale(&scaled->system, cpu);
    scale(&scaled->unrecorded, cpu);
    scale(&scaled->sampled, cpu);
    scale(&scaled->spun, cpu);
    scale(&scaled->kernel_time, cpu);
    return scaled;
}

double causes_seen_waiting(const struct causes *c, const struct ps_diagnosis *observed)
{
    const double seen = c->p - observed->used / observed->wall, timed = causes_waiting(c);

    return isnan(seen) ? timed : fmin(timed, MOST_IDLE * fmax(0, seen));
}
