#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "program.h"
#include "skip.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Folders "first", "second" and "third" with what the tests put there. */
struct fixture {
    struct ps_arena arena;
    struct ps_program program;
    struct ps_err error;
    char root[32];
    char *path; /* of the environment, as it was */
};

static void unexpected_oom(void)
{
    abort();
}

static char *in_root(struct fixture *f, const char *name)
{
    return ps_arena_format(&f->arena, "%s/%s", f->root, name);
}

static void put(struct fixture *f, const char *name, mode_t mode)
{
    const char *path = in_root(f, name);
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static int setup(void **state)
{
    static const char *const folders[] = {"first", "second", "third"};
    struct fixture *f = test_calloc(1, sizeof *f);

    ps_arena_init(&f->arena, unexpected_oom);
    strcpy(f->root, "/tmp/parscope-test-XXXXXX");
    assert_non_null(mkdtemp(f->root));
    for (size_t i = 0; i < COUNT(folders); i++)
        assert_int_equal(mkdir(in_root(f, folders[i]), 0700), 0);
    f->path = ps_arena_copy(&f->arena, getenv("PATH") ? getenv("PATH") : "");
    setenv("PATH",
           ps_arena_format(&f->arena, "%s/first:%s/none:%s/second:%s/third", f->root, f->root,
                           f->root, f->root),
           1);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    static const char *const left[] = {"first/tool", "first/own", "second/tool", "second/own",
                                       "third/tool", "second/sh", "second/a b",  "first",
                                       "second",     "third"};
    struct fixture *f = *state;

    setenv("PATH", f->path, 1);
    for (size_t i = 0; i < COUNT(left); i++)
        remove(in_root(f, left[i]));
    assert_int_equal(rmdir(f->root), 0);
    ps_arena_finish(&f->arena);
    test_free(f);
    return 0;
}

static int of_text(struct fixture *f, const char *text, const char *shell)
{
    f->error.text[0] = '\0';
    return ps_program_of_text(text, "-c", shell, &f->arena, &f->program, &f->error);
}

static void assert_refused(struct fixture *f, const char *text, int err, const char *error)
{
    const struct ps_program before = f->program;

    assert_int_equal(of_text(f, text, NULL), err);
    assert_string_equal(f->error.text, error);
    assert_memory_equal(&f->program, &before, sizeof before);
}

static void test_search(void **state)
{
    struct fixture *f = *state;

    put(f, "second/tool", 0755);
    put(f, "third/tool", 0755);
    assert_int_equal(of_text(f, "tool", NULL), 0);
    assert_string_equal(f->program.path, in_root(f, "second/tool"));
    put(f, "first/tool", 0644);
    assert_int_equal(of_text(f, "tool", NULL), 0);
    assert_string_equal(f->program.path, in_root(f, "second/tool"));
    assert_int_equal(remove(in_root(f, "first/tool")), 0);
    assert_int_equal(mkdir(in_root(f, "first/tool"), 0755), 0);
    assert_int_equal(of_text(f, "tool", NULL), 0);
    assert_string_equal(f->program.path, in_root(f, "second/tool"));
}

static void test_not_found(void **state)
{
    struct fixture *f = *state;

    assert_refused(f, "tool", -ENOEXEC, "can't run 'tool': there is no such command in PATH");
    assert_int_equal(mkdir(in_root(f, "first/tool"), 0755), 0);
    assert_refused(f, "tool", -ENOEXEC, "can't run 'tool': there is no such command in PATH");
    put(f, "second/tool", 0644);
    assert_refused(
        f, "tool", -ENOEXEC,
        ps_arena_format(&f->arena, "can't run 'tool': %s/second/tool: Permission denied", f->root));
}

static void test_with_a_slash(void **state)
{
    struct fixture *f = *state;
    char *path = in_root(f, "second/tool");

    assert_refused(f, path, -ENOEXEC,
                   ps_arena_format(&f->arena, "can't run '%s': No such file or directory", path));
    put(f, "second/tool", 0644);
    assert_refused(f, path, -ENOEXEC,
                   ps_arena_format(&f->arena, "can't run '%s': Permission denied", path));
    assert_refused(f, f->root, -ENOEXEC,
                   ps_arena_format(&f->arena, "can't run '%s': Is a directory", f->root));
    assert_refused(f, "/dev/null", -ENOEXEC, "can't run '/dev/null': Permission denied");
    put(f, "second/tool", 0755);
    assert_int_equal(of_text(f, path, NULL), 0);
    assert_string_equal(f->program.path, path);
    assert_string_equal(f->program.name, "tool");
    assert_string_equal(f->program.label, path);
}

static void test_empty_part_is_here(void **state)
{
    struct fixture *f = *state;
    char *old = getcwd(NULL, 0);

    put(f, "second/own", 0755);
    assert_int_equal(chdir(in_root(f, "second")), 0);
    setenv("PATH", "/nowhere::/none", 1);
    assert_int_equal(of_text(f, "own", NULL), 0);
    assert_string_equal(f->program.path, "own");
    setenv("PATH", "", 1);
    assert_int_equal(of_text(f, "own", NULL), 0);
    setenv("PATH", "/nowhere:", 1);
    assert_int_equal(of_text(f, "own", NULL), 0);
    setenv("PATH", "/nowhere", 1);
    assert_int_equal(of_text(f, "own", NULL), -ENOEXEC);
    assert_int_equal(chdir(old), 0);
    free(old);
}

static void test_without_path(void **state)
{
    struct fixture *f = *state;

    unsetenv("PATH");
    if (access("/bin/sh", X_OK) != 0)
        skip_because("no /bin/sh");
    assert_int_equal(of_text(f, "sh", NULL), 0);
    assert_string_equal(f->program.path, "/bin/sh");
}

static void test_words(void **state)
{
    static const char *const words[] = {"tool", "-j{threads}", "a b", "{cpus}", ""};
    struct fixture *f = *state;
    struct ps_program *p = &f->program;

    put(f, "second/tool", 0755);
    assert_int_equal(ps_program_of_words(words, COUNT(words), &f->arena, p, &f->error), 0);
    for (size_t i = 0; i < COUNT(words); i++)
        assert_string_equal(p->words[i], words[i]);
    assert_null(p->words[COUNT(words)]);
    assert_string_equal(p->name, "tool");
    assert_string_equal(p->label, "tool -j{threads} 'a b' {cpus} ''");
    assert_true(p->takes_threads && p->takes_cpus);
    assert_int_equal(of_text(f, "tool {cpus}", NULL), 0);
    assert_true(!p->takes_threads && p->takes_cpus);
    assert_int_equal(of_text(f, "tool '{threads}'", NULL), 0);
    assert_true(p->takes_threads && !p->takes_cpus);
    assert_int_equal(of_text(f, "tool x", NULL), 0);
    assert_true(!p->takes_threads && !p->takes_cpus);
}

static void test_refused(void **state)
{
    static const char *const empty[] = {"", "a"};
    struct fixture *f = *state;

    put(f, "second/tool", 0755);
    assert_int_equal(ps_program_of_words(empty, 0, &f->arena, &f->program, &f->error), -EINVAL);
    assert_string_equal(f->error.text, "there is no command after --");
    f->error.text[0] = '\0';
    assert_int_equal(ps_program_of_words(empty, 2, &f->arena, &f->program, &f->error), -EINVAL);
    assert_non_null(strstr(f->error.text, "is empty"));
    assert_refused(f, " ", -EINVAL, "-c: the command is empty");
    assert_refused(f, "tool 'a", -EINVAL, "-c: the quote ' opened at column 6 is never closed");
    assert_refused(
        f, "tool{threads} a", -EINVAL,
        "'tool{threads}': {threads} is allowed in the arguments of a command, not in its "
        "name");
    assert_refused(f, "{cpus}", -EINVAL,
                   "'{cpus}': {cpus} is allowed in the arguments of a command, not in its name");
}

static void test_misspelt(void **state)
{
    static const struct {
        const char *word, *meant;
    } table[] = {{"{thread}", "{threads}"},   {"{Threads}", "{threads}"},
                 {"{THREADS}", "{threads}"},  {"{theads}", "{threads}"},
                 {"{thraeds}", "{threads}"},  {"{nthreads}", "{threads}"},
                 {"{threads }", "{threads}"}, {"{cpu}", "{cpus}"},
                 {"{CPUs}", "{cpus}"},        {"{cpsu}", "{cpus}"}};
    static const char *const others[] = {
        "{}",       "{x}",      "{print}", "{{.Name}}", "${thread}", "{reads}",    "{opts}",
        "{threads", "threads}", "{a,b}",   "{cores}",   "{heads}",   "{\"cpu\":1}"};
    struct fixture *f = *state;

    put(f, "second/tool", 0755);
    for (size_t i = 0; i < COUNT(table); i++)
        assert_refused(f, ps_arena_format(&f->arena, "tool 'a=%s'", table[i].word), -EINVAL,
                       ps_arena_format(&f->arena, "unknown placeholder '%s': did you mean '%s'?",
                                       table[i].word, table[i].meant));
    for (size_t i = 0; i < COUNT(others); i++) {
        assert_int_equal(of_text(f, ps_arena_format(&f->arena, "tool '%s'", others[i]), NULL), 0);
        assert_false(f->program.takes_threads || f->program.takes_cpus);
    }
}

static void test_replacement(void **state)
{
    static const char *const words[] = {
        "tool",       "-T{threads}", "{cpus}x{threads}y{threads}", "{}{x}{{threads}}",
        "${threads}", "plain"};
    static const char *const expected[] = {"tool",      "-T12",       "0,2-3x12y12",
                                           "{}{x}{12}", "${threads}", "plain"};
    struct fixture *f = *state;
    const char *const *made;

    put(f, "second/tool", 0755);
    assert_int_equal(ps_program_of_words(words, COUNT(words), &f->arena, &f->program, &f->error),
                     0);
    made = ps_program_words(&f->program, &(struct ps_program_fill){12, "0,2-3"}, &f->arena);
    for (size_t i = 0; i < COUNT(expected); i++)
        assert_string_equal(made[i], expected[i]);
    assert_null(made[COUNT(expected)]);
    assert_string_equal(f->program.words[1], words[1]);
}

static void test_shell(void **state)
{
    static const struct {
        const char *text, *name, *label;
    } table[] = {
        {" a | b\n", "a", "a | b"}, {"/x/y/tool;b", "tool", "/x/y/tool;b"},
        {"X=1 a", "sh", "X=1 a"},   {"\"a b\" c", "sh", "\"a b\" c"},
        {"(a)", "sh", "(a)"},       {"run{threads}", "sh", "run{threads}"},
        {"$a", "sh", "$a"},
    };
    struct fixture *f = *state;
    const char *const *made;

    put(f, "second/sh", 0755);
    for (size_t i = 0; i < COUNT(table); i++) {
        assert_int_equal(of_text(f, table[i].text, "sh"), 0);
        assert_string_equal(f->program.name, table[i].name);
        assert_string_equal(f->program.label, table[i].label);
        assert_string_equal(f->program.words[0], "sh");
        assert_string_equal(f->program.words[1], "-c");
        assert_string_equal(f->program.words[2], table[i].text);
        assert_null(f->program.words[3]);
        assert_string_equal(f->program.path, in_root(f, "second/sh"));
    }
    assert_int_equal(of_text(f, "make -j{threads} && echo ${cpus} 'a", "sh"), 0);
    assert_true(f->program.takes_threads && !f->program.takes_cpus);
    made = ps_program_words(&f->program, &(struct ps_program_fill){3, "0-2"}, &f->arena);
    assert_string_equal(made[2], "make -j3 && echo ${cpus} 'a");
}

static void test_shell_refused(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(of_text(f, " \n", "sh"), -EINVAL);
    assert_string_equal(f->error.text, "-c: the command is empty");
    assert_int_equal(of_text(f, "a", ""), -EINVAL);
    assert_string_equal(f->error.text, "the shell's name is empty");
    assert_int_equal(of_text(f, "a", "no-such-shell"), -ENOEXEC);
    assert_string_equal(f->error.text,
                        "can't run 'no-such-shell': there is no such command in PATH");
    assert_int_equal(of_text(f, "make -j {thread}", "sh"), -EINVAL);
    assert_string_equal(f->error.text, "unknown placeholder '{thread}': did you mean '{threads}'?");
}

static size_t count_of(const char *const *environment, const char *name, const char **value)
{
    size_t n = 0, length = strlen(name);

    for (; *environment; environment++) {
        if (!strncmp(*environment, name, length) && (*environment)[length] == '=') {
            n++;
            *value = *environment + length + 1;
        }
    }
    return n;
}

static void test_environment(void **state)
{
    static const char *const old[] = {"A=1",
                                      "OMP_NUM_THREADS=77",
                                      "OMP_NUM_THREADS=78",
                                      "OMP_NUM_THREADS_X=5",
                                      "OMP_NUM_THREAD=6",
                                      "OMP_THREAD_LIMIT=9",
                                      "=odd",
                                      "GOMAXPROCS",
                                      NULL};
    struct fixture *f = *state;
    const char *const *made = ps_program_environment(old, 4, &f->arena);
    const char *value = NULL;
    size_t total = 0, variables = 0;

    for (; ps_thread_variables[variables]; variables++) {
        assert_int_equal(count_of(made, ps_thread_variables[variables], &value), 1);
        assert_string_equal(value, "4");
    }
    while (made[total])
        total++;
    assert_int_equal(total, variables + 5);
    assert_int_equal(count_of(made, "A", &value), 1);
    assert_int_equal(count_of(made, "OMP_NUM_THREADS_X", &value), 1);
    assert_string_equal(value, "5");
    assert_int_equal(count_of(made, "OMP_NUM_THREAD", &value), 1);
    assert_int_equal(count_of(made, "OMP_THREAD_LIMIT", &value), 1);
    assert_string_equal(value, "9");
    assert_string_equal(made[4], "=odd");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_search),        TEST(test_not_found),
        TEST(test_with_a_slash),  TEST(test_empty_part_is_here),
        TEST(test_without_path),  TEST(test_words),
        TEST(test_refused),       TEST(test_misspelt),
        TEST(test_replacement),   TEST(test_shell),
        TEST(test_shell_refused), TEST(test_environment),
    };

    return cmocka_run_group_tests_name("program", tests, NULL, NULL);
}
