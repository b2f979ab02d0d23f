#include <string.h>

#include "diagnosis_result.h"
#include "name.h"
#include "text.h"

#define PYTHON "py::"

bool ps_place_same(const struct ps_place *a, const struct ps_place *b)
{
    return ps_text_same(a->function, b->function) && ps_text_same(a->library, b->library) &&
           ps_text_same(a->module, b->module);
}

double ps_diagnosis_threads(const struct ps_diagnosis *d)
{
    double count = 0;

    for (size_t i = 0; d && i < d->thread_count; i++)
        count += d->threads[i].count;
    return count;
}

const struct ps_code_row *ps_diagnosis_code(const struct ps_diagnosis *d, const struct ps_place *p)
{
    for (size_t i = 0; i < d->code_count; i++)
        if (ps_place_same(&d->code[i].place, p))
            return &d->code[i];
    return NULL;
}

/* "python", "python3.12", "libpython3.12.so.1.0", and not "python-parser". */
bool ps_module_interprets(const char *module)
{
    static const char name[] = "python";
    const char *at = module && !strncmp(module, "lib", 3) ? module + 3 : module;

    if (!at || strncmp(at, name, sizeof name - 1))
        return false;
    at += sizeof name - 1;
    return (!*at && at == module + sizeof name - 1) || (*at >= '0' && *at <= '9');
}

bool ps_module_made(const char *module)
{
    return module && !strcmp(module, "[anon]");
}

bool ps_function_outlined(const char *function)
{
    static const char outlined[] = ".omp_outlined";

    return function && !strncmp(function, outlined, sizeof outlined - 1);
}

static const char *file_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* Who writes "#pragma omp" has never called a library. */
static const char *runtime_of(const char *module)
{
    static const struct {
        const char *module, *name;
    } runtimes[] = {
        {"libgomp", "OpenMP's runtime libgomp"},          {"libomp", "OpenMP's runtime libomp"},
        {"libiomp", "OpenMP's runtime libiomp"},          {"libtbb", "TBB's runtime"},
        {"libgfortran", "Fortran's runtime libgfortran"},
    };

    for (size_t i = 0; i < sizeof runtimes / sizeof *runtimes; i++)
        if (!strncmp(module, runtimes[i].module, strlen(runtimes[i].module)))
            return runtimes[i].name;
    return module;
}

/* "rand()", that is read as a function's name; a library's name stands as it is. */
static const char *called(struct ps_arena *a, const char *name)
{
    return strstr(name, ".so") ? runtime_of(name) : ps_arena_format(a, "%s()", name);
}

/* Of Python's, "py::work:/home/me/x.py" in its perf map: "work() (x.py)". */
static const char *interpreted(struct ps_arena *a, const char *function)
{
    const char *name = function + strlen(PYTHON), *file = strchr(name, ':');

    return file ? ps_arena_format(a, "%.*s() (%s)", (int)(file - name), name, file_of(file + 1))
                : called(a, name);
}

/* What a function without a name of its own is; NULL: it has one. Clang has two of each region. */
static const char *unnamed(const char *function)
{
    if (!strcmp(function, "operator()"))
        return "a lambda";
    return ps_function_outlined(function) ? "a parallel region" : NULL;
}

/* "spin() (causes.c:9)". Of a function without a name of its own the place says more. */
static const char *function_at(struct ps_arena *a, const char *function, const char *file,
                               unsigned line)
{
    const char *name = unnamed(function);

    if (!name)
        name = strncmp(function, PYTHON, strlen(PYTHON)) ? called(a, ps_name_short(a, function))
                                                         : interpreted(a, function);
    if (!file || !line)
        return name;
    return ps_arena_format(a, "%s (%s:%u)", name, file_of(file), line);
}

static bool is_part(struct ps_arena *a, const struct ps_place *p)
{
    if (ps_function_outlined(p->function))
        return ps_function_outlined(p->caller);
    return p->function && !strcmp(ps_name_short(a, p->function), ps_name_short(a, p->caller));
}

const char *ps_place_text(struct ps_arena *a, const struct ps_place *p)
{
    const char *module = ps_module_made(p->module) ? "code made at run time" : p->module;
    const char *own = p->function ? p->function : module;
    const char *library = p->library ? called(a, ps_name_short(a, p->library)) : NULL;
    const char *text = library && own ? ps_arena_format(a, "%s, called from ", library)
                       : library      ? library
                                      : "";

    if (!own)
        return *text ? text : "code that is not known";
    text =
        ps_arena_format(a, "%s%s", text, p->function ? function_at(a, own, p->file, p->line) : own);
    if (p->caller && !is_part(a, p))
        text = ps_arena_format(a, "%s, called from %s", text,
                               function_at(a, p->caller, p->caller_file, p->caller_line));
    if (p->region)
        text = ps_arena_format(a, "%s, in region %s", text, p->region);
    return text;
}
