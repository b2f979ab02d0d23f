"""A result of many rounds keeps the samples that others don't follow from: its report is the same, and its file small."""
import json

from harness import Case, main

KEPT = {'wall_time', 'cpu_time', 'cycles', 'instructions', 'counting_overhead', 'busy_time', 'region_time',
        'load_balance', 'cycle_speedup', 'page_faults'}
SCRIPT = '''wall_time * sequential * 1.00 1.01 0.99 1.02 0.98
wall_time * * 1 1.01 1.02 0.99 1.00
wall_time * * 2 0.50 0.51 0.49 0.52 0.48 0.53 0.5
cpu_time * * * 0.97 1.01
busy_time * * * 0.9 0.95
max_busy_time * * * 0.45
region_time * * * 0.4 0.41
cycles * * * 2000000000 2100000000
instructions * * * 5000000000 4000000000
page_faults * * * 0 1 2
'''
MACHINE = {'HWLOC_SYNTHETIC': 'core:4 pu:1'}


class Long(Case):
    def measured(self, name, rounds, *arguments):
        """What was printed, and the document."""
        path = self.folder / f'{name}.json'
        env = {**self.fake_script(SCRIPT), **MACHINE}
        done = self.succeed('sweep', 'reduce', '-s', 'pool', '-t', '1,2', '-r', str(rounds), *arguments, '-o', str(path), env=env)
        return done.stdout, json.loads(path.read_text())

    def test_what_follows_is_left_out(self):
        long = self.measured('long', 6700)[1]['points'][2]
        short = self.measured('short', 6600)[1]['points'][2]
        self.assertEqual(set(long['samples']), KEPT)
        self.assertEqual(set(long['metrics']), set(short['metrics']))
        for id in KEPT:
            self.assertEqual(long['samples'][id][:6600], short['samples'][id])
        told = {id for id, m in short['metrics'].items() if m['value'] is not None}
        self.assertEqual(set(short['samples']), told)

    def test_the_report_is_the_same(self):
        for more in (), ('-v',), ('-p', 'spread', '--check', 'speedup[threads=2] > 1.5'):
            text, _ = self.measured('r', 6700, *more)
            options = ('-v',) if '-v' in more else ()
            self.assertEqual(self.succeed('report', *options, str(self.folder / 'r.json')).stdout, text)

    def test_pairs_are_compared_all_the_same(self):
        """By the changes of single rounds, where the result keeps no speedups."""
        told = {}
        for rounds in 300, 6000:
            path = self.folder / 'c.json'
            env = {**self.fake_script(SCRIPT.replace('sequential *', '* *')), **MACHINE}
            self.succeed('compare', '-c', 'true {threads}', '-c', 'false {threads}', '-t', '1,2', '-r', str(rounds),
                         '--metric', 'cpu_time', '--metric', 'speedup', '--metric', 'parallel_efficiency', '-o', str(path), env=env)
            told[rounds] = [(r['metric'], r['threads'], r['verdict'], r['change']['value'])
                            for r in json.loads(path.read_text())['rows']]
        self.assertEqual(told[300], told[6000])
        self.assertIn(('speedup', 2, 'same', 1), told[6000])


if __name__ == '__main__':
    main()
