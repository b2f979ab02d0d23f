#!/usr/bin/env python3
"""How large a page is, and how long a browser takes to open it: bench/pages.py BUILD [TIMES]

Of a sweep of 64 points with 2,000 rounds, and of two such results in one page. The samples are those of a small scripted
sweep, stretched. Opening ends once all charts are drawn; each time in a new tab of one headless Chromium."""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / 'tests' / 'cli'))
import browser  # noqa: E402

POINTS, ROUNDS = 64, 2000
OPENED = "performance.getEntriesByType('navigation')[0].loadEventEnd"
DRAWN = "[...document.querySelectorAll('canvas')].filter(c => Chart.getChart(c)).length"


def result(parscope, folder):
    """The path of a result with so many points and rounds, whose metrics all have samples."""
    script, saved = folder / 'script.fake', folder / 'large.json'
    script.write_text('wall_time * * * 0.01 0.0101 0.0102 0.0103 0.0104 0.0105\ncpu_time * * * 0.01\n')
    subprocess.run([parscope, 'sweep', 'counter', '-s', 'pool', '-t', f'1..{POINTS - 1}', '-r', '6', '-o', str(saved)], check=True,
                   stdout=subprocess.DEVNULL, env={**os.environ, 'PARSCOPE_FAKE': str(script), 'HWLOC_SYNTHETIC': 'core:64 pu:1'})
    document = json.loads(saved.read_text())
    document['plan']['rounds'] = ROUNDS
    for point in document['points']:
        point['rounds'] = ROUNDS
        point['load']['shares'] = [0.001 * i / ROUNDS for i in range(ROUNDS)]
        values = {name: metric['value'] for name, metric in point['metrics'].items() if metric['value'] is not None}
        point['samples'] = {name: [value * (0.987654321 + i % 7 / 700 + i % 89 / 89000) for i in range(ROUNDS)]
                            for name, value in values.items()}
    saved.write_text(json.dumps(document))
    return saved


def open_once(chromium, page):
    """ms until all charts are drawn, and the CPU time of the page's thread in it, ms."""
    target = chromium.call('Target.createTarget', url='about:blank')['targetId']
    session = chromium.call('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
    chromium.call('Page.enable', session)
    chromium.call('Performance.enable', session, timeDomain='threadTicks')
    chromium.call('Page.navigate', session, url=page.as_uri())
    chromium.wait('Page.loadEventFired', session)
    metrics = {m['name']: m['value'] for m in chromium.call('Performance.getMetrics', session)['metrics']}
    opened, drawn = (chromium.call('Runtime.evaluate', session, expression=e, returnByValue=True)['result']['value']
                     for e in (OPENED, DRAWN))
    if drawn < 3:
        sys.exit(f'{page}: only {drawn} charts')
    return opened, 1000 * metrics['TaskDuration']


def main():
    if len(sys.argv) < 2 or not browser.find():
        sys.exit(__doc__ if len(sys.argv) < 2 else 'there is no Chromium here')
    parscope, times = os.path.join(sys.argv[1], 'src/cli/parscope'), int(sys.argv[2]) if len(sys.argv) > 2 else 10
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        folder = pathlib.Path(name)
        saved = result(parscope, folder)
        chromium = browser.Browser(pathlib.Path(profile))
        for what, files in (('one result', [saved]), ('two results', [saved, saved])):
            page = folder / 'page.html'
            subprocess.run([parscope, 'report', *map(str, files), '-o', str(page)], check=True, stdout=subprocess.DEVNULL)
            seen = [open_once(chromium, page) for _ in range(times)]
            ms, cpu = [s[0] for s in seen], statistics.median(s[1] for s in seen)
            print(f'{what}: {page.stat().st_size / 1e6:.2f} MB of a JSON of {saved.stat().st_size / 1e6:.0f} MB; '
                  f'opened in {statistics.median(ms):.0f} ms, median of {times}; {min(ms):.0f} to {max(ms):.0f}; '
                  f'{cpu:.0f} ms of CPU time', flush=True)
        chromium.close()


main()
