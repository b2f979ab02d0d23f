/* JSON values of a result. All functions note a failure (of memory) in the writer and go on, so
 * that only the end needs a check. */
#ifndef PS_REPORT_JSON_WRITE_H
#define PS_REPORT_JSON_WRITE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "result.h"
#include "str.h"

struct ps_json {
    struct ps_arena *scratch;
    bool failed;
};

/* Takes the value, which may be NULL after a failure. */
void ps_json_set(struct ps_json *w, json_t *object, const char *key, json_t *value);
void ps_json_append(struct ps_json *w, json_t *array, json_t *value);

json_t *ps_json_text(struct ps_json *w, const char *text); /* NULL: null */
json_t *ps_json_real(double value);                        /* NaN, infinity: null */
json_t *ps_json_whole(uint64_t value);                     /* at most INT64_MAX */
json_t *ps_json_reals(struct ps_json *w, const double *values, size_t count); /* NULL: nulls */
json_t *ps_json_texts(struct ps_json *w, const char *const *texts, size_t count);
json_t *ps_json_interval(struct ps_json *w, double value, double low, double high);

json_t *ps_json_host(struct ps_json *w, const struct ps_result_host *h);
json_t *ps_json_plan(struct ps_json *w, const struct ps_result_plan *p);
json_t *ps_json_models(struct ps_json *w, const struct ps_result *r);
/* Adds the text of a value, and takes it. */
void ps_json_dump(struct ps_json *w, json_t *value, struct ps_str *out);
/* Without its samples, whose text the other one adds: they are too many for a tree. */
json_t *ps_json_point(struct ps_json *w, const struct ps_point *p);
void ps_json_samples(struct ps_json *w, const struct ps_point *p, struct ps_str *out);
json_t *ps_json_check(struct ps_json *w, const struct ps_check *c);
json_t *ps_json_finding(struct ps_json *w, const struct ps_finding *f);

#endif
