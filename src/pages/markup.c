#include "markup.h"

#include "text.h"

void ps_markup_text(struct ps_str *out, struct ps_arena *a, const char *text)
{
    static const struct {
        char c;
        const char *entity;
    } entities[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};

    for (const char *c = ps_text_clean(a, text); *c; c++) {
        size_t i = 0;

        while (i < sizeof entities / sizeof *entities && entities[i].c != *c)
            i++;
        if (i < sizeof entities / sizeof *entities)
            ps_str_add(out, entities[i].entity);
        else
            ps_str_addn(out, c, 1);
    }
}
