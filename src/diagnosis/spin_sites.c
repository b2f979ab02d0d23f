#include "spin_sites.h"

#include "text.h"

#define PART   0.5  /* of the time spun, that the work before it must have taken */
#define SINGLE 0.75 /* of the time of others while one works: then it works alone */

static struct spin_site *site_of(struct spin_sites *s, const struct place_of *p, struct ps_arena *a)
{
    size_t i = 0;

    while (i < s->count &&
           (s->sites[i].at != p->body_at || !ps_text_same(s->sites[i].body, p->body)))
        i++;
    if (!p->body || i == SITES_MOST)
        return NULL;
    if (i == s->count)
        s->sites[s->count++] = (struct spin_site){p->body, p->body_at, .behind.arena = a};
    return &s->sites[i];
}

static bool add(struct rows *rows, const struct loss *loss, double weight)
{
    struct row *r = rows_loss(rows, loss, weight);

    if (r)
        r->spun += weight;
    return r;
}

bool spin_sites_add(struct spin_sites *s, const struct place_of *spinning,
                    const struct loss *behind, double weight, struct ps_arena *a)
{
    struct spin_site *site = site_of(s, spinning, a);

    if (!site || !add(&site->behind, behind, weight))
        return false;
    site->spun += weight;
    return true;
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

static bool lies_in(const struct row *code, const struct spin_site *site, uint64_t from)
{
    return code->body && !code->bodies && ps_text_same(code->body, site->body) &&
           code->body_first > from && code->body_last < site->at;
}

static void share_among(const struct spin_site *site, uint64_t from, const struct rows *code,
                        double work, enum ps_loss_kind kind, struct rows *losses)
{
    for (size_t i = 0; i < code->count; i++) {
        const struct row *c = &code->rows[i];
        struct row *r = lies_in(c, site, from)
                            ? rows_loss(losses, &(struct loss){kind, &c->at, NULL, NULL}, 0)
                            : NULL;

        if (!r)
            continue;
        r->spun += site->spun * c->cpu / work;
        lines_add(&r->own, &c->own);
        lines_add(&r->calls, &c->calls);
    }
}

static void share_as_seen(const struct spin_site *site, struct rows *losses)
{
    for (size_t i = 0; i < site->behind.count; i++) {
        const struct row *b = &site->behind.rows[i];
        struct row *r = rows_loss(losses, &(struct loss){b->kind, &b->at, NULL, NULL}, 0);

        if (!r)
            continue;
        r->spun += b->spun;
        lines_add(&r->own, &b->own);
        lines_add(&r->calls, &b->calls);
    }
}

void spin_sites_share(struct spin_sites *s, const struct rows *code, double others,
                      struct rows *losses)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct spin_site *site = &s->sites[i];
        const uint64_t from = before(s, site);
        double work = 0;

        for (size_t k = 0; k < code->count; k++)
            work += lies_in(&code->rows[k], site, from) ? code->rows[k].cpu : 0;
        if (work * others > PART * site->spun)
            share_among(site, from, code, work,
                        site->spun > SINGLE * others * work ? PS_LOSS_SERIAL : PS_LOSS_IMBALANCE,
                        losses);
        else
            share_as_seen(site, losses);
    }
}
