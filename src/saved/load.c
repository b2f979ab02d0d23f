#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "document.h"
#include "saved.h"
#include "text.h"

static int read_all(int fd, struct ps_str *out)
{
    char block[65536];

    for (;;) {
        ssize_t got = read(fd, block, sizeof block);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : 0;
        if (out->length + (size_t)got > PS_READ_BYTES)
            return -EFBIG;
        ps_str_addn(out, block, (size_t)got);
        if (out->failed)
            return -ENOMEM;
    }
}

static int read_file(const char *path, struct ps_str *out, struct ps_err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int err = fd < 0 ? -errno : read_all(fd, out);

    if (fd >= 0)
        close(fd);
    if (err == -EFBIG)
        return ps_fail(e, EFBIG, "%s: larger than %zu MiB", path, PS_READ_BYTES >> 20);
    if (err)
        return ps_fail(e, -err, "can't read '%s': %s", path, strerror(-err));
    return 0;
}

/* An upper bound of what the parsed tree weighs, in numbers: an object takes about as much memory
 * as eight of them, an array as three. */
static size_t weigh(const struct ps_str *text)
{
    size_t weight = 1;

    for (size_t i = 0; i < text->length; i++) {
        char c = text->text[i];

        weight += c == '{' ? 8 : c == '[' ? 3 : c == ',';
    }
    return weight;
}

static int parse_text(struct ps_reader *r, struct ps_str *text, json_t **document)
{
    json_error_t error;

    if (r->cuts.values > PS_READ_VALUES || weigh(text) > PS_READ_VALUES)
        return ps_fail(r->err, EFBIG, "%s: holds too many values", r->file);
    *document = json_loadb(ps_str_text(text), text->length, JSON_REJECT_DUPLICATES, &error);
    if (*document)
        return 0;
    if (json_error_code(&error) == json_error_out_of_memory)
        return ps_fail(r->err, ENOMEM, "%s: out of memory", r->file);
    return ps_fail(r->err, EINVAL, "%s: line %d, column %d: %s", r->file, error.line, error.column,
                   ps_text_clean(r->arena, error.text));
}

/* The text loses its samples. */
static int parse(struct ps_reader *r, struct ps_str *text, json_t **document)
{
    ps_cut_samples(text, r->arena, &r->cuts);
    return parse_text(r, text, document);
}

int ps_read_document(struct ps_reader *r, json_t **document)
{
    struct ps_str text = PS_STR_INIT;
    int err = read_file(r->file, &text, r->err);

    if (!err)
        err = parse_text(r, &text, document);
    ps_str_finish(&text);
    return err;
}

static void check_schema(const struct ps_node *document)
{
    struct ps_node n = ps_read_member(document, "schema");
    const char *schema = ps_read_text(document, "schema");

    if (schema && strcmp(schema, PS_RESULT_SCHEMA))
        ps_read_fail(&n, "'%.64s' is not known; this version reads '%s'", schema, PS_RESULT_SCHEMA);
}

static void read_points(const struct ps_node *document, struct ps_result *r)
{
    struct ps_node list = ps_read_member(document, "points");
    size_t count = ps_read_count(&list, PS_READ_ITEMS);

    r->points = ps_arena_array(r->arena, count, sizeof *r->points);
    r->point_count = count;
    for (size_t i = 0; i < count && !list.reader->rc; i++) {
        struct ps_node n = ps_read_item(&list, i);

        ps_read_point(&n, &r->points[i]);
    }
    if (!list.reader->rc)
        ps_result_link(r);
}

static void read_result(const struct ps_node *document, struct ps_result *r)
{
    struct ps_node host, plan, models, checks, findings;

    check_schema(document);
    r->version = ps_read_text(document, "version");
    r->started = ps_read_text(document, "started");
    r->elapsed = ps_read_number(document, "elapsed");
    host = ps_read_member(document, "host");
    ps_read_host(&host, &r->host);
    plan = ps_read_member(document, "plan");
    ps_read_plan(&plan, &r->plan);
    read_points(document, r);
    models = ps_read_member(document, "models");
    ps_read_models(&models, r);
    if (ps_read_has(document, "checks")) {
        checks = ps_read_member(document, "checks");
        ps_read_checks(&checks, r);
    }
    findings = ps_read_member(document, "findings");
    ps_read_findings(&findings, r);
}

int ps_result_load(const char *path, struct ps_arena *a, struct ps_result **r, struct ps_err *e)
{
    struct ps_reader reader = {path, a, e};
    struct ps_str text = PS_STR_INIT;
    struct ps_result *result;
    json_t *document = NULL;
    int err = read_file(path, &text, e);

    if (!err)
        err = parse(&reader, &text, &document);
    ps_str_finish(&text);
    if (err)
        return err;
    result = ps_arena_alloc(a, sizeof *result);
    result->arena = a;
    read_result(&(struct ps_node){&reader, NULL, NULL, 0, document}, result);
    json_decref(document);
    if (!reader.rc)
        *r = result;
    return reader.rc;
}
