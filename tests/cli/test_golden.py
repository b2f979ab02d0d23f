"""The exact text of reports, from scripted samples on a described machine.

golden/NAME.cmd holds the arguments, golden/NAME.fake the script, golden/NAME.first.txt what standard
output was, golden/NAME.txt what it was with -v. A series has no first screen: golden/NAME.txt is its default. UPDATE_GOLDEN=1 writes the latter anew: read the difference before keeping it."""
import os
import shlex

from harness import HERE, Case, main, sanitized

GOLDEN = HERE / 'golden'
MACHINE = 'core:4 pu:2'


class Golden(Case):
    def render(self, name, *options):
        arguments = shlex.split((GOLDEN / f'{name}.cmd').read_text())
        arguments = [arguments[0], *options, *arguments[1:]]
        env = {'PARSCOPE_FAKE': str(GOLDEN / f'{name}.fake'), 'HWLOC_SYNTHETIC': MACHINE}
        path = self.folder / 'r.json'
        text = self.succeed(arguments[0], '-o', str(path), *arguments[1:], env=env).stdout
        self.assertEqual(self.succeed('report', *options, str(path)).stdout, text)
        self.assertLessEqual(max(map(len, text.splitlines())), 80)
        if not sanitized():  # which would see the same once more
            self.assertEqual(self.succeed(*arguments, env=env).stdout, text)
        return text

    def check(self, name):
        text = self.render(name)
        if text.endswith('; -v for more\n'):
            self.compare(text, GOLDEN / f'{name}.first.txt')
            text = self.render(name, '-v')
        self.compare(text, GOLDEN / f'{name}.txt')

    def compare(self, text, path):
        if os.environ.get('UPDATE_GOLDEN'):
            path.write_text(text)
        self.assertEqual(text, path.read_text())

    def test_first_screen_fits(self):
        """One workload or one program is told on 24 lines of 80 columns."""
        env = {'PARSCOPE_FAKE': str(GOLDEN / 'smt.fake'), 'HWLOC_SYNTHETIC': MACHINE}
        smt = self.succeed('smt-compare', 'counter:ilp=1', '--cores', '3', env=env).stdout
        for text in (smt, *map(self.render, ('sweep', 'run', 'program', 'modes'))):
            with self.subTest(text=text):
                self.assertTrue(text.endswith('; -v for more\n'))
                self.assertLessEqual(len(text.splitlines()), 24)
                self.assertLessEqual(max(map(len, text.splitlines())), 80)

    def test_series_in_full(self):
        """-v shows a grid for each value, in the table and in Markdown, and so does a report of the file."""
        arguments = shlex.split((GOLDEN / 'series.cmd').read_text())
        env = {'PARSCOPE_FAKE': str(GOLDEN / 'series.fake'), 'HWLOC_SYNTHETIC': MACHINE}
        saved, brief, full = (str(self.folder / name) for name in ('r.json', 'brief.md', 'full.md'))
        text = self.succeed(*arguments, '-v', '-o', saved, '-o', full, env=env).stdout
        self.assertEqual([line.split(' ')[0] for line in text.splitlines() if ' — ' in line],
                         ['mlp:batch=1', 'mlp:batch=4', 'mlp:batch=16'])
        self.assertEqual(text.count('eff.  throughput'), 3)
        self.assertEqual(self.succeed('report', '--verbose', saved).stdout, text)
        self.succeed('report', saved, '-o', brief)
        for path, headings in (brief, ['### `mlp:batch=1…16`']), (full, [f'### `mlp:batch={n}`' for n in (1, 4, 16)]):
            with open(path, encoding='utf-8') as file:
                self.assertEqual([line.strip() for line in file if line.startswith('### `')], headings)

    def test_all(self):
        names = sorted(p.stem for p in GOLDEN.glob('*.cmd'))
        self.assertTrue(names)
        for name in names:
            with self.subTest(name=name):
                self.check(name)


if __name__ == '__main__':
    main()
