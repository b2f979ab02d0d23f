#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "commands.h"
#include "wrap.h"

struct values {
    bool flag, other;
    const char *text;
    struct ps_texts texts;
    uint64_t count;
    double time, real;
    unsigned choice;
};

#define FIELD(name) offsetof(struct values, name)

static const char *const choices[] = {"red", "green", NULL};
static const struct ps_option rows[] = {
    {"flag", 'f', PS_OPTION_FLAG, NULL, "a flag", FIELD(flag)},
    {"other", 'o', PS_OPTION_FLAG, NULL, "another", FIELD(other)},
    {"text", 't', PS_OPTION_TEXT, "TEXT", "a text", FIELD(text)},
    {"texts", 'm', PS_OPTION_TEXTS, "TEXT", "texts", FIELD(texts)},
    {"count", 'c', PS_OPTION_COUNT, "N", "a count", FIELD(count), 1, 1000},
    {"time", 0, PS_OPTION_TIME, "TIME", "a time", FIELD(time), .low = 0, .high = 10},
    {"real", 0, PS_OPTION_REAL, "REAL", "a real", FIELD(real), .low = 0, .high = 1},
    {"choice", 0, PS_OPTION_CHOICE, "WORD", "one of {choices}, no more", FIELD(choice),
     .choices = choices},
    {NULL},
};
static const struct ps_option_group group = {"Options", rows};
static const struct ps_option_group *const groups[] = {&group, &ps_help_group, NULL};

struct fixture {
    struct ps_arena arena;
    struct values values;
    struct ps_parsed parsed;
    struct ps_err error;
};

static int start(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    if (!f)
        return -1;
    ps_arena_init(&f->arena, abort);
    *state = f;
    return 0;
}

static int stop(void **state)
{
    struct fixture *f = *state;

    ps_arena_finish(&f->arena);
    free(f);
    return 0;
}

/* The arguments end with NULL. */
static int parse_as(struct fixture *f, enum ps_operands operands, const char *const *arguments)
{
    struct ps_command_line line = {groups, arguments, 0, operands, NULL};
    size_t count = 0;

    while (arguments[count])
        count++;
    line.count = count;
    return ps_options_parse(&line, &f->arena, &f->values, &f->parsed, &f->error);
}

#define PARSE(f, ...) parse_as(f, PS_OPERANDS_ANYWHERE, (const char *const[]){__VA_ARGS__, NULL})

static void assert_refused(struct fixture *f, int err, int expected, const char *text)
{
    assert_int_equal(err, expected);
    assert_non_null(strstr(f->error.text, text));
}

static void takes_all_kinds(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(PARSE(f, "--flag", "--text", "a", "--count=12", "--time", "20ms", "--real=5%",
                           "--choice", "green"),
                     0);
    assert_true(f->values.flag);
    assert_false(f->values.other);
    assert_string_equal(f->values.text, "a");
    assert_int_equal(f->values.count, 12);
    assert_true(f->values.time == 0.02);
    assert_true(f->values.real == 0.05);
    assert_int_equal(f->values.choice, 1);
    assert_int_equal(f->parsed.operand_count, 0);
    assert_false(f->parsed.help);
}

static void takes_letters_in_every_form(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(PARSE(f, "-fo", "-c5", "-t", "-x"), 0);
    assert_true(f->values.flag && f->values.other);
    assert_int_equal(f->values.count, 5);
    assert_string_equal(f->values.text, "-x");
    assert_int_equal(PARSE(f, "-foc", "7"), 0);
    assert_int_equal(f->values.count, 7);
    assert_int_equal(PARSE(f, "-ft=1"), 0);
    assert_string_equal(f->values.text, "=1");
}

static void empty_and_odd_arguments_stay_as_they_are(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(PARSE(f, "--text=", "-", ""), 0);
    assert_string_equal(f->values.text, "");
    assert_int_equal(f->parsed.operand_count, 2);
    assert_string_equal(f->parsed.operands[0], "-");
    assert_string_equal(f->parsed.operands[1], "");
    assert_int_equal(PARSE(f, "--text=a=b"), 0);
    assert_string_equal(f->values.text, "a=b");
}

static void repeated_options(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(PARSE(f, "-c1", "-m", "a", "-c2", "--texts=b", "-mc"), 0);
    assert_int_equal(f->values.count, 2);
    assert_int_equal(f->values.texts.count, 3);
    assert_string_equal(f->values.texts.items[0], "a");
    assert_string_equal(f->values.texts.items[2], "c");
}

static void operands_anywhere(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(PARSE(f, "a", "-f", "b", "--", "-o", "--"), 0);
    assert_int_equal(f->parsed.operand_count, 4);
    assert_string_equal(f->parsed.operands[1], "b");
    assert_string_equal(f->parsed.operands[2], "-o");
    assert_string_equal(f->parsed.operands[3], "--");
    assert_true(f->values.flag);
    assert_false(f->values.other);
}

static void stops_at_the_first_operand(void **state)
{
    struct fixture *f = *state;
    const char *const arguments[] = {"-f", "run", "--nonsense", NULL};

    assert_int_equal(parse_as(f, PS_OPERANDS_STOP, arguments), 0);
    assert_int_equal(f->parsed.used, 2);
    assert_int_equal(f->parsed.operand_count, 1);
    assert_string_equal(f->parsed.operands[0], "run");
}

static void help_ends_parsing(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(PARSE(f, "-fh", "--nonsense"), 0);
    assert_true(f->parsed.help);
    assert_int_equal(PARSE(f, "--help", "--nonsense"), 0);
    assert_true(f->parsed.help);
}

static void unknown_options(void **state)
{
    struct fixture *f = *state;

    assert_refused(f, PARSE(f, "--conut", "1"), -ENOENT, "unknown option '--conut'");
    assert_non_null(strstr(f->error.text, "--count"));
    f->error.text[0] = '\0';
    assert_refused(f, PARSE(f, "--coun=1"), -ENOENT, "unknown option '--coun'");
    f->error.text[0] = '\0';
    assert_refused(f, PARSE(f, "-fz"), -ENOENT, "unknown option '-z'");
}

static void arguments_too_few_or_too_many(void **state)
{
    struct fixture *f = *state;

    assert_refused(f, PARSE(f, "--text"), -EINVAL, "'--text' needs an argument: TEXT");
    f->error.text[0] = '\0';
    assert_refused(f, PARSE(f, "-ft"), -EINVAL, "'-t' needs an argument: TEXT");
    f->error.text[0] = '\0';
    assert_refused(f, PARSE(f, "--flag=1"), -EINVAL, "'--flag' takes no argument");
}

static void values_out_of_range(void **state)
{
    struct fixture *f = *state;
    static const char *const bad[] = {"--count=0",   "--count=1001", "--count=x",   "--time=11",
                                      "--time=-1s",  "--real=nan",   "--real=101%", "--choice=blue",
                                      "--choice=re", "--count="};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        f->error.text[0] = '\0';
        assert_true(PARSE(f, bad[i]) < 0);
        assert_memory_equal(f->error.text + strspn(f->error.text, "unkow "), "--", 2);
    }
}

static void failure_leaves_the_outcome_alone(void **state)
{
    struct fixture *f = *state;

    f->parsed.used = 77;
    assert_true(PARSE(f, "a", "--nonsense") < 0);
    assert_int_equal(f->parsed.used, 77);
    assert_null(f->parsed.operands);
}

static void commands_have_sound_tables(void **state)
{
    struct fixture *f = *state;
    struct ps_cli cli = {.arena = f->arena, .commands = ps_commands};
    struct ps_err e = {""};

    for (size_t i = 0; ps_commands[i]; i++) {
        const struct ps_command *c = ps_commands[i];
        const struct ps_command *found = NULL;

        if (ps_options_check(c->options, c->values_size, &e) < 0)
            fail_msg("%s: %s", c->name, e.text);
        assert_int_equal(ps_command_find(&cli, c->name, &found), 0);
        assert_ptr_equal(found, c);
        assert_true(c->summary[0] && c->usage[0] && c->run);
    }
    f->arena = cli.arena;
    assert_int_equal(ps_options_check(ps_program_options, sizeof(struct ps_program_values), &e), 0);
}

struct outer {
    uint64_t before;
    struct values inner;
};

static const struct ps_option_group inner_group = {"Options", rows, offsetof(struct outer, inner)};
static const struct ps_option_group *const inner_groups[] = {&inner_group, NULL};

static void groups_have_a_base_and_options_owners(void **state)
{
    static const char *const count[] = {"--count=12", "-f"}, *const help[] = {"-h"};
    static const struct ps_option_owner owners[] = {
        {"this", groups}, {"that", inner_groups}, {"third", groups}, {NULL}};
    struct fixture *f = *state;
    struct ps_command_line line = {inner_groups, count, 2, PS_OPERANDS_ANYWHERE, owners};
    struct outer v = {0};

    assert_int_equal(ps_options_parse(&line, &f->arena, &v, &f->parsed, &f->error), 0);
    assert_int_equal(v.before, 0);
    assert_int_equal(v.inner.count, 12);
    assert_true(v.inner.flag);
    line.arguments = help;
    line.count = 1;
    assert_refused(f, ps_options_parse(&line, &f->arena, &v, &f->parsed, &f->error), -ENOENT,
                   "unknown option '-h': it is an option of this and third");
    assert_int_equal(ps_options_check(inner_groups, sizeof(struct outer), &f->error), 0);
    assert_int_equal(ps_options_check(inner_groups, sizeof(struct outer) - 8, &f->error), -EINVAL);
}

static void groups_of_one_title_stand_under_it_once(void **state)
{
    const struct ps_option_group more = {"Options", rows + 1};
    const struct ps_option_group *const list[] = {&group, &more, &ps_help_group, NULL};
    struct ps_str text = PS_STR_INIT;
    const char *title;

    ps_options_help(list, &text);
    assert_null(strstr(ps_str_text(&text), "{choices}"));
    assert_non_null(strstr(ps_str_text(&text), "one of red or green, no more\n"));
    title = strstr(ps_str_text(&text), "\nOptions:\n");
    assert_non_null(title);
    assert_null(strstr(title + 1, "\nOptions:\n"));
    assert_non_null(strstr(title, "\nHelp:\n"));
    ps_str_finish(&text);
}

static void assert_flaw(struct ps_option flawed, const char *text)
{
    struct ps_option table[] = {rows[0], flawed, {NULL}};
    struct ps_option_group one = {"Group", table};
    const struct ps_option_group *const list[] = {&one, NULL};
    struct ps_err e = {""};

    assert_int_equal(ps_options_check(list, sizeof(struct values), &e), -EINVAL);
    if (!strstr(e.text, text))
        fail_msg("'%s' does not say '%s'", e.text, text);
}

static void check_finds_each_flaw(void **state)
{
    assert_flaw((struct ps_option){"flag", 0, PS_OPTION_FLAG, NULL, "x"}, "shares its name");
    assert_flaw((struct ps_option){"new", 'f', PS_OPTION_FLAG, NULL, "x"}, "shares its name");
    assert_flaw((struct ps_option){"new", 0, PS_OPTION_FLAG, NULL, NULL}, "has no help");
    assert_flaw((struct ps_option){"new", 0, PS_OPTION_FLAG, NULL, ""}, "has no help");
    assert_flaw((struct ps_option){"new", 0, PS_OPTION_FLAG, NULL, "x."}, "full stop");
    assert_flaw((struct ps_option){"new", 0, PS_OPTION_TEXT, "N", "{choices}"}, "no choices for");
    assert_flaw((struct ps_option){"new", 0, PS_OPTION_FLAG, "N", "x"}, "argument name");
    assert_flaw((struct ps_option){"new", 0, PS_OPTION_TEXT, NULL, "x"}, "argument name");
    assert_flaw((struct ps_option){"--new", 0, PS_OPTION_FLAG, NULL, "x"}, "not allowed");
    assert_flaw((struct ps_option){"new", 0, PS_OPTION_COUNT, "N", "x", 0, 5, 5}, "empty range");
    assert_flaw((struct ps_option){"new", 0, PS_OPTION_TIME, "T", "x"}, "empty range");
    assert_flaw((struct ps_option){"new", 0, PS_OPTION_CHOICE, "W", "x"}, "no choices");
    assert_flaw((struct ps_option){"new", 0, PS_OPTION_TEXT, "T", "x", sizeof(struct values) - 4},
                "outside");
}

static void help_fits_the_terminal(void **state)
{
    struct ps_str text = PS_STR_INIT;
    size_t lines = 0;

    for (size_t i = 0; ps_commands[i]; i++)
        ps_help_command(ps_commands[i], &text);
    assert_false(text.failed);
    for (const char *line = ps_str_text(&text); *line; lines++) {
        size_t length = strcspn(line, "\n");

        assert_true(length <= PS_WIDTH);
        line += length + (line[length] == '\n');
    }
    assert_true(lines > 50);
    ps_str_finish(&text);
}

static void assert_wrapped(const char *text, char separator, size_t column, size_t indent,
                           const char *expected)
{
    struct ps_str out = PS_STR_INIT;

    ps_wrap(&out, text, separator, column, indent);
    assert_string_equal(ps_str_text(&out), expected);
    ps_str_finish(&out);
}

static void wraps(void **state)
{
    assert_wrapped("", ' ', 0, 0, "\n");
    assert_wrapped("a b", ' ', 77, 2, "a b\n");
    assert_wrapped("a b", ' ', 78, 2, "a\n  b\n");
    assert_wrapped("µ µ", ' ', 77, 2, "µ µ\n");
    assert_wrapped("10,20,30", ',', 74, 4, "10,20,\n    30\n");
    assert_wrapped("10,20,30", ',', 79, 1, "10,\n 20,30\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(takes_all_kinds, start, stop),
        cmocka_unit_test_setup_teardown(takes_letters_in_every_form, start, stop),
        cmocka_unit_test_setup_teardown(empty_and_odd_arguments_stay_as_they_are, start, stop),
        cmocka_unit_test_setup_teardown(repeated_options, start, stop),
        cmocka_unit_test_setup_teardown(operands_anywhere, start, stop),
        cmocka_unit_test_setup_teardown(stops_at_the_first_operand, start, stop),
        cmocka_unit_test_setup_teardown(help_ends_parsing, start, stop),
        cmocka_unit_test_setup_teardown(unknown_options, start, stop),
        cmocka_unit_test_setup_teardown(arguments_too_few_or_too_many, start, stop),
        cmocka_unit_test_setup_teardown(values_out_of_range, start, stop),
        cmocka_unit_test_setup_teardown(failure_leaves_the_outcome_alone, start, stop),
        cmocka_unit_test_setup_teardown(commands_have_sound_tables, start, stop),
        cmocka_unit_test_setup_teardown(groups_have_a_base_and_options_owners, start, stop),
        cmocka_unit_test(groups_of_one_title_stand_under_it_once),
        cmocka_unit_test(check_finds_each_flaw),
        cmocka_unit_test(help_fits_the_terminal),
        cmocka_unit_test(wraps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
