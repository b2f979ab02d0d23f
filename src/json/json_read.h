/* Checked reading of an untrusted JSON document. The first error is kept in the reader with the
 * path of the value in the document; after it every call does nothing and returns zero, NaN or
 * NULL. */
#ifndef PS_REPORT_JSON_READ_H
#define PS_REPORT_JSON_READ_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "cut.h"
#include "err.h"
#include "result.h"

#define PS_READ_BYTES  ((size_t)256 << 20) /* of a file */
#define PS_READ_VALUES ((size_t)16 << 20)  /* numbers, or what weighs as much: bounds the tree */
#define PS_READ_TEXT   ((size_t)64 << 10)  /* bytes of a string */
#define PS_READ_ITEMS  100000              /* points, models, checks, findings */
#define PS_READ_CPUS   (1 << 20)           /* CPU numbers and thread counts */
#define PS_READ_FEW    4096                /* parameters, metrics, events of one owner */
#define PS_READ_ROUNDS ((size_t)16 << 20)

struct ps_reader {
    const char *file;
    struct ps_arena *arena;
    struct ps_err *err;
    int rc;
    struct ps_cuts cuts; /* the points' samples, in their order */
    size_t next_cut;
};

/* A value and where it stands. The nodes above must outlive it. */
struct ps_node {
    struct ps_reader *reader;
    const struct ps_node *up; /* NULL: the document */
    const char *key;          /* NULL: an item of an array */
    size_t index;
    json_t *value; /* borrowed; NULL where missing or after an error */
};

/* Notes "FILE: PATH: message" as the error, with -EINVAL. */
void ps_read_fail(const struct ps_node *n, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

bool ps_read_has(const struct ps_node *object, const char *key);
/* A member that must be there; `object` must be an object. */
struct ps_node ps_read_member(const struct ps_node *object, const char *key);
struct ps_node ps_read_item(const struct ps_node *array, size_t index);
/* The number of items of an array, or of members of an object. */
size_t ps_read_count(const struct ps_node *array, size_t most);
size_t ps_read_members(const struct ps_node *object, size_t most);

/* Members of an object. Texts are copied to the arena with control characters spelt out. */
const char *ps_read_text(const struct ps_node *object, const char *key);
const char *ps_read_text_or_null(const struct ps_node *object, const char *key);
double ps_read_number(const struct ps_node *object, const char *key); /* null: NaN */
double ps_read_number_here(const struct ps_node *n);
uint64_t ps_read_whole(const struct ps_node *object, const char *key, uint64_t low, uint64_t high);
int64_t ps_read_integer_here(const struct ps_node *n, int64_t low, int64_t high);
bool ps_read_bool(const struct ps_node *object, const char *key);
double *ps_read_numbers(const struct ps_node *object, const char *key, size_t most, size_t *count);
const char **ps_read_texts(const struct ps_node *object, const char *key, size_t most,
                           size_t *count);
enum ps_quality ps_read_quality(const struct ps_node *object);
/* Notes that the text of a member is not a known `what`. */
void ps_read_unknown(const struct ps_node *object, const char *key, const char *what,
                     const char *text);
/* Defines a function that reads an enum, of which NAME_parse() knows the names. */
#define PS_ENUM_READER(function, name, key, what)     \
    enum name function(const struct ps_node *object)  \
    {                                                 \
        const char *text = ps_read_text(object, key); \
        enum name value = (enum name)0;               \
                                                      \
        if (text && name##_parse(text, &value) < 0)   \
            ps_read_unknown(object, key, what, text); \
        return value;                                 \
    }
/* One of `count` known texts; `what` names them in the error: "known end". */
const char *ps_read_known(const struct ps_node *object, const char *key, const char *what,
                          const char *const *known, size_t count);
/* A copy of a name that the file chose, such as a key. */
const char *ps_read_name(const struct ps_node *n, const char *name);

#endif
