"""What a row in a list.def needs elsewhere is there: each failure names the file and what it lacks."""
import re

from harness import COMMANDS, ROOT, Case, main, parscope

ZSH = ROOT / 'completions' / '_parscope'
FISH = ROOT / 'completions' / 'parscope.fish'
BASH = ROOT / 'completions' / 'parscope.bash'
PAGE = ROOT / 'man' / 'parscope.1.scd'


def text_of(path):
    return path.read_text() if path.exists() else ''


def summaries():
    """Of each command, as `parscope -h` shows them."""
    text = parscope('-h').stdout.split('Commands:\n')[1].split('\n\n')[0]
    flat = re.sub(r'\n {4,}', ' ', text)
    return dict(re.findall(r'(?m)^  (\S+) +(.*)$', flat))


def paragraphs(page, option):
    """What the page says on the option, to the next one."""
    found = re.search(rf'(?m)^.*\*{option}\*.*\n((?:(?:\t.*)?\n)+)', text_of(page))
    return found.group(1) if found else ''


# Their sentences are tested where they are made.
SAID_ELSEWHERE = {'groups-split': 'tests/unit/test_groups.c'}


class Places(Case):
    def need(self, path, pattern, what):
        where = path.relative_to(ROOT)
        if not path.exists():
            self.fail(f'{where} is missing: {what}')
        if not re.search(pattern, path.read_text(), re.M | re.S):
            self.fail(f'{where} lacks {what}')

    def test_help_shows_the_commands_of_the_list(self):
        self.assertEqual(list(summaries()), COMMANDS, 'src/cli/list.def and `parscope -h` differ')

    def test_commands(self):
        for name, summary in summaries().items():
            says, upper = re.escape(summary), re.escape(summary[0].upper() + summary[1:])
            page, variable = ROOT / 'man' / f'parscope-{name}.1.scd', name.replace('-', '_')
            with self.subTest(command=name):
                self.need(page, rf'^parscope-{name} - {says}$', f'the NAME line "parscope-{name} - {summary}"')
                self.need(page, rf'^\*parscope {name}\*', f'*parscope {name}* in the SYNOPSIS')
                self.need(PAGE, rf'^\*{name}\*\n\t{upper}\. See \*parscope-{name}\*\(1\)\.$',
                          f'*{name}* under COMMANDS with "{summary}" and a reference to its page')
                self.need(BASH, rf"local commands='[^']*\b{name}\b[^']*'", f'{name} among its commands')
                self.need(BASH, rf'^    local {variable}=', f'the options of {name}: local {variable}=...')
                self.need(ZSH, rf"""^    ['"]{name}:{says}['"]$""", f'"{name}:{summary}" in _parscope_commands')
                self.need(ZSH, rf'^    (?:[\w-]+\|)*{name}(?:\|[\w-]+)*\) _parscope_\w+ ;;$',
                          f'{name} where it chooses the options')
                self.need(FISH, rf'^set -l commands .*\b{name}\b', f'{name} among its commands')
                self.need(FISH, rf"^complete -c parscope -n \$program -a {name} -d '{says}'$",
                          f'{name} with "{summary}"')

    def names(self, kind):
        return self.succeed('list', kind, '--names').stdout.split()

    def need_words(self, page, names, section):
        """Each name in bold in the section of the page."""
        path = ROOT / 'man' / page
        text = path.read_text().split(f'\n# {section}\n')[1].split('\n# ')[0]
        for name in names:
            with self.subTest(name=name):
                self.assertTrue(f'*{name}*' in text, f'man/{page} lacks *{name}* and what it is under {section}')

    def test_metrics(self):
        self.need_words('parscope.1.scd', self.names('metrics'), 'METRICS')

    def test_doctor(self):
        self.need_words('parscope-doctor.1.scd', self.names('doctor'), 'LINES')

    def test_overhead(self):
        self.need_words('parscope-overhead.1.scd', self.names('overhead'), 'PARTS')

    def test_formats(self):
        """Explained in one place, to which the pages refer; the help of each command that writes them has all."""
        listed = re.sub(r'\n {4,}', ' ', self.succeed('list', 'formats').stdout)
        formats = re.findall(r'(?m)^  (\S+) .*\((?:FILE((?:\.\w+)+)|standard output only)\)$', listed)
        self.assertEqual([name for name, _ in formats], self.names('formats'))
        self.need_words('parscope.1.scd', [word for pair in formats for word in pair if word], 'FORMATS')
        for command in ('run', 'sweep', 'smt-compare', 'overhead', 'report'):
            page = ROOT / 'man' / f'parscope-{command}.1.scd'
            told = re.sub(r'\s+', ' ', self.succeed(command, '-h').stdout)
            for option in '--format', '--output':
                self.assertIn('*FORMATS*', paragraphs(page, option), f'{page.name}: {option}')
            for name in self.names('formats'):
                self.assertRegex(told, rf'what standard output gets: [\w, ]*\b{name}\b')

    def test_formats_of_overhead(self):
        told = paragraphs(ROOT / 'man' / 'parscope-overhead.1.scd', '--format').split('except')[1]
        refused = [name for name in self.names('formats')
                   if f"can't be written as {name}" in parscope('overhead', 'none', '--format', name).stderr]
        self.assertEqual(re.findall(r'\*(\w+)\*', told), refused, 'man/parscope-overhead.1.scd at --format')

    def test_findings(self):
        """The id of each is in a test of what it says and when."""
        tests = '\n'.join(p.read_text() for folder in ('cli', 'unit')
                          for p in (ROOT / 'tests' / folder).glob('test_*') if p.name != 'test_places.py')
        for path in sorted((ROOT / 'src' / 'findings').glob('*.c')):
            for name in re.findall(r'finding_say\(\s*r,\s*"([\w-]+)"', path.read_text()):
                if name in SAID_ELSEWHERE:
                    continue
                with self.subTest(finding=name):
                    self.assertTrue(re.search(rf"""['"]{name}['"]""", tests),
                                    f'''no test_* in tests/cli or tests/unit has '{name}', the finding of {path.name}, in quotes''')


if __name__ == '__main__':
    main()
