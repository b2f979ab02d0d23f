#include <math.h>

#include "json_write.h"

/* What tells one model from another. */
static json_t *model_key(struct ps_json *w, const struct ps_model *m)
{
    json_t *o = json_object();

    ps_json_set(w, o, "workload", ps_json_text(w, m->workload_label));
    ps_json_set(w, o, "strategy", ps_json_text(w, m->strategy_label));
    ps_json_set(w, o, "placement", ps_json_text(w, m->placement));
    return o;
}

static json_t *left_out(struct ps_json *w, const struct ps_model *m)
{
    json_t *o = json_object(), *threads = json_array();

    for (size_t i = 0; i < m->left_out_count; i++)
        ps_json_append(w, threads, ps_json_whole(m->left_out[i]));
    ps_json_set(w, o, "threads", threads);
    ps_json_set(w, o, "cpus", ps_json_real(m->left_out_cpus));
    return o;
}

static json_t *kinks(struct ps_json *w, const struct ps_model *m)
{
    json_t *list = json_array();

    for (size_t i = 0; i < m->kink_count; i++) {
        json_t *o = json_object();

        ps_json_set(w, o, "threads", ps_json_whole(m->kinks[i].threads));
        ps_json_set(w, o, "kind", ps_json_text(w, ps_kink_kind_name(m->kinks[i].kind)));
        ps_json_set(w, o, "left_out", json_boolean(m->kinks[i].left_out));
        ps_json_append(w, list, o);
    }
    return list;
}

static json_t *interval(struct ps_json *w, struct ps_interval i)
{
    return ps_json_interval(w, i.value, i.low, i.high);
}

static json_t *usl(struct ps_json *w, const struct ps_laws *l)
{
    json_t *o = json_object(), *aicc = json_object(), *residuals = json_array();

    for (unsigned law = PS_LAW_LINEAR; law < PS_LAWS; law++)
        ps_json_set(w, aicc, ps_law_name(law), ps_json_real(l->aicc[law]));
    for (size_t i = 0; i < l->point_count; i++) {
        json_t *row = json_object();

        ps_json_set(w, row, "threads", ps_json_real(l->threads[i]));
        ps_json_set(w, row, "residual", ps_json_real(l->residuals[i]));
        ps_json_append(w, residuals, row);
    }
    ps_json_set(w, o, "status", ps_json_text(w, l->status));
    ps_json_set(w, o, "sigma", interval(w, l->sigma));
    ps_json_set(w, o, "kappa", interval(w, l->kappa));
    ps_json_set(w, o, "gamma", interval(w, l->gamma));
    ps_json_set(w, o, "peak", interval(w, l->peak));
    ps_json_set(w, o, "residual", ps_json_real(l->residual));
    ps_json_set(w, o, "residuals", residuals);
    ps_json_set(w, o, "best", ps_json_text(w, ps_law_name(l->best)));
    ps_json_set(w, o, "aicc", aicc);
    ps_json_set(w, o, "falls_from", ps_json_real(l->falls_from));
    return o;
}

static json_t *efficient(struct ps_json *w, const struct ps_advice *a)
{
    json_t *o = json_object();

    ps_json_set(w, o, "wanted", ps_json_real(a->wanted_efficiency));
    ps_json_set(w, o, "threads", ps_json_real(a->efficient_threads));
    ps_json_set(w, o, "efficiency", interval(w, a->efficiency));
    ps_json_set(w, o, "next_threads", ps_json_real(a->next_threads));
    ps_json_set(w, o, "next_efficiency", ps_json_real(a->next_efficiency));
    return o;
}

static json_t *beyond(struct ps_json *w, const struct ps_advice_beyond *b)
{
    json_t *o = json_object();

    ps_json_set(w, o, "cpus", ps_json_real(b->cpus));
    ps_json_set(w, o, "status", ps_json_text(w, b->status));
    ps_json_set(w, o, "speedup", interval(w, b->speedup));
    ps_json_set(w, o, "law", ps_json_text(w, b->law));
    return o;
}

static json_t *advice(struct ps_json *w, const struct ps_advice *a)
{
    json_t *o = json_object(), *cheapest = json_object(), *list = json_array();

    ps_json_set(w, cheapest, "threads", ps_json_real(a->cheapest_threads));
    ps_json_set(w, cheapest, "core_seconds", ps_json_real(a->core_seconds));
    ps_json_set(w, o, "cheapest", cheapest);
    ps_json_set(w, o, "efficient", efficient(w, a));
    ps_json_set(w, o, "asked", json_boolean(a->asked));
    for (size_t i = 0; i < a->beyond_count; i++)
        ps_json_append(w, list, beyond(w, &a->beyond[i]));
    ps_json_set(w, o, "beyond", list);
    return o;
}

static json_t *amdahl(struct ps_json *w, const struct ps_model *m)
{
    json_t *o = model_key(w, m);

    ps_json_set(w, o, "law", ps_json_text(w, m->weak ? "gustafson" : "amdahl"));
    ps_json_set(w, o, "status", ps_json_text(w, m->status));
    ps_json_set(w, o, "serial_fraction", ps_json_interval(w, m->serial_fraction, m->low, m->high));
    ps_json_set(w, o, "limit", ps_json_real(m->limit));
    ps_json_set(w, o, "residual", ps_json_real(m->residual));
    ps_json_set(w, o, "best_threads", ps_json_real(m->best_threads));
    ps_json_set(w, o, "left_out", left_out(w, m));
    ps_json_set(w, o, "kinks", kinks(w, m));
    if (m->laws.status)
        ps_json_set(w, o, "usl", usl(w, &m->laws));
    if (m->advice.known)
        ps_json_set(w, o, "recommendations", advice(w, &m->advice));
    return o;
}

static json_t *karp_flatt(struct ps_json *w, const struct ps_model *m)
{
    json_t *o = model_key(w, m), *rows = json_array();

    ps_json_set(w, o, "trend", ps_json_text(w, ps_trend_name(m->trend)));
    for (size_t i = 0; i < m->karp_flatt_count; i++) {
        const struct ps_karp_flatt_row *k = &m->karp_flatt[i];
        json_t *row = json_object();

        ps_json_set(w, row, "threads", ps_json_real(k->threads));
        ps_json_set(w, row, "value", ps_json_real(k->value));
        ps_json_set(w, row, "low", ps_json_real(k->low));
        ps_json_set(w, row, "high", ps_json_real(k->high));
        ps_json_append(w, rows, row);
    }
    ps_json_set(w, o, "rows", rows);
    return o;
}

static json_t *smt(struct ps_json *w, const struct ps_smt_model *m)
{
    json_t *o = json_object();

    ps_json_set(w, o, "workload_label", ps_json_text(w, m->workload_label));
    ps_json_set(w, o, "strategy_label", ps_json_text(w, m->strategy_label));
    ps_json_set(w, o, "cores", ps_json_whole(m->cores));
    ps_json_set(w, o, "told", json_boolean(m->assumed));
    ps_json_set(w, o, "copies", json_boolean(m->copies));
    ps_json_set(w, o, "effect", ps_json_interval(w, m->effect, m->low, m->high));
    ps_json_set(w, o, "packed", ps_json_interval(w, m->packed, m->packed_low, m->packed_high));
    ps_json_set(w, o, "verdict", ps_json_text(w, ps_smt_verdict_name(m->verdict)));
    ps_json_set(w, o, "evidence", ps_json_text(w, m->evidence));
    return o;
}

static json_t *from(struct ps_json *w, const struct ps_result_threshold *f)
{
    json_t *o = ps_json_interval(w, f->value, f->low, f->high);

    ps_json_set(w, o, "status", ps_json_text(w, f->status));
    return o;
}

static json_t *grain(struct ps_json *w, const struct ps_grain *g)
{
    json_t *o = json_object();

    ps_json_set(w, o, "workload", ps_json_text(w, g->workload));
    ps_json_set(w, o, "workload_label", ps_json_text(w, g->workload_label));
    ps_json_set(w, o, "strategy", ps_json_text(w, g->strategy_label));
    ps_json_set(w, o, "placement", ps_json_text(w, g->placement));
    if (g->against)
        ps_json_set(w, o, "against", ps_json_text(w, g->against));
    ps_json_set(w, o, "threads", ps_json_whole(g->threads));
    ps_json_set(w, o, "parameter", ps_json_text(w, g->parameter));
    ps_json_set(w, o, "unit", ps_json_text(w, g->unit));
    ps_json_set(w, o, "smallest", ps_json_real(g->smallest));
    ps_json_set(w, o, "largest", ps_json_real(g->largest));
    ps_json_set(w, o, "crossover", from(w, &g->crossover));
    ps_json_set(w, o, "crossover_idle", from(w, &g->crossover_idle));
    ps_json_set(w, o, "metg", from(w, &g->metg));
    return o;
}

json_t *ps_json_models(struct ps_json *w, const struct ps_result *r)
{
    json_t *o = json_object(), *fits = json_array(), *rows = json_array(), *pairs = json_array();
    json_t *grains = json_array();

    for (size_t i = 0; i < r->model_count; i++) {
        ps_json_append(w, fits, amdahl(w, &r->models[i]));
        ps_json_append(w, rows, karp_flatt(w, &r->models[i]));
    }
    for (size_t i = 0; i < r->smt_count; i++)
        ps_json_append(w, pairs, smt(w, &r->smt[i]));
    ps_json_set(w, o, "amdahl", fits);
    ps_json_set(w, o, "karp_flatt", rows);
    for (size_t i = 0; i < r->grain_count; i++)
        ps_json_append(w, grains, grain(w, &r->grains[i]));
    ps_json_set(w, o, "smt", pairs);
    ps_json_set(w, o, "grain", grains);
    return o;
}
