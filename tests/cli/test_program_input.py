"""What programs are given to read, what they may lack, and how long commands are told."""
import json
import os
import subprocess

from harness import PARSCOPE, TIMEOUT, Case, environment, main

# An execution that is observed would be one more.
ONCE = ('-r', '1', '-w', '0', '--no-diagnose')
LACKS = 'Does it need a terminal (--child-output inherit) or input (--input FILE)?'


class Input(Case):
    def piped(self, *arguments, given=subprocess.PIPE, text='something'):
        path = self.folder / 'r.json'
        done = subprocess.run([PARSCOPE, *arguments[:1], '-o', str(path), *arguments[1:]], env=environment(),
                              input=text if given == subprocess.PIPE else None, capture_output=True, text=True,
                              stdin=None if given == subprocess.PIPE else given, timeout=TIMEOUT, check=True)
        return [f['id'] for f in json.loads(path.read_text())['findings']], done.stdout

    def test_file(self):
        source, said = self.folder / 'in', self.folder / 'out'
        source.write_text('a line\n')
        self.succeed('run', '-r', '3', '-w', '1', '--input', str(source), '--child-output', str(said), '--', 'cat')
        self.assertEqual(said.read_text(), 'a line\n' * 4)

    def test_copies_read_it_each(self):
        cpus = sorted(os.sched_getaffinity(0))
        if len(cpus) < 2:
            self.skipTest('needs two CPUs')
        source, said = self.folder / 'in', self.folder / 'out'
        source.write_text('x\n')
        self.succeed('smt-compare', '--pair', f'{cpus[0]},{cpus[1]}', '--copies', *ONCE, '--input', str(source),
                     '--child-output', str(said), '--', 'cat')
        self.assertEqual(said.read_text(), 'x\n' * 3)

    def test_null(self):
        said = self.folder / 'out'
        self.succeed('run', *ONCE, '--input', 'null', '--child-output', str(said), '--', 'cat')
        self.assertEqual(said.read_text(), '')

    def test_none_to_read(self):
        self.fail_with(2, 'run', '--input', '/no/such/file', '--', 'cat', says=['--input', '/no/such/file'])
        self.fail_with(2, 'run', '--input', '/', '--', 'cat', says=["'/'"])
        self.refuse('run', 'counter', '--input', 'null', says=['--input is for programs'])

    def test_what_was_piped_is_not_passed_on(self):
        ids, text = self.piped('run', '-r', '1', '--', 'cat')
        self.assertIn('empty-input', ids)
        self.assertIn('Give it a file with --input.', ' '.join(text.split()))
        self.assertNotIn('empty-input', self.piped('run', '-r', '1', '--', 'true')[0])
        self.assertNotIn('empty-input', self.piped('run', '-r', '1', '--', 'cat', given=subprocess.DEVNULL)[0])

    def test_with_a_file_nothing_is_lacking(self):
        source = self.folder / 'in'
        source.write_text('x')
        self.assertNotIn('empty-input', self.piped('run', '-r', '1', '--input', str(source), '--', 'cat')[0])


class Lacking(Case):
    def test_terminal(self):
        self.fail_with(1, 'run', '--', 'sh', '-c', 'test -t 1', says=['status 1', LACKS])

    def test_who_says_why(self):
        done = self.fail_with(1, 'run', '--', 'sh', '-c', 'echo why >&2; exit 1', says=['why'])
        self.assertNotIn(LACKS, done.stderr)

    def test_who_had_it(self):
        done = self.fail_with(1, 'run', '--child-output', str(self.folder / 'f'), '--', 'false', says=['status 1'])
        self.assertNotIn(LACKS, done.stderr)


class Names(Case):
    LONG = 'i=0; while [ $i -lt 200 ]; do\ni=$((i+1)); done; : and more and more and more'

    def test_a_long_command_is_told_whole_once(self):
        env = {**self.fake_script('wall_time * * 1 1.00 1.01 0.99 1.02 0.98 1.00\nwall_time * * 2 2\n'
                                  'cpu_time * * * 1\nsystem_time * * * 0.8\nuser_time * * * 0.2\nmigrations * * 2 900\n'
                                  'others_time * * * 0\nothers_time * * 2 0.5\n'), 'HWLOC_SYNTHETIC': 'core:2 pu:1'}
        text = ' '.join(self.succeed('sweep', '-v', '-r', '6', '--threads', '1,2', '--', 'sh', '-c', self.LONG,
                                     env=env).stdout.split())
        self.assertEqual(text.count('and more and more and more'), 1)
        self.assertRegex(text, r"(threads? of|reference of|for|on) sh\b|'sh'")

    def test_two_of_a_name(self):
        text = self.succeed('run', '-v', '-r', '6', '-c', f"sh -c '{self.LONG} 1'", '-c', f"sh -c '{self.LONG} 2'").stdout
        self.assertIn('…', ' '.join(text.split('note:')[1:]))

    def test_control_characters_of_arguments(self):
        for word in ('no\033]0;title\a', '--no\033[31m'):
            done = self.fail_with(*((1, 'run', '--', word) if word[0] == 'n' else (2, 'run', word)))
            self.assertNotIn('\033', done.stderr)
            self.assertIn('\\x1b', done.stderr)


if __name__ == '__main__':
    main()
