"""What others took of the CPUs: never the program's, and never the reason why a check fails."""
import json
import os

from harness import Case, in_one_of, main, measures_time, parscope, spinning

TWO_CPUS = 'core:2 pu:1'
CPUS = sorted(os.sched_getaffinity(0))
TRUTH = 0.2
# Of 12 rounds, those that are disturbed.
SOME, MOST = (1, 4, 7, 10), tuple(range(12))


class Load(Case):
    def result(self, command, *arguments, env=None, status=0):
        path = self.folder / 'r.json'
        done = parscope(command, '-v', '-o', str(path), *arguments, env=env)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return json.loads(path.read_text()), done.stdout

    def script(self, disturbed, point='* pool 2'):
        """Rounds of a serial fraction of a fifth; in some a point takes half as long again."""
        walls = ' '.join('0.9' if r in disturbed else '0.6' for r in range(12))
        others = ' '.join('0.3' if r in disturbed else '0' for r in range(12))
        env = self.fake_script(f'wall_time * * 1 1\nwall_time * * 2 0.6\nwall_time {point} {walls}\nothers_time * * * 0\n'
                               f'others_time {point} {others}\ncpu_time * * * 1\n')
        return {**env, 'HWLOC_SYNTHETIC': TWO_CPUS}

    def scripted(self, disturbed, *more, status=0):
        return self.result('sweep', 'amdahl', '-s', 'pool', '-t', '1,2', '-r', '12', *more,
                           env=self.script(disturbed), status=status)

    def finding(self, result, name):
        return [f for f in result['findings'] if f['id'] == name]


class Rounds(Load):
    def test_estimates_are_of_clean_rounds(self):
        result, text = self.scripted(SOME)
        point, load = result['points'][-1], result['points'][-1]['load']
        self.assertEqual((load['status'], load['rounds'], load['clean']), ('clean-rounds', 12, 8))
        self.assertAlmostEqual(load['share'], 4 * 0.3 / (2 * (4 * 0.9 + 8 * 0.6)))
        self.assertEqual([r for r, x in enumerate(load['shares']) if x > 0.01], list(SOME))
        metrics = point['metrics']
        for low, value, high in [[metrics[m][k] for k in ('low', 'value', 'high')]
                                 for m in ('wall_time', 'speedup')]:
            self.assertAlmostEqual(low, high)
        self.assertAlmostEqual(metrics['wall_time']['value'], 0.6)
        self.assertAlmostEqual(metrics['speedup']['value'], 1 / 0.6)
        fit = result['models']['amdahl'][0]['serial_fraction']
        self.assertAlmostEqual(fit['value'], TRUTH)
        self.assertEqual(self.finding(result, 'clean-rounds')[0]['points'], [2])
        self.assertFalse(self.finding(result, 'disturbed') or self.finding(result, 'outliers'))
        self.assertIn('in 4 of 12 rounds', ' '.join(text.split()))

    def test_all_samples_are_told(self):
        samples = self.scripted(SOME)[0]['points'][-1]['samples']
        for r in range(12):
            self.assertAlmostEqual(samples['wall_time'][r], 0.9 if r in SOME else 0.6)
            self.assertAlmostEqual(samples['speedup'][r], 1 / (0.9 if r in SOME else 0.6))

    def test_where_others_are_threads_wake_for_nothing(self):
        """What a waking thread waits is forgiven on a quiet machine alone."""
        for disturbed, status in ((), 'quiet'), (SOME, 'disturbed'):
            env = self.script(disturbed)
            with open(env['PARSCOPE_FAKE'], 'a', encoding='ascii') as file:
                file.write('run_delay * pool 2 0.05\n')
            result, _ = self.result('sweep', 'amdahl', '-s', 'pool', '-t', '1,2', '-r', '12', env=env)
            self.assertEqual(result['points'][-1]['load']['status'], status)

    def test_a_clean_reference_is_needed_too(self):
        env = self.script(SOME, point='* sequential 1')
        result, _ = self.result('run', 'amdahl', '-s', 'pool', '-t', '2', '-r', '12', env=env)
        self.assertEqual([p['load']['clean'] for p in result['points']], [8, 8])

    def test_too_few_are_clean(self):
        for disturbed in (MOST, tuple(range(7))):
            with self.subTest(disturbed=disturbed):
                result, text = self.scripted(disturbed)
                self.assertEqual([p['load']['status'] for p in result['points']],
                                 ['quiet', 'quiet', 'disturbed'])
                warning = self.finding(result, 'disturbed')[0]
                self.assertEqual((warning['severity'], warning['points']), ('warning', [2]))
                head = text[:text.index(' \u2014 ')]
                self.assertIn('Disturbed: other programs took', head)
                self.assertEqual(text.count('Disturbed: '), 1)

    def test_six_of_six(self):
        """With fewer than six clean rounds there is nothing to choose."""
        result, _ = self.result('run', 'amdahl', '-s', 'pool', '-t', '2', '-r', '6', env=self.script((1,)))
        self.assertEqual(result['points'][-1]['load']['status'], 'disturbed')

    def test_a_little_in_one_of_few_rounds(self):
        """A median of six does not mind, and a warning would be about nothing."""
        for others, status in (0.03, 'quiet'), (0.1, 'disturbed'):
            env = {**self.fake_script('wall_time * * * 1\ncpu_time * * * 1\n'
                                      f'others_time * * * 0 0 {others} 0 0 0\n'), 'HWLOC_SYNTHETIC': TWO_CPUS}
            result, _ = self.result('run', 'amdahl', '-s', 'pool', '-t', '2', '-r', '6', env=env)
            self.assertEqual(result['points'][-1]['load']['status'], status)
            self.assertEqual(result['points'][-1]['load']['clean'], 5)

    def test_nobody_knows(self):
        env = {**self.fake_script(), 'HWLOC_SYNTHETIC': TWO_CPUS}
        result, _ = self.result('run', 'amdahl', '-s', 'pool', '-t', '2', '-r', '8', env=env)
        self.assertEqual([p['load']['status'] for p in result['points']], ['unknown'] * 2)
        self.assertNotIn('others_time', result['points'][0]['metrics'])

    def test_markdown_says_it_first(self):
        path = self.folder / 'r.md'
        parscope('sweep', 'amdahl', '-s', 'pool', '-t', '1,2', '-r', '12', '-o', str(path),
                 env=self.script(MOST))
        text = path.read_text()
        self.assertLess(text.index('**warning:** Disturbed: other programs took'), text.index('### '))
        self.assertEqual(text.count('Disturbed: '), 1)

    def test_the_first_screen_says_it_first(self):
        path = self.folder / 'r.json'
        text = self.succeed('sweep', 'amdahl', '-s', 'pool', '-t', '1,2', '-r', '12', '-o', str(path),
                            env=self.script(MOST)).stdout
        self.assertLess(text.index('Disturbed: other programs took'), text.index('speedup'))
        self.assertEqual(text.count('Disturbed: '), 1)

    def test_who_is_kept_from_computing_does_not_wait(self):
        """A third of the reference's time is its own, the rest was taken: no latency, and no loss by threads."""
        env = {**self.fake_script('wall_time * * 1 1\nwall_time * * 2 1.5\ncpu_time * * * 0.3\nothers_time * * * 0.7\n'),
               'HWLOC_SYNTHETIC': TWO_CPUS}
        result, _ = self.result('sweep', '-t', '1,2', '-r', '12', '--', 'true', env=env)
        self.assertTrue(self.finding(result, 'disturbed'))
        self.assertFalse(self.finding(result, 'latency') or self.finding(result, 'parallel-slower'))

    def test_no_part_is_larger_than_the_whole(self):
        """What others took from the reference makes the sum of the losses less than the first of them."""
        env = {**self.fake_script('wall_time * * * 1\ncpu_time * * * 0.6\nothers_time * * 1 0.4\nothers_time * * 2 1.4\n'),
               'HWLOC_SYNTHETIC': TWO_CPUS}
        result, _ = self.result('sweep', '-t', '1,2', '-r', '12', '--', 'true', env=env)
        loss = self.finding(result, 'largest-loss')[0]['text']
        self.assertIn('lost 1.00 of 2 cores, mostly to other programs on the same CPUs.', loss)

    def test_advice_blames_nobody(self):
        result, _ = self.scripted(MOST)
        loss = self.finding(result, 'largest-loss')[0]['text']
        self.assertTrue(loss.endswith(' to other programs on the same CPUs.'), loss)
        self.assertIn('Measure again when the machine is idle', self.finding(result, 'disturbed')[0]['text'])


class Checks(Load):
    def check(self, disturbed, check, status):
        result, text = self.scripted(disturbed, '-q', '--check', check, status=status)
        return result['checks'][0]['outcome'], ' '.join(text.split())

    def test_never_fails_on_a_disturbed_point(self):
        for check in ('speedup[threads=2] >= 1.6', 'wall_time[threads=2] < 0.7', 'serial_fraction < 0.25',
                      'efficiency[threads=2] > 0.8'):
            with self.subTest(check=check):
                outcome, text = self.check(MOST, check, 4)
                self.assertEqual(outcome, 'inconclusive')
                self.assertIn('other programs took 17 % of the CPU time of pool with 2 threads', text)
                self.assertIn('0 of 12 rounds were quiet', text)

    def test_a_quiet_point_fails_all_the_same(self):
        self.assertEqual(self.check((), 'speedup[threads=2] >= 1.7', 3)[0], 'fails')
        self.assertEqual(self.check(MOST, 'wall_time[threads=1] < 0.5', 3)[0], 'fails')

    def test_clean_rounds_decide(self):
        outcome, text = self.check(SOME, 'speedup[threads=2] >= 1.6', 0)
        self.assertEqual(outcome, 'holds')
        self.assertNotIn('others', text)

    def test_holds_by_itself(self):
        """Nothing that others do makes a time shorter."""
        self.assertEqual(self.check(MOST, 'wall_time[threads=2] < 2', 0)[0], 'holds')


class Neighbour(Load):
    def warned(self, index):
        env = self.fake_script(f'wall_time * * * 1\nneighbour_index * * * {index}\n')
        result, _ = self.result('run', 'counter', '-s', 'pool', '-t', '1', '-r', '8', env=env)
        return bool(self.finding(result, 'busy-neighbour'))

    def test_a_warning_needs_an_effect(self):
        self.assertTrue(self.warned('3.9 2.0 2.1 2.0'))
        self.assertFalse(self.warned('2.3 2.25 2.28 2.3'))


@measures_time
class Live(Load):
    """Nothing scripted; other processes may be there besides, and then the marks are right too."""

    def marked_or_right(self, result):
        points = {(p['strategy'], p['threads']): p['load'] for p in result['points']}
        marked = [load for load in points.values() if load['status'] == 'disturbed']
        if marked:
            self.assertGreater(max(load['share'] for load in marked), 0)
            self.assertTrue(self.finding(result, 'disturbed'))
            return True
        fit = result['models']['amdahl'][0]['serial_fraction']
        return fit['low'] <= TRUTH <= fit['high']

    def losses_add_up(self, result):
        for p in result['points']:
            m = p['metrics']
            if 'stack_efficiency' not in m or m['stack_efficiency']['value'] is None:
                continue
            lost = sum(v['value'] or 0 for k, v in m.items() if k.startswith('lost_cores_'))
            cpus = m['speedup']['value'] / m['efficiency']['value']
            self.assertAlmostEqual(lost, cpus * (1 - m['stack_efficiency']['value']), places=9)

    def test_a_process_on_one_cpu(self):
        """An interval of 95 % may miss one time in twenty, and not three times in a row."""
        for _ in range(3):
            with spinning(CPUS[-1]):
                result, _ = self.result('sweep', f'amdahl:work=2M:serial={TRUTH}', '-s', 'pool', '-t', '1,2',
                                        '--max-time', '5s')
            self.losses_add_up(result)
            if self.marked_or_right(result):
                return
        self.fail(json.dumps(result['models']['amdahl']))

    @in_one_of(3)
    def test_lost_to_others_is_the_run_delay(self):
        """The witness of the rounds is that of the workers over all of them."""
        with spinning(CPUS[0]):
            result, _ = self.result('run', 'counter:n=20M', '-s', 'pool', '-t', '1', '-r', '7')
        for p in result['points']:
            self.assertEqual(p['load']['witness'], 'run delay of its threads')
            delay = sum(p['samples']['run_delay']) / p['rounds']
            self.assertGreater(delay, 0)
            self.assertAlmostEqual(delay, sum(w['run_delay'] for w in p['workers']), delta=0.02 * delay)
            others = sum(p['samples']['others_time']) / p['rounds']
            self.assertLessEqual(others, delay)
            self.assertEqual(p['load']['status'], 'disturbed')

    @in_one_of(3)
    def test_a_check_under_load_does_not_fail(self):
        with spinning(CPUS[0]):
            done = parscope('run', 'counter:n=20M', '-s', 'pool', '-t', '1', '--max-time', '1s', '-q',
                            '--check', 'wall_time < 1us')
        self.assertEqual(done.returncode, 4, done.stdout)
        self.assertIn('other programs took', done.stdout)

    @in_one_of(3)
    def test_of_a_program_its_first_thread_tells(self):
        code = 'i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done'
        with spinning(CPUS[0]):
            result, _ = self.result('run', '--cpus', str(CPUS[0]), '-t', '1', '-r', '6', '--', 'sh', '-c', code)
        load = result['points'][0]['load']
        self.assertEqual(load['status'], 'disturbed')
        self.assertIn('first thread', load['witness'])

    def test_threads_that_share_cpus_wait_for_each_other(self):
        result, _ = self.result('run', 'counter:n=1M', '-s', 'pool,spawn', '-t', str(4 * len(CPUS)), '-r', '6')
        for p in result['points'][1:]:
            self.assertIsNone(p['load']['share'])
            self.assertNotIn('lost_cores_others', p['metrics'])
        self.assertGreater(result['points'][1]['metrics']['run_delay']['value'], 0)


if __name__ == '__main__':
    main()
