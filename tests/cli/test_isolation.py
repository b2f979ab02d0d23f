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


class Cells(Case):
    def start(self, *arguments):
        child = subprocess.Popen([PARSCOPE, *arguments], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                 env=environment())
        self.addCleanup(child.communicate)
        self.addCleanup(child.kill)
        return child

    def until(self, look):
        while not (seen := look()):
            os.sched_yield()
        return seen


@unittest.skipUnless(has_openmp(), 'built without OpenMP')
@unittest.skipIf(thread_sanitized(), 'ThreadSanitizer does not see the barriers of OpenMP')
class Isolation(Cells):
    def endless(self):
        """A run that has begun its trials: it, and its cell, seen stopped and then going on."""
        run = self.start('run', 'counter:n=3M', '-s', 'pool,omp', '-t', '2', '-r', '1000000')
        cell = self.until(lambda: children(run.pid))[0]
        for _ in range(3):
            self.until(lambda: state(cell) == 'T')
            self.until(lambda: state(cell) != 'T')
        return run, cell

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
        for worker in point['workers']:
            self.assertGreater(worker['cpu_time'], 0)

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


class Processes(Cells):
    def pool(self, *more):
        """A run whose two worker processes are seen: it, its cell, and they."""
        run = self.start('run', 'counter:n=30M', '-s', 'fork', '-t', '2', *more)
        cell = self.until(lambda: children(run.pid))[0]
        workers = self.until(lambda: len(w := children(cell)) == 2 and w)
        return run, cell, workers

    def test_right_results(self):
        self.succeed('run', 'reduce:size=10k', 'op:n=50', '-s', 'fork,fork:processes=fresh', '-t',
                     '1..3', '-r', '3')

    def test_a_worker_without_a_cpu(self):
        """It is waited for, however long it takes."""
        run, _, workers = self.pool('-r', '20')
        for _ in range(3):
            os.kill(workers[0], signal.SIGSTOP)
            self.until(lambda: state(workers[0]) in ('T', ''))
            os.kill(workers[0], signal.SIGCONT)
        _, err = run.communicate()
        self.assertEqual(run.returncode, 0, err)

    def test_a_worker_that_dies(self):
        run, _, workers = self.pool('-r', '1000000')
        os.kill(workers[1], signal.SIGKILL)
        _, err = run.communicate()
        self.assertEqual(run.returncode, 1)
        self.assertIn('counter:n=30M under fork with 2 threads: a worker process died', err)
        for pid in workers:
            self.until(lambda pid=pid: not state(pid))

    def test_ended(self):
        for number, status in ((signal.SIGTERM, 130), (signal.SIGKILL, -9)):
            with self.subTest(signal=number):
                run, cell, workers = self.pool('-r', '1000000')
                run.send_signal(number)
                run.communicate()
                self.assertEqual(run.returncode, status)
                for pid in (cell, *workers):
                    self.until(lambda pid=pid: not state(pid))

    def test_refused(self):
        self.refuse('run', 'counter', '-s', 'fork:transfer=copy', '-t', '2',
                    says=["fork can't run counter", 'have no data that could be sent'])
        self.refuse('run', 'reduce', '-s', 'fork:transfer=copy:processes=fresh', '-t', '2',
                    says=['new processes inherit the data'])


if __name__ == '__main__':
    main()
