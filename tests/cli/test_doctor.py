"""doctor: every line, as text and JSON; --require; --watch. topo --probe: answers, checks, JSON."""
import json
import os
import re
import signal
import subprocess
import unittest

from harness import HAVE_HTML, PARSCOPE, ROOT, Case, environment, sanitized, main, parscope

try:
    import jsonschema
except ImportError:
    jsonschema = None

CPUS = sorted(os.sched_getaffinity(0))
LINES = parscope('list', 'doctor', '--names').stdout.split()
DESCRIBED = {'HWLOC_SYNTHETIC': 'core:4 pu:2'}
ANSWERS = ['inconclusive', 'no evidence of sharing', 'share a core', 'take turns on one CPU']


class Documents(Case):
    def document(self, schema, *arguments, **more):
        path = self.folder / 'out.json'
        done = self.succeed(*arguments, '-o', str(path), **more)
        document = json.loads(path.read_text())
        if jsonschema:
            text = (ROOT / 'docs' / f'{schema}.schema.json').read_text()
            jsonschema.Draft7Validator(json.loads(text)).validate(document)
        return done.stdout, document


    def interrupt(self, *arguments):
        path = self.folder / 'out.json'
        process = subprocess.Popen([PARSCOPE, *arguments, '-o', str(path)], env=environment(),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            # Once its threads are there, signals are caught.
            while len(os.listdir(f'/proc/{process.pid}/task')) == 1:
                self.assertIsNone(process.poll())
            process.send_signal(signal.SIGINT)
            text, _ = process.communicate(timeout=60)
        finally:
            process.kill()
            process.wait()
        self.assertEqual(process.returncode, 130)
        return text, json.loads(path.read_text())


class Doctor(Documents):
    def test_every_line(self):
        text, document = self.document('doctor', 'doctor')
        lines = {line['id']: line for line in document['lines']}
        self.assertEqual([line['id'] for line in document['lines']], LINES)
        for name, line in lines.items():
            self.assertRegex(text, rf'(?m)^{line["health"]} +{name} +\S')
            if line['health'] == 'limited':
                self.assertTrue(line['remedy'], name)
        self.assertLessEqual(max(map(len, text.splitlines())), 80)
        self.assertEqual([cpu['cpu'] for cpu in document['cpus']], CPUS)
        for cpu in document['cpus']:
            self.assertLessEqual(cpu['clocks'], cpu['looks'])
            if cpu['clocks']:
                self.assertGreater(cpu['frequency'], 1e8)

    def test_costs_where_something_is_counted(self):
        _, document = self.document('doctor', 'doctor')
        costs = document['counting_cost']
        if costs['open'] is None:
            self.skipTest('nothing can be counted here')
        self.assertGreater(costs['open'], costs['read'])
        self.assertGreater(costs['enable'], 0)

    def test_standard_output(self):
        done = self.succeed('doctor', '--format', 'json')
        self.assertEqual(json.loads(done.stdout)['schema'], 'parscope-doctor/1')

    def test_watch_looks_longer(self):
        _, now = self.document('doctor', 'doctor')
        _, later = self.document('doctor', 'doctor', '--watch', '1s')
        self.assertEqual(later['watch'], 1)
        self.assertGreater(later['cpus'][0]['looks'], now['cpus'][0]['looks'])

    def test_require(self):
        _, document = self.document('doctor', 'doctor')
        steady = [line for line in document['lines'] if line['id'] in ('quota', 'counters', 'smt', 'clock-source')]
        for line in steady:
            with self.subTest(line=line['id']):
                done = subprocess.run([PARSCOPE, 'doctor', '--require', line['id']], env=environment(),
                                      capture_output=True, text=True, timeout=120, check=False)
                self.assertEqual(done.returncode, 0 if line['health'] == 'ok' else 77)
                self.assertIn(line['id'], done.stdout)
                if done.returncode:
                    self.assertIn(f'{line["id"]} is required', done.stderr)

    def test_affinity_mask_is_honoured(self):
        one = CPUS[-1]
        _, document = self.document('doctor', 'doctor', preexec_fn=lambda: os.sched_setaffinity(0, [one]))
        self.assertEqual([cpu['cpu'] for cpu in document['cpus']], [one])

    def test_refused(self):
        self.refuse('doctor', 'counters')
        self.refuse('doctor', '--require', 'counter', says=["'counters'"])
        self.refuse('doctor', '--require', 'counters,', says=['requirement'])
        self.refuse('doctor', '--watch', '0')
        self.refuse('doctor', '--format', 'csv', says=['csv'])
        self.refuse('doctor', '-o', str(self.folder / 'x.md'), says=['markdown'])
        self.refuse('doctor', env=DESCRIBED, says=['HWLOC_SYNTHETIC'])

    def test_interrupt(self):
        text, document = self.interrupt('doctor', '--watch', '10min')
        self.assertIn('Cut short', text)
        self.assertTrue(document['interrupted'])


class Neighbours(Case):
    def test_index_of_each_round_and_cpu(self):
        """What a run says of a round is the lowest of its CPUs."""
        path = self.folder / 'r.json'
        self.succeed('run', 'counter', '-s', 'steal', '-t', str(len(CPUS)), '-r', '7', '-q', '-o', str(path))
        host = json.loads(path.read_text())['host']
        rows = host['neighbour_cpus']
        self.assertLessEqual({row['cpu'] for row in rows}, set(CPUS))
        for number, lowest in enumerate(host['neighbour_rounds']):
            seen = [row['rounds'][number] for row in rows if row['rounds'][number] is not None]
            self.assertEqual(lowest, min(seen, default=None))
        for row in rows:
            self.assertEqual(len(row['rounds']), 7)


class Topo(Documents):
    def test_json_without_a_probe(self):
        text, document = self.document('topo', 'topo', env=DESCRIBED)
        self.assertIn('nothing can be measured on it', re.sub(r'\s+', ' ', text))
        self.assertEqual([(c['cpu'], c['core']) for c in document['cpus']], [(i, i // 2) for i in range(8)])
        self.assertIsNone(document['probe'])

    def test_interrupted_probe(self):
        text, document = self.interrupt('topo', '--probe', '--max-time', '10min')
        self.assertIn('Cut short', text)
        self.assertTrue(document['probe']['interrupted'])

    def test_refused(self):
        self.refuse('topo', '0')
        self.refuse('topo', '--probe', '0', '1')
        self.refuse('topo', '--probe', '99999')
        self.refuse('topo', '--probe', '0,0,1')
        self.refuse('topo', '--probe', '--max-time', '0')
        self.refuse('topo', '--probe', env=DESCRIBED, says=['HWLOC_SYNTHETIC'])
        self.refuse('topo', '--format', 'markdown')


@unittest.skipIf(sanitized(), 'a sanitizer build is not held to what windows show')
class Probe(Documents):
    def probe(self, *arguments):
        text, document = self.document('topo', 'topo', '--probe', '--max-time', '3s', *arguments)
        self.assertLessEqual(max(map(len, text.splitlines())), 80)
        return text, document['probe']

    def test_two_threads_on_one_cpu_are_told(self):
        cpu = CPUS[0]
        _, probe = self.probe(f'{cpu},{cpu}')
        self.assertEqual(len(probe['pairs']), 1)
        pair = probe['pairs'][0]
        self.assertTrue(pair['control'])
        self.assertEqual(pair['cpus'], [cpu, cpu])
        self.assertIn(pair['answer'], ('take turns on one CPU', 'inconclusive'))
        self.assertLessEqual(pair['kernels'][0]['cpus_at_once'], 1.1)

    @unittest.skipUnless(len(CPUS) > 1, 'needs two CPUs')
    def test_two_cpus(self):
        page = self.folder / 'topo.html'
        pages = ['-o', str(page)] if HAVE_HTML else []
        text, probe = self.probe(f'{CPUS[0]},{CPUS[1]}', *pages)
        check, pair = probe['pairs']
        self.assertTrue(check['control'])
        self.assertEqual(pair['cpus'], CPUS[:2])
        self.assertIn(pair['answer'], ANSWERS)
        self.assertIn(f'CPUs {CPUS[0]} and {CPUS[1]}', text)
        self.assertEqual([k['kernel'] for k in pair['kernels']], ['alu', 'nop', 'load', 'chain'])
        self.assertEqual(probe['round_trips_measured'], 1)
        self.assertEqual(probe['round_trips_ns'][0][1], probe['round_trips_ns'][1][0])
        if not pair['siblings']:
            self.assertFalse(probe['siblings_shown'])
            self.assertIn('no known pair of siblings', text)
        if pages:
            self.check_page(page.read_text(), probe)

    def check_page(self, text, probe):
        """It says of each pair what the text does, and its table has the round trips of the JSON."""
        table = re.search(r'(?s)<table class="trips">(.*?)</table>', text).group(1)
        trips = [t for row in probe['round_trips_ns'] for t in row if t is not None]
        self.assertEqual([float(t) for t in re.findall(r'<data value="([^"]*)">', table)], trips)
        for pair in probe['pairs']:
            self.assertIn(f'{pair["answer"]}: ', text)

    @unittest.skipUnless(len(CPUS) > 2, 'needs three CPUs')
    def test_matrix(self):
        _, probe = self.probe()
        count = len(CPUS)
        self.assertEqual(len(probe['round_trips_ns']), count)
        self.assertTrue(all(len(row) == count for row in probe['round_trips_ns']))


if __name__ == '__main__':
    main()
