/* Lists of events, and their names as libpfm4 knows them. */
#include <string.h>

#include "counters.h"
#include "fuzz.h"

/* libpfm4 takes microseconds for a name that it knows and milliseconds for one that it doesn't. */
#define MOST_NAMES 2

static void check_list(const struct ps_event_list *list)
{
    must(list->count > 0, "a list has a name");
    for (size_t i = 0; i < list->count; i++) {
        must(list->names[i][0], "no name is empty");
        must(list->groups[i] <= list->group_count, "groups are numbered from 1");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ps_event_list list = {0};
    struct ps_arena a;
    struct ps_err e = {""};
    int rc;

    fuzz_arena(&a);
    rc = ps_events_split(fuzz_text(&a, data, size), &a, &list, &e);
    fuzz_check_error(rc, &e);
    if (!rc)
        check_list(&list);
    for (size_t i = 0; i < list.count && i < MOST_NAMES; i++) {
        struct ps_err why = {""};

        fuzz_check_error(ps_event_check(list.names[i], &why), &why);
    }
    ps_arena_finish(&a);
    return 0;
}
