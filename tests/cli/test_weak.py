"""Work that grows with the threads."""
import json

from harness import Case, main, parscope

MACHINE = 'core:8 pu:1'


class Weak(Case):
    def sweep(self, script, *arguments, machine=MACHINE):
        path = self.folder / 'r.json'
        env = {**self.fake_script(script), 'HWLOC_SYNTHETIC': machine}
        done = self.succeed('sweep', '--weak', '-v', '-o', str(path), *arguments, env=env)
        self.result = json.loads(path.read_text())
        self.assertEqual(self.succeed('report', '-v', str(path)).stdout, done.stdout)
        (self.model,) = self.result['models']['amdahl']
        self.text = ' '.join(done.stdout.split())
        return {p['threads']: p for p in self.result['points'] if not p['baseline']}

    def gustafson(self, e):
        """N threads do N times the work in 1 + what is serial: S = N - e (N - 1)."""
        lines = ['wall_time * sequential * 1']
        lines += [f'wall_time * pool {p} ' + ' '.join(f'{f * p / (p - e * (p - 1)):.7g}' for f in (1, 1.001, 0.999))
                  for p in (1, 2, 4, 8)]
        return '\n'.join(lines) + '\n'

    def test_gustafsons_fraction(self):
        points = self.sweep(self.gustafson(0.1), 'reduce:size=1M', '-s', 'pool', '-t', '1,2,4,8', '-r', '12')
        self.assertEqual((self.model['law'], self.model['status']), ('gustafson', 'ok'))
        self.assertAlmostEqual(self.model['serial_fraction']['value'], 0.1, delta=0.002)
        self.assertLessEqual(self.model['serial_fraction']['low'], 0.1)
        self.assertGreaterEqual(self.model['serial_fraction']['high'], 0.1)
        self.assertIsNone(self.model['limit'])
        self.assertEqual({p: q['parameters']['size'] for p, q in points.items()}, {1: '1M', 2: '2M', 4: '4M', 8: '8M'})
        self.assertAlmostEqual(points[8]['metrics']['speedup']['value'], 7.3, delta=0.01)
        self.assertAlmostEqual(points[8]['metrics']['efficiency']['value'], 7.3 / 8, delta=0.01)
        self.assertEqual(points[8]['items'], 8 * points[1]['items'])
        self.assertIn('Gustafson: serial fraction 0.100', self.text)
        self.assertIn('in parallel, with work that grows with the threads', self.text)

    def test_the_answer(self):
        env = {**self.fake_script(self.gustafson(0.1)), 'HWLOC_SYNTHETIC': MACHINE}
        text = ' '.join(self.succeed('sweep', '--weak', 'reduce', '-s', 'pool', '-t', '1,2,4,8', '-r', '12',
                                     env=env).stdout.split())
        self.assertRegex(text, r'7\.\d+ \[[\d., ]+\] times as fast as the sequential version, of work that grows with '
                               r'the threads, 91 % of ideal')
        self.assertIn('of the time in parallel (Gustafson)', text)

    def test_losses_sum_to_what_is_missing(self):
        script = self.gustafson(0.1) + 'cpu_time * sequential * 1\ncpu_time * pool 1 1\n' + ''.join(
            f'cpu_time * pool {p} {1.05 * p}\n' for p in (2, 4, 8))
        for point in self.sweep(script, 'reduce', '-s', 'pool', '-t', '1,2,4,8', '-r', '12').values():
            value = {k: v['value'] or 0 for k, v in point['metrics'].items()}
            lost = sum(v for k, v in value.items() if k.startswith('lost_cores_'))
            self.assertAlmostEqual(lost, value['speedup'] / value['efficiency'] - value['speedup'], 6)

    def test_a_program_is_told_its_size(self):
        self.sweep('wall_time * * 1 1.0\nwall_time * * 2 1.1\n', '-t', '1,2', '-r', '8', '--', 'true', '{size}')
        self.assertAlmostEqual(self.model['serial_fraction']['value'], 2 - 2 / 1.1, delta=0.001)
        plan = self.succeed('sweep', '--weak', '--size', '500', '-n', '-t', '1,2', '--', 'true', '-s{size}', '{threads}').stdout
        self.assertIn('true -s500 1', plan)
        self.assertIn('true -s1000 2', plan)
        self.assertIn('true {size}', self.succeed('sweep', '-n', '-t', '1', '--', 'true', '{size}').stdout)

    def test_for_real(self):
        path = self.folder / 'r.json'
        self.succeed('sweep', '--weak', 'reduce:size=10k', '-s', 'pool', '-t', '1,2', '-r', '2', '-w', '0', '-o', str(path))
        self.assertEqual([p['parameters']['size'] for p in json.loads(path.read_text())['points']], ['10k', '10k', '20k'])

    def test_what_can_not_grow(self):
        for arguments, words in ((('fib',), 'no parameter that makes its work grow'),
                                 (('reduce', '--predict', '4'), 'excludes --weak'),
                                 (('reduce', '--vary', 'size=1k+2k'), '--weak and --vary exclude'),
                                 (('-t', '1,2', '--', 'true'), 'no {size}')):
            done = parscope('sweep', '--weak', '-n', *arguments)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(words, done.stderr)
        self.assertIn('--size needs --weak', parscope('sweep', '--size', '2', 'reduce', '-n').stderr)


if __name__ == '__main__':
    main()
