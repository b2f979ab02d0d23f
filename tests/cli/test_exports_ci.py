"""What CI systems read: JUnit's XML, annotations, lists of benchmarks, OpenMetrics."""
import json
import pathlib
import re
import shutil
import subprocess
import unittest
import xml.etree.ElementTree as xml

from harness import Case, main, parscope

try:
    import jsonschema
except ImportError:
    jsonschema = None

try:
    from prometheus_client.openmetrics.parser import text_string_to_metric_families
except ImportError:
    text_string_to_metric_families = None

FORMATS = pathlib.Path(__file__).parent / 'formats'
SCRIPT = '''wall_time * sequential * 1.00 1.01 0.99 1.00
wall_time * steal 1 1.00 1.01 0.99 1.00
wall_time * steal 2 0.50 0.51 0.49 0.50
wall_time * pool 2 0.55 0.75 0.52 0.95 0.51 0.45 0.85 0.65
cpu_time * * * 1
'''
POINTS = ('run', 'reduce', '-s', 'steal,pool', '-t', '2', '-r', '16')
CHECKS = ('--check', 'speedup[strategy=steal] >= 1.8', '--check', 'speedup[strategy=steal] >= 2.5',
          '--check', 'speedup[strategy=pool] >= 1.6')


class Formats(Case):
    def setUp(self):
        super().setUp()
        self.env = {**self.fake_script(SCRIPT), 'HWLOC_SYNTHETIC': 'core:4 pu:1'}

    def written(self, suffix, *arguments, status=0):
        """The file, which standard output has too where its format is asked for."""
        path = self.folder / f'r{suffix}'
        done = parscope(*arguments, '-o', str(path), env=self.env)
        self.assertEqual(done.returncode, status, done.stderr)
        return path.read_text()

    def standard(self, name, *arguments, status=0):
        done = parscope(*arguments, '--format', name, env=self.env)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout

    def validate(self, document, name):
        if jsonschema:
            jsonschema.Draft7Validator(json.loads((FORMATS / f'{name}.schema.json').read_text())).validate(document)

    def saved(self, name, factor):
        path = self.folder / f'{name}.json'
        script = re.sub(r'(steal 2) .*', rf'\1 {0.5 * factor} {0.51 * factor} {0.49 * factor}', SCRIPT)
        self.succeed('sweep', 'reduce', '-t', '1,2', '-r', '20', '-o', str(path),
                     env={**self.fake_script(script), 'HWLOC_SYNTHETIC': 'core:4 pu:1'})
        return str(path)


class JUnit(Formats):
    def suite(self, text):
        root = xml.fromstring(text)
        self.assertEqual((root.tag, [child.tag for child in root]), ('testsuites', ['testsuite']))
        suite = root[0]
        self.assertEqual(int(suite.get('tests')), len(suite))
        for word, element in (('failures', 'failure'), ('skipped', 'skipped')):
            self.assertEqual(int(suite.get(word)), len(suite.findall(f'testcase/{element}')))
        for case in suite:
            self.assertEqual(set(case.keys()), {'classname', 'name', 'time'})
        if shutil.which('xmllint'):
            done = subprocess.run(['xmllint', '--noout', '--nonet', '--schema', str(FORMATS / 'junit.xsd'), '-'], input=text,
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
        return suite

    def test_checks(self):
        suite = self.suite(self.written('.xml', *POINTS, *CHECKS, status=3))
        self.assertEqual([[child.tag for child in case] for case in suite], [['system-out'], ['failure'], ['skipped']])
        self.assertEqual(suite[1].get('name'), 'speedup[strategy=steal] >= 2.5')
        self.assertIn('steal with 2 threads', suite[1][0].get('message'))

    def test_without_checks(self):
        self.assertEqual(self.suite(self.written('.xml', *POINTS)).get('tests'), '0')

    def test_comparison(self):
        arguments = ('compare', self.saved('base', 1), self.saved('new', 1.2))
        suite = self.suite(self.written('.xml', *arguments, status=3))
        failed = {case.get('name') for case in suite if case.find('failure') is not None}
        self.assertIn('wall time of steal with 2 threads on reduce', failed)
        self.assertEqual(suite.get('tests'), '11')


class GitHub(Formats):
    def test_checks(self):
        lines = self.standard('github', *POINTS, *CHECKS, status=3).splitlines()
        self.assertTrue(all(re.match(r'::(notice|warning|error) title=[^:,]*::.', line) for line in lines), lines)
        self.assertEqual([line.split(' ')[0] for line in lines[:3]], ['::notice', '::error', '::warning'])
        self.assertIn('title=fails%3A speedup[strategy=steal] >= 2.5::', lines[1])

    def test_comparison(self):
        text = self.standard('github', 'compare', self.saved('base', 1), self.saved('new', 1.2), status=3)
        self.assertIn('::error title=wall time of steal with 2 threads on reduce::WORSE', text)
        self.assertIn('+20.0 %25', text)
        self.assertRegex(text, r'\n::notice title=parscope compare::Worse%?: ')


class Benchmarks(Formats):
    def test_github_action_benchmark(self):
        rows = json.loads(self.written('.benchmark.json', *POINTS))
        self.assertEqual([row['name'] for row in rows],
                         ['sequential with 1 thread on reduce', 'steal with 2 threads on reduce', 'pool with 2 threads on reduce'])
        self.assertEqual((rows[1]['unit'], rows[1]['value']), ('s', 0.5))
        self.assertRegex(rows[1]['range'], r'^± 0\.0')
        for row in rows:
            self.assertLessEqual(set(row), {'name', 'unit', 'value', 'range', 'extra'})
        self.validate(rows, 'customSmallerIsBetter')

    def test_bencher(self):
        names = json.loads(self.written('.bmf.json', *POINTS))
        steal = names['steal with 2 threads on reduce']
        self.assertEqual(steal['latency']['value'], 0.5e9)
        self.assertLessEqual(steal['latency']['lower_value'], 0.5e9)
        self.assertEqual(steal['speedup']['value'], 2)
        for measures in names.values():
            for slug, metric in measures.items():
                self.assertRegex(slug, r'^[a-z-]+$')
                self.assertIsInstance(metric['value'], float)
        self.validate(names, 'bmf')

    def test_placements_have_names_of_their_own(self):
        names = json.loads(self.written('.bmf.json', *POINTS, '-p', 'spread,compact'))
        self.assertIn('steal with 2 threads on reduce, compact', names)


class OpenMetrics(Formats):
    def test_text(self):
        text = self.written('.prom', *POINTS)
        self.assertTrue(text.endswith('\n# EOF\n'))
        self.assertIn('# TYPE parscope_wall_time_seconds gauge\n# UNIT parscope_wall_time_seconds seconds\n', text)
        self.assertIn('parscope_wall_time_seconds{workload="reduce",strategy="steal",threads="2",placement="spread",'
                      'estimate="median"} 0.5\n', text)

    def test_labels_are_escaped(self):
        env = {**self.fake_script('wall_time * * * 1\n'), 'HWLOC_SYNTHETIC': 'core:4 pu:1'}
        text = self.succeed('run', '-r', '6', '--format', 'openmetrics', '-c', r'''true 'a"b\c' ''', env=env).stdout
        self.assertRegex(text, r'workload="true [^\n]*a\\"b\\\\c')

    @unittest.skipIf(text_string_to_metric_families is None, 'python3-prometheus-client is not installed')
    def test_parser(self):
        families = {f.name: f for f in text_string_to_metric_families(self.written('.prom', *POINTS))}
        wall = families['parscope_wall_time_seconds']
        self.assertEqual((wall.type, wall.unit), ('gauge', 'seconds'))
        self.assertEqual({s.value for s in wall.samples if s.labels['estimate'] == 'median' and s.labels['strategy'] == 'steal'},
                         {0.5})
        self.assertEqual(families['parscope_speedup_ratio'].unit, 'ratio')

    @unittest.skipIf(shutil.which('promtool') is None, 'promtool is not installed')
    def test_promtool(self):
        """Prometheus' own reader, which has the older text format, where the end is a comment."""
        done = subprocess.run(['promtool', 'check', 'metrics'], input=self.written('.prom', *POINTS), capture_output=True,
                              text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ''))


class Refused(Formats):
    def test_what_has_no_such_format(self):
        self.refuse('overhead', '--format', 'junit', says=["can't be written as junit"])
        self.refuse('compare', 'a.json', 'b.json', '--format', 'bmf', says=["can't be written as bmf"])


if __name__ == '__main__':
    main()
