"""--check: what is refused before anything runs, and which status what comes out has."""
import json

from harness import Case, main, parscope

SCRIPT = '''wall_time * sequential * 1.00 1.01 0.99 1.00 1.02 0.98 1.00 1.01
wall_time * steal 1 1.00 1.01 0.99 1.00 1.02 0.98 1.00 1.01
wall_time * steal 2 0.50 0.51 0.49 0.50 0.51 0.49 0.50 0.51
wall_time * pool 2 0.55 0.75 0.52 0.95 0.51 0.45 0.85 0.65
cpu_time * * * 1
cycles * * * unavailable:no_PMU
instructions * * * unavailable:no_PMU
'''
POINTS = ('run', 'reduce', '-s', 'steal,pool', '--threads', '2')


class Checks(Case):
    def setUp(self):
        super().setUp()
        self.env = self.fake_script(SCRIPT)

    def outcome(self, status, *checks, arguments=POINTS, more=()):
        """Standard output of a run with these checks and nothing else in it."""
        path = self.folder / 'r.json'
        options = [word for check in checks for word in ('--check', check)]
        done = self.run_parscope(*arguments, '-q', '-o', str(path), *options, *more)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.assertEqual(len(json.loads(path.read_text())['checks']), len(checks))
        return done.stdout

    def run_parscope(self, *arguments):
        return parscope(*arguments, env=self.env)


class Status(Checks):
    def test_holds(self):
        text = self.outcome(0, 'speedup[strategy=steal,threads=2] >= 1.8')
        self.assertRegex(text, r'^holds: speedup\[strategy=steal,threads=2\] >= 1\.8: ')
        self.assertEqual(len(text.splitlines()), 1 + text.count('\n  '))

    def test_fails(self):
        text = self.outcome(3, 'speedup[strategy=steal] >= 2.5')
        self.assertTrue(text.startswith('FAILS: '))
        self.assertIn('steal with 2 threads', ' '.join(text.split()))

    def test_inconclusive(self):
        text = self.outcome(4, 'speedup[strategy=pool] >= 1.6')
        self.assertTrue(text.startswith('inconclusive: '))

    def test_on_inconclusive(self):
        check = 'speedup[strategy=pool] >= 1.6'
        self.outcome(0, check, more=['--on-inconclusive', 'pass'])
        self.outcome(3, check, more=['--on-inconclusive', 'fail'])
        self.outcome(4, check, more=['--on-inconclusive', 'tell'])

    def test_the_worst_counts(self):
        holds, fails = 'speedup[strategy=steal] >= 1.8', 'speedup[strategy=steal] >= 2.5'
        undecided = 'speedup[strategy=pool] >= 1.6'
        self.outcome(4, holds, undecided)
        self.outcome(3, holds, undecided, fails)

    def test_all_points_count(self):
        self.outcome(4, 'speedup >= 1.6')
        self.outcome(3, 'speedup >= 1.99')

    def test_reference_is_not_judged_by_itself(self):
        self.outcome(0, 'speedup[strategy=steal] > 1')
        self.outcome(0, 'wall_time[strategy=sequential] < 2s')
        self.outcome(3, 'wall_time[strategy=sequential] < 500ms')

    def test_units(self):
        self.outcome(0, 'efficiency[strategy=steal] >= 90%')
        self.outcome(0, 'wall_time[strategy=steal] < 600ms', 'wall_time[strategy=steal]<0.6')

    def test_unavailable(self):
        text = self.outcome(4, 'ipc > 1')
        self.assertIn('no', text)

    def test_serial_fraction(self):
        sweep = ('sweep', 'reduce', '--threads', '1,2')
        self.outcome(0, 'serial_fraction <= 0.1', arguments=sweep)
        self.outcome(3, 'serial_fraction > 0.2', arguments=sweep)

    def test_full_report_has_the_checks_too(self):
        done = self.run_parscope(*POINTS, '--check', 'speedup[strategy=steal] >= 1.8')
        self.assertEqual(done.returncode, 0)
        self.assertIn('\nChecks\n', done.stdout)
        self.assertIn('strategy', done.stdout)

    def test_quiet_without_checks_still_reports(self):
        self.assertIn('strategy', self.run_parscope(*POINTS, '-q').stdout)

    def test_real_measurement(self):
        """Nothing scripted: bounds that no machine is near."""
        self.env = {}
        arguments = ('run', 'counter:n=100k', '-s', 'pool', '--threads', '1', '-r', '8')
        self.outcome(0, 'wall_time < 1h', 'wall_time > 1ns', arguments=arguments)
        self.outcome(3, 'wall_time > 1h', arguments=arguments)


class Refused(Checks):
    def refuse_check(self, check, *says, arguments=POINTS):
        self.refuse(*arguments, '--check', check, says=says, env=self.env)

    def test_grammar(self):
        for check in ('', 'speedup', 'speedup >=', '>= 1', 'speedup[ >= 1', 'speedup[threads=2 >= 1',
                      'speedup[threads] >= 1', 'speedup[threads=] >= 1', 'speedup[=2] >= 1',
                      'speedup[threads=two] >= 1', 'speedup = 1', 'speedup == 1', 'speedup != 1',
                      'speedup >= 1 2', 'speedup >= nan', 'speedup >= inf', 'speedup >= 1s',
                      'wall_time < 1parsec', 'speedup[threads=2,threads=3] >= 1', 'speedup] >= 1'):
            with self.subTest(check=check):
                self.refuse_check(check, '--check')

    def test_unknown_metric(self):
        self.refuse_check('speedpu >= 1', "'speedpu'", "'speedup'")

    def test_unknown_selector(self):
        self.refuse_check('speedup[thread=2] >= 1', "'thread'", "'threads'")

    def test_no_point_matches(self):
        self.refuse_check('speedup[threads=3] >= 1', 'threads=3', '2')
        self.refuse_check('speedup[strategy=spawn] >= 1', 'spawn', 'steal')
        self.refuse_check('speedup[workload=tree] >= 1', 'tree', 'reduce')

    def test_metric_of_another_command(self):
        self.refuse_check('serial_fraction <= 0.1', 'sweep')
        self.refuse_check('smt_effect > 1', 'smt-compare')

    def test_crossover_in_the_unit_of_what_is_varied(self):
        size = ('sweep', 'reduce', '--vary', 'size=100+10k', '-s', 'steal', '-t', '2', '-n')
        time = ('sweep', 'op', '--vary', 'time=1us+10us', '-s', 'steal', '-t', '2', '-n')
        for metric in 'crossover', 'crossover_idle':
            self.refuse_check(f'{metric} < 50us', 'size, which is a number', 'such as 1000 or 1k', arguments=size)
            self.refuse_check(f'{metric} < 3k', 'time, which is a time', 'such as 10us', arguments=time)
            for arguments, values in (size, ('5k', '50', '0.5')), (time, ('50us', '1e-6')):
                for value in values:
                    self.succeed(*arguments, '--check', f'{metric} < {value}', env=self.env)
        self.refuse_check('metg < 3k', 'in seconds', arguments=size)
        both = ('sweep', 'reduce,op', '--vary', 'size=100+10k', '--vary', 'time=1us+10us', '-s', 'steal', '-t', '2',
                '-n')
        self.refuse_check('crossover < 3k', 'time', arguments=both)
        self.succeed(*both, '--check', 'crossover[workload=reduce] < 3k', env=self.env)

    def test_speedup_without_reference(self):
        self.refuse_check('speedup >= 1', 'speedup', arguments=('run', '-c', 'true'))

    def test_on_inconclusive_alone(self):
        self.refuse(*POINTS, '--on-inconclusive', 'pass', says=['--check'])
        self.refuse(*POINTS, '--check', 'speedup > 1', '--on-inconclusive', 'perhaps',
                    says=['perhaps'])

    def test_nothing_is_written(self):
        path = self.folder / 'r.json'
        self.refuse(*POINTS, '-o', str(path), '--check', 'nonsense >= 1', env=self.env)
        self.assertFalse(path.exists())


class Markdown(Checks):
    def test_summary(self):
        path = self.folder / 'summary.md'
        done = self.run_parscope(*POINTS, '-o', str(path), '--check', 'speedup[strategy=steal] >= 1.8',
                                 '--check', 'speedup[strategy=steal] >= 2.5')
        self.assertEqual(done.returncode, 3)
        text = path.read_text()
        self.assertTrue(text.startswith('## '))
        self.assertIn('speedup', text)
        tables = [line for line in text.splitlines() if line.startswith('|')]
        self.assertTrue(tables)
        self.assertIn('✅', text)
        self.assertIn('❌', text)


if __name__ == '__main__':
    main()
