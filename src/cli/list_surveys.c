/* `parscope list doctor` and `parscope list overhead`. */
#include "doctor.h"
#include "list_tables.h"
#include "overhead.h"
#include "wrap.h"

#define INDENT 22

void ps_list_doctor(const struct ps_catalog *c, struct ps_str *out)
{
    ps_str_add(out, "Lines of doctor\n");
    for (size_t i = 0; ps_doctor_ids[i]; i++)
        ps_str_addf(out, "  %s\n", ps_doctor_ids[i]);
}

void ps_list_overhead(const struct ps_catalog *c, struct ps_str *out)
{
    const char *id, *what;

    ps_str_add(out, "Parts of overhead\n");
    for (size_t i = 0; (id = ps_overhead_part(i, &what)); i++) {
        struct ps_str head = PS_STR_INIT;

        ps_str_addf(&head, "  %s", id);
        out->failed |= head.failed;
        ps_wrap_entry(out, ps_str_text(&head), what, INDENT);
        ps_str_finish(&head);
    }
}

void ps_list_doctor_names(const struct ps_catalog *c, struct ps_str *out)
{
    for (size_t i = 0; ps_doctor_ids[i]; i++)
        ps_str_addf(out, "%s\n", ps_doctor_ids[i]);
}

void ps_list_overhead_names(const struct ps_catalog *c, struct ps_str *out)
{
    const char *id, *what;

    for (size_t i = 0; (id = ps_overhead_part(i, &what)); i++)
        ps_str_addf(out, "%s\n", id);
}
