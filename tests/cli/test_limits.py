"""Too little memory, too few threads: a clear error, nothing hung, nothing left behind."""
import os
import pathlib
import resource
import unittest

from harness import PARSCOPE, Case, parscope, sanitized, main

# Of its own for each test process: the kernel counts a user's threads in all that it runs, which other tests do too.
NOBODY = 50000 + os.getpid() % 10000


def limit(what, value):
    resource.setrlimit(what, (value, value))


class Memory(Case):
    def test_data_larger_than_the_machine(self):
        self.fail_with(1, 'run', 'reduce:size=100G', '-s', 'pool', '-t', '1',
                       says=['need 800 GB of memory', 'available'])

    @unittest.skipIf(sanitized(), 'sanitizers reserve more address space than such a limit leaves')
    def test_data_that_does_not_fit(self):
        self.fail_with(1, 'run', 'reduce:size=1G', '-s', 'pool', '-t', '1', says=['memory'],
                       preexec_fn=lambda: limit(resource.RLIMIT_AS, 1 << 30))

    @unittest.skipIf(sanitized(), 'sanitizers reserve more address space than such a limit leaves')
    def test_none_at_all(self):
        done = parscope('run', 'counter:n=1k', '-s', 'pool', '-t', '64',
                        preexec_fn=lambda: limit(resource.RLIMIT_AS, 64 << 20))
        self.assertEqual((done.returncode, done.stdout), (1, ''))
        self.assertRegex(done.stderr, 'memory|threads')


class Threads(Case):
    def prepare(self, room):
        """A binary that nobody may run, and the way to become nobody with room for so many threads."""
        if os.getuid() != 0:
            return PARSCOPE, lambda: limit(resource.RLIMIT_NPROC, 1)

        def become_nobody():
            limit(resource.RLIMIT_NPROC, self.taken() + room)
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        return self.copy_for_others(), become_nobody

    def taken(self):
        """Threads that nobody has already."""
        count = 0
        for status in pathlib.Path('/proc').glob('[0-9]*/status'):
            try:
                fields = dict(line.split(':', 1) for line in status.read_text().splitlines())
            except OSError:
                continue
            if fields['Uid'].split()[0] == str(NOBODY):
                count += int(fields['Threads'])
        return count

    def fail_for_threads(self, room, strategies, workload='counter:n=1k'):
        import harness
        binary, prepare = self.prepare(room)
        original, harness.PARSCOPE = harness.PARSCOPE, binary
        self.addCleanup(setattr, harness, 'PARSCOPE', original)
        try:
            done = parscope('run', workload, '-s', strategies, '-t', '64', '-r', '1',
                            '-e', 'none', preexec_fn=prepare)
        except (PermissionError, OSError) as reason:
            self.skipTest(f'cannot become a user whose threads are limited: {reason}')
        self.assertEqual((done.returncode, done.stdout), (1, ''), done.stderr)
        self.assertRegex(done.stderr, r"6[45] threads")
        self.assertIn('ulimit -u', done.stderr)
        return done.stderr

    def test_too_many_threads(self):
        self.fail_for_threads(8, 'pool,spawn')

    @unittest.skipIf(os.getuid(), 'only root can take a user with no other threads')
    def test_too_many_threads_of_a_region(self):
        """The team's are there, and not all of the region's can be: the first are still busy then."""
        said = self.fail_for_threads(100, 'spawn', 'counter:n=2G')
        self.assertRegex(said, r'under spawn .*: thread number \d+: no more threads')


class Descriptors(Case):
    def test_few_descriptors(self):
        """Counters that can't be opened for lack of descriptors are no reason to fail."""
        done = parscope('run', 'counter:n=1k', '-s', 'pool', '-t', '8', '-r', '1',
                        preexec_fn=lambda: limit(resource.RLIMIT_NOFILE, 16))
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_soft_limit_is_raised(self):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        done = parscope('run', 'counter:n=1k', '-s', 'pool', '-t', '8', '-r', '1',
                        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (8, hard)))
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == '__main__':
    main()
