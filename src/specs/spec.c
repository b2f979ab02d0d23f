#include "spec.h"

#include <errno.h>
#include <string.h>

#include "names.h"
#include "str.h"

/* Cuts text at the first `c`; returns what follows it, or NULL. */
static char *cut(char *text, char c)
{
    char *found = strchr(text, c);

    if (found)
        *found++ = '\0';
    return found;
}

static int add_key(struct ps_spec *spec, const char *what, char *text, struct ps_err *e)
{
    char *value = cut(text, '=');

    if (!text[0])
        return ps_fail(e, EINVAL, "%s '%s' has an empty parameter: expected KEY=VALUE", what,
                       spec->name);
    if (!value || !value[0])
        return ps_fail(e, EINVAL, "%s '%s': '%s' needs a value: %s=VALUE", what, spec->name, text,
                       text);
    for (size_t i = 0; i < spec->key_count; i++) {
        if (!strcmp(spec->keys[i].name, text))
            return ps_fail(e, EINVAL, "%s '%s': '%s' is given twice", what, spec->name, text);
    }
    if (spec->key_count == PS_SPEC_KEYS)
        return ps_fail(e, EINVAL, "%s '%s' has more than %d parameters", what, spec->name,
                       PS_SPEC_KEYS);
    spec->keys[spec->key_count++] = (struct ps_spec_key){text, value};
    return 0;
}

/* Cuts text up in place. */
static int parse_one(char *text, const char *what, struct ps_spec *spec, struct ps_err *e)
{
    char *key = cut(text, ':');

    *spec = (struct ps_spec){.name = text};
    while (key) {
        char *next = cut(key, ':');
        int err = add_key(spec, what, key, e);

        if (err < 0)
            return err;
        key = next;
    }
    return 0;
}

int ps_spec_parse(const char *text, const char *what, struct ps_arena *a, struct ps_spec **specs,
                  size_t *count, struct ps_err *e)
{
    char *rest = ps_arena_copy(a, text);
    struct ps_spec *list = NULL;
    size_t n = 0;

    while (rest) {
        char *next = cut(rest, ',');
        int err;

        if (!rest[0] || rest[0] == ':')
            return ps_fail(e, EINVAL, "empty %s name in '%.80s'", what, text);
        if (n == PS_SPEC_POINTS)
            return ps_fail(e, E2BIG, "more than %d %s specs", PS_SPEC_POINTS, what);
        list = ps_arena_grow(a, list, n, sizeof *list);
        err = parse_one(rest, what, &list[n], e);
        if (err < 0)
            return err;
        n++;
        rest = next;
    }
    *specs = list;
    *count = n;
    return 0;
}

static int refuse_key(const struct ps_spec *spec, const char *kind, const char *key,
                      const struct parscope_param *params, struct ps_arena *a, struct ps_err *e)
{
    size_t count = ps_param_count(params);
    const char **names = ps_arena_array(a, count, sizeof *names);
    char *known = ps_arena_copy(a, "no parameters");
    const char *near;

    for (size_t i = 0; i < count; i++) {
        names[i] = params[i].name;
        known = i ? ps_arena_format(a, "%s, %s", known, names[i]) : ps_arena_copy(a, names[i]);
    }
    near = ps_nearest(key, names, count);
    if (near)
        return ps_fail(e, ENOENT, "%s '%s' has no parameter '%s': did you mean '%s'?", kind,
                       spec->name, key, near);
    return ps_fail(e, ENOENT, "%s '%s' has no parameter '%s': it has %s", kind, spec->name, key,
                   known);
}

static size_t find_param(const struct parscope_param *params, size_t count, const char *name)
{
    size_t i = 0;

    while (i < count && strcmp(params[i].name, name) != 0)
        i++;
    return i;
}

/* A spec against its table: what every row may be. */
struct binding {
    const struct ps_spec *spec;
    const struct parscope_param *params;
    size_t param_count;
    struct ps_arena *arena;
    /* By row: the texts it takes. */
    struct ps_texts *texts;
    size_t rows[PS_SPEC_KEYS]; /* by key as given: its row */
    size_t total;              /* bound specs: the product of the given keys' counts */
};

static int expand_keys(struct binding *b, const char *kind, struct ps_err *e)
{
    b->total = 1;
    for (size_t k = 0; k < b->spec->key_count; k++) {
        const struct ps_spec_key *key = &b->spec->keys[k];
        size_t row = find_param(b->params, b->param_count, key->name);
        int err;

        if (row == b->param_count)
            return refuse_key(b->spec, kind, key->name, b->params, b->arena, e);
        err = ps_param_expand(&b->params[row], b->spec->name, key->value, b->arena, &b->texts[row],
                              e);
        if (err < 0)
            return err;
        b->rows[k] = row;
        if (b->texts[row].count > PS_SPEC_POINTS / b->total)
            return ps_fail(e, E2BIG, "%s '%s' expands to more than %d points", kind, b->spec->name,
                           PS_SPEC_POINTS);
        b->total *= b->texts[row].count;
    }
    return 0;
}

static int expand_defaults(struct binding *b, struct ps_err *e)
{
    for (size_t row = 0; row < b->param_count; row++) {
        int err;

        if (b->texts[row].count)
            continue;
        err = ps_param_expand(&b->params[row], b->spec->name, b->params[row].initial, b->arena,
                              &b->texts[row], e);
        if (err < 0)
            return err;
    }
    return 0;
}

/* "reduce:size=10M:work=4", keys in the order given. */
static const char *make_label(const struct binding *b, const char *const *texts)
{
    char *label = ps_arena_copy(b->arena, b->spec->name);

    for (size_t k = 0; k < b->spec->key_count; k++)
        label =
            ps_arena_format(b->arena, "%s:%s=%s", label, b->spec->keys[k].name, texts[b->rows[k]]);
    return label;
}

/* Point `index` of the cross product. */
static int bind_point(const struct binding *b, size_t index, struct ps_bound *bound,
                      struct ps_err *e)
{
    *bound = (struct ps_bound){
        .name = b->spec->name,
        .values = ps_arena_array(b->arena, b->param_count, sizeof *bound->values),
        .texts = ps_arena_array(b->arena, b->param_count, sizeof *bound->texts),
    };
    for (size_t row = 0; row < b->param_count; row++)
        bound->texts[row] = b->texts[row].items[0];
    for (size_t k = b->spec->key_count; k-- > 0;) {
        size_t row = b->rows[k];

        bound->texts[row] = b->texts[row].items[index % b->texts[row].count];
        index /= b->texts[row].count;
    }
    for (size_t row = 0; row < b->param_count; row++) {
        int err = ps_param_parse(&b->params[row], b->spec->name, bound->texts[row],
                                 &bound->values[row], e);

        if (err < 0)
            return err;
    }
    bound->label = make_label(b, bound->texts);
    return 0;
}

int ps_spec_bind(const struct ps_spec *spec, const char *kind, const struct parscope_param *params,
                 struct ps_arena *a, struct ps_bounds *bounds, struct ps_err *e)
{
    size_t param_count = ps_param_count(params);
    struct binding b = {
        .spec = spec,
        .params = params,
        .param_count = param_count,
        .arena = a,
        .texts = ps_arena_array(a, param_count, sizeof *b.texts),
    };
    struct ps_bound *list;
    int err = expand_keys(&b, kind, e);

    if (err == 0)
        err = expand_defaults(&b, e);
    if (err < 0)
        return err;
    list = ps_arena_array(a, b.total, sizeof *list);
    for (size_t i = 0; i < b.total; i++) {
        err = bind_point(&b, i, &list[i], e);
        if (err < 0)
            return err;
    }
    *bounds = (struct ps_bounds){list, b.total};
    return 0;
}
