"""--columns chooses the columns of the table, by metric or by head."""
import csv
import json
import re
import shlex

from harness import HERE, Case, main

GOLDEN = HERE / 'golden'
MACHINE = 'core:4 pu:2'


class Columns(Case):
    def run_golden(self, name, *options, status=0):
        arguments = shlex.split((GOLDEN / f'{name}.cmd').read_text())
        env = {'PARSCOPE_FAKE': str(GOLDEN / f'{name}.fake'), 'HWLOC_SYNTHETIC': MACHINE}
        saved = str(self.folder / 'r.json')
        if status:
            return self.fail_with(status, arguments[0], *options, *arguments[1:], env=env)
        text = self.succeed(arguments[0], '-o', saved, *options, *arguments[1:], env=env).stdout
        self.assertEqual(self.succeed('report', saved, *options).stdout, text)
        return text

    def heads(self, text):
        """Of the first grid: its only line of heads."""
        return re.split(r' {2,}', text.split('\n\n')[1].splitlines()[0].strip())

    def test_order_and_names(self):
        for columns in ('speedup,time,eff.', 'Speedup, WALL-TIME ,efficiency', 'speedup,wall time,eff'):
            with self.subTest(columns=columns):
                text = self.run_golden('sweep', '--columns', columns)
                self.assertEqual(self.heads(text), ['strategy', 'threads', 'speedup', 'time', 'eff.'])
                self.assertNotIn('where the cores went', text.lower())

    def test_what_is_no_metric(self):
        text = self.run_golden('sweep', '--columns', 'serial-e,cpus,where the cores went')
        self.assertEqual(self.heads(text), ['strategy', 'threads', 'serial e', 'CPUs', 'where the cores went'])
        self.assertRegex(text, r'(?m)^pool +4 +0\.200 +0,2,4,6 +#{13}s{7}$')

    def test_what_has_no_column_otherwise(self):
        text = self.run_golden('sweep', '--columns', 'lost_cores_serial,busy_time')
        self.assertRegex(text, r'(?m)^strategy +threads +.*serial +.*time$')
        self.assertRegex(text, r'(?m)^pool +4 +1\.50 ')

    def test_verbose_keeps_its_rest(self):
        text = self.run_golden('sweep', '-v', '--columns', 'eff.,time')
        self.assertRegex(text, r'(?m)^strategy +threads +eff\. +time$')
        self.assertIn('Amdahl: ', text)

    def test_own_values_and_events(self):
        text = self.run_golden('own', '--columns', 'wakeup_p99,time')
        self.assertRegex(text, r'(?m)^\w.* wakeup_ *\n?')
        self.assertNotIn('speedup ', text.splitlines()[3])

    def test_a_clock_is_told_as_a_time(self):
        """Counts of the kernel's clocks are in ns, which files say and texts turn into a time."""
        env = {'HWLOC_SYNTHETIC': MACHINE, **self.fake_script('wall_time * sequential * 1\nwall_time * * * 0.5\n'
                                                              'task-clock * * * 1020000\nfaults * * * 1020000\n')}
        files = {end: self.folder / f'r.{end}' for end in ('json', 'csv', 'md')}
        text = self.succeed('run', 'reduce', '-s', 'pool', '-t', '2', '-e', 'task-clock,faults', '-v',
                            *(word for path in files.values() for word in ('-o', str(path))), env=env).stdout
        self.assertRegex(text, r'(?m)^pool .* 1\.02 ms +1\.02 M$')
        self.assertRegex(files['md'].read_text(), r'(?m)^\| `pool` \|.*\| 1\.02 ms \| 1\.02 M \|')
        told = json.loads(files['json'].read_text())['points'][1]['metrics']
        self.assertEqual([(told[id]['value'], told[id]['unit']) for id in ('task-clock', 'faults')],
                         [(1020000, 'ns'), (1020000, '1')])
        rows = csv.DictReader(files['csv'].read_text().splitlines())
        self.assertEqual([row['unit'] for row in rows if 'task-clock' in row.values()], 2 * ['ns'])

    def test_series_in_full(self):
        text = self.run_golden('series', '--columns', 'time')
        self.assertGreaterEqual(len(re.findall(r'(?m)^strategy +threads +time$', text)), 3)

    def test_absent_is_said(self):
        text = self.run_golden('sweep', '--columns', 'time,max. memory')
        self.assertIn('no column max. memory: no point here has it', text)

    def test_markdown(self):
        text = self.run_golden('sweep', '--columns', 'eff.,time', '--format', 'markdown')
        self.assertRegex(text, r'(?m)^\| strategy \| +threads \| +efficiency \| +wall time \|$')

    def test_csv_has_all(self):
        self.assertIn('throughput', self.run_golden('sweep', '--columns', 'time', '--format', 'csv'))

    def test_unknown(self):
        for columns, says in (('tme', "did you mean 'time'?"), ('time,sppedup', "did you mean 'speedup'?"),
                              ('quaternion', "'--columns help' lists them"), ('time,,speedup', 'empty name'),
                              ('', 'empty name')):
            with self.subTest(columns=columns):
                done = self.run_golden('sweep', '--columns', columns, status=2)
                self.assertIn(says, done.stderr)

    def test_help(self):
        text = self.succeed('run', '--columns', 'help').stdout
        for command in ('sweep', 'smt-compare', 'report'):
            self.assertEqual(self.succeed(command, '--columns', 'help').stdout, text)
        for name in self.succeed('list', 'metrics', '--names').stdout.split():
            if f'  {name} ' not in text:
                self.assertIn(name, self.succeed('list', 'metrics').stdout.split('\nMeasured by ', 1)[1])


if __name__ == '__main__':
    main()
