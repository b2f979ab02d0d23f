"""--plot: pictures in characters, from scripted samples. plots/NAME.txt is what standard output was below the grid;
UPDATE_GOLDEN=1 writes it anew: look at the picture before keeping it."""
import os
import re
import shlex

from harness import HERE, Case, main
from test_terminal import on_terminal

GOLDEN = HERE / 'golden'
PLOTS = HERE / 'plots'
MACHINE = 'core:16 pu:1'
COUNTS = (1, 2, 4, 8, 16)
SWEEP = ('sweep', 'amdahl', '-s', 'pool', '-t', '1,2,4,8,16', '-r', '8')


def amdahl_script(serial=0.1):
    """Rounds that differ more with more threads, so that intervals are seen."""
    lines = ['wall_time amdahl sequential 1 ' + ' '.join(['1'] * 8)]
    for p in COUNTS:
        noise = [0.02 * p / 4 * (i - 3.5) / 3.5 for i in range(8)]
        lines.append(f'wall_time amdahl pool {p} ' +
                     ' '.join(f'{(serial + (1 - serial) / p) * (1 + x):.6f}' for x in noise))
    return '\n'.join(lines) + '\n'


class Plot(Case):
    def scripted(self, text):
        return {**self.fake_script(text), 'HWLOC_SYNTHETIC': MACHINE}

    def golden(self, name):
        env = {'PARSCOPE_FAKE': str(GOLDEN / f'{name}.fake'), 'HWLOC_SYNTHETIC': 'core:4 pu:2'}
        return shlex.split((GOLDEN / f'{name}.cmd').read_text()), env

    def on(self, columns, *arguments, **env):
        status, text, _ = on_terminal(*arguments, columns=columns, stream='stdout', NO_COLOR='1', **env)
        self.assertEqual(status, 0)
        text = text.replace('\r\n', '\n')
        self.assertLessEqual(max(map(len, text.splitlines())), columns)
        return text

    def compare(self, name, text):
        path = PLOTS / f'{name}.txt'
        if os.environ.get('UPDATE_GOLDEN'):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding='utf-8')
        self.assertEqual(text, path.read_text(encoding='utf-8'))

    def test_sweep_on_terminals(self):
        """By default, since it has four thread counts and more; a saved result is drawn alike."""
        env = self.scripted(amdahl_script())
        for columns in (40, 80, 200):
            with self.subTest(columns=columns):
                self.compare(f'sweep.{columns}', self.on(columns, *SWEEP, **env) if columns >= 80 else
                             self.pictures(self.wide(columns, *SWEEP, **env)))

    def wide(self, columns, *arguments, **env):
        """The grid is 80 columns wide; the picture is narrower."""
        status, text, _ = on_terminal(*arguments, columns=columns, stream='stdout', NO_COLOR='1', **env)
        self.assertEqual(status, 0)
        return text.replace('\r\n', '\n')

    def pictures(self, text):
        lines = [line for line in text.splitlines() if re.search('[│┤└]', line)]
        self.assertTrue(lines)
        self.assertLessEqual(max(map(len, lines)), 40)
        return '\n'.join(lines) + '\n'

    def test_ascii(self):
        """By locale on a terminal, and by --ascii anywhere: the whole table."""
        env = self.scripted(amdahl_script())
        text = self.on(80, *SWEEP, LC_ALL='C', **env)
        self.assertTrue(text.isascii())
        self.compare('sweep.ascii', text)
        self.assertEqual(self.succeed(*SWEEP, '--ascii', '--plot', env=env).stdout, text)
        self.assertEqual(self.succeed(*SWEEP, '--plot', env={**env, 'LC_ALL': 'C'}).stdout, text)
        self.assertFalse(self.on(80, *SWEEP, LC_ALL='C.UTF-8', **env).isascii())
        self.assertFalse(self.succeed(*SWEEP, env={**env, 'LC_ALL': 'C'}).stdout.isascii(),
                         'a pipe without a picture gets the same text in all locales')

    def test_saved(self):
        env, saved = self.scripted(amdahl_script()), str(self.folder / 'r.json')
        text = self.succeed(*SWEEP, '--plot', '-o', saved, env=env).stdout
        self.assertEqual(self.succeed('report', '--plot', saved).stdout, text)
        self.assertIn('Speedup by threads:', text)

    def test_not_where_it_does_not_pay(self):
        env = self.scripted(amdahl_script())
        few = ('sweep', 'amdahl', '-s', 'pool', '-t', '2,4', '-r', '8')
        self.assertNotIn('Speedup by threads', self.succeed(*SWEEP, env=env).stdout)
        self.assertNotIn('Speedup by threads', self.on(80, *SWEEP, '--no-plot', **env))
        self.assertNotIn('Speedup by threads', self.on(80, *few, **env))
        self.assertIn('Speedup by threads', self.succeed(*few, '--plot', env=env).stdout)
        self.refuse(*SWEEP, '--plot', '--no-plot', says=['exclude each other'], env=env)

    def test_several_strategies(self):
        script = amdahl_script() + re.sub('pool', 'steal', amdahl_script(0.05).split('\n', 1)[1])
        arguments = ('sweep', 'amdahl', '-s', 'pool,steal', '-t', '1,2,4,8,16', '-r', '8', '--plot')
        text = self.succeed(*arguments, env=self.scripted(script)).stdout
        self.compare('strategies.80', text)
        self.assertIn('● pool, ■ steal, · ideal', text)

    def test_vary(self):
        arguments, env = self.golden('vary')
        text = self.succeed(*arguments, '--plot', env=env).stdout
        self.compare('vary.80', text)
        self.assertIn('┊ crossover', text)
        self.assertTrue(self.succeed(*arguments, '--plot', '--ascii', env=env).stdout.isascii())

    def test_two_modes_are_seen(self):
        arguments, env = self.golden('modes')
        text = self.succeed(arguments[0], '--plot', *arguments[1:], env=env).stdout
        self.compare('modes.80', text)
        self.assertRegex(text, r'│█ {20,}.*[▁-█]│')


if __name__ == '__main__':
    main()
