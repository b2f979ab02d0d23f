#!/usr/bin/python3
"""Programs with one planted cause of lost speedup: is it the first that is named, with its function?

usage: bench/causes.py BUILD [TIMES [CAUSE...]]

Sweeps each of tests/cli/planted's causes, and those of the programs in bench/causes (C++ threads, OpenMP, processes and
pipes, Python; built here), at 1 and 2 threads, TIMES times (10), as nobody where it can: a diagnosis needs no privileges. Beside a busy machine the cause may be another one, truly; such a measurement is repeated, and counted
as `busy` after four of them. BUILD is a release build: ninja -C BUILD src/cli/parscope tests/cli/planted
The exit status is 1 if a cause is not named each time.
"""

import collections
import json
import os
import re
import subprocess
import sys
import tempfile

from needs import need, python

CAUSES = {
    'serial': r'Serial part: .*planted_serial ',
    'lock': r'Lock: .*planted_lock ',
    'sleep': r'Sleep: .*planted_sleep ',
    'uneven': r'Uneven shares: .*planted_uneven ',
    'shared': r'Shared cache lines: .*planted_shared ',
    'faults': r'(Page faults|Address space): .*planted_faults ',
    'threads:mutex': r'Lock: .*(pthread_mutex_lock|std::\S+), called from Histogram::insert \(threads\.cpp',
    'threads:producer': r'Waiting for work: .*while others were in crunch .*called from parse_next \(threads\.cpp',
    'threads:barrier': r'Uneven shares: threads waited at a barrier .*(slow_step|crunch)',
    'threads:pool': r'Taking turns: .*called from starving_pool \(threads\.cpp',
    'threads:rwlock': r'Lock: .*(pthread_rwlock_wrlock|std::\S+), called from Table::update \(threads\.cpp',
    'threads:allocator': r'Lock: threads waited for a lock in (free|malloc), called from a lambda \(threads\.cpp',
    'threads:falsesharing': r'Shared cache lines: .*count_words \(threads\.cpp',
    'threads:atomics': r'Atomic operations: .*count_hits \(threads\.cpp',
    'threads:refcount': r'Atomic operations: .*(in|called from) a lambda \(threads\.cpp',
    'threads:spin': r'Waiting loop: .*(SpinLock::lock|deposit) \(threads\.cpp',
    'threads:yield': r'Waiting loop: .*await_turn \(threads\.cpp',
    'threads:merge': r'Serial part: .*merge \(threads\.cpp',
    'threads:futures': r'Taking turns: .*called from start_all \(threads\.cpp',
    'threads:slot': r'Taking turns: .*(Slot::put|Slot::take) \(threads\.cpp',
    'openmp:critical': r'Lock: .*critical_sum \(openmp\.c',
    'openmp:dynamic1': r'Small pieces: .*dynamic_one \(openmp\.c',
    'openmp:reduction': r'Serial part: .*add_up \(openmp\.c',
    'openmp:tasks': r'Small tasks: .*fib \(openmp\.c',
    'openmp:triangle': r'Uneven shares: .*crunch .*called from triangle \(openmp\.c',
    'openmp:atomic': r'Atomic operations: .*atomic_sum \(openmp\.c',
    'openmp:single': r'Serial part: .*crunch .*called from prepare \(openmp\.c',
    'openmp:steps': r'Serial part: .*settle \(openmp\.c',
    'system:asking': r'Taking turns: .*at a pipe in read, called from ask \(system\.c',
    'system:filelock': r'Lock: .*in flock, called from post \(system\.c',
    'system:pipe': r'Serial part: .*crunch .*called from slow_filter .*waited at a pipe',
    'system:append': r'(Writing|More kernel time): .*append_lines \(system\.c',
    'system:buffers': r'(Page faults|Address space): .*grow_buffers \(system\.c',
    'processes.py:uneven': r'Uneven shares: .*python',
    'processes.py:gil': r'Interpreter lock: ',
}
COMPILERS = {
    'threads': ['c++', '-std=c++20', 'threads.cpp', '-lpthread'],
    'openmp': ['cc', '-fopenmp', 'openmp.c', '-lm'],
    'system': ['cc', 'system.c', '-lm', '-lpthread'],
}
SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'causes')
NOBODY = 65534
TRIES = 4


def drop():
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def program(build, cause, folder):
    """The words that run it, built where it is not yet."""
    name, _, kind = cause.rpartition(':')
    if not name:
        return [os.path.join(build, 'tests/cli/planted'), kind]
    if name.endswith('.py'):
        return [python(), os.path.join(SOURCES, name), kind]
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        compiler, *rest = COMPILERS[name]
        subprocess.run([compiler, '-O2', '-g', '-o', path, *rest], check=True, cwd=SOURCES)
    return [path, kind]


def sweep(build, cause, path):
    command = [os.path.join(build, 'src/cli/parscope'), 'sweep', '-q', '-o', path, '-r', '2', '-t', '1,2', '--diagnose',
               '--', *program(build, cause, os.path.dirname(path)), '{threads}']
    subprocess.run(command, check=True, preexec_fn=drop, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    with open(path, encoding='utf-8') as f:
        return json.load(f)


def outcome(build, cause, path):
    for _ in range(TRIES):
        result = sweep(build, cause, path)
        if result['points'][-1]['diagnosis'].get('others', 0) > 0.05:
            continue
        named = [f['text'].replace('()', '') for f in result['findings'] if f['id'] == 'cause']
        if named and re.match(CAUSES[cause], named[0]):
            return 'named first'
        print(f'    {named[:2]}')
        return 'named later' if any(re.match(CAUSES[cause], text) for text in named) else 'not named'
    return 'busy'


def main():
    build = os.path.abspath(sys.argv[1])
    times = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    need(sys.argv[1], 'src/cli/parscope', 'tests/cli/planted')
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        for cause in sys.argv[3:] or CAUSES:
            seen = collections.Counter(outcome(build, cause, os.path.join(folder, 'r.json')) for _ in range(times))
            missed |= seen['named first'] < times
            print(f'{cause:20}', ', '.join(f'{what} {n} of {times}' for what, n in seen.items()), flush=True)
    return missed


if __name__ == '__main__':
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main())
