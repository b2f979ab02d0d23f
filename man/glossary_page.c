/* Prints the source of the page parscope-glossary(7), from the rows that `parscope help WORD` has.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct word {
    const char *group, *word, *also, *what, *formula, *todo;
};

#define PS_WORD(word, also, what, formula, todo) {PS_WORD_GROUP, word, also, what, formula, todo},
static const struct word words[] = {
#include "glossary.def"
    {0},
};

static const char head[] =
    "parscope-glossary(7)\n\n"
    "# NAME\n\nparscope-glossary - the words of parscope's reports\n\n"
    "# DESCRIPTION\n\n"
    "What the figures, column headers, causes and notes of *parscope*(1) mean, how they are computed, and what to "
    "do about them. *parscope help* _WORD_ shows one of them. The letters of formulas are explained at "
    "*symbols*.\n";

static const char tail[] =
    "\n# SEE ALSO\n\n*parscope*(1), *parscope-help*(1), *parscope-sweep*(1)\n";

/* What scdoc gives a meaning is escaped. */
static void say(const char *text)
{
    for (; *text; text++) {
        if (strchr("\\*_#[]|<>~", *text))
            putchar('\\');
        putchar(*text);
    }
}

static void say_paragraph(const char *lead, const char *text)
{
    printf("%s\t%s", *lead ? "\n" : "", lead);
    say(text);
    putchar('\n');
}

static void say_word(const struct word *w)
{
    printf("\n*");
    say(w->word);
    putchar('*');
    if (*w->also) {
        printf(" (");
        say(w->also);
        putchar(')');
    }
    putchar('\n');
    say_paragraph("", w->what);
    if (w->formula)
        say_paragraph("Formula: ", w->formula);
    say_paragraph("What to do: ", w->todo);
}

int main(void)
{
    fputs(head, stdout);
    for (const struct word *w = words; w->word; w++) {
        if (w == words || strcmp(w->group, w[-1].group))
            printf("\n# %s\n", w->group);
        say_word(w);
    }
    fputs(tail, stdout);
    return ferror(stdout) != 0;
}
