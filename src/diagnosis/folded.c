#include "folded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interned.h"
#include "text.h"

struct stack {
    const char *text; /* interned */
    uint64_t count;
};

struct ps_folded {
    struct ps_interned texts;
    struct stack *stacks;
    size_t count, room;
    char *head;
    struct ps_str line;
    bool failed;
};

struct ps_folded *ps_folded_create(void)
{
    return calloc(1, sizeof(struct ps_folded));
}

void ps_folded_destroy(struct ps_folded *f)
{
    if (!f)
        return;
    ps_interned_free(&f->texts);
    ps_str_finish(&f->line);
    free(f->stacks);
    free(f->head);
    free(f);
}

void ps_folded_head(struct ps_folded *f, const char *head)
{
    free(f->head);
    f->head = head ? strdup(head) : NULL;
    f->failed |= head && !f->head;
}

/* A name of which nothing is taken for what is between frames. */
static void add_frame(struct ps_str *line, const char *name)
{
    char clean[PS_FOLDED_FRAME + 1], *begin = clean, *end;

    ps_text_clean_to(clean, sizeof clean, name);
    for (char *c = clean; *c; c++)
        if (*c == ';')
            *c = ':';
    begin += strspn(begin, " ");
    for (end = begin + strlen(begin); end > begin && end[-1] == ' ';)
        *--end = '\0';
    if (line->length)
        ps_str_add(line, ";");
    ps_str_add(line, *begin ? begin : "[unknown]");
}

/* "work", or "[libz.so.1]" where only that is known. */
static void add_code(struct ps_str *line, const struct ps_frame *f)
{
    char module[PS_FOLDED_FRAME + 1];

    if (f->function || !f->module || f->module[0] == '[') {
        add_frame(line, f->function ? f->function : f->module ? f->module : "");
        return;
    }
    snprintf(module, sizeof module, "[%.*s]", PS_FOLDED_FRAME - 2, f->module);
    add_frame(line, module);
}

static void add_head(struct ps_folded *f, unsigned running)
{
    char root[32];

    ps_str_clear(&f->line);
    if (f->head)
        add_frame(&f->line, f->head);
    snprintf(root, sizeof root, "%u running", running);
    add_frame(&f->line, root);
}

static void make_line(struct ps_folded *f, struct ps_symbols *symbols, size_t space,
                      const char *program, const struct ps_seen *seen)
{
    const struct ps_stack_seen stack = {&seen->registers, seen->stack, seen->stack_size};
    struct ps_frame frames[PS_FRAMES_MOST];
    size_t count = ps_symbols_unwind(symbols, space, &stack, frames, PS_FRAMES_MOST);

    add_head(f, seen->running);
    add_frame(&f->line, program ? program : "");
    while (count-- > 0)
        add_code(&f->line, &frames[count]);
    if (seen->kernel)
        add_frame(&f->line, "[kernel]");
}

static bool add_stack(struct ps_folded *f, uint64_t count)
{
    const char *text =
        f->line.failed ? NULL : ps_interned_keep(&f->texts, ps_str_text(&f->line), PS_FOLDED_MOST);

    if (f->count == f->room) {
        const size_t room = f->room ? 2 * f->room : 1024;
        void *larger = realloc(f->stacks, room * sizeof *f->stacks);

        if (!larger)
            return false;
        f->stacks = larger;
        f->room = room;
    }
    f->stacks[f->count++] = (struct stack){text ? text : "[other stacks]", count};
    return true;
}

/* A sample that is kept stands for those up to the next. */
void ps_folded_add(struct ps_folded *f, struct ps_symbols *symbols, const size_t *spaces,
                   const struct ps_observation *n)
{
    const struct ps_seen_list *l = &n->lists[PS_SEEN_SAMPLE];

    for (size_t i = 0; i < l->count && !f->failed; i++) {
        const struct ps_seen *s = &l->seen[i];
        const size_t next = i + 1 < l->count ? l->seen[i + 1].ordinal : l->taken;

        make_line(f, symbols, spaces[s->space], n->spaces.spaces[s->space].name, s);
        f->failed = !add_stack(f, next - s->ordinal);
    }
}

static int by_text(const void *a, const void *b)
{
    const struct stack *x = a, *y = b;

    return strcmp(x->text, y->text);
}

void ps_folded_write(struct ps_folded *f, struct ps_str *out)
{
    out->failed |= f->failed;
    if (f->count)
        qsort(f->stacks, f->count, sizeof *f->stacks, by_text);
    for (size_t i = 0; i < f->count; i++) {
        uint64_t count = f->stacks[i].count;

        while (i + 1 < f->count && !strcmp(f->stacks[i].text, f->stacks[i + 1].text))
            count += f->stacks[++i].count;
        ps_str_addf(out, "%s %llu\n", f->stacks[i].text, (unsigned long long)count);
    }
}
