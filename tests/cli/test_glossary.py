"""`parscope help WORD` explains what reports say, and so does parscope-glossary(7)."""
import os
import pathlib
import re

from harness import COMMANDS, ROOT, Case, main, some

FINDINGS = ROOT / 'src' / 'findings'


def finding_ids():
    """Literals where findings are said, and what results name as one."""
    said = ''.join(path.read_text() for path in FINDINGS.glob('*.c'))
    ids = set(re.findall(r'"([a-z-]+)",\s*PS_(?:INFO|WARNING|ERROR)\b', said))
    named = re.findall(r'#define PS_FINDING_\w+ "([a-z-]+)"', (ROOT / 'src/result/result.h').read_text())
    return sorted(ids | set(named))


# What sentences of advice and laws begin with or turn on, and what explains it.
ADVICE = {'Cheapest': 'cheapest', '%% efficiency': 'wanted-efficiency', 'not with any number of threads': 'wanted-efficiency',
          'only with one thread': 'wanted-efficiency', 'up to %': 'wanted-efficiency', 'is expected': 'expected-speedup',
          'no prediction': 'expected-speedup', 'enough': 'best-threads', 'more are': 'best-threads', 's have': 'wanted-efficiency', 'the USL': 'usl',
          "Amdahl's law": 'serial-fraction'}


class Words(Case):
    def explain(self, *text):
        done = self.succeed('help', *text).stdout
        self.assertIn('What to do: ', done)
        self.assertLessEqual(max(map(len, done.splitlines())), 80)
        return done

    def test_metrics(self):
        """Also those that workloads measure of themselves."""
        names = self.succeed('list', 'metrics', '--names').stdout.split()
        self.assertGreater(len(names), 60)
        for name in some(names):
            with self.subTest(metric=name):
                self.assertIn('Formula: ', self.explain(name))

    def test_findings(self):
        ids = finding_ids()
        self.assertGreater(len(ids), 30)
        for name in some(ids):
            with self.subTest(finding=name):
                self.explain(name)

    def test_advice(self):
        """Every phrase of src/report/advice_view.c that says something is explained."""
        text = re.sub(r'#include.*', '', (ROOT / 'src/report/advice_view.c').read_text())
        phrases = [''.join(re.findall(r'"([^"\n]*)"', lines)) for lines in re.findall(r'"[^"\n]*"(?:\s*"[^"\n]*")*', text)]
        said = [p for p in phrases if ' ' in p and re.search('[A-Za-z]{4}', re.sub(r'%[-.\d]*[a-z]+|threads?', '', p))]
        self.assertGreater(len(said), 8)
        for phrase in said:
            self.assertTrue(any(key in phrase for key in ADVICE), phrase)
        for word in set(ADVICE.values()):
            self.assertIn(f'{word}\n\n', self.explain(word))

    def test_laws(self):
        """What the lines of src/report/models.c begin with."""
        text = (ROOT / 'src/report/models.c').read_text()
        leads = set(re.findall(r'"((?:[A-Z][\w–]+)(?: on| modes| with)?)(?:%s| %|,)', text))
        self.assertGreaterEqual(leads, {'USL', 'Karp–Flatt', 'SMT on', 'Two modes', 'Slower with'})
        for lead in leads:
            self.explain(lead.removesuffix(' on'))

    def test_several_of_one_name(self):
        done = self.explain('clock')
        self.assertTrue(done.startswith('clock\n'))
        self.assertIn('\nlost-clock\n', done)

    def test_written_apart(self):
        self.assertEqual(self.explain('lost', 'cores'), self.explain('lost-cores'))
        self.assertEqual(self.explain('serial', 'e'), self.explain('karp-flatt'))

    def test_list(self):
        done = self.succeed('help').stdout
        flat = re.sub(r'\s+', ' ', done.split("Words, for 'parscope help WORD':\n")[1])
        for name in self.words():
            self.assertRegex(flat, rf'(^|[ ,]){re.escape(name)}(,| |$)')

    def words(self):
        names = self.succeed('help', '--names').stdout.split('\n')[:-1]
        self.assertEqual(names[:len(COMMANDS)], COMMANDS)
        return names[len(COMMANDS):]

    def test_every_word(self):
        for name in some(self.words()):
            with self.subTest(word=name):
                self.assertIn(f'{name}\n\n', self.explain(name))

    def test_unknown(self):
        self.refuse('help', 'efficency', says=["unknown word 'efficency'", "did you mean 'efficiency'?"])
        self.refuse('help', 'lost-coers', says=["did you mean 'lost-cores'?"])
        self.refuse('help', 'swep', says=["unknown command 'swep'", "'sweep'"])
        self.refuse('help', 'quaternion', says=["'parscope help' lists them"])
        self.refuse('help', 'run', 'sweep', says=["unexpected argument 'sweep'"])
        self.refuse('help', '--names', 'run', says=["unexpected argument 'run'"])

    def test_page(self):
        """It is made of the same rows; absent where the build had no compiler for it."""
        page = pathlib.Path(os.environ.get('BUILD_ROOT', ROOT / 'build')) / 'man' / 'parscope-glossary.7.scd'
        if not page.exists():
            self.skipTest('the page was not built')
        text = page.read_text()
        for name in self.words():
            self.assertRegex(text, rf'(?m)^\*{re.escape(name)}\*')
        self.assertEqual(text.count('What to do: '), len(self.words()))


if __name__ == '__main__':
    main()
