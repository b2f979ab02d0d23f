#include "cpu_list.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define CPU_LIMIT 65535

struct parse {
    const struct ps_topology *t;
    struct ps_err *e;
    const char *text, *at;
    bool *taken; /* by index into t->cpus */
    int *cpus;   /* room for all of t->cpus */
    size_t count;
};

static char *allowed_text(struct ps_arena *a, const struct ps_topology *t)
{
    int *os = ps_arena_array(a, t->cpu_count, sizeof *os);

    for (unsigned i = 0; i < t->cpu_count; i++)
        os[i] = t->cpus[t->by_os[i]].os;
    return ps_cpu_list_format(a, os, t->cpu_count);
}

static int add_cpu(struct parse *p, struct ps_arena *a, int os)
{
    const struct ps_cpu *cpu = ps_topology_cpu(p->t, os);

    if (!cpu)
        return ps_fail(p->e, EINVAL, "CPU %d can't be used here: only %s can", os,
                       allowed_text(a, p->t));
    if (p->taken[cpu - p->t->cpus])
        return ps_fail(p->e, EINVAL, "CPU %d is given twice in '%s'", os, p->text);
    p->taken[cpu - p->t->cpus] = true;
    p->cpus[p->count++] = os;
    return 0;
}

static int parse_number(struct parse *p, int *os)
{
    int value = 0;

    if (!isdigit((unsigned char)*p->at))
        return ps_fail(p->e, EINVAL, "'%s' is not a list of CPUs: write it like 0,2-5", p->text);
    for (; isdigit((unsigned char)*p->at); p->at++) {
        value = value * 10 + (*p->at - '0');
        if (value > CPU_LIMIT)
            return ps_fail(p->e, ERANGE, "a CPU number in '%s' is above %d", p->text, CPU_LIMIT);
    }
    *os = value;
    return 0;
}

static int parse_item(struct parse *p, struct ps_arena *a)
{
    int first, last, err;

    err = parse_number(p, &first);
    if (err < 0)
        return err;
    last = first;
    if (*p->at == '-') {
        p->at++;
        err = parse_number(p, &last);
        if (err < 0)
            return err;
    }
    if (last < first)
        return ps_fail(p->e, EINVAL, "the range %d-%d runs backwards: write %d-%d", first, last,
                       last, first);
    for (int os = first; os <= last && err == 0; os++)
        err = add_cpu(p, a, os);
    return err;
}

int ps_cpu_list_parse(const struct ps_topology *t, const char *text, struct ps_arena *a, int **cpus,
                      size_t *count, struct ps_err *e)
{
    struct parse p = {.t = t, .e = e, .text = text, .at = text};
    int err;

    p.taken = ps_arena_array(a, t->cpu_count, sizeof *p.taken);
    p.cpus = ps_arena_array(a, t->cpu_count, sizeof *p.cpus);
    err = parse_item(&p, a);
    while (err == 0 && *p.at == ',') {
        p.at++;
        err = parse_item(&p, a);
    }
    if (err < 0)
        return err;
    if (*p.at)
        return ps_fail(e, EINVAL, "'%s' is not a list of CPUs: write it like 0,2-5", text);
    *cpus = p.cpus;
    *count = p.count;
    return 0;
}

/* One past the last of the ascending run that begins at i. */
static size_t run_end(const int *cpus, size_t count, size_t i)
{
    for (i++; i < count && cpus[i] == cpus[i - 1] + 1; i++)
        ;
    return i;
}

static size_t digits(int value)
{
    size_t n = 1;

    for (; value > 9; value /= 10)
        n++;
    return n;
}

static char *put(char *at, char separator, int value)
{
    size_t n = digits(value);

    *at++ = separator;
    for (size_t i = n; i-- > 0; value /= 10)
        at[i] = (char)('0' + value % 10);
    return at + n;
}

char *ps_cpu_list_format(struct ps_arena *a, const int *cpus, size_t count)
{
    size_t size = 1, end;
    char *text, *at;

    for (size_t i = 0; i < count; i = end) {
        end = run_end(cpus, count, i);
        size += 1 + digits(cpus[i]) + (end - i > 1 ? 1 + digits(cpus[end - 1]) : 0);
    }
    text = ps_arena_alloc(a, size);
    at = text;
    for (size_t i = 0; i < count; i = end) {
        end = run_end(cpus, count, i);
        at = put(at, ',', cpus[i]);
        if (end - i > 1)
            at = put(at, '-', cpus[end - 1]);
    }
    *at = '\0';
    return count ? text + 1 : text; /* behind the first comma */
}
