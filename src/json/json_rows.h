/* Rows of a result as members of a JSON object: a table of fields, told once for writing and for
 * reading. Internal to this layer. */
#ifndef PS_JSON_ROWS_H
#define PS_JSON_ROWS_H

#include "json_read.h"
#include "json_write.h"

enum ps_field_kind {
    PS_FIELD_REAL,
    PS_FIELD_LATER_REAL, /* NaN in files that were written before there was such a figure */
    PS_FIELD_LATER_BOOL, /* likewise false */
    PS_FIELD_TEXT,
    PS_FIELD_TEXT_OR_NULL,
    PS_FIELD_TEXT_IF_ANY, /* left out where it is NULL */
    PS_FIELD_UNSIGNED,
    PS_FIELD_SIZE,        /* a size_t */
    PS_FIELD_ROW,         /* a struct within the struct, of `row` */
    PS_FIELD_ROWS,        /* a pointer to structs of `size` bytes, of `row`, at most PS_READ_FEW */
    PS_FIELD_ROWS_IF_ANY, /* left out where there are none */
    PS_FIELD_LATER_ROWS,  /* not in files that were written before there were such */
    PS_FIELD_OWN,         /* by its functions */
};

struct ps_field {
    const char *key; /* NULL: behind the last */
    enum ps_field_kind kind;
    size_t at; /* of the member in the struct */
    const struct ps_field *row;
    size_t size, count_at; /* count_at: of the number of rows, a size_t */
    /* member: at `at`. They set and look for the key themselves. read NULL: it is written only. */
    void (*write)(struct ps_json *w, json_t *object, const char *key, const void *member);
    void (*read)(const struct ps_node *object, const char *key, void *member);
};

/* Fields of `struct type`. */
#define PS_FIELD(type, member, kind, key)                   \
    {                                                       \
        key, PS_FIELD_##kind, offsetof(struct type, member) \
    }
#define PS_FIELD_OF(type, member, key, row)                   \
    {                                                         \
        key, PS_FIELD_ROW, offsetof(struct type, member), row \
    }
#define PS_FIELD_LIST(type, member, count, kind, key, row)                    \
    {                                                                         \
        key, PS_FIELD_##kind, offsetof(struct type, member), row,             \
            sizeof *((struct type *)0)->member, offsetof(struct type, count), \
    }
#define PS_FIELD_BY(type, member, key, write, read)                               \
    {                                                                             \
        key, PS_FIELD_OWN, offsetof(struct type, member), NULL, 0, 0, write, read \
    }

/* The members of one struct, in the order of the table. Those that are not read stay as they are.
 */
void ps_json_row(struct ps_json *w, json_t *object, const void *row, const struct ps_field *fields);
void ps_read_row(const struct ps_node *object, void *row, const struct ps_field *fields);

#endif
