"""What --max-time has room for: said before the rounds, and given first to what is checked."""
import json
import re
import resource
import subprocess

from harness import Case, main

# Notes each of its executions in a file.
COUNTED = 'import sys, time; open(sys.argv[1], "a").write("x"); time.sleep(float(sys.argv[2]))'
# Reads 4 MB from disk.
READS = 'import os, sys, mmap; f = os.open(sys.argv[2], os.O_DIRECT); os.readv(f, [mmap.mmap(-1, 1 << 22)])'

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

    def executions(self, *arguments, program=COUNTED, options=()):
        """Of two points, how many there were; and the result."""
        path, log = self.folder / 'r.json', self.folder / f'{len(list(self.folder.iterdir()))}.log'
        subprocess.run(['python3', '-c', program, '/dev/null', '0', *arguments[1:]], check=True)  # its files are in memory then
        self.succeed('sweep', '-q', '-e', 'none', '-t', '1,2', '--no-diagnose', '-o', str(path), *options, '--',
                     'python3', '-c', program, str(log), *arguments)
        return len(log.read_text()), json.loads(path.read_text())

    def told_no_warm_up(self, result):
        return 'no-warm-up' in [f['id'] for f in result['findings']]

    def test_a_long_execution_is_not_repeated_for_a_warm_up(self):
        """Its points have the times of their first executions."""
        count, result = self.executions('0.2', options=('--max-time', '300ms'))
        self.assertEqual((count, [p['executions'] for p in result['points']]), (2, [1, 1]), result['findings'])
        self.assertTrue(self.told_no_warm_up(result))
        for point in result['points']:
            self.assertGreaterEqual(point['metrics']['wall_time']['value'], 0.2)
            self.assertGreater(point['metrics']['cpu_time']['value'], 0)

    def test_no_warm_up_is_told_of_all_programs(self):
        path = self.folder / 'r.json'
        self.succeed('run', '-q', '--max-time', '300ms', '-o', str(path), '-c', 'sleep 0.2', '-c', 'sleep 0.25')
        found, = (f for f in json.loads(path.read_text())['findings'] if f['id'] == 'no-warm-up')
        self.assertEqual(found['text'], 'No warm-up: --max-time 0.3s has no time for it, so first executions are a round '
                                           'where they read from disk for at most 2 % of their time.')
        self.assertEqual(len(found['points']), 2)

    def test_what_goes_before_an_execution_is_part_of_a_round(self):
        for options in (('--gap', '300ms'), ('--prepare', 'sleep 0.3')):
            count, result = self.executions('0.2', options=(*options, '--max-time', '1.8s'))
            self.assertEqual((count, result['plan']['rounds']), (2, 1), (options, result['findings']))
            self.assertTrue(self.told_no_warm_up(result), options)

    def test_that_there_is_one_round_is_told(self):
        done = self.succeed('sweep', '-e', 'none', '-t', '1,2', '--no-diagnose', '--max-time', '300ms', '--', 'sleep', '0.2')
        told = ' '.join(done.stdout.split())
        self.assertRegex(told, r'1 round in [\d.]+ m?s \(one is complete in any case; another would exceed --max-time 0.3s\)')
        self.assertRegex(done.stderr, r'note: A round takes about .*: with --max-time 0.3s there is one, but an interval needs 6\.\n')
        self.assertGreaterEqual(int(re.search(r'Use --max-time (\d+)s', told)[1]), 3)  # a warm-up and six rounds of 0.4 s

    def test_a_warm_up_for_which_there_is_time_is_none(self):
        for options in (('--max-time', '60s', '--precision', '1'), ('--max-time', '10ms', '-r', '1'), ('--max-time', '10ms', '-w', '2')):
            count, result = self.executions('0', options=options)
            timed = sum(p['rounds'] for p in result['points'])
            self.assertGreaterEqual(count, timed + 2, options)
            self.assertFalse(self.told_no_warm_up(result), options)

    def test_what_reads_from_disk_is_repeated(self):
        """Its first execution may have found less in memory than later ones."""
        data = self.folder / 'data'
        data.write_bytes(bytes(1 << 22))
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_inblock
        tried = subprocess.run(['python3', '-c', READS, '', str(data)], check=False, stderr=subprocess.DEVNULL)
        if tried.returncode or resource.getrusage(resource.RUSAGE_CHILDREN).ru_inblock < before + 8192:
            self.skipTest('what is read is not counted here')
        count, result = self.executions('0.2', str(data), options=('--max-time', '300ms'), program=f'{COUNTED}; sys.argv.pop(1); {READS}')
        self.assertEqual((count, [p['executions'] for p in result['points']]), (4, [1, 1]))
        self.assertFalse(self.told_no_warm_up(result))
        done = self.succeed('sweep', '-e', 'none', '-t', '1,2', '--no-diagnose', '--max-time', '300ms', '--',
                            'python3', '-c', f'{READS}; import time; time.sleep(0.2)', '', str(data))
        self.assertIn('--max-time 0.3s has room for 1, but', done.stderr)  # not "there is one", as where the warm-up is the round

    def test_checks_first(self):
        """`true` is checked, and has its rounds although `sleep` has time for few."""
        result, _ = self.run_long('--check', 'wall_time[workload=true] < 3s')
        check = result['checks'][0]
        self.assertEqual(check['outcome'], 'holds', check)
        self.assertIn('rounds-for-checks', [f['id'] for f in result['findings']])


if __name__ == '__main__':
    main()
