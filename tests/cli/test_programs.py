"""Programs as workloads: how they are given, run, ended, and what is left of them."""
import fcntl
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import termios
import time

from harness import PARSCOPE, TIMEOUT, Case, environment, main, open_terminal, parscope, sanitized

# An execution that is observed would be one more.
ONCE = ('-r', '1', '-w', '0', '--no-diagnose')
MARK = 86400


def processes(mark):
    """Ids of processes with `mark` as a word of their command line."""
    found = []
    for folder in pathlib.Path('/proc').glob('[0-9]*'):
        try:
            words = (folder / 'cmdline').read_bytes().split(b'\0')
        except OSError:
            continue
        if mark.encode() in words and not words[0].endswith(b'parscope'):
            found.append(int(folder.name))
    return found


def children(pid):
    return [int(c) for c in pathlib.Path(f'/proc/{pid}/task/{pid}/children').read_text().split()]


def default_signals():
    """As a shell starts a foreground job, however these tests were started."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


def controlled():
    default_signals()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def until(condition):
    """Waits for what must come; the time limit is a safety net."""
    end = time.monotonic() + TIMEOUT
    while not condition():
        if time.monotonic() > end:
            raise AssertionError('waited in vain')
        os.sched_yield()


class Programs(Case):
    def result(self, *arguments, **more):
        path = self.folder / 'r.json'
        done = self.succeed(*arguments[:1], '-o', str(path), *arguments[1:], **more)
        return json.loads(path.read_text()), done

    def cut_short(self, command, *arguments, says):
        """What a failure left of the measurement; the failure itself is the last word."""
        path = self.folder / 'cut.json'
        done = parscope(command, '-o', str(path), *arguments)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr, r'^parscope run: [^\n]*' + re.escape(says))
        result = json.loads(path.read_text())
        self.assertEqual(result['plan']['ended_by'], 'failure')
        self.assertRegex(done.stdout.splitlines()[-1], r'^failed: cut short after \d+ rounds? in ')
        self.assertEqual(self.succeed('report', str(path)).stdout, done.stdout)
        return result

    def output(self, *arguments, **more):
        """What the program wrote."""
        path = self.folder / 'child.out'
        self.succeed(*arguments[:1], '--child-output', str(path), *arguments[1:], **more)
        return path.read_text()

    def mark(self):
        """A number that only processes of this test have on their command line."""
        return f'{MARK}.{os.getpid()}{id(self) % 1000}'


class Giving(Programs):
    def test_words(self):
        script = 'printf "<%s>" "$@"'
        self.assertEqual(self.output('run', *ONCE, '--', 'sh', '-c', script, 'x', 'a b', '', '-h'),
                         '<a b><><-h>')
        self.assertEqual(self.output('run', *ONCE, '-c', 'printf "<%s>" \'a b\' c\\ d "e\'f"'),
                         "<a b><c d><e'f>")

    def test_unclosed_quote(self):
        self.refuse('run', '-c', "echo 'a", says=['quote', "'"])
        self.refuse('run', '-c', 'echo "a', says=['quote'])

    def test_empty(self):
        self.refuse('run', '-c', '')
        self.refuse('run', '-c', '   ')
        self.refuse('run', '--')
        self.refuse('run', '--', '')
        self.refuse('run', '-c', "''")

    def test_shell_characters(self):
        self.refuse('run', '-c', 'echo a | wc', says=["'|'", '--shell'])
        text = self.output('run', *ONCE, '--shell', 'sh', '-c', 'echo a | wc -c')
        self.assertEqual(text.strip(), '2')

    def test_shell_for_nothing(self):
        self.refuse('run', '--shell', 'sh', '--', 'true', says=['--shell is for -c'])
        self.succeed('run', *ONCE, '--shell', 'sh', '--prepare', 'true | true', '--', 'true')

    def test_no_shell_is_the_default(self):
        self.succeed('run', *ONCE, '-N', '-c', 'true')
        self.refuse('run', '-N', '--shell', 'sh', '-c', 'true')

    def test_not_found(self):
        self.fail_with(1, 'run', '--', 'no-such-program-here', says=['no-such-program-here', 'PATH'])
        self.fail_with(1, 'run', '--', '/etc/passwd', says=['/etc/passwd', 'Permission denied'])
        self.fail_with(1, 'run', '--', '/', says=["'/'"])

    def test_no_executable_format(self):
        path = self.folder / 'script'
        path.write_text('echo no first line\n')
        path.chmod(0o755)
        self.fail_with(1, 'run', '--', str(path), says=[str(path), 'Exec format error'])

    def test_misspelt_placeholder(self):
        self.refuse('run', '--', 'echo', '{thread}', says=['{thread}', '{threads}'])
        self.assertEqual(self.output('run', *ONCE, '--', 'echo', '{}', '{x}'), '{} {x}\n')

    def test_not_beside_workloads(self):
        self.refuse('run', 'counter', '--', 'true', says=['counter'])
        self.refuse('run', '-s', 'pool', '--', 'true', says=['--strategy'])
        self.refuse('run', 'counter', '--prepare', 'true', says=['--prepare'])
        self.refuse('run', 'counter', '--timeout', '1s', says=['--timeout'])

    def test_twice(self):
        self.refuse('run', '-c', 'true', '-c', 'true', says=['twice'])

    def test_placeholders_and_variables(self):
        text = self.output('sweep', *ONCE, '--threads', '1,2', '--cpus', '0', '--', 'sh', '-c',
                           'echo $1 $2 $OMP_NUM_THREADS $RAYON_NUM_THREADS', 'x', '{threads}', '{cpus}')
        self.assertEqual(sorted(text.splitlines()), ['1 0 1 1', '2 0 2 2'])

    def test_a_program_alone_is_left_alone(self):
        text = self.output('run', *ONCE, '--', 'sh', '-c', 'echo $OMP_NUM_THREADS',
                           env={'OMP_NUM_THREADS': '77'})
        self.assertEqual(text, '77\n')
        result, _ = self.result('run', *ONCE, '--', 'true')
        (point,) = result['points']
        self.assertNotIn('speedup', point['metrics'])
        self.assertEqual((point['strategy'], point['placement']), ('program', 'free'))

    def test_pinned(self):
        cpu = str(min(os.sched_getaffinity(0)))
        text = self.output('run', *ONCE, '--cpus', cpu, '--', 'grep', 'Cpus_allowed_list',
                           '/proc/self/status')
        self.assertEqual(text.split()[1], cpu)

    def test_dry_run(self):
        done = self.succeed('sweep', '-n', '--threads', '1,2', '--', 'true', '-j{threads}',
                            env={'HWLOC_SYNTHETIC': 'core:4 pu:2'})
        self.assertEqual([line.split() for line in done.stdout.splitlines()],
                         [['true', '-j1', 'threads=1', 'spread', 'cpus=0'],
                          ['true', '-j2', 'threads=2', 'spread', 'cpus=0,2']])


class Running(Programs):
    def test_metrics(self):
        result, _ = self.result('run', '-r', '6', '--', 'true')
        self.assertGreater(result['points'][0]['metrics']['wall_time']['value'], 0)

    def test_switches_without_events(self):
        result, _ = self.result('run', '-r', '6', '-e', 'none', '--', 'sleep', '0.01')
        metrics = result['points'][0]['metrics']
        self.assertEqual(metrics['context_switches']['quality'], 'estimated')
        self.assertGreaterEqual(metrics['context_switches']['value'], 1)
        self.assertEqual(metrics['page_faults']['quality'], 'unavailable')

    def test_standard_input_is_empty(self):
        self.succeed('run', *ONCE, '--timeout', '60s', '--', 'cat')

    def test_descriptors(self):
        text = self.output('run', *ONCE, '--', 'ls', '/proc/self/fd')
        self.assertEqual(text.split(), ['0', '1', '2', '3'])  # 3 is of ls itself

    def test_gigabytes(self):
        script = 'head -c 1G /dev/zero; head -c 100M /dev/zero >&2'
        done = subprocess.Popen([PARSCOPE, 'run', *ONCE, '--', 'sh', '-c', script], text=True,
                                env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        _, status, usage = os.wait4(done.pid, 0)
        done.returncode = os.waitstatus_to_exitcode(status)
        done.communicate()
        self.assertEqual(done.returncode, 0)
        if not sanitized():
            self.assertLess(usage.ru_maxrss, 50e3)

    def test_gigabytes_before_failing(self):
        script = 'yes 0123456789 | head -c 20M >&2; echo the last word >&2; exit 1'
        done = self.fail_with(1, 'run', *ONCE, '--', 'sh', '-c', script, says=['the last word'])
        self.assertLess(len(done.stderr), 2000)

    def test_no_empty_line_after_what_it_said(self):
        for said, end in (('one\\ntwo\\n\\n', 'with:\none\ntwo\n'), ('one', 'with:\none\n'),
                          ('\\n', 'exited with status 3\n')):
            done = self.fail_with(1, 'run', *ONCE, '--', 'sh', '-c', f"printf '{said}' >&2; exit 3")
            self.assertTrue(done.stderr.endswith(end), done.stderr)

    def test_child_output(self):
        done = self.succeed('run', '--child-output', 'inherit', *ONCE, '--', 'echo', 'seen')
        self.assertTrue(done.stdout.startswith('seen\n'))
        self.assertFalse(self.succeed('run', *ONCE, '--', 'echo', 'seen').stdout.startswith('seen'))
        self.fail_with(2, 'run', '--child-output', '/no/such/folder/f', '--', 'true',
                       says=['/no/such/folder/f'])

    def test_prepare_and_cleanup(self):
        log = self.folder / 'log'
        self.succeed('run', '-r', '3', '-w', '1', '--shell', 'sh', '--prepare', f'echo p >>{log}',
                     '--cleanup', f'echo c >>{log}', '-c', f'echo x >>{log}')
        self.assertEqual(log.read_text().split(), ['p', 'x'] * 4 + ['c'])

    def test_prepare_fails(self):
        self.fail_with(1, 'run', '--prepare', 'false', '--', 'true', says=['--prepare', 'status 1'])

    def test_cleanup_fails(self):
        result = self.cut_short('run', '-r', '6', '--cleanup', 'false', '--', 'true', says='--cleanup')
        self.assertEqual(result['plan']['rounds'], 6)
        self.fail_with(1, 'run', '-w', '1', '--cleanup', 'false', '--', 'false', says=['execution 1'])

    def test_threads_seen(self):
        if len(os.sched_getaffinity(0)) < 2:
            self.skipTest('needs two CPUs')
        busy = 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done'
        result, done = self.result('run', '-r', '1', '--threads', '2', '--', 'sh', '-c', busy)
        seen = result['points'][0]['metrics']['threads_seen']['value']
        self.assertEqual(seen, 1)
        self.assertIn('threads-mismatch', [f['id'] for f in result['findings']])
        self.assertIn('was asked for 2', ' '.join(done.stdout.split()))

    def test_changed_affinity(self):
        cpus = sorted(os.sched_getaffinity(0))
        if len(cpus) < 2:
            self.skipTest('needs two CPUs')
        busy = 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done'
        result, _ = self.result('run', '-r', '1', '--cpus', str(cpus[0]), '--', 'taskset', '-c',
                                str(cpus[1]), 'sh', '-c', busy)
        self.assertIn('placement-escaped', [f['id'] for f in result['findings']])

    def test_saved_result_renders_again(self):
        path = self.folder / 'r.json'
        text = self.succeed('run', '-r', '6', '-o', str(path), '-c', 'true', '-c', 'echo a').stdout
        self.assertEqual(self.succeed('report', str(path)).stdout, text)
        self.assertRegex(text, 'times as fast as|equally fast within noise')


class Failing(Programs):
    def test_status(self):
        self.fail_with(1, 'run', '--', 'sh', '-c', 'echo why it failed >&2; exit 3',
                       says=['execution 1', 'status 3', 'why it failed'])

    def test_later_execution(self):
        count = self.folder / 'count'
        script = f'echo x >>{count}; [ $(wc -l <{count}) -lt 3 ]'
        result = self.cut_short('run', '-r', '9', '--', 'sh', '-c', script,
                                says="execution 3 of 'sh -c")
        self.assertEqual(result['plan']['rounds'], 1)
        self.assertEqual(len(result['points'][0]['samples']['wall_time']), 1)

    def test_later_execution_of_one_of_several(self):
        """A round counts where all have been measured."""
        count = self.folder / 'count'
        script = f'echo x >>{count}; [ $(wc -l <{count}) -lt 9 ]'
        result = self.cut_short('run', '-r', '20', '-c', 'true', '--shell', 'sh', '-c', script,
                                says='execution 9')
        self.assertEqual([len(p['samples']['wall_time']) for p in result['points']], [7, 7])

    def test_later_prepare(self):
        count = self.folder / 'count'
        script = f'echo x >>{count}; [ $(wc -l <{count}) -lt 4 ]'
        result = self.cut_short('run', '-r', '9', '--shell', 'sh', '--prepare', script, '-c', 'true',
                                says='--prepare')
        self.assertEqual(result['plan']['rounds'], 2)

    def test_no_complete_round(self):
        count = self.folder / 'count'
        script = f'echo x >>{count}; [ $(wc -l <{count}) -lt 2 ]'
        self.fail_with(1, 'run', '--', 'sh', '-c', script, says=['execution 2', 'status 1'])

    def test_which_threads(self):
        self.fail_with(1, 'sweep', '--threads', '2', '--', 'sh', '-c', 'exit $(({threads} - 1))',
                       says=['with 2 threads', 'status 1'])

    def test_signal(self):
        self.fail_with(1, 'run', '--', 'sh', '-c', 'kill -SEGV $$', says=['SIGSEGV'])

    def test_ignored(self):
        result, done = self.result('run', '-i', '-r', '6', '--', 'sh', '-c', 'exit 3')
        self.assertIn('failures', [f['id'] for f in result['findings']])
        self.assertIn('status 3', ' '.join(done.stdout.split()))
        self.succeed('run', '-i', *ONCE, '--', 'sh', '-c', 'kill -SEGV $$')

    def test_timeout(self):
        mark = self.mark()
        self.fail_with(1, 'run', '--timeout', '50ms', '--', 'sleep', mark, says=['50.0 ms'])
        self.fail_with(1, 'run', '-i', '--timeout', '50ms', '--', 'sleep', mark, says=['50.0 ms'])
        self.assertEqual(processes(mark), [])

    def test_no_result_file_after_failure(self):
        path = self.folder / 'r.json'
        self.fail_with(1, 'run', '-o', str(path), '--', 'false')
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_control_characters(self):
        done = self.fail_with(1, 'run', '--', 'sh', '-c', 'printf "\\033[31mred" >&2; exit 1',
                              says=['red'])
        self.assertNotIn('\033', done.stderr)


class Remains(Programs):
    """Children that ignore SIGTERM, daemonise, are stopped or outlive their parent."""
    WAYS = {
        'ignores SIGTERM': (1, 'trap "" TERM HUP INT; sleep {mark}; true'),
        'daemon': (2, 'setsid sh -c \'trap "" TERM HUP; sleep {mark}; true\' & sleep {mark}; true'),
        'stopped': (2, "sh -c 'kill -STOP $$; sleep {mark}' x {mark} & exec sleep {mark}"),
        'grandchild': (2, 'sh -c "sleep {mark} & wait" & sleep {mark}; true'),
    }

    def start(self, way, mark):
        """parscope running a script, once its processes are there."""
        expected, script = way[0], way[1].replace('{mark}', mark)
        p = subprocess.Popen([PARSCOPE, 'run', '-w', '0', '--', 'sh', '-c', script], text=True,
                             env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, preexec_fn=default_signals)
        self.addCleanup(p.stdout.close)
        self.addCleanup(p.kill)
        self.addCleanup(p.stderr.close)
        until(lambda: p.poll() is not None or len(processes(mark)) >= expected)
        self.assertIsNone(p.poll())
        return p

    def test_ended_by_signal(self):
        for name, way in self.WAYS.items():
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                with self.subTest(way=name, signal=number):
                    mark = self.mark()
                    p = self.start(way, mark)
                    p.send_signal(number)
                    self.assertEqual(p.wait(TIMEOUT), 130)
                    self.assertEqual(processes(mark), [])

    def test_killed(self):
        for name, way in self.WAYS.items():
            with self.subTest(way=name):
                mark = self.mark()
                p = self.start(way, mark)
                p.kill()
                p.wait(TIMEOUT)
                until(lambda: not processes(mark))

    def test_worker_killed(self):
        for name, way in self.WAYS.items():
            with self.subTest(way=name):
                mark = self.mark()
                p = self.start(way, mark)
                (worker,) = children(p.pid)
                os.kill(worker, signal.SIGKILL)
                self.assertEqual(p.wait(TIMEOUT), -signal.SIGKILL)
                self.assertEqual(processes(mark), [])

    def test_outlives_its_parent(self):
        mark = self.mark()
        script = f'setsid sleep {mark} >/dev/null 2>&1 & exit 0'
        result, _ = self.result('run', '-r', '3', '--', 'sh', '-c', script)
        self.assertIn('leftovers', [f['id'] for f in result['findings']])
        self.assertEqual(processes(mark), [])

    def test_whose_leftovers(self):
        """Two findings are of two points, and say of which."""
        cpus = sorted(os.sched_getaffinity(0))
        if len(cpus) < 2:
            self.skipTest('needs two CPUs')
        mark = self.mark()
        script = f'setsid sleep {mark} >/dev/null 2>&1 & exit 7'
        result, _ = self.result('smt-compare', '--pair', f'{cpus[0]},{cpus[1]}', '--copies', '-i', '-r', '2', '--',
                                'sh', '-c', script)
        for name in 'leftovers', 'failures':
            texts = [f['text'] for f in result['findings'] if f['id'] == name]
            self.assertEqual(len(texts), 2)
            for text, amount in zip(texts, ('1 copy', '2 copies')):
                self.assertIn(f'executions of {amount} of sh', text)
        self.assertEqual(processes(mark), [])

    def test_stops_itself(self):
        self.fail_with(1, 'run', '--', 'sh', '-c', 'kill -STOP $$', says=['SIGSTOP'])

    def test_daemon_after_failure(self):
        mark = self.mark()
        self.fail_with(1, 'run', '--', 'sh', '-c', f'setsid sleep {mark} & exit 1')
        self.assertEqual(processes(mark), [])

    def test_many_executions(self):
        before = set(os.listdir('/tmp'))
        result, _ = self.result('run', '-r', '300', '--', 'ls', '/proc/self/fd')
        self.assertEqual(result['points'][0]['executions'], 300)
        text = self.output('run', '-r', '200', '--', 'ls', '/proc/self/fd')
        self.assertEqual(set(text.split()), {'0', '1', '2', '3'})
        self.assertFalse([f for f in set(os.listdir('/tmp')) - before if 'parscope' in f])

    def test_interrupt_reports_what_there_is(self):
        path = self.folder / 'seen'
        p = subprocess.Popen([PARSCOPE, 'run', '-w', '0', '--max-time', '600s', '--precision', '1e-6',
                              '--', 'sh', '-c', f'echo x >>{path}'], text=True, env=environment(),
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, preexec_fn=default_signals)
        self.addCleanup(p.kill)
        until(lambda: path.exists() and path.read_text().count('x') > 20)
        p.send_signal(signal.SIGINT)
        out, err = p.communicate(timeout=TIMEOUT)
        self.assertEqual(p.returncode, 130)
        self.assertIn('interrupted', err)
        self.assertRegex(out, r'\d+ rounds')

    def test_terminal_interrupt(self):
        """^C goes to the foreground process group alone."""
        master, slave = open_terminal()
        mark = self.mark()
        p = subprocess.Popen([PARSCOPE, 'run', '-w', '0', '--', 'sleep', mark], env=environment(),
                             stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
                             preexec_fn=controlled)
        os.close(slave)
        self.addCleanup(os.close, master)
        until(lambda: processes(mark))
        os.write(master, b'\x03')
        self.assertEqual(p.wait(TIMEOUT), 130)
        self.assertEqual(processes(mark), [])


if __name__ == '__main__':
    main()
