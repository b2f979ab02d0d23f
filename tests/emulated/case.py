"""Tests that look at what commands printed in a guest, which boots once for a class of them."""
import json
import sys
import unittest

ONE_GHZ = ['-icount', 'shift=0']  # each instruction takes 1 ns, and the PMU counts them
FOREVER = '--max-time 1h'         # an emulated second is long


class Guest(unittest.TestCase):
    """`machine` is set by whoever runs the tests; `arguments` are QEMU's; `commands` run in order."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.results = cls.machine.boot(cls.arguments, cls.commands)

    def result(self, name):
        if name not in self.results:
            self.fail(f'the guest did not get past "{self.commands[name]}": see '
                      f'{self.machine.folder}/console.txt')
        return self.results[name]

    def succeed(self, name):
        result = self.result(name)
        self.assertEqual(result.status, 0, result)
        return result.output

    def report(self, name):
        return json.loads(self.succeed(name))

    def point(self, name):
        points = self.report(name)['points']
        self.assertEqual(len(points), 1)
        return points[0]

    def counted(self, name, metric):
        """Samples of the only point, from the rounds that counted."""
        return [sample for sample in self.point(name)['samples'][metric] if sample is not None]

    def samples(self, name, metric):
        """The same of a metric that has to be exact."""
        own = self.point(name)['metrics'][metric]
        self.assertEqual(own['quality'], 'exact', own)
        return self.counted(name, metric)

    def assert_unavailable(self, metric, reason):
        self.assertEqual(metric['quality'], 'unavailable', metric)
        self.assertIsNone(metric['value'])
        self.assertIn(reason, metric['reason'])


def cases(module):
    return [case for case in vars(module).values()
            if isinstance(case, type) and issubclass(case, Guest) and case is not Guest]


class Tap(unittest.TestResult):
    """Prints a line for each test; a class that could not be set up is a test that failed."""

    def __init__(self):
        super().__init__()
        self.number = 0

    def tell(self, test, ok, skip=None):
        self.number += 1
        name = test.id().replace('__main__.', '')
        note = f' # SKIP {skip}' if skip else ''
        print(f'{"ok" if ok else "not ok"} {self.number} - {name}{note}', flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.tell(test, True)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.tell(test, True, reason)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.tell(test, False)
        print(self.failures[-1][1], file=sys.stderr, flush=True)

    def addError(self, test, error):
        super().addError(test, error)
        self.tell(test, False)
        print(self.errors[-1][1], file=sys.stderr, flush=True)
