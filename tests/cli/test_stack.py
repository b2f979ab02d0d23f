"""The efficiency stack: factors multiply and lost cores sum, in every round, over them, and as printed."""
import json
import math
import re

from harness import HERE, Case, in_one_of, main

MACHINE = 'core:4 pu:2'
SPLIT = ('instruction_scaling', 'ipc_scaling', 'cycles_scaling', 'frequency_scaling')
FEW_ITEMS = ('amdahl:work=20k:tasks=20', 'imbalance:work=20k:items=10', 'wait:n=4:time=200us', 'reduce:size=20')
WORKLOADS = ('amdahl:work=400k', 'imbalance:work=400k', 'wait:n=4:time=200us', 'reduce:size=1k')


def cpus(point):
    return point['metrics']['speedup']['value'] / point['metrics']['efficiency']['value']


def known(values, *ids):
    return [values[id] for id in ids if values.get(id) is not None]


def losses(values):
    return sum(v for id, v in values.items() if id.startswith('lost_cores_') and v is not None)


class Stack(Case):
    def near(self, a, b, what):
        self.assertTrue(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9), f'{a} != {b}: {what}')

    def adds_up(self, values, p, what):
        e, pe, cs, r = (values[id] for id in ('stack_efficiency', 'parallel_efficiency',
                                              'computation_scaling', 'reference_busy'))
        self.near(e, pe * cs / r, what)
        self.near(losses(values), p - p * e, what)
        if values.get('frequency_scaling') is not None:
            self.near(cs, math.prod(known(values, *SPLIT)), what)

    def point_adds_up(self, point):
        what = (point['workload_label'], point['strategy_label'], point['threads'])
        p = cpus(point)
        self.adds_up({id: m['value'] for id, m in point['metrics'].items()}, p, what)
        rounds = 0
        for r in range(point['rounds']):
            values = {id: samples[r] for id, samples in point['samples'].items()}
            if values['stack_efficiency'] is not None:
                self.near(values['stack_efficiency'], values['speedup'] / p, what)
                self.adds_up(values, p, what)
                rounds += 1
        self.assertGreater(rounds, 0)

    def result(self, *arguments, env=None):
        path = self.folder / 'r.json'
        text = self.succeed(arguments[0], '-v', '-o', str(path), *arguments[1:], env=env).stdout
        return json.loads(path.read_text()), text

    def printed_losses_sum(self, text):
        """Of each grid with the column of their sum; the columns may go on in further grids."""
        sums, rest, heads, key, losses = {}, {}, [], 0, False
        for line in text.splitlines():
            if re.match(r'^\S+ — ', line):
                key += 1
            cells = re.split(r'  +', line.strip())
            if cells[0] in ('strategy', 'threads'):
                heads = cells
                losses |= 'cores' in heads
            elif line.startswith('Where the cores went'):
                losses = False
            elif not line.strip():
                heads = []
            elif losses and heads:
                row = (key, *cells[:2])
                numbers = [float(c.strip('~')) for c in cells[2:]]
                if 'cores' in heads:
                    sums[row], numbers = numbers[0], numbers[1:]
                rest[row] = rest.get(row, 0) + sum(numbers)
        self.assertTrue(sums)
        for row, total in sums.items():
            self.assertAlmostEqual(total, rest[row], places=9, msg=row)

    @in_one_of(3)
    def test_measured_rounds_add_up(self):
        names = self.succeed('list', 'strategies', '--names').stdout.split()
        names.remove('spawn-op')  # starts a thread for each item
        points = []
        for workloads, strategies in (WORKLOADS, names), (FEW_ITEMS, ['spawn-op']):
            result, text = self.result('run', *workloads, '-s', ','.join(strategies), '-t', '2', '-r', '7')
            self.printed_losses_sum(text)
            points += result['points']
        checked = 0
        for point in points:
            metrics = point['metrics']
            if 'stack_efficiency' not in metrics:
                self.assertTrue(point['baseline'] or point['strategy'] in ('handoff', 'event-loop'))
                continue
            # Who is driven off its CPU while it spins may have no CPU time that is known.
            if point['load']['status'] == 'disturbed' and metrics['parallel_efficiency']['low'] is None:
                continue
            self.point_adds_up(point)
            self.assertIsNotNone(metrics['parallel_efficiency']['low'])
            checked += 1
        self.assertGreater(checked, len(WORKLOADS))

    def test_programs_add_up(self):
        result, _ = self.result('sweep', '-t', '1,2', '-r', '6', '--', 'sh', '-c', ': {threads}')
        point = result['points'][-1]
        self.point_adds_up(point)
        self.assertEqual(point['metrics']['parallel_efficiency']['quality'], 'estimated')
        self.assertIn('spinning while waiting', point['metrics']['lost_cores_waiting']['reason'])
        for id in ('lost_cores_serial', 'lost_cores_imbalance', 'lost_cores_runtime'):
            self.assertEqual(point['metrics'][id]['quality'], 'unavailable')

    def scripted(self):
        golden = HERE / 'golden' / 'stack.fake'
        return self.result('sweep', 'imbalance', 'amdahl', 'wait', '-t', '2,4', '-r', '8', '-s', 'pool',
                           env={'PARSCOPE_FAKE': str(golden), 'HWLOC_SYNTHETIC': MACHINE})

    def test_printed_losses_sum(self):
        result, text = self.scripted()
        for point in result['points']:
            if 'stack_efficiency' in point['metrics']:
                self.point_adds_up(point)
        self.printed_losses_sum(text)

    def test_known_truths(self):
        """What follows from a skew of 3 on 2 threads, and from a serial fraction of a tenth on 4."""
        result, _ = self.scripted()
        found = {(p['workload'], p['threads']): p['metrics'] for p in result['points']
                 if not p['baseline']}
        balance = found['imbalance', 2]['load_balance']['value']
        serial = found['amdahl', 4]['lost_cores_serial']['value']
        self.assertLess(abs(balance / (4 / (2 * (1 + 2 * 0.75))) - 1), 0.02)
        self.assertLess(abs(serial / (3 * 0.1 / (0.1 + 0.9 / 4)) - 1), 0.02)

    def test_finding_names_the_largest_loss(self):
        result, _ = self.scripted()
        texts = [f['text'] for f in result['findings'] if f['id'] == 'largest-loss']
        self.assertEqual(len(texts), 2)
        self.assertIn('1.05 to waiting for the slowest worker', texts[0])
        self.assertIn('lost 0.92 of 4 cores to parts where only one thread has work', texts[1])

    def test_a_clock_of_the_disturbed_round_alone(self):
        """The other six make the estimates, and have no clock that would divide their CPU time."""
        path = self.folder / 's.fake'
        path.write_text('wall_time * * 1 1\nwall_time * * 2 0.6 0.61 0.62 0.63 0.62 0.61 0.6\n'
                        'cpu_time * * 1 1\ncpu_time * * 2 1.1\n'
                        'others_time * * * 0\nothers_time * pool 2 0 0 0 0.1 0 0 0\nfrequency * * * 3e9\n'
                        'frequency * pool 2 ' + 3 * 'unavailable:no_probe ' + '2.9e9' + 3 * ' unavailable:no_probe')
        result, _ = self.result('run', 'counter', '-s', 'pool', '-t', '2', '-r', '7',
                                env={'PARSCOPE_FAKE': str(path), 'HWLOC_SYNTHETIC': MACHINE})
        point = next(p for p in result['points'] if not p['baseline'])
        self.assertEqual(point['load']['status'], 'clean-rounds')
        self.assertEqual(point['metrics']['lost_cores_frequency']['quality'], 'unavailable')
        self.assertIsNotNone(point['metrics']['lost_cores_computation']['value'])
        self.point_adds_up(point)

    def find(self, script, *arguments):
        path = self.folder / 's.fake'
        path.write_text(script)
        result, _ = self.result('run', *arguments, '-r', '9',
                                env={'PARSCOPE_FAKE': str(path), 'HWLOC_SYNTHETIC': MACHINE})
        return {f['id'] for f in result['findings']}

    def test_confounders_are_named(self):
        times = 'wall_time * * 1 1\nwall_time * * 2 0.5\n'
        quiet = self.find(times, 'counter', '-s', 'pool', '-t', '2')
        self.assertFalse(quiet & {'clock-fell', 'cpu-taken', 'migrations', 'largest-loss'})
        loud = self.find(times + 'frequency * * * 3e9 3e9 3e9 2.9e9 2.8e9 2.7e9 2.6e9 2.6e9 2.6e9\n'
                         'cpu_time * * 1 0.9\nvoluntary_switches * * 1 0\nmigrations * * 2 400\n',
                         'counter', '-s', 'pool', '-t', '2')
        self.assertLessEqual({'clock-fell', 'cpu-taken', 'migrations'}, loud)

    def test_checks(self):
        env = {'PARSCOPE_FAKE': str(HERE / 'golden' / 'stack.fake'), 'HWLOC_SYNTHETIC': MACHINE}
        text = self.succeed('sweep', 'amdahl', '-t', '2,4', '-r', '8', '-s', 'pool', '--check',
                            'lost_cores_serial < 1', env=env).stdout
        self.assertIn('holds: lost_cores_serial < 1', text)


if __name__ == '__main__':
    main()
