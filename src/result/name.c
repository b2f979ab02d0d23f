#include "name.h"

#include <ctype.h>
#include <string.h>

#include "str.h"

/* What compilers add to the names of the parts that they make of a function. */
static const char *const parts[] = {"._omp_fn.", ".omp_outlined", ".constprop.", ".isra.",
                                    ".part.",    ".cold",         ".lto_priv.",  " [clone "};

static const char *const anonymous = "(anonymous namespace)";
static const char *const fortran_module = "_MOD_";
static const char *const glibc_stdio = "_IO_", *const rust_poison = "sync::poison::";

/* Without what stands before their names in the C library. */
static const char *const kernel_calls[] = {
    "accept",  "access",     "brk",       "clock_nanosleep",
    "clone",   "close",      "connect",   "dup",
    "dup2",    "epoll_wait", "execve",    "fallocate",
    "fcntl",   "fdatasync",  "flock",     "fork",
    "fstat",   "fsync",      "ftruncate", "getdents",
    "getpid",  "getppid",    "getrandom", "getrusage",
    "ioctl",   "kill",       "lseek",     "lstat",
    "madvise", "mkdir",      "mmap",      "mprotect",
    "mremap",  "munmap",     "nanosleep", "open",
    "openat",  "pipe",       "poll",      "ppoll",
    "pread",   "preadv",     "pselect",   "pwrite",
    "pwritev", "read",       "readlink",  "readv",
    "recv",    "recvfrom",   "recvmsg",   "rename",
    "select",  "send",       "sendfile",  "sendmsg",
    "sendto",  "stat",       "syscall",   "unlink",
    "wait4",   "waitpid",    "write",     "writev",
};

static const char *const call_prefixes[] = {"__GI_", "__libc_", "__"};
static const char *const call_suffixes[] = {"_nocancel", "64"};

static bool starts(const char *text, const char *with)
{
    return !strncmp(text, with, strlen(with));
}

static bool in_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Behind the bracket that closes the one at `at`; the end of the text where none does. */
static const char *behind(const char *at)
{
    const char open = *at, close = open == '(' ? ')' : open == '{' ? '}' : '>';
    size_t depth = 0;

    for (; *at; at++) {
        if (*at == open)
            depth++;
        else if (*at == close && at[-1] != '-' && !--depth)
            return at + 1;
    }
    return at;
}

/* The sign of an operator: "operator<<", "operator()", "operator std::string". */
static size_t operator_length(const char *at)
{
    const size_t word = strlen("operator");

    if (!starts(at, "operator") || in_word(at[word]))
        return 0;
    if (starts(at + word, "()"))
        return word + 2;
    return strcspn(at, "(");
}

struct shorter {
    const char *name, *at;
    struct ps_str *out;
    size_t word; /* in out, where the last word begins */
};

static void keep(struct shorter *s, const char *end)
{
    ps_str_addn(s->out, s->at, (size_t)(end - s->at));
    s->at = end;
}

/* False: what follows is none of the name. */
static bool take(struct shorter *s)
{
    const size_t sign = s->at == s->name || !in_word(s->at[-1]) ? operator_length(s->at) : 0;

    if (sign) {
        keep(s, s->at + sign);
    } else if (starts(s->at, anonymous)) {
        keep(s, s->at + strlen(anonymous));
    } else if (*s->at == '{') {
        keep(s, behind(s->at));
    } else if (*s->at == '<' && s->at > s->name && in_word(s->at[-1])) {
        s->at = behind(s->at);
    } else if (*s->at == '(' && s->at > s->name) {
        s->at = behind(s->at);
        return starts(s->at, "::");
    } else if (*s->at == ' ') {
        s->at++;
        ps_str_add(s->out, " ");
        s->word = s->out->length;
    } else {
        keep(s, s->at + 1);
    }
    return true;
}

static size_t without_parts(const char *name)
{
    size_t length = strlen(name);

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const char *at = strstr(name, parts[i]);

        if (at > name && (size_t)(at - name) < length)
            length = (size_t)(at - name);
    }
    return length;
}

/* A word of a name, or the beginning of one that goes on with a number: "_avx512_", not "_fmatrix".
 */
static const char *find_kind(const char *name, const char *kind)
{
    const char *at = name;

    while ((at = strstr(at, kind)) && isalpha((unsigned char)at[strlen(kind)]))
        at++;
    return at;
}

/* "memset" of "__memset_avx512_unaligned_erms", one of glibc's for each kind of CPU. */
static const char *without_variant(struct ps_arena *a, const char *name)
{
    static const char *const kinds[] = {"_fma", "_avx", "_evex", "_sse", "_ssse", "_erms"};
    size_t length = strlen(name);

    if (!starts(name, "__"))
        return name;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const char *at = find_kind(name + 2, kinds[i]);

        if (at > name + 2 && (size_t)(at - name) < length)
            length = (size_t)(at - name);
    }
    return name[length] ? ps_arena_format(a, "%.*s", (int)length - 2, name + 2) : name;
}

/* "fgets" of "_IO_fgets", as glibc names some of what users call. */
static const char *without_prefix(const char *name)
{
    const char *rest = name + (starts(name, glibc_stdio) ? strlen(glibc_stdio) : 0);

    for (const char *at = rest; *at; at++)
        if (!isalpha((unsigned char)*at))
            return name;
    return rest;
}

/* What users call, of what glibc has behind it. */
static const char *as_called(struct ps_arena *a, const char *name)
{
    static const struct {
        const char *inner, *called;
    } names[] = {
        {"__new_sem_wait_slow64", "sem_wait"},
        {"__new_sem_wait_slow", "sem_wait"},
        {"__new_sem_wait", "sem_wait"},
        {"__new_sem_post", "sem_post"},
        {"___pthread_mutex_lock", "pthread_mutex_lock"},
        {"qsort_r", "qsort"},
        {"__qsort_r", "qsort"},
        {"__pthread_mutex_unlock_usercnt", "pthread_mutex_unlock"},
        {"__tz_convert", "localtime_r"},
        {"__tzset", "tzset"},
        {"__mktime_internal", "mktime"},
        {"__strftime_internal", "strftime"},
        {"__libc_malloc", "malloc"},
        {"_int_malloc", "malloc"},
        {"__libc_calloc", "calloc"},
        {"__libc_realloc", "realloc"},
        {"__libc_free", "free"},
        {"_int_free", "free"},
        {"cfree", "free"},
        {"__random", "random"},
        {"__random_r", "random_r"},
        {"__printf_internal", "printf"},
        {"__vfprintf_internal", "vfprintf"},
    };

    const char *module = starts(name, "__") ? strstr(name + 2, fortran_module) : NULL;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i].inner))
            return names[i].called;
    if (module > name + 2)
        return ps_arena_format(a, "%.*s::%s", (int)(module - name - 2), name + 2,
                               module + strlen(fortran_module));
    return without_prefix(without_variant(a, name));
}

/* "std::sync::Mutex" of "std::sync::poison::mutex::Mutex", which nobody writes. */
static const char *without_module(struct ps_arena *a, const char *text)
{
    const char *at = strstr(text, rust_poison), *rest;

    if (!at || !(rest = strstr(at + strlen(rust_poison), "::")))
        return text;
    return ps_arena_format(a, "%.*ssync::%s", (int)(at - text), text, rest + strlen("::"));
}

const char *ps_name_short(struct ps_arena *a, const char *name)
{
    const char *whole = ps_arena_format(a, "%.*s", (int)without_parts(name), name), *text;
    struct ps_str out = {0};
    struct shorter s = {whole, whole, &out, 0};

    if (strcspn(whole, "<(") == strlen(whole) || *whole == '<')
        return as_called(a, ps_arena_format(a, "%.*s", (int)strcspn(whole, "@"), whole));
    while (*s.at && take(&s))
        ;
    text = out.text && out.text[s.word] ? ps_arena_copy(a, out.text + s.word) : whole;
    ps_str_finish(&out);
    return !strcmp(text, "decltype") ? whole : without_module(a, text);
}

/* The length of the name without what stands after it. */
static size_t length_of_call(const char *name)
{
    size_t length = strlen(name);

    for (size_t i = 0; i < sizeof call_suffixes / sizeof *call_suffixes; i++) {
        const size_t more = strlen(call_suffixes[i]);

        if (length > more && !strncmp(name + length - more, call_suffixes[i], more))
            length -= more;
    }
    return length;
}

bool ps_name_calls_kernel(const char *name)
{
    size_t length;

    for (size_t i = 0; name && i < sizeof call_prefixes / sizeof *call_prefixes; i++)
        if (starts(name, call_prefixes[i]))
            name += strlen(call_prefixes[i]);
    length = name ? length_of_call(name) : 0;
    for (size_t i = 0; name && i < sizeof kernel_calls / sizeof *kernel_calls; i++)
        if (strlen(kernel_calls[i]) == length && !strncmp(name, kernel_calls[i], length))
            return true;
    return false;
}
