"""The figures of programs: CPU time, memory, CPUs used."""
import json
import os
import sys

from harness import Case, main, measures_time, parscope, sanitized

FAMILY = os.environ['FAMILY']


class Figures(Case):
    def result(self, *arguments, **more):
        path = self.folder / 'r.json'
        done = self.succeed(*arguments[:1], '-o', str(path), *arguments[1:], **more)
        return json.loads(path.read_text()), done

    def point(self, *arguments, **more):
        result, done = self.result('run', *arguments, **more)
        return result['points'][0], result, done

    def ids(self, result):
        return [f['id'] for f in result['findings']]


@measures_time
class Descendants(Figures):
    """40 ms of a child's CPU time are in the program's, whatever becomes of the child."""

    def check(self, way):
        point, result, _ = self.point('-r', '3', '-w', '0', '--', FAMILY, way)
        for spent in point['samples']['cpu_time']:
            self.assertGreaterEqual(spent, 0.040)
            self.assertLess(spent, 0.079)  # not twice
        return result

    def test_waited_for(self):
        self.assertNotIn('leftovers', self.ids(self.check('waited')))

    def test_left_as_a_zombie(self):
        self.assertNotIn('leftovers', self.ids(self.check('left')))

    def test_outlives_the_program(self):
        ids = self.ids(self.check('daemon'))
        self.assertIn('outliving', ids)
        self.assertNotIn('leftovers', ids)

    def test_idle_daemon_is_killed(self):
        point, result, _ = self.point('-r', '3', '-w', '0', '--', FAMILY, 'idle')
        self.assertIn('leftovers', self.ids(result))
        self.assertNotIn('outliving', self.ids(result))
        self.assertLess(point['metrics']['cpu_time']['value'], 0.040)


class CpusUsed(Figures):
    def test_one(self):
        """A program that computes uses one CPU, of however many."""
        point, _, done = self.point('-r', '3', '-w', '0', '--', FAMILY, 'waited')
        used = point['metrics']['cpus_used']['value']
        self.assertAlmostEqual(used, point['metrics']['cpu_time']['value'] / point['metrics']['wall_time']['value'],
                               delta=0.2 * used)
        self.assertIn('used', done.stdout)
        self.assertNotIn(' of 1', done.stdout)

    def test_of_how_many(self):
        cpu = str(min(os.sched_getaffinity(0)))
        _, _, done = self.point('-r', '3', '-w', '0', '--cpus', cpu, '--', 'true')
        self.assertRegex(done.stdout, r'0\.\d+ of 1\b')

    def test_what_ran_on_is_not_more_than_there_were(self):
        point, *_ = self.point('-r', '3', '-w', '0', '--', FAMILY, 'daemon')
        self.assertLess(point['metrics']['cpus_used']['value'], 1.05)

    def test_no_split_by_few_ticks(self):
        point, _, done = self.point('-r', '8', '-w', '0', '--', 'true')
        for name in 'user_time', 'system_time':
            metric = point['metrics'][name]
            self.assertEqual((metric['quality'], metric['value']), ('unavailable', None))
            self.assertIn('fewer than 100', metric['reason'])
        self.assertIn('CPU', done.stdout)
        self.assertGreater(point['metrics']['cpu_time']['value'], 0)

    def test_split_by_many_ticks(self):
        for rounds in 26, 52, 104, 208:  # as many as a CPU of this speed needs for 100 ticks
            point, *_ = self.point('-r', str(rounds), '-w', '0', '--', FAMILY, 'waited')
            if 'user_time' in point['samples']:
                break
        for whole, user, system in zip(*(point['samples'][n] for n in ('cpu_time', 'user_time', 'system_time'))):
            self.assertAlmostEqual(whole, user + system, places=9)


class Memory(Figures):
    PEAK = "print([l.split()[1] for l in open('/proc/self/status') if l.startswith('VmHWM')][0])"

    KERNEL = 256 << 10  # bytes that its counters of each CPU hold back

    def check(self, *command):
        """The program says its own peak last."""
        if sanitized():
            self.skipTest('parscope itself takes as much')
        path = self.folder / 'said'
        point, *_ = self.point('-r', '3', '-w', '0', '--child-output', str(path), '--', *command)
        self.assertEqual(point['metrics']['max_rss']['quality'], 'exact')
        said = [1024 * int(text) for text in path.read_text().replace('VmHWM:', '').replace('kB', '').split()]
        for measured, own in zip(point['samples']['max_rss'], said, strict=True):
            self.assertAlmostEqual(measured, own, delta=0.05 * own + self.KERNEL)

    def test_small(self):
        self.check('grep', 'VmHWM', '/proc/self/status')

    def test_large(self):
        self.check(sys.executable, '-c', f"x = bytearray(64 << 20); {self.PEAK}")

    def test_of_a_child(self):
        self.check('sh', '-c', 'grep VmHWM /proc/self/status; true')

    def test_always_had(self):
        if sanitized():
            self.skipTest('parscope itself takes as much')
        point, _, done = self.point('-r', '8', '--', 'true')
        self.assertEqual(point['metrics']['max_rss']['quality'], 'exact')
        self.assertIn('memory', done.stdout)

    def test_hidden_by_our_own(self):
        """What a program takes over from the process that starts it is not the program's."""
        if not sanitized():
            self.skipTest('a small process starts programs, and nothing is smaller')
        point, result, done = self.point('-v', '-r', '8', '--', 'true')
        metric = point['metrics']['max_rss']
        self.assertEqual((metric['quality'], metric['value']), ('unavailable', None))
        self.assertRegex(metric['reason'], r"^less than parscope's own [\d.]+ MB, so it can't be seen$")
        self.assertNotIn('max_rss', point['samples'])
        self.assertIn('max. memory: ' + metric['reason'], ' '.join(done.stdout.split()))
        done = parscope('run', '-r', '6', '--check', 'max_rss < 1000000', '--', 'true')
        self.assertEqual(done.returncode, 4, done.stderr)


def reads():
    """Calls of read() by this process and all that it has waited for."""
    with open('/proc/self/io', encoding='ascii') as file:
        return int(dict(line.split(': ') for line in file)['syscr'])


class Reads(Figures):
    def reads_of_parscope(self, runs):
        before = reads()
        self.succeed('run', '-q', '-r', str(runs), '-w', '0', '--', 'true')
        return reads() - before

    def reads_of_true(self, runs):
        before = reads()
        for _ in range(runs):
            os.waitpid(os.posix_spawnp('true', ['true'], os.environ), 0)
        return reads() - before

    def test_each_execution(self):
        """Counts of before are those of after the last one, and /proc/stat is read now and then."""
        if sanitized() or not os.path.exists('/proc/self/io'):
            self.skipTest('reads are not counted, or what is short otherwise is not')
        few, many = 20, 220
        ours = self.reads_of_parscope(many) - self.reads_of_parscope(few) - self.reads_of_true(many - few)
        self.assertLess(ours / (many - few), 9)


class Starter(Figures):
    def test_long_commands(self):
        """Longer than what the process that starts programs has room for at first."""
        self.succeed('run', '-r', '1', '-w', '0', '--', 'true', *['x' * 1000] * 1000)

    def test_counts_follow(self):
        """The events are opened on the process that starts programs."""
        result, _ = self.result('run', '-r', '6', '--', 'dd', 'if=/dev/zero', 'of=/dev/null', 'bs=64M', 'count=1')
        metric = result['points'][0]['metrics']['page_faults']
        if metric['quality'] == 'unavailable':
            self.skipTest(metric['reason'])
        self.assertGreater(metric['value'], 100)


if __name__ == '__main__':
    main()
