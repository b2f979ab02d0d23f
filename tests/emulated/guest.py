"""A virtual machine that boots into a list of commands and tells what they printed."""
import os
import pathlib
import re
import subprocess

from packages import Absent

# Prints each command's status, output and errors between marks, then powers off. Powering off loses
# the status, and a kernel's message may come between lines: so there are marks.
INIT = '''#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin HOME=/tmp
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /tmp
for command in /commands/*; do
    echo "@@start ${command##*/}"
    sh "$command" >/tmp/out 2>/tmp/err </dev/null
    echo "@@status $?"
    cat /tmp/out
    echo
    echo "@@errors"
    cat /tmp/err
    echo
    echo "@@end"
done
echo "@@done"
poweroff -f
'''
MARKS = re.compile(r'^@@start (\S+)\n(?:.*\n)*?@@status (\d+)\n((?:.*\n)*?)@@errors\n'
                   r'((?:.*\n)*?)@@end\n', re.M)


class Result:
    def __init__(self, status, output, errors):
        self.status = int(status)
        self.output = output.strip()
        self.errors = errors.strip()

    def __str__(self):
        return f'status {self.status}\n{self.output}\n{self.errors}'


class Archive:
    """An initramfs in the kernel's newc format, which needs neither root nor a tool to be written."""

    def __init__(self):
        self.bytes = bytearray()
        self.known = set()
        self.number = 0

    def add(self, path, mode, content=b''):
        self.number += 1
        name = path.encode() + b'\0'
        fields = [self.number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name), 0]
        self.bytes += b'070701' + b''.join(b'%08x' % field for field in fields) + name
        self.bytes += b'\0' * (-len(self.bytes) % 4) + content
        self.bytes += b'\0' * (-len(self.bytes) % 4)

    def add_folder(self, path):
        if path and path not in self.known:
            self.add_folder(os.path.dirname(path))
            self.known.add(path)
            self.add(path, 0o40755)

    def add_file(self, path, content):
        path = path.lstrip('/')
        self.add_folder(os.path.dirname(path))
        self.add(path, 0o100755, content)

    def finish(self):
        self.add('TRAILER!!!', 0)
        return bytes(self.bytes)


def initramfs(busybox, files, commands):
    """files: contents by path in the guest. commands: shell text by name, run in this order."""
    archive = Archive()
    for folder in ('proc', 'sys', 'dev', 'tmp', 'bin'):
        archive.add_folder(folder)
    archive.add_file('init', INIT.encode())
    archive.add_file('bin/busybox', pathlib.Path(busybox).read_bytes())
    for path, content in files.items():
        archive.add_file(path, content)
    for i, (name, text) in enumerate(commands.items()):
        archive.add_file(f'commands/{i:02}-{name}', text.encode())
    return archive.finish()


def boot(folder, qemu, kernel, image, console, limit):
    """Results by the command's name. limit: seconds after which a guest that hangs is ended."""
    initrd = pathlib.Path(folder) / 'initramfs'
    initrd.write_bytes(image)
    command = qemu + ['-display', 'none', '-serial', 'stdio', '-monitor', 'none', '-no-reboot', '-kernel',
                      str(kernel), '-initrd', str(initrd),
                      '-append', f'console={console} loglevel=1 panic=-1']
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=limit)
        output = done.stdout
    except subprocess.TimeoutExpired as error:
        output = error.stdout or b''
    except FileNotFoundError:
        raise Absent(f'{qemu[0]} is missing') from None
    text = output.decode(errors='replace').replace('\r', '')
    (pathlib.Path(folder) / 'console.txt').write_text(text)
    return {name.split('-', 1)[1]: Result(*rest) for name, *rest in MARKS.findall(text)}
