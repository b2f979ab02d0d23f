"""attach observes a program that runs already."""
import json
import pathlib
import subprocess
import time

from harness import Case, in_one_of, main, measures_time, parscope
from test_exports import check_schema, stacks


def schedstat(pid):
    """s of CPU time of the threads that there are."""
    return sum(int((task / 'schedstat').read_text().split()[0])
               for task in pathlib.Path(f'/proc/{pid}/task').iterdir()) * 1e-9


@measures_time
class Attach(Case):
    def begin(self, command):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process.pid

    def spin(self):
        return self.begin(['sh', '-c', 'while :; do :; done'])

    def attach(self, pid, *options):
        path = self.folder / 'r.json'
        before = schedstat(pid)
        done = parscope('attach', '-p', str(pid), '--duration', '1s', '-o', str(path), *options)
        used = schedstat(pid) - before
        if done.returncode and 'forb' in done.stderr:
            self.skipTest(done.stderr)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(path.read_text())['points'][0], used, done

    @in_one_of(3)
    def test_explains_its_cpu_time(self):
        pid = self.spin()
        point, used, done = self.attach(pid)
        d = point['diagnosis']
        self.assertAlmostEqual(point['metrics']['wall_time']['value'], 1, delta=0.5)
        self.assertLess(d['cpu_time'], 1.01 * used)
        self.assertGreater(d['cpu_time'] / point['metrics']['cpu_time']['value'], 0.97)
        self.assertGreater(d['samples'], 100)
        self.assertNotIn('speedup', done.stdout)
        self.assertIn(f'sh (process {pid})', done.stdout)

    def test_files(self):
        flame, timeline = self.folder / 'f', self.folder / 't'
        point, _, _ = self.attach(self.spin(), '--flame', str(flame), '--timeline', str(timeline))
        check_schema(json.loads(timeline.read_text()))
        self.assertEqual(sum(n for _, n in stacks(flame)), point['diagnosis']['samples'])

    def test_it_goes_on(self):
        pid = self.spin()
        self.attach(pid)
        before = schedstat(pid)
        time.sleep(0.5)
        self.assertGreater(schedstat(pid), before)

    def test_a_process_that_ends(self):
        pid = self.begin(['sh', '-c', 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done'])
        path = self.folder / 'r.json'
        done = parscope('attach', '-p', str(pid), '--duration', '60s', '-o', str(path))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertLess(json.loads(path.read_text())['points'][0]['metrics']['wall_time']['value'], 59)

    def test_saved_and_shown_again(self):
        _, _, done = self.attach(self.spin())
        self.assertEqual(self.succeed('report', str(self.folder / 'r.json')).stdout, done.stdout)


class Refused(Case):
    def test_no_process(self):
        gone = subprocess.Popen(['true'])
        gone.wait()
        self.refuse('attach', says=['-p'])
        done = parscope('attach', '-p', str(gone.pid))
        self.assertEqual(done.returncode, 1)
        self.assertIn('no process', done.stderr)


if __name__ == '__main__':
    main()
