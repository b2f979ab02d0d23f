"""What no formatter holds: one way of writing where there are two, and how long functions, their parameters and files
are."""
import re
import statistics
import sys

import source

PROGRAMS = ['src', 'include', 'tests', 'bench', 'examples']
TEXTS = ['src', 'include', 'man', 'docs', 'completions', 'examples']
LONGEST, MEDIAN, P90 = 45, 10, 20  # lines of a function, its braces included
MOST_PARAMETERS = 6
# Callbacks whose parameters a library's interface sets: libdwfl's find_debuginfo.
IMPOSED = {'ps_debug_file_find'}
LONG_FILE, LONGEST_FILE = 400, 500
# Files above LONG_FILE that were looked at, and hold one thing all the same.
ONE_THING = {
    'src/command/child.c': 'one loop starts the children of an execution, waits for them, and ends them',
    'src/model/usl.c': 'one fit, with its derivatives and bounds',
    'src/observe/timeline.c': 'one state machine of threads and CPUs',
    'src/pages/svg.c': 'one picture',
    'src/perf_records/rings.c': 'the rings of one observation, opened and read in one order',
    'src/report/columns.c': 'one choice of columns, and their cells',
    'src/result/result.h': 'the result is one tree',
    'src/runtime/strategy/fork.c': 'one strategy, whose halves of a protocol stand side by side',
    'src/workloads/mlp.c': 'one workload',
}

TYPE = r'(?:(?:struct|union|enum|const|unsigned|signed|int|char|short|long|float|double|void|bool|[A-Z]\w*|\w+_t)\b)'
COMPARE = re.compile(r'\b(?:str(?:n|case|ncase)?|mem)cmp(?=\()')


def line_of(text, place):
    return text.count('\n', 0, place) + 1


def in_macro(text, place):
    """Whether the line, with those that it continues, is a #define."""
    start = text.rfind('\n', 0, place) + 1
    while text[:start].endswith('\\\n'):
        start = text.rfind('\n', 0, start - 1) + 1
    return text.startswith('#define', start)


def values_in_brackets(text):
    """sizeof (x) of what is no type. A macro brackets what it is given, and so does a cast."""
    for found in re.finditer(r'\bsizeof\s*\(\s*(?![\s(])', text):
        if not re.match(TYPE, text[found.end():]) and not in_macro(text, found.start()):
            yield found.start(), '"sizeof x" without brackets: they are for types'


def equal_strings(text):
    for found in COMPARE.finditer(text):
        _, end = source.inside(text, found.end())
        before = text[:found.start()].rstrip()
        if re.match(r'\s*==\s*0\b', text[end:]) or re.search(r'\b0\s*==$', before):
            yield found.start(), f'"!{found[0]}(...)", not "== 0"'


def unnamed_errors(text):
    for found in re.finditer(r'\bint\s+(?:\w+(?:\s*=[^,;(){}]*)?,\s*)*r\s*[=;,)]', text):
        yield found.start(), 'an error is named "err", not "r"'


def cannot(text):
    for found in re.finditer(r'\b(?:cannot|can not(?! only))\b', text, re.I):
        yield found.start(), f'"can\'t", not "{found[0]}"'


def function_lengths(path):
    """Length and first line of each; a function's braces are all that stands at the beginning of a line."""
    start = 0
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line == '{':
            start = number
        elif line == '}' and start:
            yield number - start + 1, start, path
            start = 0


def many_parameters(text):
    """Of functions that are defined: the name stands in a line that begins at its first column."""
    for found in re.finditer(r'^\w[^\n;={}()]*?\b(\w+)(?=\()', text, re.M):
        parameters, end = source.inside(text, found.end())
        while re.search(r'[(\[][^()\[\]]*[)\]]', parameters):
            parameters = re.sub(r'[(\[][^()\[\]]*[)\]]', '', parameters)
        count = parameters.count(',') + 1
        if text[end:].lstrip().startswith('{') and count > MOST_PARAMETERS and found[1] not in IMPOSED:
            yield found.start(), f'{found[1]}() has {count} parameters, more than {MOST_PARAMETERS}'


def check_dialects(errors):
    checks = [(path, source.code(path.read_text()), check) for path in source.files(*PROGRAMS)
              for check in (values_in_brackets, equal_strings, unnamed_errors, many_parameters)]
    texts = list(source.files(*TEXTS, suffixes=['.c', '.h', '.def', '.md', '.scd', '.bash', '.fish', '']))
    checks += [(path, path.read_text(), cannot) for path in texts + [source.ROOT / 'README.md'] if path.is_file()]
    for path, text, check in checks:
        errors += [f'{source.name(path)}:{line_of(text, place)}: {what}' for place, what in check(text)]


def check_functions(errors):
    functions = [f for path in source.files('src') for f in function_lengths(path)]
    lengths = sorted(f[0] for f in functions)
    median, p90 = statistics.median(lengths), lengths[len(lengths) * 9 // 10]
    print(f'{len(lengths)} functions: median {median:g} lines, 90 % up to {p90}, longest {lengths[-1]}')
    errors += [f'{source.name(path)}:{line}: a function of {length} lines, more than {LONGEST}'
               for length, line, path in functions if length > LONGEST]
    if median > MEDIAN or p90 > P90:
        errors.append(f'functions have grown: at most a median of {MEDIAN} lines, and {P90} for 90 % of them')


def check_files(errors):
    lengths = sorted(((len(path.read_text().splitlines()), source.name(path)) for path in source.files('src')),
                     reverse=True)
    for length, name in lengths:
        if length > LONG_FILE:
            print(f'{name}: {length} lines, {ONE_THING.get(name, "two things?")}')
        if length > LONGEST_FILE:
            errors.append(f'{name} has {length} lines, more than {LONGEST_FILE}')


def check_self(errors):
    """That the checks see what they are for."""
    bad = [(values_in_brackets, 'sizeof(*x) sizeof(s->a) sizeof (a[0])', 3),
           (values_in_brackets, 'sizeof(struct a) sizeof *x sizeof(uint64_t) sizeof x[0] sizeof(unsigned char)', 0),
           (equal_strings, 'strcmp(f(a), b) == 0 || 0 == memcmp(a, b, 3) || strncmp(a,\nb, 3)\n  == 0', 3),
           (equal_strings, '!strcmp(a, b) || strcmp(a, b) != 0 || strcmp(a, b) == 01', 0),
           (unnamed_errors, 'int r = f(); int i, r; static int f(int r)', 3),
           (unnamed_errors, 'int err = r; int rounds; f(int a, double r); int order[3], ar;', 0),
           (many_parameters, 'static int f(int a, int b, int c, int d,\n  int e, int f, int g)\n{', 1),
           (many_parameters, 'int f(int (*a)(int, int), int b[2], int c, int d, int e, int f)\n{', 0),
           (many_parameters, 'f(a, b, c, d, e, f, g);\nint f(int a, int b, int c, int d, int e, int f, int g);', 0),
           (cannot, 'It cannot. Can not. can not only', 2)]
    errors += [f'{check.__name__} sees {len(list(check(text)))} in: {text}' for check, text, count in bad
               if len(list(check(text))) != count]


def main():
    errors = []
    check_self(errors)
    check_dialects(errors)
    check_functions(errors)
    check_files(errors)
    return source.tell(errors, 'one dialect')


if __name__ == '__main__':
    sys.exit(main())
