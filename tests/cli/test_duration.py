"""--duration: workloads that run for a given time, and what is told of them."""
import json

from harness import Case, main

SMALL = 'mlp:networks=6:width=32:batch=4:reps=2:mix=heterogeneous'
HOW = ('-t', '2', '-r', '6', '-q')


class Duration(Case):
    def measure(self, *arguments):
        path = self.folder / 'r.json'
        self.succeed('run', *arguments, *HOW, '-o', str(path))
        return json.loads(path.read_text())

    def labels(self, *arguments):
        lines = self.succeed(*arguments, '-n', '-t', '2', '-s', 'pool').stdout.splitlines()
        return sorted({line.split()[0] for line in lines})

    def test_sets_the_parameter(self):
        for command in ('run', 'sweep'):
            self.assertEqual(self.labels(command, 'mlp:width=32', 'reduce', '--duration', '5ms'),
                             ['mlp:width=32:duration=5ms', 'reduce'])
            self.assertEqual(self.labels(command, 'mlp:width=32+64', '--duration=auto'),
                             ['mlp:width=32:duration=auto', 'mlp:width=64:duration=auto'])

    def test_refused(self):
        for arguments, says in (
                (('reduce',), "none of these workloads has a 'duration': these do: mlp"),
                (('mlp:duration=1ms',), "and 'mlp:duration=1ms' exclude each other"),
                (('--', 'true'), 'a program ends by itself')):
            with self.subTest(arguments=arguments):
                for time in ('5ms', 'auto'):
                    self.refuse('run', '--duration', time, *arguments, says=['--duration', says])
        for time in ('soon', '-1s', '2h', ''):
            self.refuse('run', 'mlp', '--duration', time, says=['mlp: duration'])
        self.refuse('run', 'mlp:networks=100k:width=10k', '--duration', 'auto',
                    says=['multiplications'])
        self.refuse('smt-compare', 'mlp', '--duration', '5ms', says=["unknown option '--duration'"])

    def spent(self, point):
        """The time that executions really took, if times are told for all items once."""
        spent = 0
        ids = 'wall_time', 'region_time', 'busy_time', 'throughput', 'small_done', 'large_done'
        for wall, region, busy, rate, small, large in zip(*(point['samples'][id] for id in ids)):
            times = (small + large) / point['items']
            self.assertGreater(times, 2)
            self.assertAlmostEqual(rate * wall, point['items'], delta=1e-6)
            self.assertLessEqual(region, wall * 1.01)  # two clocks
            self.assertLessEqual(busy, point['threads'] * region * 1.01)
            spent += wall * times
        return spent

    def test_timed(self):
        # Longer than a trial, which then has one execution, and of that the workload tells.
        spent = 0
        result = self.measure(SMALL, '--duration', '10ms', '-s', 'pool,steal,queue,fork')
        self.assertEqual(len(result['points']), 5)
        for point in result['points']:
            with self.subTest(strategy=point['strategy']):
                self.assertEqual(point['parameters']['duration'], '10ms')
                self.assertEqual(point['items'], 6)
                spent += self.spent(point)
                self.assertLessEqual(sum(w['busy_time'] for w in point['workers']),
                                     point['threads'] * max(point['samples']['wall_time']) * 1.01)
        self.assertLessEqual(spent, result['elapsed'])
        timed = [f for f in result['findings'] if f['id'] == 'timed']
        self.assertEqual(len(timed), 1)
        self.assertEqual(timed[0]['points'], [0, 1, 2, 3, 4])
        self.assertIn('does as much as it can in 10.0 ms', timed[0]['text'])
        self.assertIn('doing all 6 networks once', timed[0]['text'])

    def test_one_shot_says_nothing_of_time(self):
        result = self.measure(SMALL, '-s', 'pool')
        self.assertNotIn('timed', [f['id'] for f in result['findings']])
        for point in result['points']:
            self.assertEqual(point['samples']['small_share'], 6 * [0.5])

    def test_nothing_done(self):
        for point in self.measure(SMALL, '--duration', '1ns', '-s', 'pool,fork')['points']:
            for id in ('wall_time', 'throughput', 'busy_time', 'small_share'):
                self.assertIsNone(point['metrics'][id]['value'])
                self.assertEqual(point['metrics'][id]['quality'], 'unavailable')
            self.assertEqual(point['metrics']['wall_time']['reason'], 'nothing got done in the time')
            self.assertEqual(point['metrics']['small_done']['value'], 0)

    def test_auto(self):
        points = self.measure(SMALL, '--duration', 'auto', '-s', 'pool')['points']
        label = points[0]['workload_label']
        self.assertRegex(label, rf'^{SMALL}:duration=[\d.]+[mun]s$')
        # The label repeats the run.
        self.assertEqual(self.labels('run', label), [label])

    def test_auto_of_several(self):
        script = ('wall_time * * * 1\nwall_time mlp:width=32 sequential 1 0.0012345\n'
                  'wall_time mlp:width=64 sequential 1 0.5\n')
        done = self.succeed('run', 'mlp:width=32+64', 'reduce', '--duration', 'auto', '-n', '-t', '2',
                            '-s', 'pool', env=self.fake_script(script)).stdout
        labels = {line.split()[0] for line in done.splitlines()}
        self.assertEqual(labels, {'mlp:width=32:duration=1.23ms', 'mlp:width=64:duration=500ms', 'reduce'})

    def test_auto_needs_the_script(self):
        self.fail_with(1, 'run', 'mlp', '--duration', 'auto',
                       env=self.fake_script('wall_time reduce * * 1\n'),
                       says=['no wall_time for mlp sequential 1'])


if __name__ == '__main__':
    main()
