"""Regions that a program marks itself (parscope/region.h), with the times that it took itself as the truth."""
import json
import os
import re
import shutil
import subprocess
import sys

from harness import ROOT, Case, in_one_of, main, measures_time
from test_exports import OBSERVE, Observed, spans

REGIONS = os.environ['REGIONS']
PAGE = ROOT / 'docs' / 'design' / 'diagnosis.md'
USE = """
def work():
    regions = Regions()
    for _ in range(5):
        regions.begin('outer')
        regions.begin('inner')
        time.sleep(0.02)
        regions.end()
        regions.end()

threads = [threading.Thread(target=work) for _ in range(2)]
for t in threads:
    t.start()
for t in threads:
    t.join()
"""


@measures_time
class Nested(Observed):
    def measure(self, *options):
        """An execution that others disturb is not part of the result, but says its times all the same."""
        for _ in range(5):
            truth = self.folder / 'truth'
            truth.unlink(missing_ok=True)
            seen, done = self.diagnoses('run', *OBSERVE, '-v', '-t', '2', '--diagnose', *options,
                                        '--', REGIONS, str(truth))
            rows = [[float(x) for x in line.split()] for line in truth.read_text().splitlines()]
            if len(rows) == 4 * seen[0]['executions']:
                return seen[0], rows, done
        self.skipTest('others took CPUs in each of five measurements')

    @in_one_of(3)
    def test_times_are_those_that_the_program_took(self):
        d, rows, done = self.measure()
        self.assertEqual(d['regions_lost'], 0)
        regions = {r['name']: r for r in d['regions']}
        self.assertEqual(set(regions), {'outer', 'inner'})
        for name, column in ('outer', 1), ('inner', 2):
            r, truth = regions[name], sum(row[column] for row in rows) / d['executions']
            self.assertAlmostEqual(r['time'] / truth, 1, delta=0.01, msg=name)
            self.assertEqual(r['entries'], 160)
            self.assertLess(r['cpu_time'], r['time'])
            self.assertAlmostEqual(r['concurrency'], r['cpu_time'] / r['wall_time'])
            self.assertAlmostEqual(r['cpu_time'] + r['runnable'] + r['blocked'], r['time'], delta=0.02 * r['time'])
        # All of the sleep is in the inner one: 160 of 4 ms.
        self.assertGreaterEqual(regions['inner']['blocked'], 0.98 * 0.64)
        self.assertGreater(regions['inner']['waits']['sleep'], 0.9 * regions['inner']['blocked'])
        self.assertGreater(regions['outer']['cpu_time'], regions['inner']['cpu_time'])
        cpu = sum(row[3] for row in rows) / d['executions']
        self.assertAlmostEqual(regions['outer']['cpu_time'] / cpu, 1, delta=0.03)
        self.assertRegex(done.stdout, r'outer +160 ')
        self.assertIn('sleep', done.stdout)
        # Places in the code say in which one they are.
        sleeps = [row['place'] for row in d['losses'] if row['kind'] == 'sleep']
        self.assertEqual(sleeps[0]['region'], 'inner')
        self.assertRegex(done.stdout, r'called from work[.\w()]*( \(regions\.c:\d+\))?,( called from [^,]+,)? +in +region +inner')

    def test_threads_and_modules_have_the_cpu_time(self):
        d, _, _ = self.measure()
        self.assertEqual([(t['name'], t['count']) for t in d['threads']], [('regions', 5)])
        self.assertAlmostEqual(d['threads'][0]['cpu_time'], d['cpu_time'], delta=0.01 * d['cpu_time'])
        self.assertAlmostEqual(sum(m['cpu_time'] for m in d['modules']), d['sampled'])
        self.assertIn('regions', [m['name'] for m in d['modules']])

    def test_a_saved_result_has_them(self):
        d, _, done = self.measure()
        again = self.folder / 'again.json'
        told = self.succeed('report', '-v', str(self.json), '-o', str(again))
        self.assertEqual(json.loads(again.read_text())['points'][0]['diagnosis'], d)
        self.assertEqual(told.stdout, done.stdout)

    @in_one_of(3)
    def test_slices_of_each_thread_sum_to_its_cpu_time(self):
        path = self.folder / 't.json'
        _, rows, _ = self.measure('--timeline', str(path))
        running = {}
        for e in spans(json.loads(path.read_text()), 'running'):
            running[e['tid']] = running.get(e['tid'], 0) + e['dur'] * 1e-6
        for tid, _, _, cpu in rows[:4]:
            self.assertAlmostEqual(running[tid], cpu, delta=0.005 * cpu + 0.001)

    @in_one_of(3)
    def test_the_example_in_python(self):
        example = re.search(r'<!-- region.py -->\n```python\n(.*?)```', PAGE.read_text(), re.S)[1]
        program = self.folder / 'region.py'
        program.write_text(example + USE)
        seen, _ = self.diagnoses('run', *OBSERVE, '--diagnose', '--', sys.executable, str(program))
        self.assertEqual({r['name']: r['entries'] for r in seen[0]['regions']}, {'outer': 10, 'inner': 10})
        self.assertEqual(seen[0]['regions_lost'], 0)
        for r in seen[0]['regions']:
            self.assertGreaterEqual(r['time'], 10 * 0.02)
            self.assertGreater(r['waits']['sleep'] if 'sleep' in r['waits'] else r['blocked'], 0.15)

    def test_nobody_observes_nothing_happens(self):
        truth = self.folder / 'truth'
        self.succeed('run', *OBSERVE, '--', REGIONS, str(truth), env={'PARSCOPE_REGIONS': '/dev/null'})
        self.assertEqual(truth.read_text(), '')


class Header(Case):
    def test_compiles_in_both_languages(self):
        """Twice in one program, without a warning, and without a library."""
        use = '#include <parscope/region.h>\n{} {{ parscope_region_begin("a"); parscope_region_end("a"); }}\n'
        for compiler, suffix in ('cc', 'c'), ('c++', 'cc'), ('clang', 'c'), ('clang++', 'cc'):
            if not shutil.which(compiler):
                continue
            with self.subTest(compiler=compiler):
                one, two = self.folder / f'one.{suffix}', self.folder / f'two.{suffix}'
                one.write_text(use.format('void other(void); void other(void)'))
                two.write_text(use.format('void other(void); int main(void)').replace('); }', '); other(); }'))
                subprocess.run([compiler, '-O2', '-Wall', '-Wextra', '-Werror', '-pedantic', f'-I{ROOT / "include"}',
                                one, two, '-o', self.folder / 'program'], check=True)
                subprocess.run([self.folder / 'program'], check=False, timeout=10)


if __name__ == '__main__':
    main()
