"""Holds that programs can have one thread only: they import nothing that starts a thread or a process or handles a
signal, and no library that does so by itself.

usage: one_thread.py PROGRAM..."""

import re
import subprocess
import sys

LIBRARIES = {"libc", "libm", "libcmocka"}
STARTS = re.compile(r"pthread_create|thrd_create|v?fork|clone3?|posix_spawnp?|popen|system|sigaction|signal|"
                    r"timer_create|dlopen|GOMP_\w+|uv_\w+")


def output(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def reasons(program):
    needed = set(re.findall(r"\(NEEDED\).*\[(\w+)", output("readelf", "-d", program)))
    imported = {line.split()[-1].split("@")[0] for line in output("nm", "-D", "--undefined-only", program).splitlines()}
    return sorted(needed - LIBRARIES) + sorted(filter(STARTS.fullmatch, imported))


def main():
    programs = sys.argv[1:]
    if not programs:
        return 77  # built without cmocka
    bad = {program: found for program in programs if (found := reasons(program))}
    for program, found in bad.items():
        print(f"{program} may have more threads than one: {', '.join(found)}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
