"""--vary and --vary-file on programs: what each gets, which is faster from where on, and what is refused."""
import json
import re
import sys

from harness import HERE, Case, main, parscope

ONCE = ('-r', '1', '-w', '0', '--no-diagnose')
SPY = f'{sys.executable} {HERE / "spy.py"}'
ENV = {'HWLOC_SYNTHETIC': 'core:2 pu:1'}


class Varied(Case):
    def program(self, name):
        path = self.folder / name
        path.write_text('#!/bin/sh\n')
        path.chmod(0o755)
        return str(path)

    def scripted(self, times, *arguments, rounds=8, status=0):
        """times: of (what, strategy, threads). Returns the text and the result."""
        fake, result = self.folder / 'script', self.folder / 'r.json'
        wobble = (1, 1.002, 0.998, 1.001)
        fake.write_text(''.join(
            f"wall_time {what} {strategy} {threads} {' '.join(str(t * wobble[i % 4]) for i in range(rounds))}\n"
            for (what, strategy, threads), t in times.items()))
        done = parscope('sweep', '-o', str(result), *arguments, env={**ENV, 'PARSCOPE_FAKE': str(fake)})
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(parscope('report', str(result)).stdout, done.stdout)
        return done.stdout, json.loads(result.read_text())

    def refused(self, *arguments, says):
        done = parscope('sweep', '-n', *arguments)
        self.assertEqual((done.returncode, done.stdout), (2, ''), done.stderr)
        self.assertIn(says, done.stderr)

    def rows(self, *arguments):
        return [re.split(r'  +', row)[0] for row in self.succeed('sweep', '-n', *arguments).stdout.splitlines()]


class Children(Varied):
    def arguments(self, *arguments):
        seen = self.folder / 'seen'
        self.succeed('sweep', *ONCE, '--child-output', str(seen), *arguments)
        return sorted(json.loads(line)['arguments'] for line in seen.read_text().splitlines())

    def test_numbers_are_plain_and_words_are_words(self):
        self.assertEqual(self.arguments('--vary', 'n=1k..2k..x2', '--vary', 'mode=fast+slow', '-c',
                                        f'{SPY} --n={{n}} {{mode}}'),
                         [[f'--n={n}', mode] for n in (1000, 2000) for mode in ('fast', 'slow')])

    def test_prepare_gets_them_too(self):
        mark = self.folder / 'mark'
        self.succeed('sweep', *ONCE, '--vary', 'n=1..2', '--prepare', f'touch {mark}{{n}}', '--', 'true', '{n}')
        self.assertEqual(sorted(path.name for path in self.folder.glob('mark*')), ['mark1', 'mark2'])

    def test_a_line_a_point(self):
        table = self.folder / 'points.csv'
        table.write_text('n, mode\n1k,fast\n\n3k,"slow"\n')
        self.assertEqual(self.arguments('--vary-file', str(table), '-c', f'{SPY} {{mode}} {{n}}'),
                         [['fast', '1000'], ['slow', '3000']])

    def test_what_is_listed_reaches_the_program_as_it_is_written(self):
        for values, seen in (('60s+120s', ['120s', '60s']), ('007+8', ['007', '8']), ('1.9+1.10', ['1.10', '1.9']),
                             ('50%+60%', ['50%', '60%']), ('1k+2000', ['1000', '2000']),
                             ('060+1k..2k..x2', ['060', '1000', '2000'])):
            with self.subTest(values=values):
                self.assertEqual(self.arguments('--vary', f'x={values}', '-c', f'{SPY} {{x}}'), [[x] for x in seen])
        table = self.folder / 'points.csv'
        table.write_text('t,n\n60s,010\n90s,2k\n')
        self.assertEqual(self.arguments('--vary-file', str(table), '-c', f'{SPY} {{t}} {{n}}'),
                         [['60s', '010'], ['90s', '2000']])

    def test_quoted_lines_lose_their_quotes(self):
        table = self.folder / 'points.csv'
        table.write_text('"n","mode"\n \t\n"1k","fast"\n')
        self.assertEqual(self.arguments('--vary-file', str(table), '-c', f'{SPY} {{mode}} {{n}}'), [['fast', '1000']])

    def test_programs_are_left_alone_unless_threads_are_asked_for(self):
        for more, variables in (((), 0), (('-t', '1'), 1)):
            seen = self.folder / 'seen'
            self.succeed('sweep', *ONCE, '--child-output', str(seen), '--vary', 'n=1..1', *more, '-c', f'{SPY} {{n}}')
            line = json.loads(seen.read_text().splitlines()[0])
            self.assertEqual(len(line['variables']), variables)


class Plan(Varied):
    def test_a_grid_is_every_combination(self):
        self.assertEqual(self.rows('--vary', 'a=1+2', '--vary', 'b=10us+1ms', '--', 'true', '{a}', '{b}'),
                         ['true 1 10us', 'true 1 1ms', 'true 2 10us', 'true 2 1ms'])

    def test_size_may_be_varied_which_weak_has_its_own_of(self):
        self.assertEqual(self.rows('--vary', 'size=1+2', '--', 'true', '{size}'), ['true 1', 'true 2'])

    def test_a_variable_of_a_shell_is_none(self):
        self.assertEqual(self.rows('--vary', 'n=1..2', '-S', 'sh', '-c', 'echo ${n} {n}'),
                         ["sh -c 'echo ${n} 1'", "sh -c 'echo ${n} 2'"])

    def test_braces_of_the_program_stay(self):
        self.assertEqual(self.rows('-t', '1', '--', 'awk', '{print $1}', '{}'), ["awk '{print $1}' {}"])
        self.assertEqual(self.rows('-t', '1', '--', 'awk', '{print}', 'f={name}'), ['awk {print} f={name}'])
        self.assertEqual(self.rows('--vary', 'n=1+2', '--', 'awk', '{print}', 'f={name}', '{n}'),
                         ['awk {print} f={name} 1', 'awk {print} f={name} 2'])
        self.refused('--', 'true', '{threds}', says="did you mean '{threads}'?")
        self.refused('--vary', 'name=1', '--', 'true', '{name}', 'f={nmae}', says='{nmae} in ')

    def test_places_and_values_belong_together(self):
        self.refused('--vary', 'n=1..3', '--', 'true', says='--vary: there is no {n} in \'true\'')
        self.refused('--vary', 'n=1..3', '-c', 'true {n}', '-c', 'false', says="there is no {n} in 'false'")
        self.refused('--vary', 'm=1', '--', 'true', '{m}', '{n}',
                     says='{n} in \'true {m} {n}\' has no value: give its values with --vary n=RANGE')
        self.refused('--vary', 'n=1', '--', 'true', '--m={m}', '{n}', says='{m} in ')
        self.refused('--vary', 'cpus=1', '--', 'true', '{cpus}', says="{cpus} is reserved for parscope")
        self.refused('--vary', 'threads=1', '--', 'true', says='thread counts are given by --threads')

    def test_bad_ranges(self):
        self.refused('--vary', 'n=3..1', '--', 'true', '{n}', says='the end is below the beginning')
        self.refused('--vary', 'n=0.5..1', '--', 'true', '{n}', says='a range needs a step')
        self.refused('--vary', 'n=1..1M', '--', 'true', '{n}', says='too many values')
        self.refused('--vary', 'n=a+a', '--', 'true', '{n}', says='n=a is given twice')
        self.refused('--vary', 'n=1+', '--', 'true', '{n}', says='empty value')
        self.refused('--vary', 'a=1..100', '--vary', 'b=1..100', '--', 'true', '{a}', '{b}', says='more than 4096')

    def test_bad_files(self):
        for text, says in (('', 'expected a line of names'), ('n\n', 'expected a line of names'),
                           ('n,m\n1\n', ':2: expected 2 columns'), ('n,m\n1,2,3\n', ':2: expected 2 columns'),
                           ('n,m\n1,\n', 'm is empty'), ('n,n\n1,2\n', "two columns 'n'"), ('n,\n1,2\n', 'no name'),
                           ('n\n1\n1\n', 'given twice'), ('n\n1000\n1k\n', 'given twice'), ('n\n1\0\n', 'not a text'), ('k\n1\n', 'there is no {k}')):
            with self.subTest(text=text):
                path = self.folder / 'bad.csv'
                path.write_text(text)
                self.refused('--vary-file', str(path), '--', 'true', '{n}', '{m}', says=says)
        self.refused('--vary-file', str(self.folder / 'none'), '--', 'true', says='No such file')
        self.refused('--vary-file', 'x', '--vary', 'n=1', '--', 'true', '{n}', says='exclude each other')
        self.refused('--vary-file', 'x', 'reduce', says='is for programs')


class Crossovers(Varied):
    """Of scripted times: `old` takes 1 us for each n, `new` 0.2 us and 4 ms beside; they cross at n = 5000."""
    VALUES = {'1k': 1000, '2k': 2000, '4k': 4000, '8k': 8000, '16k': 16000}
    RANGE = 'n=1k..16k..x2'

    def times(self):
        return {**{(f'old:n={text}', 'program', 2): 1e-6 * n for text, n in self.VALUES.items()},
                **{(f'new:n={text}', 'program', 2): 4e-3 + 0.2e-6 * n for text, n in self.VALUES.items()}}

    def crossing(self, first, second):
        return self.scripted(self.times(), '--vary', self.RANGE, '-c', f'{self.program(first)} {{n}}', '-c',
                             f'{self.program(second)} {{n}}')

    def judge(self, result):
        grain, = result['models']['grain']
        self.assertRegex(grain['strategy'], r'/new \{n\}$')
        self.assertRegex(grain['against'], r'/old \{n\}$')
        crossover = grain['crossover']
        self.assertEqual(crossover['status'], 'ok')
        self.assertLessEqual(crossover['low'], 5100)
        self.assertGreaterEqual(crossover['high'], 4900)
        self.assertAlmostEqual(crossover['value'], 5000, delta=100)

    def test_between_two_commands_in_either_order(self):
        for order in (('old', 'new'), ('new', 'old')):
            text, result = self.crossing(*order)
            self.judge(result)
            self.assertRegex(re.sub(r'\s+', ' ', text), r'new \{n\} is faster than \S+/old \{n\} from n 5\.\d+ k \[')
            self.assertEqual([point['baseline'] for point in result['points']], [True, False] * 5)
            self.assertEqual(result['points'][2]['parameters'], {'n': '2k'})

    def test_one_is_always_faster(self):
        times = {key: t * (0.1 if key[0].startswith('old') else 1) for key, t in self.times().items()}
        text, _ = self.scripted(times, '--vary', self.RANGE, '-c', f"{self.program('new')} {{n}}", '-c',
                                f"{self.program('old')} {{n}}")
        self.assertRegex(re.sub(r'\s+', ' ', text), r'old \{n\} is faster than \S+/new \{n\} at every n, from 1k to 16k')

    def test_between_strategies_from_outside(self):
        times = {(f'old:n={text}', strategy, 2): t for text, n in self.VALUES.items()
                 for strategy, t in (('program', 1e-6 * n), ('env:wait=passive', 4e-3 + 0.2e-6 * n))}
        text, result = self.scripted(times, '--vary', self.RANGE, '-s', 'env:wait=passive', '-c',
                                     f"{self.program('old')} {{n}}")
        grain, = result['models']['grain']
        self.assertEqual((grain['strategy'], grain['against']), ('env:wait=passive', 'the program as it is'))
        self.assertAlmostEqual(grain['crossover']['value'], 5000, delta=100)
        self.assertIn('old {n}, n=1k…16k', text)

    def test_from_where_on_threads_pay(self):
        times = {(f'old:n={text}', 'program', threads): t for text, n in self.VALUES.items()
                 for threads, t in ((1, 1e-6 * n), (2, 2.5e-3 + 0.5e-6 * n))}
        text, result = self.scripted(times, '--vary', self.RANGE, '-t', '1,2', '-c', f"{self.program('old')} {{n}}")
        grain, = result['models']['grain']
        self.assertEqual((grain['strategy'], grain['against']), ('2 threads', '1 thread'))
        self.assertAlmostEqual(grain['crossover']['value'], 5000, delta=200)

    def test_a_check_of_it(self):
        text, _ = self.scripted(self.times(), '--vary', self.RANGE, '-c', f"{self.program('old')} {{n}}", '-c',
                                f"{self.program('new')} {{n}}", '--check', 'crossover <= 6000')
        self.assertIn('holds', text)

    def test_a_check_is_of_the_later_command(self):
        """Where the first is the faster one from 5000 on, nobody wants that to hold."""
        text, result = self.scripted(self.times(), '--vary', self.RANGE, '-c', f"{self.program('new')} {{n}}", '-c',
                                     f"{self.program('old')} {{n}}", '--check', 'crossover <= 6000', status=3)
        self.judge(result)
        check, = result['checks']
        self.assertEqual(check['outcome'], 'fails')
        self.assertIn('old {n}', check['evidence'])


if __name__ == '__main__':
    main()
