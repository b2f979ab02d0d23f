"""Runs the parscope binary that PARSCOPE names, and looks at what it did."""
import contextlib
import functools
import os
import pathlib
import pty
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import unittest

PARSCOPE = os.path.abspath(os.environ['PARSCOPE'])
ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent


def rows_of(path):
    """The names of a list.def, as users write them."""
    rows = re.findall(r'(?m)^PS_ROW\((\w+)\)', (ROOT / path).read_text())
    assert rows, f'{path} has no rows'
    return [row.replace('_', '-') for row in rows]


def measures_time(test):
    """Of tests, or classes of them, that judge times of the real machine: tools/test runs these alone."""
    test.measures_time = True
    return unittest.skipIf(os.environ.get('SANITIZED', 'none') != 'none', 'a sanitizer makes times its own')(test)


def is_measuring(test):
    return hasattr(test, 'measures_time') or hasattr(getattr(test, test.id().split('.')[-1]), 'measures_time')


def in_one_of(times):
    """For tests of measured figures against the truth, that noise of the machine may spoil: only if all miss it fails."""
    def decorate(test):
        @functools.wraps(test)
        def repeated(case):
            for left in reversed(range(times)):
                try:
                    return test(case)
                except AssertionError:
                    if not left:
                        raise
                    case.doCleanups()
                    case.setUp()
        return repeated
    return decorate


COMMANDS = rows_of('src/cli/list.def')
WORKLOADS = rows_of('src/workloads/list.def')
STRATEGIES = rows_of('src/runtime/strategy/list.def')
TWO_PACKAGES = 'pack:2 core:4 pu:2'
TIMEOUT = 120


def environment(**changes):
    """The environment without what changes parscope's ways, and with `changes`."""
    names = ('HWLOC_', 'PARSCOPE', 'NO_COLOR', 'TERM')
    env = {k: v for k, v in os.environ.items() if not k.startswith(names)}
    env.update({'LC_ALL': 'C.UTF-8', 'TERM': 'xterm'})
    env.update(changes)
    return env


@functools.cache
def sanitized():
    """Whether the binary is a sanitizer build: slow, and at odds with memory limits."""
    data = pathlib.Path(PARSCOPE).read_bytes()
    return any(name in data for name in (b'__asan_init', b'__tsan_init', b'__ubsan_handle'))


def some(rows):
    """All of them; under a sanitizer, which takes long to start, one of eight: rows differ in their text alone."""
    return list(rows)[::8 if sanitized() else 1]


def thread_sanitized():
    return b'__tsan_init' in pathlib.Path(PARSCOPE).read_bytes()


LOOKED = set()  # kinds of calls, for leaks


def kind_of(arguments):
    """Calls of a kind differ in numbers and files alone."""
    return tuple('/' if '/' in word else re.sub(r'[^A-Za-z:=-]+', '', word) for word in map(str, arguments))


def leaks_once(arguments, env):
    """LeakSanitizer takes half as long as all else of a short call. It looks at one of each kind and script in a file."""
    kind = kind_of(arguments) + (env.get('PARSCOPE_FAKE', ''),)
    if not sanitized() or kind not in LOOKED:
        LOOKED.add(kind)
        return env
    return {**env, 'ASAN_OPTIONS': env.get('ASAN_OPTIONS', '') + ':detect_leaks=0'}


def parscope(*arguments, env=None, stdout=subprocess.PIPE, **more):
    return subprocess.run([PARSCOPE, *arguments], env=leaks_once(arguments, environment(**(env or {}))),
                          stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE,
                          text=True, encoding='utf-8', timeout=TIMEOUT, **more)


# Pages need Chart.js where it was built.
HAVE_HTML = 'not here' not in re.sub(r'\s+', ' ', parscope('list', 'formats').stdout)


def open_terminal():
    """Both ends of a pseudo-terminal; skips the test where there are none."""
    try:
        return pty.openpty()
    except OSError as error:
        raise unittest.SkipTest(f'no pseudo-terminals here: {error}') from error


def cpu_seconds(*arguments, env=None):
    """User and system time of one call, which must succeed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = parscope(*arguments, env=env)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@functools.cache
def options_of_help(command):
    """Long names and letters in the help of a command ('' for the program itself)."""
    text = parscope(*([command] if command else []), '-h').stdout
    rows = re.findall(r'^  (?:-(\w), |    )--([\w-]+)', text, re.M)
    return {long for _, long in rows}, {letter for letter, _ in rows if letter}


@contextlib.contextmanager
def spinning(cpu, seconds=90):
    """A process that computes on a CPU for as long as the block lasts, or for so many seconds."""
    code = (f'import os, time\nos.sched_setaffinity(0, {{{cpu}}})\nprint(flush=True)\n'
            f'end = time.monotonic() + {seconds}\nwhile time.monotonic() < end: pass')
    process = subprocess.Popen([sys.executable, '-c', code], stdout=subprocess.PIPE)
    try:
        process.stdout.readline()
        yield
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def copy_for_others(self):
        """The binary, where users may run it who may not go where it was built."""
        copy = self.folder / 'parscope'
        self.folder.chmod(0o755)
        shutil.copy(PARSCOPE, copy)
        copy.chmod(0o755)
        return str(copy)

    def succeed(self, *arguments, **more):
        done = parscope(*arguments, **more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def fail_with(self, status, *arguments, says=(), **more):
        """Nothing on standard output, the status, and each text of `says` in the message."""
        done = parscope(*arguments, **more)
        self.assertEqual(done.returncode, status, f'{done.stdout}\n{done.stderr}')
        self.assertFalse(done.stdout)
        self.assertRegex(done.stderr, r'^parscope( [\w-]+)?: .')
        for text in says:
            self.assertIn(text, done.stderr)
        return done

    def refuse(self, *arguments, says=(), **more):
        """A usage error, with a hint where to look."""
        done = self.fail_with(2, *arguments, says=says, **more)
        self.assertRegex(done.stderr, r"see 'parscope[ \w-]* -h'\n$")
        return done

    def fake_script(self, text='wall_time * sequential * 1\nwall_time * * * 0.5\n'):
        path = self.folder / 'script.fake'
        path.write_text(text)
        return {'PARSCOPE_FAKE': str(path)}


def main():
    """Runs the tests of the calling script, and says in TAP what became of each. MEASURING: "only", or "not"."""
    loaded = unittest.defaultTestLoader.loadTestsFromModule(sys.modules['__main__'])
    which = os.environ.get('MEASURING')
    suite = unittest.TestSuite(test for case in loaded for test in case
                               if not which or is_measuring(test) == (which == 'only'))
    names = [test.id().replace('__main__.', '') for test in suite]
    result = unittest.TextTestRunner(stream=sys.stderr).run(suite)
    bad = {str(test.id()).replace('__main__.', '').split(' ')[0]
           for test, _ in result.failures + result.errors}
    skipped = {test.id().replace('__main__.', ''): reason for test, reason in result.skipped}
    print(f'1..{len(names)}')
    for number, name in enumerate(names, 1):
        skip = f' # SKIP {skipped[name]}' if name in skipped else ''
        print(f'{"not ok" if name in bad else "ok"} {number} - {name}{skip}')
    sys.exit(not result.wasSuccessful())
