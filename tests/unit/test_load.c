#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exchange.h"
#include "saved.h"
#include "sample.h"

struct fixture {
    struct ps_arena arena;
    struct ps_result *r, *loaded;
    struct ps_str json;
    struct ps_err err;
    char path[32];
};

static void render(const struct ps_result *r, const char *name, struct ps_str *out)
{
    ps_str_clear(out);
    assert_int_equal(ps_format_find(name)->render(r, NULL, out, NULL), 0);
}

/* Both give the same text, or, as where there is nothing to draw, the same error. */
static void render_alike(const struct ps_format *f, const struct ps_result *a,
                         const struct ps_result *b)
{
    struct ps_str before = PS_STR_INIT, after = PS_STR_INIT;

    if (f->missing)
        return;
    assert_int_equal(f->render(a, NULL, &before, NULL), f->render(b, NULL, &after, NULL));
    assert_string_equal(ps_str_text(&before), ps_str_text(&after));
    ps_str_finish(&before);
    ps_str_finish(&after);
}

static int setup(void **state)
{
    static struct fixture f;
    int fd;

    f = (struct fixture){.path = "/tmp/ps_load_XXXXXX"};
    fd = mkstemp(f.path);
    if (fd < 0)
        return -1;
    close(fd);
    ps_arena_init(&f.arena, sample_oom);
    f.r = sample_result(&f.arena);
    render(f.r, "json", &f.json);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    unlink(f->path);
    ps_str_finish(&f->json);
    ps_arena_finish(&f->arena);
    return 0;
}

static int load_bytes(struct fixture *f, const char *data, size_t size)
{
    FILE *file = fopen(f->path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    f->err.text[0] = 0;
    f->loaded = NULL;
    return ps_result_load(f->path, &f->arena, &f->loaded, &f->err);
}

static void assert_error(struct fixture *f, const char *part)
{
    if (!strstr(f->err.text, part))
        fail_msg("no '%s' in '%s'", part, f->err.text);
    assert_null(f->loaded);
}

/* Those that tell of checks or of one metric alone are short. */
static size_t least_length(const struct ps_format *f)
{
    static const char *const parts[] = {"junit", "github", "benchmark", "bmf"};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!strcmp(f->name, parts[i]))
            return 100;
    return 1000;
}

static void all_formats_survive_the_round_trip(void **state)
{
    struct fixture *f = *state;
    struct ps_str before = PS_STR_INIT, after = PS_STR_INIT;

    assert_int_equal(load_bytes(f, f->json.text, f->json.length), 0);
    for (const struct ps_format *const *format = ps_formats; *format; format++) {
        if ((*format)->missing)
            continue;
        render(f->r, (*format)->name, &before);
        render(f->loaded, (*format)->name, &after);
        assert_true(before.length > least_length(*format));
        assert_string_equal(ps_str_text(&before), ps_str_text(&after));
    }
    ps_str_finish(&before);
    ps_str_finish(&after);
}

static void every_sample_survives_the_round_trip(void **state)
{
    struct fixture *f = *state;
    struct ps_str before = PS_STR_INIT;

    for (const struct sample *s = sample_variants; s->name; s++) {
        struct ps_result *r = s->make(&f->arena);

        render(r, "json", &before);
        assert_int_equal(load_bytes(f, before.text, before.length), 0);
        for (const struct ps_format *const *format = ps_formats; *format; format++)
            render_alike(*format, r, f->loaded);
    }
    ps_str_finish(&before);
}

static void infinities_and_bad_text_survive_too(void **state)
{
    struct fixture *f = *state;
    struct ps_str before = PS_STR_INIT;

    f->r->models[0].limit = INFINITY;
    f->r->smt[0].packed = INFINITY;
    f->r->grains[0].largest = INFINITY;
    f->r->grains[0].strategy_label = f->r->grains[0].parameter = "\033[2J\xff";
    f->r->grains[1].metg.status = f->r->grains[1].workload = "\033[2J\xff";
    f->r->smt[0].evidence = f->r->checks[0].text = f->r->findings[0].text = "\033[2J\xff";
    for (const struct ps_format *const *format = ps_formats; *format; format++) {
        render(f->r, "json", &before);
        assert_int_equal(load_bytes(f, before.text, before.length), 0);
        render_alike(*format, f->r, f->loaded);
    }
    ps_str_finish(&before);
}

static void values_are_read_exactly(void **state)
{
    struct fixture *f = *state;
    const struct ps_point *p;

    assert_int_equal(load_bytes(f, f->json.text, f->json.length), 0);
    assert_true(f->loaded->plan.seed == UINT64_MAX);
    assert_int_equal(f->loaded->point_count, f->r->point_count);
    p = &f->loaded->points[2];
    assert_int_equal(p->threads, 2);
    assert_int_equal(p->cpus[1], 1);
    assert_true(ps_point_value(p, "wall_time") == 4.1e-3);
    /* Samples have the digits of what measures them. */
    assert_true(fabs(ps_point_metric(p, "wall_time")->samples[0] /
                         ps_point_metric(&f->r->points[2], "wall_time")->samples[0] -
                     1) < 5e-11);
    assert_true(isnan(ps_point_metric(p, "wall_time")->samples[p->rounds - 1]));
    assert_null(ps_point_metric(p, "cycles")->samples);
    assert_int_equal(ps_point_metric(p, "cycles")->quality, PS_UNAVAILABLE);
    assert_null(f->loaded->host.governor);
    assert_string_equal(p->load.status, PS_LOAD_CLEAN_ROUNDS);
    assert_true(p->load.shares[0] == 0.3 && isnan(p->load.shares[p->rounds - 1]));
    assert_null(f->loaded->points[1].load.status);
}

/* In the text of the sample one piece is replaced by another, wherever it stands first. */
static int load_edited(struct fixture *f, const char *from, const char *to)
{
    const char *text = ps_str_text(&f->json), *at = strstr(text, from);
    struct ps_str edited = PS_STR_INIT;
    int rc;

    assert_non_null(at);
    ps_str_addn(&edited, text, (size_t)(at - text));
    ps_str_addf(&edited, "%s%s", to, at + strlen(from));
    rc = load_bytes(f, edited.text, edited.length);
    ps_str_finish(&edited);
    return rc;
}

/* Samples are taken out of the text before it is parsed; what can't be is parsed with the rest. */
static void samples_are_read_in_any_form(void **state)
{
    static const char begin[] = "\"samples\": {\"wall_time\": [";
    static const struct {
        const char *to;
        double first;
    } forms[] = {
        {"\"samples\": {\"wall_time\": [", 4.1e-3},
        {"\"samples\"\n:\t{ \n\"wall_time\" : [ ", 4.1e-3},
        {"\"samples\": {\"wall\\u005ftime\": [", 4.1e-3},
    };

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const double *samples;

        assert_int_equal(load_edited(((struct fixture *)*state), begin, forms[i].to), 0);
        samples =
            ps_point_metric(&((struct fixture *)*state)->loaded->points[0], "wall_time")->samples;
        assert_non_null(samples);
        assert_true(samples[0] > 0 && isfinite(samples[0]));
    }
}

/* None of it is taken for what was cut, and what is no JSON stays none. */
static void strange_samples_are_refused(void **state)
{
    static const char begin[] = "\"samples\": {\"wall_time\": [";
    static const char *const forms[] = {
        "\"samples\": {\"cut\": 0}, \"x\": {\"wall_time\": [",
        "\"samples\": {\"cut\": 1}, \"x\": {\"wall_time\": [",
        "\"samples\": {\"wall_time\": [], \"wall_time\": [",
        "\"samples\": {\"wall_time\": [01, ",
        "\"samples\": {\"wall_time\": [1., ",
        "\"samples\": {\"wall_time\": [+1, ",
        "\"samples\": {\"wall_time\": [NaN, ",
        "\"samples\": {\"wall_time\": [,",
        "\"samples\": {\"wall_time\": [1e999, ",
        "\"samples\": {\"wall_time\": [[1], ",
        "\"samples\": {\"wall_time\": 1, \"speedup\": [",
        "\"samples\": 1, \"x\": {\"wall_time\": [",
        "\"samples\": {\"wall_time\": [1, ",
    };

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        assert_true(load_edited(((struct fixture *)*state), begin, forms[i]) < 0);
}

/* The value that "points[3].threads" stands for; *key is the last step's name, NULL for an index.
 */
static json_t *parent_of(json_t *at, const char *path, char *key, size_t *index)
{
    for (;;) {
        size_t length = strcspn(path, ".[");
        bool item = *path == '[';

        if (item)
            length = strcspn(path, "]") + 1;
        *index = item ? strtoul(path + 1, NULL, 10) : 0;
        snprintf(key, 64, "%.*s", item ? 0 : (int)length, path);
        path += length;
        path += *path == '.';
        if (!*path)
            return at;
        at = item ? json_array_get(at, *index) : json_object_get(at, key);
        assert_non_null(at);
    }
}

/* Loads the sample with one value replaced (taken), or removed where it is NULL. */
static int load_changed(struct fixture *f, const char *path, json_t *value)
{
    json_t *document = json_loadb(f->json.text, f->json.length, 0, NULL), *parent;
    char key[64], *text;
    size_t index;
    int rc;

    assert_non_null(document);
    parent = parent_of(document, path, key, &index);
    if (!value)
        rc = json_object_del(parent, key);
    else if (*key)
        rc = json_object_set_new(parent, key, value);
    else
        rc = json_array_set_new(parent, index, value);
    assert_int_equal(rc, 0);
    text = json_dumps(document, JSON_REAL_PRECISION(17));
    assert_non_null(text);
    rc = load_bytes(f, text, strlen(text));
    free(text);
    json_decref(document);
    return rc;
}

static json_t *list(size_t count, json_t *item)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append(array, item);
    json_decref(item);
    return array;
}

static json_t *long_text(size_t length)
{
    char *text = malloc(length + 1);
    json_t *value;

    assert_non_null(text);
    memset(text, 'x', length);
    text[length] = 0;
    value = json_string(text);
    free(text);
    return value;
}

static void wrong_values_are_named(void **state)
{
    const struct {
        const char *path;
        json_t *value;
        const char *error;
    } cases[] = {
        {"schema", json_string("parscope-result/2"),
         ": schema: 'parscope-result/2' is not known; this version reads 'parscope-result/1'"},
        {"schema", NULL, ": schema: missing"},
        {"elapsed", json_string("1"), ": elapsed: expected a number or null"},
        {"host", json_array(), ": host: expected an object"},
        {"host.cpus", json_integer(-1), ": host.cpus: -1 is not within 0 to"},
        {"host.cpu_busy.during", list(2, json_real(0.5)),
         ": host.cpu_busy: 'before' and 'during' have different lengths"},
        {"host.counters[1].quality", json_string("good"),
         ": host.counters[1].quality: 'good' is not a known quality"},
        {"plan.seed", json_string("18446744073709551616"), ": plan.seed: expected a whole number"},
        {"plan.seed", json_string("-1"), ": plan.seed: expected a whole number"},
        {"plan.seed", json_string(""), ": plan.seed: expected a whole number"},
        {"plan.ended_by", json_string("magic"), ": plan.ended_by: 'magic' is not a known end"},
        {"plan.arguments[0]", json_null(), ": plan.arguments[0]: expected text"},
        {"points", json_object(), ": points: expected an array"},
        {"points[0]", json_integer(3), ": points[0]: expected an object"},
        {"points[3].threads", json_string("2"), ": points[3].threads: expected a whole number"},
        {"points[3].threads", json_real(2.5), ": points[3].threads: expected a whole number"},
        {"points[3].threads", json_integer(0), ": points[3].threads: 0 is not within 1 to"},
        {"points[3].threads", json_integer(INT64_MAX), ": points[3].threads: 9223372036854775807"},
        {"points[3].threads", json_integer(3), ": points[3].cpus: 2 CPUs for 3 threads"},
        {"points[3].cpus[1]", json_integer(-2), ": points[3].cpus[1]: -2 is not within -1 to"},
        {"points[3].baseline", json_integer(1), ": points[3].baseline: expected true or false"},
        {"points[3].parameters.size", json_integer(1),
         ": points[3].parameters.size: expected text"},
        {"points[3].workload", long_text(65537), ": points[3].workload: text of more than 65536"},
        {"points[2].load", json_integer(1), ": points[2].load: expected an object"},
        {"points[2].load.status", json_string("loud"),
         ": points[2].load.status: 'loud' is not a known load"},
        {"points[2].load.shares", list(2, json_real(0)), ": points[2].load: 2 shares for"},
        {"points[2].load.clean", json_integer(-1), ": points[2].load.clean: -1 is not within 0 to"},
        {"points[3].metrics", list(1, json_null()), ": points[3].metrics: expected an object"},
        {"points[3].metrics.speedup.value", json_true(),
         ": points[3].metrics.speedup.value: expected a number or null"},
        {"points[3].metrics.speedup.quality", json_string("Exact"),
         ": points[3].metrics.speedup.quality: 'Exact' is not a known quality"},
        {"points[3].metrics.speedup.share", json_integer(3),
         ": points[3].metrics.speedup: a share of the time is from 0 to 1"},
        {"points[3].metrics.speedup.help", json_integer(3),
         ": points[3].metrics.speedup.help: expected text"},
        {"points[3].metrics.cycles.reason", json_null(),
         ": points[3].metrics.cycles: unavailable without a reason"},
        {"points[3].samples.speedup", list(7, json_real(1)),
         ": points[3].samples.speedup: 7 samples for 8 rounds"},
        {"points[3].samples.other", list(8, json_real(1)),
         ": points[3].samples.other: samples of a metric that the point does not have"},
        {"points[3].rounds", json_integer(9), ": points[3].samples.wall_time: 8 samples for 9"},
        {"points[3].modes", json_array(), ": points[3].modes: one mode: expected two"},
        {"points[3].modes", list(2, json_null()), ": points[3].modes[0]: expected an object"},
        {"points[3].workers[0].cpu", json_null(), ": points[3].workers[0].cpu: expected a whole"},
        {"models.karp_flatt", json_array(), ": models.karp_flatt: expected as many entries"},
        {"models.karp_flatt[1].placement", json_string("none"),
         ": models.karp_flatt[1].placement: expected 'compact', as in models.amdahl[1]"},
        {"models.amdahl[0].serial_fraction", json_real(0.2),
         ": models.amdahl[0].serial_fraction: expected an object"},
        {"findings[0].severity", json_string("fatal"),
         ": findings[0].severity: 'fatal' is not a known severity"},
        {"models.grain", json_null(), ": models.grain: expected an array"},
        {"models.grain[0]", json_null(), ": models.grain[0]: expected an object"},
        {"models.grain[0].threads", json_integer(0),
         ": models.grain[0].threads: 0 is not within 1 to"},
        {"models.grain[0].unit", json_string("m"),
         ": models.grain[0].unit: 'm' is not a known unit"},
        {"models.grain[0].largest", json_true(), ": models.grain[0].largest: expected a number"},
        {"models.grain[0].crossover", json_null(),
         ": models.grain[0].crossover: expected an object"},
        {"models.grain[0].metg.low", json_true(), ": models.grain[0].metg.low: expected a number"},
        {"models.grain[0].crossover_idle.status", NULL,
         ": models.grain[0].crossover_idle.status: missing"},
        {"models.smt", json_null(), ": models.smt: expected an array"},
        {"models.smt[0]", json_null(), ": models.smt[0]: expected an object"},
        {"models.smt[0].cores", json_integer(0), ": models.smt[0].cores: 0 is not within 1 to"},
        {"models.smt[0].told", json_null(), ": models.smt[0].told: expected true or false"},
        {"models.smt[0].effect.low", json_true(), ": models.smt[0].effect.low: expected a number"},
        {"models.smt[0].packed", json_null(), ": models.smt[0].packed: expected an object"},
        {"models.smt[0].verdict", json_string("good"),
         ": models.smt[0].verdict: 'good' is not a known verdict"},
        {"models.smt[0].evidence", NULL, ": models.smt[0].evidence: missing"},
        {"checks", json_object(), ": checks: expected an array"},
        {"checks[1]", json_string("x"), ": checks[1]: expected an object"},
        {"checks[1].outcome", json_string("passes"),
         ": checks[1].outcome: 'passes' is not a known outcome"},
        {"checks[1].check", json_null(), ": checks[1].check: expected text"},
        {"checks[1].evidence", NULL, ": checks[1].evidence: missing"},
        {"findings[0].points[0]", json_integer(17),
         ": findings[0].points[0]: 17 is not within 0 to 16"},
        {"findings[0].text", NULL, ": findings[0].text: missing"},
    };
    struct fixture *f = *state;

    assert_int_equal(f->r->point_count, 17);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(load_changed(f, cases[i].path, cases[i].value), -EINVAL);
        assert_error(f, cases[i].error);
        assert_memory_equal(f->err.text, f->path, strlen(f->path));
    }
}

static void huge_counts_are_refused(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load_changed(f, "points", list(100001, json_null())), -EINVAL);
    assert_error(f, ": points: 100001 entries are too many (at most 100000)");
    assert_int_equal(load_changed(f, "findings", list(100001, json_null())), -EINVAL);
    assert_error(f, ": findings: 100001 entries are too many");
    assert_int_equal(load_changed(f, "checks", list(100001, json_null())), -EINVAL);
    assert_error(f, ": checks: 100001 entries are too many");
    assert_int_equal(load_changed(f, "models.smt", list(100001, json_null())), -EINVAL);
    assert_error(f, ": models.smt: 100001 entries are too many");
    assert_int_equal(load_changed(f, "models.grain", list(100001, json_null())), -EINVAL);
    assert_error(f, ": models.grain: 100001 entries are too many");
}

static void too_many_values_are_refused(void **state)
{
    size_t size = (size_t)4 << 20;
    char *text = malloc(size);
    struct fixture *f = *state;

    assert_non_null(text);
    memset(text, '{', size);
    assert_int_equal(load_bytes(f, text, size), -EFBIG);
    assert_error(f, ": holds too many values");
    free(text);
}

static void deep_nesting_is_refused(void **state)
{
    char text[100000];
    struct fixture *f = *state;

    memset(text, '[', sizeof text);
    assert_int_equal(load_bytes(f, text, sizeof text), -EINVAL);
    assert_error(f, "maximum parsing depth");
}

static void truncated_files_are_refused(void **state)
{
    struct fixture *f = *state;

    for (size_t size = 0; size + 2 < f->json.length; size += 997) {
        assert_int_equal(load_bytes(f, f->json.text, size), -EINVAL);
        assert_error(f, ": line ");
    }
}

static void what_is_not_json_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "{",
        "[1, NaN]",
        "[Infinity]",
        "[1e999]",
        "[99999999999999999999]",
        "null",
        "{} trailer",
        "{\"a\": 1, \"a\": 2}",
        "[\"\\u0000\"]",
        "[\"\xff\"]",
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(load_bytes(f, texts[i], strlen(texts[i])), -EINVAL);
        assert_error(f, ": line ");
    }
    assert_int_equal(load_bytes(f, "[]", 2), -EINVAL);
    assert_error(f, "expected an object");
    assert_int_equal(load_bytes(f, "{}", 2), -EINVAL);
    assert_error(f, ": schema: missing");
}

static void errors_hold_no_control_characters(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load_bytes(f, "[\033[2J]", 6), -EINVAL);
    assert_null(strchr(f->err.text, '\033'));
    assert_int_equal(load_changed(f, "schema", json_string("\033[2J")), -EINVAL);
    assert_null(strchr(f->err.text, '\033'));
    assert_int_equal(load_changed(f, "points[0].parameters.\033c", json_null()), -EINVAL);
    assert_null(strchr(f->err.text, '\033'));
}

static void control_characters_are_spelt_out(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load_changed(f, "version", json_string("1\033[2J\n\u202e")), 0);
    assert_string_equal(f->loaded->version, "1\\x1b[2J\\x0a\\xe2\\x80\\xae");
}

static void unknown_members_are_ignored(void **state)
{
    struct fixture *f = *state;
    struct ps_str again = PS_STR_INIT;

    assert_int_equal(load_changed(f, "points[3].later", json_string("x")), 0);
    render(f->loaded, "json", &again);
    assert_string_equal(again.text, f->json.text);
    ps_str_finish(&again);
}

static void older_files_are_read(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load_changed(f, "checks", NULL), 0);
    assert_int_equal(f->loaded->check_count, 0);
    assert_int_equal(f->loaded->smt_count, 1);
    assert_int_equal(load_changed(f, "models.smt", NULL), 0);
    assert_int_equal(f->loaded->check_count, 3);
    assert_int_equal(f->loaded->smt_count, 0);
    assert_int_equal(f->loaded->grain_count, 6);
    assert_int_equal(load_changed(f, "models.grain", NULL), 0);
    assert_int_equal(f->loaded->grain_count, 0);
}

static void missing_files_are_named(void **state)
{
    struct fixture *f = *state;
    struct ps_result *r = NULL;

    f->err.text[0] = 0;
    assert_int_equal(ps_result_load("/nonexistent/r.json", &f->arena, &r, &f->err), -ENOENT);
    assert_string_equal(f->err.text, "can't read '/nonexistent/r.json': No such file or directory");
    f->err.text[0] = 0;
    assert_int_equal(ps_result_load("/", &f->arena, &r, &f->err), -EISDIR);
    assert_null(r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_formats_survive_the_round_trip),
        TEST(every_sample_survives_the_round_trip),
        TEST(infinities_and_bad_text_survive_too),
        TEST(values_are_read_exactly),
        TEST(samples_are_read_in_any_form),
        TEST(strange_samples_are_refused),
        TEST(wrong_values_are_named),
        TEST(huge_counts_are_refused),
        TEST(too_many_values_are_refused),
        TEST(deep_nesting_is_refused),
        TEST(truncated_files_are_refused),
        TEST(what_is_not_json_is_refused),
        TEST(errors_hold_no_control_characters),
        TEST(control_characters_are_spelt_out),
        TEST(unknown_members_are_ignored),
        TEST(older_files_are_read),
        TEST(missing_files_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
