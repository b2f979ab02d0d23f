#include "json_rows.h"

#include <math.h>
#include <string.h>

static json_t *nested(struct ps_json *w, const void *row, const struct ps_field *fields)
{
    json_t *o = json_object();

    ps_json_row(w, o, row, fields);
    return o;
}

static void set_text(struct ps_json *w, json_t *object, const struct ps_field *f, const char *text)
{
    if (text || f->kind != PS_FIELD_TEXT_IF_ANY)
        ps_json_set(w, object, f->key, ps_json_text(w, text));
}

static json_t *list_of(struct ps_json *w, const struct ps_field *f, const void *rows, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++)
        ps_json_append(w, array, nested(w, (const char *)rows + i * f->size, f->row));
    return array;
}

static void set_rows(struct ps_json *w, json_t *object, const struct ps_field *f, const char *row)
{
    size_t count = *(const size_t *)(row + f->count_at);
    const void *rows;

    memcpy(&rows, row + f->at, sizeof rows);
    if (count || f->kind != PS_FIELD_ROWS_IF_ANY)
        ps_json_set(w, object, f->key, list_of(w, f, rows, count));
}

static void set_field(struct ps_json *w, json_t *object, const struct ps_field *f, const char *row)
{
    const void *at = row + f->at;

    switch (f->kind) {
    case PS_FIELD_REAL:
    case PS_FIELD_LATER_REAL:
        ps_json_set(w, object, f->key, ps_json_real(*(const double *)at));
        break;
    case PS_FIELD_LATER_BOOL:
        ps_json_set(w, object, f->key, json_boolean(*(const bool *)at));
        break;
    case PS_FIELD_TEXT:
    case PS_FIELD_TEXT_OR_NULL:
    case PS_FIELD_TEXT_IF_ANY:
        set_text(w, object, f, *(const char *const *)at);
        break;
    case PS_FIELD_UNSIGNED:
        ps_json_set(w, object, f->key, ps_json_whole(*(const unsigned *)at));
        break;
    case PS_FIELD_SIZE:
        ps_json_set(w, object, f->key, ps_json_whole(*(const size_t *)at));
        break;
    case PS_FIELD_ROW:
        ps_json_set(w, object, f->key, nested(w, at, f->row));
        break;
    case PS_FIELD_ROWS:
    case PS_FIELD_ROWS_IF_ANY:
    case PS_FIELD_LATER_ROWS:
        set_rows(w, object, f, row);
        break;
    case PS_FIELD_OWN:
        f->write(w, object, f->key, at);
        break;
    }
}

void ps_json_row(struct ps_json *w, json_t *object, const void *row, const struct ps_field *fields)
{
    for (const struct ps_field *f = fields; f->key; f++)
        set_field(w, object, f, row);
}

static double read_later(const struct ps_node *object, const char *key)
{
    return ps_read_has(object, key) ? ps_read_number(object, key) : NAN;
}

static const char *read_text(const struct ps_node *object, const struct ps_field *f)
{
    if (f->kind == PS_FIELD_TEXT_OR_NULL)
        return ps_read_text_or_null(object, f->key);
    if (f->kind == PS_FIELD_TEXT_IF_ANY && !ps_read_has(object, f->key))
        return NULL;
    return ps_read_text(object, f->key);
}

static void read_nested(const struct ps_node *object, const struct ps_field *f, void *at)
{
    const struct ps_node n = ps_read_member(object, f->key);

    ps_read_row(&n, at, f->row);
}

static void *read_list(const struct ps_node *list, const struct ps_field *f, size_t *count)
{
    char *rows;

    *count = ps_read_count(list, PS_READ_FEW);
    rows = ps_arena_array(list->reader->arena, *count, f->size);
    for (size_t i = 0; i < *count && !list->reader->rc; i++) {
        const struct ps_node n = ps_read_item(list, i);

        ps_read_row(&n, rows + i * f->size, f->row);
    }
    return rows;
}

static void read_rows(const struct ps_node *object, const struct ps_field *f, char *row)
{
    struct ps_node list;
    void *rows;

    if (f->kind != PS_FIELD_ROWS && !ps_read_has(object, f->key))
        return;
    list = ps_read_member(object, f->key);
    rows = read_list(&list, f, (size_t *)(row + f->count_at));
    memcpy(row + f->at, &rows, sizeof rows);
}

static void read_field(const struct ps_node *object, const struct ps_field *f, char *row)
{
    void *at = row + f->at;

    switch (f->kind) {
    case PS_FIELD_REAL:
        *(double *)at = ps_read_number(object, f->key);
        break;
    case PS_FIELD_LATER_REAL:
        *(double *)at = read_later(object, f->key);
        break;
    case PS_FIELD_LATER_BOOL:
        *(bool *)at = ps_read_has(object, f->key) && ps_read_bool(object, f->key);
        break;
    case PS_FIELD_TEXT:
    case PS_FIELD_TEXT_OR_NULL:
    case PS_FIELD_TEXT_IF_ANY:
        *(const char **)at = read_text(object, f);
        break;
    case PS_FIELD_UNSIGNED:
        *(unsigned *)at = (unsigned)ps_read_whole(object, f->key, 0, UINT32_MAX);
        break;
    case PS_FIELD_SIZE:
        *(size_t *)at = ps_read_whole(object, f->key, 0, INT64_MAX);
        break;
    case PS_FIELD_ROW:
        read_nested(object, f, at);
        break;
    case PS_FIELD_ROWS:
    case PS_FIELD_ROWS_IF_ANY:
    case PS_FIELD_LATER_ROWS:
        read_rows(object, f, row);
        break;
    case PS_FIELD_OWN:
        if (f->read)
            f->read(object, f->key, at);
        break;
    }
}

void ps_read_row(const struct ps_node *object, void *row, const struct ps_field *fields)
{
    for (const struct ps_field *f = fields; f->key && !object->reader->rc; f++)
        read_field(object, f, row);
}
