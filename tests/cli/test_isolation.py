"""Strategies that live in processes of their own."""
import json
import os
import pathlib
import re
import signal
import subprocess
import unittest

from harness import PARSCOPE, Case, environment, main, parscope, thread_sanitized


def read(path):
    """A file of /proc, or '' where the process is gone."""
    try:
        return pathlib.Path(path).read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ''


def children(pid):
    return [int(p) for p in read(f'/proc/{pid}/task/{pid}/children').split()]


def state(pid):
    """R, S, T … or '' where the process is gone or a zombie."""
    text = read(f'/proc/{pid}/stat')
    letter = text.rsplit(')', 1)[1].split()[0] if text else ''
    return '' if letter in 'ZX' else letter


def has_openmp():
    return 'without OpenMP' not in re.sub(r'\s+', ' ', parscope('list', 'matrix').stdout)


@unittest.skipUnless(has_openmp(), 'built without OpenMP')
@unittest.skipIf(thread_sanitized(), 'ThreadSanitizer does not see the barriers of OpenMP')
class Isolation(Case):
    def start(self, *arguments):
        child = subprocess.Popen([PARSCOPE, *arguments], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                 env=environment())
        self.addCleanup(child.communicate)
        self.addCleanup(child.kill)
        return child

    def endless(self):
        """A run that has begun its trials: it, and its cell, seen stopped and then going on."""
        run = self.start('run', 'counter:n=3M', '-s', 'pool,omp', '-t', '2', '-r', '1000000')
        cell = self.until(lambda: children(run.pid))[0]
        for _ in range(3):
            self.until(lambda: state(cell) == 'T')
            self.until(lambda: state(cell) != 'T')
        return run, cell

    def until(self, look):
        while not (seen := look()):
            os.sched_yield()
        return seen

    def test_right_results(self):
        self.succeed('run', 'reduce:size=10k', 'tree:depth=12', 'op:n=50', '-s',
                     'omp,omp:schedule=dynamic,omp:schedule=guided,omp:schedule=tasks', '-t', '3', '-r', '3')

    def test_what_the_cell_measured_arrives(self):
        done = self.succeed('run', 'counter', '-s', 'omp', '-t', '2', '-r', '5', '-o', '-',
                            '--format', 'json')
        point = json.loads(done.stdout)['points'][1]
        self.assertEqual(point['strategy'], 'omp')
        for metric in ('wall_time', 'cpu_time', 'busy_time', 'region_time'):
            self.assertGreater(point['metrics'][metric]['value'], 0, metric)
        self.assertEqual([w['items'] for w in point['workers']], [480, 480])

    def test_terminated(self):
        run, cell = self.endless()
        run.send_signal(signal.SIGTERM)
        out, _ = run.communicate()
        self.assertEqual(run.returncode, 130)
        self.assertIn('speedup', out)
        self.assertEqual(state(cell), '')

    def test_killed(self):
        run, cell = self.endless()
        run.kill()
        run.wait()
        self.until(lambda: not state(cell))

    def test_crashed(self):
        run, cell = self.endless()
        os.kill(cell, signal.SIGSEGV)
        _, err = run.communicate()
        self.assertEqual(run.returncode, 1)
        self.assertIn('omp crashed with SIGSEGV while it ran counter:n=3M with 2 threads', err)


if __name__ == '__main__':
    main()
