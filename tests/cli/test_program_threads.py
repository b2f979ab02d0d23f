"""What is said of how many threads a program uses."""
import json
import os
import sys

from harness import Case, in_one_of, main, measures_time

WORKERS = os.environ['WORKERS']


@measures_time
class Threads(Case):
    def setUp(self):
        super().setUp()
        if len(os.sched_getaffinity(0)) < 2:
            self.skipTest('needs two CPUs')

    def result(self, *command):
        path = self.folder / 'r.json'
        self.succeed('sweep', '-o', str(path), '-e', 'none', '-r', '2', '--threads', '1,2', '--', *command)
        return json.loads(path.read_text())

    def findings(self, result):
        return [f['text'] for f in result['findings'] if f['id'] == 'threads-mismatch']

    def seen(self, result):
        return [p['metrics']['threads_seen']['value'] for p in result['points']]

    @in_one_of(3)
    def test_as_asked(self):
        result = self.result(WORKERS, '{threads}', 'spin')
        self.assertEqual(self.findings(result), [])
        self.assertEqual(self.seen(result), [1, 2])

    @in_one_of(3)
    def test_threads_that_mostly_sleep(self):
        self.assertEqual(self.findings(self.result(WORKERS, '{threads}', 'sleep')), [])

    @in_one_of(3)
    def test_more(self):
        (text,) = self.findings(self.result(WORKERS, '4', 'spin'))
        self.assertRegex(text, r"was asked for 2, but in \d+ % of the samples more threads were running or runnable, up to 4")
        self.assertIn('write {threads} in place', text)
        (text,) = self.findings(self.result(WORKERS, '4', 'spin', '{threads}'))
        self.assertNotIn('write {threads}', text)

    @in_one_of(3)
    def test_fewer_in_a_short_time(self):
        """It is run again until it has been looked at often enough, and its threads are not taken together."""
        (text,) = self.findings(self.result(WORKERS, '{threads}', 'short'))
        self.assertIn('was asked for 2 but used one', text)
        (text,) = self.findings(self.result(WORKERS))
        self.assertIn('was asked for 2 but used one', text)
        self.assertIn('write {threads} there', text)

    @in_one_of(3)
    def test_uneven(self):
        """Threads that were started, and worked a little, were used: what is told is how uneven their shares are."""
        result = self.result(WORKERS, '{threads}', 'uneven')
        self.assertEqual(self.findings(result), [])
        self.assertTrue([f for f in result['findings'] if f['text'].startswith('Uneven shares: ')])

    @in_one_of(3)
    def test_one_lock(self):
        """Threads that run one at a time are told as that, and what they wait for is no riddle."""
        code = ("import sys, threading\ndef f():\n    for i in range(1500000 // int(sys.argv[1])): i * i\n"
                "t = [threading.Thread(target=f) for _ in range(int(sys.argv[1]))]\n"
                "[x.start() for x in t]\n[x.join() for x in t]")
        result = self.result(sys.executable, '-c', code, '{threads}')
        if result['points'][-1]['load']['status'] == 'disturbed':
            self.skipTest('others took the CPUs')
        (text,) = self.findings(result)
        self.assertIn("run one at a time, as if under one lock: Python's global interpreter lock", text)
        self.assertNotIn('largest-loss', [f['id'] for f in result['findings']])

    @in_one_of(3)
    def test_told_first(self):
        ids = [f['id'] for f in self.result(WORKERS)['findings']]
        self.assertEqual([i for i in ids if i not in ('disturbed', 'clean-rounds')][0], 'threads-mismatch')


class LessWork(Case):
    def findings(self, cpu):
        path = self.folder / 'r.json'
        env = {**self.fake_script('wall_time * * 1 0.100 0.101\nwall_time * * 2 0.027 0.0271\n'
                                  f'cpu_time * * 1 0.076\ncpu_time * * 2 {cpu}\n'), 'HWLOC_SYNTHETIC': 'core:2 pu:1'}
        self.succeed('sweep', '-o', str(path), '-r', '10', '--threads', '1,2', '--', 'true', env=env)
        return [f['text'] for f in json.loads(path.read_text())['findings'] if f['id'] == 'superlinear']

    def test_said(self):
        """A search that stops early is faster by more than its threads."""
        (text,) = self.findings(0.025)
        self.assertIn('2 threads are 3.7', text)
        self.assertIn('took 25.0 ms of CPU time against 76.0 ms (0.33 times as much)', text)
        self.assertIn('no serial fraction', text)

    def test_not_where_the_work_is_the_same(self):
        (text,) = self.findings(0.076)
        self.assertNotIn('times as much', text)


if __name__ == '__main__':
    main()
