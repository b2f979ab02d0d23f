#include "event_list.h"

#include <errno.h>
#include <string.h>

struct splitter {
    struct ps_arena *arena;
    struct ps_event_list list;
    unsigned group; /* 0: outside braces */
};

static int split(struct splitter *s, const char *text, size_t length, struct ps_err *e);

static int split_group(struct splitter *s, const char *text, size_t length, struct ps_err *e)
{
    int err;

    if (s->group)
        return ps_fail(e, EINVAL, "braces can't be nested: '{%.*s}' is inside others", (int)length,
                       text);
    s->group = ++s->list.group_count;
    err = split(s, text, length, e);
    s->group = 0;
    return err;
}

static int add_name(struct splitter *s, const char *text, size_t length, struct ps_err *e)
{
    struct ps_event_list *l = &s->list;

    if (length >= 2 && text[0] == '{' && text[length - 1] == '}')
        return split_group(s, text + 1, length - 2, e);
    if (length == 0)
        return ps_fail(e, EINVAL, "an event name is empty");
    l->names = ps_arena_grow(s->arena, l->names, l->count, sizeof *l->names);
    l->groups = ps_arena_grow(s->arena, l->groups, l->count, sizeof *l->groups);
    l->groups[l->count] = s->group;
    l->names[l->count++] = ps_arena_format(s->arena, "%.*s", (int)length, text);
    return 0;
}

static int split(struct splitter *s, const char *text, size_t length, struct ps_err *e)
{
    size_t start = 0;
    int depth = 0;

    for (size_t i = 0; i < length; i++) {
        depth += (text[i] == '{') - (text[i] == '}');
        if (depth < 0)
            break;
        if (text[i] == ',' && depth == 0) {
            int err = add_name(s, text + start, i - start, e);

            if (err < 0)
                return err;
            start = i + 1;
        }
    }
    if (depth != 0)
        return ps_fail(e, EINVAL, "braces don't match in '%.*s'", (int)length, text);
    return add_name(s, text + start, length - start, e);
}

int ps_events_split(const char *text, struct ps_arena *a, struct ps_event_list *list,
                    struct ps_err *e)
{
    struct splitter s = {.arena = a, .list = *list};
    size_t length = strlen(text);
    int err;

    if (length > 4096)
        return ps_fail(e, E2BIG, "the list of events is longer than 4096 characters");
    err = split(&s, text, length, e);
    if (err < 0)
        return err;
    *list = s.list;
    return 0;
}
