"""Results that are kept under a name, and compared with later."""
import json

from harness import Case, main, parscope

MACHINE = 'core:4 pu:1'


class Baselines(Case):
    def setUp(self):
        super().setUp()
        self.state = self.folder / 'state'
        self.kept = self.state / 'parscope' / 'baselines'

    def sweep(self, *options, scale=1.0, machine=MACHINE, status=0, **more):
        script = ''.join(f'wall_time * * {p} ' + ' '.join(f'{scale * t * f:.6g}' for f in (1, 1.001, 0.999)) + '\n'
                         for p, t in ((1, 1.0), (2, 0.52)))
        env = {**self.fake_script(script), 'HWLOC_SYNTHETIC': machine, 'XDG_STATE_HOME': str(self.state), **more}
        done = parscope('sweep', 'reduce', '-s', 'pool', '-t', '1,2', '-r', '12', *options, env=env)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def test_what_was_kept_is_compared_with(self):
        self.sweep('--save-baseline', 'main')
        self.assertEqual([p.name for p in self.kept.iterdir()], ['main.json'])
        self.assertEqual(json.loads((self.kept / 'main.json').read_text())['schema'], 'parscope-result/1')
        same = self.sweep('--baseline', 'main').stdout
        self.assertIn('baseline main', same)
        self.assertIn('times as fast as the sequential', same)
        worse = self.sweep('--baseline', 'main', scale=1.2, status=3).stdout
        self.assertIn('worse', worse)
        self.sweep('--baseline', 'main', scale=0.8)

    def test_compared_before_it_is_replaced(self):
        self.sweep('--save-baseline', 'x')
        self.sweep('--save-baseline', 'x', '--baseline', 'x', scale=1.2, status=3)
        self.sweep('--baseline', 'x', scale=1.2)

    def test_other_formats_keep_standard_output(self):
        self.sweep('--save-baseline', 'x')
        done = self.sweep('--baseline', 'x', '--format', 'json')
        json.loads(done.stdout)
        self.assertIn('baseline x', done.stderr)

    def test_another_machine_is_not_judged(self):
        self.sweep('--save-baseline', 'x')
        done = self.sweep('--baseline', 'x', scale=1.5, machine='core:8 pu:1', status=4)
        self.assertIn('cores: 4, then 8', done.stdout)
        self.sweep('--baseline', 'x', '--on-inconclusive', 'pass', machine='core:8 pu:1')

    def test_names_are_bounded(self):
        for name in '', '../x', 'a/b', '.hidden', '-x', 'a b', 'x' * 65, 'ä':
            for option in '--save-baseline', '--baseline':
                done = self.sweep(f'{option}={name}', status=2)
                self.assertIn('a name has 1 to 64 letters', done.stderr)
        self.assertFalse(self.state.exists())
        self.sweep('--save-baseline', 'v1.2_a+b-c')

    def test_what_is_missing_or_broken(self):
        self.assertIn("there is no baseline 'x'", self.sweep('--baseline', 'x', status=2).stderr)
        self.kept.mkdir(parents=True)
        (self.kept / 'x.json').write_text('{}')
        self.assertIn('x.json', self.sweep('--baseline', 'x', status=2).stderr)

    def test_nothing_is_kept_of_what_fails(self):
        env = {'XDG_STATE_HOME': str(self.state)}
        done = parscope('run', '-r', '1', '-w', '0', '--save-baseline', 'x', '--', 'false', env=env)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(list(self.kept.iterdir()), [])

    def test_the_folder_is_below_home_by_default(self):
        home = self.folder / 'home'
        home.mkdir()
        self.sweep('--save-baseline', 'x', XDG_STATE_HOME='relative', HOME=str(home))
        self.assertTrue((home / '.local/state/parscope/baselines/x.json').exists())
        done = self.sweep('--save-baseline', 'x', XDG_STATE_HOME='', HOME='', status=2)
        self.assertIn('XDG_STATE_HOME or HOME', done.stderr)


if __name__ == '__main__':
    main()
