/* json/: results as JSON. Comes in: a const result. Goes out: a document that
 * docs/result.schema.json describes. What reads such a document back (saved/) uses the same tables
 * of fields (json_rows.h) and the checked access to a tree (json_read.h). */
#ifndef PS_JSON_H
#define PS_JSON_H

#include "format.h"

extern const struct ps_format ps_format_json;

#endif
