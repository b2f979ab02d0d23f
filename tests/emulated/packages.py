"""Debian packages of any architecture, unpacked in a folder; nothing is installed and root is not needed."""
import os
import pathlib
import shutil
import subprocess

CONFIGURATION = '''Dir::State::lists "{folder}/lists";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}";
APT::Architecture "{architecture}";
APT::Architectures {{ "{architecture}"; }};
APT::Install-Recommends "false";
APT::Sandbox::User "";
Debug::NoLocking "true";
'''


class Absent(Exception):
    """Something that can't be had here; says why."""


def run(command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors='replace', **options)
    if done.returncode:
        last = (done.stdout.strip().splitlines() or ['no output'])[-1]
        raise Absent(f'{command[0]}: {last}')
    return done.stdout


class Packages:
    """An apt of its own for one architecture. `root` is where everything is unpacked."""

    def __init__(self, folder, architecture):
        self.folder = pathlib.Path(folder)
        self.architecture = architecture
        self.root = self.folder / 'root'

    def unpack(self, names):
        """Downloads and unpacks the packages, once: with the same names there is nothing to do."""
        stamp = self.folder / 'unpacked'
        wanted = '\n'.join(names)
        if stamp.exists() and stamp.read_text() == wanted:
            return
        for tool in ('apt-get', 'dpkg-deb'):
            if not shutil.which(tool):
                raise Absent(f'{tool} is missing: the guests are made from Debian packages')
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / 'lists' / 'partial').mkdir(parents=True)
        self.download(names)
        for package in self.folder.glob('*.deb'):
            run(['dpkg-deb', '-x', package, self.root])
            package.unlink()
        self.merge()
        stamp.write_text(wanted)

    def merge(self):
        """Where packages put everything under usr/, the links at the root are a package's own."""
        for name in ('bin', 'sbin', 'lib', 'lib64'):
            if (self.root / 'usr' / name).is_dir() and not (self.root / name).exists():
                (self.root / name).symlink_to(f'usr/{name}')

    def download(self, names):
        configuration = self.folder / 'apt.conf'
        configuration.write_text(CONFIGURATION.format(folder=self.folder,
                                                      architecture=self.architecture))
        (self.folder / 'status').touch()
        environment = dict(os.environ, APT_CONFIG=str(configuration), LC_ALL='C')
        run(['apt-get', '-q', 'update'], env=environment)
        exact = [self.exact(name, environment) for name in names]
        run(['apt-get', '-q', 'download'] + exact, env=environment, cwd=self.folder)

    def exact(self, name, environment):
        """The package that a metapackage, written as NAME->, depends on; else the name itself."""
        if not name.endswith('->'):
            return name
        listing = run(['apt-cache', 'depends', '--important', name[:-2]], env=environment)
        return listing.split('Depends:')[1].split()[0]
