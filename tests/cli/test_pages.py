"""Pages for browsers: what is in the file, and what a headless Chromium makes of it."""
import html
import json
import os
import pathlib
import re
import shlex
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

import browser
from harness import HAVE_HTML, HERE, Case, main, parscope, sanitized

GOLDEN = HERE / 'golden'
MACHINE = 'core:4 pu:2'
SHOTS = os.environ.get('SHOTS')  # a folder for what was seen
WRITTEN = {}
HOSTILE = '<script>document.title="run"</script></script><!--<img src=x onerror=alert(1)>"\'&'


def needs_html(case):
    return unittest.skipUnless(HAVE_HTML, 'parscope was built without Chart.js (libjs-chart.js)')(case)


def golden(name):
    """The arguments and the environment of a scripted measurement."""
    arguments = shlex.split((GOLDEN / f'{name}.cmd').read_text())
    return arguments, {'PARSCOPE_FAKE': str(GOLDEN / f'{name}.fake'), 'HWLOC_SYNTHETIC': MACHINE}


def document_in(page):
    """The JSON that the page carries."""
    return json.loads(re.search(r'<script type="application/json" id="result">(.*?)</script>', page, re.S).group(1))


def hostile_document(saved):
    """Replaces texts of the saved result by HOSTILE; returns it."""
    document = json.loads(saved.read_text())
    for point in document['points']:
        point.update(workload=HOSTILE, workload_label=HOSTILE, strategy_label=HOSTILE, placement=HOSTILE)
        point['metrics']['wall_time'].update(unit=HOSTILE, reason=HOSTILE)
        point['metrics'][HOSTILE] = dict(point['metrics']['wall_time'], help=HOSTILE)
    document['host'].update(cpu_model=HOSTILE, kernel=HOSTILE, governor=HOSTILE)
    document['host']['counters'] = [{'name': HOSTILE, 'quality': 'exact', 'reason': HOSTILE}]
    document['plan']['arguments'] = [HOSTILE]
    document['findings'] = [{'id': HOSTILE, 'severity': 'warning', 'text': HOSTILE, 'points': [0]}]
    document['checks'] = [{'check': HOSTILE, 'outcome': 'fails', 'evidence': HOSTILE}]
    saved.write_text(json.dumps(document))
    return document

# An observed execution, as a file has it.
WORK = {'library': None, 'function': HOSTILE, 'module': 'work', 'file': 'work.c', 'line': 10, 'caller': 'main',
        'caller_file': 'work.c', 'caller_line': 33}
OBSERVED = {'missing': None, 'executions': 3, 'wall_time': 0.15, 'cpu_time': 0.23, 'others': 0.01, 'slowdown': 1.03,
            'serial_fraction': 0.34, 'running': [0, 0.07, 0.08], 'sampled': 0.226, 'spun': 0.004, 'kernel_time': 0.005,
            'samples': 339, 'looks': 64, 'lost_records': 0, 'hidden': 2,
            'code': [{'place': WORK, 'cpu_time': 0.22, 'alone': 0.07, 'faults': 0}],
            'losses': [{'kind': 'serial', 'place': WORK, 'object': None, 'idle': 0.044, 'spun': 0.004}]}

# What is asked of an open page.
ROWS = """[...document.querySelectorAll('tr[data-metric]')].map(tr => [
    Number(tr.closest('details').dataset.point), tr.dataset.metric,
    [...tr.querySelectorAll('td.number')].map(td => td.querySelector('data')?.value ?? null),
    [...tr.querySelectorAll('td:not(.number)')].map(td => td.textContent)])"""
COLOURS = """[...document.querySelectorAll('canvas')].map(c => {
    const copy = new OffscreenCanvas(c.width, c.height).getContext('2d', {willReadFrequently: true});
    copy.drawImage(c, 0, 0);
    return [c.getAttribute('aria-label'), new Set(new Uint32Array(copy.getImageData(0, 0, c.width, c.height).data.buffer)).size]; })"""
OUTSIDE = """[...document.querySelectorAll('body *')].filter(e => e.checkVisibility() && !e.closest('.scroll > *')
    && (e.getBoundingClientRect().right > innerWidth + 1 || e.getBoundingClientRect().left < -1)).map(e => e.outerHTML.slice(0, 80))"""
OVERLAPS = """(() => {
    const parts = [...document.querySelectorAll('h1, h2, h3, h4, p, figcaption, .plot, .scroll, dt, dd, summary, li, .choices label')]
      .filter(e => e.checkVisibility()).map(e => [e, e.getBoundingClientRect()]), found = [];
    for (const [a, x] of parts) for (const [b, y] of parts)
        if (a !== b && !a.contains(b) && !b.contains(a) && x.left < y.right - 1 && y.left < x.right - 1
            && x.top < y.bottom - 1 && y.top < x.bottom - 1) found.push(a.outerHTML.slice(0, 60) + b.outerHTML.slice(0, 60));
    return found; })()"""
FIRST = "Chart.getChart(document.querySelector('canvas')).data.datasets"
MEASURED = FIRST + ".filter(d => d.role === 'measured').map(d => d.label)"
CURVES = FIRST + ".map(d => [d.role, d.data.map(({x, y}) => ({x, y}))])"
TOOLTIP = """(() => {
    const chart = Chart.getChart(document.querySelector('canvas'));
    const dataset = chart.data.datasets.findIndex(d => d.label === 'pool');
    chart.tooltip.setActiveElements([{datasetIndex: dataset, index: chart.data.datasets[dataset].data.findIndex(d => d.x === 4)}], {x: 0, y: 0});
    chart.update();
    return [chart.tooltip.title[0], chart.tooltip.body[0].lines[0]]; })()"""
CHOOSE = """(() => {
    const select = document.querySelector('.choices select');
    select.value = 0;
    select.dispatchEvent(new Event('change'));
    const canvas = [...document.querySelectorAll('canvas')].find(c => c.getAttribute('aria-label') === 'Samples over rounds');
    return Chart.getChart(canvas).data.datasets.filter(d => d.role === 'samples').flatMap(d => d.data)
        .sort((a, b) => a.x - b.x).map(d => d.y); })()"""
SAVED = """(() => {
    let saved;
    URL.createObjectURL = blob => { saved = blob; return 'blob:none'; };
    HTMLAnchorElement.prototype.click = () => {};
    document.getElementById('save').click();
    return saved.text(); })()"""
LOADED = "performance.getEntriesByType('navigation')[0].loadEventEnd"


class Measured(Case):
    def saved(self, name):
        """The JSON of a scripted measurement."""
        return self.write(name)[1]

    def write(self, name):
        """A page and the JSON of the same result; measured once, copies of all."""
        page, saved = self.folder / f'{name}.html', self.folder / f'{name}.json'
        if name not in WRITTEN:
            arguments, env = golden(name)
            pages = ['-o', str(page)] if HAVE_HTML else []
            self.succeed(arguments[0], *pages, '-o', str(saved), *arguments[1:], env=env)
            WRITTEN[name] = page.read_bytes() if pages else b'', saved.read_bytes()
        for path, data in zip((page, saved), WRITTEN[name]):
            path.write_bytes(data)
        return page, saved

    def many(self, points, rounds, metrics):
        """A page of so many points and rounds, and the result that it is of: samples of a small one, stretched."""
        env = dict(self.fake_script(), HWLOC_SYNTHETIC='core:64 pu:1')
        page, saved = self.folder / 'many.html', self.folder / 'many.json'
        self.succeed('sweep', 'counter', '-s', 'pool', '-t', f'1..{points - 1}', '-r', '6', '-o', str(saved), env=env)
        document = json.loads(saved.read_text())
        document['plan']['rounds'] = rounds
        for point in document['points']:
            point['rounds'] = rounds
            point['load']['shares'] = [0.001 * i / rounds for i in range(rounds)]
            point['samples'] = {name: [float(f'{value * (0.987654321 + i % 7 / 700 + i % 89 / 89000):.11g}') for i in range(rounds)]
                                for name, value in ((name, point['metrics'].get(name, {}).get('value')) for name in metrics)
                                if value}
        saved.write_text(json.dumps(document))
        self.succeed('report', str(saved), '-o', str(page))
        return page, saved


@needs_html
class Pages(Measured):
    """What stands in the file."""

    def test_carries_its_document(self):
        page, saved = self.write('sweep')
        self.assertEqual(document_in(page.read_text()), json.loads(saved.read_text()))

    def test_a_report_gives_the_same_page(self):
        for name in ('sweep', 'vary', 'smt', 'program'):
            page, saved = self.write(name)
            again = self.folder / 'again.html'
            self.succeed('report', str(saved), '-o', str(again))
            self.assertEqual(page.read_text(), again.read_text())

    def test_asks_for_nothing(self):
        """No address, no inline handler or style; a policy that allows nothing but what the page brings."""
        page, _ = self.write('sweep')
        text = page.read_text()
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text).group(1)
        self.assertRegex(policy, r"^default-src 'none'; script-src 'sha256-[\w+/=]{44,}' 'sha256-[\w+/=]{44,}'; "
                                 r"style-src 'sha256-[\w+/=]{44,}'; base-uri 'none'; form-action 'none'$")
        body = re.sub(r'(?s)<script.*?</script>|<style>.*?</style>', '', text)
        self.assertNotRegex(body, r'<(link|img|iframe|object|base)\b|\b(src|href|style|on\w+)=')

    def test_first_screen_and_page_say_the_same(self):
        """The sentences of the answer stand in both."""
        for name in ('sweep', 'program', 'run', 'smt'):
            arguments, env = golden(name)
            first = re.sub(r'\s+', ' ', self.succeed(*arguments, env=env).stdout)
            page = self.write(name)[0].read_text()
            answer = re.search(r'(?s)<div class="answer">(.*?)</div>', page).group(1)
            sentences = [html.unescape(s) for s in re.findall(r'<p>(.*?)</p>', answer)]
            self.assertTrue(sentences)
            for sentence in sentences:
                self.assertIn(sentence, first)

    def test_nothing_from_a_file_is_markup(self):
        """Texts of a saved result, which may come from anywhere, stay text."""
        _, saved = self.write('smt')
        document = hostile_document(saved)
        page = self.folder / 'h.html'
        self.succeed('report', str(saved), '-o', str(page))
        text = page.read_text()
        self.assertEqual(document_in(text)['findings'], document['findings'])
        self.assertEqual(len(re.findall(r'(?i)<script', text)), 3)
        self.assertEqual(len(re.findall(r'(?i)</script', text)), 3)
        self.assertNotIn('<!--', text)
        self.assertNotIn('<img', text)

    def test_is_written_whole_or_not_at_all(self):
        page = self.folder / 'r.html'
        page.write_text('before')
        self.fail_with(2, 'report', str(self.folder / 'none.json'), '-o', str(page))
        self.assertEqual(page.read_text(), 'before')

    def test_samples_that_are_too_many_are_left_out(self):
        page, saved = self.many(20, 2500, ['wall_time', 'speedup', 'efficiency'])
        text = page.read_text()
        self.assertIn('To keep it small, this page has only the samples of the wall time', text)
        for point, whole in zip(document_in(text)['points'], json.loads(saved.read_text())['points']):
            self.assertEqual(point['metrics'], whole['metrics'])
            self.assertEqual(point['samples'], {'wall_time': whole['samples']['wall_time']})
        again = self.folder / 'again.json'
        again.write_text(json.dumps(document_in(text)))
        self.succeed('report', str(again))


class Several(Measured):
    """Results beside each other, as text; what of it is in pages is below."""

    def two(self, name='sweep'):
        """A result under two names that only their folders tell apart; the later one is a tenth faster."""
        paths = [self.folder / folder / f'{name}.json' for folder in ('old', 'new')]
        for path, factor in zip(paths, (1, 0.9)):
            document = json.loads(self.saved(name).read_text())
            for point in document['points']:
                for key in ('value', 'low', 'high'):
                    point['metrics']['wall_time'][key] *= factor
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(document))
        return paths

    def test_figures_stand_below_each_other(self):
        done = self.succeed('report', *map(str, self.two())).stdout
        self.assertIn('1. old/sweep: sweep, begun', done)
        self.assertIn('2. new/sweep: sweep, begun', done)
        self.assertRegex(done, r'\npool with 4 threads +old/sweep +400 ms ±0\.\d% +2\.50 ±0\.01 +62%\n'
                               r' +new/sweep +360 ms ±0\.\d% +2\.50')
        for name in ('old/sweep', 'new/sweep'):
            self.assertRegex(done, rf'\n{name}: pool with 4 threads is 2\.50 ')
        self.assertLessEqual(max(map(len, done.splitlines())), 80)

    def test_names_tell_them_apart(self):
        old, new = self.two()
        done = self.succeed('report', str(old), str(new), str(new)).stdout
        names = re.findall(r'(?m)^\d\. (.*): sweep, begun', done)
        self.assertEqual(len(set(names)), 3)
        self.assertTrue(names[1].endswith('new/sweep (1)') and names[2].endswith('new/sweep (2)'), names)

    def test_details_are_each_in_full(self):
        paths = self.two()
        done = self.succeed('report', '-v', *map(str, paths)).stdout
        wholes = [self.succeed('report', '-v', str(path)).stdout for path in paths]
        self.assertEqual(done, f'==> old/sweep <==\n{wholes[0]}\n==> new/sweep <==\n{wholes[1]}')

    def test_different_work(self):
        done = self.succeed('report', str(self.saved('sweep')), str(self.saved('program'))).stdout
        self.assertRegex(done, r'\nSide by side\nmeasured +result ')
        self.assertRegex(done, r'\npool with 2 threads on amdahl +sweep ')
        self.assertRegex(done, r'\n2 threads of true -j\{threads\} +program ')

    def test_formats_that_hold_only_one(self):
        old, new = map(str, self.two())
        self.refuse('report', old, new, '--format', 'csv', says=["several results can't be written as csv"])
        self.refuse('report', old, new, '-o', str(self.folder / 'r.json'), says=['r.json', 'several results', 'json'])
        self.refuse('report', old, new, '--columns', 'time', says=['--columns needs a single result'])
        self.refuse('report', old, new, '--plot', says=['--plot needs a single result'])
        self.refuse('report', old, str(self.folder / 'none.json'), says=['none.json'])


@needs_html
@unittest.skipUnless(browser.find(), 'there is no Chromium here')
@unittest.skipIf(sanitized(), 'pages are opened in the build without a sanitizer')
class Browsers(Measured):
    """The same pages, opened."""

    @classmethod
    def setUpClass(cls):
        cls.profile = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.profile.cleanup)
        cls.browser = browser.Browser(pathlib.Path(cls.profile.name))
        cls.addClassCleanup(cls.browser.close)
        cls.kept = {}

    def open(self, page):
        tab = self.browser.open(page)
        self.assertEqual(tab.complaints(), [])
        self.assertEqual(tab.requests(), [])
        return tab

    def tab(self, name):
        """The page of a scripted measurement and its document; opened once."""
        if name not in self.kept:
            page, saved = self.write(name)
            self.kept[name] = self.open(page), json.loads(saved.read_text())
        return self.kept[name]

    def check_numbers(self, tab, document):
        """The table has every metric of every point: value, interval, unit, quality, reason."""
        self.check_rows(tab.run(ROWS), document)

    def check_rows(self, rows, document):
        self.assertEqual(len(rows), sum(len(point['metrics']) for point in document['points']))
        for point, name, numbers, words in rows:
            metric = document['points'][point]['metrics'][name]
            self.assertEqual([float(n) if n else None for n in numbers], [metric[key] for key in ('value', 'low', 'high')], name)
            unit = '' if metric['unit'] == '1' else metric['unit']
            self.assertEqual(words, [unit, metric['quality'], metric['reason'] or ''], name)

    def check_drawn(self, tab):
        for title, colours in tab.run(COLOURS):
            self.assertGreater(colours, 3, title)

    def check_layout(self, tab, name):
        """Nothing overlaps or sticks out, on a wide screen and on a phone."""
        for width, dark in ((390, True), (1280, False)):
            tab.show(width, dark)
            self.assertLessEqual(tab.run('document.documentElement.scrollWidth'), width)
            self.assertEqual(tab.run(OUTSIDE), [])
            self.assertEqual(tab.run(OVERLAPS), [])
            if SHOTS:
                tab.screenshot(pathlib.Path(SHOTS) / f'{name}-{width}.png')
        self.assertEqual(tab.complaints(), [])

    def test_pages_of_each_command(self):
        for name in ('run', 'sweep', 'vary', 'smt', 'program', 'programs'):
            with self.subTest(name=name):
                tab, document = self.tab(name)
                self.check_numbers(tab, document)
                self.check_drawn(tab)
                self.assertGreaterEqual(len(tab.run(COLOURS)), 3)
                self.check_layout(tab, name)

    def test_overhead(self):
        page = self.folder / 'overhead.html'
        self.succeed('overhead', '-r', '6', 'clock', 'task', '-o', str(page))
        tab = self.open(page)
        self.check_drawn(tab)
        self.check_layout(tab, 'overhead')

    def test_topology(self):
        """Round trips are a heat map, a square for each pair that was measured; its machine is there as text."""
        page = self.folder / 'topo.html'
        self.succeed('topo', '-o', str(page), env={'HWLOC_SYNTHETIC': 'pack:2 core:2 pu:2'})
        text = page.read_text()
        self.assertIn('8 CPUs on 4 cores', text)
        document = document_in(text)
        trips = [[None if i == k or {i, k} == {2, 7} else 50 if i // 2 == k // 2 else 400 for k in range(8)] for i in range(8)]
        document['probe'] = {'cpus': list(range(8)), 'round_trips_ns': trips}
        script = '<script type="application/json" id="result">'
        begin, end = text.split(script)
        page.write_text(begin.replace('<main>', '<main><section id="trips"><div class="charts"></div></section>') + script
                        + json.dumps(document) + end[end.index('</script>'):])
        tab = self.open(page)
        drawn = tab.run(FIRST + '[0].data')
        self.assertEqual({(d['x'], d['y']): d['ns'] for d in drawn},
                         {(x, y): trips[y][x] for x in range(8) for y in range(8) if trips[y][x]})
        self.assertIn('from 50 ns (full colour) to 400 ns (pale)', tab.run("document.querySelector('figcaption').textContent"))
        self.check_drawn(tab)
        self.check_layout(tab, 'topo')

    def test_comparison(self):
        """Its table has the changes of the JSON, its charts a bar for each, by verdict; the answer comes first."""
        page, saved = self.folder / 'compared.html', self.folder / 'compared.json'
        self.succeed('compare', *map(str, Several.two(self)), '-o', str(page), '-o', str(saved))
        document = json.loads(saved.read_text())
        tab = self.open(page)
        self.assertIn('Not worse: none of ', tab.run("document.querySelector('.answer').textContent"))
        rows = tab.run("""[...document.querySelectorAll('.changes tbody tr')].map(tr => [tr.className,
            ...[...tr.querySelectorAll('data')].map(d => Number(d.value))])""")
        self.assertEqual(rows, [[r['verdict'], r['base']['value'], r['now']['value'], r['change']['value']] for r in document['rows']])
        bars = tab.run(FIRST + ".map(d => [d.label, d.data.length])")
        ratios = [r['verdict'] for r in document['rows'] if r['change']['kind'] == 'ratio']
        self.assertEqual(dict(bars), {verdict: ratios.count(verdict) for verdict in ratios})
        self.assertIn('better', dict(bars))
        self.check_drawn(tab)
        self.check_layout(tab, 'comparison')

    def test_one_dataset_a_strategy(self):
        for name, strategies in (('run', ['spawn', 'pool', 'steal']), ('sweep', ['pool']), ('vary', ['spawn', 'pool'])):
            self.assertEqual(self.tab(name)[0].run(MEASURED), strategies)

    def test_law_and_ideal(self):
        tab, document = self.tab('sweep')
        roles = dict(tab.run(CURVES))
        fraction = document['models']['amdahl'][0]['serial_fraction']
        self.assertEqual(set(roles), {'measured', 'ideal', 'law', 'band'})
        self.assertEqual(roles['ideal'][-1], {'x': 4, 'y': 4})
        self.assertAlmostEqual(roles['law'][-1]['y'], 1 / (fraction['value'] + (1 - fraction['value']) / 4))

    def test_the_usl_is_drawn_where_it_is_supported(self):
        counts = 1, 2, 3, 4, 6, 8
        times = {p: (1 + 0.05 * (p - 1) + 0.03 * p * (p - 1)) / p for p in counts}
        script = ''.join(f'wall_time * {s} {p} ' + ' '.join(f'{times[p] * (1 + k / 2000):.6f}' for k in (-2, 1, 0, 2, -1, 0))
                         + '\n' for p in counts for s in (('sequential', 'pool') if p == 1 else ('pool',)))
        page, saved = self.folder / 'usl.html', self.folder / 'usl.json'
        self.succeed('sweep', 'counter', '-s', 'pool', '-t', ','.join(map(str, counts)), '-r', '6', '-o', str(page), '-o', str(saved),
                     env={**self.fake_script(script), 'HWLOC_SYNTHETIC': 'core:8 pu:1'})
        self.assertEqual(json.loads(saved.read_text())['models']['amdahl'][0]['usl']['best'], 'usl')
        roles = dict(self.open(page).run(CURVES))
        self.assertEqual(set(roles), {'measured', 'ideal', 'law'})
        self.assertEqual(roles['law'][-1]['x'], 8)
        self.assertAlmostEqual(roles['law'][-1]['y'], 1 / times[8], delta=0.02)

    def test_what_was_observed_is_drawn(self):
        """Who had nothing to do, where the CPU time went, how many ran at once; and the same in tables."""
        _, saved = self.write('program')
        document = json.loads(saved.read_text())
        document['points'][-1]['diagnosis'] = OBSERVED
        saved.write_text(json.dumps(document))
        page = self.folder / 'observed.html'
        self.succeed('report', str(saved), '-o', str(page))
        tab = self.open(page)
        self.check_drawn(tab)
        titles = [title for title, _ in tab.run(COLOURS)]
        for title in ('Why cores had nothing to do', 'Where CPU time went', 'How many threads ran at once'):
            self.assertIn(title, titles)
        cells = tab.run("[...document.querySelectorAll('#diagnosis td, .diagnosis td')].map(td => td.textContent)")
        self.assertIn(f'{HOSTILE}() (work.c:10), called from main() (work.c:33)', cells)
        self.check_layout(tab, 'observed')

    def test_several_results(self):
        """One chart of all their curves, the table of their figures, and each with its machine, plan and numbers."""
        paths = Several.two(self)
        page = self.folder / 'both.html'
        self.succeed('report', *map(str, paths), '-o', str(page))
        tab = self.open(page)
        self.assertEqual(tab.run(MEASURED), ['old/sweep pool', 'new/sweep pool'])
        for title, place in (('Speedup', 2.5), ('Wall time', [0.4, 0.36])):
            ends = tab.run(f"""Chart.getChart([...document.querySelectorAll('.beside canvas')].find(c =>
                c.getAttribute('aria-label') === '{title}')).data.datasets.filter(d => d.role === 'measured').map(d => d.data.at(-1).y)""")
            self.assertEqual([round(y, 3) for y in ends], place if isinstance(place, list) else [place, place])
        cells = tab.run("[...document.querySelectorAll('.beside tbody tr:last-child td')].map(td => td.textContent)")
        self.assertEqual(cells[:2] + cells[3:4], ['pool with 4 threads', 'new/sweep', '2.50 ±0.01'])
        for number, path in enumerate(paths, 1):
            document = json.loads(path.read_text())
            rows = tab.run(ROWS.replace("querySelectorAll('tr", f"querySelectorAll('#result-{number} tr"))
            self.check_rows(rows, document)
            for part in ('plan', 'host', 'answer'):
                self.assertEqual(tab.run(f"document.querySelectorAll('#result-{number} .{part}').length"), 1, part)
            self.assertEqual(json.loads(tab.run(SAVED.replace("getElementById('save')", f"querySelector('#result-{number} button')"))),
                             document)
        self.assertEqual(tab.run("[...document.querySelectorAll('a')].filter(a => a.getAttribute('href')[0] !== '#').length"), 0)
        self.check_drawn(tab)
        self.check_layout(tab, 'several')

    def test_several_series(self):
        """The curves of both over the parameter, each with its own crossovers."""
        page = self.folder / 'both.html'
        self.succeed('report', *map(str, Several.two(self, 'vary')), '-o', str(page))
        tab = self.open(page)
        self.assertEqual(tab.run(MEASURED), ['old/vary spawn', 'new/vary spawn', 'old/vary pool', 'new/vary pool'])
        self.assertEqual(tab.run("Chart.getChart(document.querySelector('canvas')).options.marks.length"), 4)
        self.check_layout(tab, 'several-series')

    def test_several_commands_over_a_parameter(self):
        """A curve for each, by its name, and where each becomes faster than the first."""
        times = {'one': lambda n: n, 'two': lambda n: 2000 + n / 2, 'six': lambda n: 3000 + n / 4}
        fake, page, values = self.folder / 'script', self.folder / 'r.html', {'1k': 1000, '4k': 4000, '16k': 16000}
        fake.write_text(''.join(f'wall_time {name}:n={text} program * {1e-6 * time(n)}\n'
                                for name, time in times.items() for text, n in values.items()))
        commands = []
        for name in times:
            (self.folder / name).write_text('#!/bin/sh\n')
            (self.folder / name).chmod(0o755)
            commands += ['-c', f'{self.folder / name} {{n}}']
        self.succeed('sweep', '--vary', 'n=1k+4k+16k', '-r', '8', *commands, '-o', str(page),
                     env={'PARSCOPE_FAKE': str(fake), 'HWLOC_SYNTHETIC': MACHINE})
        tab = self.open(page)
        self.assertEqual(tab.run(MEASURED), [f'{self.folder / name} {{n}}' for name in ('two', 'six')])
        drawn = tab.run(FIRST + ".filter(d => d.role === 'measured').map(d => d.data.map(({x}) => x))")
        self.assertEqual(drawn, [[1000, 4000, 16000]] * 2)
        marks = tab.run("Chart.getChart(document.querySelector('canvas')).options.marks.map(m => [m.value, m.colour])")
        self.assertEqual(len({colour for _, colour in marks}), 2)
        for (value, _), crossing in zip(marks, (4000, 4000)):
            self.assertAlmostEqual(value, crossing, delta=100)

    def test_strategies_from_outside_have_a_curve_each(self):
        fake, page = self.folder / 'script', self.folder / 'r.html'
        fake.write_text(''.join(f'wall_time * {strategy} {n} {time}\n' for strategy, times in
                                (('program', (0.1, 0.06)), ('env:wait=passive', (0.09, 0.05)))
                                for n, time in zip((1, 2), times)))
        self.succeed('sweep', '-t', '1,2', '-s', 'env:wait=passive', '-o', str(page), '--', 'true', '{threads}',
                     env={'PARSCOPE_FAKE': str(fake), 'HWLOC_SYNTHETIC': MACHINE})
        self.assertEqual(self.open(page).run(MEASURED), ['as it is', 'env:wait=passive'])

    def test_when_threads_ran(self):
        """The strip has all of the CPU time of its execution, and what one thread did alone apart."""
        _, saved = self.write('program')
        document = json.loads(saved.read_text())
        strip = {'bin': 0.01, 'running': [1, 1, 1.5, 2, 0], 'alone': [1, 1, 0.5, 0, 0]}
        document['points'][-1]['diagnosis'] = {**OBSERVED, 'timeline': strip}
        saved.write_text(json.dumps(document))
        page, again = self.folder / 'strip.html', self.folder / 'again.json'
        self.succeed('report', str(saved), '-o', str(page), '-o', str(again))
        self.assertEqual(json.loads(again.read_text())['points'][-1]['diagnosis']['timeline'], strip)
        drawn = self.open(page).run("""(() => { const canvas = [...document.querySelectorAll('canvas')].find(c =>
            c.getAttribute('aria-label') === 'When its threads ran');
            return Chart.getChart(canvas).data.datasets.map(d => [d.label, d.data]); })()""")
        self.assertEqual(drawn, [['one thread alone', [1, 1, 0.5, 0, 0]], ['several threads', [0, 0, 1, 2, 0]]])

    def test_tooltips_have_value_and_interval(self):
        tab, document = self.tab('run')
        points = [p for p in document['points'] if p['strategy'] == 'pool']
        speedup = next(p['metrics']['speedup'] for p in points if p['threads'] == 4)
        title, line = tab.run(TOOLTIP)
        self.assertEqual(title, '4 threads')
        found = re.fullmatch(r'pool: ([\d.]+) \[([\d.]+), ([\d.]+)\]', line)
        self.assertTrue(found, line)
        for shown, key in zip(found.groups(), ('value', 'low', 'high')):
            self.assertAlmostEqual(float(shown), speedup[key], delta=0.006)

    def test_samples_can_be_chosen(self):
        tab, document = self.tab('sweep')
        self.assertEqual(tab.run(CHOOSE), document['points'][0]['samples']['wall_time'])

    def test_saves_what_it_carries(self):
        tab, document = self.tab('sweep')
        self.assertEqual(json.loads(tab.run(SAVED)), document)

    def test_hostile_texts_stay_text(self):
        _, saved = self.write('sweep')
        page = self.folder / 'hostile.html'
        hostile_document(saved)
        self.succeed('report', str(saved), '-o', str(page))
        tab = self.open(page)
        self.assertEqual(tab.run('document.scripts.length'), 3)
        self.assertNotEqual(tab.run('document.title'), 'run')
        self.assertIn(HOSTILE, tab.run('document.querySelector("h2").textContent'))
        self.assertEqual(tab.run('document.images.length'), 0)
        self.check_drawn(tab)
        self.check_layout(tab, 'hostile')

    def test_policy_stops_other_scripts(self):
        """Were a text not escaped, it would not run all the same."""
        page, _ = self.write('sweep')
        page.write_text(page.read_text().replace('<main>', '<main><script>document.title = "run"</script>'))
        tab = self.browser.open(page)
        self.assertNotEqual(tab.run('document.title'), 'run')
        self.assertIn('Content Security Policy', json.dumps(tab.complaints()))

    def test_large(self):
        """A sweep of 64 points with 2,000 rounds."""
        page, _ = self.many(64, 2000, ['wall_time', 'speedup'])
        self.assertLess(page.stat().st_size, 5e6)
        tab = self.open(page)
        self.check_drawn(tab)
        print(f'# {page.stat().st_size / 1e6:.2f} MB, loaded in {tab.run(LOADED):.0f} ms')

    def test_prints_in_light_colours(self):
        tab, _ = self.tab('sweep')
        tab.show(1280, True)
        paper = 'getComputedStyle(document.documentElement).backgroundColor'
        dark = tab.run(paper)
        tab.run('dispatchEvent(new Event("beforeprint"))')
        self.assertEqual(tab.run(paper), 'rgb(255, 255, 255)')
        tab.run('dispatchEvent(new Event("afterprint"))')
        self.assertEqual(tab.run(paper), dark)
        self.check_drawn(tab)


class Pictures(Measured):
    """The speedup curve alone."""

    def draw(self, name):
        path = self.folder / f'{name}.svg'
        self.succeed('report', str(self.saved(name)), '-o', str(path))
        return path.read_text()

    def test_golden(self):
        for name in ('sweep', 'program', 'run'):
            text, path = self.draw(name), GOLDEN / f'{name}.svg'
            if os.environ.get('UPDATE_GOLDEN'):
                path.write_text(text)
            self.assertEqual(text, path.read_text())

    def test_well_formed_and_in_its_place(self):
        for name in ('sweep', 'program', 'run'):
            root = ElementTree.fromstring(self.draw(name))
            self.assertEqual(root.tag, '{http://www.w3.org/2000/svg}svg')
            _, _, width, height = map(float, root.get('viewBox').split())
            places = [tuple(map(float, pair.split(','))) for line in root.iter() if line.get('points')
                      for pair in line.get('points').split()]
            self.assertTrue(places)
            for x, y in places:
                self.assertTrue(0 <= x <= width and 0 <= y <= height, (x, y))

    def test_points_stand_where_they_belong(self):
        """A curve of speedups 1, 5/3 and 5/2 on linear axes from 0 to 4."""
        root = ElementTree.fromstring(self.draw('sweep'))
        circles = [(float(c.get('cx')), float(c.get('cy'))) for c in root.iter('{http://www.w3.org/2000/svg}circle')]
        (x1, y1), (x2, y2), (x4, y4) = circles
        self.assertAlmostEqual((x2 - x1) / (x4 - x1), 1 / 3, places=2)
        self.assertAlmostEqual((y2 - y1) / (y4 - y1), (5 / 3 - 1) / (5 / 2 - 1), places=2)

    def test_many_threads_stand_on_logarithmic_axes(self):
        env = dict(self.fake_script('wall_time * sequential * 1\n' + ''.join(
            f'wall_time * pool {n} {1 / n}\n' for n in (1, 2, 4, 8, 16, 32))), HWLOC_SYNTHETIC='core:32 pu:1')
        path = self.folder / 'r.svg'
        self.succeed('sweep', 'counter', '-s', 'pool', '-t', '1,2,4,8,16,32', '-r', '6', '-o', str(path), env=env)
        circles = list(ElementTree.fromstring(path.read_text()).iter('{http://www.w3.org/2000/svg}circle'))
        gaps = [float(b.get('cx')) - float(a.get('cx')) for a, b in zip(circles, circles[1:])]
        self.assertLess(max(gaps) - min(gaps), 0.3)

    def test_hostile_name_stays_text(self):
        saved = self.saved('sweep')
        path = self.folder / 'r.svg'
        hostile_document(saved)
        self.succeed('report', str(saved), '-o', str(path))
        root = ElementTree.fromstring(path.read_text())
        self.assertEqual([e for e in root.iter() if e.tag.endswith('}script')], [])
        self.assertIn(HOSTILE, root.find('{http://www.w3.org/2000/svg}title').text)

    def test_no_curve_is_an_error(self):
        arguments, env = golden('programs')
        path = self.folder / 'r.svg'
        done = parscope(arguments[0], '-o', str(path), *arguments[1:], env=env)
        self.assertEqual(done.returncode, 1)
        self.assertIn('no speedup curve', done.stderr)
        self.assertIn('1.00 s', done.stdout)
        self.assertFalse(path.exists())
        self.refuse('overhead', '-o', str(path), says=['r.svg', 'svg'])


class Absent(Case):
    def test_says_that_it_is_absent(self):
        """Where it was built in, there is no such message, and no other test is left out."""
        if HAVE_HTML:
            self.assertNotIn('not here', self.succeed('list', 'formats').stdout)
            return
        page = self.folder / 'r.html'
        self.refuse('run', 'counter', '-o', str(page), says=['r.html', 'without Chart.js'])
        self.refuse('run', 'counter', '--format', 'html', says=['html', 'without Chart.js'])
        self.assertFalse(page.exists())


if __name__ == '__main__':
    main()
