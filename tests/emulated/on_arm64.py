"""On arm64: a real PMU driver in front of an emulated PMU, which counts every instruction."""
from statistics import median_low

from case import FOREVER, ONE_GHZ, Guest

RUN = f'parscope run -q --format json {FOREVER}'
SEQUENTIAL = '-s sequential'
N = 1000000
LONG = 40000000         # for events that take turns every 4 ms
MANY = ['r08', 'r11', 'INST_RETIRED', 'CPU_CYCLES', 'r08:u', 'r11:u', 'instructions:u', 'cycles:u']
PER_ITEM = 10 / 8       # counter: eight additions, a subtraction and a branch
LOOP_START = 100        # instructions of `loop` besides its loop, with a few digits
COUNTER_START = 1000    # of an execution of counter besides its loops
SHELL_START = 500000    # of a shell that starts two processes and waits
SHELL_VARIES = 5000     # which of them ends first
KERNEL_SHARE = 50000    # of the kernel, in an execution of one or two million


class ExactCounts(Guest):
    """One CPU: the instruction counter is exact."""
    arguments = ['-cpu', 'cortex-a57', '-smp', '1'] + ONE_GHZ
    commands = {
        'loop': f'{RUN} -r 5 -e instructions:u -- loop {N}',
        'loop-twice': f'{RUN} -r 5 -e instructions:u -- loop {2 * N}',
        'tree': f"{RUN} -r 5 -e instructions:u -- sh -c 'loop {N} & loop {N} & wait'",
        'tree-twice': f"{RUN} -r 5 -e instructions:u -- sh -c 'loop {2 * N} & loop {2 * N} & wait'",
        'counter': f'{RUN} -r 7 {SEQUENTIAL} -e instructions:u counter:n={N}',
        'counter-twice': f'{RUN} -r 7 {SEQUENTIAL} -e instructions:u counter:n={2 * N}',
        'group': f"{RUN} -r 3 {SEQUENTIAL} -e '{{r08,r11}}' -e INST_RETIRED counter:n={N}",
        'many': f'{RUN} -r 4 {SEQUENTIAL} -e {",".join(MANY)} counter:n={LONG}',
        'many-program': f'{RUN} -r 4 -e {",".join(MANY)} -- loop {LONG}',
        'split': f"{RUN} -r 4 {SEQUENTIAL} -e '{{{','.join(MANY)}}}' counter:n={LONG}",
        'user': f'{RUN} -r 7 {SEQUENTIAL} -u -e r08 counter:n={N}',
        'user-program': f'{RUN} -r 3 -u -- loop {N}',
        'kernel': f'{RUN} -r 7 {SEQUENTIAL} -k -e r08 counter:n={N}',
        'group-program': f"{RUN} -r 3 -e '{{r08:u,instructions:u}}' -- loop {N}",
    }

    def test_loop(self):
        for name, turns in ('loop', N), ('loop-twice', 2 * N):
            for sample in self.samples(name, 'instructions:u'):
                self.assertGreater(sample, 2 * turns)
                self.assertLess(sample, 2 * turns + LOOP_START)

    def test_loop_with_the_kernel(self):
        for sample in self.samples('loop', 'instructions'):
            self.assertGreater(sample, 2 * N)
            self.assertLess(sample, 2 * N + 2 * KERNEL_SHARE)

    def test_loop_twice_as_long(self):
        once, twice = (self.samples(name, 'instructions:u') for name in ('loop', 'loop-twice'))
        self.assertEqual({b - a for a in once for b in twice}, {2 * N})

    def test_process_tree(self):
        """What the children of the program count is the program's."""
        for sample in self.samples('tree', 'instructions:u'):
            self.assertGreater(sample, 4 * N)
            self.assertLess(sample, 4 * N + SHELL_START)
        once, twice = (min(self.samples(name, 'instructions:u')) for name in ('tree', 'tree-twice'))
        self.assertAlmostEqual(twice - once, 4 * N, delta=SHELL_VARIES)

    def test_counter(self):
        """User code alone, as the tick of the kernel's clock is in some rounds."""
        for name, items in ('counter', N), ('counter-twice', 2 * N):
            for sample in self.samples(name, 'instructions:u'):
                self.assertGreater(sample, PER_ITEM * items)
                self.assertLess(sample, PER_ITEM * items + COUNTER_START)

    def test_counter_twice_as_long(self):
        once, twice = (median_low(self.samples(name, 'instructions:u'))
                       for name in ('counter', 'counter-twice'))
        self.assertAlmostEqual(twice - once, PER_ITEM * N, delta=LOOP_START)

    def test_counter_with_the_kernel(self):
        for sample in self.samples('counter', 'instructions'):
            self.assertGreater(sample, PER_ITEM * N)
            self.assertLess(sample, PER_ITEM * N + KERNEL_SHARE)

    def test_one_cycle_an_instruction(self):
        metrics = self.point('counter')['metrics']
        self.assertAlmostEqual(metrics['ipc']['value'], 1, delta=1e-3)
        self.assertAlmostEqual(metrics['frequency']['value'], 1e9, delta=2e7)

    def test_group(self):
        """Cycles and instructions are the same here, counted at the same time by raw codes."""
        for seen, expected in zip(self.counted('group', 'r08'), self.counted('group', 'r11')):
            self.assertAlmostEqual(seen, expected, delta=LOOP_START)
        for sample in self.counted('group', 'INST_RETIRED'):
            self.assertAlmostEqual(sample, PER_ITEM * N, delta=KERNEL_SHARE)

    def assert_multiplexed(self, name, expected):
        """Ten events on seven counters: what took turns is scaled and says so, nothing is lost."""
        metrics = self.point(name)['metrics']
        for event in MANY:
            metric = metrics[event]
            self.assertIn(metric['quality'], ('exact', 'multiplexed'), (event, metric))
            self.assertLess(abs(metric['value'] / expected - 1), 0.02, (event, metric))
        scaled = [metrics[event] for event in MANY if metrics[event]['quality'] == 'multiplexed']
        self.assertGreaterEqual(len(scaled), 3)
        for metric in scaled:
            self.assertRegex(metric['reason'], r'counted [\d.]+ % of the time')

    def test_multiplexed(self):
        self.assert_multiplexed('many', PER_ITEM * LONG)

    def test_multiplexed_program(self):
        self.assert_multiplexed('many-program', 2 * LONG)

    def test_group_that_does_not_fit(self):
        self.assert_multiplexed('split', PER_ITEM * LONG)

    def level(self, name):
        """Samples of instructions, which are of one level; the clock is the probe's then."""
        metrics = self.point(name)['metrics']
        for event in 'cycles', 'instructions', 'r08':
            self.assertEqual(metrics[event]['quality'], f'{name}-only', metrics[event])
        self.assertEqual(metrics['frequency']['quality'], 'estimated', metrics['frequency'])
        self.assertAlmostEqual(metrics['frequency']['value'], 1e9, delta=1e8)
        self.assertNotIn('clock-fell', [f['id'] for f in self.report(name)['findings']])
        return self.counted(name, 'r08')

    def test_user_alone(self):
        for sample in self.level('user'):
            self.assertGreater(sample, PER_ITEM * N)
            self.assertLess(sample, PER_ITEM * N + COUNTER_START)

    def test_clock_of_a_program(self):
        """Time in the kernel must not look like a lower clock."""
        metrics = self.point('user-program')['metrics']
        self.assertEqual(metrics['cycles']['quality'], 'user-only')
        self.assert_unavailable(metrics['frequency'], '--user')

    def test_kernel_alone(self):
        for sample in self.level('kernel'):
            self.assertGreater(sample, 0)
            self.assertLess(sample, KERNEL_SHARE)

    def test_group_of_a_program(self):
        samples = self.point('group-program')['samples']
        self.assertEqual(samples['r08:u'], samples['instructions:u'])


class Siblings(Guest):
    """Four cores of two hardware threads."""
    arguments = ['-cpu', 'cortex-a57', '-smp', '8,sockets=1,cores=4,threads=2'] + ONE_GHZ
    dry = 'parscope run -n -s steal counter'
    commands = {
        'topo': 'parscope topo',
        'spread': f'{dry} --placement spread -t 4',
        'compact': f'{dry} --placement compact -t 4',
        'spread-all': f'{dry} --placement spread -t 8',
        'compact-all': f'{dry} --placement compact -t 8',
        'smt': f'parscope smt-compare counter:n=200k -r 6 -q --format json {FOREVER}',
        'smt-pair': f'parscope smt-compare counter:n=200k,chase:size=64Ki:steps=100 -r 6 --cores 1 -q '
                    f'--format json {FOREVER}',
        'smt-copies': f'parscope smt-compare --copies -r 6 -q --format json {FOREVER} '
                      f'-- loop 100000',
        'tree': f"{RUN} -r 3 -e instructions:u -- sh -c 'loop {N} & loop {N} & wait'",
    }

    def cpus(self, name):
        return self.succeed(name).split('cpus=')[-1].strip()

    def test_topo(self):
        text = self.succeed('topo')
        self.assertIn('8 CPUs on 4 cores, 1 package', text)
        for core, cpus in enumerate(('0-1', '2-3', '4-5', '6-7')):
            self.assertRegex(text, rf'(?m)^{core} .* {cpus}$')

    def test_spread(self):
        self.assertEqual(self.cpus('spread'), '0,2,4,6')
        self.assertEqual(self.cpus('spread-all'), '0,2,4,6,1,3,5,7')

    def test_compact(self):
        self.assertEqual(self.cpus('compact'), '0-3')
        self.assertEqual(self.cpus('compact-all'), '0-7')

    def placements(self, name):
        return [(p['placement'], p['cpus']) for p in self.report(name)['points']]

    def test_smt_compare(self):
        self.assertEqual(self.placements('smt'), [
            ('one-per-core', [0, 2, 4, 6]), ('packed', [0, 1, 2, 3]),
            ('two-per-core', [0, 2, 4, 6, 1, 3, 5, 7])])
        report = self.report('smt')
        for point in report['points']:
            self.assertEqual(len(point['samples']['wall_time']), 6)
        (model,) = report['models']['smt']
        self.assertEqual(model['cores'], 4)
        self.assertFalse(model['told'])
        self.assertIn(model['verdict'], ('helps', 'neutral', 'hurts', 'inconclusive'))

    def test_smt_compare_on_one_core(self):
        self.assertEqual(self.placements('smt-pair'),
                         2 * [('one-per-core', [0]), ('two-per-core', [0, 1])])
        self.assertEqual(len(self.report('smt-pair')['models']['smt']), 2)

    def test_smt_compare_by_copies(self):
        self.assertEqual(self.placements('smt-copies'), [
            ('one-per-core', [0, 2, 4, 6]), ('two-per-core', [0, 2, 4, 6, 1, 3, 5, 7])])
        self.assertTrue(self.report('smt-copies')['models']['smt'][0]['copies'])

    def test_process_tree(self):
        """Children on several CPUs; the emulated counter is right only with one that is busy."""
        for sample in self.samples('tree', 'instructions:u'):
            self.assertGreater(sample, 4 * N)


class PartialPmu(Guest):
    """Without -icount the PMU counts cycles and has no instructions; the raw event reads 0."""
    arguments = ['-cpu', 'cortex-a57', '-smp', '2']
    absent = "this CPU's PMU does not have the event"
    zero = 'it reads 0 although the thread ran'
    commands = {
        'counter': f'{RUN} -r 3 {SEQUENTIAL} -e r08,INST_RETIRED counter:n={N}',
        'loop': f'{RUN} -r 3 -e r08 -- loop {N}',
        'events': 'parscope list events',
    }

    def test_cycles(self):
        for name in 'counter', 'loop':
            self.assertGreater(min(self.samples(name, 'cycles')), 0)

    def test_missing(self):
        for name in 'counter', 'loop':
            metrics = self.point(name)['metrics']
            self.assert_unavailable(metrics['instructions'], self.absent)
            self.assert_unavailable(metrics['ipc'], self.absent)

    def test_finding(self):
        (finding,) = [f for f in self.report('counter')['findings'] if f['id'] == 'counters-missing']
        self.assertIn('No instructions', finding['text'])
        self.assertIn(self.absent, finding['text'])
        self.assertNotIn('estimated', finding['text'])

    def test_always_zero(self):
        for name in 'r08', 'INST_RETIRED':
            self.assert_unavailable(self.point('counter')['metrics'][name], self.zero)
        self.assert_unavailable(self.point('loop')['metrics']['r08'], self.zero)

    def test_list(self):
        text = self.succeed('events')
        self.assertRegex(text, r'(?m)^  instructions \(not on this machine\)')
        self.assertRegex(text, r'(?m)^  cycles  ')


class NoPmu(Guest):
    """A clock of one instruction a nanosecond, seen by the chains of the frequency probe."""
    arguments = ['-cpu', 'cortex-a57,pmu=off', '-smp', '1'] + ONE_GHZ
    commands = {'counter': f'{RUN} -r 6 {SEQUENTIAL} counter:n={N}'}

    def test_missing(self):
        metrics = self.point('counter')['metrics']
        for name in 'instructions', 'ipc':
            self.assert_unavailable(metrics[name], 'no PMU')

    def test_estimate(self):
        """The loop of a chain is a sixteenth of it."""
        metrics = self.point('counter')['metrics']
        for name in 'frequency', 'cycles', 'cycles_per_item':
            self.assertEqual(metrics[name]['quality'], 'estimated', metrics[name])
        self.assertGreater(metrics['frequency']['value'], 0.9e9)
        self.assertLess(metrics['frequency']['value'], 1.02e9)


class Permissions(Guest):
    """Debian's kernel has perf_event_paranoid 3, which others don't enforce."""
    arguments = ['-cpu', 'cortex-a57', '-smp', '1'] + ONE_GHZ
    call = RUN.split(' ', 1)[1] + f' -r 3 {SEQUENTIAL} counter:n={N}'
    commands = {
        f'{who}-{level}': f'echo {level} >/proc/sys/kernel/perf_event_paranoid\n{start} {call}'
        for level, call in ((3, call), (2, call), (1, call)) for who, start in (
            ('root', 'parscope'), ('nobody', 'start-stop-daemon -S -c nobody -x /bin/parscope --'))}

    def test_root(self):
        for level in (3, 2, 1):
            self.assertGreaterEqual(min(self.samples(f'root-{level}', 'instructions')), PER_ITEM * N)

    def test_3(self):
        """Nothing is counted, each number says why, and all else works."""
        point = self.point('nobody-3')
        for name in 'instructions', 'ipc', 'page_faults':
            self.assert_unavailable(point['metrics'][name], 'perf_event_paranoid 3 forbids it')
        for name in 'wall_time', 'cpu_time', 'throughput':
            self.assertEqual(point['metrics'][name]['quality'], 'exact')
        self.assertEqual(point['metrics']['cycles']['quality'], 'estimated')

    def test_2(self):
        """User code alone: exact to a few instructions, as the kernel's tick is left out."""
        point = self.point('nobody-2')
        (event,) = [c for c in self.report('nobody-2')['host']['counters']
                    if c['name'] == 'instructions']
        self.assertIn('with perf_event_paranoid 2 this user', event['reason'])
        self.assertLess(max(self.counted('nobody-2', 'instructions')), PER_ITEM * N + COUNTER_START)
        self.assert_unavailable(point['metrics']['context_switches'], 'perf_event_paranoid 2')

    def test_1(self):
        self.assertGreaterEqual(min(self.samples('nobody-1', 'instructions')), PER_ITEM * N)
