"""What a benchmark needs that may not be there: it says so, and how to get it, before anything runs."""
import os
import shutil
import sys


def need(build, *programs):
    """Programs of a build, below it, that are built on demand."""
    missing = [name for name in programs if not os.path.exists(os.path.join(build, name))]
    if missing:
        sys.exit(f"{os.path.basename(sys.argv[0])}: not built yet: {', '.join(missing)}. Build with\n"
                 f"    ninja -C {build} {' '.join(missing)}")


def python():
    """One that an unprivileged user may run too, where there is one."""
    return shutil.which('python3', path='/usr/bin:/bin') or sys.executable


def need_tools(*names):
    """Commands of the system."""
    missing = [name for name in names if not shutil.which(name)]
    if missing:
        sys.exit(f"{os.path.basename(sys.argv[0])}: not installed: {', '.join(missing)}. tools/setup bench installs "
                 "what the benchmarks need")
