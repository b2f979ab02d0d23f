"""The completion files are valid, and bash's and fish's really complete."""
import os
import shutil
import subprocess
import unittest

from harness import COMMANDS, PARSCOPE, ROOT, Case, environment, options_of_help, main

FILES = ROOT / 'completions'

BASH = r'''
source "$1"
COMP_LINE=$2 COMP_POINT=${#2}
read -ra COMP_WORDS <<<"$2"
_parscope "$3"
printf '%s\n' "${COMPREPLY[@]}"
'''


def shell(name):
    return unittest.skipUnless(shutil.which(name), f'{name} is not installed')


def lines(*command, **env):
    done = subprocess.run(command, env=environment(**env), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=120, check=True)
    return [line for line in done.stdout.splitlines() if line]


@shell('bash')
class Bash(Case):
    def complete(self, line):
        return lines('bash', '--norc', '-c', BASH, 'bash', str(FILES / 'parscope.bash'), line,
                     PARSCOPE)

    def test_syntax(self):
        lines('bash', '-n', str(FILES / 'parscope.bash'))

    def test_commands(self):
        self.assertEqual(self.complete('parscope sw'), ['sweep'])
        self.assertLessEqual(set(COMMANDS), set(self.complete('parscope ')))

    def test_options(self):
        for command in COMMANDS:
            longs, letters = options_of_help(command)
            expected = {f'--{name}' for name in longs} | {f'-{letter}' for letter in letters}
            self.assertEqual(set(self.complete(f'parscope {command} -')), expected)

    def test_workloads(self):
        names = self.succeed('list', 'workloads', '--names').stdout.split()
        self.assertEqual(self.complete('parscope run '), names)
        self.assertEqual(self.complete('parscope run red'), ['reduce'])
        self.assertEqual(self.complete('parscope run counter,red'), ['counter,reduce'])

    def test_keys_stand_after_the_last_word_break(self):
        self.assertEqual(self.complete('parscope run reduce:s'), ['size='])
        self.assertIn('work=', self.complete('parscope sweep reduce:size=10M:'))
        self.assertEqual(self.complete('parscope run counter:simd=o'), ['off', 'on'])

    def test_keys_to_vary(self):
        keys = self.complete('parscope sweep reduce --vary ')
        self.assertLessEqual({'size=', 'work=', 'chunk=', 'simd='}, set(keys))
        self.assertEqual(len(keys), len(set(keys)))
        self.assertEqual(self.complete('parscope sweep reduce --vary chu'), ['chunk='])

    def test_strategies(self):
        self.assertIn('steal', self.complete('parscope run reduce -s '))
        self.assertEqual(self.complete('parscope run reduce -s pool,st'), ['pool,steal'])
        self.assertIn('dynamic', self.complete('parscope run reduce -s pool:schedule='))
        self.assertEqual(self.complete('parscope run reduce --strategy=ste'), ['steal'])

    def test_formats_and_kinds(self):
        self.assertEqual(self.complete('parscope run reduce --format j'), ['json', 'junit'])
        self.assertEqual(self.complete('parscope list met'), ['metrics'])
        self.assertEqual(self.complete('parscope doctor --require hu'), ['huge-pages'])
        self.assertEqual(self.complete('parscope overhead wake-'), ['wake-20us', 'wake-1ms'])
        self.assertEqual(self.complete('parscope help swee'), ['sweep'])

    def test_events(self):
        self.assertIn('none', self.complete('parscope run reduce -e n'))

    def test_files(self):
        (self.folder / 'result.json').touch()
        found = self.complete(f'parscope report {self.folder}/res')
        self.assertEqual(found, [f'{self.folder}/result.json'])

    def test_unknown_command_completes_nothing(self):
        self.assertEqual(self.complete('parscope nonsense -'), [])


@shell('zsh')
class Zsh(Case):
    def test_syntax(self):
        lines('zsh', '-n', str(FILES / '_parscope'))


@shell('fish')
class Fish(Case):
    def complete(self, line):
        path = f'{os.path.dirname(PARSCOPE)}:{os.environ["PATH"]}'
        script = f'source {FILES}/parscope.fish; complete -C $argv[1]'
        found = lines('fish', '--no-config', '-c', script, '--', line, PATH=path,
                      HOME=str(self.folder))
        return [entry.split('\t')[0] for entry in found]

    def test_syntax(self):
        lines('fish', '-n', str(FILES / 'parscope.fish'), HOME=str(self.folder))

    def test_commands(self):
        self.assertEqual(set(self.complete('parscope ')), set(COMMANDS))

    def test_options(self):
        for command in COMMANDS:
            longs, _ = options_of_help(command)
            found = set(self.complete(f'parscope {command} --'))
            self.assertEqual({f.rstrip('=') for f in found}, {f'--{name}' for name in longs})

    def test_specs(self):
        self.assertEqual(self.complete('parscope run red'), ['reduce'])
        self.assertIn('reduce:size=', self.complete('parscope run reduce:'))
        self.assertIn('pool,steal', self.complete('parscope run reduce -s pool,st'))
        self.assertEqual(self.complete('parscope doctor --require hu'), ['huge-pages'])
        self.assertEqual(self.complete('parscope overhead wake-2'), ['wake-20us'])


if __name__ == '__main__':
    main()
