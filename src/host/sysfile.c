#include "sysfile.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

FILE *ps_sysfile_open(const char *root, const char *path)
{
    char full[PATH_MAX];
    int length = snprintf(full, sizeof full, "%s%s", root, path);

    if (length < 0 || (size_t)length >= sizeof full)
        return NULL;
    return fopen(full, "re");
}

static void skip_rest_of_line(FILE *f)
{
    int c;

    do {
        c = getc(f);
    } while (c != EOF && c != '\n');
}

bool ps_sysfile_next(FILE *f, char *line, size_t size)
{
    char *end;

    if (!fgets(line, (int)size, f))
        return false;
    end = strchr(line, '\n');
    if (end)
        *end = '\0';
    else
        skip_rest_of_line(f);
    return true;
}

char *ps_sysfile_trim(char *text)
{
    char *end;

    while (isspace((unsigned char)*text))
        text++;
    end = text + strlen(text);
    while (end > text && isspace((unsigned char)end[-1]))
        end--;
    *end = '\0';
    return text;
}

bool ps_sysfile_line(const char *root, const char *path, char *line, size_t size)
{
    FILE *f = ps_sysfile_open(root, path);
    bool found;
    char *text;

    if (!f)
        return false;
    found = ps_sysfile_next(f, line, size);
    fclose(f);
    if (!found)
        return false;
    text = ps_sysfile_trim(line);
    memmove(line, text, strlen(text) + 1);
    return *line != '\0';
}

bool ps_sysfile_number(const char **text, uint64_t *value)
{
    const char *at = *text;
    uint64_t sum = 0;

    if (!isdigit((unsigned char)*at))
        return false;
    for (; isdigit((unsigned char)*at); at++) {
        if (__builtin_mul_overflow(sum, 10u, &sum) ||
            __builtin_add_overflow(sum, (uint64_t)(*at - '0'), &sum))
            return false;
    }
    while (isblank((unsigned char)*at))
        at++;
    *text = at;
    *value = sum;
    return true;
}
