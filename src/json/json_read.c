#include "json_read.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "str.h"
#include "text.h"

static void add_path(struct ps_str *s, const struct ps_node *n)
{
    if (!n->up)
        return;
    add_path(s, n->up);
    if (n->key)
        ps_str_addf(s, "%s%s", s->length ? "." : "", n->key);
    else
        ps_str_addf(s, "[%zu]", n->index);
}

void ps_read_fail(const struct ps_node *n, const char *format, ...)
{
    struct ps_reader *r = n->reader;
    struct ps_str path = PS_STR_INIT;
    const char *message;
    va_list args;

    if (r->rc)
        return;
    va_start(args, format);
    message = ps_arena_vformat(r->arena, format, args);
    va_end(args);
    add_path(&path, n);
    r->rc =
        ps_fail(r->err, EINVAL, "%s: %s%s%s", r->file, ps_text_clean(r->arena, ps_str_text(&path)),
                path.length ? ": " : "", ps_text_clean(r->arena, message));
    ps_str_finish(&path);
}

bool ps_read_has(const struct ps_node *object, const char *key)
{
    return !object->reader->rc && json_object_get(object->value, key);
}

struct ps_node ps_read_member(const struct ps_node *object, const char *key)
{
    struct ps_node n = {object->reader, object, key, 0, NULL};

    if (n.reader->rc)
        return n;
    if (!json_is_object(object->value)) {
        ps_read_fail(object, "expected an object");
        return n;
    }
    n.value = json_object_get(object->value, key);
    if (!n.value)
        ps_read_fail(&n, "missing");
    return n;
}

struct ps_node ps_read_item(const struct ps_node *array, size_t index)
{
    struct ps_node n = {array->reader, array, NULL, index, NULL};

    if (!n.reader->rc)
        n.value = json_array_get(array->value, index);
    return n;
}

static size_t bounded(const struct ps_node *n, size_t count, size_t most)
{
    if (count <= most)
        return count;
    ps_read_fail(n, "%zu entries are too many (at most %zu)", count, most);
    return 0;
}

size_t ps_read_count(const struct ps_node *array, size_t most)
{
    if (array->reader->rc)
        return 0;
    if (!json_is_array(array->value))
        ps_read_fail(array, "expected an array");
    return bounded(array, json_array_size(array->value), most);
}

size_t ps_read_members(const struct ps_node *object, size_t most)
{
    if (object->reader->rc)
        return 0;
    if (!json_is_object(object->value))
        ps_read_fail(object, "expected an object");
    return bounded(object, json_object_size(object->value), most);
}

const char *ps_read_name(const struct ps_node *n, const char *name)
{
    const char *clean;

    if (strlen(name) > PS_READ_TEXT) {
        ps_read_fail(n, "text of more than %zu bytes", PS_READ_TEXT);
        return NULL;
    }
    clean = ps_text_clean(n->reader->arena, name);
    return clean == name ? ps_arena_copy(n->reader->arena, name) : clean;
}

static const char *text_here(const struct ps_node *n)
{
    if (n->reader->rc)
        return NULL;
    if (json_is_string(n->value))
        return ps_read_name(n, json_string_value(n->value));
    ps_read_fail(n, "expected text");
    return NULL;
}

const char *ps_read_text(const struct ps_node *object, const char *key)
{
    struct ps_node n = ps_read_member(object, key);

    return text_here(&n);
}

const char *ps_read_text_or_null(const struct ps_node *object, const char *key)
{
    struct ps_node n = ps_read_member(object, key);

    return json_is_null(n.value) ? NULL : text_here(&n);
}

double ps_read_number_here(const struct ps_node *n)
{
    if (n->reader->rc || json_is_null(n->value))
        return NAN;
    if (!json_is_number(n->value)) {
        ps_read_fail(n, "expected a number or null");
        return NAN;
    }
    return json_number_value(n->value);
}

double ps_read_number(const struct ps_node *object, const char *key)
{
    struct ps_node n = ps_read_member(object, key);

    return ps_read_number_here(&n);
}

int64_t ps_read_integer_here(const struct ps_node *n, int64_t low, int64_t high)
{
    int64_t value;

    if (n->reader->rc)
        return 0;
    if (!json_is_integer(n->value)) {
        ps_read_fail(n, "expected a whole number");
        return 0;
    }
    value = json_integer_value(n->value);
    if (value >= low && value <= high)
        return value;
    ps_read_fail(n, "%" PRId64 " is not within %" PRId64 " to %" PRId64, value, low, high);
    return 0;
}

uint64_t ps_read_whole(const struct ps_node *object, const char *key, uint64_t low, uint64_t high)
{
    struct ps_node n = ps_read_member(object, key);

    return (uint64_t)ps_read_integer_here(&n, (int64_t)low, (int64_t)high);
}

bool ps_read_bool(const struct ps_node *object, const char *key)
{
    struct ps_node n = ps_read_member(object, key);

    if (!n.reader->rc && !json_is_boolean(n.value))
        ps_read_fail(&n, "expected true or false");
    return json_is_true(n.value);
}

double *ps_read_numbers(const struct ps_node *object, const char *key, size_t most, size_t *count)
{
    struct ps_node n = ps_read_member(object, key);
    size_t total = ps_read_count(&n, most);
    double *values = ps_arena_array(n.reader->arena, total, sizeof *values);

    for (size_t i = 0; i < total; i++) {
        struct ps_node item = ps_read_item(&n, i);

        values[i] = ps_read_number_here(&item);
    }
    *count = total;
    return values;
}

const char **ps_read_texts(const struct ps_node *object, const char *key, size_t most,
                           size_t *count)
{
    struct ps_node n = ps_read_member(object, key);
    size_t total = ps_read_count(&n, most);
    const char **texts = ps_arena_array(n.reader->arena, total, sizeof *texts);

    for (size_t i = 0; i < total; i++) {
        struct ps_node item = ps_read_item(&n, i);

        texts[i] = text_here(&item);
    }
    *count = total;
    return texts;
}

const char *ps_read_known(const struct ps_node *object, const char *key, const char *what,
                          const char *const *known, size_t count)
{
    struct ps_node n = ps_read_member(object, key);
    const char *text = text_here(&n);

    for (size_t i = 0; text && i < count; i++)
        if (!strcmp(text, known[i]))
            return text;
    if (text)
        ps_read_fail(&n, "'%.64s' is not a %s", text, what);
    return text;
}

void ps_read_unknown(const struct ps_node *object, const char *key, const char *what,
                     const char *text)
{
    struct ps_node n = ps_read_member(object, key);

    ps_read_fail(&n, "'%.64s' is not a known %s", text, what);
}

PS_ENUM_READER(ps_read_quality, ps_quality, "quality", "quality")
