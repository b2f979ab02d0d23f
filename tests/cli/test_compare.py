"""compare: verdicts and statuses of two saved results and of two programs in turns, what is refused, and how often
noise is taken for a change."""
import json
import random

from harness import ROOT, Case, main, measures_time, parscope

try:
    import jsonschema
except ImportError:
    jsonschema = None

BASE = '''wall_time * sequential * 1.00 1.01 0.99 1.00 1.02 0.98 1.00 1.01
wall_time * steal 1 1.00 1.01 0.99 1.00 1.02 0.98 1.00 1.01
wall_time * steal 2 0.50 0.51 0.49 0.50 0.51 0.49 0.50 0.51
cpu_time * * * 1
'''
MACHINE = {'HWLOC_SYNTHETIC': 'core:4 pu:2'}


def scaled(script, workload, factor):
    """The times of one thread count, that many times as long."""
    lines = []
    for line in script.splitlines():
        words = line.split()
        if words[:4] == ['wall_time', '*', *workload]:
            words[4:] = [f'{float(x) * factor:.6g}' for x in words[4:]]
        lines.append(' '.join(words))
    return '\n'.join(lines) + '\n'


class Comparing(Case):
    def saved(self, name, script, *arguments):
        path = self.folder / f'{name}.json'
        env = {**self.fake_script(script), **MACHINE}
        self.succeed('sweep', 'reduce', '-t', '1,2', '-r', '20', *arguments, '-o', str(path), env=env)
        return str(path)

    def compared(self, status, *arguments, **more):
        """The text, and the document, which is valid."""
        path = self.folder / 'comparison.json'
        done = parscope('compare', *arguments, '-o', str(path), **more)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        document = json.loads(path.read_text())
        if jsonschema:
            schema = json.loads((ROOT / 'docs' / 'comparison.schema.json').read_text())
            jsonschema.Draft7Validator(schema).validate(document)
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80)
        return done.stdout, document

    @staticmethod
    def row(document, metric, threads, strategy=None):
        rows = [r for r in document['rows'] if r['metric'] == metric and r['threads'] == threads and
                strategy in (None, r['strategy_label'])]
        assert len(rows) == 1, rows
        return rows[0]


class Saved(Comparing):
    def test_the_same(self):
        base = self.saved('base', BASE)
        text, document = self.compared(0, base, base)
        self.assertIn('Same: all 11 figures are within 5 %.', text)
        self.assertEqual({row['verdict'] for row in document['rows']}, {'same'})
        self.assertFalse(document['paired'])
        self.assertEqual(document['base']['name'], base)

    def test_worse(self):
        new = scaled(BASE, ('steal', '2'), 1.12)
        text, document = self.compared(3, self.saved('base', BASE), self.saved('new', new))
        self.assertEqual(document['verdict'], 'worse')
        wall = self.row(document, 'wall_time', 2)
        self.assertEqual(wall['verdict'], 'worse')
        self.assertAlmostEqual(wall['change']['value'], 1.12)
        self.assertLess(wall['change']['family_low'], wall['change']['low'])
        self.assertEqual(self.row(document, 'speedup', 2)['verdict'], 'worse')
        self.assertEqual(self.row(document, 'wall_time', 1, 'steal')['verdict'], 'same')
        serial = self.row(document, 'serial_fraction', None)
        self.assertEqual((serial['verdict'], serial['change']['kind']), ('worse', 'difference'))
        self.assertRegex(text, r'wall time +500 ms +560 ms +\+12\.0 % .* WORSE\n')
        self.assertIn('Worse: 4 of 11 figures are worse by more than 5 %.', text)

    def test_better(self):
        old = scaled(BASE, ('steal', '2'), 1.12)
        text, document = self.compared(0, self.saved('base', old), self.saved('new', BASE))
        self.assertEqual(self.row(document, 'wall_time', 2)['verdict'], 'better')
        self.assertIn('Not worse: none of 11 figures is worse by more than 5 %; 4 are better.', text)

    def test_inconclusive(self):
        new = scaled(BASE, ('steal', '2'), 1.05)
        base, new = self.saved('base', BASE), self.saved('new', new)
        text, document = self.compared(4, base, new, '--metric', 'wall_time')
        self.assertEqual(document['verdict'], 'inconclusive')
        self.assertIn('Inconclusive: 1 of 3 figures may be worse by more than 5 %.', text)
        self.compared(0, base, new, '--metric', 'wall_time', '--on-inconclusive', 'pass')
        self.compared(3, base, new, '--metric', 'wall_time', '--on-inconclusive', 'fail')

    def test_threshold(self):
        base, new = self.saved('base', BASE), self.saved('new', scaled(BASE, ('steal', '2'), 1.12))
        self.compared(0, base, new, '--threshold', '30%')
        self.compared(3, base, new, '--threshold', '0.01')

    def test_few_rounds_have_no_interval(self):
        base = self.saved('base', BASE, '-r', '3')
        text, document = self.compared(4, base, base)
        self.assertIn('fewer than 6 rounds', ' '.join(text.split()))
        self.assertIsNone(document['rows'][0]['change']['low'])

    def test_disturbed_points_are_inconclusive(self):
        loud = BASE + 'others_time * steal 2 0.2\n'
        base, new = self.saved('base', BASE), self.saved('new', scaled(loud, ('steal', '2'), 1.3))
        text, document = self.compared(4, base, new, '--metric', 'wall_time')
        self.assertEqual(self.row(document, 'wall_time', 2)['verdict'], 'inconclusive')
        self.assertIn('other programs took', text)

    def test_many_figures(self):
        """Those that are not worse are shown by -v alone."""
        more = ('-s', 'steal,pool,spawn,queue')
        script = BASE.replace('steal', '*')
        base, new = self.saved('base', script, *more), self.saved('new', scaled(script, ('*', '2'), 1.2), *more)
        text, _ = self.compared(3, base, new)
        self.assertNotIn('  same\n', text)
        self.assertIn('-v shows', text)
        self.assertIn('  same\n', self.compared(3, base, new, '-v')[0])

    def test_machines_that_differ(self):
        base = self.saved('base', BASE)
        document = json.loads(open(base, encoding='utf-8').read())
        document['host'].update({'cpus': 4, 'cpu_model': 'Other CPU', 'cpu_quota': 1.5})
        other = self.folder / 'other.json'
        other.write_text(json.dumps(document))
        says = ['CPU model: Scripted CPU, then Other CPU', 'CPUs allowed: 8, then 4', 'CPU quota: none, then 1.5 CPUs',
                '--force']
        self.refuse('compare', base, str(other), says=says)
        text, document = self.compared(0, base, str(other), '--force')
        self.assertEqual(len(document['host_differences']), 3)
        self.assertIn('The machines differ in: CPU model', text)

    def test_other_kernels_are_noted(self):
        base = self.saved('base', BASE)
        document = json.loads(open(base, encoding='utf-8').read())
        document['host']['kernel'] = 'Linux 7'
        other = self.folder / 'other.json'
        other.write_text(json.dumps(document))
        self.assertIn('The kernel was', self.compared(0, base, str(other))[0])

    def test_points_of_one_side(self):
        base, new = self.saved('base', BASE), self.saved('more', BASE + 'wall_time * steal 4 0.25\n', '-t', '1,2,4')
        text, document = self.compared(0, base, new)
        self.assertIn('1 point of the second has no counterpart and is not compared.', text)
        self.assertEqual({row['threads'] for row in document['rows']}, {1, 2, None})

    def test_nothing_in_common(self):
        base = self.saved('base', BASE)
        other = self.folder / 'other.json'
        self.succeed('run', 'counter', '-s', 'pool', '-r', '8', '-o', str(other),
                     env={**self.fake_script(BASE + 'wall_time * * * 1\n'), **MACHINE})
        self.refuse('compare', base, str(other), says=['no point in common'])
        self.refuse('compare', base, base, '--metric', 'max_rss', says=['no point of the two has a value of these metrics'])


class Programs(Comparing):
    """Scripted, so that no program runs; but there must be one."""

    def setUp(self):
        super().setUp()
        for name in ('old', 'new'):
            path = self.folder / name
            path.write_text('#!/bin/sh\n')
            path.chmod(0o755)
        self.sides = ('-c', f'{self.folder}/old {{threads}}', '-c', f'{self.folder}/new {{threads}}')

    def script(self, new=1.0, rounds=60, seed=1):
        """Drift that both share, and noise that they don't: now and then a burst."""
        rng, drift, lines = random.Random(seed), [1.0], {}
        for _ in range(rounds):
            drift.append(drift[-1] * (1 + rng.gauss(0, 0.03)))
        for program, factor in (('old', 1), ('new', new)):
            for threads, time in ((1, 1.0), (2, 0.55)):
                lines[program, threads] = [
                    f'{time * d * factor * rng.lognormvariate(0, 0.02) * (1.5 if rng.random() < 0.08 else 1):.6g}'
                    for d in drift[1:]]
        return ''.join(f'wall_time {p} * {t} {" ".join(x)}\ncpu_time {p} * {t} {" ".join(x)}\n'
                       for (p, t), x in lines.items())

    def judged(self, new, seed):
        env = {**self.fake_script(self.script(new, seed=seed)), **MACHINE}
        return parscope('compare', *self.sides, '-t', '1,2', '-r', '60', '-q', env=env).returncode

    def test_in_turns(self):
        env = {**self.fake_script(self.script(1.1)), **MACHINE}
        text, document = self.compared(3, *self.sides, '-t', '1,2', env=env)
        self.assertTrue(document['paired'])
        wall = self.row(document, 'wall_time', 2)
        self.assertEqual(wall['verdict'], 'worse')
        self.assertLess(wall['change']['low'], 1.1)
        self.assertGreater(wall['change']['high'], 1.1)
        self.assertEqual(len(wall['changes']), document['rows'][0]['rounds'])
        self.assertIn('in turns', text)
        # Both thread counts are as much slower: it scales as it did.
        self.assertIn(self.row(document, 'serial_fraction', None)['verdict'], ('same', 'not-worse', 'inconclusive'))

    def test_serial_part(self):
        script = ''.join(f'wall_time {p} * {t} {time * 0.999} {time} {time * 1.001}\n' for p, t, time in
                         (('old', 1, 1.0), ('old', 2, 0.5), ('new', 1, 1.0), ('new', 2, 0.6)))
        _, document = self.compared(3, *self.sides, '-t', '1,2', env={**self.fake_script(script), **MACHINE})
        serial = self.row(document, 'serial_fraction', None)
        self.assertEqual(serial['verdict'], 'worse')
        self.assertAlmostEqual(serial['change']['value'], 0.2, places=3)

    def test_ends_by_the_precision_of_the_ratios(self):
        """Drift widens the times, not their ratios: 10 rounds are enough."""
        drift = [1 + 0.05 * i for i in range(40)]
        script = ''.join(f'wall_time {p} * * {" ".join(str(f * d) for d in drift)}\n' for p, f in (('old', 1), ('new', 1.2)))
        _, document = self.compared(3, *self.sides, env={**self.fake_script(script), **MACHINE})
        self.assertEqual(document['rows'][0]['rounds'], 10)

    def test_as_they_are(self):
        """Without thread counts, and nothing to scale from: only times."""
        env = {**self.fake_script(BASE + 'wall_time * * * 1 1.01 0.99\n'), **MACHINE}
        _, document = self.compared(0, '-c', f'{self.folder}/old', '-c', f'{self.folder}/new', env=env)
        self.assertEqual({row['metric'] for row in document['rows']}, {'wall_time', 'cpu_time'})

    def test_the_same_command_twice(self):
        env = {**self.fake_script(self.script()), **MACHINE}
        text, document = self.compared(0, *self.sides[:2], *self.sides[:2], '-t', '1,2', env=env)
        self.assertEqual({row['change']['value'] for row in document['rows']} - {1}, {0})
        self.assertIn('(again)', text)

    def test_noise_is_no_change(self):
        """A/A: at most 2 of 100 say worse or better; A/B of 10 %: at least 95 of 100 are found. The first 20."""
        same = [self.judged(1.0, seed) for seed in range(20)]
        self.assertLessEqual(same.count(3), 1, same)
        slower = [self.judged(1.1, seed) for seed in range(20)]
        self.assertGreaterEqual(slower.count(3), 19, slower)


@measures_time
class Real(Comparing):
    def test_many_times_the_work(self):
        """In turns on this machine, whose load no threshold is near to."""
        shell = "sh -c 'i=0; while [ $i -lt {} ]; do i=$((i+1)); done'"
        _, document = self.compared(3, '-c', shell.format(1000), '-c', shell.format(100000), '-r', '8',
                                    '--threshold', '20%')
        self.assertEqual(self.row(document, 'wall_time', document['rows'][0]['threads'])['verdict'], 'worse')
        self.assertFalse(document['looked'])

    def test_ends_with_the_verdict(self):
        """Far from the default precision, and long before the time limit."""
        shell = "sh -c 'i=0; while [ $i -lt {} ]; do i=$((i+1)); done'"
        text, document = self.compared(3, '-c', shell.format(100), '-c', shell.format(30000), '--threshold', '20%',
                                       '--max-time', '10min')
        self.assertTrue(document['looked'])
        self.assertGreaterEqual(len(self.row(document, 'wall_time', document['rows'][0]['threads'])['changes']), 10)
        self.assertIn('whenever rounds end', ' '.join(text.split()))


class Refused(Case):
    def test_commands(self):
        self.refuse('compare', '-c', 'true', says=['two programs'])
        self.refuse('compare', '-c', 'true', '-c', 'false', '-c', 'ls', says=['two programs'])
        self.refuse('compare', '-c', 'true', '-c', 'false', '--force', says=['--force'])
        self.refuse('compare', '-c', 'true', '-c', 'false', '--', 'ls', says=["'--'"])
        self.refuse('compare', '-c', 'true', '-c', 'false', 'x.json', says=['x.json'])

    def test_files(self):
        self.refuse('compare', says=['two results', 'BASE.json NEW.json'])
        self.refuse('compare', 'a.json', says=['two results'])
        self.refuse('compare', 'a.json', 'b.json', 'c.json', says=['c.json'])
        self.refuse('compare', 'a.json', 'b.json', '--threads', '2', says=['-c OLD -c NEW'])
        self.refuse('compare', '/none/a.json', '/none/b.json', says=['/none/a.json'])

    def test_metric_and_format(self):
        self.refuse('compare', 'a.json', 'b.json', '--metric', 'wall_tme', says=["'wall_time'"])
        self.refuse('compare', 'a.json', 'b.json', '--format', 'csv', says=["can't be written as csv"])
        self.refuse('compare', 'a.json', 'b.json', '-o', 'x.csv', says=["can't be written as csv"])
        self.refuse('compare', 'a.json', 'b.json', '--threshold', '-1')


if __name__ == '__main__':
    main()
