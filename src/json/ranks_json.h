/* What `parscope merge` writes as JSON; docs/ranks.schema.json describes it. Adds to `out`;
 * -ENOMEM. */
#ifndef PS_RANKS_JSON_H
#define PS_RANKS_JSON_H

#include "err.h"
#include "json_write.h"
#include "rank_sweep_result.h"
#include "ranks_result.h"
#include "str.h"

/* use: of each kind of call. */
json_t *ps_json_mpi_uses(struct ps_json *w, const struct ps_mpi_use *use);
int ps_ranks_json(const struct ps_ranks *r, struct ps_str *out, struct ps_err *e);
int ps_rank_sweep_json(const struct ps_rank_sweep *s, struct ps_str *out, struct ps_err *e);

#endif
