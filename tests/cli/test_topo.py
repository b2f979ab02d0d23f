"""`topo` and --dry-run, on machines described by HWLOC_SYNTHETIC."""
import os
import re

from harness import TWO_PACKAGES, Case, main

SPREAD = [0, 8, 2, 10, 4, 12, 6, 14, 1, 9, 3, 11, 5, 13, 7, 15]
COMPACT = list(range(16))
DESCRIBED = {'HWLOC_SYNTHETIC': TWO_PACKAGES}


def parse_cpus(text):
    cpus = []
    for part in text.split(','):
        first, _, last = part.partition('-')
        cpus += range(int(first), int(last or first) + 1)
    return cpus


def points(text):
    """(workload, strategy, threads, placement, CPU list) of each point, folded lines joined."""
    joined = re.sub(r',\n +', ',', text)
    row = re.compile(r'(\S+) +(\S+) +threads=(\d+) +(\w+) +cpus=(\S+)')
    return [(*m[:2], int(m[2]), *m[3:]) for m in map(lambda s: row.fullmatch(s).groups(),
                                                      joined.splitlines())]


class DryRun(Case):
    def plan(self, *arguments, env=DESCRIBED):
        done = self.succeed(*arguments, '--dry-run', env=env)
        self.assertEqual(done.stderr, '')
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80)
        return points(done.stdout)

    def check_placement(self, name, order):
        found = self.plan('sweep', 'counter', '--threads', '1..16', '-p', name)
        self.assertEqual(found[0][:4], ('counter', 'sequential', 1, name))
        self.assertEqual([p[2] for p in found[1:]], list(range(1, 17)))
        for _, strategy, threads, placement, cpus in found[1:]:
            self.assertEqual((strategy, placement), ('steal', name))
            self.assertEqual(parse_cpus(cpus), order[:threads])

    def test_spread(self):
        self.check_placement('spread', SPREAD)

    def test_compact(self):
        self.check_placement('compact', COMPACT)

    def test_spread_is_the_default(self):
        self.assertEqual(self.plan('sweep', 'counter', '-t', '1..16'),
                         self.plan('sweep', 'counter', '-t', '1..16', '-p', 'spread'))

    def test_exact_text(self):
        done = self.succeed('run', 'reduce:size=10M', '-s', 'pool:schedule=dynamic,steal', '-t',
                            '2,4', '-p', 'compact', '-n', env=DESCRIBED)
        self.assertEqual(done.stdout.splitlines(), [
            'reduce:size=10M  sequential             threads=1  compact  cpus=0',
            'reduce:size=10M  pool:schedule=dynamic  threads=2  compact  cpus=0-1',
            'reduce:size=10M  pool:schedule=dynamic  threads=4  compact  cpus=0-3',
            'reduce:size=10M  steal                  threads=2  compact  cpus=0-1',
            'reduce:size=10M  steal                  threads=4  compact  cpus=0-3'])

    def test_none_is_not_pinned(self):
        self.assertEqual({p[4] for p in self.plan('run', 'counter', '-p', 'none')}, {'any'})

    def test_cpus_in_the_order_given(self):
        found = self.plan('run', 'counter', '-s', 'pool', '--cpus', '5,0-2', '-t', '4')
        self.assertEqual(parse_cpus(found[-1][4]), [5, 0, 1, 2])

    def test_more_threads_than_cpus_start_again(self):
        found = self.plan('run', 'counter', '-s', 'pool', '-p', 'compact', '-t', '18')
        self.assertEqual(found[-1][2:], (18, 'compact', '0-15,0-1'))

    def test_words_for_counts(self):
        for text, counts in (('cores', [8]), ('cpus', [16]), ('1..cores', list(range(1, 9))),
                             ('pow2', [1, 2, 4, 8, 16]), ('1..16..x2', [1, 2, 4, 8, 16]),
                             ('3..cores..+2', [3, 5, 7]), ('2,cpus,1', [1, 2, 16])):
            with self.subTest(text=text):
                found = self.plan('run', 'counter', '-s', 'pool', '-t', text)
                self.assertEqual([p[2] for p in found[1:]], counts)

    def test_sweep_default_counts(self):
        env = {'HWLOC_SYNTHETIC': 'core:6 pu:2'}
        found = self.plan('sweep', 'counter', env=env)
        self.assertEqual([p[2] for p in found[1:]], [1, 2, 4, 8, 12])

    def test_values_expand_to_points(self):
        found = self.plan('run', 'reduce:size=10..1000..x10:work=1+3', '-s', 'pool', '-t', '2')
        labels = list(dict.fromkeys(p[0] for p in found))
        self.assertEqual(labels, [f'reduce:size={size}:work={work}'
                                  for size in ('10', '100', '1k') for work in (1, 3)])

    def test_several_placements(self):
        found = self.plan('run', 'counter', '-s', 'pool', '-t', '2', '-p', 'spread,compact')
        self.assertEqual([p[3:] for p in found[1:]], [('spread', '0,8'), ('compact', '0-1')])

    def test_hybrid_machine_takes_threads_once_per_core_first(self):
        env = {'HWLOC_SYNTHETIC': 'core:4 pu:2'}
        found = self.plan('run', 'counter', '-s', 'pool', '-t', '8', env=env)
        self.assertEqual(parse_cpus(found[-1][4]), [0, 2, 4, 6, 1, 3, 5, 7])

    def test_big_machine(self):
        env = {'HWLOC_SYNTHETIC': 'pack:8 core:256 pu:2'}
        found = self.plan('sweep', 'counter', '-t', '1..cpus..x2', env=env)
        self.assertEqual(found[-1][2], 4096)
        cpus = parse_cpus(found[-1][4])
        self.assertEqual(sorted(cpus), list(range(4096)))
        self.assertEqual(len({cpu // 2 for cpu in cpus[:2048]}), 2048)

    def test_measuring_a_description_is_refused(self):
        self.refuse('run', 'counter', env=DESCRIBED, says=['HWLOC_SYNTHETIC', '--dry-run'])

    def test_left_out_strategies_are_named(self):
        done = self.succeed('run', 'tree', '-s', 'queue,steal', '-n')
        self.assertRegex(done.stderr, r"^note: queue can't run tree: .")
        self.assertNotIn('queue', done.stdout)


class Topo(Case):
    def test_described_machine(self):
        text = self.succeed('topo', env=DESCRIBED).stdout
        flat = re.sub(r'\s+', ' ', text)
        self.assertIn(TWO_PACKAGES, flat)
        self.assertIn('nothing can be measured on it', flat)
        self.assertIn('16 CPUs on 8 cores, 2 packages, ', flat)
        self.assertRegex(text, r'(?m)^3 +0 .* 6-7$')
        self.assertRegex(text, r'(?m)^4 +1 .* 8-9$')
        self.assertIn('spread   ' + ','.join(map(str, SPREAD)), text)
        self.assertIn('compact  0-15', text)
        self.assertNotIn('CPU model', text)

    def test_this_machine(self):
        text = self.succeed('topo').stdout
        cpus = sorted(os.sched_getaffinity(0))
        self.assertIn('this machine', text)
        for label in ('CPU quota', 'CPU model', 'kernel', 'usable'):
            self.assertRegex(text, rf'(?m)^{label} ')
        self.assertIn(f'{len(cpus)} of ', text)

    def test_affinity_mask_is_honoured(self):
        one = max(os.sched_getaffinity(0))
        done = self.succeed('topo', preexec_fn=lambda: os.sched_setaffinity(0, [one]))
        self.assertIn('1 CPU on 1 core', done.stdout)
        self.assertIn(f'compact  {one}\n', done.stdout)

    def test_width(self):
        for env in (DESCRIBED, {'HWLOC_SYNTHETIC': 'pack:4 core:64 pu:4'}, {}):
            text = self.succeed('topo', env=env).stdout
            self.assertLessEqual(max(map(len, text.splitlines())), 80)

    def test_bad_description(self):
        self.refuse('topo', env={'HWLOC_SYNTHETIC': 'nonsense'}, says=['HWLOC_SYNTHETIC'])
        self.refuse('topo', env={'HWLOC_XMLFILE': '/none.xml'}, says=['HWLOC_XMLFILE'])


if __name__ == '__main__':
    main()
