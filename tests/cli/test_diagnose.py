"""A program with a low efficiency is diagnosed: what cost its speedup is named. Programs with one planted cause each."""
import contextlib
import json
import os
import re
import sys

from harness import HERE, Case, in_one_of, main, measures_time, spinning

PLANTED = os.environ['PLANTED']


def observed(result):
    return [p['diagnosis'] for p in result['points'] if 'diagnosis' in p]


@measures_time
class Planted(Case):
    def setUp(self):
        super().setUp()
        if len(os.sched_getaffinity(0)) < 2:
            self.skipTest('needs two CPUs')

    def result(self, cause, *options, threads='1,2'):
        path = self.folder / 'r.json'
        self.succeed('sweep', '-o', str(path), '-e', 'none', '-r', '1', '-t', threads, *options,
                     '--', PLANTED, cause, '{threads}')
        result = json.loads(path.read_text())
        missing = [d['missing'] for d in observed(result) if d['missing']]
        if missing:
            self.skipTest(missing[0])
        return result

    KEPT = []

    def sleeping(self):
        """Of a measurement for two tests, each of which measures anew where it is repeated."""
        path = self.folder / 'r.json'
        if not self.KEPT:
            self.result('sleep', '--diagnose')
            self.KEPT.append(path.read_text())
        else:
            path.write_text(self.KEPT.pop())
        return json.loads(path.read_text())

    def first_cause(self, cause):
        """Where others keep a CPU from the program, its threads take turns, and nothing is lost to the cause."""
        for _ in range(4):
            result = self.result(cause)
            texts = [f['text'] for f in result['findings'] if f['id'] == 'cause']
            if not self.disturbed(result):
                break
        else:
            self.skipTest('others took CPUs in each of four measurements')
        self.assertTrue(texts, json.dumps(observed(result)[-1])[:2000])
        for f in result['findings']:
            if f['id'] == 'largest-loss':  # agrees with what has been named
                self.assertIn('This includes the causes that are named with their place in the code.', f['text'])
        return texts[0]

    def disturbed(self, result):
        others = result['points'][-1]['metrics']['lost_cores_others']['value'] or 0
        seen = observed(result)
        return others > 0.1 or not seen or seen[-1]['others'] > 0.05 or len(seen[-1]['running']) < 3

    @in_one_of(3)
    def test_serial(self):
        self.assertRegex(self.first_cause('serial'), r'^Serial part: .*planted_serial\(\) \(planted\.c:\d+\)')

    @in_one_of(3)
    def test_lock(self):
        self.assertRegex(self.first_cause('lock'),
                         r'^Lock: .*pthread_mutex_lock\(\), called from planted_lock\(\) \(planted\.c:\d+\)')

    @in_one_of(3)
    def test_sleep(self):
        self.assertRegex(self.first_cause('sleep'), r'^Sleep: .*nanosleep\(\), called from planted_sleep\(\) \(planted\.c:\d+\)')

    @in_one_of(3)
    def test_uneven(self):
        self.assertRegex(self.first_cause('uneven'), r'^Uneven shares: .*called from planted_uneven\(\) \(planted\.c:\d+\)')

    @in_one_of(3)
    def test_kernel_time_is_that_of_a_call(self):
        """Sampled in the kernel where that is permitted, else told by the samples beside the calls."""
        result = self.result('calls', '--diagnose')
        for diagnosis in observed(result):
            rows = [row for row in diagnosis['code'] if row['place']['function'] == 'planted_calls']
            kernel = sum(row['kernel'] or 0 for row in rows)
            self.assertGreater(kernel, 0.7 * diagnosis['kernel_time'], json.dumps(diagnosis)[:2000])
            self.assertLess(kernel, 1.2 * diagnosis['kernel_time'])
        texts = [f['text'] for f in result['findings'] if f['id'] == 'kernel-time']
        self.assertRegex(texts[0], r'is spent in the kernel, (about )?\d+ % of that in pread\w*\(\), called from planted_calls\(\) \(planted')

    def swept_until(self, max_time):
        path = self.folder / 'r.json'
        for _ in range(4):
            self.succeed('sweep', '-o', str(path), '-e', 'none', '--max-time', max_time, '--precision', '1e-6', '-t', '1,2', '--',
                         PLANTED, 'uneven', '{threads}')
            result = json.loads(path.read_text())
            if result['points'][-1]['metrics']['efficiency']['value'] < 0.85 and not self.disturbed(result):
                break
        else:
            self.skipTest('others took CPUs in each of four measurements')
        self.assertEqual(result['plan']['ended_by'], 'max-time')
        self.assertEqual(len(observed(result)), 2)
        return result

    @in_one_of(3)
    def test_rounds_leave_time_for_it(self):
        """Where they end by --max-time."""
        self.swept_until('4s')

    def test_where_there_is_time_for_one_round_alone(self):
        """The program takes longer: it is observed once."""
        for diagnosis in observed(self.swept_until('10ms')):
            self.assertEqual((diagnosis['missing'], diagnosis['executions']), (None, 1))

    @in_one_of(3)
    def test_load_of_others_is_told(self):
        with contextlib.ExitStack() as stack:
            for cpu in os.sched_getaffinity(0):
                stack.enter_context(spinning(cpu))
            result = self.result('uneven', '--diagnose', threads='2')
        self.assertGreater(observed(result)[-1]['others'], 0.05)
        told = [f for f in result['findings'] if f['id'] == 'observed-busy']
        metrics = result['points'][-1]
        self.assertTrue(told or metrics['load']['status'] == 'disturbed', result['findings'])

    def test_a_saved_result_has_it(self):
        result = self.sleeping()
        again = self.folder / 'again.json'
        self.succeed('report', str(self.folder / 'r.json'), '-o', str(again))
        self.assertEqual(observed(json.loads(again.read_text())), observed(result))
        one, two = (self.succeed('report', '--format', 'markdown', '--top', n, str(again)).stdout.count('\n') for n in '12')
        self.assertEqual(two - one, sum(len(observed(result)[-1][rows]) > 1
                                       for rows in ('losses', 'code', 'modules', 'threads')))
        self.refuse('report', '--top', '0', str(again), says=['--top'])

    @in_one_of(3)
    def test_details_are_tables(self):
        self.sleeping()
        told = self.succeed('report', '-v', str(self.folder / 'r.json')).stdout
        for text in (r'\nWhen its threads ran, ', r'\n +none +one +all ', r'Why cores had no work, with 2 threads\.',
                     r'\nCPU time by executable and library', r'\n +how +CPU .*\nthread +many ', r'\nplanted +[23] ',
                     r'\nsleep: nanosleep\(\), called from planted_sleep\(\) \(planted\.c:\d+\)', r'\nWhere the CPU time went',
                     r'\nwork[.\w]*\(\) \(planted\.c:\d+\), called from planted_sleep\(\)'):
            self.assertRegex(told, text)
        page = self.succeed('report', '--format', 'markdown', str(self.folder / 'r.json')).stdout
        self.assertIn('| sleep: nanosleep(), called from planted', page.replace('\\', ''))

    @in_one_of(3)
    def test_times_are_those_of_the_program(self):
        """Samples and switches of one thread agree with the kernel's account of its CPU time."""
        result = self.result('serial', '--diagnose')
        one = observed(result)[0]
        self.assertEqual(one['lost_records'], 0)
        self.assertGreater(one['sampled'], 0.8 * one['cpu_time'])
        self.assertLess(one['sampled'], 1.1 * one['cpu_time'])
        self.assertGreater(one['serial_fraction'], 0.95)
        self.assertLess(abs(one['cpu_time_unrecorded']), 0.1 * one['cpu_time'])
        self.assertLessEqual(one['system_time_used'], one['cpu_time_used'])


@measures_time
class Ends(Case):
    SLEEPER = """
import os, time
for _ in range(30):
    if not os.fork():
        os._exit(0)
    time.sleep(0.018)
    os.wait()
"""

    def test_who_sleeps_shows_no_end(self):
        """Until the parent's timer expires it would be a child's CPU time: half a second."""
        path = self.folder / 'r.json'
        self.succeed('run', '-o', str(path), '-e', 'none', '-r', '1', '-w', '0', '--diagnose', '--',
                     sys.executable, '-c', self.SLEEPER)
        one, = observed(json.loads(path.read_text()))
        if one['missing']:
            self.skipTest(one['missing'])
        self.assertLess(one['cpu_time'] - one['cpu_time_used'], 0.2)


class Schema(Case):
    def test_has_all_kinds_of_losses(self):
        top = HERE.parents[1]
        schema = json.loads((top / 'docs' / 'result.schema.json').read_text())
        (kinds,) = re.findall(r'NAMES\(ps_loss_kind,.*?\)', (top / 'src' / 'result' / 'result.c').read_text(), re.S)
        diagnosis = schema['definitions']['point']['properties']['diagnosis']['properties']
        told = diagnosis['losses']['items']['properties']['kind']['enum']
        self.assertEqual(sorted(re.findall(r'"(\w+)"', kinds)), sorted(told))


class Refused(Case):
    def test_of_workloads_there_is_none(self):
        self.refuse('run', 'counter', '--diagnose', says=['--diagnose'])

    def test_not_asked_for_not_there(self):
        path = self.folder / 'r.json'
        self.succeed('run', '-o', str(path), '-r', '1', '--', 'true')
        self.assertNotIn('diagnosis', json.loads(path.read_text())['points'][0])

    def test_nor_where_it_is_declined(self):
        path = self.folder / 'r.json'
        self.succeed('sweep', '-o', str(path), '-e', 'none', '-r', '1', '-t', '1,2', '--no-diagnose', '--', PLANTED,
                     'sleep', '{threads}')
        for point in json.loads(path.read_text())['points']:
            self.assertNotIn('diagnosis', point)

    def test_asked_for_and_declined(self):
        self.refuse('run', '--diagnose', '--no-diagnose', '--', 'true', says=['--no-diagnose excludes --diagnose'])


if __name__ == '__main__':
    main()
