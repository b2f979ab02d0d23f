"""Examples in the README and in the manual show what is printed today."""
import re

from harness import HERE, ROOT, Case, main

GOLDEN = HERE / 'golden'
HEAD = re.compile(r'^(strategy|threads|command|workload|copies)  +\S')


def words(line):
    return re.split(r' {2,}', line.strip())


def heads(text):
    """Of its grids: the last lines of their heads."""
    return [words(line) for line in text.splitlines() if HEAD.match(line)]


class Examples(Case):
    def test_manual(self):
        for command, name in (('run', 'run'), ('sweep', 'sweep')):
            page = (ROOT / 'man' / f'parscope-{command}.1.scd').read_text()
            output = page.split('\n# OUTPUT\n')[1].split('\n# ')[0]
            shown = re.search(r'(?s)\n```\n(.*?)```\n', output).group(1)
            self.assertEqual(shown, (GOLDEN / f'{name}.first.txt').read_text())

    def test_first_screen_of_the_readme(self):
        shown = ''.join(f'    {line}'.rstrip() + '\n' for line in (GOLDEN / 'sweep.first.txt').read_text().splitlines())
        self.assertIn(f'\n{shown}', (ROOT / 'README.md').read_text())

    def test_all_heads_of_the_readme(self):
        known = set()
        for path in GOLDEN.glob('*.txt'):
            for head in heads(path.read_text()):
                known |= set(head)
        readme = re.sub(r'(?m)^    ', '', (ROOT / 'README.md').read_text())
        shown = [head for head in heads(readme) if head != ['part', 'cost', 'from', 'to', 'what it is']]
        self.assertGreater(len(shown), 5)
        for head in shown:
            self.assertLessEqual(set(head), known, head)


if __name__ == '__main__':
    main()
