"""--plugin: what plug-ins bring is used like what is built in, and bad ones are told apart."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import unittest

from harness import HERE, ROOT, Case, main, parscope, sanitized

# FLAW of probe_plugin.c, and what has to be said.
FLAWS = {
    'workload_abi': ['workload number 1 has ABI 2, and this parscope expects 3', 'rebuild it'],
    'strategy_abi': ['strategy number 1 has ABI 77, and this parscope expects 1', 'rebuild it'],
    'no_size': ["workload 'probe': its function size is NULL"],
    'no_create': ["workload 'probe': its function create is NULL"],
    'no_reference': ['function reference is NULL'],
    'no_run': ['function run is NULL'],
    'no_verify': ['function verify is NULL'],
    'no_name': ['workload number 1: a name is NULL'],
    'bad_name': ["workload number 1: 'a,b' is not a valid name"],
    'builtin_name': ["its workload 'reduce' has the name of a built-in one"],
    'builtin_strategy': ["its strategy 'steal' has the name of a built-in one"],
    'no_summary': ["workload 'probe': its summary is NULL"],
    'bad_unit': ["workload 'probe': its unit must be one line"],
    'no_shapes': ["workload 'probe': its shapes are 0"],
    'bad_shapes': ["strategy 'threads': its shapes are 0x400"],
    'same_twice': ["its workload 'probe' has the same name as one in"],
    'nothing': ['neither workloads nor strategies'],
    'bad_key': ["'a=b' is not a valid parameter name"],
    'same_key': ["two parameters are named 'size'"],
    'bad_type': ["parameter 'size' has the unknown type 9"],
    'bad_range': ["parameter 'size' has a bad range"],
    'bad_initial': ['initial value: size'],
    'no_initial': ["parameter 'size' has no initial value"],
    'no_choices': ["parameter 'mode' has no choices"],
    'no_help': ['help of a parameter is NULL'],
    'no_measured': ['measured is NULL'],
    'custom_name': ["'Late' is not a valid name for a custom metric"],
    'custom_metric': ["its custom metric 'speedup' has the name of a built-in one"],
    'custom_model': ["its custom metric 'serial_fraction' has the name of a built-in one"],
    'custom_twice': ["two custom metrics are named 'late'"],
    'custom_many': ['more than 8 custom metrics'],
    'no_range': ["strategy 'threads': its function range is NULL"],
    'no_reason': ["strategy 'threads': its reason for no trees (no_tree) is NULL"],
    'no_root': ["strategy 'threads': its function root is NULL"],
    'endless': ['more than 16 parameters'],
}

# What a plug-in's functions do wrong, and what the run then says.
FAILURES = {
    'create': "can't set up probe: Protocol error\n",
    'run': 'probe under sequential with 1 threads: Protocol error\n',
    'result': f'wrong result: probe under sequential with 1 threads: {255 * "y"}\n',
}

# What the strategy tells that can't be.
UNTRUE = {
    'slot': 'the plug-in used slot 2, but there are only 2',
    'open': 'the plug-in returned from a region in which 2 of 2 slots were still entered',
    'left': 'without entering it first',
    'told': 'the plug-in reported 1002 items, but there are 1000',
    'positive': 'the plug-in returned 3, which is neither 0 nor a negative errno',
    'start': "threads: can't be set up for 2 workers",
}

# FLAW: the signal, and what was under way.
CRASHES = {
    'null-load': ('SIGSEGV', 'while it was loaded'),
    'segv-size': ('SIGSEGV', 'while asked for the size of probe'),
    'abort-create': ('SIGABRT', 'while setting up probe'),
    'ill-reference': ('SIGILL', 'while setting up probe'),
    'fpe-run': ('SIGFPE', 'while measuring probe under '),
    'null-body': ('SIGSEGV', 'while measuring probe under pool with 2 threads'),
    'abort-body': ('SIGABRT', 'while measuring probe under pool with 2 threads'),
    'bus-verify': ('SIGBUS', 'while measuring probe under '),
    'segv-destroy': ('SIGSEGV', 'while cleaning up probe'),
}

# Of C and POSIX.
SYSTEM_HEADERS = ('<std', '<fcntl.h', '<pthread.h', '<string.h', '<sys/', '<time.h', '<unistd.h')

class Plugins(Case):
    """All plug-ins are built against what `meson install` puts into a folder of its own."""

    @classmethod
    def setUpClass(cls):
        missing = [t for t in ('meson', 'cc', 'pkg-config', 'make') if not shutil.which(t)]
        cls.why_not = f'{missing[0]} is not installed' if missing else None
        if missing:
            return
        holder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(holder.cleanup)
        cls.home = pathlib.Path(holder.name)
        installed = cls.home / 'installed'
        subprocess.run(['meson', 'install', '-C', os.environ.get('BUILD_ROOT', ROOT / 'build'), '--no-rebuild',
                        '--quiet', '--destdir', str(installed)], check=True,
                       stdout=subprocess.DEVNULL)
        package, = installed.rglob('parscope.pc')
        cls.environment = {**os.environ, 'PKG_CONFIG_SYSROOT_DIR': str(installed),
                           'PKG_CONFIG_PATH': str(package.parent)}
        cls.probe = cls.build(HERE / 'probe_plugin.c', 'probe.so', '-Wno-unused-parameter',
                              '-Wno-missing-field-initializers', '-pthread')

    def setUp(self):
        super().setUp()
        if self.why_not:
            self.skipTest(self.why_not)

    @classmethod
    def build(cls, source, name, *flags, standard='-std=c11'):
        target = cls.home / name
        package = subprocess.run(['pkg-config', '--cflags', 'parscope'], env=cls.environment,
                                 check=True, capture_output=True, text=True).stdout.split()
        subprocess.run(['cc', standard, '-D_GNU_SOURCE', '-O1', '-Wall', '-Wextra', '-Werror', *flags,
                        *package, '-shared', '-fPIC', '-o', str(target), str(source)], check=True)
        return str(target)

    @classmethod
    def make(cls, example):
        """The plug-in that an example's Makefile builds."""
        folder = cls.home / example
        shutil.copytree(ROOT / 'examples' / example, folder, ignore=shutil.ignore_patterns('*.so'))
        subprocess.run(['make', '-s', '-C', str(folder)], env=cls.environment, check=True)
        target, = folder.glob('*.so')
        return str(target)

    def measure(self, *arguments, plugin=None, **more):
        return self.succeed('run', '--plugin', plugin or self.probe, '-t', '2', '-r', '2', '-q',
                            *arguments, **more)

    def points(self, *arguments, **more):
        result = json.loads(self.measure('--format', 'json', *arguments, **more).stdout)
        return {p['strategy_label']: p for p in result['points']}

    def test_two_builds_are_compared(self):
        other = shutil.copy(self.probe, self.folder / 'other.so')
        both = 'compare', '--plugin', self.probe, '--plugin', str(other)
        done = self.succeed(*both, '-s', 'pool', '-t', '1,2', '-r', '8', '--format', 'json', 'probe', env={
            **self.fake_script('wall_time * * * 1 1.001 0.999\n'), 'HWLOC_SYNTHETIC': 'core:2 pu:1'})
        result = json.loads(done.stdout)
        self.assertEqual((result['base']['name'], result['now']['name']), (f'probe ({self.probe})', f'probe ({other})'))
        self.assertEqual(result['verdict'], 'same')
        self.assertEqual({(r['strategy_label'], r['threads']) for r in result['rows'] if r['metric'] == 'wall_time'},
                         {('sequential', 1), ('pool', 1), ('pool', 2)})
        self.succeed(*both, '-s', 'pool', '-t', '1,2', '-r', '1', '-w', '0', '--on-inconclusive', 'pass', 'probe')
        for arguments, words in (((*both, 'reduce'), 'one workload that both have'),
                                 ((*both, '-c', 'true', '-c', 'true'), '--plugin is for workloads'),
                                 (('compare', '--plugin', self.probe, 'probe'), 'two builds of a plug-in')):
            self.refuse(*arguments, says=[words])

    def test_workload_runs_under_built_in_strategies(self):
        text = self.measure('probe', '-s', 'sequential,pool,steal,spawn').stdout
        for name in ('sequential', 'pool', 'steal', 'spawn'):
            self.assertRegex(text, rf'(?m)^{name} ')

    def test_commands(self):
        self.succeed('sweep', '--plugin', self.probe, 'probe', '-s', 'threads', '-t', '1,2', '-r',
                     '2', '-q')
        self.succeed('smt-compare', '--plugin', self.probe, 'probe', '-s', 'threads', '--pair',
                     '0,1', '-r', '2', '-q', '-n',
                     env={'HWLOC_SYNTHETIC': 'core:2 pu:1'})

    def test_values_and_names(self):
        text = self.succeed('run', '--plugin', self.probe, 'probe:size=10+20:mode=two', '-n').stdout
        self.assertIn('probe:size=20:mode=two', text)
        self.refuse('run', '--plugin', self.probe, 'probe:size=2M', says=['size'])
        self.refuse('run', '--plugin', self.probe, 'prob', says=["did you mean 'probe'"])
        self.refuse('run', '--plugin', self.probe, 'reduce', '-s', 'thread',
                    says=["did you mean 'threads'"])
        self.refuse('run', 'probe', says=["unknown workload 'probe'"])
        self.refuse('run', '--plugin', self.probe, 'tree', '-s', 'threads',
                    says=["threads can't run tree: it has no tasks"])

    def test_list(self):
        text = self.succeed('list', '--plugin', self.probe).stdout
        self.assertRegex(text, r'(?m)^  probe +marks items$')
        self.assertRegex(text, r'(?m)^  threads +a thread for each worker$')
        self.assertIn(self.probe, re.sub(r'\n +', '', text))
        self.assertRegex(text, r'(?m)^  probe +yes')
        names = self.succeed('list', 'workloads', 'strategies', '--names', '--plugin', self.probe)
        self.assertLessEqual({'probe', 'threads', 'reduce', 'steal'}, set(names.stdout.split()))
        keys = self.succeed('list', 'workloads', '--keys', '--plugin', self.probe).stdout.split()
        self.assertIn('probe:mode=two', keys)

    def test_values_of_its_own(self):
        env = {'FLAW': 'custom_event'}
        for point in self.points('probe', '-s', 'pool,threads', env=env).values():
            metrics = point['metrics']
            self.assertEqual(metrics['branches']['value'], 0.25)
            self.assertEqual(metrics['branches']['help'], 'a value')
            self.assertEqual(metrics['endless']['quality'], 'unavailable')
        self.refuse('run', '--plugin', self.probe, 'probe', '-e', 'branches', env=env,
                    says=['-e branches: probe has a metric of its own with this name'])
        text = self.succeed('list', 'metrics', '--plugin', self.probe, env=env).stdout
        self.assertRegex(text, r'(?m)^Measured by probe itself\n  branches +a value \[s\]$')

    def test_strategy_runs_built_in_workloads(self):
        points = self.points('reduce:size=100k', '-s', 'threads,threads:caller=yes')
        for label in ('threads', 'threads:caller=yes'):
            workers = points[label]['workers']
            self.assertEqual([w['items'] for w in workers], [50000, 50000])
            metrics = points[label]['metrics']
            self.assertIsNone(metrics['spin_time']['value'])
            self.assertIn("can't be seen", metrics['spin_time']['reason'])
            self.assertGreater(metrics['busy_time']['value'], 0)
            self.assertLessEqual(metrics['busy_time']['value'],
                                 2.02 * metrics['region_time']['value'])
            self.assertTrue(0 < metrics['load_balance']['value'] <= 1)

    def test_a_caller_that_works_is_counted_once(self):
        result = self.measure('reduce:size=300k', '-t', '1', '-s', 'threads:caller=yes', '--format',
                              'json').stdout
        point = json.loads(result)['points'][-1]
        self.assertLess(point['metrics']['utilization']['value'], 1.5)

    def test_path(self):
        """A bare name is a file of the current folder, and nothing else."""
        folder, name = os.path.split(self.probe)
        self.succeed('list', '--plugin', name, cwd=folder)
        self.refuse('list', '--plugin', name, cwd=self.folder, env={'LD_LIBRARY_PATH': folder},
                    says=[f'plug-in {name}: No such file or directory'])

    def test_files_that_are_none(self):
        text = self.folder / 'text.so'
        text.write_text('not a shared object\n')
        pipe = self.folder / 'pipe'
        os.mkfifo(pipe)
        empty = self.folder / 'empty.so'
        empty.touch()
        broken = self.folder / 'broken.so'
        broken.write_bytes(pathlib.Path(self.probe).read_bytes()[:200])
        for path, says in ((text, 'it is not a shared object: build it with'),
                           (empty, 'it is not a shared object'), (pipe, 'it is a special file'),
                           (self.folder, 'it is a folder'), (broken, "it can't be loaded: "),
                           (self.folder / 'none.so', 'No such file or directory')):
            with self.subTest(path=path):
                self.refuse('run', 'reduce', '--plugin', str(path), says=[f'plug-in {path}', says])

    def test_no_symbol(self):
        source = self.folder / 'other.c'
        source.write_text('int other;\n')
        other = self.build(source, 'other.so')
        self.refuse('list', '--plugin', other,
                    says=[f'plug-in {other}: it has no symbol parscope_plugin',
                          'so it is not a parscope plug-in: see parscope-plugin(3)'])
        source.write_text('int missing(void);\nint other(void);\nint other(void) { return missing(); }\n')
        other = self.build(source, 'undefined.so')
        self.refuse('list', '--plugin', other, says=["it can't be loaded", 'missing'])

    def test_abi(self):
        old = self.build(HERE / 'probe_plugin.c', 'old.so', '-DABI=99', '-Wno-unused-parameter',
                         '-Wno-missing-field-initializers')
        self.refuse('list', '--plugin', old,
                    says=[f'plug-in {old}: it has plug-in ABI 99, and this parscope expects 1',
                          "rebuild it against this version's headers"])

    def test_clashes(self):
        copy, link = self.folder / 'copy.so', self.folder / 'link.so'
        shutil.copy(self.probe, copy)
        link.symlink_to(self.probe)
        self.refuse('list', '--plugin', self.probe, '--plugin', str(copy),
                    says=[f"plug-in {copy}: its workload 'probe' has the same name as one in {self.probe}"])
        self.refuse('list', '--plugin', self.probe, '--plugin', str(link), says=['is given twice'])

    def test_flaws(self):
        for flaw, says in FLAWS.items():
            with self.subTest(flaw=flaw):
                self.refuse('list', '--plugin', self.probe, env={'FLAW': flaw},
                            says=[f'plug-in {self.probe}', *says])

    def test_failures(self):
        for flaw, says in FAILURES.items():
            with self.subTest(flaw=flaw):
                self.fail_with(1, 'run', '--plugin', self.probe, 'probe', '-s', 'pool', '-q',
                               env={'FLAW': flaw}, says=[says])
        self.refuse('run', '--plugin', self.probe, 'probe', env={'FLAW': 'size'},
                    says=['probe: ' + 255 * 'x' + '\n'])
        self.fail_with(1, 'run', '--plugin', self.probe, 'probe', env={'FLAW': 'items'},
                       says=['probe: its size is -1 items'])

    def test_untrue_accounts(self):
        for flaw, says in UNTRUE.items():
            with self.subTest(flaw=flaw):
                self.fail_with(1, 'run', '--plugin', self.probe, 'probe', '-s', 'threads', '-t', '2',
                               '-r', '2', '-q', env={'FLAW': flaw}, says=[says])

    def test_caches_are_warm_whatever_a_trial_repeats(self):
        """An untimed execution goes before those of a trial, whose number differs from point to point."""
        out = self.folder / 'r.json'
        self.succeed('run', '--plugin', self.probe, 'probe', '-s', 'pool', '-t', '2', '-r', '6', '-q', '-o', str(out),
                     env={'FLAW': 'together'})
        for p in json.loads(out.read_text())['points']:
            with self.subTest(strategy=p['strategy']):
                self.assertGreater(p['executions'], p['rounds'])
                self.assertEqual(min(p['samples']['together']), p['executions'] / p['rounds'] + 1)

    def test_how_many_fill_a_trial_is_seen_soon(self):
        """Of executions of 0.3 ms one says it, of 0.15 ms seven; each is tried twice. One warms up, and one warms in."""
        out = self.folder / 'r.json'
        for us, most in ((300, 1 + 2 + 1), (150, 1 + 2 + 2 * 7 + 1)):
            with self.subTest(us=us):
                self.succeed('run', '--plugin', self.probe, 'probe', '-s', 'sequential', '-r', '1', '-q', '-o', str(out),
                             env={'FLAW': 'lasting', 'LASTS': str(us)})
                point, = json.loads(out.read_text())['points']
                self.assertLessEqual(point['samples']['together'][0] - point['executions'], most)

    @unittest.skipIf(sanitized(), 'a race on purpose')
    def test_two_threads_in_a_slot(self):
        self.fail_with(1, 'run', '--plugin', self.probe, 'probe', '-s', 'threads', '-t', '2', '-r',
                       '2', '-q', env={'FLAW': 'shared'},
                       says=['the plug-in had two threads in slot 0 at once'])

    def crash(self, flaw, *arguments):
        output = self.folder / 'out'
        output.mkdir(exist_ok=True)
        done = parscope('run', '--plugin', self.probe, 'probe', '-t', '2', '-r', '2', '-q', '-o',
                        str(output / 'result.json'), *arguments, env={'FLAW': flaw})
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(list(output.iterdir()), [])
        self.assertEqual(done.stdout, '')
        return done.stderr

    def test_crashes(self):
        for flaw, (name, what) in CRASHES.items():
            with self.subTest(flaw=flaw):
                said = self.crash(flaw, '-s', 'pool')
                self.assertEqual(said.count('\n'), 1, said)
                self.assertTrue(said.startswith(
                    f'parscope: plug-in {self.probe} crashed with {name} {what}'), said)

    def test_crash_of_a_strategy(self):
        self.assertIn(f'plug-in {self.probe} crashed with SIGSEGV while measuring probe under threads',
                      self.crash('null-strategy', '-s', 'threads'))

    @unittest.skipIf(sanitized(), 'sanitizers have their own way with stacks')
    def test_stack_overflow(self):
        self.assertIn('crashed with SIGSEGV while measuring probe under pool',
                      self.crash('overflow', '-s', 'pool'))

    @unittest.skipIf(sanitized(), 'sanitizers catch signals too')
    def test_no_handlers_without_plugins(self):
        done = self.succeed('run', '--child-output', 'inherit', '-r', '1', '-q', '--', 'sh', '-c',
                            'grep SigCgt /proc/$PPID/status')
        caught = int(re.search(r'SigCgt:\s+(\w+)', done.stdout).group(1), 16)
        for number in (signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGABRT):
            self.assertFalse(caught >> (number - 1) & 1, number)

    def test_programs(self):
        self.refuse('run', '--plugin', self.probe, '--', 'true',
                    says=['--plugin is for workloads and strategies'])

    def test_example_of_the_manual(self):
        text = (ROOT / 'man' / 'parscope-plugin.3.scd').read_text()
        source = self.folder / 'dot.c'
        source.write_text(max(re.findall(r'\n```\n(.*?)\n```\n', text, re.S), key=len))
        plugin = self.build(source, 'dot.so', '-Wno-unused-parameter')
        self.measure('dot:size=10k', '-s', 'pool,steal', plugin=plugin)

    def test_example_workload(self):
        self.measure('histogram:size=10k', '-s', 'pool,steal', plugin=self.make('workload'))

    def test_example_tbb(self):
        if sanitized():
            self.skipTest('oneTBB is not built for sanitizers')
        if not shutil.which('g++'):
            self.skipTest('g++ is not installed')
        if subprocess.run(['pkg-config', '--exists', 'tbb']).returncode:
            self.skipTest('oneTBB is not installed')
        plugin = self.make('strategy-tbb')
        text = self.measure('reduce:size=100k,tree:depth=12,op:n=20,amdahl', '-s',
                            'tbb,tbb:partitioner=static,tbb:partitioner=simple:grain=1000', '-t',
                            '1,2,5', plugin=plugin).stdout
        self.assertRegex(text, r'(?m)^tbb:partitioner=static +5')

    def test_installed_headers(self):
        """They speak of no file that is not installed with them."""
        headers = {path.name: path.read_text() for path in self.home.rglob('parscope/*.h')}
        self.assertIn('task.h', headers)
        for header, text in headers.items():
            named = re.findall(r'[\w./<]*\w\.[ch]\b', text)
            for name in named:
                self.assertTrue(name.startswith(SYSTEM_HEADERS) or
                                name.lstrip('<').removeprefix('parscope/') in headers,
                                f'{header} speaks of {name}')

    def test_task_example(self):
        """The code in the comment of <parscope/task.h> is what its macros want."""
        text = (ROOT / 'include' / 'parscope' / 'task.h').read_text()
        code = '\n'.join(re.findall(r'(?m)^ \*     (.*)$', text))
        source = self.folder / 'example.c'
        source.write_text(f'#include <parscope/task.h>\n{code}\nparscope_task_fn *const use = root;\n')
        self.build(source, 'example.so', '-Wno-unused-parameter')

    def test_cplusplus(self):
        """The headers are C++ too."""
        if not shutil.which('g++'):
            self.skipTest('g++ is not installed')
        source = self.folder / 'headers.cpp'
        source.write_text('#include <parscope/plugin.h>\n')
        self.build(source, 'headers.so', '-x', 'c++', '-Wpedantic', standard='-std=c++17')


if __name__ == '__main__':
    main()
