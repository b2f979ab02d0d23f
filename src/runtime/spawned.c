#include "spawned.h"

#include <errno.h>
#include <stdlib.h>

void *ps_spawned_workers(const struct ps_instance *base, size_t size, pthread_attr_t **attrs,
                         int *err)
{
    void *workers = aligned_alloc(PS_LINE, base->workers * size);

    *err = workers ? ps_team_attrs(base->team, base->workers, attrs) : -ENOMEM;
    if (*err < 0) {
        free(workers);
        return NULL;
    }
    return workers;
}

int ps_spawned_init(struct ps_instance *base, const union parscope_value *options, struct ps_err *e)
{
    struct ps_spawned *s = (struct ps_spawned *)base;
    int err;

    s->workers = ps_spawned_workers(base, sizeof *s->workers, &s->attrs, &err);
    if (!s->workers)
        return err;
    for (unsigned i = 0; i < base->workers; i++)
        s->workers[i] = (struct ps_spawned_worker){.abi = {ps_join_serial, i}, .spawned = s};
    return 0;
}

void ps_spawned_finish(struct ps_instance *base)
{
    struct ps_spawned *s = (struct ps_spawned *)base;

    ps_team_attrs_free(s->attrs, base->workers);
    free(s->workers);
}

int ps_spawned_create(struct ps_spawned *s, unsigned i, void *(*fn)(void *worker))
{
    return -pthread_create(&s->workers[i].thread, &s->attrs[i], fn, &s->workers[i]);
}

void ps_spawned_share(struct ps_spawned_worker *w)
{
    const struct ps_spawned *s = w->spawned;

    w->max_busy = ps_do_equal_share(&s->base, &w->abi, s->n, s->body, s->arg);
}
