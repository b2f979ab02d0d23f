"""Where results go: standard output, files, both; and what happens when they can't be written."""
import json
import os
import re
import resource
import subprocess

from harness import PARSCOPE, Case, environment, parscope, main

RUN = ('run', 'counter:n=1k', '-s', 'pool', '-t', '2', '-r', '6')


class Output(Case):
    def setUp(self):
        super().setUp()
        self.fake = self.fake_script()
        self.json = self.folder / 'r.json'

    def run_fake(self, *arguments, **more):
        return self.succeed(*RUN, *arguments, env=self.fake, **more)

    def test_table_on_standard_output(self):
        done = self.run_fake()
        self.assertEqual(done.stderr, '')
        self.assertIn('counter:n=1k', done.stdout)
        self.assertIn('speedup', done.stdout)

    def test_files_beside_the_table(self):
        csv = self.folder / 'r.csv'
        plain = self.run_fake().stdout
        done = self.run_fake('-o', str(self.json), '-o', str(csv))
        self.assertEqual(done.stdout, plain)
        self.assertEqual(json.loads(self.json.read_text())['schema'], 'parscope-result/1')
        self.assertIn('wall_time', csv.read_text())

    def test_report_renders_the_same_text(self):
        done = self.run_fake('-o', str(self.json))
        self.assertEqual(self.succeed('report', str(self.json)).stdout, done.stdout)
        again = self.folder / 'again.json'
        self.succeed('report', str(self.json), '-o', str(again))
        self.assertEqual(again.read_text(), self.json.read_text())

    def test_standard_output_in_another_format(self):
        done = self.run_fake('-o', '-', '--format', 'json')
        self.assertEqual(json.loads(done.stdout)['plan']['command'], 'run')
        self.assertEqual(self.run_fake('-o', '-').stdout, self.run_fake().stdout)
        self.run_fake('-o', str(self.json))
        done = self.succeed('report', str(self.json), '--format', 'csv', '-o', '-')
        self.assertIn('wall_time', done.stdout)

    def test_last_of_two_counts(self):
        done = self.run_fake('--format', 'csv', '--format=table')
        self.assertEqual(done.stdout, self.run_fake().stdout)

    def test_options_after_operands_and_in_one_word(self):
        expected = self.succeed('run', '-s', 'pool', '-t', '2', '-n', 'counter').stdout
        for form in (('counter', '-npspread', '-spool', '-t2'),
                     ('-nq', '--strategy=pool', '--threads=2', 'counter'),
                     ('counter', '--dry-run', '-t', '4', '-s', 'steal', '-t2', '-spool')):
            self.assertEqual(self.succeed('run', *form).stdout, expected)

    def test_colour(self):
        plain = self.run_fake().stdout
        self.assertNotIn('\033', plain)
        self.assertIn('\033', self.run_fake('--color', 'always').stdout)
        self.assertEqual(self.run_fake('--color', 'never').stdout, plain)
        self.run_fake('--color', 'always', '-o', str(self.json))
        self.assertNotIn('\033', self.json.read_text())

    def test_full_device(self):
        for command in (RUN, ('list',), ('-h',), ('--version',), ('run', 'counter', '-n'),
                        ('topo',)):
            with self.subTest(command=command), open('/dev/full', 'w') as full:
                done = parscope(*command, env=self.fake, stdout=full)
                self.assertEqual(done.returncode, 1)
                self.assertIn("can't write to standard output: No space left", done.stderr)

    def test_closed_standard_output(self):
        command = [PARSCOPE, *RUN, '-o', str(self.json)]
        done = subprocess.run(['sh', '-c', '"$@" >&-', 'sh', *command], text=True,
                              env=environment(**self.fake), stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn("can't write to standard output", done.stderr)
        self.assertEqual(json.loads(self.json.read_text())['schema'], 'parscope-result/1')

    def test_reader_that_went_away(self):
        reader, writer = os.pipe()
        os.close(reader)
        done = parscope(*RUN, '-o', str(self.json), env=self.fake, stdout=writer)
        os.close(writer)
        self.assertEqual((done.returncode, done.stderr), (1, ''))
        self.assertTrue(self.json.exists())

    def limited(self, *arguments):
        """Runs with files limited to 64 bytes, as a full disk would."""
        return parscope(*arguments, env=self.fake, preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_FSIZE, (64, 64)))

    def test_full_disk_leaves_no_file(self):
        done = self.limited(*RUN, '-o', str(self.json))
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(self.json), done.stderr)
        self.assertIn('File too large', done.stderr)
        self.assertIn('speedup', done.stdout)
        self.assertEqual([p.name for p in self.folder.iterdir()], ['script.fake'])

    def test_full_disk_leaves_the_old_file(self):
        self.json.write_text('old')
        self.assertEqual(self.limited(*RUN, '-o', str(self.json)).returncode, 1)
        self.assertEqual(self.json.read_text(), 'old')

    def test_full_tmpfs(self):
        script = 'mount -t tmpfs -o size=4k none "$1" && shift && ' \
                 '{ dd if=/dev/zero of="$1/fill" bs=4k count=1 2>/dev/null; d=$1; shift; "$@"; ' \
                 'echo "status $?"; ls "$d"; }'
        disk = self.folder / 'disk'
        disk.mkdir()
        done = subprocess.run(['unshare', '-m', 'sh', '-c', script, 'sh', str(disk), str(disk),
                               PARSCOPE, *RUN, '-q', '-o', str(disk / 'r.json')], text=True,
                              env=environment(**self.fake), capture_output=True, timeout=60)
        if 'status' not in done.stdout:
            self.skipTest(f'no tmpfs can be mounted here: {done.stderr.strip()}')
        self.assertNotIn('r.json', done.stdout.split('status', 1)[1])
        self.assertIn(str(disk / 'r.json'), done.stderr)
        self.assertRegex(done.stdout, r'status [12]\n')

    def test_quiet_file_descriptors_are_not_reused(self):
        done = subprocess.run(['sh', '-c', '"$@" <&- 2>&-', 'sh', PARSCOPE, *RUN, '-o',
                               str(self.json)], env=environment(**self.fake), text=True,
                              stdout=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(json.loads(self.json.read_text())['schema'], 'parscope-result/1')
        self.assertIn('speedup', done.stdout)


class Counting(Case):
    def test_use_of_each_cpu(self):
        """Who asks for details sees which CPUs are idle."""
        if len(os.sched_getaffinity(0)) < 2:
            self.skipTest('needs two CPUs')
        arguments = ('sweep', 'amdahl:serial=1:work=1M', '-s', 'pool', '-t', '1,2', '-r', '3')
        text = self.succeed(*arguments, '-v').stdout
        self.assertRegex(text, r'CPU use +× 2\n')
        first, second = re.findall(r'(?m)^CPU \d+ +(\d+)%$', text)
        self.assertGreater(int(first), 2 * int(second))
        self.assertNotIn('\nCPU 0 ', self.succeed(*arguments).stdout)

    def test_counts_of_each_worker(self):
        done = self.succeed('run', 'counter:n=3M', '-s', 'pool,omp,spawn', '-t', '2', '-r', '6', '-q',
                            '--format', 'json')
        result = json.loads(done.stdout)
        names = [event['name'] for event in result['host']['counters']]
        if result['host']['counters'][names.index('task_clock')]['quality'] != 'exact':
            self.skipTest('nothing can be counted here')
        for point in result['points']:
            for worker in point['workers']:
                self.assertEqual(len(worker['counts']), len(names))
                clock = worker['counts'][names.index('task_clock')] * 1e-9
                self.assertAlmostEqual(clock, worker['cpu_time'], delta=0.05 * clock)

    def test_short_executions_are_timed_without_it(self):
        """Counted in a part of their own, executions take another time than timed ones."""
        path = self.folder / 'r.json'
        for events in ([], ['-e', 'none']):
            self.succeed('run', 'reduce:size=10', '-s', 'pool', '-t', '1', '-r', '6', *events, '-o',
                         str(path))
            for point in json.loads(path.read_text())['points']:
                self.assertNotEqual(point['metrics']['counting_overhead']['value'], 0)

    def test_what_is_not_asked_for_says_so(self):
        path = self.folder / 'r.json'
        self.succeed('run', 'reduce:size=10', '-s', 'pool', '-t', '1', '-r', '1', '-e', 'none', '-o',
                     str(path))
        for point in json.loads(path.read_text())['points']:
            for name in 'instructions', 'page_faults':
                self.assertEqual(point['metrics'][name]['reason'], 'not counted (-e none)')


if __name__ == '__main__':
    main()
