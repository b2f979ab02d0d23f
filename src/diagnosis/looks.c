/* Of p cores, those without a runnable thread at a look are shared out among the threads that wait
 * for something by itself. What is left waits for the work of others, which the samples about then
 * tell. */
#include <math.h>

#include "episode.h"
#include "text.h"

#define HELD   0.5 /* of the time that a lock is watched: then what ran is told */
#define BESIDE 10  /* times as many switches: who has so few has no part in turns */
#define SHARE  20  /* times as much CPU time: who has so little does none of the work */

/* Of so many threads that could work; with none of them nothing waits for their work. */
static double *behind(struct ps_diagnoser *d, size_t runnable)
{
    return runnable == 1 ? &d->behind_one : runnable ? &d->behind_several : &d->behind_none;
}

static struct row *add_idle(struct episode *x, const struct loss *loss, size_t runnable,
                            double idle)
{
    struct row *r = rows_loss(&x->d->losses, loss, idle);

    if (r)
        r->idle += idle;
    *behind(x->d, runnable) -= idle;
    return r;
}

/* The first sample that is not before that time. */
static size_t sample_at(const struct ps_seen_list *l, uint64_t time)
{
    size_t low = 0, high = l->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (l->seen[middle].time < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool works(const struct episode *x, size_t i)
{
    return !x->n->lists[PS_SEEN_SAMPLE].seen[i].kernel && !x->samples[i].spins;
}

/* The sample next to a look of what was worked on then, or, of what one thread alone worked on, one
 * of another thread than that which was looked at; their count: not known. */
static size_t work_at(const struct episode *x, const struct ps_seen *look, bool alone)
{
    const struct ps_seen_list *l = &x->n->lists[PS_SEEN_SAMPLE];
    const uint64_t near = episode_ns(x, NEAR), time = look->time;
    size_t best = l->count;

    for (size_t i = sample_at(l, time > near ? time - near : 0);
         i < l->count && l->seen[i].time <= time + near; i++) {
        if (!works(x, i) || (alone && (l->seen[i].running != 1 || l->seen[i].tid == look->tid)))
            continue;
        if (best == l->count ||
            episode_distance(l->seen[i].time, time) < episode_distance(l->seen[best].time, time))
            best = i;
    }
    return best;
}

static enum ps_loss_kind kind_behind(const struct place_of *work, bool alone, enum awaits awaits)
{
    if (awaits == AWAITS_BARRIER)
        return PS_LOSS_IMBALANCE;
    if (awaits == AWAITS_ORDER)
        return PS_LOSS_TURNS;
    if (alone && !work->region)
        return PS_LOSS_SERIAL;
    return awaits ? PS_LOSS_STARVED : PS_LOSS_IMBALANCE;
}

/* Who waits to write has work of its own, for which another one, alone, has no room. */
static enum ps_loss_kind kind_of_wait(const struct ps_seen *s, const struct place_of *work,
                                      enum awaits awaits)
{
    return s->wait.kind == PS_WAIT_WRITE && s->running == 1
               ? PS_LOSS_SERIAL
               : kind_behind(work, s->running == 1, awaits);
}

/* In the order of birth. */
static size_t ordinal_of(const struct episode *x, pid_t tid)
{
    size_t i = 0;

    while (i < x->n->timeline.thread_count && x->n->timeline.threads[i].tid != tid)
        i++;
    return i;
}

/* Of those that do some of the work: one that is there for signals always waits for them. */
static bool has_share(const struct episode *x, size_t thread)
{
    const struct ps_timeline *t = &x->n->timeline;
    uint64_t most = 0;

    for (size_t i = 0; i < t->thread_count; i++)
        most = t->threads[i].on_cpu > most ? t->threads[i].on_cpu : most;
    return thread >= t->thread_count || SHARE * t->threads[thread].on_cpu >= most;
}

/* Of the i-th wait. */
static enum awaits awaits_of(const struct episode *x, size_t i)
{
    const struct ps_seen *s = &x->n->lists[PS_SEEN_WAIT].seen[i];
    const enum awaits awaits = place_awaits(s, &x->waits[i]);

    return awaits == AWAITS_SIGNAL && !has_share(x, ordinal_of(x, s->tid)) ? AWAITS_NOTHING
                                                                           : awaits;
}

static enum awaits awaits_in_turn(const struct episode *x, size_t i)
{
    return x->waits[i].waits == WAITS_JOIN ? AWAITS_JOIN : awaits_of(x, i);
}

/* Who hardly ever gets a CPU while others take turns sleeps beside them. */
static bool takes_part(const struct episode *x, size_t waiter, size_t worker)
{
    const struct ps_timeline *t = &x->n->timeline;

    return waiter >= t->thread_count || worker >= t->thread_count ||
           BESIDE * t->threads[waiter].switches >= t->threads[worker].switches;
}

static void add_turn(struct episode *x, size_t first, size_t last, pid_t worker, double seconds)
{
    const struct ps_seen *s = x->n->lists[PS_SEEN_WAIT].seen;
    const size_t works = ordinal_of(x, worker);
    bool signalled = false, barrier = false, joins = false;

    for (size_t i = first; i < last; i++) {
        const enum awaits awaits = awaits_in_turn(x, i);
        const size_t waiter = ordinal_of(x, s[i].tid);

        if (!awaits || (awaits != AWAITS_JOIN && !takes_part(x, waiter, works)))
            continue;
        signalled |= awaits != AWAITS_BARRIER && awaits != AWAITS_JOIN;
        barrier |= awaits == AWAITS_BARRIER;
        joins |= awaits == AWAITS_JOIN;
        turns_wait(&x->d->turns, awaits, &x->waits[i].place, waiter, works, seconds);
    }
    turns_look(&x->d->turns, works, seconds, signalled || (joins && !barrier));
}

/* For no lock, and for no signal or turn: for the end of what others do. */
static bool waits_for_rest(const struct episode *x, size_t i)
{
    const struct ps_seen *s = &x->n->lists[PS_SEEN_WAIT].seen[i];
    bool derived;

    place_wait_kind(s, &x->waits[i], &derived);
    return derived && !awaits_of(x, i);
}

/* Of those that wait within the body of a parallel region, each at most its own. Returns what is
 * left. */
static double add_in_bodies(struct episode *x, size_t first, size_t last, const struct loss *loss,
                            double idle, double seconds)
{
    const size_t running = x->n->lists[PS_SEEN_WAIT].seen[first].running;

    for (size_t i = first; i < last && idle > 0; i++) {
        const struct waited part = {.idle = fmin(seconds, idle)};

        if (!x->waits[i].runtime || !waits_for_rest(x, i) ||
            !spin_sites_add(&x->d->sites, x->d->symbols, &x->waits[i], loss, part))
            continue;
        *behind(x->d, running) -= part.idle;
        idle -= part.idle;
    }
    return idle;
}

/* What no signal is waited for. */
static void add_rest(struct episode *x, size_t first, size_t last, const struct place_of *work,
                     double idle, double seconds)
{
    const size_t running = x->n->lists[PS_SEEN_WAIT].seen[first].running;
    const struct loss loss = {kind_behind(work, running == 1, AWAITS_NOTHING), work, NULL, NULL, 0};

    if (!(idle > 0))
        return;
    idle = add_in_bodies(x, first, last, &loss, idle, seconds);
    if (idle > 0)
        add_idle(x, &loss, running, idle);
}

/* The waits first .. last - 1 are of one look; `idle` core-seconds of it wait for the work of
 * others: of those that say what for, each at most its own. */
static void share_behind_look(struct episode *x, size_t first, size_t last, double idle,
                              double seconds)
{
    const struct ps_seen *s = x->n->lists[PS_SEEN_WAIT].seen;
    const size_t at = work_at(x, &s[first], false), running = s[first].running;
    const struct place_of *work = &x->samples[at];
    double count = 0, each;

    if (at == x->n->lists[PS_SEEN_SAMPLE].count || !(idle > 0) || !running)
        return;
    if (running == 1)
        add_turn(x, first, last, x->n->lists[PS_SEEN_SAMPLE].seen[at].tid, seconds);
    for (size_t i = first; i < last; i++)
        count += awaits_of(x, i) != AWAITS_NOTHING;
    each = count > 0 ? fmin(seconds, idle / count) : 0;
    for (size_t i = first; i < last; i++) {
        const enum awaits awaits = awaits_of(x, i);
        const struct loss loss = {kind_of_wait(&s[i], work, awaits), work,
                                  place_awaits_name(awaits), &x->waits[i].place, 0};

        if (awaits)
            add_idle(x, &loss, running, each);
    }
    add_rest(x, first, last, work, idle - count * each, seconds);
}

/* ---- who holds a lock ---- */

/* Called, however deep, by the function that takes the lock: beside it the thread that runs may
 * have given the lock back. */
static bool is_within(const struct place_of *work, const char *function)
{
    if (ps_text_same(work->place.function, function))
        return true;
    for (size_t i = 0; i < OUTER_MOST && work->outer[i]; i++)
        if (ps_text_same(work->outer[i], function))
            return true;
    return false;
}

/* Nobody runs, and one waits for something else: that one has the lock. */
static const struct place_of *lone_wait(const struct episode *x, size_t first, size_t last)
{
    const struct ps_seen *s = x->n->lists[PS_SEEN_WAIT].seen;
    const struct place_of *found = NULL;

    for (size_t i = first; i < last; i++) {
        bool derived;

        if (place_wait_kind(&s[i], &x->waits[i], &derived) == PS_LOSS_LOCK || derived)
            continue;
        if (found)
            return NULL;
        found = &x->waits[i];
    }
    return found;
}

/* Of work without what it calls of libraries: many small parts are one function. */
static bool holder_at(const struct episode *x, size_t i, size_t first, size_t last,
                      struct place_of *out)
{
    const struct ps_seen *waiter = &x->n->lists[PS_SEEN_WAIT].seen[i];
    const struct place_of *waits = waiter->running ? NULL : lone_wait(x, first, last);
    const size_t at =
        waiter->running == 1 ? work_at(x, waiter, true) : x->n->lists[PS_SEEN_SAMPLE].count;

    if (waits) {
        *out = *waits;
    } else if (at < x->n->lists[PS_SEEN_SAMPLE].count) {
        *out = x->samples[at];
        out->place.library = NULL;
    }
    return waits || at < x->n->lists[PS_SEEN_SAMPLE].count;
}

static void watch_lock(struct episode *x, struct row *lock, const struct place_of *holder,
                       double weight)
{
    if (!lock->at.place.function)
        return;
    lock->watched += weight;
    if (is_within(holder, lock->at.place.function))
        row_hold(lock, x->d->arena, holder, weight);
}

const struct row *looks_holder(const struct row *lock)
{
    const struct row *most = NULL;

    for (size_t i = 0; lock->held && i < lock->held->count; i++)
        if (!most || lock->held->rows[i].weight > most->weight)
            most = &lock->held->rows[i];
    return most && most->weight > HELD * lock->watched ? most : NULL;
}

static void add_direct(struct episode *x, size_t first, size_t last, size_t i,
                       enum ps_loss_kind kind, double idle)
{
    const struct ps_seen *s = &x->n->lists[PS_SEEN_WAIT].seen[i];
    struct row *r =
        add_idle(x, &(struct loss){kind, &x->waits[i], s->wait.object, NULL, 0}, s->running, idle);
    struct place_of holder;

    if (r && kind == PS_LOSS_LOCK && holder_at(x, i, first, last, &holder))
        watch_lock(x, r, &holder, idle);
}

/* Threads of a process that works alone while others wait for it wait for its lock, too: but it is
 * that process which the others lack. */
static bool is_beside_processes(const struct episode *x, size_t first, size_t last, size_t i)
{
    const struct ps_seen *s = x->n->lists[PS_SEEN_WAIT].seen;

    if (x->waits[i].waits != WAITS_INTERPRETER || s[i].running != 1)
        return false;
    for (size_t k = first; k < last; k++)
        if (s[k].pid != s[i].pid && awaits_of(x, k))
            return true;
    return false;
}

static enum ps_loss_kind kind_at(const struct episode *x, size_t first, size_t last, size_t i,
                                 bool *derived)
{
    const enum ps_loss_kind kind =
        place_wait_kind(&x->n->lists[PS_SEEN_WAIT].seen[i], &x->waits[i], derived);

    *derived |= is_beside_processes(x, first, last, i);
    return kind;
}

/* They are of one look, which stands for `seconds`. Nobody works: those that wait for others wait
 * for each other, or for what is outside. */
static void share_look(struct episode *x, size_t first, size_t last, double seconds)
{
    const struct ps_seen *s = x->n->lists[PS_SEEN_WAIT].seen;
    const size_t running = s[first].running;
    double idle = fmax(0, x->d->cores - (double)running), direct = 0, share = 0;
    bool derived;

    for (size_t i = first; i < last; i++) {
        kind_at(x, first, last, i, &derived);
        direct += !derived;
    }
    if (direct > 0)
        share = fmin(idle, direct) / direct;
    else if (!running)
        share = idle / (double)(last - first);
    for (size_t i = first; share > 0 && i < last; i++) {
        enum ps_loss_kind kind = kind_at(x, first, last, i, &derived);

        if (!derived || direct == 0)
            add_direct(x, first, last, i, kind, seconds * share);
    }
    share_behind_look(x, first, last, seconds * (idle - share * direct), seconds);
}

void looks_add(struct episode *x)
{
    const struct ps_seen_list *l = &x->n->lists[PS_SEEN_WAIT];
    const double wall = (double)(x->n->timeline.end - x->n->timeline.begin) * 1e-9;
    const double seconds = x->n->looks ? wall / (double)x->n->looks : 0;
    size_t last;

    for (size_t i = 0; i <= PS_OBSERVED_THREADS && (double)i < x->d->cores; i++)
        *behind(x->d, i) += (x->d->cores - (double)i) * (double)x->n->by_runnable[i] * seconds;
    for (size_t first = 0; first < l->count; first = last) {
        last = first + 1;
        while (last < l->count && l->seen[last].ordinal == l->seen[first].ordinal)
            last++;
        share_look(x, first, last, seconds * (double)l->step);
    }
}

static void add_behind(struct rows *losses, enum ps_loss_kind kind, const struct row *code,
                       double idle)
{
    struct row *r =
        idle > 0 ? rows_loss(losses, &(struct loss){kind, &code->at, NULL, NULL}, 0) : NULL;

    if (!r)
        return;
    r->idle += idle;
    lines_add(&r->own, &code->own);
    lines_add(&r->calls, &code->calls);
}

/* Cores that wait for the work of others, shared out to where that work was. */
static void share_behind(struct ps_diagnoser *d, bool alone, double idle)
{
    double total = 0;

    for (size_t i = 0; i < d->code.count; i++)
        total += alone ? d->code.rows[i].alone : d->code.rows[i].cpu;
    for (size_t i = 0; total > 0 && i < d->code.count; i++) {
        const struct row *c = &d->code.rows[i];
        const double part = idle * (alone ? c->alone : c->cpu) / total;
        const double region = !alone ? 1 : c->alone > 0 ? c->alone_region / c->alone : 0;

        add_behind(&d->losses, PS_LOSS_SERIAL, c, part * (1 - region));
        add_behind(&d->losses, PS_LOSS_IMBALANCE, c, part * region);
    }
}

void looks_share_rest(struct ps_diagnoser *d)
{
    share_behind(d, true, d->behind_one);
    share_behind(d, false, d->behind_several);
}
