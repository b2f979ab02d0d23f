"""What the report concludes from scripted figures, and what it must not conclude."""
import json

from harness import Case, main

TWO_CPUS = 'core:2 pu:1'


class Findings(Case):
    def result(self, script, *arguments, topology=TWO_CPUS):
        path = self.folder / 'r.json'
        env = {**self.fake_script(script), 'HWLOC_SYNTHETIC': topology}
        text = self.succeed(arguments[0], '-o', str(path), *arguments[1:], env=env).stdout
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

    def test_slower_with_threads_is_no_law_of_amdahls(self):
        for times in ('3 3.2 2.9 3.1', '3'):
            _, text = self.result(f'wall_time * * 1 1.0\nwall_time * * 2 {times}\n', 'sweep', 'reduce', '-s', 'pool',
                                  '-t', '1,2', '-r', '12' if ' ' in times else '3')
            (line,) = [part for part in text.split('\n\n') if part.startswith('Amdahl')]
            self.assertRegex(' '.join(line.split()), r"^Amdahl: serial fraction [\d.]+( \[.*\])?: it gets slower with "
                             r"threads, which is not Amdahl's law$")

    def test_the_trend_is_no_law_either(self):
        _, text = self.result('wall_time * * 1 1.0\nwall_time * * * 2\n', 'sweep', 'reduce', '-s', 'pool',
                              '-t', '1,2,4', '-r', '12', topology='core:4 pu:1')
        self.assertIn('not Amdahl', ' '.join(text.split()))
        self.assertNotIn('as the law has it', ' '.join(text.split()))

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
        self.assertIn('user time, system time: shared out as over all executions', text)
        user, system, _ = self.cpu_kinds('0.001 0.009', '0.003', 256)
        self.assertAlmostEqual(user['value'], 0.008 * 5 / 8)
        self.assertAlmostEqual(system['value'], 0.008 * 3 / 8)

    def test_fewer_than_a_hundred_ticks_tell_nothing(self):
        user, system, text = self.cpu_kinds('0 0.004', '0.004 0')
        self.assertEqual((user['value'], system['value']), (None, None))
        self.assertIn('user time, system time: the kernel tells them apart by its ticks, of which there were fewer '
                      'than 100', text)

    def test_ticks_of_long_programs_are_their_own(self):
        user, system, _ = self.cpu_kinds('0.1 0.3 0.1', '0.02')
        self.assertEqual((user['value'], system['value']), (0.1, 0.02))
        self.assertEqual((user['quality'], system['quality']), ('exact', 'exact'))


if __name__ == '__main__':
    main()
