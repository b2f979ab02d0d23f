"""srun and the batch script of sweep --slurm, by a Slurm of one node that the test starts."""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

from harness import PARSCOPE, TIMEOUT, Case, environment, main

PROGRAMS = 'munged', 'slurmctld', 'slurmd', 'srun', 'sbatch', 'sinfo'
CONFIGURATION = '''ClusterName=parscope
SlurmctldHost={host}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CryptoType=crypto/munge
AuthInfo=socket={folder}/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmdSpoolDir={folder}/spool
StateSaveLocation={folder}/state
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
SchedulerType=sched/builtin
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
JobAcctGatherType=jobacct_gather/none
SlurmdParameters=config_overrides
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
'''


def free_ports(count):
    sockets = [socket.create_server(('127.0.0.1', 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Slurm(Case):
    @classmethod
    def setUpClass(cls):
        os.environ['PATH'] += ':/usr/sbin'
        missing = [name for name in PROGRAMS if not shutil.which(name)]
        if missing or os.getuid():
            raise unittest.SkipTest(f'no {", ".join(missing)} here' if missing else 'only root can start a Slurm')
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name)
        cls.processes = []
        cls.addClassCleanup(cls.stop)
        cls.configure()
        cls.start('munged', '--foreground', '--force', f'--key-file={cls.root}/key', f'--socket={cls.root}/munge',
                  f'--pid-file={cls.root}/munged.pid', f'--log-file={cls.root}/munged.log', f'--seed-file={cls.root}/seed')
        cls.wait_for((cls.root / 'munge').exists, 'munged')
        cls.start('slurmctld', '-D')
        cls.start('slurmd', '-D')
        cls.wait_for(lambda: 'idle' in cls.call('sinfo', '-h', '-o', '%T'), 'Slurm')

    @classmethod
    def configure(cls):
        cls.root.chmod(0o755)
        for name in 'state', 'spool':
            (cls.root / name).mkdir()
        (cls.root / 'key').write_bytes(os.urandom(1024))
        (cls.root / 'key').chmod(0o400)
        (cls.root / 'slurm.conf').write_text(CONFIGURATION.format(host=socket.gethostname().split('.')[0], folder=cls.root,
                                                                  ports=free_ports(2)))
        cls.env = environment(SLURM_CONF=str(cls.root / 'slurm.conf'))

    @classmethod
    def start(cls, *command):
        with open(cls.root / 'said', 'ab') as said:
            cls.processes.append(subprocess.Popen(command, env=cls.env, stdin=subprocess.DEVNULL, stdout=said, stderr=said))

    @classmethod
    def stop(cls):
        for process in reversed(cls.processes):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @classmethod
    def call(cls, *command, **more):
        return subprocess.run(command, env=cls.env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=TIMEOUT, **more).stdout

    @classmethod
    def wait_for(cls, ready, what):
        """Until it is there; where it does not come the test is skipped, with what was said."""
        end = time.monotonic() + 30
        while not ready():
            if time.monotonic() > end or any(p.poll() is not None for p in cls.processes):
                said = (cls.root / 'said').read_text(errors='replace').strip().splitlines()
                raise unittest.SkipTest(f'{what} does not start here: {said[-1] if said else "it says nothing"}')
            time.sleep(0.05)

    def test_srun(self):
        ranks = self.folder / 'ranks'
        self.call('srun', '-n', '2', PARSCOPE, 'rank', '-d', str(ranks), '--', 'true', check=True)
        done = self.succeed('merge', str(ranks), '--format', 'json')
        r = json.loads(done.stdout)
        self.assertEqual((r['launcher'], r['size'], len(r['ranks']), r['left_out']), ('Slurm', 2, 2, []))
        self.assertRegex(r['run'], r'^\d+\.\d+$')

    def test_batch_script(self):
        (self.folder / 'bin').mkdir()
        os.symlink(PARSCOPE, self.folder / 'bin' / 'parscope')
        self.env['PATH'] = f'{self.folder}/bin:{os.environ["PATH"]}'
        script = self.call(PARSCOPE, 'sweep', '--slurm', '--ranks', '1,2', '-w', '0', '-r', '1', '-o', 'r.json', '--', 'srun',
                           '-n', '{ranks}', PARSCOPE, 'rank', '--', 'true', cwd=self.folder)
        (self.folder / 'job').write_text(script)
        self.call('sbatch', '--wait', '-o', 'said', 'job', cwd=self.folder)
        self.assertTrue((self.folder / 'r.json').exists(), (self.folder / 'said').read_text())
        r = json.loads((self.folder / 'r.json').read_text())
        self.assertEqual([(p['ranks'], p['nodes']) for p in r['points']], [(1, 1), (2, 1)])
        self.assertEqual(r['launcher'], 'Slurm')


if __name__ == '__main__':
    main()
