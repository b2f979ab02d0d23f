/* The parts of a saved document. Internal to this layer. */
#ifndef PS_SAVED_DOCUMENT_H
#define PS_SAVED_DOCUMENT_H

#include "json_read.h"

/* The whole of r->file, bounded, with its samples; r->err as by ps_fail(). */
int ps_read_document(struct ps_reader *r, json_t **document);

/* The parts of the document. */
void ps_read_host(const struct ps_node *n, struct ps_result_host *h);
void ps_read_plan(const struct ps_node *n, struct ps_result_plan *p);
void ps_read_models(const struct ps_node *n, struct ps_result *r);
void ps_read_checks(const struct ps_node *n, struct ps_result *r);
void ps_read_findings(const struct ps_node *n, struct ps_result *r);
void ps_read_point(const struct ps_node *n, struct ps_point *p);

#endif
