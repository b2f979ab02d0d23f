"""The guests: what is in them and how they are started."""
import os
import pathlib
import platform
import re
import shutil
import subprocess

import guest
from packages import Absent, Packages

TOP = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
CACHE = TOP / 'build-test' / 'emulated'
LIMIT = 600  # s: other tests run beside the guests

OPTIONS = ['--buildtype=release', '--werror', '-Dopenmp=disabled', '-Dlibuv=disabled',
           '-Dblas=disabled']
CROSS = '''[binaries]
c = [{cache}'aarch64-linux-gnu-gcc', '--sysroot={root}']
ar = 'aarch64-linux-gnu-ar'
strip = 'aarch64-linux-gnu-strip'
pkgconfig = 'pkg-config'

[properties]
sys_root = '{root}'
pkg_config_libdir = '{root}/usr/lib/aarch64-linux-gnu/pkgconfig'

[host_machine]
system = 'linux'
cpu_family = 'aarch64'
cpu = 'aarch64'
endian = 'little'
'''
ACCOUNTS = b'root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n'


class BuildError(Exception):
    """parscope could not be built for a guest: never a reason to skip."""


def need(*tools):
    for tool in tools:
        if not shutil.which(tool):
            raise Absent(f'{tool} is missing: "tools/setup emulated" installs it')


def build(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors='replace', env={**os.environ, 'CCACHE_DEPEND': '1'})
    if done.returncode:
        raise BuildError(f'$ {" ".join(map(str, command))}\n{done.stdout}')


def build_parscope(folder, options):
    if not (folder / 'build.ninja').exists():
        shutil.rmtree(folder, ignore_errors=True)
        build(['meson', 'setup', folder, TOP] + OPTIONS + options)
    build(['ninja', '-C', folder, 'src/cli/parscope'])
    return folder / 'src' / 'cli' / 'parscope'


def needed(program):
    """The libraries that an executable or a library names."""
    listing = subprocess.run(['readelf', '-d', program], text=True, stdout=subprocess.PIPE,
                             check=True).stdout
    return re.findall(r'\(NEEDED\).*\[(.+)\]', listing)


def libraries(program, folders):
    """Files by name: all that the program needs, what it loads by itself for events, and what those need."""
    found, wanted = {}, needed(program) + ['libpfm.so.4']
    while wanted:
        name = wanted.pop()
        if name in found:
            continue
        found[name] = next((f / name for f in folders if (f / name).exists()), None)
        if not found[name]:
            raise BuildError(f'{name}, which {program} needs, is in none of {folders}')
        wanted += needed(found[name])
    return found


class Machine:
    """`name` is Debian's for the architecture, `loader` the path that executables have in them."""

    def __init__(self):
        self.folder = CACHE / self.name
        self.packages = Packages(self.folder / 'packages', self.name)

    def make(self):
        need(self.qemu)
        self.packages.unpack(self.package_names)
        self.parscope = self.build()

    def files(self):
        found = libraries(self.parscope, self.library_folders())
        loader = found.pop(pathlib.Path(self.loader).name)
        files = {f'lib/{name}': path for name, path in found.items()}
        files.update({self.loader: loader, 'bin/parscope': self.parscope})
        contents = {path: file.read_bytes() for path, file in files.items()}
        return {**contents, 'etc/passwd': ACCOUNTS}

    def boot(self, arguments, commands):
        """Results by the command's name."""
        root = self.packages.root
        image = guest.initramfs(root / 'bin' / 'busybox', self.files(), commands)
        kernel = next((root / 'boot').glob('vmlinuz-*'))
        return guest.boot(self.folder, [self.qemu] + self.arguments + arguments, kernel, image,
                          self.console, LIMIT)


class Arm64(Machine):
    name = 'arm64'
    qemu = 'qemu-system-aarch64'
    console = 'ttyAMA0'
    loader = '/lib/ld-linux-aarch64.so.1'
    arguments = ['-machine', 'virt', '-accel', 'tcg', '-m', '256']
    package_names = ['linux-image-cloud-arm64->', 'busybox-static', 'libc6', 'libc6-dev', 'libgcc-s1',
                     'linux-libc-dev', 'libcrypt-dev', 'libpfm4', 'libpfm4-dev', 'libhwloc15',
                     'libhwloc-dev', 'libudev1', 'libcap2', 'libjansson4', 'libjansson-dev']

    def build(self):
        need('aarch64-linux-gnu-gcc')
        cross = self.folder / 'cross.txt'
        cache = "'ccache', " if shutil.which('ccache') else ''
        cross.write_text(CROSS.format(cache=cache, root=self.packages.root))
        self.loop = self.folder / 'loop'
        build(['aarch64-linux-gnu-gcc', '-O2', '-Wall', '-Wextra', '-Werror', '-ffreestanding',
               '-static', '-nostdlib', '-o', self.loop, HERE / 'loop.c'])
        return build_parscope(self.folder / 'build', ['--cross-file', str(cross)])

    def library_folders(self):
        root = self.packages.root
        return [root / 'lib/aarch64-linux-gnu', root / 'usr/lib/aarch64-linux-gnu']

    def files(self):
        return {**super().files(), 'bin/loop': self.loop.read_bytes()}


class Amd64(Machine):
    name = 'amd64'
    qemu = 'qemu-system-x86_64'
    console = 'ttyS0'
    loader = '/lib64/ld-linux-x86-64.so.2'
    arguments = ['-accel', 'tcg', '-cpu', 'Skylake-Client-v4', '-m', '256']
    package_names = ['linux-image-cloud-amd64->', 'busybox-static']

    def __init__(self, ready=None):
        """ready: a parscope that was built before; None: build one."""
        super().__init__()
        self.ready = ready

    def build(self):
        if platform.machine() != 'x86_64':
            raise Absent('the x86-64 guest runs what this machine builds for itself')
        if self.ready:
            return pathlib.Path(self.ready)
        return build_parscope(self.folder / 'build', [])

    def library_folders(self):
        """Where the loader of this machine finds them."""
        listing = subprocess.run(['ldd', self.parscope], text=True, stdout=subprocess.PIPE,
                                 check=True).stdout
        return sorted({pathlib.Path(path).parent for path in re.findall(r'(/\S+) \(0x', listing)})
