"""What workloads measure of themselves: metrics of their points, like any other."""
import csv
import json

from harness import Case, main, parscope

WAIT = ('run', 'wait:n=4', 'reduce:size=1k', '-s', 'pool', '-t', '2', '-r', '6', '-q')
PARTS = ('stage_read', 'stage_decode', 'stage_transform', 'stage_write')


class Own(Case):
    def measure(self, *arguments, **more):
        path = self.folder / 'r.json'
        text = self.succeed(*arguments, '-v', '-o', str(path), **more).stdout
        self.assertEqual(self.succeed('report', '-v', str(path)).stdout, text)
        return json.loads(path.read_text())['points'], text

    def test_measured(self):
        points, text = self.measure(*WAIT)
        self.assertEqual(len(points), 4)
        for point in points:
            with self.subTest(workload=point['workload'], strategy=point['strategy']):
                metrics = point['metrics']
                if point['workload'] != 'wait':
                    self.assertFalse([id for id in metrics if id.startswith('wakeup')])
                    continue
                self.assertLessEqual(metrics['wakeup_p50']['value'], metrics['wakeup_p99']['value'])
                for id in ('wakeup_p50', 'wakeup_p99'):
                    m = metrics[id]
                    self.assertEqual((m['unit'], m['quality'], m['reason']), ('s', 'exact', None))
                    self.assertIn("how late the end of a wait was noticed", m['help'])
                    self.assertLessEqual(m['low'], m['value'])
                    self.assertLessEqual(m['value'], m['high'])
                    self.assertEqual(len(point['samples'][id]), 6)
                    self.assertTrue(all(x > 0 for x in point['samples'][id]))
        self.assertRegex(text, r"wakeup_p50: how late the end of a wait was noticed, median \(by wait")
        self.assertEqual(text.count("how late the end of a wait was noticed, median"), 1)

    def test_help_is_only_of_own_values(self):
        for point in self.measure(*WAIT)[0]:
            for id, metric in point['metrics'].items():
                self.assertEqual('help' in metric, id.startswith('wakeup'))

    def test_measured_in_another_process(self):
        points, _ = self.measure('run', 'pipeline:n=4:mode=items', '-s', 'fork', '-t', '2', '-r', '6')
        for point in points:
            for id in PARTS:
                self.assertGreater(point['metrics'][id]['value'], 0)

    def test_csv(self):
        path = self.folder / 'r.csv'
        self.succeed(*WAIT, '-o', str(path))
        rows = [row for row in csv.DictReader(path.open()) if row['metric'] == 'wakeup_p99']
        self.assertEqual([row['strategy'] for row in rows], ['sequential', 'pool'])
        for row in rows:
            self.assertGreater(float(row['value']), 0)
            self.assertEqual((row['unit'], row['quality']), ('s', 'exact'))

    def test_checks(self):
        for check in ('wakeup_p99 < 1s', 'wakeup_p50[strategy=pool,threads=2] > 0'):
            self.assertRegex(self.succeed(*WAIT, '--check', check).stdout, '^holds: wakeup_p')
        done = self.succeed(*WAIT, '--check', 'wakeup_p99 < 0.001', '--on-inconclusive', 'pass',
                            env=self.fake_script('wall_time * * * 1\nwakeup_p99 * * * 0.0009\n'))
        self.assertIn('holds: wakeup_p99 < 0.001: 900 us [900 us, 900 us]', done.stdout)
        self.fail_with_check('wakeup_p99[strategy=pool] < 1ms', 3)

    def fail_with_check(self, check, status):
        script = 'wall_time * * * 1\nwakeup_p99 * * * 0.002\n'
        done = parscope(*WAIT, '--check', check, env=self.fake_script(script))
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertRegex(done.stdout, '^FAILS: ')

    def test_checks_that_cannot_be(self):
        for check, says in (
                ('wakup_p99 < 1ms', "unknown metric 'wakup_p99': did you mean 'wakeup_p99'?"),
                ('stage_read < 1ms', 'none of these workloads measures stage_read: pipeline does'),
                ('wakeup_p99 < 3%', 'wakeup_p99 is in seconds'),
                ('wakeup_p99[strategy=steal] < 1', 'there are sequential, pool')):
            with self.subTest(check=check):
                self.refuse(*WAIT, '--check', check, says=[says])
        self.refuse('run', '--check', 'wakeup_p99 < 1ms', '--', 'true',
                    says=['none of these workloads measures wakeup_p99: wait does'])

    def test_smt_compare_has_columns(self):
        env = {**self.fake_script('wall_time * * * 1\nwakeup_p99 * * * 0.0009\n'),
               'HWLOC_SYNTHETIC': 'core:2 pu:2'}
        text = self.measure('smt-compare', 'wait:n=4', '-s', 'pool', env=env)[1]
        self.assertRegex(text, r'(?s)wakeup_\s.* 900 us')

    def test_list(self):
        names = self.succeed('list', 'metrics', '--names').stdout.splitlines()
        self.assertEqual(len(names), len(set(names)))
        self.assertLessEqual({'wakeup_p50', 'wakeup_p99', 'small_share', *PARTS}, set(names))
        text = self.succeed('list', 'metrics').stdout
        self.assertRegex(text, r"(?m)^Measured by wait itself\n  wakeup_p50 +how late .* \[s\]$")
        self.assertRegex(self.succeed('list', 'workloads').stdout,
                         r'shape: wait; measures wakeup_p50, wakeup_p99\n')


if __name__ == '__main__':
    main()
