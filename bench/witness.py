"""The serial fraction of a command by the kernel's own tracepoints, as perf records them for root: another way to the
figures that parscope makes of its records of switches, in the same executions, of all that the kernel does for them."""

import os
import re
import shutil
import subprocess

EVENTS = [word for name in ('switch', 'process_fork', 'process_exec', 'process_exit') for word in ('-e', f'sched:sched_{name}')]
LINE = re.compile(r'\s*\d+/\d+\s+\[(\d+)\]\s+([\d.]+):\s+sched:sched_(\w+): (.*)')
CPUS = 2


def missing():
    """Why there is none; None: there is one."""
    if os.getuid():
        return 'only root may record the tracepoints'
    lacking = [tool for tool in ('perf', 'setpriv') if not shutil.which(tool)]
    return f"{', '.join(lacking)} can't be found" if lacking else None


def record(path, user, command):
    """Runs the command as that user, while perf records."""
    user = ['setpriv', '--reuid', str(user), '--regid', str(user), '--clear-groups']
    return subprocess.run(['perf', 'record', '-q', '-a', '-k', 'CLOCK_MONOTONIC', '-m', '512', '-o', path, *EVENTS, '--', *user, *command], check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def field(text, name):
    found = re.search(rf'\b{name}=(\S+)', text)
    return found[1] if found else ''


class Execution:
    """A process and its descendants, from an exec on."""

    def __init__(self, pid):
        self.root, self.tree, self.running, self.preempted = pid, {pid}, {pid}, set()
        self.alone = self.all = 0

    def advance(self, seconds):
        at_work = min(CPUS, len(self.running) + len(self.preempted)) if self.running else 0
        self.all += len(self.running) * seconds
        self.alone += seconds if at_work == 1 else 0

    def switch(self, text):
        before, after = int(field(text, 'prev_pid')), int(field(text, 'next_pid'))
        self.running.discard(before)
        if before in self.tree and field(text, 'prev_state').startswith('R'):
            self.preempted.add(before)
        if after in self.tree:
            self.running.add(after)
            self.preempted.discard(after)


def executions(path, name):
    """Of the file of that name, in the order of time."""
    script = subprocess.run(['perf', 'script', '-i', path, '--ns', '-F', 'pid,tid,cpu,time,event,trace'], check=True,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    done, now, last = [], None, 0
    for line in script.stdout.splitlines():
        found = LINE.match(line)
        if not found:
            continue
        _, time, event, text = found.groups()
        time = float(time)
        if now:
            now.advance(time - last)
        last = time
        if event == 'process_exec' and not now and os.path.basename(field(text, 'filename')) == name:
            now = Execution(int(field(text, 'pid')))
        elif now and event == 'process_fork' and int(field(text, 'pid')) in now.tree:
            now.tree.add(int(field(text, 'child_pid')))
        elif now and event == 'switch':
            now.switch(text)
            if int(field(text, 'prev_pid')) == now.root and field(text, 'prev_state')[0] in 'XZ':
                done.append(now)
                now = None
    return done


def serial_fraction(path, name):
    """Of all executions but the first, which is the timed one."""
    rest = executions(path, name)[1:]
    return sum(e.alone for e in rest) / sum(e.all for e in rest) if rest else None
