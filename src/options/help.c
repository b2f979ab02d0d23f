#include <string.h>

#include "cli.h"
#include "wrap.h"

static const struct ps_option help_rows[] = {
    {"help", 'h', PS_OPTION_HELP, NULL, "show this help and exit"},
    {NULL},
};

const struct ps_option_group ps_help_group = {"Help", help_rows};

static const struct ps_option program_rows[] = {
    {"help", 'h', PS_OPTION_HELP, NULL, "show this help and exit"},
    {"version", 'V', PS_OPTION_FLAG, NULL, "show the version and exit",
     offsetof(struct ps_program_values, version)},
    {NULL},
};

static const struct ps_option_group program_group = {"Options", program_rows};
const struct ps_option_group *const ps_program_options[] = {&program_group, NULL};

static void paragraphs(const char *text, struct ps_str *out)
{
    while (*text) {
        size_t length = strcspn(text, "\n");
        struct ps_str line = PS_STR_INIT;

        ps_str_addn(&line, text, length);
        out->failed |= line.failed;
        ps_wrap(out, ps_str_text(&line), ' ', 0, 0);
        ps_str_finish(&line);
        text += length + (text[length] == '\n');
    }
}

void ps_help_command(const struct ps_command *c, struct ps_str *out)
{
    ps_str_addf(out, "parscope %s: %s\n\n", c->name, c->summary);
    for (size_t i = 0; c->usage[i]; i++)
        ps_str_addf(out, "%s parscope %s %s\n", i ? "      " : "Usage:", c->name, c->usage[i]);
    if (c->details) {
        ps_str_add(out, "\n");
        paragraphs(c->details, out);
    }
    ps_options_help(c->options, out);
    ps_str_addf(out, "\nMore: man parscope-%s\n", c->name);
}

void ps_help_program(const struct ps_command *const *commands, struct ps_str *out)
{
    ps_str_add(
        out,
        "parscope: how much faster with more threads, and where is the rest lost?\n\nUsage: parscope COMMAND [options] [arguments]\n\nCommands:\n");
    for (size_t i = 0; commands[i]; i++) {
        struct ps_str head = PS_STR_INIT;

        ps_str_addf(&head, "  %s", commands[i]->name);
        out->failed |= head.failed;
        ps_wrap_entry(out, ps_str_text(&head), commands[i]->summary, 15);
        ps_str_finish(&head);
    }
    ps_options_help(ps_program_options, out);
    ps_str_add(out, "\n'parscope COMMAND -h' shows the options of a command; more: man parscope\n");
}
