#!/usr/bin/python3
"""What parscope says of programs that it observes, against what is known of them. Needs two CPUs, and no root.

usage: bench/observed.py BUILD [CHECK[:ONLY][=TIMES]...]

serial    Serial fractions of 0, 0.1, 0.5 and 0.9 in phases of 1 s and of 2 ms, of threads, OpenMP, processes, a pipeline,
          make and xz: measured against the truth, of which make and xz know none: for root, what the kernel's tracepoints
          say of the same executions. ONLY: 1s, 2ms, make, xz.
causes    TIMES (10) sweeps each of a program with a planted cause, of five causes, and of all in one. ONLY: a cause, all.
accounts  CPU time against rusage of the same executions: by the kernel's records of switches and what it charges in
          between, and by samples and the time in the kernel; and what the end of a process takes.
cost      TIMES (11) times what it costs to be observed, and what --diagnose costs the timed rounds. ONLY: xz, make,
          switches, timed.
attach    TIMES (5) times the share of its CPU time that attach explains of a program with four threads.
regions   Times of nested regions in four threads, and what a pair of marks costs.
trace     The timeline in Chromium's trace viewer, of which TRACE2HTML writes pages: it has all of the events.

BUILD is a release build: ninja -C BUILD src/cli/parscope bench/{phases,five,hand_over,regions_cost} tests/cli/regions
Each figure says `holds` or `FALLS SHORT`; the exit status is 1 if any falls short. What others disturbed is measured again.
"""

import json
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from needs import need
import witness

NOBODY = 65534
TRIES = 4
FRACTIONS = (0, 0.1, 0.5, 0.9)
DISTURBED = 0.05
DELAY = 4e-3  # s that the slow server takes for a byte
CAUSES = {
    'serial': r'Serial part: .*planted_serial ',
    'convoy': r'Lock: .*planted_convoy ',
    'uneven': r'Uneven shares: .*planted_uneven ',
    'read': r'Read\w*: .*planted_read ',
    'memory': r'More CPU time: .*planted_memory ',
}


def drop():
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


PROGRAMS = [f'bench/{name}' for name in ('phases', 'five', 'hand_over', 'regions_cost')] + ['tests/cli/regions']


class Bench:
    def __init__(self, build, folder):
        self.build, self.folder = os.path.abspath(build), folder
        self.parscope = os.path.join(self.build, 'src/cli/parscope')
        need(build, 'src/cli/parscope', *PROGRAMS)
        self.short, self.off = 0, 0

    def program(self, name):
        return os.path.join(self.build, name)

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, *arguments, env=None, **more):
        return subprocess.run([self.parscope, *arguments], stdin=subprocess.DEVNULL, check=False, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, preexec_fn=drop, env=dict(os.environ, **(env or {})), **more)

    def result(self, *arguments, env=None):
        path = self.path('r.json')
        done = self.run(arguments[0], '-q', '-o', path, *arguments[1:], env=env)
        if done.returncode:
            sys.exit(f'{arguments}: status {done.returncode}\n{done.stdout}')
        with open(path, encoding='utf-8') as file:
            return json.load(file)

    def observed(self, command, *options, env=None):
        """Of one program with two threads; the least disturbed of some tries."""
        tries = []
        for _ in range(TRIES):
            r = self.result('run', '-e', 'none', '-r', '1', '-w', '0', '-t', '2', '--diagnose', *options, '--', *command, env=env)
            tries.append(r['points'][-1]['diagnosis'])
            if tries[-1]['missing']:
                sys.exit(f"not observed: {tries[-1]['missing']}")
            if tries[-1]['others'] <= DISTURBED:
                break
        return min(tries, key=lambda d: d['others'])

    def judge(self, ok, text):
        print(f"  {'holds' if ok else 'FALLS SHORT'}: {text}", flush=True)
        self.short += not ok

    def told(self, path):
        """The serial fraction by the program's own clocks, of the executions after the timed one; None: it does not tell."""
        if not os.path.exists(path):
            return None
        with open(path, encoding='ascii') as file:
            told = [float(line) for line in file]
        return statistics.mean(told[1:] or told)

    def judge_serial(self, name, command, plan, bound, env=None):
        path = self.path(f'truth-{time.monotonic_ns()}')
        d = self.observed(command, env={'PHASES_TRUTH': path, **(env or {})})
        own = self.told(path)
        truth = plan if own is None else own
        spun = f", {d['spun'] / d['cpu_time']:.0%} of the CPU time in waiting loops" if d['spun'] > 0.01 * d['cpu_time'] else ''
        self.judge(abs(d['serial_fraction'] - truth) <= bound, f"{name}: {d['serial_fraction']:.3f}, "
                   f"{'planned' if own is None else 'by its own clocks'} {truth:.3f}{'' if own is None else f', planned {plan:.3f}'} (± {bound}; others took {d['others']:.1%}{spun})")

    def judge_accounts(self, name, d):
        used = d['cpu_time_used']
        known, sampled = d['cpu_time'] + d['cpu_time_unrecorded'], d['sampled'] + d['system_time_used']
        self.judge(abs(known / used - 1) <= 0.005, f"{name}: rusage {used:.3f} s, records {d['cpu_time'] / used - 1:+.2%}, with what "
                   f"was charged in between {known / used - 1:+.2%} (± 0.5 %), the rest {1e3 * (used - known):.1f} ms "
                   f"(others took {d['others']:.1%})")
        self.judge(abs(sampled / used - 1) <= 0.03, f"{name}: {d['samples'] / d['executions']:.0f} samples {d['sampled'] / used:.1%}, "
                   f"in the kernel {d['system_time_used'] / used:.1%}, together {sampled / used - 1:+.1%} (± 3 %)")

    def judge_seen(self, name, command, plan, bound):
        """As judge_serial(), of a command that tells nothing itself."""
        why = witness.missing()
        if why:
            print(f'  not tried: {name}: {why}', flush=True)
            return
        path, result, others = self.path('trace'), self.path('r.json'), 1
        for _ in range(TRIES):
            done = witness.record(path, NOBODY, [self.parscope, 'run', '-q', '-o', result, '-e', 'none', '-r', '1', '-w', '0', '-t',
                                                 '2', '--diagnose', '--', *command])
            if done.returncode:
                sys.exit(f'{command}: status {done.returncode}\n{done.stdout}')
            with open(result, encoding='utf-8') as file:
                d = json.load(file)['points'][-1]['diagnosis']
            if d['others'] < others:
                others, ours, truth = d['others'], d['serial_fraction'], witness.serial_fraction(path, command[0])
            if others <= DISTURBED:
                break
        self.judge(truth is not None and abs(ours - truth) <= bound, f'{name}: {ours:.3f}, by tracepoints {truth:.3f}, planned '
                   f'{plan:.3f} (± {bound}; others took {others:.1%})')


def phase(b, kind, fraction, ms):
    """Cycles for about a second."""
    longest = max(1, 2 * fraction / (1 - fraction))
    cycle = ms * (2 * fraction / (1 - fraction) + 1) / longest
    return [b.program('bench/phases'), kind, str(fraction), str(ms), str(max(1, round(900 / cycle)))]


def make_file(b, fraction, ms, total=900):
    """Targets one after the other: one job, then two at once."""
    ratio = 2 * fraction / (1 - fraction)
    one, two = (ms, ms / ratio) if ratio > 1 else (ms * ratio, ms)
    cycles, work, before, rules = max(1, round(total / (one + two))), b.program('bench/phases') + ' work', '', []
    for i in range(cycles):
        if one:
            rules.append(f's{i}:{before}\n\t@{work} {one}\n')
            before = f' s{i}'
        rules.extend(f'{p}{i}:{before}\n\t@{work} {two}\n' for p in 'ab')
        before = f' a{i} b{i}'
    with open(b.path('Makefile'), 'w', encoding='ascii') as file:
        file.write(f'all:{before}\n' + ''.join(rules))
    return ['make', '-s', '-j2', '-f', b.path('Makefile'), 'all']


def blocks(b, count):
    """So many times the same MB, which compresses badly: as many blocks of xz, each of which takes as long."""
    path = b.path('blocks')
    with open(path, 'wb') as file:
        file.write(os.urandom(1 << 20) * count)
    return ['xz', '-T2', '--block-size=1MiB', '-2', '-k', '-c', path]


def phases(b, ms, bound):
    policies = {'passive': {'OMP_WAIT_POLICY': 'passive'}, 'default': {}, 'active': {'OMP_WAIT_POLICY': 'active'}}
    for f in FRACTIONS:
        for kind in 'threads', 'processes':
            b.judge_serial(f'{kind}, {ms} ms', phase(b, kind, f, ms), f, bound)
        for policy, env in policies.items():
            b.judge_serial(f'OpenMP {policy}, {ms} ms', phase(b, 'openmp', f, ms), f, bound, env=env)
        both = (' '.join(phase(b, kind, f, ms)) for kind in ('source', 'sink'))
        b.judge_serial(f'pipeline, {ms} ms', ['sh', '-c', ' | '.join(both)], f, bound)


def jobs(b):
    for ms, bound in (1000, 0.02), (50, 0.05):
        for f in FRACTIONS:
            b.judge_seen(f'make -j2, {ms} ms', make_file(b, f, ms), f, bound)


def compressing(b):
    for count, plan in (1, 1), (3, 1 / 3), (4, 0):
        b.judge_seen(f'xz -T2, {count} equal blocks', blocks(b, count), plan, 0.05)


def serial(b, _=1, only=''):
    if only in ('', '1s'):
        phases(b, 1000, 0.02)
    if only in ('', '2ms'):
        phases(b, 2, 0.05)
    if only in ('', 'make'):
        jobs(b)
    if only in ('', 'xz'):
        compressing(b)


class SlowServer:
    """Answers a byte with a byte, late; it is no process of the program that asks."""

    def __init__(self, path):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        os.chmod(path, 0o777)
        self.listener.listen(64)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            threading.Thread(target=self.serve, args=(self.listener.accept()[0],), daemon=True).start()

    def serve(self, peer):
        with peer:
            while peer.recv(1):
                time.sleep(DELAY)
                peer.send(b'x')


def stack_sums(result):
    """p - S is the sum of the lost cores, in each round and of each point: the largest difference."""
    worst = 0
    for p in result['points']:
        cores = min(p['threads'], len(p['cpus']))
        for values in [{key: [m['value']] for key, m in p['metrics'].items()}, p['samples']]:
            lost = [v for key, v in values.items() if key.startswith('lost_cores_') and v[0] is not None]
            for i, speedup in enumerate(values['speedup'] if lost else []):
                worst = max(worst, abs(cores - speedup - sum(v[i] for v in lost)))
    return worst


def named(b, program):
    """The causes that are told, in their order, functions without parentheses; None: others disturbed each of some tries."""
    for _ in range(TRIES):
        r = b.result('sweep', '-r', '1', '-w', '0', '-e', 'none', '-t', '1,2', '--diagnose', '--', *program)
        b.off = max(b.off, stack_sums(r))
        if r['points'][-1]['diagnosis'].get('others', 0) <= 0.05:
            return [f['text'].replace('()', '') for f in r['findings'] if f['id'] == 'cause']
    return None


def causes(b, times=10, only=''):
    SlowServer(b.path('server'))
    for cause in [','.join(CAUSES) if only == 'all' else only] if only else [*CAUSES, ','.join(CAUSES)]:
        wanted, program = cause.split(','), [b.program('bench/five'), cause, '{threads}', b.path('server')]
        first = every = busy = 0
        for _ in range(times):
            told = named(b, program)
            if told is None:
                busy += 1
                continue
            right = bool(told) and any(re.match(CAUSES[c], told[0]) for c in wanted)
            first += right
            every += all(any(re.match(CAUSES[c], text) for text in told) for c in wanted)
            if not right or len(wanted) > 1 and every < times:
                print('   ', [text[:90] for text in told], flush=True)
        b.judge(first == times - busy > 0, f'{cause}: named first {first} of {times}, disturbed {busy}')
        if len(wanted) > 1:
            b.judge(every == times - busy > 0, f'all of them named in {every} of {times}')
    b.judge(b.off < 1e-9, f'the stack sums to p - S within {b.off:.1g}, in each round and of each point')


def accounts(b, _=1):
    b.judge_accounts('threads, 1 s', b.observed(phase(b, 'threads', 0.5, 1000)))
    b.judge_accounts('threads, 2 ms', b.observed(phase(b, 'threads', 0.5, 2)))
    b.judge_accounts('processes, 2 ms', b.observed(phase(b, 'processes', 0.1, 2)))
    b.judge_accounts('make -j2, 50 ms', b.observed(make_file(b, 0.1, 50)))
    b.judge_accounts('xz -T2', b.observed(blocks(b, 4)))
    handing_over(b)
    if shutil.which('gcc'):
        b.judge_accounts('gcc', b.observed(compiling(b)))
    for megabytes in '1', '40':
        ends = [float(line) for line in subprocess.run([b.program('bench/phases'), 'ends', '30', megabytes], check=True, text=True,
                                                       preexec_fn=drop, stdout=subprocess.PIPE).stdout.split()]
        middle, low, high = median_interval(ends)
        print(f'  the end of a process with {megabytes} MB takes {middle:.2f} ms of CPU time [{low:.2f}, {high:.2f}] after its '
              'last instruction')


def handing_over(b):
    """Of threads that switch often samples are missing: what they stand for, beside what the program's own clocks say."""
    path = b.path(f'computed-{time.monotonic_ns()}')
    d = b.observed([b.program('bench/hand_over'), '16000', '40000', path])
    b.judge_accounts('20,000 switches/s', d)
    own, seen = b.told(path), next(row['cpu_time'] for row in d['modules'] if row['name'] == 'hand_over')
    b.judge(abs(seen / own - 1) <= 0.05, f'20,000 switches/s: {seen:.3f} s in its own code, by its own clocks '
            f'{own:.3f}: {seen / own - 1:+.1%} (± 5 %)')


def compiling(b):
    source = b.path('a.c')
    with open(source, 'w', encoding='ascii') as file:
        file.writelines(f'int f{i}(int a) {{ return a * {i} + (a << {i % 31}) / (a | 1); }}\n' for i in range(4000))
    return ['sh', '-c', f'gcc -O2 -c {source} -o {b.path("a.o")} & gcc -O1 -c {source} -o {b.path("b.o")}; wait']


def median_interval(values):
    """The median, and a 95 % interval of it by order statistics (from six on; of fewer all of them)."""
    v, n = sorted(values), len(values)
    k = max(0, int((n - 1.96 * n ** 0.5) / 2))
    return statistics.median(v), v[k], v[n - 1 - k]


def slow_downs(b, command, times):
    """Wall time of observed executions over the timed ones of the same run, means of both, and how often threads switched in
    those."""
    ratios, rates = [], []
    for _ in range(times):
        point = b.result('run', '-e', 'none', '-r', '6', '-w', '1', '-t', '2', '--diagnose', '--', *command)['points'][-1]
        ratios.append(point['diagnosis']['wall_time'] / statistics.mean(point['samples']['wall_time']))
        metrics = point['metrics']
        rates.append(sum(metrics[f'{kind}voluntary_switches']['value'] for kind in ('', 'in')) / metrics['wall_time']['value'])
    return ratios, rates


def timed(b, command, *options):
    r = b.result('run', '-e', 'none', '-r', '3', '-w', '0', '-t', '2', *options, '--', *command)
    return r['points'][-1]['metrics']['wall_time']['value']


def cost(b, times=11, only=''):
    programs = {
        'xz': ('xz -T2', blocks(b, 2), 0.03),
        'make': ('make -j2', make_file(b, 0.1, 50, 450), 0.03),
        'switches': ('switches', [b.program('bench/hand_over'), '5000', '30000'], 0.05),
    }
    for key, (name, command, most) in programs.items():
        if only not in ('', key):
            continue
        ratios, rates = slow_downs(b, command, times)
        middle, low, high = median_interval(ratios)
        b.judge(middle <= 1 + most, f'{name}, {statistics.median(rates):,.0f} switches a second: an observed execution takes '
                f'{middle - 1:+.1%} [{low - 1:+.1%}, {high - 1:+.1%}] (at most {most:.0%})')
    if only in ('', 'timed'):
        ratios = [timed(b, programs['xz'][1], '--diagnose') / timed(b, programs['xz'][1], '--no-diagnose') for _ in range(times)]
        middle, low, high = median_interval(ratios)
        b.judge(low <= 1 <= high or middle <= 1.005, f'timed rounds with --diagnose over those without: {middle:.4f} '
                f'[{low:.4f}, {high:.4f}]')


def attach(b, times=5):
    for duration in '0.5s', '2s':
        shares = []
        for _ in range(times):
            process = subprocess.Popen([b.program('bench/phases'), 'threads', '0.3', '3', '100000'], preexec_fn=drop)
            time.sleep(0.1)
            r = b.result('attach', '-p', str(process.pid), '--duration', duration)
            process.kill()
            process.wait()
            d = r['points'][0]['diagnosis']
            shares.append(d['cpu_time'] / d['cpu_time_used'])
        b.judge(0.99 <= statistics.median(shares) <= 1.01,
                f"{duration}: explains {', '.join(f'{s:.2%}' for s in shares)} (median at least 99 %)")


def regions(b, _=1):
    truth = b.path('truth')
    for _ in range(TRIES):
        with open(truth, 'w', encoding='ascii'):
            os.chmod(truth, 0o666)
        d = b.observed([b.program('tests/cli/regions'), truth])
        with open(truth, encoding='ascii') as file:
            rows = [[float(x) for x in line.split()] for line in file]
        if len(rows) == 4 * d['executions']:
            break
    for name, column in ('outer', 1), ('inner', 2):
        region = next(r for r in d['regions'] if r['name'] == name)
        off = region['time'] * d['executions'] / sum(row[column] for row in rows) - 1
        b.judge(abs(off) <= 0.01, f"{name}: {region['time']:.4f} s, {off:+.2%} of what the program took (± 1 %)")
    told = b.path('told')
    with open(told, 'w', encoding='ascii'):
        os.chmod(told, 0o666)
    b.result('run', '-e', 'none', '-r', '1', '-w', '0', '--diagnose', '--', b.program('bench/regions_cost'), told)
    with open(told, encoding='ascii') as file:
        lines = file.read().splitlines()
    for text, most in ('not observed', 2), ('observed', 100):
        costs = [float(line.split(': ')[1].split()[0]) for line in lines if line.startswith(text + ':')]
        b.judge(costs and min(costs) <= most, f'{text}: {min(costs):.2f} ns a pair (at most {most})')


IMPORT = """(text => {
    const model = new tr.Model(), importer = new tr.importer.Import(model);
    importer.importTraces([text]);
    const rows = {};
    for (const thread of model.getAllThreads())
        rows[thread.parent.pid + '/' + thread.tid] = [thread.name, thread.sliceGroup.slices.length];
    let samples = 0;
    for (const counter of model.getAllCounters()) samples += counter.timestamps.length;
    return {rows, samples, warnings: model.importWarnings.map(w => w.message)};
})(%s)"""


def trace(b, _=1):
    """Chromium's viewer, as TRACE2HTML writes it into a page, has each slice in its thread's row, and each value."""
    if 'TRACE2HTML' not in os.environ:
        print('  not tried: TRACE2HTML is to be tracing/bin/trace2html of the catapult project')
        return
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'tests', 'cli'))
    import browser  # pylint: disable=import-outside-toplevel
    path = b.path('t.json')
    b.observed(phase(b, 'threads', 0.3, 20), '--timeline', path)
    subprocess.run([os.environ['TRACE2HTML'], path, '--output', b.path('t.html')], check=True, stdout=subprocess.DEVNULL)
    with open(path, encoding='utf-8') as file:
        text = file.read()
    events, rows, names = json.loads(text)['traceEvents'], {}, {}
    for e in events:
        row = f"{e['pid']}/{e['tid']}"
        if e['ph'] == 'X':
            rows[row] = rows.get(row, 0) + 1
        elif e['name'] == 'thread_name':
            names[row] = e['args']['name']
    with tempfile.TemporaryDirectory() as profile:
        chromium = browser.Browser(profile)
        try:
            tab = chromium.open(pathlib.Path(b.path('t.html')))
            seen = tab.run(IMPORT % json.dumps(text))
            version = chromium.call('Browser.getVersion')['product']
        finally:
            chromium.close()
    wanted = {row: [names[row], count] for row, count in rows.items()}
    shown = {row: value for row, value in seen['rows'].items() if value[1]}
    values = sum(len(e['args']) for e in events if e['ph'] == 'C')
    b.judge(shown == wanted and seen['samples'] == values and not seen['warnings'],
            f"{version}, the trace viewer: {sum(n for _, n in shown.values())} of {sum(rows.values())} slices in {len(shown)} rows, "
            f"{seen['samples']} of {values} values, warnings {seen['warnings']}")


CHECKS = {check.__name__: check for check in (serial, causes, accounts, cost, attach, regions, trace)}


def main():
    words = [re.fullmatch(r'(\w+)(?::(\w+))?(?:=(\d+))?', word) for word in sys.argv[2:] or CHECKS]
    if len(sys.argv) < 2 or not all(word and word[1] in CHECKS for word in words):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        bench = Bench(sys.argv[1], folder)
        for name, only, times in (word.groups() for word in words):
            print(name, only or '', flush=True)
            CHECKS[name](bench, *([int(times)] if times else []), **({'only': only} if only else {}))
    return 1 if bench.short else 0


if __name__ == '__main__':
    sys.exit(main())
