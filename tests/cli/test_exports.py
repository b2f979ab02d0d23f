"""Files of observed executions: --flame and --timeline."""
import json
import os
import pathlib
import re

from harness import Case, in_one_of, main, measures_time, parscope

PLANTED = os.environ['PLANTED']
OBSERVE = ('-e', 'none', '-r', '1', '-w', '0')


def stacks(path):
    """Frames and the count of each line."""
    rows = [re.fullmatch(r'(\S.*) ([1-9]\d*)', line) for line in path.read_text().splitlines()]
    assert all(rows), path.read_text()
    return [(row[1].split(';'), int(row[2])) for row in rows]


class Observed(Case):
    def setUp(self):
        super().setUp()
        self.json = self.folder / 'r.json'

    def diagnoses(self, *arguments):
        """Of each point; skips where nothing can be observed."""
        done = self.succeed_or_skip(arguments[0], '-o', str(self.json), *arguments[1:])
        return [p['diagnosis'] for p in json.loads(self.json.read_text())['points']], done

    def succeed_or_skip(self, *arguments):
        probe = self.folder / 'probe.json'
        self.succeed('run', *OBSERVE, '--diagnose', '-o', str(probe), '--', 'true')
        missing = json.loads(probe.read_text())['points'][0]['diagnosis']['missing']
        if missing:
            self.skipTest(missing)
        return self.succeed(*arguments)


@measures_time
class Flame(Observed):
    @in_one_of(3)
    def test_counts_sum_to_the_samples(self):
        path = self.folder / 'flame.txt'
        seen, _ = self.diagnoses('run', *OBSERVE, '-t', '2', '--flame', str(path), '--', PLANTED, 'serial', '2')
        rows = stacks(path)
        self.assertEqual(sum(count for _, count in rows), seen[0]['samples'])
        for frames, _ in rows:
            self.assertRegex(frames[0], r'^\d+ running$')
            self.assertEqual(frames[1], 'planted')
        alone = sum(n for frames, n in rows if frames[0] == '1 running' and 'planted_serial' in frames)
        self.assertGreater(alone, 0.3 * seen[0]['samples'])
        self.assertTrue(any(frames.index('main') < frames.index('planted_serial')
                            for frames, _ in rows if 'planted_serial' in frames))

    def test_points_are_the_first_frames(self):
        path = self.folder / 'flame.txt'
        seen, _ = self.diagnoses('sweep', *OBSERVE, '-t', '1,2', '--flame', str(path),
                                 '--', PLANTED, 'lock', '{threads}')
        sums = {}
        for frames, count in stacks(path):
            sums[frames[0]] = sums.get(frames[0], 0) + count
        self.assertEqual({name.rsplit(' ', 2)[2]: n for name, n in sums.items()},
                         {str(i + 1): d['samples'] for i, d in enumerate(seen)})


NEEDED = {
    'X': {'name': str, 'ts': float, 'dur': float},
    'C': {'name': str, 'ts': float, 'cat': str, 'args': dict},  # cat: trace viewers write it before the name
    'M': {'name': str, 'args': dict},
}
OURS = 4194305


def check_schema(document):
    """What the trace event format asks of each phase, and that no thread does two things at once."""
    assert set(document) == {'displayTimeUnit', 'traceEvents', 'otherData'}, set(document)
    rows, last = {}, 0
    for event in document['traceEvents']:
        needed = NEEDED[event['ph']]
        assert isinstance(event['pid'], int) and isinstance(event['tid'], int), event
        for key, kind in needed.items():
            assert isinstance(event[key], kind), event
        if event['ph'] == 'C':
            assert event['ts'] >= last and all(isinstance(n, int) for n in event['args'].values()), event
            last = event['ts']
        if event['ph'] == 'M':
            assert event['name'] in ('process_name', 'thread_name') and event['args']['name'], event
        if event['ph'] == 'X':
            assert event['ts'] >= 0 and event['dur'] > 0, event
            rows.setdefault((event['pid'], event['tid']), []).append((event['ts'], event['dur']))
    for row, slices in rows.items():
        slices.sort()
        for (ts, dur), (after, _) in zip(slices, slices[1:]):
            assert after >= ts + dur - 0.002, (row, ts, dur, after)


def stolen():
    """Ticks of all CPUs."""
    return int(pathlib.Path('/proc/stat').read_text().split()[8])


def spans(document, name, cat=None):
    return [e for e in document['traceEvents']
            if e['ph'] == 'X' and (e['name'] == name if name else e.get('cat') == cat)]


@measures_time
class Timeline(Observed):
    def trace(self, *arguments):
        path = self.folder / 't.json'
        seen, _ = self.diagnoses(arguments[0], *OBSERVE, '--timeline', str(path), *arguments[1:])
        document = json.loads(path.read_text())
        check_schema(document)
        return document, seen

    def test_rows_of_threads_within_the_execution(self):
        document, seen = self.trace('run', '-t', '2', '--', PLANTED, 'sleep', '2')
        execution = [e for e in document['traceEvents'] if (e['pid'], e['tid']) == (OURS, 1) and e['ph'] == 'X']
        self.assertEqual(len(execution), 1)
        begin, end = execution[0]['ts'], execution[0]['ts'] + execution[0]['dur']
        running = spans(document, 'running')
        for e in running:
            self.assertTrue(begin <= e['ts'] and e['ts'] + e['dur'] <= end + 0.002, e)
        names = {(e['pid'], e['tid']): e['args']['name'] for e in document['traceEvents']
                 if e['name'] == 'thread_name'}
        self.assertEqual({names[e['pid'], e['tid']] for e in running}, {'planted'})
        self.assertGreaterEqual(len({e['tid'] for e in running}), 3)
        self.assertGreater(len(spans(document, 'waiting: sleep')), 10)
        self.assertTrue(spans(document, None, 'serial'))

    @in_one_of(3)
    def test_slices_sum_to_the_cpu_time(self):
        """Of an execution that is the only one that was observed, as it takes long."""
        before = stolen()
        command = 'i=0; while [ $i -lt 1500000 ]; do i=$((i+1)); done'
        document, seen = self.trace('run', '--', 'sh', '-c', command)
        if seen[0]['executions'] != 1:
            self.skipTest('the machine is too fast')
        total = sum(e['dur'] for e in spans(document, 'running')) * 1e-6
        if stolen() > before:  # a slice is of the clock
            self.skipTest('the hypervisor took CPUs')
        self.assertAlmostEqual(total / seen[0]['cpu_time'], 1, delta=0.005)

    def test_a_point_after_the_other(self):
        document, seen = self.trace('sweep', '-t', '1,2', '--', PLANTED, 'serial', '{threads}')
        executions = [e for e in document['traceEvents'] if (e['pid'], e['tid']) == (OURS, 1) and e['ph'] == 'X']
        self.assertEqual([e['name'][-3:] for e in executions], ['× 1', '× 2'])
        self.assertGreater(executions[1]['ts'], executions[0]['ts'] + executions[0]['dur'])


class Refused(Case):
    OPTIONS = ('--flame', '--timeline')

    def test_of_workloads_there_is_none(self):
        for option in self.OPTIONS:
            self.refuse('run', 'counter', option, str(self.folder / 'f'), says=[option])

    def test_a_file_that_can_not_be_written(self):
        for option in self.OPTIONS:
            done = self.fail_with(2, 'run', option, str(self.folder / 'no' / 'f'), '--', 'true')
            self.assertIn("can't write", done.stderr)

    def test_nothing_observed_no_file(self):
        """Scripted times: no program is run."""
        path = self.folder / 'f'
        env = self.fake_script()
        for option, why in zip(self.OPTIONS, ('no sample', 'no execution')):
            done = parscope('run', option, str(path), '--', 'true', env=env)
            self.assertEqual(done.returncode, 1)
            self.assertIn(why, done.stderr)
            self.assertEqual([p.name for p in self.folder.iterdir()], ['script.fake'])


if __name__ == '__main__':
    main()
