/* `parscope list env`: what can be chosen for a program from outside. */
#include <stdbool.h>
#include <string.h>

#include "list_tables.h"
#include "outside.h"
#include "wrap.h"

#define INDENT 26

void ps_list_outside(const struct ps_catalog *c, struct ps_str *out)
{
    ps_str_add(out, "Strategies of programs, -s " PS_OUTSIDE ":KEY=VALUE[:KEY=VALUE]...\n");
    for (const struct ps_outside_key *k = ps_outside_keys; k->name; k++) {
        struct ps_str head = PS_STR_INIT, text = PS_STR_INIT;

        ps_str_addf(&head, "  %s=", k->name);
        ps_str_addf(&text, "%s (%s)", k->help, k->takes);
        out->failed |= head.failed || text.failed;
        ps_wrap_entry(out, ps_str_text(&head), ps_str_text(&text), INDENT / 2);
        ps_str_finish(&head);
        ps_str_finish(&text);
    }
}

void ps_list_outside_names(const struct ps_catalog *c, struct ps_str *out)
{
    ps_str_add(out, PS_OUTSIDE "\n");
}

/* Words in small letters stand for themselves, others for what one writes. */
static void add_keys(const struct ps_outside_key *k, struct ps_str *out)
{
    bool any = false;

    for (const char *at = k->takes; *at;) {
        const size_t length = strcspn(at, "|");

        if (at[0] >= 'a') {
            ps_str_addf(out, PS_OUTSIDE ":%s=%.*s\n", k->name, (int)length, at);
            any = true;
        }
        at += length + (at[length] == '|');
    }
    if (!any)
        ps_str_addf(out, PS_OUTSIDE ":%s=\n", k->name);
}

void ps_list_outside_keys(const struct ps_catalog *c, struct ps_str *out)
{
    for (const struct ps_outside_key *k = ps_outside_keys; k->name; k++)
        add_keys(k, out);
}
