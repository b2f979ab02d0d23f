"""What --max-time has room for: said before the rounds, and given first to what is checked."""
import json

from harness import Case, main

LONG = ('-c', 'sleep 1', '-c', 'true', '--max-time', '4s')


class Budget(Case):
    def run_long(self, *more):
        path = self.folder / 'r.json'
        done = self.succeed('run', *LONG, *more, '-o', str(path))
        return json.loads(path.read_text()), done

    def test_too_short(self):
        result, done = self.run_long()
        self.assertRegex(done.stderr, r'note: A round takes about .*: --max-time 4s has room for \d, but an '
                                      r'interval needs 6\.\n')
        self.assertIn('few-rounds', [f['id'] for f in result['findings']])
        self.assertRegex(done.stdout, r'Use\s+--max-time \d+s\.')

    def test_a_program_left_alone_has_no_threads_in_the_last_line(self):
        done = self.succeed('run', '-v', '--precision', '1e-6', '--max-time', '0.7s', '--', 'sleep', '0.01')
        last = ' '.join(done.stdout[done.stdout.index('another would exceed'):].split())
        self.assertIn('widest interval: wall time of sleep 0.01 ', last)

    def test_quiet_says_nothing(self):
        _, done = self.run_long('-q')
        self.assertEqual(done.stderr, '')

    def test_checks_first(self):
        """`true` is checked, and has its rounds although `sleep` has time for few."""
        result, _ = self.run_long('--check', 'wall_time[workload=true] < 3s')
        check = result['checks'][0]
        self.assertEqual(check['outcome'], 'holds', check)
        self.assertIn('rounds-for-checks', [f['id'] for f in result['findings']])


if __name__ == '__main__':
    main()
