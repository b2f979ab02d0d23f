#include <errno.h>
#include <string.h>

#include "cli.h"
#include "glossary.h"
#include "names.h"
#include "wrap.h"

struct help_values {
    bool names;
};

static const struct ps_option rows[] = {
    {"names", 0, PS_OPTION_FLAG, NULL, "the commands and words that have help, one per line",
     offsetof(struct help_values, names)},
    {NULL},
};
static const struct ps_option_group group = {"What is shown", rows};
static const struct ps_option_group *const options[] = {&group, &ps_help_group, NULL};

static void add_paragraph(struct ps_str *out, const char *lead, const char *text)
{
    struct ps_str line = PS_STR_INIT;

    ps_str_addf(&line, "%s%s", lead, text);
    out->failed |= line.failed;
    ps_wrap(out, ps_str_text(&line), ' ', 0, *lead ? 2 : 0);
    ps_str_finish(&line);
}

/* "eff., of ideal": what leads to the word and is written otherwise. */
static void add_also(const struct ps_word *w, struct ps_str *out)
{
    struct ps_str list = PS_STR_INIT;
    size_t length;

    for (const char *at = w->also; (at = ps_word_also(at, &length)); at += length)
        if (strlen(w->word) != length || memcmp(at, w->word, length))
            ps_str_addf(&list, "%s%.*s", list.length ? ", " : "", (int)length, at);
    out->failed |= list.failed;
    if (list.length)
        add_paragraph(out, "Also: ", ps_str_text(&list));
    ps_str_finish(&list);
}

/* With what its letters are. */
static void add_formula(struct ps_cli *cli, const char *formula, struct ps_str *out)
{
    const char *symbols = ps_word_symbols(formula, &cli->arena);

    add_paragraph(out, "Formula: ",
                  ps_arena_format(&cli->arena, "%s%s%s%s", formula, *symbols ? " (" : "", symbols,
                                  *symbols ? ")" : ""));
}

static void add_word(struct ps_cli *cli, const struct ps_word *w, struct ps_str *out)
{
    ps_str_addf(out, "%s%s\n\n", out->length ? "\n" : "", w->word);
    add_paragraph(out, "", w->what);
    ps_str_add(out, "\n");
    if (w->formula)
        add_formula(cli, w->formula, out);
    add_paragraph(out, "What to do: ", w->todo);
    add_also(w, out);
}

/* Of several that the text leads to, the one of that name comes first. */
static void add_words(struct ps_cli *cli, const char *text, struct ps_str *out)
{
    for (const struct ps_word *w = ps_glossary; w->word; w++)
        if (!strcmp(w->word, text))
            add_word(cli, w, out);
    for (const struct ps_word *w = ps_glossary; (w = ps_word_next(w, text)); w++)
        if (strcmp(w->word, text))
            add_word(cli, w, out);
}

static void add_list(struct ps_str *out)
{
    struct ps_str line = PS_STR_INIT;

    ps_str_add(out, "\nWords, for 'parscope help WORD':\n");
    for (const struct ps_word *w = ps_glossary; w->word; w++) {
        ps_str_addf(&line, "%s%s", line.length ? ", " : "  ", w->word);
        if (w[1].word && !strcmp(w[1].group, w->group))
            continue;
        ps_wrap_entry(out, w->group, ps_str_text(&line) + 2, 4);
        out->failed |= line.failed;
        line.length = 0;
    }
    ps_str_finish(&line);
}

static void add_names(const struct ps_cli *cli, struct ps_str *out)
{
    for (size_t i = 0; cli->commands[i]; i++)
        ps_str_addf(out, "%s\n", cli->commands[i]->name);
    for (const struct ps_word *w = ps_glossary; w->word; w++)
        ps_str_addf(out, "%s\n", w->word);
}

static bool is_command(const struct ps_cli *cli, const char *name)
{
    for (size_t i = 0; cli->commands[i]; i++)
        if (!strcmp(cli->commands[i]->name, name))
            return true;
    return false;
}

/* Names the nearest of commands and words. */
static int unknown(struct ps_cli *cli, const char *text)
{
    const struct ps_command *command;
    const char *const *words;
    size_t count = ps_word_names(&words, &cli->arena);
    int err = ps_command_find(cli, text, &command);

    if (strstr(cli->error.text, "did you mean"))
        return err;
    cli->error = (struct ps_err){0};
    return ps_unknown("word", text, words, count, "'parscope help' lists them", &cli->error);
}

/* The operands as one text: words may stand apart. */
static const char *joined(struct ps_cli *cli, const struct ps_parsed *parsed)
{
    const char *text = parsed->operands[0];

    for (size_t i = 1; i < parsed->operand_count; i++)
        text = ps_arena_format(&cli->arena, "%s %s", text, parsed->operands[i]);
    return text;
}

static int add_help(struct ps_cli *cli, const struct ps_parsed *parsed, struct ps_str *out)
{
    const struct ps_command *command;
    const char *text = joined(cli, parsed);

    if (!is_command(cli, parsed->operands[0]) && ps_word_next(ps_glossary, text)) {
        add_words(cli, text, out);
        return 0;
    }
    if (!is_command(cli, parsed->operands[0]))
        return unknown(cli, text);
    if (ps_operands_at_most(parsed, 1, &cli->error) < 0)
        return -EINVAL;
    ps_command_find(cli, text, &command);
    ps_help_command(command, out);
    return 0;
}

static int run(struct ps_cli *cli, const void *values, const struct ps_parsed *parsed)
{
    const struct help_values *v = values;
    struct ps_str text = PS_STR_INIT;
    int err = 0;

    if (parsed->operand_count) {
        err = v->names ? ps_operands_at_most(parsed, 0, &cli->error) : add_help(cli, parsed, &text);
    } else if (v->names) {
        add_names(cli, &text);
    } else {
        ps_help_program(cli->commands, &text);
        add_list(&text);
    }
    if (err == 0)
        return ps_cli_print(cli, &text);
    ps_str_finish(&text);
    return ps_exit_of(err);
}

static const char *const usage[] = {"[COMMAND]", "WORD", "--names", NULL};

const struct ps_command ps_command_help = {
    .name = "help",
    .summary = "show the help of a command, or explain a word of a report",
    .usage = usage,
    .details =
        "A WORD is a term of the reports: a metric, a column header, a cause, or the beginning of "
        "a note, as in 'parscope help efficiency' or 'parscope help lost-cores'. Without "
        "arguments, all words are listed.",
    .options = options,
    .values_size = sizeof(struct help_values),
    .run = run,
};
