#include "spin_sites.h"

#include "text.h"

#define PART   0.5  /* of the time waited, that the work before it must have taken */
#define SINGLE 0.75 /* of the time of others while one works: then it works alone */

static bool in_body(const struct spin_site *site, const struct place_of *p)
{
    return ps_text_same(site->body, p->body);
}

/* Of a site in the body that p waits in, where that is loaded there: its phase ends at all others.
 */
static void set_phase(const struct spin_sites *s, struct spin_site *site,
                      struct ps_symbols *symbols, const struct place_of *p)
{
    struct ps_frame caller = p->body_frame;
    uint64_t others[PS_PHASE_WAITS];
    size_t count = 0;

    for (size_t i = 0; i < s->count && count + 1 < PS_PHASE_WAITS; i++)
        if (&s->sites[i] != site && in_body(&s->sites[i], p))
            others[count++] = caller.address + s->sites[i].at - p->body_at;
    caller.address += site->at - p->body_at;
    site->known =
        symbols && ps_symbols_phase(symbols, p->space, &caller, others, count, site->phase);
    site->start = p->body_at - (p->body_frame.address - 1 - p->body_frame.start);
}

static struct spin_site *site_of(struct spin_sites *s, struct ps_symbols *symbols,
                                 const struct place_of *p)
{
    size_t i = 0;

    while (i < s->count && (s->sites[i].at != p->body_at || !in_body(&s->sites[i], p)))
        i++;
    if (!p->body || i == SITES_MOST)
        return NULL;
    if (i == s->count) {
        s->sites[s->count++] =
            (struct spin_site){p->body, p->body_at, .behind.arena = s->parts.arena};
        s->sites[i].phase = ps_arena_alloc(s->parts.arena, sizeof *s->sites[i].phase);
        for (size_t k = 0; k < s->count; k++)
            if (in_body(&s->sites[k], p))
                set_phase(s, &s->sites[k], symbols, p);
    }
    return &s->sites[i];
}

static void add(struct waited *to, struct waited x, double part)
{
    to->idle += part * x.idle;
    to->spun += part * x.spun;
}

static double sum(struct waited x)
{
    return x.idle + x.spun;
}

static void add_to_row(struct row *r, struct waited x, double part)
{
    r->idle += part * x.idle;
    r->spun += part * x.spun;
}

bool spin_sites_add(struct spin_sites *s, struct ps_symbols *symbols, const struct place_of *waits,
                    const struct loss *behind, struct waited waited)
{
    struct spin_site *site = site_of(s, symbols, waits);
    struct row *r = site ? rows_loss(&site->behind, behind, sum(waited)) : NULL;

    if (!r)
        return false;
    add_to_row(r, waited, 1);
    add(&site->waited, waited, 1);
    return true;
}

void spin_sites_work(struct spin_sites *s, const struct place_of *at, double weight)
{
    struct row *r =
        at->body ? rows_loss(&s->parts, &(struct loss){.at = at, .part = at->body_at}, weight)
                 : NULL;

    if (r)
        r->cpu += weight;
}

/* Of the waits before it in the same body the last; 0: none. */
static uint64_t before(const struct spin_sites *s, const struct spin_site *site)
{
    uint64_t last = 0;

    for (size_t i = 0; i < s->count; i++)
        if (s->sites[i].at < site->at && s->sites[i].at > last &&
            ps_text_same(s->sites[i].body, site->body))
            last = s->sites[i].at;
    return last;
}

/* Where the code is not known, by addresses, which mostly are in the order of the source. from: of
 * the wait before it. */
static bool lies_in(const struct row *part, const struct spin_site *site, uint64_t from)
{
    if (!ps_text_same(part->at.body, site->body))
        return false;
    return site->known ? ps_phase_has(site->phase, part->part - site->start)
                       : part->part > from && part->part < site->at;
}

static void share_among(const struct spin_sites *s, const struct spin_site *site, double work,
                        enum ps_loss_kind kind, struct rows *losses)
{
    const uint64_t from = before(s, site);

    for (size_t i = 0; i < s->parts.count; i++) {
        const struct row *p = &s->parts.rows[i];
        struct row *r = lies_in(p, site, from)
                            ? rows_loss(losses, &(struct loss){kind, &p->at, NULL, NULL, 0}, 0)
                            : NULL;

        if (!r)
            continue;
        add_to_row(r, site->waited, p->cpu / work);
        lines_add(&r->own, &p->own);
        lines_add(&r->calls, &p->calls);
    }
}

static void share_as_seen(const struct spin_site *site, struct rows *losses)
{
    for (size_t i = 0; i < site->behind.count; i++) {
        const struct row *b = &site->behind.rows[i];
        struct row *r = rows_loss(losses, &(struct loss){b->kind, &b->at, NULL, NULL, 0}, 0);

        if (!r)
            continue;
        add_to_row(r, (struct waited){b->idle, b->spun}, 1);
        lines_add(&r->own, &b->own);
        lines_add(&r->calls, &b->calls);
    }
}

void spin_sites_share(struct spin_sites *s, double others, struct rows *losses)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct spin_site *site = &s->sites[i];
        const uint64_t from = before(s, site);
        const double waited = sum(site->waited);
        double work = 0;

        for (size_t k = 0; k < s->parts.count; k++)
            work += lies_in(&s->parts.rows[k], site, from) ? s->parts.rows[k].cpu : 0;
        if (work * others > PART * waited)
            share_among(s, site, work,
                        waited > SINGLE * others * work ? PS_LOSS_SERIAL : PS_LOSS_IMBALANCE,
                        losses);
        else
            share_as_seen(site, losses);
    }
}
