"""Which points the laws over thread counts are about, and where there is no law at all."""
import json
from pathlib import Path

from harness import Case, main

TWO_CPUS = 'core:2 pu:1'


class Laws(Case):
    def sweep(self, script, *arguments, topology=TWO_CPUS, status=0):
        path = self.folder / 'r.json'
        env = {**self.fake_script(script), 'HWLOC_SYNTHETIC': topology}
        done = self.run_for(status, 'sweep', '-v', '-o', str(path), *arguments, env=env)
        result = json.loads(path.read_text())
        self.assertEqual(self.succeed('report', '-v', str(path)).stdout, done.stdout)
        (self.amdahl,), (self.rows,) = result['models']['amdahl'], result['models']['karp_flatt']
        self.text, self.result = ' '.join(done.stdout.split()), result
        return done

    def run_for(self, status, *arguments, env):
        from harness import parscope
        done = parscope(*arguments, env=env)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def findings(self):
        return [f['id'] for f in self.result['findings']]

    def test_points_that_take_turns_are_in_no_fit(self):
        """Perfect work on two CPUs: eight threads on them would look like a serial part."""
        script = ('wall_time * * 1 1.0\nwall_time * * 2 0.5\nwall_time * * 4 0.55\nwall_time * * 8 0.4\n')
        self.sweep(script, 'counter:n=10M', '-s', 'pool', '-t', '1,2,4,8', '-r', '8')
        self.assertEqual(self.amdahl['serial_fraction']['value'], 0)
        self.assertEqual(self.amdahl['left_out'], {'threads': [4, 8], 'cpus': 2})
        self.assertEqual([row['threads'] for row in self.rows['rows']], [2])
        self.assertEqual(self.amdahl['best_threads'], 2)
        self.assertIn('from 2 threads only, so the law itself is unverified; 4 and 8 are left out: they take turns '
                      'on 2 CPUs', self.text)
        self.assertEqual([p['threads'] for p in self.result['points'] if p['oversubscribed']], [4, 8])

    def test_the_first_screen_says_which_are_left_out(self):
        env = {**self.fake_script('wall_time * * 1 1.0\nwall_time * * 2 0.6\nwall_time * * * 0.7\n'),
               'HWLOC_SYNTHETIC': TWO_CPUS}
        text = ' '.join(self.succeed('sweep', 'counter', '-s', 'pool', '-t', '1,2,4,8', '-r', '8', env=env).stdout.split())
        self.assertIn('unverified; 4 and 8 are left out: they take turns on 2 CPUs.', text)

    def test_who_is_slower_has_no_law(self):
        """The first screen says the one, which is reason enough for the other; -v says both."""
        env = {**self.fake_script('wall_time * * 1 1.0\nwall_time * * 2 3\n'), 'HWLOC_SYNTHETIC': TWO_CPUS}
        sweep = 'sweep', 'counter', '-s', 'pool', '-t', '1,2', '-r', '8'
        text = ' '.join(self.succeed(*sweep, env=env).stdout.split())
        self.assertRegex(text, r'pool with 2 threads takes 3\.00 \[.*?\] times as long as the sequential version\.')
        self.assertNotIn('serial fraction', text)
        self.assertIn('slower with threads: no serial fraction', self.succeed(*sweep, '-v', env=env).stdout)

    def test_points_beyond_a_quota_are_in_no_fit(self):
        script = 'wall_time * * 1 1.0\nwall_time * * 2 0.6\nwall_time * * 3 0.5\ncpu_quota * * * 2.5\n'
        self.sweep(script, 'reduce', '-s', 'pool', '-t', '1,2,3', '-r', '8', topology='core:4 pu:1')
        self.assertAlmostEqual(self.amdahl['serial_fraction']['value'], 0.2)
        self.assertEqual(self.amdahl['left_out'], {'threads': [3], 'cpus': 2.5})
        self.assertIn('3 is left out: they take turns on 2.5 CPUs', self.text)

    def test_losses_sum_to_what_the_headline_lacks(self):
        """Skewed and disturbed rounds, one of them without CPU time: one estimator of the speedup for all figures."""
        script = ('wall_time * * 1 1.0 1.1 0.95 1.3\nwall_time * * 2 0.61 0.55 0.9 0.62 2.1 0.58 0.6\n'
                  'wall_time * * 4 0.31 0.35 0.3 1.4 0.9\ncpu_time * * 1 1.0 1.1 0.9\n'
                  'cpu_time * * * 1.0 1.2 1.1 1.4 0\nfrequency * * * 3e9 2.9e9 2.5e9\n'
                  'busy_time * * * 0.9 1.1 1\nregion_time * * 1 0.9 0.9 0.8\nregion_time * * 2 0.5 0.5\n'
                  'region_time * * 4 0.3 0.28\nmax_busy_time * * * 0.25 0.28 0.24\n')
        for rounds in '5', '12', '35':
            self.sweep(script, 'amdahl', '-s', 'pool', '-t', '1,2,4', '-r', rounds, topology='core:4 pu:1')
            points = [p['metrics'] for p in self.result['points'] if not p['baseline']]
            for m in points:
                value = {k: v['value'] or 0 for k, v in m.items()}
                lost = sum(v for k, v in value.items() if k.startswith('lost_cores_'))
                p = value['speedup'] / value['efficiency']
                self.assertAlmostEqual(lost, p - value['speedup'], 6)
                self.assertAlmostEqual(value['stack_efficiency'], value['efficiency'], 9)
                self.assertAlmostEqual(value['parallel_efficiency'] * value['computation_scaling'] /
                                       value['reference_busy'], value['efficiency'], 6)
                for end in 'low', 'high':
                    self.assertEqual(m['stack_efficiency'][end] is None, m['efficiency'][end] is None)

    def curve(self, sigma, kappa, threads):
        """Scripted times of the law, with a noise of 0.1 %."""
        lines = ['wall_time * sequential * 1 1.001 0.999', 'cpu_time * * * 1']
        for p in threads:
            time = (1 + sigma * (p - 1) + kappa * p * (p - 1)) / p
            lines.append(f'wall_time * steal {p} {time:.7g} {time * 1.001:.7g} {time * 0.999:.7g} {time:.7g}')
        return '\n'.join(lines) + '\n'

    def usl(self, sigma, kappa, threads=(1, 2, 3, 4, 6, 8, 12, 16)):
        self.sweep(self.curve(sigma, kappa, threads), 'reduce', '-s', 'steal', '-t', ','.join(map(str, threads)), '-r', '20',
                   topology='core:16 pu:1')
        return self.amdahl['usl']

    def test_usl_finds_contention_and_coherence(self):
        """As lock (contention), stream (contention, then flat) and false-sharing (coherence) would be on 16 cores."""
        both = self.usl(0.02, 0.01)
        for name, truth in (('sigma', 0.02), ('kappa', 0.01), ('gamma', 1), ('peak', (0.98 / 0.01) ** 0.5)):
            self.assertAlmostEqual(both[name]['value'], truth, delta=0.02 * truth)
            self.assertLessEqual(both[name]['low'], truth * 1.005)
            self.assertGreaterEqual(both[name]['high'], truth * 0.995)
        self.assertEqual(both['best'], 'usl')
        self.assertEqual(both['falls_from'], 16)
        self.assertEqual([r['threads'] for r in both['residuals']], [1, 2, 3, 4, 6, 8, 12, 16])
        self.assertRegex(self.text, r'USL: contention σ 0\.02.*most throughput with 9\.9.*best supported by the points '
                                    r'\(AICc\): the USL')
        self.assertIn('Slower with 16 threads than with fewer', self.text)

    def test_usl_without_coherence(self):
        law = self.usl(0.1, 0)
        self.assertLess(law['kappa']['value'], 1e-4)
        self.assertIsNone(law['falls_from'])
        self.assertIn(law['best'], ('amdahl', 'amdahl-free'))
        self.assertLess(abs(law['sigma']['value'] - 0.1), 0.005)

    def test_usl_of_what_is_parallel(self):
        law = self.usl(0, 0)
        self.assertLess(law['sigma']['value'], 1e-3)
        self.assertEqual(law['best'], 'linear')

    def test_usl_refuses_few_counts(self):
        law = self.usl(0.02, 0.01, (1, 2, 4))
        self.assertEqual(law['status'], 'no USL: fewer than 4 different numbers of threads')
        self.assertIsNone(law['sigma']['value'])
        self.assertNotIn('USL', self.text)
        few = self.usl(0.02, 0.01, (1, 2, 4, 8))
        self.assertEqual((few['status'], few['best']), ('ok', 'none'))
        self.assertIn('too few points to choose between laws', self.text)

    def test_the_first_screen_says_where_throughput_is_highest(self):
        threads = (1, 2, 3, 4, 6, 8, 12, 16)
        env = {**self.fake_script(self.curve(0.02, 0.01, threads)), 'HWLOC_SYNTHETIC': 'core:16 pu:1'}
        done = self.succeed('sweep', 'reduce', '-s', 'steal', '-t', ','.join(map(str, threads)), '-r', '20', env=env)
        text = ' '.join(done.stdout.split())
        self.assertIn('By the USL, most throughput with 9.9', text)
        self.assertNotIn('with any number of threads', text)
        self.assertIn('With 16 threads it is slower than with fewer.', text)

    EIGHT = (1, 2, 3, 4, 6, 8)

    def recommended(self, sigma, kappa, *options, threads=EIGHT):
        self.sweep(self.curve(sigma, kappa, threads), 'reduce', '-s', 'steal', '-t', ','.join(map(str, threads)), '-r', '20',
                   *options, topology='core:16 pu:1')
        return self.amdahl['recommendations']

    def answer(self, sigma, kappa, *options, threads=EIGHT):
        env = {**self.fake_script(self.curve(sigma, kappa, threads)), 'HWLOC_SYNTHETIC': 'core:16 pu:1'}
        return ' '.join(self.succeed('sweep', 'reduce', '-s', 'steal', '-t', ','.join(map(str, threads)), '-r', '20', *options,
                                     env=env).stdout.split())

    def test_a_wanted_efficiency(self):
        r = self.recommended(0.05, 0, '--want-efficiency', '80%')['efficient']
        self.assertEqual((r['wanted'], r['threads'], r['next_threads']), (0.8, 6, 8))
        self.assertAlmostEqual(r['efficiency']['value'], 0.8, delta=0.001)
        self.assertAlmostEqual(r['next_efficiency'], 0.741, delta=0.001)
        self.assertIn('80 % efficiency: up to 6 threads, which reach 80 %', self.text)
        self.assertIn('80 % efficiency: up to 6 threads, which reach 80 % [80, 80]; 8 threads have 74 %.',
                      self.answer(0.05, 0, '--want-efficiency', '0.8'))
        self.assertIn('95 % efficiency: only with one thread; 2 threads have 91 %.',
                      self.answer(0.1, 0, '--want-efficiency', '95%'))

    def test_the_fewest_that_are_enough_and_the_cheapest(self):
        r = self.recommended(0.05, 0.02)
        self.assertEqual(r['cheapest']['threads'], 1)
        self.assertAlmostEqual(r['cheapest']['core_seconds'], 1, delta=0.01)
        self.assertIn('Cheapest: 1 thread, with 1.00 s of core time per execution', self.text)
        self.assertIn('4 threads are enough: more are at most 5 % faster.', self.answer(0.08, 0.03))
        self.assertEqual(self.recommended(0, 0)['cheapest']['threads'], 8)
        self.assertNotIn('enough', self.answer(0, 0))

    def test_more_threads_are_slower(self):
        told = 'One thread is enough: more are slower.'
        self.assertIn(told, self.answer(1.5, 0, '-r', '2'))
        # By an interval it is told already.
        text = self.answer(1.5, 0)
        self.assertIn('With 2 threads it is slower than with fewer.', text)
        self.assertNotIn(told, text)

    def test_what_more_cpus_would_bring(self):
        r = self.recommended(0.05, 0, '--predict', '16,32,64')
        self.assertEqual([b['cpus'] for b in r['beyond']], [16, 32, 64])
        self.assertEqual(r['beyond'][2]['status'], 'the limit is 2 times the CPUs that were measured, or 4 times where six '
                                                   'or more thread counts were measured')
        self.assertIsNone(r['beyond'][2]['speedup']['value'])
        for b, truth in zip(r['beyond'], (16 / (1 + 0.05 * 15), 32 / (1 + 0.05 * 31))):
            self.assertEqual((b['status'], b['law']), ('ok', 'amdahl'))
            self.assertLessEqual(b['speedup']['low'], truth)
            self.assertGreaterEqual(b['speedup']['high'], truth)
        self.assertRegex(self.answer(0.05, 0, '--predict', '16,64'),
                         r"With 16 CPUs a speedup of 9\.\d+ \[[\d., ]+\] is expected, by Amdahl's law; with 64 CPUs: no "
                         r'prediction, the limit is 2 times')
        usl = self.recommended(0.02, 0.01)
        self.assertEqual((usl['asked'], [b['cpus'] for b in usl['beyond']]), (False, [16]))
        self.assertEqual(usl['beyond'][0]['law'], 'usl')
        self.assertRegex(self.text, r'With 16 CPUs a speedup of 4\.3\d \[[\d., ]+\] is expected, by the USL')

    def test_two_points_say_nothing_of_more_cpus(self):
        r = self.recommended(0.05, 0, '--predict', '4', threads=(1, 2))
        self.assertRegex(r['beyond'][0]['status'], 'needs two thread counts above one')
        self.assertNotIn('With 4 CPUs', ' '.join(self.recommended(0.05, 0, threads=(1, 2)) and self.text))

    def test_recommendations_that_can_not_be(self):
        from harness import parscope
        for options, words in ((('--predict', '1'), '--predict'), (('--predict', 'x'), '--predict'),
                               (('--vary', 'size=1k+2k', '--predict', '4'), 'takes several --threads')):
            done = parscope('sweep', 'reduce', '-n', *options)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(words, done.stderr)

    def kinks(self, threads, topology, *options):
        script = ''.join(f'wall_time * * {p} {1 / p}\n' for p in threads)
        self.sweep(script, 'counter', '-s', 'pool', '-t', ','.join(map(str, threads)), '-r', '8', *options,
                   topology=topology)
        return [(k['threads'], k['kind'], k['left_out']) for k in self.amdahl['kinks']]

    def used(self):
        return [row['threads'] for row in self.rows['rows']]

    def test_second_hardware_threads_are_left_out(self):
        second = 'second-hardware-thread'
        self.assertEqual(self.kinks((1, 2, 4, 6, 8, 12), 'core:4 pu:2'), [(6, second, True), (8, second, True)])
        self.assertEqual(self.used(), [2, 4])
        self.assertEqual(self.amdahl['left_out'], {'threads': [6, 8, 12], 'cpus': 8})
        self.assertIn('(from 2 and 4 threads; 6 and 8 are left out: they use second hardware threads of cores; 12 is left '
                      'out: they take turns on 8 CPUs)', self.text)
        self.assertEqual(self.amdahl['best_threads'], 8)

    def test_where_nothing_else_is_left_they_are_used(self):
        self.assertEqual(self.kinks((1, 2), 'core:1 pu:2'), [(2, 'second-hardware-thread', False)])
        self.assertEqual(self.used(), [2])
        self.assertEqual(self.amdahl['left_out'], {'threads': [], 'cpus': None})
        self.assertIn('2 is included, though they use second hardware threads of cores', self.text)

    def test_other_sockets(self):
        across = 'across-sockets'
        machine = 'pack:2 core:4 pu:1'
        self.assertEqual(self.kinks((1, 2, 4, 6, 8), machine, '-p', 'compact'), [(6, across, True), (8, across, True)])
        self.assertEqual(self.used(), [2, 4])
        self.assertIn('6 and 8 are left out: they extend to another socket', self.text)
        self.assertEqual(self.kinks((1, 4, 8), machine, '-p', 'compact'), [(8, across, False)])
        self.assertEqual(self.used(), [4, 8])
        self.assertEqual(self.kinks((1, 2, 4, 8), machine, '-p', 'spread'), [])
        self.assertEqual(self.used(), [2, 4, 8])

    def test_slower_cores(self):
        """Two fast cores of two hardware threads, two slow ones of one: 2,4 then 0-1 then 3,5."""
        root = Path(__file__).resolve().parent.parent / 'unit' / 'data' / 'host-hybrid'
        path = self.folder / 'r.json'
        env = {**self.fake_script(''.join(f'wall_time * * {p} {1 / p}\n' for p in (1, 2, 3, 4, 6))),
               'HWLOC_FSROOT': str(root)}
        text = ' '.join(self.succeed('sweep', '-v', 'counter', '-s', 'pool', '-t', '1,2,3,4,6', '-r', '8', '-o', str(path),
                                     env=env).stdout.split())
        (model,) = json.loads(path.read_text())['models']['amdahl']
        self.assertEqual([(k['threads'], k['kind']) for k in model['kinks']],
                         [(3, 'slower-core'), (4, 'slower-core'), (6, 'second-hardware-thread')])
        self.assertIn('6 is left out: they use second hardware threads of cores; 3 and 4 are left out: they use slower cores',
                      text)

    def test_floating_threads(self):
        self.assertEqual(self.kinks((1, 2, 4, 8), 'core:4 pu:2', '-p', 'none'), [(8, 'second-hardware-thread', True)])

    def test_nothing_but_turns(self):
        self.sweep('wall_time * * * 1.0\n', 'reduce', '-s', 'pool', '-t', '1,2', '-r', '8', topology='core:1 pu:1')
        self.assertIsNone(self.amdahl['serial_fraction']['value'])
        self.assertIn('no serial fraction: no point has more than one thread and a CPU for each', self.text)

    def test_all_points_are_named(self):
        self.sweep('wall_time * * 1 1.0\nwall_time * * 2 0.6\nwall_time * * 4 0.4\n', 'reduce', '-s', 'pool',
                   '-t', '1,2,4', '-r', '8', topology='core:4 pu:1')
        self.assertIn('however many threads (from 2 and 4 threads)', self.text)

    def test_superlinear_has_no_law(self):
        self.sweep('wall_time * * 1 1.0\nwall_time * * 2 0.27 0.28\n', 'reduce', '-s', 'pool', '-t', '1,2', '-r', '8')
        self.assertEqual(self.amdahl['status'], 'superlinear: faster than its number of CPUs, so no serial fraction')
        self.assertIsNone(self.amdahl['serial_fraction']['value'])
        self.assertIsNone(self.amdahl['limit'])
        self.assertIn('Amdahl: superlinear', self.text)

    def test_perhaps_not_slower(self):
        self.sweep('wall_time * * 1 1.0\nwall_time * * 2 1.01 0.99 1.02 1.01\n', 'reduce', '-s', 'pool', '-t', '1,2',
                   '-r', '8')
        self.assertEqual(self.amdahl['status'], 'no faster with threads: no serial fraction')
        self.assertIsNone(self.amdahl['serial_fraction']['value'])

    def test_checks_judge_what_has_no_fraction(self):
        for time, status, words in (('3', 3, 'FAILS'), ('0.25', 0, 'holds')):
            done = self.sweep(f'wall_time * * 1 1.0\nwall_time * * 2 {time}\n', 'reduce', '-s', 'pool', '-t', '1,2',
                              '-r', '8', '--check', 'serial_fraction <= 0.1', status=status)
            self.assertIn(words.lower(), done.stdout.lower())
            self.assertIn('no serial fraction', self.result['checks'][0]['evidence'])

    def program(self, seen):
        self.sweep(f'wall_time * * * 1.0\ncpu_time * * * 1.0\nthreads_seen * * 2 {seen}\n', '-t', '1,2', '-r', '8',
                   '--', 'true')

    def test_a_program_that_does_not_use_its_threads(self):
        self.program(1)
        self.assertIn("doesn't use the threads", self.amdahl['status'])
        self.assertIsNone(self.amdahl['serial_fraction']['value'])
        self.assertIsNone(self.amdahl['best_threads'])
        self.assertEqual(self.rows['rows'], [])
        self.assertEqual(self.findings()[0], 'threads-mismatch')
        self.assertNotIn('largest-loss', self.findings())
        env = {**self.fake_script('wall_time * * * 1.0\nthreads_seen * * 2 1\n'), 'HWLOC_SYNTHETIC': TWO_CPUS}
        text = self.succeed('sweep', '-t', '1,2', '-r', '8', '--', 'true', env=env).stdout
        self.assertLess(text.index("was asked for 2 but used one"), text.index('speedup'))

    def test_a_program_that_uses_them_or_is_not_known(self):
        for seen in 2, 'unavailable:short':
            self.program(seen)
            self.assertEqual(self.amdahl['serial_fraction']['value'], 1)


if __name__ == '__main__':
    main()
