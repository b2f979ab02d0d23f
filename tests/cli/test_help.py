"""The option tables, the manual and the completions name the same options."""
import re

from harness import COMMANDS, ROOT, Case, options_of_help, main


def options_of_manual(command):
    name = f'parscope-{command}' if command else 'parscope'
    text = (ROOT / 'man' / f'{name}.1.scd').read_text()
    section = text.split('\n# OPTIONS\n')[1].split('\n# ')[0]
    heads = [line for line in section.splitlines() if line.startswith('*-')]
    longs = {m for line in heads for m in re.findall(r'\*--([\w-]+)\*', line)}
    letters = {m for line in heads for m in re.findall(r'\*-(\w)\*', line)}
    return longs, letters


def variable_of(command):
    """The name that shells can have for it."""
    return command.replace('-', '_')


def options_of_zsh(command):
    text = (ROOT / 'completions' / '_parscope').read_text()
    function = '_parscope'
    if command:
        pattern = rf'^    (?:\w+\|)*{command}(?:\|\w+)*\) (_parscope_\w+) ;;$'
        function = re.search(pattern, text, re.M).group(1)
    body = re.search(rf'^{function}\(\) \{{$(.*?)^\}}$', text, re.M | re.S).group(1)
    if re.search(r'^  _parscope_measure ', body, re.M):
        body += re.search(r'^_parscope_measure\(\) \{$(.*?)^\}$', text, re.M | re.S).group(1)
    pairs = re.findall(r"\{-(\w)\+?,--([\w-]+)=?\}'\[", body)
    alone = re.findall(r"'(?:\([^)]*\)|\*)?--([\w-]+)=?\[", body)
    return {long for _, long in pairs} | set(alone), {letter for letter, _ in pairs}


def options_of_fish(command):
    """An option stands below the list of those that have it; what parscope alone has, has a variable of its own."""
    owners, lines = [], []
    for line in (ROOT / 'completions' / 'parscope.fish').read_text().splitlines():
        of = re.match(r"set -l of '__parscope_of ([^']*)'", line)
        own = re.match(r'complete -c parscope -n \$(of|program) (.*)$', line)
        if of:
            owners = of.group(1).split()
        elif own and (command in owners if own.group(1) == 'of' else not variable_of(command)):
            lines.append(own.group(2))
    lines = [line.split(" -a '")[0].split(" -d '")[0] for line in lines]
    longs = {m for line in lines for m in re.findall(r'-l ([\w-]+)', line)}
    letters = {m for line in lines for m in re.findall(r'-s (\w)(?:\s|$)', line)}
    return longs, letters


def options_of_bash(command):
    text = (ROOT / 'completions' / 'parscope.bash').read_text()
    value = re.search(rf'''^    local {variable_of(command) or 'program'}=('[^']*'|"[^"]*"|\$\w+)$''', text,
                      re.M).group(1).strip('\'"')
    if '$measure' in value:
        measure = re.search(r"^    local measure='([^']*)'$", text, re.M).group(1)
        value = value.replace('$measure', measure)
    words = value.split()
    return ({w[2:] for w in words if w.startswith('--')},
            {w[1:] for w in words if re.fullmatch(r'-\w', w)})


class Options(Case):
    def compare(self, other):
        for command in ['', *COMMANDS]:
            with self.subTest(command=command):
                self.assertEqual(other(command), options_of_help(command))

    def test_manual(self):
        self.compare(options_of_manual)

    def test_bash(self):
        self.compare(options_of_bash)

    def test_zsh(self):
        self.compare(options_of_zsh)

    def test_fish(self):
        self.compare(options_of_fish)


class Help(Case):
    def test_each_command(self):
        for command in COMMANDS:
            with self.subTest(command=command):
                done = self.succeed(command, '--help')
                self.assertEqual(done.stderr, '')
                self.assertIn(f'Usage: parscope {command}', done.stdout)
                self.assertEqual(done.stdout, self.succeed(command, '-h').stdout)
                self.assertEqual(done.stdout, self.succeed('help', command).stdout)
                self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80)

    def test_program(self):
        done = self.succeed('-h')
        self.assertEqual(done.stdout, self.succeed('--help').stdout)
        self.assertTrue(self.succeed('help').stdout.startswith(done.stdout))
        for command in COMMANDS:
            self.assertRegex(done.stdout, rf'(?m)^  {command} +\w')
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80)

    def test_version(self):
        self.assertRegex(self.succeed('--version').stdout, r'^parscope \d+\.\d+\.\d+\n$')

    def test_help_wins_over_operands(self):
        self.assertIn('Usage:', self.succeed('run', 'counter', '-h').stdout)

    def test_manual_knows_the_commands(self):
        text = (ROOT / 'man' / 'parscope.1.scd').read_text()
        for command in COMMANDS:
            self.assertIn(f'*parscope-{command}*(1)', text)
        pages = {p.name for p in (ROOT / 'man').glob('parscope-*.1.scd')}
        self.assertEqual(pages, {f'parscope-{c}.1.scd' for c in COMMANDS})

    def test_manual_sections(self):
        for page in (ROOT / 'man').glob('*.1.scd'):
            text = page.read_text()
            for section in ('NAME', 'SYNOPSIS', 'DESCRIPTION', 'OPTIONS', 'EXIT STATUS',
                            'ENVIRONMENT', 'EXAMPLES', 'SEE ALSO'):
                with self.subTest(page=page.name, section=section):
                    self.assertIn(f'\n# {section}\n', text)


if __name__ == '__main__':
    main()
