#include <string.h>

#include "options.h"
#include "wrap.h"

#define INDENT 26

static void option_help(const struct ps_option *o, struct ps_str *out)
{
    struct ps_str head = PS_STR_INIT;

    ps_str_add(&head, "  ");
    if (o->letter)
        ps_str_addf(&head, "-%c, ", o->letter);
    else
        ps_str_add(&head, "    ");
    ps_str_addf(&head, "--%s", o->name);
    if (o->argument)
        ps_str_addf(&head, " %s", o->argument);
    out->failed |= head.failed;
    ps_wrap_entry(out, ps_str_text(&head), o->help, INDENT);
    ps_str_finish(&head);
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
