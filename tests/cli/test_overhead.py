"""overhead: every part has a value or a reason, in every format; bad options; ^C leaves nothing."""
import csv
import io
import json
import os
import pathlib
import re
import signal
import subprocess
import unittest

from harness import PARSCOPE, ROOT, Case, environment, main, parscope

try:
    import jsonschema
except ImportError:
    jsonschema = None

CPUS = sorted(os.sched_getaffinity(0))
PARTS = parscope('list', 'overhead', '--names').stdout.split()
TWO_CPUS = {'thread-pinned', 'handover-spin', 'wake', 'wake-20us', 'wake-1ms', 'task-stolen'}
CPU_EACH = {'region-pool', 'region-steal', 'region-omp', 'shared-pool', 'shared-steal', 'barrier-spin'}
NOT_EVERYWHERE = {'counter-read', 'region-omp', 'region-event-loop'}
NOT_ALWAYS = {'task-stolen'}  # a thief without a CPU steals nothing
SOME = ['clock', 'task', 'thread']


def load(path):
    def refuse(name):
        raise ValueError(f'{name} is not JSON')
    return json.loads(path.read_text(), parse_constant=refuse)


class Overhead(Case):
    def measure(self, *arguments, **more):
        path = self.folder / 'o.json'
        done = self.succeed('overhead', *arguments, '-o', str(path), **more)
        document = load(path)
        self.assertEqual(document['schema'], 'parscope-overhead/1')
        if jsonschema:
            schema = load(ROOT / 'docs' / 'overhead.schema.json')
            jsonschema.Draft7Validator(schema).validate(document)
        return done.stdout, document, {part['part']: part for part in document['parts']}

    def check_values(self, parts, rounds):
        for part in parts.values():
            with self.subTest(part=part['part']):
                self.assertEqual(len(part['tests']), rounds)
                self.assertEqual(len(part['references']), rounds)
                if part['value'] is None:
                    self.assertTrue(part['reason'])
                    continue
                tests = [x for x in part['tests'] if x is not None]
                self.assertEqual(part['rounds'], len(tests))
                if part['rounds'] < rounds:
                    self.assertTrue(part['reason'])
                    self.assertIn(part['part'], NOT_ALWAYS)
                self.assertGreater(part['reference'], 0)
                self.assertTrue(all(x > 0 for x in tests))
                if part['rounds'] < 6:
                    self.assertIsNone(part['low'])
                else:
                    self.assertLessEqual(part['low'], part['value'])
                    self.assertLessEqual(part['value'], part['high'])


class All(Overhead):
    @unittest.skipUnless(len(CPUS) > 1, 'needs two CPUs')
    def test_every_part(self):
        text, document, parts = self.measure('-r', '2')
        self.assertEqual(list(parts), PARTS)
        self.check_values(parts, 2)
        self.assertEqual(document['plan']['ended_by'], 'rounds')
        for name, part in parts.items():
            if name not in NOT_EVERYWHERE | NOT_ALWAYS:
                self.assertIsNone(part['reason'], f'{name}: {part["reason"]}')
        for name in PARTS:
            self.assertEqual(len(re.findall(rf'(?m)^{name} ', text)), 2, text)
        self.assertLessEqual(max(map(len, text.splitlines())), 80)

    @unittest.skipUnless(len(CPUS) > 1, 'needs two CPUs')
    def test_what_must_hold_anywhere(self):
        """Orders that no machine can turn round."""
        _, _, parts = self.measure('-r', '6', 'thread', 'process', 'clock', 'wake-1ms', 'handover-sleep', 'task')
        least = {name: min(part['tests']) for name, part in parts.items()}
        self.assertLess(least['clock'], least['thread'])
        self.assertLess(least['clock'], least['wake-1ms'])
        self.assertLess(least['clock'], least['handover-sleep'])
        self.assertLess(least['task'], least['thread'])
        self.assertLess(least['clock'], least['process'])

    def test_one_cpu(self):
        text, _, parts = self.measure('-r', '1', '--cpus', str(CPUS[0]))
        self.assertEqual(list(parts), PARTS)
        for name in TWO_CPUS:
            self.assertIn('two CPUs', parts[name]['reason'])
        for name in CPU_EACH:
            self.assertRegex(parts[name]['reason'], 'two CPUs|a CPU each')
        for name in set(PARTS) - TWO_CPUS - CPU_EACH - NOT_EVERYWHERE:
            self.assertIsNotNone(parts[name]['value'], parts[name]['reason'])
        self.assertIn('Not measured: ', text)

    def test_more_threads_than_cpus(self):
        threads = len(CPUS) + 1
        _, document, parts = self.measure('-r', '6', '-t', str(threads), 'barrier-spin', 'barrier-sleep',
                                          'region-pool', 'region-fork')
        self.assertEqual(document['plan']['threads'], threads)
        self.assertIn('need a CPU each', parts['barrier-spin']['reason'] + parts['region-pool']['reason'])
        self.assertEqual(parts['barrier-sleep']['rounds'], 6)
        self.assertEqual(parts['region-fork']['rounds'], 6)


class Some(Overhead):
    def test_only_those_named(self):
        _, _, parts = self.measure('-r', '7', 'task', 'clock')
        self.assertEqual(list(parts), ['clock', 'task'])
        self.check_values(parts, 7)

    def test_time_limit(self):
        _, document, parts = self.measure('--max-time', '1ms', *SOME)
        self.assertEqual(document['plan']['rounds'], 1)
        self.assertEqual(document['plan']['ended_by'], 'max-time')
        self.check_values(parts, 1)

    def test_interval_is_of_the_differences(self):
        _, _, parts = self.measure('-r', '9', 'thread-clock')
        part = parts['thread-clock']
        differences = sorted(t - r for t, r in zip(part['tests'], part['references']))
        self.assertAlmostEqual(part['value'], differences[4], delta=1e-15)
        self.assertGreaterEqual(part['low'], differences[0])
        self.assertLessEqual(part['high'], differences[-1])

    def test_cpus(self):
        _, document, _ = self.measure('-r', '1', 'clock', '--cpus', str(CPUS[-1]))
        self.assertEqual(document['host']['cpus'], [CPUS[-1]])

    def check_nothing(self, *arguments):
        """No round at all: it ends by itself, whatever time or number of rounds it was given."""
        for length in ('--max-time=168h', '--runs=100000'):
            path = self.folder / 'o.json'
            done = parscope('overhead', length, '-o', str(path), *arguments)
            self.assertEqual(done.returncode, 77, done.stderr)
            self.assertIn('can be measured here', done.stderr)
            self.assertIn('Not measured: ', done.stdout)
            document = load(path)
            self.assertEqual(document['plan']['rounds'], 0)
            self.assertEqual(document['plan']['ended_by'], 'nothing-left')
            if jsonschema:
                jsonschema.Draft7Validator(load(ROOT / 'docs' / 'overhead.schema.json')).validate(document)
            for part in document['parts']:
                self.assertTrue(part['reason'])
                self.assertEqual(part['tests'], [])

    def test_nothing_can_be_measured(self):
        self.check_nothing('--cpus', str(CPUS[0]), 'handover-spin', 'wake')
        self.check_nothing('-t', str(len(CPUS) + 1), 'barrier-spin')

    def test_csv(self):
        text = self.succeed('overhead', '-r', '2', '--format', 'csv', *SOME, 'handover-spin', '--cpus',
                            str(CPUS[0])).stdout
        rows = list(csv.DictReader(io.StringIO(text)))
        self.assertEqual([row['part'] for row in rows], ['clock', 'thread', 'handover-spin', 'task'])
        for row in rows:
            self.assertEqual(row['unit'], 's')
            if row['part'] == 'handover-spin':
                self.assertEqual(row['value'], '')
                self.assertTrue(row['reason'])
            else:
                float(row['value'])

    def test_markdown_and_standard_output(self):
        path = self.folder / 'o.md'
        done = self.succeed('overhead', '-r', '1', '-q', 'clock', '-o', str(path), '-o', '-', '--format', 'json')
        self.assertEqual(json.loads(done.stdout)['parts'][0]['part'], 'clock')
        self.assertRegex(path.read_text(), r'(?m)^\| clock \|')
        self.assertEqual(done.stderr, '')


class Refused(Overhead):
    def test_bad_options(self):
        self.refuse('overhead', 'nonsense', says=['nonsense'])
        self.refuse('overhead', 'wake-1m', says=["'wake-1ms'"])
        self.refuse('overhead', '-t', '0')
        self.refuse('overhead', '--max-time', '0')
        self.refuse('overhead', '-r', '0')
        self.refuse('overhead', '--cpus', '99999')
        self.refuse('overhead', '--format', 'nonsense')
        self.refuse('overhead', '-o', str(self.folder / 'o.nonsense'))
        self.refuse('overhead', '-o', str(self.folder / 'no' / 'o.json'), 'clock')
        self.refuse('overhead', 'clock', env={'HWLOC_SYNTHETIC': 'core:4 pu:1'})

    def test_no_result_to_report(self):
        _, _, _ = self.measure('-r', '1', 'clock')
        self.refuse('report', str(self.folder / 'o.json'))


class Interrupted(Overhead):
    def test_interrupt(self):
        """What was measured is written, and no process stays behind."""
        path = self.folder / 'o.json'
        command = [PARSCOPE, 'overhead', '--max-time', '10min', '-o', str(path), *SOME]
        # In a session of its own, so that what it leaves behind can be told.
        process = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, start_new_session=True)
        try:
            while not any(self.children(process.pid)):
                self.assertIsNone(process.poll())
            process.send_signal(signal.SIGINT)
            text, _ = process.communicate(timeout=60)
        finally:
            process.kill()
            process.wait()
        self.assertEqual(process.returncode, 130)
        self.assertIn('Cut short', text)
        self.assertEqual(load(path)['plan']['ended_by'], 'interrupt')
        with self.assertRaises(ProcessLookupError):
            os.killpg(process.pid, 0)

    def children(self, pid):
        try:
            return pathlib.Path(f'/proc/{pid}/task/{pid}/children').read_text().split()
        except OSError:
            self.skipTest('no /proc/PID/task/TID/children here')


if __name__ == '__main__':
    main()
