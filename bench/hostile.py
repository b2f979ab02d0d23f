#!/usr/bin/python3
"""Programs and circumstances that are hard to observe: each gives a report or a clear error, in time, and leaves nothing.

usage: bench/hostile.py BUILD [CASE...]

As a user of its own where it can. BUILD is a release build: ninja -C BUILD src/cli/parscope bench/phases tests/cli/no_perf
Each case says `holds` or `FALLS SHORT`, with what parscope said; the exit status is 1 if any falls short.
"""

import json
import os
import resource
import shutil
import stat
import subprocess
import sys
import tempfile
import time

from needs import need, python

SOMEBODY = 64222  # who has no other processes
PATIENCE = 180  # s
MOST_MEMORY = 400  # MB
OBSERVE = ['-e', 'none', '-r', '1', '-w', '0', '--diagnose', '-v']
THREADS = """#include <pthread.h>
#include <unistd.h>
static pthread_barrier_t all;
static void *wait(void *x) { pthread_barrier_wait(&all); for (volatile int i = 0; i < 100000; i++); return x; }
int main(void) {
    pthread_t t[2000]; pthread_attr_t a; pthread_attr_init(&a); pthread_attr_setstacksize(&a, 65536);
    pthread_barrier_init(&all, 0, 2001);
    for (int i = 0; i < 2000; i++) if (pthread_create(&t[i], &a, wait, 0)) return 3;
    pthread_barrier_wait(&all);
    for (int i = 0; i < 2000; i++) pthread_join(t[i], 0);
    return 0;
}
"""
SPIN = 'for (volatile long i = 0; i < 200000000; i++);'
# An escape sequence, a line break, a NUL's neighbour, and names of 100 kB, one of which is C++'s of nested templates.
NAMES = ['a\\033[31mred', 'b\\nsecond line', 'c\\001\\002', 'd' * 100000, '_Z1fI' + '1AI' * 30000 + 'i' + 'E' * 30000 + 'Evv',
         '_ZN' + '5abcde' * 16000 + 'Ev', 'e\\303\\050', 'f|`g;h 12']


def drop():
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(SOMEBODY)
        os.setuid(SOMEBODY)


class Bench:
    def __init__(self, build, folder):
        self.build, self.folder, self.short = os.path.abspath(build), folder, 0
        self.parscope = os.path.join(self.build, 'src/cli/parscope')
        need(build, 'src/cli/parscope', 'bench/phases', 'tests/cli/no_perf')

    def path(self, name):
        return os.path.join(self.folder, name)

    def compiled(self, name, text, *flags, suffix='.c'):
        with open(self.path(name + suffix), 'w', encoding='utf-8') as file:
            file.write(text)
        subprocess.run(['gcc', '-O1', '-w', self.path(name + suffix), '-o', self.path(name), *flags], check=True)
        return self.path(name)

    def start(self, *arguments, prefix=()):
        return subprocess.Popen([*prefix, self.parscope, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, preexec_fn=drop, cwd='/', start_new_session=True)

    def case(self, name, *arguments, status=0, says=(), prefix=(), checks=lambda diagnosis: True):
        path = self.path('r.json')
        if os.path.exists(path):
            os.unlink(path)
        begin = time.monotonic()
        process = self.start('run', '-o', path, *arguments, prefix=prefix)
        try:
            out, errors = (text.decode('utf-8', 'backslashreplace') for text in process.communicate(timeout=PATIENCE))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            self.judge(False, name, f'still running after {PATIENCE} s')
            return
        took, diagnosis = time.monotonic() - begin, None
        if os.path.exists(path):
            with open(path, encoding='utf-8') as file:
                diagnosis = json.load(file)['points'][-1].get('diagnosis')
        text = out + errors
        controls = [c for c in text if ord(c) < 32 and c not in '\n\t' or 127 <= ord(c) < 160]
        left, memory = leftovers(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
        ok = process.returncode == status and all(word in ' '.join(text.split()) for word in says) and not left and not controls
        try:
            ok = ok and memory <= MOST_MEMORY and (status or checks(diagnosis))
        except (KeyError, TypeError, IndexError) as error:
            ok, left = False, left + [repr(error)]
        told = [line for line in text.splitlines() if any(word in line for word in says)] if says else text.splitlines()[-1:]
        self.judge(ok, name, f"status {process.returncode}, {took:.1f} s, {memory} MB{', left: ' + ' '.join(left) if left else ''}"
                   f"{', control characters' if controls else ''}; {' '.join(told)[:200]}")
        if not ok:
            print(text[-1500:], diagnosis and {k: v for k, v in diagnosis.items() if not isinstance(v, list)})

    def judge(self, ok, name, text):
        print(f"  {'holds' if ok else 'FALLS SHORT'}: {name}: {text}", flush=True)
        self.short += not ok


def leftovers():
    """Processes of this folder's programs, or of ours that nobody waits for; they have half a second to end."""
    for _ in range(10):
        done = subprocess.run(['pgrep', '-u', str(SOMEBODY if os.getuid() == 0 else os.getuid()), '-l', '.'],
                              capture_output=True, text=True, check=False)
        names = [line.split()[1] for line in done.stdout.splitlines()]
        names = [n for n in names if n in ('sleep', 'phases', 'parscope', 'ps-starter', 'threads', 'static', 'gone', 'names')]
        if not names:
            return []
        time.sleep(0.05)
    return names


def exits(b):
    b.case('exits at once', *OBSERVE, '--', 'true', checks=lambda d: d['missing'] is None)
    b.case('fails at once', *OBSERVE, '--', 'false', status=1, says=['exited with status 1'])


def never_ends(b):
    b.case('never ends', *OBSERVE, '--timeout', '1s', '--', 'sleep', '1000', status=1, says=['still running after'])
    b.case('never ends where it is observed', *OBSERVE, '--timeout', '1s', '--', 'sh', '-c',
           'test -z "$PARSCOPE_REGIONS" || sleep 1000', status=1, says=['still running after'])


def daemonises(b):
    b.case('daemonises', *OBSERVE, '--', 'sh', '-c', 'setsid sh -c "sleep 1000; sleep 1000" > /dev/null 2>&1 & sleep 0.1',
           says=['killed'])


def set_user_id(b):
    """Of another user, and a program that one may run and not read."""
    for name, mode, owner in ('suid', 0o4755, 1), ('hidden', 0o711, 0):
        copy = shutil.copy(os.path.join(b.build, 'bench/phases'), b.path(name))
        os.chown(copy, owner, owner)
        os.chmod(copy, mode)
        b.case(name, *OBSERVE, '--', 'sh', '-c', f'{copy} work 300', says=['Not all observed'],
               checks=lambda d: d['cpu_time'] < 0.2 * d['cpu_time_used'])


def children(b):
    b.case('10,000 short-lived children', *OBSERVE, '--', 'sh', '-c', 'i=0; while [ $i -lt 10000 ]; do (:); i=$((i+1)); done',
           checks=lambda d: d['missing'] is None and d['lost_records'] == 0)


def threads(b):
    program = b.compiled('threads', THREADS, '-pthread')
    b.case('2,000 threads', *OBSERVE, '--', program, checks=lambda d: d['missing'] is None and d['lost_records'] == 0)


def static(b):
    program = b.compiled('static', f'int main(void) {{ {SPIN} }}', '-static', '-s')
    b.case('stripped static binary', *OBSERVE, '--', program, checks=lambda d: d['samples'] > 10 and d['code'][0]['place']['module'])


def deleted(b):
    program = b.compiled('gone', f'int main(void) {{ {SPIN} }}', '-g')
    b.case('binary that is deleted', *OBSERVE, '--', 'sh', '-c', f'cp {program} {b.path("x")}; {b.path("x")} & rm {b.path("x")}; wait',
           checks=lambda d: d['samples'] > 10)


def names(b):
    code = '.text\n'
    for i, name in enumerate(NAMES):
        code += f'.globl "{name}"\n.type "{name}", @function\n"{name}":\n mov $30000000, %rcx\n1: dec %rcx\n jnz 1b\n ret\n' \
                f'.size "{name}", .-"{name}"\n.globl call{i}\ncall{i}: jmp "{name}"\n'
    with open(b.path('n.s'), 'w', encoding='ascii') as file:
        file.write(code + '.section .note.GNU-stack,"",@progbits\n')
    calls = range(len(NAMES))
    program = b.compiled('names', ''.join(f'void call{i}(void);' for i in calls) +
                         'int main(void) {' + ''.join(f'call{i}();' for i in calls) + '}', b.path('n.s'))
    flame = b.path('flame')
    b.case('hostile names', *OBSERVE, '--flame', flame, '--', program, checks=lambda d: len(d['code']) >= len(NAMES) - 2)
    with open(flame, 'rb') as file:
        lines = file.read().split(b'\n')
    b.judge(all(len(line) < 1500 and not any(c < 32 or c == 127 for c in line) for line in lines) and len(lines) > 5,
            'hostile names in folded stacks', f'{len(lines) - 1} lines, the longest {max(map(len, lines))} bytes')


def no_memory(b):
    """The allowance of one's user is used up by somebody else of the same user, who waits."""
    hold = ('import ctypes, mmap, os, struct, time\n'
            'libc = ctypes.CDLL(None, use_errno=True)\nheld = []\n'
            'attr = struct.pack("IIQQQQQII", 1, 112, 9, 0, 0, 0, 0x23, 0, 0).ljust(112, b"\\0")\n'
            'for cpu in list(range(os.cpu_count())) * 64:\n'
            '    fd = libc.syscall(298, attr, 0, cpu, -1, 0)\n'
            '    for pages in 128, 64, 32, 16, 8, 4, 2, 1:\n'
            '        try: held.append(mmap.mmap(fd, (pages + 1) * 4096)); break\n'
            '        except OSError: pass\n'
            'print(len(held), flush=True)\ntime.sleep(60)\n')
    holder = subprocess.Popen([python(), '-c', hold], stdout=subprocess.PIPE, preexec_fn=lambda: (
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0)), drop()))
    holder.stdout.readline()
    b.case('no memory can be locked', *OBSERVE, '--', 'true', prefix=['prlimit', '--memlock=0:0'], says=['memory can be locked'])
    holder.kill()
    holder.wait()


def at_once(b):
    """Three of one user, each of which observes."""
    paths = [b.path(f'{i}.json') for i in range(3)]
    started = [b.start('run', '-q', '-o', path, *OBSERVE, '--', os.path.join(b.build, 'bench/phases'), 'threads', '0.5', '200', '2')
               for path in paths]
    statuses, lost, missing = [], [], []
    for process, path in zip(started, paths):
        process.communicate(timeout=PATIENCE)
        statuses.append(process.returncode)
        with open(path, encoding='utf-8') as file:
            d = json.load(file)['points'][-1]['diagnosis']
        missing.append(d['missing'])
        lost.append(d.get('lost_records'))
    b.judge(statuses == [0] * 3 and missing == [None] * 3, 'three at once', f'statuses {statuses}, missing {missing}, lost {lost}')


def forbidden(b):
    no_perf = os.path.join(b.build, 'tests/cli/no_perf')
    for error, why in ('EPERM', 'seccomp'), ('EACCES', 'perf_event_paranoid'), ('ENOSYS', 'no perf_event_open'):
        b.case(f'{error} from perf_event_open', *OBSERVE, '--', 'true', prefix=[no_perf, error], says=['Not observed', why])


CASES = {case.__name__: case for case in (exits, never_ends, daemonises, set_user_id, children, threads, static, deleted, names,
                                          no_memory, at_once, forbidden)}


def main():
    wanted = sys.argv[2:] or list(CASES)
    if len(sys.argv) < 2 or any(name not in CASES for name in wanted):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, stat.S_IRWXU | stat.S_IRWXG | stat.S_IRWXO)
        bench = Bench(sys.argv[1], folder)
        for name in wanted:
            CASES[name](bench)
    return 1 if bench.short else 0


if __name__ == '__main__':
    sys.exit(main())
