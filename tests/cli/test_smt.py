"""smt-compare: placements, machines without SMT, and what is said of the effect."""
import json
import os
import re

from harness import TWO_PACKAGES, Case, main

SMT = {'HWLOC_SYNTHETIC': TWO_PACKAGES}
SCRIPT = '''wall_time * * * {one}
cpu_time * * * 1
instructions * * * 2e9
cycles * * * 1e9
'''


class Placements(Case):
    def rows(self, *arguments, env=SMT):
        done = self.succeed('smt-compare', '--dry-run', *arguments, env=env)
        joined = re.sub(r',\n +', ',', done.stdout)
        return [tuple(line.split()[-3:]) for line in joined.splitlines()]

    def test_three_ways(self):
        self.assertEqual(self.rows('counter'), [
            ('threads=8', 'one-per-core', 'cpus=0,8,2,10,4,12,6,14'),
            ('threads=8', 'packed', 'cpus=0-1,8-9,2-3,10-11'),
            ('threads=16', 'two-per-core', 'cpus=0,8,2,10,4,12,6,14,1,9,3,11,5,13,7,15'),
        ])

    def test_fewer_cores(self):
        self.assertEqual(self.rows('counter', '--cores', '3'), [
            ('threads=3', 'one-per-core', 'cpus=0,8,2'),
            ('threads=3', 'packed', 'cpus=0-1,8'),
            ('threads=6', 'two-per-core', 'cpus=0,8,2,1,9,3'),
        ])

    def test_one_core(self):
        self.assertEqual(self.rows('counter', '--cores', '1'), [
            ('threads=1', 'one-per-core', 'cpus=0'), ('threads=2', 'two-per-core', 'cpus=0-1')])

    def test_more_cores_than_there_are(self):
        self.refuse('smt-compare', '-n', 'counter', '--cores', '9', says=['--cores', '8'], env=SMT)

    def test_pairs(self):
        self.assertEqual(self.rows('counter', '--pair', '0,2', env={'HWLOC_SYNTHETIC': 'core:4 pu:1'}),
                         [('threads=1', 'one-per-core', 'cpus=0'),
                          ('threads=2', 'two-per-core', 'cpus=0,2')])

    def test_bad_pairs(self):
        for pair in ('0', '0,0', '0,99', 'a,b', '0,1,2', ''):
            with self.subTest(pair=pair):
                self.refuse('smt-compare', '-n', 'counter', '--pair', pair, env=SMT)
        self.refuse('smt-compare', '-n', 'counter', '--pair', '0,1', '--pair', '1,2', env=SMT,
                    says=['two pairs'])

    def test_copies(self):
        self.assertEqual(self.rows('--copies', '--cores', '2', '--', 'true'), [
            ('copies=2', 'one-per-core', 'cpus=0,8'), ('copies=4', 'two-per-core', 'cpus=0,8,1,9')])
        self.refuse('smt-compare', '-n', '--copies', 'counter', says=['--copies'], env=SMT)

    def test_program(self):
        self.assertEqual(self.rows('--cores', '1', '--', 'echo', '{threads}'),
                         [('threads=1', 'one-per-core', 'cpus=0'),
                          ('threads=2', 'two-per-core', 'cpus=0-1')])


class Without(Case):
    def test_no_smt(self):
        env = {'HWLOC_SYNTHETIC': 'core:4 pu:1'}
        done = self.fail_with(77, 'smt-compare', '-n', 'counter', says=['4 cores', '--pair'], env=env)
        self.assertNotIn("see 'parscope", done.stderr)

    def test_no_workload(self):
        self.refuse('smt-compare', says=['no workload'])


class Effect(Case):
    def compare(self, two, *arguments, lacking=()):
        """With one thread a core everything takes 1 s; `two` are the samples with two a core."""
        script = self.folder / 's.fake'
        script.write_text(SCRIPT.format(one='1.00 1.01 0.99 1.00 1.01 0.99') +
                          f'wall_time * * 4 {two}\n' +
                          ''.join(f'{name} * * * {why}\n' for name, why in dict(lacking).items()))
        path = self.folder / 'r.json'
        done = self.succeed('smt-compare', 'counter', '--cores', '2', '-o', str(path), *arguments,
                            env={**SMT, 'PARSCOPE_FAKE': str(script)})
        (model,) = json.loads(path.read_text())['models']['smt']
        return model, ' '.join(done.stdout.split())

    def test_helps(self):
        model, text = self.compare('0.70 0.71 0.69 0.70 0.71 0.69')
        self.assertEqual(model['verdict'], 'helps')
        self.assertAlmostEqual(model['effect']['value'], 1 / 0.7, places=1)
        self.assertIn('helps', text)
        self.assertIn('instruction-level parallelism', text)
        self.assertIn('instructions per cycle', text)

    def test_hurts(self):
        self.assertEqual(self.compare('1.30 1.31 1.29 1.30 1.31 1.29')[0]['verdict'], 'hurts')

    def test_neutral(self):
        self.assertEqual(self.compare('1.00 1.01 0.99 1.00 1.01 0.99')[0]['verdict'], 'neutral')

    def test_inconclusive(self):
        self.assertEqual(self.compare('0.7 1.3 0.8 1.4 0.9 1.1')[0]['verdict'], 'inconclusive')

    def test_nothing_is_claimed(self):
        """Neither an interval nor an IPC is spoken of where it would decide nothing."""
        lacking = {'instructions': 'unavailable:no_PMU'}
        model, _ = self.compare('0.70 0.71 0.69 0.70 0.71 0.69', lacking=lacking)
        self.assertIn('The IPC', model['evidence'])
        model, _ = self.compare('0.7 1.3 0.8 1.4 0.9 1.1', lacking=lacking)
        self.assertTrue(model['evidence'].startswith('The interval is too wide to decide'))
        self.assertNotIn('IPC', model['evidence'])
        model, _ = self.compare('0.7', '-r', '3', lacking=lacking)
        self.assertEqual(model['verdict'], 'inconclusive')
        self.assertTrue(model['evidence'].startswith('There is no interval to decide by: that needs 6 rounds.'))

    def test_told(self):
        model, text = self.compare('0.51 0.52 0.50 0.51 0.52 0.50', '--pair', '0,2', '--pair', '4,6')
        self.assertTrue(model['told'])
        self.assertIn('--pair', text)
        self.assertIn('two separate cores would give', text)

    def test_check(self):
        script = self.folder / 's.fake'
        script.write_text(SCRIPT.format(one='1.00 1.01 0.99 1.00 1.01 0.99') +
                          'wall_time * * 4 0.7\n')
        env = {**SMT, 'PARSCOPE_FAKE': str(script)}
        self.succeed('smt-compare', 'counter', '--cores', '2', '--check', 'smt_effect > 1', env=env)
        self.refuse('smt-compare', 'counter', '--check', 'speedup > 1', env=env)

    def test_real(self):
        """Two CPUs said to be siblings: measured and judged, whatever comes out."""
        cpus = sorted(os.sched_getaffinity(0))
        if len(cpus) < 2:
            self.skipTest('needs two CPUs')
        path = self.folder / 'r.json'
        self.succeed('smt-compare', '--pair', f'{cpus[0]},{cpus[1]}', 'counter:n=100k:ilp=1+8', '-r',
                     '6', '-o', str(path))
        result = json.loads(path.read_text())
        self.assertEqual([m['workload_label'] for m in result['models']['smt']],
                         ['counter:n=100k:ilp=1', 'counter:n=100k:ilp=8'])
        for model in result['models']['smt']:
            self.assertIn(model['verdict'], ('helps', 'neutral', 'hurts', 'inconclusive'))

    def test_real_copies(self):
        cpus = sorted(os.sched_getaffinity(0))
        if len(cpus) < 2:
            self.skipTest('needs two CPUs')
        path = self.folder / 'r.json'
        self.succeed('smt-compare', '--pair', f'{cpus[0]},{cpus[1]}', '--copies', '-r', '6', '-o',
                     str(path), '--', 'true')
        result = json.loads(path.read_text())
        self.assertEqual([p['items'] for p in result['points']], [1, 2])
        self.assertTrue(result['models']['smt'][0]['copies'])


if __name__ == '__main__':
    main()
