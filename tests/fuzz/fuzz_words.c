/* Words of a program's command line: joined and split again they are the same. */
#include <string.h>

#include "fuzz.h"
#include "words.h"

static void check_again(const char *const *words, size_t count, struct ps_arena *a)
{
    const char *joined = ps_words_join(words, count, a), **again;
    size_t n = 0;

    must(!ps_words_split(joined, "label", a, &again, &n, NULL), "joined words can be split");
    must(n == count && !again[n], "as many as before");
    for (size_t i = 0; i < n; i++)
        must(!strcmp(words[i], again[i]), "the same words");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ps_arena a;
    struct ps_err e = {""};
    const char **words;
    size_t count = 0;
    int rc;

    fuzz_arena(&a);
    rc = ps_words_split(fuzz_text(&a, data, size), "-c", &a, &words, &count, &e);
    fuzz_check_error(rc, &e);
    if (!rc) {
        must(count && count <= PS_MAX_WORDS && words[0][0], "a command has a name");
        check_again(words, count, &a);
    }
    ps_arena_finish(&a);
    return 0;
}
