"""Without the permission to count: what needs no counter works, and each missing number says why."""
import json
import os
import pathlib
import shutil
import subprocess
import unittest

from harness import PARSCOPE, TIMEOUT, Case, environment, in_one_of, main

NO_PERF = os.environ['NO_PERF']
NOBODY = 65534
PARANOID = pathlib.Path('/proc/sys/kernel/perf_event_paranoid')
REASONS = {'ENOSYS': 'the kernel has no perf_event_open', 'EPERM': 'seccomp',
           'EACCES': 'EACCES|perf_event_paranoid'}
# What a run has without any counter; the estimated clock is left to how busy the machine is.
NEEDED = ('wall_time', 'speedup', 'efficiency', 'throughput', 'cpu_time', 'utilization',
          'voluntary_switches', 'busy_time', 'region_time')
COUNTED = ('instructions', 'ipc', 'context_switches', 'migrations', 'page_faults')


def counting_cpus():
    return len(os.sched_getaffinity(0))


class Permissions(Case):
    prefix = ()
    binary = PARSCOPE

    def call(self, *arguments):
        """The output of a run behind the prefix, which must succeed."""
        done = subprocess.run([*self.prefix, self.binary, *arguments], env=environment(),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              encoding='utf-8', timeout=TIMEOUT, cwd='/')
        if done.returncode == 77 and done.stderr.startswith('no_perf: '):
            self.skipTest(done.stderr.strip())
        self.assertEqual(done.returncode, 0, f'{arguments}: {done.stderr}')
        return done.stdout

    def result(self, command, *arguments):
        return json.loads(self.call(command, '-q', '--format', 'json', *arguments))

    def assert_reasons(self, metrics):
        """No number is missing without a reason, and none is 0 because it could not be measured."""
        for name, metric in metrics.items():
            self.assertEqual(metric['value'] is None, metric['quality'] == 'unavailable', name)
            if metric['quality'] != 'exact':
                self.assertTrue(metric['reason'], name)

    def last_point(self, *arguments):
        point = self.result(*arguments)['points'][-1]
        self.assert_reasons(point['metrics'])
        return point['metrics']


class Seccomp(Permissions):
    def without_perf(self, error):
        self.prefix = (NO_PERF, error)
        return self.subTest(error=error)

    def test_run(self):
        for error, reason in REASONS.items():
            with self.without_perf(error):
                metrics = self.last_point('run', 'counter:n=1M', '-s', 'pool', '-t', '2', '-r', '6')
                for name in NEEDED:
                    self.assertGreaterEqual(metrics[name]['value'], 0, name)
                for name in COUNTED:
                    self.assertEqual(metrics[name]['quality'], 'unavailable', name)
                    self.assertRegex(metrics[name]['reason'], reason)
                for name in ('cycles', 'frequency', 'items_per_cycle'):
                    self.assertIn(metrics[name]['quality'], ('estimated', 'unavailable'), name)

    def test_said_in_the_report(self):
        for error, reason in REASONS.items():
            with self.without_perf(error):
                result = self.result('run', 'counter:n=1M', '-s', 'sequential', '-r', '6')
                texts = [f['text'] for f in result['findings'] if f['id'] == 'counters-missing']
                self.assertEqual(len(texts), 1)
                self.assertRegex(texts[0], reason)
                for event in result['host']['counters']:
                    self.assertEqual(event['quality'], 'unavailable')
                    self.assertRegex(event['reason'], reason)

    def test_events_that_are_asked_for(self):
        for error, reason in REASONS.items():
            with self.without_perf(error):
                metrics = self.last_point('run', 'counter:n=1M', '-s', 'sequential', '-r', '6', '-u',
                                          '-e', '{cache-misses,branch-misses},major-faults')
                for name in ('cache-misses', 'branch-misses', 'major-faults'):
                    self.assertRegex(metrics[name]['reason'], reason)

    def test_programs(self):
        for error, reason in REASONS.items():
            with self.without_perf(error):
                metrics = self.last_point('run', '-r', '6', '--', 'true')
                self.assertGreater(metrics['wall_time']['value'], 0)
                self.assertGreater(metrics['cpu_time']['value'], 0)
                self.assertEqual(metrics['context_switches']['quality'], 'estimated')
                self.assertRegex(metrics['instructions']['reason'], reason)

    @in_one_of(3)
    def test_what_a_program_waits_for(self):
        self.prefix = (NO_PERF, 'EPERM')
        result = self.result('sweep', '-t', '1,2', '-r', '6', '--', 'sh', '-c', 'sleep 0.05', '{threads}')
        if any(p['load']['status'] == 'disturbed' for p in result['points']):
            self.skipTest('others used the CPUs')
        texts = [f['text'] for f in result['findings'] if f['id'] == 'latency']
        self.assertEqual(len(texts), 1)
        self.assertRegex(texts[0], r'What it spent its time on was not observed: .*' + REASONS['EPERM'])

    @unittest.skipIf(counting_cpus() < 2, 'one CPU only')
    def test_other_commands(self):
        self.prefix = (NO_PERF, 'EPERM')
        pair = ','.join(str(cpu) for cpu in sorted(os.sched_getaffinity(0))[:2])
        self.last_point('sweep', 'counter:n=1M', '-s', 'pool', '-t', '2', '-r', '6')
        self.last_point('smt-compare', 'counter:n=1M', '--pair', pair, '-r', '6')
        self.assertIn('CPU', self.call('topo'))
        self.assertIn('cycles', self.call('list', 'events', '--names'))


class OtherUser(Permissions):
    def setUp(self):
        super().setUp()
        if os.geteuid() != 0 or not shutil.which('setpriv'):
            self.skipTest('another user takes root and setpriv')
        self.prefix = ('setpriv', f'--reuid={NOBODY}', f'--regid={NOBODY}', '--clear-groups')
        self.binary = self.copy_for_others()
        if subprocess.run([*self.prefix, 'true'], capture_output=True, cwd='/').returncode:
            self.skipTest('other users may run nothing here')

    def test_run(self):
        metrics = self.last_point('run', 'counter:n=1M', '-s', 'pool', '-t', '2', '-r', '6')
        for name in NEEDED:
            self.assertGreaterEqual(metrics[name]['value'], 0, name)

    def test_level_is_told(self):
        if not PARANOID.exists() or int(PARANOID.read_text()) < 2:
            self.skipTest('perf_event_paranoid permits other users to count the kernel')
        metrics = self.last_point('run', 'counter:n=1M', '-s', 'sequential', '-r', '6')
        self.assertIn('perf_event_paranoid', metrics['context_switches']['reason'])
        self.assertIn(metrics['page_faults']['quality'], ('user-only', 'unavailable'))
        self.assertIn('perf_event_paranoid', metrics['page_faults']['reason'])

    def test_programs(self):
        metrics = self.last_point('run', '-r', '6', '--', 'true')
        self.assertGreater(metrics['wall_time']['value'], 0)


if __name__ == '__main__':
    main()
