"""^C and SIGTERM: soon over, status 130, what was measured is reported."""
import json
import os
import pathlib
import re
import signal
import subprocess

from harness import PARSCOPE, Case, environment, main, open_terminal

ENDLESS = ('run', 'counter:n=1M', '-s', 'pool', '-t', '2', '--precision', '0.000001', '--max-time',
           '600')


class Running:
    """A running parscope; what it says arrives in `said` only when it has ended."""

    def __init__(self, *arguments, stderr=subprocess.PIPE, **more):
        self.child = subprocess.Popen([PARSCOPE, *arguments], stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=stderr, env=environment(),
                                      **more)

    def status_field(self, name):
        text = pathlib.Path(f'/proc/{self.child.pid}/status').read_text()
        return next(line.split()[1] for line in text.splitlines() if line.startswith(name + ':'))

    def until(self, condition):
        """Looks until the condition holds; the harness's time limit ends what never comes."""
        while not condition():
            if self.child.poll() is not None:
                raise AssertionError(f'ended early: {self.child.communicate()}')
            os.sched_yield()

    def mask_has(self, mask, number):
        return int(self.status_field(mask), 16) >> (number - 1) & 1

    def until_caught(self, number):
        self.until(lambda: self.mask_has('SigCgt', number))

    def until_busy(self, seconds):
        """Until its threads have used this much CPU time."""
        ticks = seconds * os.sysconf('SC_CLK_TCK')
        stat = pathlib.Path(f'/proc/{self.child.pid}/stat')
        self.until(lambda: sum(map(int, stat.read_text().rpartition(')')[2].split()[11:13])) >= ticks)

    def until_threads(self):
        self.until(lambda: len(os.listdir(f'/proc/{self.child.pid}/task')) > 1)

    def end(self, number=signal.SIGINT):
        self.child.send_signal(number)
        out, err = self.child.communicate(timeout=30)
        return self.child.returncode, out.decode(), (err or b'').decode()

    def close(self):
        if self.child.poll() is None:
            self.child.kill()
        self.child.communicate()


class Interrupt(Case):
    def start(self, *arguments, **more):
        running = Running(*arguments, **more)
        self.addCleanup(running.close)
        return running

    def after_a_round(self, *arguments):
        """Started, and with at least two rounds done: the progress line says which is under way."""
        leader, follower = open_terminal()
        self.addCleanup(os.close, leader)
        running = self.start(*arguments, stderr=follower)
        os.close(follower)
        text = b''
        while not any(int(n) > 2 for n in re.findall(rb'round (\d+),', text)):
            text += os.read(leader, 4096)
        return running

    def check_report(self, number):
        path = self.folder / 'r.json'
        running = self.after_a_round(*ENDLESS, '-o', str(path))
        status, table, _ = running.end(number)
        self.assertEqual(status, 130)
        self.assertIn('speedup', table)
        self.assertRegex(table.lower(), 'interrupt')
        result = json.loads(path.read_text())
        self.assertEqual(result['plan']['ended_by'], 'interrupt')
        self.assertGreaterEqual(result['plan']['rounds'], 2)

    def test_interrupt(self):
        self.check_report(signal.SIGINT)

    def test_terminate(self):
        self.check_report(signal.SIGTERM)

    def test_at_any_moment(self):
        """As soon as threads are there, whatever they do."""
        running = self.start(*ENDLESS)
        running.until_caught(signal.SIGINT)
        running.until_threads()
        status, _, err = running.end()
        self.assertEqual(status, 130)
        self.assertIn('interrupted', err)

    def check_set_up(self, number):
        """Setting up takes far longer than the look at the machine and what the workload times before."""
        running = self.start('run', 'op:n=1G:time=1us', '-s', 'pool,fork', '-t', '2', '-r', '1', '-o',
                             str(self.folder / 'r.json'), start_new_session=True)
        running.until_caught(signal.SIGINT)
        running.until_busy(0.5)
        self.assertEqual(running.status_field('Threads'), '1')
        self.assertEqual(running.end(number), (130, '', 'parscope run: interrupted\n'))
        self.assertEqual(list(self.folder.iterdir()), [])
        with self.assertRaises(ProcessLookupError):
            os.killpg(running.child.pid, 0)

    def test_interrupt_while_setting_up(self):
        self.check_set_up(signal.SIGINT)

    def test_terminate_while_setting_up(self):
        self.check_set_up(signal.SIGTERM)

    def test_at_the_first_moment(self):
        running = self.start(*ENDLESS)
        running.until_caught(signal.SIGINT)
        self.assertEqual(running.end()[0], 130)

    def test_execution_that_would_last_for_hours(self):
        path = self.folder / 'r.json'
        running = self.start('run', 'counter:n=1T', '-s', 'pool', '-t', '1', '-o', str(path))
        running.until_caught(signal.SIGINT)
        running.until_threads()
        self.assertEqual(running.end()[0], 130)
        self.assertLessEqual({p.name for p in self.folder.iterdir()}, {'r.json'})

    def test_second_interrupt_ends_at_once(self):
        """Both arrive before the program goes on: it has no time to say anything."""
        running = self.after_a_round(*ENDLESS)
        running.child.send_signal(signal.SIGSTOP)
        running.child.send_signal(signal.SIGINT)
        running.child.send_signal(signal.SIGTERM)
        self.assertEqual(running.end(signal.SIGCONT), (130, '', ''))

    def test_ignored_interrupts_stay_ignored(self):
        running = self.start(*ENDLESS, preexec_fn=lambda: signal.signal(
            signal.SIGINT, signal.SIG_IGN))
        running.until_caught(signal.SIGTERM)
        running.until_threads()
        self.assertTrue(running.mask_has('SigIgn', signal.SIGINT))
        self.assertEqual(running.end(signal.SIGTERM)[0], 130)


if __name__ == '__main__':
    main()
