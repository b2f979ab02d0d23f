"""Runs a cmocka test and passes its TAP on, with skipped tests as meson reads them: cmocka 1.1 calls
them `not ok N # SKIP name`."""

import re
import subprocess
import sys


def main():
    test = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True, errors="replace")
    reason = "no reason given"
    for line in test.stdout:
        told = re.search(r"skip: (.+)", line)
        skipped = re.match(r"(?:not )?ok (\d+)(?: -)?(?: (\S+))? # SKIP ?(\S*)", line)
        if told:
            reason = told.group(1)
            continue
        if skipped:
            line = f"ok {skipped[1]} - {skipped[2] or skipped[3]} # SKIP {reason}\n"
        print(line, end="", flush=True)
    return test.wait()


if __name__ == "__main__":
    sys.exit(main())
