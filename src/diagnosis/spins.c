#include "episode.h"

#include "text.h"

#define CLOSE  0.125 /* sampling periods */
#define ENOUGH 12    /* samples, to tell that by */
#define SELDOM                                                                               \
    0.25 /* of what is expected of threads that know nothing of each other: one may begin as \
            another ends */
#define FEW      6    /* samples, which tell nothing */
#define RARELY   0.15 /* of all that meet: a share that is too large meets the others' */
#define OF_TASKS 0.25 /* of what seems serial, that tasks must cost to be its cause */
#define SINGLE   0.75 /* of a function's CPU time, while no other thread works */

/* Samples of other threads about then. */
struct others {
    size_t working, known; /* the nearest that worked; one whose place in the program is known; or
                              the number of samples */
    bool several;          /* more than one worked, which of them matters is not known */
};

static uint64_t distance(const struct ps_seen_list *l, size_t i, size_t k)
{
    return episode_distance(l->seen[i].time, l->seen[k].time);
}

static void look_at_other(const struct episode *x, size_t i, size_t k, struct others *o)
{
    const struct ps_seen_list *l = &x->n->lists[PS_SEEN_SAMPLE];

    if (l->seen[k].tid == l->seen[i].tid)
        return;
    if (x->samples[k].known && o->known == l->count)
        o->known = k;
    o->several |=
        !x->samples[k].spins && o->working != l->count && l->seen[k].tid != l->seen[o->working].tid;
    if (!x->samples[k].spins &&
        (o->working == l->count || distance(l, i, k) < distance(l, i, o->working)))
        o->working = k;
}

static struct others others_at(const struct episode *x, size_t i)
{
    const struct ps_seen_list *l = &x->n->lists[PS_SEEN_SAMPLE];
    const uint64_t near = episode_ns(x, NEAR);
    struct others o = {l->count, l->count, false};

    for (size_t k = i; k-- > 0 && distance(l, i, k) <= near;)
        look_at_other(x, i, k, &o);
    for (size_t k = i + 1; k < l->count && distance(l, i, k) <= near; k++)
        look_at_other(x, i, k, &o);
    return o;
}

/* Where its name tells what a loop waits for, it is where the cause is; else the work of others is,
 * or there is none. False: its name does not. */
static bool told_by_name(const struct place_of *at, enum ps_loss_kind *kind)
{
    static const enum ps_loss_kind kinds[] = {
        [WAITS_LOCK] = PS_LOSS_LOCK,
        [WAITS_PIECES] = PS_LOSS_PIECES,
        [WAITS_TASKS] = PS_LOSS_TASKS,
        [WAITS_TURN] = PS_LOSS_SPIN,
    };

    if (at->waits >= sizeof kinds / sizeof *kinds || !kinds[at->waits])
        return false;
    *kind = kinds[at->waits];
    return true;
}

static struct row *add_spun(struct episode *x, enum ps_loss_kind kind, const struct place_of *at)
{
    struct row *r = rows_loss(&x->d->losses, &(struct loss){kind, at, NULL, NULL}, x->weight);

    if (r)
        r->spun += x->weight;
    return r;
}

/* What is tried again and again until another thread, which works just then, is done with it. */
static void watch_loop(struct episode *x, size_t i, const struct others *o, struct row *r)
{
    const struct ps_seen_list *l = &x->n->lists[PS_SEEN_SAMPLE];
    struct place_of holder;

    if (!r || r->kind != PS_LOSS_SPIN || o->working == l->count || o->several ||
        distance(l, i, o->working) > episode_ns(x, CLOSE))
        return;
    holder = x->samples[o->working];
    holder.place.library = NULL;
    r->watched += x->weight;
    row_hold(r, x->d->arena, &holder, x->weight);
}

/* Who waits for its turn, and who has it. */
static void add_turn(struct episode *x, const struct place_of *self, const struct place_of *work)
{
    const struct loss loss = {PS_LOSS_TURNS, work, NULL, &self->place, 0};
    struct row *r = rows_loss(&x->d->losses, &loss, x->weight);

    if (r)
        r->spun += x->weight;
}

static void add_behind(struct episode *x, const struct place_of *self, const struct place_of *work)
{
    const struct loss loss = {work->region ? PS_LOSS_IMBALANCE : PS_LOSS_SERIAL, work, NULL, NULL};

    if (!spin_sites_add(&x->d->sites, x->d->symbols, self, &loss,
                        (struct waited){.spun = x->weight}))
        add_spun(x, loss.kind, work);
}

void spins_add(struct episode *x, size_t i)
{
    const size_t count = x->n->lists[PS_SEEN_SAMPLE].count;
    const struct place_of *self = &x->samples[i];
    const struct others o = others_at(x, i);
    enum ps_loss_kind kind = self->waits == WAITS_TASK ? PS_LOSS_TASKS : PS_LOSS_RUNTIME;

    x->d->spun += x->weight;
    if (told_by_name(self, &kind))
        watch_loop(x, i, &o, add_spun(x, kind, self));
    else if (o.working < count && self->waits == WAITS_ORDER)
        add_turn(x, self, &x->samples[o.working]);
    else if (o.working < count)
        add_behind(x, self, &x->samples[o.working]);
    else
        add_spun(x, kind, self->known || o.known == count ? self : &x->samples[o.known]);
}

static void meet(const struct episode *x, size_t i, size_t k, struct row *r)
{
    const struct ps_seen_list *l = &x->n->lists[PS_SEEN_SAMPLE];

    if (l->seen[k].tid == l->seen[i].tid || l->seen[k].kernel)
        return;
    r->met++;
    r->met_spinning += x->samples[k].spins;
    r->met_same += !x->samples[k].spins &&
                   ps_text_same(x->samples[k].place.function, x->samples[i].place.function);
}

/* A sample whose stack was cut short has none; a function that is in several bodies is in none. */
static void set_body(struct row *r, const struct place_of *at)
{
    if (!at->body)
        return;
    if (!r->body)
        r->body = at->body;
    r->bodies = r->bodies || !ps_text_same(r->body, at->body);
}

void spins_weigh(const struct episode *x, size_t i, struct row *r)
{
    const struct ps_seen_list *l = &x->n->lists[PS_SEEN_SAMPLE];
    const uint64_t close = episode_ns(x, CLOSE);

    if (!x->samples[i].region)
        return;
    set_body(r, &x->samples[i]);
    spin_sites_work(&x->d->sites, &x->samples[i], x->weight);
    r->region += x->weight;
    if (l->seen[i].running <= 1) {
        r->single += x->weight;
        return;
    }
    for (size_t k = i; k-- > 0 && distance(l, i, k) <= close;)
        meet(x, i, k, r);
    for (size_t k = i + 1; k < l->count && distance(l, i, k) <= close; k++)
        meet(x, i, k, r);
}

/* Others work meanwhile, but hardly in it: it lets in one at a time. share: of all work in regions
 * that is in it. */
static bool one_at_a_time(const struct row *code, double share)
{
    const double working = code->met - code->met_spinning;

    return working >= ENOUGH && code->met_same <= SELDOM * share * working;
}

/* Threads of the program's own have shares, and wait for locks, of which this is known otherwise.
 */
static bool is_single(const struct row *code, double share)
{
    const double beside = code->region - code->single;
    const bool meets_itself = code->met < FEW || code->met_same > RARELY * code->met;
    const double idle = meets_itself ? 0 : code->met_spinning / code->met;

    return code->body && !code->bodies &&
           (code->single + beside * idle >= SINGLE * code->region || one_at_a_time(code, share));
}

static double lost_by(const struct row *r)
{
    return r->idle + r->spun;
}

static const struct row *code_of(const struct ps_diagnoser *d, const struct row *loss)
{
    for (size_t i = 0; i < d->code.count; i++)
        if (ps_place_same(&d->code.rows[i].at.place, &loss->at.place))
            return &d->code.rows[i];
    return NULL;
}

/* What seems serial beside it may be theirs: who makes tasks that are too small does most of them.
 */
static double lost_by_tasks(const struct ps_diagnoser *d)
{
    double lost = 0;

    for (size_t i = 0; i < d->losses.count; i++)
        lost += d->losses.rows[i].kind == PS_LOSS_TASKS ? lost_by(&d->losses.rows[i]) : 0;
    return lost;
}

void spins_find_single(struct ps_diagnoser *d)
{
    const double tasks = lost_by_tasks(d);
    double all = 0;

    for (size_t i = 0; i < d->code.count; i++)
        all += d->code.rows[i].region;
    for (size_t i = 0; i < d->losses.count; i++) {
        struct row *r = &d->losses.rows[i];
        const struct row *code = code_of(d, r);

        if (r->kind == PS_LOSS_IMBALANCE && !r->waiter && code &&
            is_single(code, code->region / all) && tasks <= OF_TASKS * lost_by(r))
            r->kind = PS_LOSS_SERIAL;
    }
}
