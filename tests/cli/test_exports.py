"""Files of observed executions: --flame."""
import json
import os
import re

from harness import Case, main, measures_time, parscope

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


class Refused(Case):
    def test_of_workloads_there_is_none(self):
        self.refuse('run', 'counter', '--flame', str(self.folder / 'f'), says=['--flame'])

    def test_a_file_that_can_not_be_written(self):
        done = self.fail_with(2, 'run', '--flame', str(self.folder / 'no' / 'f'), '--', 'true')
        self.assertIn("can't write", done.stderr)

    def test_nothing_observed_no_file(self):
        """Scripted times: no program is run."""
        path = self.folder / 'f'
        env = self.fake_script()
        done = parscope('run', '--flame', str(path), '--', 'true', env=env)
        self.assertEqual(done.returncode, 1)
        self.assertIn('no sample', done.stderr)
        self.assertEqual([p.name for p in self.folder.iterdir()], ['script.fake'])


if __name__ == '__main__':
    main()
