#!/usr/bin/python3
"""Programs with one planted cause of lost speedup: is it the first that is named, with its function?

usage: bench/causes.py BUILD [TIMES [CAUSE...]]

Sweeps each of tests/cli/planted's causes at 1 and 2 threads, TIMES times (10), as nobody where it can: a diagnosis needs
no privileges. Beside a busy machine the cause may be another one, truly; such a measurement is repeated, and counted
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

CAUSES = {
    'serial': r'Serial part: .*planted_serial ',
    'lock': r'Lock: .*planted_lock ',
    'sleep': r'Sleep: .*planted_sleep ',
    'uneven': r'Uneven shares: .*planted_uneven ',
    'shared': r'More CPU time: .*planted_shared ',
    'faults': r'(Page faults|Address space): .*planted_faults ',
}
NOBODY = 65534
TRIES = 4


def drop():
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def sweep(build, cause, path):
    planted = os.path.join(build, 'tests/cli/planted')
    command = [os.path.join(build, 'src/cli/parscope'), 'sweep', '-q', '-o', path, '-r', '2', '-t', '1,2', '--diagnose',
               '--', planted, cause, '{threads}']
    subprocess.run(command, check=True, preexec_fn=drop, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    with open(path, encoding='utf-8') as f:
        return json.load(f)


def outcome(build, cause, path):
    for _ in range(TRIES):
        result = sweep(build, cause, path)
        if result['points'][-1]['diagnosis'].get('others', 0) > 0.05:
            continue
        named = [f['text'] for f in result['findings'] if f['id'] == 'cause']
        if named and re.match(CAUSES[cause], named[0]):
            return 'named first'
        print(f'    {named[:2]}')
        return 'named later' if any(re.match(CAUSES[cause], text) for text in named) else 'not named'
    return 'busy'


def main():
    build = os.path.abspath(sys.argv[1])
    times = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        for cause in sys.argv[3:] or CAUSES:
            seen = collections.Counter(outcome(build, cause, os.path.join(folder, 'r.json')) for _ in range(times))
            missed |= seen['named first'] < times
            print(f'{cause:8}', ', '.join(f'{what} {n} of {times}' for what, n in seen.items()), flush=True)
    return missed


if __name__ == '__main__':
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main())
