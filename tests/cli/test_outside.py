"""Strategies of programs from outside: what each child gets, what is refused, and how they are reported."""
import json
import os
import pathlib
import re
import subprocess
import sys

from harness import HERE, Case, in_one_of, main, measures_time, parscope

ONCE = ('-r', '1', '-w', '0', '--no-diagnose')
SPY = (sys.executable, str(HERE / 'spy.py'))
CPUS = sorted(os.sched_getaffinity(0))
KEYS = ['pin', 'omp', 'wait', 'policy', 'nice', 'copies', 'alloc', 'numa', 'thp', 'set']
INTERLEAVED, LOCAL = 3, 4


def rows_of_keys():
    """The names in the table of the source."""
    text = (HERE.parents[1] / 'src/outside/keys.c').read_text()
    return re.findall(r'^    \{"(\w+)",', text.split('ps_outside_keys[] = {')[1], re.M)


class Outside(Case):
    def spy(self, strategy, *more, command='run', **kinds):
        """What each execution but the plain one saw, and the point."""
        seen, result = self.folder / 'seen', self.folder / 'r.json'
        seen.unlink(missing_ok=True)
        self.succeed(command, *ONCE, *more, '-s', strategy, '--child-output', str(seen), '-o', str(result), '--', *SPY,
                     **kinds)
        lines = [json.loads(line) for line in seen.read_text().splitlines()]
        points = json.loads(result.read_text())['points']
        return lines, points

    def chosen(self, strategy, *more, **kinds):
        """What the one execution saw that had the strategy."""
        lines, points = self.spy(strategy, '--seed', '1', *more, **kinds)
        self.assertEqual([p['strategy_label'] for p in points], ['program', strategy])
        plain = {'policy': os.sched_getscheduler(0), 'no_thp': 0, 'nice': os.getpriority(os.PRIO_PROCESS, 0)}
        found = [line for line in lines if line['variables'] or line['cpus'] != CPUS or line['memory'] or
                 any(line[key] != value for key, value in plain.items())]
        self.assertEqual((len(lines), len(found)), (2, 1), lines)
        return found[0], points[1]

    def refused(self, strategy, *says, status=2, options=(), what=None, command='run'):
        """Before anything runs."""
        mark = self.folder / 'ran'
        what = what or ('--', 'touch', str(mark))
        done = parscope(command, '-s', strategy, *options, *what)
        self.assertEqual((done.returncode, done.stdout), (status, ''), done.stderr)
        self.assertFalse(mark.exists())
        for text in says:
            self.assertIn(text, done.stderr)

    def variables(self, strategy, **kinds):
        return self.chosen(strategy, **kinds)[0]['variables']


class Passive(Outside):
    """--passive: a second witness beside the program as it is."""

    def rows(self, command, *options):
        done = self.succeed(command, '-n', '-t', '2', *options, '--', 'true', '{threads}')
        return [row.split() for row in done.stdout.splitlines()]

    def test_measured_beside_the_program_as_it_is(self):
        for command in 'run', 'sweep':
            with self.subTest(command=command):
                rows = self.rows(command, '--passive')
                self.assertEqual(sum('env:wait=passive' in row for row in rows), len(rows) / 2, rows)

    def test_beside_other_strategies(self):
        rows = self.rows('run', '--passive', '-s', 'env:nice=1')
        self.assertEqual([row[2] for row in rows], ['threads=2', 'env:nice=1', 'env:wait=passive'])

    def test_is_for_programs(self):
        done = parscope('run', '--passive', 'reduce')
        self.assertEqual((done.returncode, done.stdout), (2, ''))
        self.assertIn('--passive is for programs', done.stderr)


class Children(Outside):
    """By what a child says of itself."""

    def test_pinned_threads_are_bound_to_the_cpus_of_the_placement(self):
        seen, point = self.chosen('env:pin=compact')
        self.assertEqual(seen['cpus'], CPUS)
        self.assertEqual(seen['variables'],
                         {'OMP_PROC_BIND': 'true', 'OMP_PLACES': ','.join(f'{{{cpu}}}' for cpu in point['cpus'])})
        self.assertEqual(sorted(point['cpus']), CPUS)
        self.assertEqual(point['placement'], 'compact')
        self.assertEqual(point['options'], {'pin': 'compact'})
        self.assertEqual(point['applied'][0], 'placement compact')

    def test_one_pinned_thread_has_one_cpu(self):
        lines, (_, point) = self.spy('env:pin=spread', '-t', '1', '--placement', 'none')
        seen, = [line for line in lines if 'OMP_PLACES' in line['variables']]
        self.assertEqual(seen['cpus'], point['cpus'])
        self.assertEqual(seen['variables']['OMP_PLACES'], f"{{{point['cpus'][0]}}}")

    def test_none_takes_binding_away(self):
        bound = {'OMP_PLACES': '{0}', 'GOMP_CPU_AFFINITY': '0', 'OMP_PROC_BIND': 'true'}
        lines, points = self.spy('env:pin=none', env=bound)
        self.assertIn({'OMP_PROC_BIND': 'false'}, [line['variables'] for line in lines])
        self.assertIn(bound, [line['variables'] for line in lines])
        self.assertEqual(points[1]['placement'], 'none')

    def test_openmp_gets_its_schedule(self):
        self.assertEqual(self.variables('env:omp=dynamic/16'), {'OMP_SCHEDULE': 'dynamic,16'})
        self.assertEqual(self.variables('env:omp=guided'), {'OMP_SCHEDULE': 'guided'})

    def test_waiting(self):
        self.assertEqual(self.variables('env:wait=passive'),
                         {'OMP_WAIT_POLICY': 'passive', 'GOMP_SPINCOUNT': '0', 'KMP_BLOCKTIME': '0'})
        self.assertEqual(self.variables('env:wait=active'), {
            'OMP_WAIT_POLICY': 'active', 'GOMP_SPINCOUNT': 'infinite', 'KMP_BLOCKTIME': 'infinite'})

    def test_policy(self):
        self.assertEqual(self.chosen('env:policy=batch')[0]['policy'], os.SCHED_BATCH)
        seen, point = self.chosen('env:policy=idle')
        self.assertEqual(seen['policy'], os.SCHED_IDLE)
        self.assertEqual(point['applied'], ['sched_setscheduler idle'])

    def test_nice(self):
        self.assertEqual(self.chosen('env:nice=19')[0]['nice'], 19)

    def test_memory_policy(self):
        for value, mode in (('interleave', INTERLEAVED), ('local', LOCAL)):
            done = parscope('run', '-n', '-s', f'env:numa={value}', '--', 'true')
            if 'memory polic' in done.stderr:
                self.skipTest(done.stderr)
            seen, _ = self.chosen(f'env:numa={value}')
            self.assertEqual(seen['memory'], mode)

    def test_one_node_is_said(self):
        nodes = pathlib.Path('/sys/devices/system/node/online')
        if not nodes.exists() or nodes.read_text().strip() != '0':
            self.skipTest('this machine has several nodes')
        done = self.succeed('run', *ONCE, '-v', '-s', 'env:numa=local', '--', 'true')
        self.assertIn('numa=local changes nothing here: this machine has one memory node', re.sub(r'\s+', ' ', done.stdout))

    def test_no_huge_pages_for_one_alone(self):
        """Not for those that are started after it."""
        lines, _ = self.spy('env:thp=off,env:nice=19', '--seed', '3', '-r', '3')
        self.assertEqual([(line['no_thp'], line['nice'] == 19) for line in lines].count((1, False)), 3)
        self.assertEqual([line['no_thp'] for line in lines].count(0), 6)

    def test_any_variable(self):
        """Its value may have commas and colons; what parscope sets otherwise is overridden."""
        seen, point = self.chosen('env:set=FOO:a,b:c=d:set=BAR:')
        self.assertEqual(seen['variables'], {'FOO': 'a,b:c=d', 'BAR': ''})
        self.assertEqual(point['options'], {'set:FOO': 'a,b:c=d', 'set:BAR': ''})
        lines, points = self.spy('env:wait=passive:set=GOMP_SPINCOUNT:9')
        self.assertEqual(points[1]['applied'], ['OMP_WAIT_POLICY=passive', 'KMP_BLOCKTIME=0', 'GOMP_SPINCOUNT=9'])
        lines, _ = self.spy('env:set=OMP_NUM_THREADS:7', '-t', '1')
        self.assertEqual(sorted(line['variables']['OMP_NUM_THREADS'] for line in lines), ['1', '7'])

    def test_copies_run_at_once_each_pinned_to_its_own_cpu(self):
        lines, points = self.spy('env:copies=cpus:pin=spread')
        self.assertEqual(len(lines), 1 + len(CPUS))
        self.assertEqual(points[1]['strategy_label'], f'env:copies={len(CPUS)}:pin=spread')
        self.assertEqual((points[1]['items'], points[1]['threads']), (len(CPUS), len(CPUS)))
        own = [line for line in lines if 'OMP_PLACES' in line['variables']]
        self.assertEqual(sorted(line['cpus'][0] for line in own), CPUS)
        self.assertEqual({len(line['cpus']) for line in own}, {1})
        for line in own:
            self.assertEqual(line['variables']['OMP_PLACES'], f"{{{line['cpus'][0]}}}")
        places = ','.join(f'{{{cpu}}}' for cpu in points[1]['cpus'])
        self.assertEqual(points[1]['applied'][2:], ['OMP_PROC_BIND=true', f'OMP_PLACES=one of {places} for each copy' if
                                                    len(CPUS) > 1 else f'OMP_PLACES={places}'])

    def test_copies_have_one_thread_each_where_threads_are_asked_for(self):
        lines, _ = self.spy('env:copies=2', '-t', '1')
        self.assertEqual([line['variables']['OMP_NUM_THREADS'] for line in lines], ['1', '1', '1'])

    def test_allocator(self):
        done = parscope('run', '-n', '-s', 'env:alloc=jemalloc', '--', 'true')
        if done.returncode == 2:
            self.assertIn('its package is libjemalloc2 in Debian', done.stderr)
            self.skipTest('jemalloc is not installed')
        seen, point = self.chosen('env:alloc=jemalloc')
        self.assertRegex(seen['variables']['LD_PRELOAD'], r'/libjemalloc\.so\.2$')
        self.assertEqual(point['applied'], [f"LD_PRELOAD={seen['variables']['LD_PRELOAD']}"])

    def test_a_sweep_has_the_plain_program_as_its_reference(self):
        lines, points = self.spy('env:wait=passive', '-t', '1,2', command='sweep')
        self.assertEqual(len(lines), 4)
        self.assertEqual([(p['strategy_label'], p['threads'], p['baseline']) for p in points],
                         [('program', 1, True), ('program', 2, False), ('env:wait=passive', 1, False),
                          ('env:wait=passive', 2, False)])


class Grammar(Outside):
    def plan(self, strategy, *more):
        """The rows of the dry run behind that of the plain program."""
        rows = self.succeed('run', '-n', '-s', strategy, *more, '--', 'true').stdout.splitlines()
        self.assertNotIn('env', rows[0])
        return [row.split()[1] for row in rows[1:]]

    def test_lists_are_multiplied_out(self):
        self.assertEqual(self.plan('env:nice=1+2:wait=active+passive'),
                         [f'env:nice={n}:wait={w}' for n in (1, 2) for w in ('active', 'passive')])
        self.assertEqual(self.plan('env:copies=1..3,env:nice=4'),
                         ['env:copies=1', 'env:copies=2', 'env:copies=3', 'env:nice=4'])
        self.assertEqual(self.plan('env:nice=4,env:nice=4'), ['env:nice=4'])

    def test_every_key_is_listed_and_tested(self):
        self.assertEqual(rows_of_keys(), KEYS)
        listed = self.succeed('list', 'env').stdout
        self.assertEqual(re.findall(r'^  (\w+)=', listed, re.M), KEYS)
        keys = self.succeed('list', 'env', '--keys').stdout.split()
        self.assertEqual(list(dict.fromkeys(key.split(':')[1].split('=')[0] for key in keys)), KEYS)
        self.assertIn('env:pin=spread', keys)
        self.assertEqual(self.succeed('list', 'env', '--names').stdout, 'env\n')
        page = (HERE.parents[1] / 'man/parscope.1.scd').read_text().split('# STRATEGIES FROM OUTSIDE')[1]
        self.assertEqual(re.findall(r'^\*(\w+)=\*', page.split('\n# ')[0], re.M), KEYS)

    def test_misspelt_words_get_the_nearest_one(self):
        self.refused('env:pim=spread', "unknown key of env 'pim': did you mean 'pin'?")
        self.refused('env:colour=red', "unknown key of env 'colour'", 'known are pin, omp, wait')
        self.refused('env:pin=sprad', "env: pin=sprad: did you mean 'spread'?")
        self.refused('env:alloc=jmalloc', "did you mean 'jemalloc'?")
        self.refused('env:alloc=hoard', 'must be jemalloc, tcmalloc or mimalloc')
        self.refused('env:policy=realtime', 'must be other, batch, idle or fifo')

    def test_values_out_of_range(self):
        self.refused('env:copies=0', 'env: copies=0: must be 1 to 4096')
        self.refused('env:copies=5k', 'must be 1 to 4096')
        self.refused('env:nice=20', 'must be a whole number from -20 to 19')
        self.refused('env:nice=soft', 'must be a whole number from -20 to 19')
        self.refused('env:omp=dynamic/0', 'chunk=0')
        self.refused('env:omp=auto/1', "must be static, dynamic or guided")
        self.refused('env:set=FOO', 'expected VARIABLE:VALUE')
        self.refused('env:set=A=B:C', 'expected VARIABLE:VALUE')

    def test_what_is_no_spec(self):
        for text in ('env', 'env:', 'env:pin', 'env:pin=', 'env:pin=spread:pin=none', 'env:=1', ',', 'env:nice=1,',
                     'env:nice=1,,env:nice=2', 'env:nice=1+'):
            self.refused(text)
        self.refused('env:nice=' + '+'.join(str(n % 20) for n in range(300)), 'more than 256')

    def test_other_strategies_are_for_workloads(self):
        self.refused('pool', "'pool' is not for programs", 'env:pin=spread')
        self.refused('env:pin=spread', "strategy 'env' needs a program", what=('reduce',))

    def test_who_places_threads_already(self):
        self.refused('env:pin=spread', '--cpus says where threads go', options=('--cpus', str(CPUS[0])))

    def test_permission_is_asked_for_before_anything_runs(self):
        if os.getuid():
            self.skipTest('only root can become somebody else')
        binary = self.copy_for_others()
        for strategy, says in (('env:policy=fifo', 'ulimit -r'), ('env:nice=-5', 'ulimit -e')):
            done = unprivileged(binary, 'run', '-s', strategy, '--', 'true')
            self.assertEqual((done.returncode, done.stdout), (77, ''), done.stderr)
            self.assertIn(says, done.stderr)


def unprivileged(*command):
    return subprocess.run(['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', *command], text=True,
                          capture_output=True, stdin=subprocess.DEVNULL, timeout=60)


SCRIPT = """wall_time prog program 2 0.100 0.101 0.100 0.099 0.100 0.101 0.100 0.099
wall_time prog env:wait=passive 2 0.050 0.051 0.050 0.049 0.050 0.051 0.050 0.049
wall_time prog env:nice=5 2 0.200 0.201 0.202 0.199 0.200 0.201 0.200 0.199
wall_time prog env:copies=2 2 0.104 0.105 0.104 0.103 0.104 0.105 0.104 0.103
"""


class Report(Outside):
    """Of scripted times."""

    def report(self, strategies, script=SCRIPT, command='run', options=()):
        fake, prog = self.folder / 'script', self.folder / 'prog'
        fake.write_text(script)
        prog.write_text('#!/bin/sh\n')
        prog.chmod(0o755)
        result = self.folder / 'r.json'
        env = {'PARSCOPE_FAKE': str(fake), 'HWLOC_SYNTHETIC': 'core:2 pu:1'}
        done = self.succeed(command, *options, '-s', strategies, '-o', str(result), '-c', str(prog), env=env)
        self.assertEqual(self.succeed('report', str(result)).stdout, done.stdout)
        return re.sub(r'\s+', ' ', done.stdout), json.loads(result.read_text())

    def test_the_best_is_named_with_its_evidence(self):
        text, result = self.report('env:wait=passive,env:nice=5,env:copies=2')
        self.assertIn('env:wait=passive is best: it is 2.00 [', text)
        self.assertIn('times as fast as the program as it is', text)
        self.assertIn('Slower than the program as it is: env:nice=5 (2.00 × as long).', text)
        self.assertIn('env:copies=2: 2 copies at once do 1.92 [', text)
        speedups = [p['metrics']['speedup']['value'] for p in result['points']]
        for value, truth in zip(speedups, (1, 2, 0.5, 2 * 0.100 / 0.104)):
            self.assertAlmostEqual(value, truth, delta=0.01)
        self.assertNotIn('efficiency', result['points'][1]['metrics'])
        points = {finding['id']: finding['points'] for finding in result['findings']}
        self.assertEqual((points['best-outside'], points['copies']), ([1, 0], [3]))

    def test_of_few_rounds_none_is_best(self):
        text, _ = self.report('env:wait=passive,env:nice=5', options=('-r', '2'))
        self.assertNotIn('is best', text)
        self.assertIn('env:wait=passive was fastest: it is 1.99 times as fast as the program as it is, but there were too few rounds',
                      text)

    def test_nothing_is_better(self):
        text, _ = self.report('env:nice=5')
        self.assertIn('None of the settings makes the program significantly faster: the best, env:nice=5, takes 2.00 [',
                      text)

    def test_each_is_compared_with_as_many_threads_of_the_program_as_it_is(self):
        """It scales, and env:nice=5 makes nothing faster; env:wait=active does with two threads."""
        script = ('wall_time prog program 2 2.00 2.01 2.00 1.99\nwall_time prog program 4 1.00 1.01 1.00 0.99\n'
                  'wall_time prog env:nice=5 2 2.10 2.11 2.10 2.09\nwall_time prog env:nice=5 4 1.05 1.06 1.05 1.04\n'
                  'wall_time prog env:wait=active 2 1.50 1.51 1.50 1.49\n'
                  'wall_time prog env:wait=active 4 1.50 1.51 1.50 1.49\n')
        _, result = self.report('env:nice=5,env:wait=active', script, options=('-t', '2,4', '-r', '8'))
        told = ' '.join(finding['text'] for finding in result['findings'] if finding['id'] == 'best-outside')
        self.assertIn('With 2 threads: env:wait=active is best: it is 1.33 [', told)
        self.assertIn('Slower than the program as it is: env:nice=5 (1.05 × as long).', told)
        self.assertIn('With 4 threads: None of the settings makes the program significantly faster: the best, env:nice=5, '
                      'takes 1.05 [', told)
        self.assertIn('Slower than the program as it is: env:wait=active (1.50 × as long).', told)
        points = result['points']
        for finding in result['findings']:
            if finding['id'] == 'best-outside':
                self.assertEqual(len({points[i]['threads'] for i in finding['points']}), 1)

    def test_each_is_compared_in_its_placement(self):
        text, result = self.report('env:nice=5', options=('-t', '2', '--placement', 'spread,compact', '-r', '8'))
        points = result['points']
        found = [sorted((points[i]['strategy_label'], points[i]['placement']) for i in finding['points'])
                 for finding in result['findings'] if finding['id'] == 'best-outside']
        self.assertEqual(sorted(found), [[('env:nice=5', p), ('program', p)] for p in ('compact', 'spread')])
        self.assertIn('Placement spread: None of the settings makes the program significantly faster', text)

    def test_what_has_no_interval_is_not_within_noise(self):
        script = SCRIPT + 'wall_time prog env:nice=7 2 0 0 0 0.2 0.2 0.2 0.2 0.2\n'
        text, _ = self.report('env:wait=passive,env:nice=7', script, options=('-r', '8'))
        self.assertIn('env:wait=passive is best', text)
        self.assertNotIn('Within noise', text)

    def test_a_sweep_tells_of_copies_apart(self):
        script = SCRIPT + 'wall_time prog program 1 0.1\nwall_time prog env:wait=passive 1 0.1\n'
        text, _ = self.report('env:wait=passive,env:copies=2', script, 'sweep', ('-t', '1,2'))
        self.assertRegex(text, r'env:wait=passive with 2 threads is 2\.00 \S+ \S+ times as fast as 1 thread as it is')
        self.assertIn('Next is 2 threads as it is: ', text)
        self.assertNotIn('Superlinear', text)  # 1 thread is faster with it, and does not scale
        self.assertIn('env:copies=2: 2 copies at once do 1.92 [', text)

    def test_smt_compare_has_a_group_for_each(self):
        script = ''.join(f'wall_time true {strategy} {n} {t}\n' for strategy in ('program', 'env:nice=5')
                         for n, t in ((2, 1), (4, 0.8)))
        fake = self.folder / 'script'
        fake.write_text(script)
        env = {'PARSCOPE_FAKE': str(fake), 'HWLOC_SYNTHETIC': 'core:2 pu:2'}
        done = self.succeed('smt-compare', '-s', 'env:nice=5', '-c', '/bin/true', env=env).stdout
        self.assertIn('env:nice=5', done)
        self.refused('env:pin=spread', 'smt-compare places threads itself', command='smt-compare',
                     options=('-n', '--pair', '0,1'))

    def test_checks_select_a_strategy(self):
        text, _ = self.report('env:wait=passive', options=('--check', 'speedup[strategy=env:wait=passive] >= 1.9'))
        self.assertIn('holds', text)


def installed(allocator):
    return parscope('run', '-n', '-s', f'env:alloc={allocator}', '--', 'true').returncode == 0


BUSY = 'import time\nend = time.process_time() + 0.05\nwhile time.process_time() < end: pass'
# From its start: what is loaded late in a short program may be missed on a busy machine.
OPENMP = ('env', 'LD_PRELOAD=libgomp.so.1', sys.executable, '-c', BUSY)


def has_libgomp():
    return subprocess.run([sys.executable, '-c', "import ctypes\nctypes.CDLL('libgomp.so.1')"],
                          stderr=subprocess.DEVNULL).returncode == 0


class TryAll(Outside):
    def tried(self, *command, options=()):
        """What was seen, and the strategies."""
        done = self.succeed('run', '--try-all', '-r', '1', '-w', '0', '-o', str(self.folder / 'r.json'), *options, '--',
                            *command)
        result = json.loads((self.folder / 'r.json').read_text())
        sight = re.search(r'^note: (.*): trying (.*)$', done.stderr, re.M | re.S)
        labels = [point['strategy_label'] for point in result['points']]
        told = sight[2].strip().split(',')
        self.assertEqual([re.sub(r'copies=\d+', 'copies=cores', label) for label in labels], ['program', *told])
        return sight[1], labels

    def test_a_serial_program_is_run_in_copies(self):
        sight, labels = self.tried(sys.executable, '-c', BUSY)
        self.assertTrue(sight.endswith('has one thread at work'), sight)
        self.assertRegex(labels[-1], r'^env:copies=\d+$')
        self.assertFalse([label for label in labels if 'wait' in label or 'omp' in label])

    def test_openmp_is_told_how_to_wait(self):
        if not has_libgomp():
            self.skipTest('there is no libgomp.so.1')
        sight, labels = self.tried(*OPENMP)
        self.assertIn('has OpenMP', sight)
        for label in ('env:pin=spread', 'env:wait=active', 'env:wait=passive'):
            self.assertIn(label, labels)

    def test_nothing_is_pinned_where_cpus_are_listed(self):
        if not has_libgomp():
            self.skipTest('there is no libgomp.so.1')
        _, labels = self.tried(*OPENMP, options=('--cpus', str(CPUS[0])))
        self.assertIn('env:wait=passive', labels)
        self.assertFalse([label for label in labels if 'pin' in label])

    def test_checks_may_name_what_it_chooses(self):
        self.tried('true', options=('--on-inconclusive', 'pass', '--check',
                                    'speedup[strategy=env:thp=off] >= 0.0001'))
        self.fail_with(1, 'run', '-q', '--try-all', '-r', '1', '-w', '0', '--check',
                       'speedup[strategy=env:nice=1] >= 0.0001', '--', 'true', says=['no point has strategy=env:nice=1'])

    def test_allocators_that_are_there(self):
        _, labels = self.tried(os.environ['MALLOCS'], '1')
        for name in ('jemalloc', 'tcmalloc', 'mimalloc'):
            self.assertEqual(f'env:alloc={name}' in labels, installed(name))

    def test_what_it_excludes(self):
        for arguments, says in ((('-s', 'env:nice=1', '--', 'true'), "so -s can't be given too"), (('reduce',), 'needs one program'),
                                (('-c', 'true', '-c', 'false'), 'needs one program'), (('-n', '--', 'true'), '-n')):
            self.fail_with(2, 'run', '--try-all', *arguments, says=[says])


class Allocators(Outside):
    @measures_time
    @in_one_of(3)
    def test_another_is_faster_where_two_threads_free_what_the_other_allocated(self):
        """The C library takes 20 times as long here; twice is enough to tell."""
        if not installed('jemalloc'):
            self.skipTest('jemalloc is not installed')
        result = self.folder / 'r.json'
        self.succeed('run', '-r', '3', '-w', '1', '--no-diagnose', '-s', 'env:alloc=jemalloc', '-o', str(result), '--',
                     os.environ['MALLOCS'], '20')
        plain, other = json.loads(result.read_text())['points']
        self.assertTrue(plain['baseline'])
        self.assertGreater(other['metrics']['speedup']['value'], 2)


if __name__ == '__main__':
    main()
