/* The grammar of env:key=value[:key=value...][,env:...]. */
#include "outside.h"

#include <errno.h>
#include <string.h>

#include "names.h"
#include "spec.h"
#include "taking.h"

#define KEYS  16    /* of one strategy */
#define FREE  "set" /* the key whose value may hold commas and colons, and that may be repeated */
#define COUNT "copies"

struct keyed {
    const struct ps_outside_key *key;
    struct ps_texts values;
};

/* One spec, before its lists are multiplied out. */
struct spec {
    struct keyed keys[KEYS];
    size_t count, total;
};

struct parser {
    const char *text; /* all of it */
    const struct ps_outside_host *host;
    struct ps_arena *arena;
    struct ps_err *error;
    struct ps_outside *all;
    size_t count;
};

static size_t key_count(void)
{
    size_t n = 0;

    while (ps_outside_keys[n].name)
        n++;
    return n;
}

static int unknown_key(struct parser *p, const char *name)
{
    const size_t n = key_count();
    const char **names = ps_arena_array(p->arena, n, sizeof *names), *known = "known are ";

    for (size_t i = 0; i < n; i++) {
        names[i] = ps_outside_keys[i].name;
        known = ps_arena_format(p->arena, "%s%s%s", known, i ? ", " : "", names[i]);
    }
    return ps_unknown("key of " PS_OUTSIDE, name, names, n, known, p->error);
}

/* The key that text begins with, followed by '='. */
static const struct ps_outside_key *key_at(const char *text)
{
    const size_t length = strcspn(text, "=:,");

    for (const struct ps_outside_key *k = ps_outside_keys; text[length] == '=' && k->name; k++)
        if (strlen(k->name) == length && !strncmp(k->name, text, length))
            return k;
    return NULL;
}

static bool spec_at(const char *text)
{
    const size_t length = strlen(PS_OUTSIDE);

    return !strncmp(text, PS_OUTSIDE, length) && text[length] == ':';
}

/* What ends a value: the next key or the next strategy. */
static const char *value_end(const char *value, bool is_free)
{
    const char *at = value + strcspn(value, ":,");

    while (is_free && *at && !(*at == ':' ? key_at(at + 1) != NULL : spec_at(at + 1)))
        at += 1 + strcspn(at + 1, ":,");
    return at;
}

/* "1..cores": numbers in place of the words. */
static const char *with_numbers(const struct parser *p, const char *text)
{
    const char *dots = strstr(text, "..");
    const unsigned last = dots && !strcmp(dots + 2, "cores")  ? p->host->cores
                          : dots && !strcmp(dots + 2, "cpus") ? p->host->cpus
                                                              : 0;

    return last ? ps_arena_format(p->arena, "%.*s%u", (int)(dots + 2 - text), text, last) : text;
}

static int expand_range(struct parser *p, const char *text, struct ps_texts *values)
{
    static const struct parscope_param copies = {COUNT, PARSCOPE_COUNT,    "1",
                                                 1,     PS_OUTSIDE_COPIES, .help = ""};

    return ps_param_expand(&copies, PS_OUTSIDE, with_numbers(p, text), p->arena, values, p->error);
}

static int expand(struct parser *p, const struct ps_outside_key *key, const char *text,
                  struct ps_texts *values)
{
    char *rest = ps_arena_copy(p->arena, text), *word;
    const bool is_free = !strcmp(key->name, FREE);

    if (!strcmp(key->name, COUNT) && strstr(text, ".."))
        return expand_range(p, text, values);
    *values = (struct ps_texts){0};
    while ((word = is_free ? rest : strsep(&rest, "+"))) {
        if (!*word)
            return ps_fail(p->error, EINVAL, PS_OUTSIDE ": '%s' needs a value: %s=%s", key->name,
                           key->name, key->takes);
        values->items =
            ps_arena_grow(p->arena, values->items, values->count, sizeof *values->items);
        values->items[values->count++] = word;
        if (is_free)
            break;
    }
    return 0;
}

static int add_key(struct parser *p, struct spec *s, const struct ps_outside_key *key,
                   const char *value)
{
    struct keyed *k = &s->keys[s->count];
    int err;

    for (size_t i = 0; i < s->count; i++)
        if (s->keys[i].key == key && strcmp(key->name, FREE) != 0)
            return ps_fail(p->error, EINVAL, PS_OUTSIDE ": '%s' is given twice", key->name);
    if (s->count == KEYS)
        return ps_fail(p->error, EINVAL, PS_OUTSIDE " has more than %d keys", KEYS);
    k->key = key;
    err = expand(p, key, value, &k->values);
    if (err < 0)
        return err;
    s->count++;
    s->total *= k->values.count;
    if (s->total > PS_OUTSIDE_MOST)
        return ps_fail(p->error, E2BIG, PS_OUTSIDE " expands to more than %d strategies",
                       PS_OUTSIDE_MOST);
    return 0;
}

/* At the key after a colon; *next: what ends its value. */
static int parse_key(struct parser *p, const char *at, struct spec *s, const char **next)
{
    const size_t length = strcspn(at, "=:,");
    const char *name = ps_arena_format(p->arena, "%.*s", (int)length, at);
    const struct ps_outside_key *key = key_at(at);
    const char *value = at + length + 1;

    if (!length)
        return ps_fail(p->error, EINVAL, PS_OUTSIDE " has an empty key: expected KEY=VALUE");
    if (at[length] != '=')
        return ps_fail(p->error, EINVAL, PS_OUTSIDE ": '%s' needs a value: %s=VALUE", name, name);
    if (!key)
        return unknown_key(p, name);
    *next = value_end(value, !strcmp(key->name, FREE));
    return add_key(p, s, key, ps_arena_format(p->arena, "%.*s", (int)(*next - value), value));
}

static bool is_there(const struct parser *p, const char *label)
{
    for (size_t i = 0; i < p->count; i++)
        if (!strcmp(p->all[i].label, label))
            return true;
    return false;
}

/* Of variables each is an option of its own, "set:OMP_DYNAMIC". */
static void note_option(struct parser *p, struct ps_outside *o, const char *key, const char *value)
{
    struct ps_outside_option option = {key, value};
    const char *colon = strcmp(key, FREE) ? NULL : strchr(value, ':');

    if (colon)
        option = (struct ps_outside_option){
            ps_arena_format(p->arena, FREE ":%.*s", (int)(colon - value), value), colon + 1};
    o->options = ps_arena_grow(p->arena, o->options, o->option_count, sizeof *o->options);
    o->options[o->option_count++] = option;
    o->label = ps_arena_format(p->arena, "%s:%s=%s", o->label, key, value);
}

static int check_permission(const struct parser *p, const struct ps_outside *o)
{
    int err = 0;
    const size_t i = p->host->real ? calls_refused(o->calls, o->call_count, &err) : o->call_count;

    if (i == o->call_count)
        return 0;
    return ps_fail(p->error, ENOTSUP, "%s: %s: %s: %s", o->label, o->calls[i].what, strerror(err),
                   o->calls[i].hint);
}

static int take(struct parser *p, const struct keyed *k, const char *value, struct ps_outside *o)
{
    struct ps_outside_taking t = {value, p->host, o, p->arena, p->error};
    int err = k->key->take(k->key, &t);

    if (!err && !strcmp(k->key->name, COUNT))
        value = ps_arena_format(p->arena, "%u", o->copies); /* "cores" is a number by now */
    if (!err)
        note_option(p, o, k->key->name, value);
    return err;
}

/* One combination of the values. */
static int add_strategy(struct parser *p, const struct spec *s, size_t index)
{
    struct ps_outside o = {.label = PS_OUTSIDE};
    size_t left = s->total;
    int err = 0;

    for (size_t i = 0; !err && i < s->count; i++) {
        left /= s->keys[i].values.count;
        err = take(p, &s->keys[i], s->keys[i].values.items[index / left], &o);
        index %= left;
    }
    if (!err)
        err = check_permission(p, &o);
    if (err < 0 || is_there(p, o.label))
        return err;
    p->all = ps_arena_grow(p->arena, p->all, p->count, sizeof *p->all);
    p->all[p->count++] = o;
    return 0;
}

/* At "env"; *next: at the comma behind it, or at the end. */
static int parse_spec(struct parser *p, const char *at, const char **next)
{
    struct spec s = {.total = 1};
    const size_t length = strcspn(at, ":,");
    int err = 0;

    if (strncmp(at, PS_OUTSIDE, length) || length != strlen(PS_OUTSIDE))
        return ps_fail(
            p->error, EINVAL,
            "--strategy: '%.*s' is not for programs, which do their own scheduling: from outside "
            "use " PS_OUTSIDE ":KEY=VALUE, as in " PS_OUTSIDE ":pin=spread",
            (int)length, at);
    for (at += length; !err && *at == ':'; at = *next)
        err = parse_key(p, at + 1, &s, next);
    *next = at;
    if (!err && !s.count)
        return ps_fail(p->error, EINVAL,
                       PS_OUTSIDE " needs a key, as in " PS_OUTSIDE ":pin=spread");
    for (size_t i = 0; !err && i < s.total; i++)
        err = add_strategy(p, &s, i);
    if (!err && p->count > PS_OUTSIDE_MOST)
        return ps_fail(p->error, E2BIG, "more than %d strategies", PS_OUTSIDE_MOST);
    return err;
}

int ps_outside_parse(const char *text, const struct ps_outside_host *host, struct ps_arena *a,
                     struct ps_outside **all, size_t *count, struct ps_err *e)
{
    struct parser p = {text, host, a, e, NULL, 0};
    const char *at = text;
    int err = 0;

    for (;; at++) {
        err = parse_spec(&p, at, &at);
        if (err < 0)
            return err;
        if (!*at)
            break;
    }
    *all = p.all;
    *count = p.count;
    return 0;
}
