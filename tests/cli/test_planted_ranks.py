"""Losses planted in a program of MPI are what rank and merge say, under the launchers that are here."""
import json
import os
import shutil
import subprocess

from harness import PARSCOPE, TIMEOUT, Case, environment, main, measures_time

MPIS = {'openmpi': 'Open MPI', 'mpich': 'MPICH'}


class Launched(Case):
    """Real ranks, and losses that were planted."""

    def present(self):
        """The MPIs whose launcher and headers are here; else the test is skipped."""
        found = [mpi for mpi in MPIS if shutil.which(f'mpirun.{mpi}') and os.environ.get(f'PLANTED_{mpi.upper()}')]
        if not found:
            self.skipTest('neither Open MPI nor MPICH is installed')
        return found

    def launch(self, mpi, count, *arguments, rank=('rank',)):
        launcher, program = shutil.which(f'mpirun.{mpi}'), os.environ[f'PLANTED_{mpi.upper()}']
        env = environment(OMPI_ALLOW_RUN_AS_ROOT='1', OMPI_ALLOW_RUN_AS_ROOT_CONFIRM='1',
                          OMPI_MCA_rmaps_base_oversubscribe='1', PARSCOPE_RANKS=str(self.folder / 'ranks'))
        return subprocess.run([launcher, '-n', str(count), PARSCOPE, *rank, '--', program, *arguments], env=env,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT)

    def merge(self):
        path = self.folder / 'r.json'
        self.succeed('merge', str(self.folder / 'ranks'), '-o', str(path))
        return json.loads(path.read_text())

    def factors(self, mpi, *arguments):
        done = self.launch(mpi, 2, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        r = self.merge()
        self.assertEqual((r['size'], r['missing'], r['left_out'], r['launcher']), (2, [], [], MPIS[mpi]))
        return {name: m['value'] for name, m in r['metrics'].items()}

    def quiet(self):
        """Whether all ranks had a CPU all the time: they compute, or spin inside MPI."""
        ranks = [json.loads(path.read_text()) for path in (self.folder / 'ranks').glob('*.rank')]
        return all(r['cpu'] > 0.99 * r['window'] for r in ranks)

    def check_planted(self, what, **expected):
        for mpi in self.present():
            missed = 0
            for _ in range(4):
                found = self.factors(mpi, what, '0.3')
                self.assertIsNotNone(found['transfer_efficiency'])
                near = {name: abs(found[name] - value) < 0.02 for name, value in expected.items()}
                if all(near.values()):
                    break
                missed += self.quiet()
                self.assertLess(missed, 3, f'{mpi}: {found}')
            else:
                self.skipTest('others took CPUs from the ranks')

    @measures_time
    def test_imbalance(self):
        self.check_planted('imbalance', load_balance=0.8, communication_efficiency=1, parallel_efficiency=0.8,
                           serialisation_efficiency=1, transfer_efficiency=1)

    @measures_time
    def test_chain(self):
        self.check_planted('chain', load_balance=1, communication_efficiency=0.5, serialisation_efficiency=0.5,
                           transfer_efficiency=1)

    @measures_time
    def test_chain_by_requests(self):
        self.check_planted('chain-later', load_balance=1, serialisation_efficiency=0.5, transfer_efficiency=1)

    @measures_time
    def test_communication(self):
        self.check_planted('communicate', load_balance=1, communication_efficiency=0.75, serialisation_efficiency=1,
                           transfer_efficiency=0.75)

    @measures_time
    def test_by_samples(self):
        """Without the library, with more room; others' use of the CPUs is no fault."""
        for mpi in self.present()[-1:]:
            missed = 0
            for _ in range(4):
                self.assertEqual(self.launch(mpi, 2, 'imbalance', '0.3', rank=('rank', '--by-samples')).returncode, 0)
                r = self.merge()
                if r['sampled'] is None:
                    self.skipTest(r['metrics']['load_balance']['reason'])
                found = {name: m['value'] for name, m in r['metrics'].items()}
                if found['load_balance'] is None:
                    self.skipTest(r['metrics']['load_balance']['reason'])
                if abs(found['load_balance'] - 0.8) < 0.08 and abs(found['parallel_efficiency'] - 0.8) < 0.1:
                    break
                missed += self.quiet()
                self.assertLess(missed, 3, f'{mpi}: {found}')
            else:
                self.skipTest('others took CPUs from the ranks')
            self.assertEqual({x['mpi'] for x in r['ranks']}, {'sampled'})
            self.assertIsNone(found['transfer_efficiency'])

    def test_ranks_that_end_badly(self):
        for mpi in self.present():
            with self.subTest(mpi=mpi):
                self.assertNotEqual(self.launch(mpi, 2, 'crash').returncode, 0)
                found = json.loads((self.folder / 'ranks' / 'rank-0000001.rank').read_text())
                self.assertEqual((found['end'], found['status'], found['mpi']), ('signal', 11, 'open'))
                shutil.rmtree(self.folder / 'ranks')

    def test_arguments_that_say_nothing(self):
        """In place there is no type to ask for its size."""
        for mpi in self.present():
            with self.subTest(mpi=mpi):
                done = self.launch(mpi, 2, 'in-place')
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual({x['mpi'] for x in self.merge()['ranks']}, {'whole'})
                shutil.rmtree(self.folder / 'ranks')

    def test_calls_among_neighbours(self):
        """They count as such, with the barrier of MPI_Finalize; who waits for whom is not told."""
        for mpi in self.present():
            with self.subTest(mpi=mpi):
                done = self.launch(mpi, 2, 'neighbours')
                self.assertEqual(done.returncode, 0, done.stderr)
                r = self.merge()
                self.assertEqual(r['use']['collective']['calls'], 6)
                self.assertIn('MPI_Dist_graph_create_adjacent', r['metrics']['transfer_efficiency']['reason'])
                shutil.rmtree(self.folder / 'ranks')

    def test_large_counts(self):
        """Of MPI 4: they count as the others, and are played again."""
        if 'mpich' not in self.present():
            self.skipTest('Open MPI has no calls with large counts here')
        done = self.launch('mpich', 2, 'large')
        self.assertEqual(done.returncode, 0, done.stderr)
        if 'none' in done.stdout:
            self.skipTest('MPICH has no calls with large counts here')
        r = self.merge()
        self.assertEqual([r['use'][kind]['calls'] for kind in ('point-to-point', 'collective')], [2, 6])
        self.assertIsNotNone(r['metrics']['transfer_efficiency']['value'])

    def test_a_rank_without_a_file(self):
        self.assertNotEqual(self.launch(self.present()[0], 2, 'orphan').returncode, 0)
        self.assertFalse((self.folder / 'ranks' / 'rank-0000001.rank').exists())


if __name__ == '__main__':
    main()
