"""rank and merge: files of ranks, hostile ones too, and programs that take the place of a launcher."""
import json
import os
import signal
import struct
import subprocess
import sys

try:
    import jsonschema
except ImportError:
    jsonschema = None

from harness import PARSCOPE, ROOT, TIMEOUT, Case, environment, main, parscope, sanitized

KINDS = 'point-to-point', 'collective', 'waiting', 'other'


def line(number, size=4, **changes):
    """What a rank writes, of a run in which rank R computes for R + 1 of 10 seconds."""
    rank = number
    entry = {
        'schema': 'parscope-rank/1', 'version': '0.1.0', 'run': 'run-1', 'launcher': 'Open MPI', 'command': './app',
        'rank': rank, 'size': size, 'node': f'n{rank // 2}', 'wall': 11.0, 'user': 9.0, 'system': 0.5, 'threads': 1,
        'max_rss': 5e6, 'voluntary': 3, 'involuntary': 1, 'instructions': None, 'cycles': None, 'end': 'exit',
        'status': 0, 'mpi': 'whole', 'mpi_reason': None, 'window': 10.0, 'computing': rank + 1.0, 'cpu': 9.5,
        'start_up': 0.3, 'calls_reason': 'it is not followed through MPI_Put', 'use': {kind: {'calls': 2, 'time': 1.0, 'bytes': 8.0} for kind in KINDS}}
    return json.dumps({**entry, **changes}) + '\n'


class Merge(Case):
    def setUp(self):
        super().setUp()
        self.runs = self.folder / 'runs'
        self.runs.mkdir()

    def write(self, *lines, name=None):
        for i, text in enumerate(lines):
            (self.runs / (name or f'rank-{i}.rank')).write_text(text)

    def merge(self, *arguments):
        path = self.folder / 'r.json'
        done = self.succeed('merge', str(self.runs), '-o', str(path), *arguments)
        found = json.loads(path.read_text())
        if jsonschema and len(found['ranks']) < 100:
            jsonschema.validate(found, json.loads((ROOT / 'docs' / 'ranks.schema.json').read_text()))
        return found, done.stdout

    def test_metrics(self):
        """mean(c) 2.5, max(c) 4, T 10."""
        self.write(*(line(i) for i in range(4)))
        r, text = self.merge()
        values = {name: m['value'] for name, m in r['metrics'].items()}
        self.assertAlmostEqual(values['parallel_efficiency'], 0.25)
        self.assertAlmostEqual(values['load_balance'], 2.5 / 4)
        self.assertAlmostEqual(values['communication_efficiency'], 0.4)
        self.assertAlmostEqual(values['computing'], 10)
        self.assertAlmostEqual(values['cpu_time'], 38)
        self.assertIn('MPI_Put', r['metrics']['transfer_efficiency']['reason'])
        self.assertEqual([n['name'] for n in r['nodes']], ['n0', 'n1'])
        self.assertEqual([n['slowest'] for n in r['nodes']], [1, 3])
        self.assertAlmostEqual(r['nodes'][1]['parallel_efficiency'], 0.35)
        self.assertEqual(r['use']['collective'], {'calls': 8, 'time': 4.0, 'bytes': 32.0})
        self.assertIn('./app — 4 ranks on 2 nodes, Open MPI', text)
        self.assertRegex(text, r'(?m)^parallel efficiency +0\.250 ')
        self.assertRegex(text, r'(?m)^ +3 +n1 +4\.00 s +6\.00 s')

    def test_counts_outside_mpi(self):
        self.write(*(line(i, useful_instructions=2e9, useful_cycles=1e9, counts_reason=None) for i in range(4)))
        r, text = self.merge()
        values = {name: m['value'] for name, m in r['metrics'].items()}
        self.assertRegex(text, r'(?m)^instructions outside MPI {9,}8\.00G?')
        self.assertAlmostEqual(values['useful_instructions'], 8e9)
        self.assertAlmostEqual(values['useful_ipc'], 2)
        self.assertAlmostEqual(values['useful_frequency'], 4e8)

    def test_counts_of_earlier_versions(self):
        self.write(*(line(i) for i in range(4)))
        r, _ = self.merge()
        self.assertIn('earlier version', r['metrics']['useful_ipc']['reason'])

    def test_lines_may_be_put_together(self):
        self.write(line(0) + line(1), name='n0.rank')
        self.write('\n' * 70000 + line(2) + '\n\n' + line(3).rstrip('\n'), name='n1.rank')
        r, _ = self.merge()
        self.assertEqual([x['rank'] for x in r['ranks']], [0, 1, 2, 3])
        self.assertEqual(r['left_out'], [])

    def test_files_from_anywhere(self):
        self.write(*(line(i) for i in range(4)))
        self.succeed('merge', *(str(self.runs / f'rank-{i}.rank') for i in range(4)))

    def test_what_is_left_out_is_named(self):
        self.write(*(line(i) for i in range(3)), line(3)[:200])
        self.write(line(2, wall=12.0), name='twice.rank')
        self.write(line(1, run='run-2'), name='other.rank')
        self.write('hello\n', name='readme')
        self.write('', name='void')
        (self.runs / 'folder').mkdir()
        os.mkfifo(self.runs / 'pipe')
        os.symlink(self.runs / 'rank-0.rank', self.runs / 'link')
        r, text = self.merge()
        why = {os.path.basename(x['file']): x['why'] for x in r['left_out']}
        self.assertEqual(set(why), {'rank-3.rank', 'twice.rank', 'other.rank', 'readme', 'void', 'folder', 'pipe', 'link'})
        self.assertIn('not whole', why['rank-3.rank'])
        self.assertRegex(why['twice.rank'], "rank 2 is in '.*rank-2.rank' already")
        self.assertIn('another run, run-2', why['other.rank'])
        self.assertIn('empty', why['void'])
        self.assertEqual(r['missing'], [[3, 3]])
        self.assertEqual(r['left_out_count'], 8)
        self.assertIn('1 of 4 ranks has no file', text)
        self.assertEqual(len(r['ranks']), 3)

    def write_run(self, run, when, *numbers):
        for i in numbers:
            (self.runs / f'{run}-{i}.rank').write_text(line(i, run=run))
            os.utime(self.runs / f'{run}-{i}.rank', (when, when))

    def test_of_two_runs_the_complete_one(self):
        self.write_run('old', 1000, 0, 1, 2, 3)
        self.write_run('new', 2000, 0, 1, 2)
        r, text = self.merge()
        self.assertEqual((r['run'], len(r['ranks']), r['left_out_count']), ('old', 4, 3))
        self.assertIn("another run, 'new', with 3 of 4 ranks: its files are not complete", text)

    def test_of_two_runs_the_newer_one(self):
        self.write_run('a-old', 1000, 0, 1, 2)
        self.write_run('b-new', 2000, 0, 1)
        r, text = self.merge()
        self.assertEqual((r['run'], len(r['ranks']), r['left_out_count']), ('b-new', 2, 3))
        self.assertIn("another run, 'a-old', with 3 of 4 ranks: its files are not newer", text)

    def test_values_that_no_rank_has(self):
        bad = {'rank': 4, 'size': 0, 'wall': -1, 'window': None, 'computing': 11.0, 'mpi': 'perhaps', 'node': None,
               'status': 256, 'end': 'well', 'use': {}, 'schema': 'parscope-rank/9', 'user': 'much', 'cycles': -3,
               'useful_instructions': -1}
        self.write(line(0), name='a.rank')
        for key, value in bad.items():
            self.write(line(1, **{key: value}), name=f'{key}.rank')
        r, _ = self.merge()
        self.assertEqual({os.path.basename(x['file'])[:-5] for x in r['left_out']}, set(bad))
        for x in r['left_out']:
            self.assertIn(os.path.basename(x['file'])[:-5], x['why'])

    def test_hostile_files(self):
        self.write(line(0), name='a.rank')
        self.write('[' * 60000 + '\n', name='deep')
        self.write('x' * 200000, name='long')
        self.write(line(1).replace('"wall"', '"user": 1, "wall"'), name='double')
        self.write('\0' * 5000, name='nul')
        self.write('no\n' * 100000, name='many')
        self.write(line(1, node='\x1b[31mred'), name='b.rank')
        r, text = self.merge()
        self.assertEqual(r['left_out_count'], 5)
        self.assertEqual(len(r['ranks']), 2)
        self.assertNotIn('\x1b', text)

    def test_ranks_that_disagree_about_the_size(self):
        self.write(line(0), line(1, size=2))
        self.refuse('merge', str(self.runs), says=['disagree about the size', 'rank 0', 'says 4', 'rank 1', 'says 2'])

    def test_ends(self):
        self.write(line(0, end='signal', status=15), line(1, end='signal', status=11), line(2), line(3, status=2))
        r, text = self.merge()
        self.assertEqual(r['failed'], 3)
        self.assertIn('Rank 1 on n0 was killed by SIGSEGV; 3 ranks in all did not end well.', text)

    def test_time_inside_mpi_is_not_known(self):
        why = 'time inside MPI is not known: it is called from Fortran, or linked in'
        self.write(*(line(i, mpi='unknown', mpi_reason=why, window=None, computing=None, cpu=None) for i in range(4)))
        r, text = self.merge()
        self.assertIsNone(r['metrics']['parallel_efficiency']['value'])
        self.assertEqual(r['metrics']['load_balance']['reason'], why)
        self.assertIn('called from Fortran', text)

    def test_time_inside_mpi_by_samples(self):
        self.write(*(line(i, mpi='sampled', mpi_reason='it is static', calls_reason='by samples') for i in range(4)))
        r, text = self.merge()
        self.assertEqual(r['sampled'], 'it is static')
        self.assertAlmostEqual(r['metrics']['parallel_efficiency']['value'], 0.25)
        self.assertRegex(text, r'(?m)^parallel efficiency +~0\.250 ')
        self.assertIn('an estimate, by samples: it is static.', text)

    def test_one_rank_is_not_known(self):
        """The others' figures would be those of another program."""
        why = 'time inside MPI is not known: it is called from Fortran, or linked in'
        self.write(*(line(i) for i in range(3)), line(3, mpi='unknown', mpi_reason=why, window=None, computing=None, cpu=None))
        r, _ = self.merge()
        for name in 'parallel_efficiency', 'load_balance', 'communication_efficiency', 'time', 'computing':
            self.assertIsNone(r['metrics'][name]['value'])
            self.assertEqual(r['metrics'][name]['reason'], f'of rank 3, {why}')
        self.assertIsNone(r['nodes'][1]['load_balance'])
        self.assertEqual([n['parallel_efficiency'] for n in r['nodes']], [None, None])

    def test_threads_within_ranks(self):
        """4 threads that compute for 2 of 4 CPU seconds in each second outside MPI."""
        self.write(*(line(i, threads=4, window=10.0, computing=5.0, cpu=15.0) for i in range(4)))
        self.assertAlmostEqual(self.merge()[0]['metrics']['thread_efficiency']['value'], 0.5)

    def write_calls(self, number, size=2, window=10.0, events=()):
        """Events: ticks of a second, peer, tag, communicator, operation (0: send, 1: receive, 2: all)."""
        head = struct.pack('=QIIddII', 0x3149504d43535250, number, size, window, 1.0, 1, len(events))
        body = struct.pack('=QII', 1, size, 0) + b''.join(struct.pack('=QiiII', *e) for e in events)
        (self.runs / f'rank-{number}.calls').write_bytes(head + body)

    def transfer(self):
        r, _ = self.merge()
        self.assertEqual(r['left_out'], [])
        found = r['metrics']['transfer_efficiency']
        return found['value'], found['reason']

    def test_calls_are_played_again(self):
        """4 s, a message, 4 s of the other one, and 2 of 10 s go to the network."""
        self.write(*(line(i, 2, computing=4.0, calls_reason=None) for i in range(2)))
        self.assertIn('not beside', self.transfer()[1])
        self.write_calls(0, events=[(4, 1, 0, 0, 0), (0, 0, 0, 0, 2)])
        self.write_calls(1, events=[(0, 0, 0, 0, 1), (4, 0, 0, 0, 2)])
        self.assertAlmostEqual(self.transfer()[0], 0.8)
        self.assertAlmostEqual(self.merge()[0]['metrics']['serialisation_efficiency']['value'], 0.5)
        self.write_calls(1, events=[(0, 0, 9, 0, 1), (4, 0, 0, 0, 2)])
        self.assertIn("don't fit together", self.transfer()[1])

    def test_hostile_calls(self):
        self.write(*(line(i, 2, computing=4.0, calls_reason=None) for i in range(2)))
        good = [(4, 0, 0, 0, 2)]
        for change in ({'window': 11.0}, {'size': 3}, {'events': [(1, 2, 0, 0, 0)]}, {'events': [(1, -1, 0, 0, 0)]},
                       {'events': [(1, 0, 0, 1, 0)]}, {'events': [(1, 0, 0, 0, 9)]}):
            self.write_calls(0, events=good)
            self.write_calls(1, **{'events': good, **change})
            with self.subTest(change=change):
                self.assertIn('not whole', self.transfer()[1])
        for data in b'', b'x' * 40, b'x' * 4000:
            (self.runs / 'rank-1.calls').write_bytes(data)
            self.assertIn('not whole', self.transfer()[1])
        self.write_calls(1, events=good)
        path = self.runs / 'rank-1.calls'
        path.write_bytes(path.read_bytes()[:-1])
        self.assertIn('not whole', self.transfer()[1])

    def test_nothing_to_merge(self):
        self.refuse('merge', says=['nothing to merge'])
        self.refuse('merge', str(self.runs), says=['no line of a rank'])
        self.refuse('merge', str(self.folder / 'none'), says=["can't read", 'No such file'])
        self.write(line(0))
        self.refuse('merge', str(self.runs), '-o', 'x.csv', says=["ranks can't be written as csv"])

    def test_ten_thousand_ranks(self):
        """One at a time: memory holds figures, not files."""
        for i in range(10000):
            (self.runs / f'rank-{i:07}.rank').write_text(line(i, 10000, computing=5.0, node=f'n{i % 100}'))
        (self.runs / 'rank-0000017.rank').write_text(line(17, 10000)[:-50])
        (self.runs / 'twice.rank').write_text(line(18, 10000))
        (self.runs / 'other.rank').write_text(line(17, 10000, run='another'))
        r, _ = self.merge()
        self.assertEqual((r['size'], len(r['ranks']), len(r['nodes'])), (10000, 9999, 100))
        self.assertEqual(r['missing'], [[17, 17]])
        self.assertEqual(r['left_out_count'], 3)
        self.assertAlmostEqual(r['metrics']['parallel_efficiency']['value'], 0.5)
        if not sanitized():
            script = f'ulimit -v 200000; exec {PARSCOPE} merge {self.runs} -o {self.folder}/m.json'
            subprocess.run(['sh', '-c', script], check=True, stdout=subprocess.DEVNULL, timeout=TIMEOUT)


class Rank(Case):
    """Without a launcher: its variables are enough."""

    def rank(self, *command, number=1, size=2, **more):
        env = {'PMI_RANK': str(number), 'PMI_SIZE': str(size), **more.pop('env', {})}
        return parscope('rank', '-d', str(self.folder / 'ranks'), '--', *command, env=env, **more)

    def read(self, number=1):
        return json.loads((self.folder / 'ranks' / f'rank-{number:07}.rank').read_text())

    def test_is_as_the_program(self):
        done = self.rank('sh', '-c', 'echo out; echo err >&2; exit 7')
        self.assertEqual((done.returncode, done.stdout, done.stderr), (7, 'out\n', 'err\n'))
        entry = self.read()
        self.assertEqual((entry['rank'], entry['size'], entry['end'], entry['status']), (1, 2, 'exit', 7))
        self.assertEqual(entry['launcher'], 'MPICH')

    def test_reads_what_the_launcher_gives(self):
        env = environment(PMI_RANK='0', PMI_SIZE='1')
        done = subprocess.run([PARSCOPE, 'rank', '-d', str(self.folder / 'ranks'), '--', 'cat'], input='words', text=True,
                              capture_output=True, env=env, timeout=TIMEOUT)
        self.assertEqual(done.stdout, 'words')

    def test_is_killed_as_the_program(self):
        self.assertEqual(self.rank('sh', '-c', 'kill -SEGV $$').returncode, -11)
        self.assertEqual((self.read()['end'], self.read()['status']), ('signal', 11))

    def test_passes_signals_on(self):
        self.assertEqual(self.rank('sh', '-c', 'trap "exit 5" TERM; kill -TERM $PPID; while :; do sleep 0.01; done').returncode, 5)

    def test_signals_reach_the_program_s_processes(self):
        """The program waits for its child, which ends by the signal alone."""
        child = 'trap "echo got; exit" TERM; echo > ready; while kill -0 $$; do sleep 0.01; done'
        program = f'trap "wait; exit 5" TERM; mkfifo ready; ({child}) & read x < ready; kill -TERM $PPID; while :; do sleep 0.01; done'
        done = self.rank('sh', '-c', program, cwd=self.folder)
        self.assertEqual((done.returncode, done.stdout), (5, 'got\n'))

    def test_started_with_ends_of_children_ignored(self):
        env = environment(PMI_RANK='1', PMI_SIZE='2')
        done = subprocess.run([PARSCOPE, 'rank', '-d', str(self.folder / 'ranks'), '--', 'sh', '-c', 'exit 7'], env=env,
                              timeout=TIMEOUT, preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        self.assertEqual((done.returncode, self.read()['status']), (7, 7))

    def test_nothing_stays_of_an_earlier_run(self):
        self.rank('true')
        (self.folder / 'ranks' / 'rank-0000001.calls').write_text('')
        self.rank('sh', '-c', 'kill -KILL $PPID; while :; do sleep 0.01; done')
        self.assertEqual([p.name for p in (self.folder / 'ranks').glob('rank-*')], [])

    def test_long_command(self):
        """Its line is one that merge reads."""
        self.rank('true', '\1' * 70000 + 'ö', number=0, size=1)
        self.assertEqual(len(json.loads(self.succeed('merge', str(self.folder / 'ranks'), '--format', 'json').stdout)['ranks']), 1)

    def test_launchers(self):
        for launcher, env in {
                'Open MPI': {'OMPI_COMM_WORLD_RANK': '1', 'OMPI_COMM_WORLD_SIZE': '2', 'PMIX_RANK': '1', 'PMIX_NAMESPACE': 'x'},
                'MPICH': {'PMI_RANK': '1', 'PMI_SIZE': '2', 'SLURM_PROCID': '0', 'SLURM_NTASKS': '1'},
                'Slurm by pmi2': {'PMI_RANK': '1', 'PMI_SIZE': '2', 'PMI_FD': '9', 'SLURM_PROCID': '1', 'SLURM_NTASKS': '2'},
                'MPICH in Slurm': {'PMI_RANK': '1', 'PMI_SIZE': '2', 'MPI_LOCALNRANKS': '2', 'SLURM_PROCID': '1', 'SLURM_NTASKS': '2'},
                'MVAPICH': {'MV2_COMM_WORLD_RANK': '1', 'MV2_COMM_WORLD_SIZE': '2'},
                'Slurm': {'SLURM_PROCID': '1', 'SLURM_NTASKS': '2', 'SLURM_JOB_ID': '4', 'SLURM_STEP_ID': '0'}}.items():
            with self.subTest(launcher=launcher):
                done = parscope('rank', '-d', str(self.folder / 'ranks'), '--', 'true', env=env)
                self.assertEqual(done.returncode, 0, done.stderr)
                entry = self.read()
                self.assertEqual((entry['launcher'], entry['rank'], entry['size']), (launcher.split(' ')[0] if launcher != 'Open MPI' else launcher, 1, 2))
                self.assertEqual(entry['run'], {'Open MPI': 'x', 'Slurm': '4.0'}.get(launcher))

    def test_an_unknown_mpi_is_not_watched(self):
        """Slurm starts every MPI: the library for another one would crash the program."""
        env = {'SLURM_PROCID': '0', 'SLURM_NTASKS': '1'}
        done = parscope('rank', '-d', str(self.folder / 'ranks'), '--', 'sh', '-c', 'echo $LD_PRELOAD', env=env)
        self.assertNotIn('parscope-mpi', done.stdout)
        self.assertEqual(self.read(0)['mpi'], 'unknown')
        self.assertIn('which MPI it uses is not known', self.read(0)['mpi_reason'])

    def test_a_shell_names_the_program(self):
        """What is behind it says which MPI there is, where that is one alone."""
        env = {'SLURM_PROCID': '0', 'SLURM_NTASKS': '1'}
        for name, library in ('open', b'libmpi.so.40'), ('mpich', b'libmpich.so.12'):
            (self.folder / name).write_bytes(b'\x7fELF\0' + library + b'\0')
            (self.folder / name).chmod(0o755)
        (self.folder / 'data').write_bytes(b'\x7fELF\0libmpich.so.12\0')
        (self.folder / 'text').write_bytes(b'no program: libmpich.so.12\0')
        (self.folder / 'text').chmod(0o755)
        (self.folder / 'remark').write_text('#!/bin/sh\n' + '# ./mpich a b c d\n' * 300 + 'echo "$LD_PRELOAD" || ./open #./mpich\n')
        (self.folder / 'remark').chmod(0o755)
        (self.folder / 'script').write_text(f'#!/bin/sh\necho "$LD_PRELOAD"; if false; then {self.folder}/open; fi\n')
        (self.folder / 'script').chmod(0o755)
        for words, found in {('sh', '-c', 'echo $LD_PRELOAD; false || : ./open 1>out'): 'openmpi', (str(self.folder / 'script'),): 'openmpi',
                             ('sh', '-c', 'echo $LD_PRELOAD', './mpich'): 'mpich',
                             ('sh', '-c', 'echo $LD_PRELOAD', './open', './data', './text'): 'openmpi', ('./remark',): 'openmpi',
                             ('env', 'PATH=:/bin:/usr/bin', 'sh', '-c', 'echo $LD_PRELOAD', './open'): 'openmpi',
                             ('sh', '-c', 'echo $LD_PRELOAD; : ./open; : ./mpich'): None}.items():
            done = parscope('rank', '-d', str(self.folder / 'ranks'), '--', *words, env=env, cwd=self.folder)
            reason = self.read(0)['mpi_reason'] or ''
            with self.subTest(words=words):
                self.assertEqual('which MPI it uses is not known' in reason, found is None, reason)
                if 'built without' not in reason:
                    self.assertEqual('parscope-mpi' in done.stdout, bool(found))
                    self.assertIn(f'mpi-{found}.so' if found else '', done.stdout)

    def test_the_current_folder_is_in_path(self):
        (self.folder / 'our-own-program').write_bytes(b'\x7fELF\0libmpi.so.40\0')
        (self.folder / 'our-own-program').chmod(0o755)
        for place in ':{}', '{}:', '{}::/none':
            env = {'SLURM_PROCID': '0', 'SLURM_NTASKS': '1', 'PATH': place.format(os.environ['PATH'])}
            parscope('rank', '-d', str(self.folder / 'ranks'), '--', 'sh', '-c', 'exit 0', 'our-own-program', env=env, cwd=self.folder)
            self.assertNotIn('which MPI it uses is not known', self.read(0)['mpi_reason'] or '')

    def test_input_is_the_program_s(self):
        """What is read to find MPI is a regular file."""
        env = environment(SLURM_PROCID='0', SLURM_NTASKS='1')
        done = subprocess.run([PARSCOPE, 'rank', '-d', str(self.folder / 'ranks'), '--', 'cat', '/dev/stdin'], env=env,
                              input='#!/bin/sh\n', capture_output=True, text=True, timeout=TIMEOUT)
        self.assertEqual(done.stdout, '#!/bin/sh\n', done.stderr)

    def test_no_library(self):
        done = self.rank('sh', '-c', 'echo $LD_PRELOAD', number=0, size=1)
        self.assertEqual(self.read(0)['mpi'], 'unused' if 'mpich' in done.stdout else 'unknown')
        done = parscope('rank', '--by-samples', '-d', str(self.folder / 'ranks'), '--', 'sh', '-c', 'echo $LD_PRELOAD',
                        env={'PMI_RANK': '0', 'PMI_SIZE': '1'})
        self.assertNotIn('parscope-mpi', done.stdout)
        self.assertIn('--by-samples', self.read(0)['mpi_reason'])

    def test_refusals(self):
        self.refuse('rank', '--', 'true', says=['no launcher has said', 'mpirun'])
        self.refuse('rank', says=['no program given'])
        for env in {'PMI_RANK': '2', 'PMI_SIZE': '2'}, {'PMI_RANK': '0', 'PMI_SIZE': 'x'}, {'PMI_RANK': '-1', 'PMI_SIZE': '2'}:
            self.refuse('rank', '--', 'true', env=env, says=['PMI_'])
        for command, says in {'./none': 'No such file', 'no-such-command': 'no such command'}.items():
            done = self.rank(command)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(says, done.stderr)
        self.assertFalse(list((self.folder).glob('ranks/*')), 'nothing is left of what did not run')
        (self.folder / 'ranks').write_text('')
        self.assertEqual(self.rank('true').returncode, 2)


LAUNCHER = """
import os, subprocess, sys
size, command = int(sys.argv[1]), sys.argv[2:]
for rank in range(size):
    env = {**os.environ, 'PMI_RANK': str(rank), 'PMI_SIZE': str(size)}
    if subprocess.run(command, env=env).returncode: sys.exit(9)
"""


class Sweep(Case):
    """By a launcher in a few lines, which starts ranks one after the other."""

    def launcher(self, number='{ranks}', rank=True):
        path = self.folder / 'launch'
        path.write_text(LAUNCHER)
        return [sys.executable, str(path), number] + ([PARSCOPE, 'rank', '--'] if rank else [])

    def sweep(self, *arguments, **more):
        return parscope('sweep', '--ranks', '1,2', '-w', '0', '-r', '1', *arguments, cwd=self.folder, **more)

    def test_result(self):
        done = self.sweep('-o', 'r.json', '--', *self.launcher(), 'sh', '-c', 'exit 0')
        self.assertEqual(done.returncode, 0, done.stderr)
        r = json.loads((self.folder / 'r.json').read_text())
        if jsonschema:
            jsonschema.validate(r, json.loads((ROOT / 'docs' / 'rank-sweep.schema.json').read_text()))
        self.assertEqual([p['ranks'] for p in r['points']], [1, 2])
        for p in r['points']:
            values = {name: m['value'] for name, m in p['metrics'].items()}
            self.assertAlmostEqual(values['parallel_efficiency'], values['load_balance'] * values['communication_efficiency'])
            self.assertAlmostEqual(values['global_efficiency'], values['parallel_efficiency'] * values['computation_scaling'])
        self.assertEqual(r['points'][0]['metrics']['speedup']['value'], 1)
        self.assertRegex(done.stdout, r'(?m)^ +2 ')
        self.assertEqual({p.name for p in self.folder.iterdir()}, {'launch', 'r.json'}, 'the folder of the files is gone')

    def made_up(self, one, two):
        """A launcher whose ranks have these figures, with one rank and with two."""
        path = self.folder / 'launch'
        lines = {1: line(0, 1, **one), 2: line(0, 2, **two) + line(1, 2, **two)}
        path.write_text(f'import os, sys\nopen(os.environ["PARSCOPE_RANKS"] + "/a.rank", "w").write({lines!r}[int(sys.argv[1])])\n')
        return sys.executable, str(path), '{ranks}'

    def test_factors_of_computation_scaling(self):
        """1.25 times the instructions, 10/9 of the IPC, 0.9 of the clock."""
        command = self.made_up({'computing': 4.0, 'useful_instructions': 8e9, 'useful_cycles': 4e9, 'counts_reason': None},
                               {'computing': 2.5, 'useful_instructions': 5e9, 'useful_cycles': 2.25e9, 'counts_reason': None})
        for more, work in ((), 1), (('--weak', '{size}'), 2):
            done = self.sweep('-o', 'r.json', *more[:1], '--', *command, *more[1:])
            self.assertEqual(done.returncode, 0, done.stderr)
            r = json.loads((self.folder / 'r.json').read_text())
            values = {name: m['value'] for name, m in r['points'][1]['metrics'].items()}
            self.assertAlmostEqual(values['instruction_scaling'], 0.8 * work)
            self.assertAlmostEqual(values['ipc_scaling'], 10 / 9)
            self.assertAlmostEqual(values['frequency_scaling'], 0.9)
            self.assertAlmostEqual(values['computation_scaling'], 0.8 * work)
            self.assertIsNone(r['counts_reason'])
            self.assertRegex(done.stdout, r'instruction +IPC +clock')
            self.assertNotIn('by time alone', done.stdout)

    def test_checks(self):
        """The speedup is 2, without an interval where there was a round, with one of no width after six."""
        command = self.made_up({'window': 10.0, 'computing': 4.0}, {'window': 5.0, 'computing': 2.5})
        for status, rounds, *checks in ((0, 6, 'speedup >= 1.9', 'computation_scaling[ranks=1] >= 0.9'), (3, 6, 'speedup[ranks=2] > 2.1'),
                                        (4, 1, 'speedup >= 1.9'), (4, 1, 'ipc_scaling >= 1')):
            words = [word for check in checks for word in ('--check', check)]
            done = parscope('sweep', '--ranks', '1,2', '-w', '0', '-r', str(rounds), *words, '-o', 'r.json', '--', *command, cwd=self.folder)
            r = json.loads((self.folder / 'r.json').read_text())
            with self.subTest(checks=checks):
                self.assertEqual(done.returncode, status, done.stdout + done.stderr)
                self.assertEqual([c['check'] for c in r['checks']], checks)
                self.assertIn({0: 'holds: speedup >= 1.9: 2 [2, 2] with 2 ranks', 3: 'FAILS: speedup[ranks=2] > 2.1: 2 [2, 2]',
                               4: 'inconclusive: '}[status], done.stdout)
        quiet = self.sweep('-q', '--check', 'time < 60s', '--on-inconclusive', 'pass', '--', *command)
        self.assertEqual((quiet.returncode, quiet.stdout.count('\n')), (0, 1))
        for check, says in {'speedup[threads=2] >= 1': 'ranks=N alone', 'speedup[ranks=3] >= 1': 'not one of the numbers',
                            'speedup[ranks=0] >= 1': 'ranks=0: must be 1 to ',
                            'wall_tim < 1s': 'wall_time', 'metg < 1s': 'metric of a sweep', 'speedup = 2': 'use >= or <='}.items():
            self.refuse('sweep', '--ranks', '1,2', '--check', check, '--', *command, says=[says])

    def test_report(self):
        command = self.made_up({'window': 10.0, 'computing': 4.0}, {'window': 5.0, 'computing': 2.5})
        first = self.sweep('-o', 'r.json', '-o', 'r.csv', '--check', 'speedup >= 1', '--', *command)
        again = self.succeed('report', 'r.json', '-o', 'again.json', '-o', 'again.csv', cwd=self.folder)
        self.assertEqual(again.stdout, first.stdout)
        for name in 'json', 'csv':
            self.assertEqual((self.folder / f'again.{name}').read_text(), (self.folder / f'r.{name}').read_text())
        rows = [line.split(',') for line in (self.folder / 'r.csv').read_text().splitlines()]
        self.assertEqual(rows[0], ['ranks', 'nodes', 'metric', 'value', 'low', 'high', 'unit', 'reason'])
        self.assertIn(['2', '1', 'speedup', '2', '', '', '1', ''], rows)
        self.assertIn('MPI_Put', next(row for row in rows if row[0] == '2' and row[2] == 'transfer_efficiency')[-1])
        self.assertEqual(len(rows), 1 + 2 * 14)
        self.refuse('report', 'r.json', '-o', 'r.html', cwd=self.folder, says=["a sweep over ranks can't be written as html"])
        self.refuse('report', 'r.json', '--columns', 'speedup', cwd=self.folder, says=['--columns is not for a sweep over ranks'])
        saved = json.loads((self.folder / 'r.json').read_text())
        saved['points'][0]['metrics']['time']['samples'] = []
        (self.folder / 'bad.json').write_text(json.dumps(saved))
        self.refuse('report', 'bad.json', cwd=self.folder, says=['points[0].metrics.time: 0 samples, where there were 1 rounds'])
        for point in saved['points']:
            point['metrics'] = {}
        (self.folder / 'bad.json').write_text(json.dumps({**saved, 'rounds': 10000000}))
        self.refuse('report', 'bad.json', cwd=self.folder, says=['rounds: no metric has as many samples'])

    def test_factors_are_not_known(self):
        command = self.made_up({'useful_instructions': 8e9, 'useful_cycles': 4e9, 'counts_reason': None},
                               {'useful_instructions': None, 'useful_cycles': None, 'counts_reason': 'this machine offers none'})
        done = self.sweep('-o', 'r.json', '--', *command)
        r = json.loads((self.folder / 'r.json').read_text())
        self.assertIsNone(r['points'][1]['metrics']['ipc_scaling']['value'])
        self.assertIsNotNone(r['points'][1]['metrics']['computation_scaling']['value'])
        self.assertEqual(r['counts_reason'], 'this machine offers none')
        self.assertIn('by time alone, as its factors need counters: this', done.stdout)

    def test_ranges(self):
        done = self.succeed('sweep', '--ranks', '1..4..x2,5', '-w', '0', '-r', '1', '--format', 'json', '--', *self.launcher(),
                            'true', cwd=self.folder)
        self.assertEqual([p['ranks'] for p in json.loads(done.stdout)['points']], [1, 2, 4, 5])

    def test_weak(self):
        seen = self.folder / 'sizes'
        self.assertEqual(self.sweep('--weak', '--size', '10', '--', *self.launcher(), 'sh', '-c', f'echo $0 >> {seen}',
                                    '{size}').returncode, 0)
        self.assertEqual(sorted(seen.read_text().split()), ['10', '20', '20'])

    def test_batch_script(self):
        """Which srun would run, in the folder that it is started in."""
        (self.folder / 'bin').mkdir()
        for name, text in {'srun': f'#!/bin/sh\nshift; exec {sys.executable} {self.folder}/launch "$@"\n',
                           'parscope': f'#!/bin/sh\nexec {PARSCOPE} "$@"\n'}.items():
            (self.folder / 'bin' / name).write_text(text)
            (self.folder / 'bin' / name).chmod(0o755)
        path = {'PATH': f'{self.folder}/bin:{os.environ["PATH"]}'}
        script = self.succeed('sweep', '--slurm', '--ranks', '1,2', '-w', '0', '-r', '1', '-o', 'r.json', '--max-time', '1h',
                              '--', 'srun', '-n', '{ranks}', PARSCOPE, 'rank', '--', 'sh', '-c', 'echo "$0" >> out', "it's {1,2} $0",
                              '--slurm', env=path).stdout
        self.assertIn('#SBATCH --ntasks=2\n# Add --time: ', script)
        (self.folder / 'job').write_text(script)
        self.launcher()
        subprocess.run(['sh', 'job'], cwd=self.folder, env=environment(**path), check=True, stdout=subprocess.DEVNULL, timeout=TIMEOUT)
        self.assertEqual(len(json.loads((self.folder / 'r.json').read_text())['points']), 2)
        self.assertEqual((self.folder / 'out').read_text(), "it's {1,2} $0\n" * 3)
        timed = self.succeed('sweep', '--slurm', '--ranks', '1,2', '--max-time', '1h', '--', 'srun', '-n', '{ranks}', 'app').stdout
        self.assertIn('#SBATCH --ntasks=2\n#SBATCH --time=100\n', timed)
        self.refuse('sweep', '--slurm', 'reduce', says=['--slurm is for --ranks'])

    def fails(self, says, *command):
        done = self.sweep('--', *command)
        self.assertEqual(done.returncode, 1)
        self.assertIn(says, done.stderr)

    def test_failures_name_the_rank(self):
        self.fails('rank 1 on', *self.launcher(), 'sh', '-c', 'test $PMI_RANK = 0')
        self.fails('was killed by SIGSEGV', *self.launcher(), 'sh', '-c', 'kill -SEGV $$')
        self.fails('none has left a file', *self.launcher(rank=False), 'true')
        self.fails('2 ranks were asked for, and the launcher started 1', 'sh', '-c',
                   f'PMI_RANK=0 PMI_SIZE=1 {PARSCOPE} rank -- true', '{ranks}')
        self.fails('ranks disagree about the size', 'sh', '-c',
                   f'for i in 1 2; do PMI_RANK=0 PMI_SIZE=$i {PARSCOPE} rank -d $PARSCOPE_RANKS/$i -- true; '
                   'mv $PARSCOPE_RANKS/$i/* $PARSCOPE_RANKS/$i.rank; rmdir $PARSCOPE_RANKS/$i; done', '{ranks}')
        self.fails('rank 1 has left no file', 'sh', '-c', f'PMI_RANK=0 PMI_SIZE=$0 {PARSCOPE} rank -- true', '{ranks}')

    def test_refusals(self):
        command = '--', *self.launcher(), 'true'
        for ranks in '0', 'x', '2,1', '1,8..2', '1..4..x1', '', '1..', '5000000':
            self.refuse('sweep', '--ranks', ranks, *command, says=['--ranks'])
        self.refuse('sweep', '--ranks', '1', '--', *self.launcher('1'), 'true', says=['has no {ranks}'])
        self.refuse('sweep', '--ranks', '1', '--weak', *command, says=['has no {size}'])
        self.refuse('sweep', '--ranks', '1', 'reduce', says=['one launcher'])
        self.refuse('sweep', '--ranks', '1', '-t', '2', *command, says=['--ranks excludes --threads'])
        self.refuse('sweep', '--ranks', '1', '--adaptive', *command, says=['--ranks excludes --adaptive'])
        for given in ['--passive'], ['--no-diagnose']:
            self.refuse('sweep', '--ranks', '1', *given, *command, says=[f'--ranks excludes {given[0]}'])
        self.refuse('sweep', '--ranks', '1', '-o', 'x.html', *command, says=["can't be written as html"])
        self.fail_with(1, 'sweep', '--ranks', '1', '--', 'no-such-launcher', '{ranks}', says=['no such command'])


if __name__ == '__main__':
    main()
