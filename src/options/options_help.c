#include <string.h>

#include "options.h"
#include "wrap.h"

#define INDENT  26
#define CHOICES "{choices}"

/* "a, b or c" */
static void add_choices(const char *const *choices, struct ps_str *out)
{
    for (size_t i = 0; choices[i]; i++) {
        if (i)
            ps_str_add(out, choices[i + 1] ? ", " : " or ");
        ps_str_add(out, choices[i]);
    }
}

static void add_help(const struct ps_option *o, struct ps_str *out)
{
    const char *mark = o->choices ? strstr(o->help, CHOICES) : NULL;

    ps_str_addn(out, o->help, mark ? (size_t)(mark - o->help) : strlen(o->help));
    if (mark) {
        add_choices(o->choices, out);
        ps_str_add(out, mark + strlen(CHOICES));
    }
}

static void option_help(const struct ps_option *o, struct ps_str *out)
{
    struct ps_str head = PS_STR_INIT, help = PS_STR_INIT;

    ps_str_add(&head, "  ");
    if (o->letter)
        ps_str_addf(&head, "-%c, ", o->letter);
    else
        ps_str_add(&head, "    ");
    ps_str_addf(&head, "--%s", o->name);
    if (o->argument)
        ps_str_addf(&head, " %s", o->argument);
    add_help(o, &help);
    out->failed |= head.failed || help.failed;
    ps_wrap_entry(out, ps_str_text(&head), ps_str_text(&help), INDENT);
    ps_str_finish(&head);
    ps_str_finish(&help);
}

void ps_options_help(const struct ps_option_group *const *groups, struct ps_str *out)
{
    for (size_t g = 0; groups[g]; g++) {
        if (g == 0 || strcmp(groups[g]->title, groups[g - 1]->title))
            ps_str_addf(out, "\n%s:\n", groups[g]->title);
        for (const struct ps_option *o = groups[g]->rows; o->name; o++)
            option_help(o, out);
    }
}
