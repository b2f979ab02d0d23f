"""What the report concludes from scripted figures, and what it must not conclude."""
import json

from harness import Case, main

TWO_CPUS = 'core:2 pu:1'


class Findings(Case):
    def result(self, script, *arguments, topology=TWO_CPUS):
        path = self.folder / 'r.json'
        env = {**self.fake_script(script), 'HWLOC_SYNTHETIC': topology}
        text = self.succeed(arguments[0], '-v', '-o', str(path), *arguments[1:], env=env).stdout
        return json.loads(path.read_text()), text

    def finding(self, result, name):
        return [f['text'] for f in result['findings'] if f['id'] == name]

    def test_rounds_are_not_chosen_by_how_they_went(self):
        """Two rounds of ten keep the CPUs busy: that is no per-cycle speedup of the point."""
        script = ('wall_time * * 1 1.0\nwall_time * * 2 0.5 0.9 0.9 0.9 0.9 0.9 0.9 0.5 0.9 0.9\n'
                  'cpu_time * * 1 1.0\ncpu_time * * 2 0.99\nfrequency * * * 3e9\n')
        result, text = self.result(script, 'run', 'reduce:size=1M', '-s', 'pool', '-t', '2', '-r', '10')
        metric = result['points'][-1]['metrics']['cycle_speedup']
        self.assertEqual(metric['quality'], 'unavailable')
        self.assertIn('95 %', metric['reason'])
        self.assertNotIn('per-cycle\n', text)

    def test_two_modes(self):
        result, text = self.result('wall_time * * * 1.0 2.0 1.01 2.01 1.02 2.02 1.0 2.0 1.01 2.01\n', 'run', '-r', '10',
                                   '--', 'true')
        fast, slow = result['points'][0]['modes']
        self.assertEqual((fast['share'], fast['rounds']), (0.5, 5))
        self.assertAlmostEqual(fast['centre'], 1.01)
        self.assertAlmostEqual(slow['centre'], 2.01)
        (finding,) = self.finding(result, 'two-modes')
        self.assertIn('1.01 s in 50 % of the rounds', finding)
        self.assertIn('Two modes, true: 1.01 s in 50 % of the rounds, 2.01 s in 50 %', text)
        self.assertEqual(self.finding(result, 'outliers'), [])

    def test_outliers_have_no_cause_that_nobody_saw(self):
        result, _ = self.result('wall_time * * * 1.0 1.01 1.02 1.0 1.01 1.02 1.0 1.01 3.0 2.0\n', 'run', '-r', '10',
                                '--', 'true')
        (finding,) = self.finding(result, 'outliers')
        self.assertTrue(finding.endswith('None is dropped.'), finding)
        self.assertNotIn('modes', result['points'][0])
        self.assertEqual(self.finding(result, 'two-modes'), [])

    def programs(self, script):
        return self.result(script, 'run', '-r', '8', '-c', 'true', '-c', 'false')[0]

    def test_the_fastest_program(self):
        both = self.programs('wall_time true * * 0.5\nwall_time false * * 1.0\n')
        (text,) = self.finding(both, 'fastest-program')
        self.assertTrue(text.startswith("'true' runs 2.00 [2.00, 2.00] times as fast as 'false'"), text)
        self.assertEqual(self.finding(both, 'short-program'), [])

    def test_a_program_that_only_starts(self):
        (text,) = self.finding(self.programs('wall_time true * * 0.5\nwall_time false * * 1e-3\n'), 'short-program')
        self.assertTrue(text.startswith("Short: 'false' takes 1.00 ms"), text)

    def test_the_best_number_of_threads(self):
        script = 'wall_time * * 1 1.0\nwall_time * * 2 0.5\nwall_time * * 4 0.7\n'
        result, _ = self.result(script, 'sweep', 'reduce', '-s', 'pool', '-t', '1,2,4', '-r', '9', topology='core:4 pu:1')
        (text,) = self.finding(result, 'best-threads')
        self.assertIn('2 threads', text)

    def quota(self, cpus, threads):
        script = f'wall_time * * 1 1.0\nwall_time * * * 0.8\ncpu_time * * * 1\ncpu_quota * * * {cpus}\n'
        result, _ = self.result(script, 'run', 'reduce:size=1M', '-s', 'pool', '-t', str(threads), '-r', '8')
        return result, result['points'][-1]['metrics']['efficiency']['value']

    def test_quota_of_half_a_cpu_more(self):
        result, efficiency = self.quota(1.5, 2)
        self.assertAlmostEqual(efficiency, 1.25 / 1.5)
        self.assertIn('2 threads share 1.5 CPUs of the cgroup\'s quota', self.finding(result, 'oversubscribed')[0])

    def test_quota_that_binds_nobody(self):
        result, efficiency = self.quota(8, 4)
        self.assertAlmostEqual(efficiency, 1.25 / 2)
        self.assertIn('4 threads share 2 CPUs and', self.finding(result, 'oversubscribed')[0])

    def test_no_trend_of_one_number_of_cpus(self):
        script = 'wall_time * * 1 1.0\nwall_time * * * 0.6\n'
        result, text = self.result(script, 'sweep', 'reduce', '-s', 'pool', '-t', '1,2,4', '-r', '9')
        self.assertEqual(result['models']['karp_flatt'][0]['trend'], 'unknown')
        self.assertNotIn('Karp', text)

    def test_two_strategies_of_a_name_are_one(self):
        result, _ = self.result('wall_time * * 1 1.0\nwall_time * * * 0.6\n', 'sweep', 'reduce', '-s', 'pool,pool',
                                '-t', '1,2', '-r', '9')
        self.assertEqual([(p['strategy'], p['threads']) for p in result['points']],
                         [('sequential', 1), ('pool', 1), ('pool', 2)])

    def vary(self, spawn, pool):
        script = f'wall_time * * 1 1.0\nwall_time * spawn * {spawn}\nwall_time * pool * {pool}\n'
        result, _ = self.result(script, 'sweep', 'reduce', '--vary', 'size=1k..10k..x10', '-s', 'spawn,pool',
                                '-t', '2', '-r', '8')
        return self.finding(result, 'crossover')

    def test_undecided_is_not_never(self):
        (text,) = self.vary('0.5 2', '3')
        self.assertIn('undecided', text)

    def test_never(self):
        (text,) = self.vary('2', '3')
        self.assertIn('does not stay ahead', text)

    def test_marks_are_of_losses_that_the_bar_shows(self):
        for time, count in ('0.5005', 0), ('0.7', 1):
            env = {**self.fake_script(f'wall_time * * 1 1.0\nwall_time * * 2 {time}\ncpu_time * * * 1.0\n'),
                   'HWLOC_SYNTHETIC': TWO_CPUS}
            text = self.succeed('sweep', '-t', '1,2', '-r', '8', '--', 'true', env=env).stdout
            self.assertEqual(text.count('~ estimated: spinning while waiting'), count, text)

    def test_one_round_shows_no_small_loss(self):
        for time, count in ('1.0001', 0), ('1.5', 1):
            result, _ = self.result(f'wall_time * * 1 1.0\nwall_time * * 2 {time}\n', 'run', 'reduce', '-s', 'pool',
                                    '-t', '2', '-r', '1')
            self.assertEqual(len(self.finding(result, 'parallel-slower')), count)

    def test_a_limit_needs_a_serial_fraction(self):
        """An interval that reaches to 0 excludes no speedup."""
        for times, words in ('0.5 0.52 0.49 0.51', 'a limit above'), ('0.6', 'at most'):
            _, text = self.result(f'wall_time * * 1 1.0\nwall_time * * 2 {times}\n', 'sweep', 'reduce', '-s', 'pool',
                                  '-t', '1,2', '-r', '12')
            self.assertIn(words, ' '.join(text.split()))

    def no_law(self, result, status):
        """No figure of a law, neither of the curve nor of a point."""
        (model,), (rows,) = result['models']['amdahl'], result['models']['karp_flatt']
        self.assertEqual((model['status'], model['limit'], model['residual']), (status, None, None))
        for figure in model['serial_fraction'], *rows['rows']:
            self.assertEqual([figure[k] for k in ('value', 'low', 'high')], [None] * 3)
        self.assertEqual(rows['trend'], 'unknown')

    def test_slower_with_threads_is_no_law_of_amdahls(self):
        for times in ('3 3.2 2.9 3.1', '3'):
            result, text = self.result(f'wall_time * * 1 1.0\nwall_time * * 2 {times}\n', 'sweep', 'reduce', '-s', 'pool',
                                  '-t', '1,2', '-r', '12' if ' ' in times else '3')
            (line,) = [part for part in text.split('\n\n') if part.startswith('Amdahl')]
            self.assertEqual(' '.join(line.split()),
                             'Amdahl: slower with threads: no serial fraction (from 2 threads only) '
                             'Cheapest: 1 thread, with 1.00 s of core time per execution')
            self.no_law(result, 'slower with threads: no serial fraction')

    def test_the_trend_is_no_law_either(self):
        _, text = self.result('wall_time * * 1 1.0\nwall_time * * * 2\n', 'sweep', 'reduce', '-s', 'pool',
                              '-t', '1,2,4', '-r', '12', topology='core:4 pu:1')
        self.assertIn('slower with threads: no serial fraction (from 2 and 4 threads)', ' '.join(text.split()))
        self.assertNotIn('as the law predicts', ' '.join(text.split()))

    def test_a_speedup_above_the_cpus_has_a_cause(self):
        for more, words in (('cpu_time * * 1 0.076\ncpu_time * * 2 0.025\n', 'took 25.0 ms of CPU time '
                             'against 76.0 ms (0.33 times as much), so no serial fraction is given. Reason: less work is done'),
                            ('cpu_time * * 1 0.076\ncpu_time * * 2 0.05\ncycles * * 1 2e8\ncycles * * 2 1e8\n'
                             'instructions * * * 2e8\nfrequency * * * 2e9\n', 'more instructions per cycle'),
                            ('cpu_time * * * 0.076\n', 'as much CPU time'),
                            ('', 'is not known')):
            result, _ = self.result('wall_time * * 1 0.076\nwall_time * * 2 0.0205 0.0206\n' + more, 'run', 'reduce',
                                    '-s', 'pool', '-t', '2', '-r', '8')
            (text,) = self.finding(result, 'superlinear')
            self.assertIn('pool with 2 threads on reduce is 3.70 × as fast on 2 CPUs', text)
            self.assertIn(words, text)

    def test_no_speedup_above_the_cpus(self):
        for times in '0.5', '0.499 0.498', '0.3 0.6 0.4 0.7':
            result, _ = self.result(f'wall_time * * 1 1.0\nwall_time * * 2 {times}\n', 'run', 'reduce', '-s', 'pool',
                                    '-t', '2', '-r', '8')
            self.assertEqual(self.finding(result, 'superlinear'), [])

    def test_what_waits_is_told_as_that(self):
        """A sleep: no clock, no CPUs to use, no locks, no loss of nothing."""
        script = ('wall_time * * * 0.020\nwall_time * * 4 0.0202\ncpu_time * * * 1e-5\nmigrations * * * 40\n'
                  'frequency * * 1 2.5e9\nfrequency * * * 2.6e9 2.6e9 2.6e9 2.2e9 2.2e9 2.2e9 2.1e9 2.1e9 2.1e9\n')
        result, text = self.result(script, 'sweep', 'wait', '-s', 'pool', '-t', '1,2,4', '-r', '9',
                                   topology='core:4 pu:1')
        found = {f['id'] for f in result['findings']}
        self.assertFalse(found & {'clock-fell', 'clock-dropped', 'idle-cpus', 'largest-loss', 'parallel-slower',
                                  'migrations', 'superlinear'}, found)
        self.assertIn('waits for 100 % of its time', self.finding(result, 'latency')[0])
        self.assertNotIn('Where the cores went', text)
        result, text = self.result(script.replace('cpu_time * * * 1e-5', 'cpu_time * * * 0.019'), 'sweep', 'wait', '-s',
                                   'pool', '-t', '1,2,4', '-r', '9', topology='core:4 pu:1')
        self.assertEqual(self.finding(result, 'latency'), [])
        self.assertIn('Where the cores went', text)

    def test_a_loss_is_more_than_2_percent(self):
        for time, count in ('1.01', 0), ('1.03', 1), ('0.8 0.9 1.1 1.2 1.3', 0):
            result, _ = self.result(f'wall_time * * 1 1.0\nwall_time * * 2 {time}\n', 'run', 'reduce', '-s', 'pool',
                                    '-t', '2', '-r', '10')
            self.assertEqual(len(self.finding(result, 'parallel-slower')), count)

    def test_the_clock_under_contention_is_no_fall(self):
        script = ('wall_time * * * 1.0\ncpu_time * * * 1.0\nfrequency * * 1 3e9\n'
                  'frequency * * 2 3e9 3e9 3e9 2.9e9 2.9e9 2.9e9 2.7e9 2.7e9 2.7e9\n')
        for cpu, count in ('1.0', 0), ('1.9', 1):
            result, _ = self.result(script + f'cpu_time * * 2 {cpu}\n', 'run', 'lock', '-s', 'pool', '-t', '2', '-r', '9')
            self.assertEqual(len(self.finding(result, 'clock-fell')), count)

    def test_migrations_need_an_effect(self):
        for count, told in (19, []), (500, ['up to 5 %']), (40000, ['up to 100 %']):
            result, _ = self.result(f'wall_time * * * 1.0\ncpu_time * * * 1.0\nmigrations * * 2 {2 * count}\n'
                                    'migrations * * 1 0\n', 'run', 'reduce', '-s', 'pool', '-t', '2', '-r', '8')
            found = self.finding(result, 'migrations')
            self.assertEqual(len(found), len(told))
            for words, text in zip(told, found):
                self.assertIn(words, text)

    def test_one_finding_for_a_kind(self):
        """Five sizes that lose most to waiting, one to the serial part; the worst is the example."""
        script = ('wall_time * * 1 1.0\nwall_time * * 2 0.8\nwall_time reduce:size=2k * 2 0.9\ncpu_time * * * 1.0\n'
                  'busy_time * * * 1.0\nregion_time * * 1 1.0\nregion_time * * 2 0.8\nmax_busy_time * * * 0.5\n'
                  'region_time reduce:size=4k * 2 0.5\nbusy_time reduce:size=4k * 2 0.7\n'
                  'max_busy_time reduce:size=4k * 2 0.4\n')
        result, _ = self.result(script, 'sweep', 'reduce', '--vary', 'size=1k..32k..x2', '-s', 'pool', '-t', '2',
                                '-r', '8')
        serial, waiting = sorted((f for f in result['findings'] if f['id'] == 'largest-loss'), key=lambda f: len(f['points']))
        self.assertEqual((len(serial['points']), len(waiting['points'])), (1, 5))
        self.assertIn('on reduce:size=2k lost', waiting['text'])
        self.assertIn('and 1 more.', waiting['text'])

    def test_idle_and_slow_points_share_a_finding(self):
        script = 'wall_time * * 1 1.0\nwall_time * * * 0.9\ncpu_time * * * 1.0\nwall_time * spawn * 1.5\n'
        result, _ = self.result(script, 'run', 'reduce:size=1M,reduce:size=2M', '-s', 'pool,steal,spawn', '-t', '2,4',
                                '-r', '8', topology='core:4 pu:1')
        for name, count in ('idle-cpus', 8), ('parallel-slower', 4):
            (finding,) = [f for f in result['findings'] if f['id'] == name]
            self.assertEqual(len(finding['points']), count)

    def test_two_threads_take(self):
        script = 'wall_time * * 1 1.0\nwall_time * * 2 1.8\n'
        result, _ = self.result(script, 'sweep', '-t', '1,2', '-r', '8', '--', 'true')
        self.assertIn('2 threads take 1.80 × as long as one', self.finding(result, 'parallel-slower')[0])
        result, _ = self.result(script, 'sweep', 'reduce', '-t', '1,2', '-r', '8')
        self.assertIn('steal with 2 threads takes 1.80 ×', self.finding(result, 'parallel-slower')[0])

    def test_a_program_left_alone_has_no_thread_count(self):
        script = 'wall_time * * * 1\nuser_time * * * 0.01\nsystem_time * * * 0.99\ncpu_time * * * 1\n'
        result, _ = self.result(script, 'run', '-r', '8', '--', 'true')
        self.assertIn('99 % of the CPU time of true is', self.finding(result, 'kernel-time')[0])

    def cpu_kinds(self, user, system, runs=8):
        script = f'wall_time * * * 1\nuser_time * * * {user}\nsystem_time * * * {system}\ncpu_time * * * 1\n'
        result, text = self.result(script, 'run', '-r', str(runs), '--', 'true')
        metrics = result['points'][0]['metrics']
        return metrics['user_time'], metrics['system_time'], ' '.join(text.split())

    def test_ticks_of_short_programs_are_pooled(self):
        """The kernel gives the whole of a short execution to one of the two."""
        user, system, text = self.cpu_kinds('0 0.004', '0.004 0', 256)
        for metric in user, system:
            self.assertAlmostEqual(metric['value'], 0.002)
            self.assertEqual(metric['quality'], 'estimated')
        self.assertIn('user time, system time: split as in all executions together', text)
        user, system, _ = self.cpu_kinds('0.001 0.009', '0.003', 256)
        self.assertAlmostEqual(user['value'], 0.008 * 5 / 8)
        self.assertAlmostEqual(system['value'], 0.008 * 3 / 8)

    def test_fewer_than_a_hundred_ticks_tell_nothing(self):
        user, system, text = self.cpu_kinds('0 0.004', '0.004 0')
        self.assertEqual((user['value'], system['value']), (None, None))
        self.assertIn('user time, system time: the kernel splits the CPU time by its ticks, and there were '
                      'fewer than 100', text)

    def test_ticks_of_long_programs_are_their_own(self):
        user, system, _ = self.cpu_kinds('0.1 0.3 0.1', '0.02')
        self.assertEqual((user['value'], system['value']), (0.1, 0.02))
        self.assertEqual((user['quality'], system['quality']), ('exact', 'exact'))


if __name__ == '__main__':
    main()
