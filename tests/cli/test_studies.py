"""The studies: what their words say of results that come out one way or the other, that their commands
are ones that parscope takes, and that the pages hold what tools/studies writes and nothing else."""
import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys
import unittest
from unittest import mock

import harness

sys.path.insert(0, str(harness.ROOT / 'tools'))
import studies
from study import launching, networks, operations, pages, size, ways, words
from study.result import Interval, Point, Result, median_interval, speed, spread
from study.study import Command, NotMeasured, Run, Runs, Study
from study.text import bars, items, table

STUDIES = list(studies.STUDIES.values())
MACHINE = 'pack:1 core:4 pu:1'
SIBLINGS = 'pack:1 core:4 pu:2'
PARTS = {'clock': 2e-8, 'thread': 2e-5, 'thread-pinned': 5e-5, 'thread-touch': 6e-5,
         'handover-sleep': 3e-5}


def interval(value, half):
    return Interval(value, value - half, value + half)


def point(**samples):
    return Point({'threads': 2, 'strategy_label': 's', 'workload': 'w', 'parameters': {}, 'unit': '',
                  'metrics': {}, 'samples': samples})


def overhead(parts=PARTS):
    told = [{'part': name, 'what': 'w', 'value': value, 'low': value * 0.9, 'high': value * 1.1}
            for name, value in parts.items()]
    return Run(['overhead'], data={'host': {}, 'plan': {}, 'parts': told})


class Ratios(unittest.TestCase):
    def test_too_few_rounds_give_no_interval(self):
        self.assertFalse(median_interval([1, 2, 3, 4, 5]).bounded)
        self.assertIsNone(median_interval([]))

    def test_order_statistics_are_those_of_the_tables(self):
        """The ranks for 95 %: the ends of 6, the third and the eighteenth of 20."""
        self.assertEqual(median_interval(range(1, 7)), Interval(3.5, 1, 6))
        self.assertEqual(median_interval(range(1, 21)), Interval(10.5, 6, 15))

    def test_ratios_are_of_the_same_round(self):
        """Drift that both share is gone, and a round that one of them lacks counts for neither."""
        a = point(wall_time=[1, 2, 4, None, 16, 32, 64, 3])
        b = point(wall_time=[2, 4, 8, 9, 32, 64, 128, None])
        self.assertEqual(speed(a, b), Interval(2, 2, 2))

    def test_spread(self):
        self.assertIsNone(spread([1, 2, 3]))
        self.assertEqual(spread([1, 1, 1, 1, 1, 1]), 0)
        self.assertGreater(spread([1, 2, 3, 4, 5, 6, 7, 8]), 0.5)


class Words(unittest.TestCase):
    def test_numbers(self):
        for value, said in [(0, '0'), (1.23456, '1.23'), (99.96, '100'), (1234567, '1,230,000'),
                            (0.5, '0.500'), (5.1e-6, '5.1e-06'), (None, '-')]:
            self.assertEqual(words.number(value), said)
        self.assertEqual(words.time(2.5e-5), '25.0 us')
        self.assertEqual(words.time(-3e-3), '-3.00 ms')
        self.assertEqual(words.time(0), '0 ns')
        self.assertEqual(words.rate(2e4), '20.0 k/s')
        self.assertEqual(words.percent(0.5), '50.0 %')
        self.assertEqual(words.times(interval(2, 0.5)), '2.00 × [1.50, 2.50]')
        self.assertEqual(words.times(Interval(2)), '2.00 ×')

    def test_verdicts(self):
        for told, verdict in [(interval(2, 0.5), words.MORE), (interval(0.5, 0.1), words.LESS),
                              (interval(1, 0.02), words.ALIKE), (interval(1, 0.2), words.UNTOLD),
                              (interval(1.02, 0.005), words.ALIKE), (Interval(9), words.UNTOLD),
                              (None, words.UNTOLD)]:
            self.assertEqual(words.verdict(told), verdict)
        self.assertEqual(words.verdict(interval(2, 0.5), 3), words.LESS)
        self.assertEqual(words.verdict(interval(1e-6, 1e-7), 0), words.MORE)

    def test_faster_says_what_the_interval_does(self):
        def said(told):
            return words.faster('a', 'b', told)
        self.assertEqual(said(interval(2, 0.5)), 'a is 2.00 × [1.50, 2.50] as fast as b')
        self.assertEqual(said(interval(0.5, 0.1)),
                         'a is slower than b: it takes 2.00 × [1.67, 2.50] as long')
        self.assertIn('equally fast', said(interval(1, 0.01)))
        self.assertIn('no significant difference', said(interval(1.5, 0.6)))
        self.assertIn('too few rounds', said(Interval(3)))
        self.assertNotIn('is 3', said(Interval(3)))
        self.assertIn('not measured in the same rounds', said(None))

    def test_what_holds(self):
        self.assertTrue(words.holds(interval(2, 0.5), words.MORE))
        self.assertFalse(words.holds(interval(2, 0.5), words.LESS))
        self.assertFalse(words.holds(interval(1, 0.01), words.MORE))
        self.assertIsNone(words.holds(interval(1, 0.5), words.MORE))
        self.assertEqual([words.every(a) for a in ([], [True, None], [None, False], [True])],
                         [True, None, False, True])

    def test_beside_what_is_known_elsewhere(self):
        self.assertEqual(words.beside(True, 'x is so'), 'This run shows the same: x is so.')
        self.assertEqual(words.beside(False, 'x is so'), 'This run does not show that x is so.')
        self.assertIn("doesn't settle", words.beside(None, 'x is so'))

    def test_intervals_that_meet_tell_no_difference(self):
        self.assertEqual(words.apart(interval(1, 0.1), interval(2, 0.1)), 'more')
        self.assertEqual(words.apart(interval(2, 0.1), interval(1, 0.1)), 'less')
        self.assertIn('no significant difference', words.apart(interval(1, 0.6), interval(2, 0.6)))
        self.assertIn('too few', words.apart(Interval(1), interval(2, 0.1)))

    def test_crossovers(self):
        def told(status, value=None, low=None, high=None):
            return {'status': status, 'value': value, 'low': low, 'high': high}
        light, heavy = told('ok', 1000, 900, 1100), told('ok', 100, 90, 110)
        self.assertEqual(size.crossover(light), '1.00 k [900, 1.10 k]')
        self.assertEqual(size.crossover(told('ok', 1000)), '1.00 k')
        self.assertEqual(size.crossover(told('ok', 1000, 0, 2000)), '1.00 k [below all, 2.00 k]')
        self.assertEqual(size.crossover(told('ok', 1000, 900, None)), '1.00 k [900, beyond all]')
        self.assertEqual(size.crossover(told('above the range')), 'above the range')
        self.assertIs(size.moved(light, heavy), True)
        self.assertIs(size.moved(heavy, light), False)
        self.assertIsNone(size.moved(light, told('ok', 950, 800, 1000)))
        self.assertIs(size.moved(told('above the range'), heavy), True)
        self.assertIsNone(size.moved(told('above the range'), told('ok', 100)))
        self.assertIsNone(size.moved(told('not told apart'), heavy))
        self.assertIs(size.moved(light, told('below the range')), True)


class Text(unittest.TestCase):
    def test_table_lines_up(self):
        lines = table(['a', 'long'], [['bcd', '1'], ['e', '22']]).splitlines()
        self.assertEqual(len({len(line) for line in lines}), 1)
        self.assertEqual(lines[1], '| --- | ---: |')

    def test_bars_are_shares_of_the_largest(self):
        lines = bars('t', [('a', 4, '4'), ('bb', 1, '1'), ('c', None, '-')]).splitlines()
        self.assertEqual([line.count('#') for line in lines], [0, 0, 40, 10])

    def test_items_wrap_below_the_dash(self):
        lines = items(['word ' * 30, '', None]).splitlines()
        self.assertGreater(len(lines), 1)
        self.assertTrue(lines[0].startswith('- ') and lines[1].startswith('  word'))
        self.assertTrue(all(len(line) <= 79 for line in lines))


class Pages(unittest.TestCase):
    study = Study('s', {'go': Command('run x')}, {'found': lambda runs: 'x'})
    made = {'machine': 'm', 'command-go': '    parscope run x --max-time 1s', 'found': 'x'}

    def page(self, **changes):
        made = {**self.made, **changes}
        return '# T\n\n' + '\n'.join(f'<!-- study:{name} -->\n\n{text}\n\n<!-- /study -->'
                                     for name, text in made.items() if text is not None)

    def problems(self, page):
        return pages.problems(page, self.study)

    def test_whole_page(self):
        self.assertEqual(self.problems(self.page()), [])

    def test_filled_page_is_whole_and_stays(self):
        empty = '<!-- study:machine -->\n<!-- /study -->\nBy hand.\n<!-- study:command-go -->\n' \
                '<!-- /study -->\n<!-- study:found -->\n<!-- /study -->\n'
        self.assertEqual(len(self.problems(empty)), 3)
        page = pages.fill(empty, self.made)
        self.assertEqual(self.problems(page), [])
        self.assertIn('\nBy hand.\n', page)
        self.assertEqual(pages.fill(page, self.made), page)

    def test_problems(self):
        for page, problem in [
                (self.page(found=None), 'block found is missing'),
                (self.page(found=' '), 'block found is empty'),
                (self.page(other='x'), 'unknown block other'),
                (self.page() + self.page(), 'block found is there 2 times'),
                (self.page() + '<!-- /study -->', 'stray marker'),
                (self.page() + '<!-- study:found -->', 'stray marker'),
                (self.page(found='<!-- study:x -->'), 'holds a marker'),
                (self.page(**{'command-go': '    parscope run y --max-time 1s'}), 'not what'),
                (self.page() + '\nIt is 2.1 × as fast.\n', 'figure that no run wrote'),
                (self.page() + '\nIt took 5 ms.\n', 'figure that no run wrote')]:
            self.assertTrue(any(problem in p for p in self.problems(page)), problem)

    def test_figures_from_elsewhere_and_of_commands_are_no_claims(self):
        page = self.page() + '\n**Elsewhere** 8 cores ran\n7.6 × as fast.\n\nWith `first=1 ms` set.\n'
        self.assertEqual(self.problems(page), [])

    def test_what_cant_be_measured_says_why(self):
        def missing(runs):
            raise NotMeasured('no BLAS')
        self.assertEqual(pages.block_text(missing, None), 'Not measured on this machine: no BLAS.')


# What these look at is not C, and the commands are those of test_every_study_has_words_for_whatever_comes_out().
judges_words = unittest.skipIf(harness.sanitized(), 'the words are not built with a sanitizer')


def small(command):
    """The data are made though the times are scripted: fewer, for what the words don't depend on."""
    return dataclasses.replace(command, line=command.line.replace('depth=23', 'depth=3'))


class Faked(harness.Case):
    """Studies of runs with scripted times."""

    def runs(self, study, script, only=None, machine=MACHINE):
        path = self.folder / 'script.fake'
        path.write_text(script)
        env = harness.environment(PARSCOPE_FAKE=str(path), HWLOC_SYNTHETIC=machine)
        with mock.patch.object(studies, 'PARSCOPE', harness.PARSCOPE), \
                mock.patch.dict(os.environ, env, clear=True), \
                mock.patch.object(sys, 'stderr', open(os.devnull, 'w', encoding='utf-8')) as null:
            runs = Runs({name: overhead() if command.line.startswith('overhead')
                         else studies.measure(small(command), '1s', self.folder)
                         for name, command in study.commands.items() if not only or name in only})
            null.close()
        return runs

    def blocks(self, study, script, **more):
        return {name: ' '.join(text.split())
                for name, text in pages.blocks(study, self.runs(study, script, **more)).items()}

    def test_every_study_has_words_for_whatever_comes_out(self):
        """Parallel wins, can't be told apart, and differs too much for a plot.
        Under a sanitizer, which takes long to start, the first."""
        own = ''.join(f'{m} * * * 0.4 0.6\n' for m in (
            'small_share', 'wakeup_p50', 'wakeup_p99', 'stage_read', 'stage_decode',
            'stage_transform', 'stage_write', 'load_balance', 'cycle_speedup'))
        for script in harness.some(('wall_time * * * 0.5\nwall_time * sequential * 1\n',
                                    'wall_time * * * 1 2 3\nwall_time * sequential * 3 2 1\n',
                                    'wall_time * * * 1e-9\nwall_time * sequential * 1e3\n')):
            for study in STUDIES:
                made = self.blocks(study, script + own)
                self.assertEqual(set(made), set(study.block_names()))
                self.assertTrue(all(made.values()), [n for n, text in made.items() if not text])
                self.assertNotIn('None', ' '.join(made.values()))

    @judges_words
    def test_launching(self):
        pool = 'wall_time * * * {}\nwall_time * pool * {}\nwall_time * sequential * 3\n'
        win = self.blocks(launching.STUDY, pool.format(2, 1))
        self.assertIn('`pool` is 2.00 × [2.00, 2.00] as fast as `spawn`', win['launch-words'])
        self.assertIn('shows the same', win['launch-beside'])
        self.assertIn('Keep threads alive', win['lesson'])
        lose = self.blocks(launching.STUDY, pool.format(1, 2))
        self.assertIn('`pool` is slower than `spawn`', lose['launch-words'])
        self.assertIn('does not show', lose['launch-beside'])
        self.assertNotIn('Keep threads alive', lose['lesson'])
        same = self.blocks(launching.STUDY, pool.format('1 2', '2 1'))
        self.assertIn('no significant difference', same['launch-words'])
        self.assertIn("doesn't settle", same['launch-beside'])
        self.assertNotIn('Keep threads alive', same['lesson'])

    def test_second_hardware_threads(self):
        script = 'wall_time * * 1 1\nwall_time * * * {}\nwall_time chase * * 0.6\n' \
                 'wall_time chase * 1 1\n'
        def smt(time, machine):
            return self.blocks(Study('s', {'smt': launching.COMMANDS['smt']},
                                     {'words': launching.smt_words, 'beside': launching.smt_beside}),
                               script.format(time), machine=machine)
        told = smt(0.5, MACHINE)
        self.assertIn('no two CPUs that share a core', told['words'])
        self.assertIn("doesn't settle", told['beside'])
        self.assertIn('--pair 0,1', told['command-smt'])
        seen = smt(1, SIBLINGS)
        self.assertNotIn('share a core', seen['words'])
        self.assertNotIn('--pair', seen['command-smt'])

    @judges_words
    def test_waits_beyond_the_cpus(self):
        script = 'wall_time * sequential * 8\nwall_time * * * {}\n'
        self.assertIn('more than the CPUs', self.blocks(launching.STUDY, script.format(1))['wait-words'])
        less = self.blocks(launching.STUDY, script.format(4))
        self.assertIn('less than the CPUs', less['wait-words'])
        self.assertNotIn('more threads than', less['lesson'])

    @judges_words
    def test_operations(self):
        script = 'wall_time * * * 0.01\nwall_time * spawn-op * {}\n' \
                 'wall_time op:time=200us:first=1ms:n=50 spawn-op * {}\n' \
                 'wall_time op:time=100ns:n=50 * * 1e-5\n' \
                 'wall_time op:time=100ns:n=50 spawn-op * {}\n'
        slow = self.blocks(operations.STUDY, script.format('0.02', '0.12', '0.00751'))
        self.assertIn('shows the same', slow['op-beside'])
        # (0.12 - 0.01) s / 50 operations; the state (0.12 - 0.02) s / 50; handing over 7.5 ms / 50
        self.assertIn('Of the 2.20 ms', slow['split-words'])
        self.assertIn('state takes 90.9 %', slow['split-words'])
        self.assertIn('handover 6.82 %; the rest is 2.27 %', slow['split-words'])
        self.assertIn('50.0 us |', slow['split-table'])
        self.assertIn('keep the threads', slow['lesson'])
        named = self.blocks(operations.STUDY, script.format('0.06', '0.12', '0.00001'))
        self.assertIn('The rest, 45.5 %, arises because a handover costs more between operations of this length',
                      named['split-words'])
        fast = self.blocks(operations.STUDY, script.format('0.01', '0.01', '0.00001'))
        self.assertIn('does not show', fast['op-beside'])
        self.assertIn('`spawn-op` adds to an operation is not significantly different from zero', fast['split-words'])
        self.assertNotIn('keep the threads', fast['lesson'])

    @judges_words
    def test_ways(self):
        script = 'wall_time * * * 1\nwall_time * sequential * 2\n' \
                 'wall_time * fork:transfer=copy * {0}\nwall_time gemm:inner=8 * * {0}\n' \
                 'stage_read * * * 1\nstage_decode * * * 2\nstage_transform * * * 6\n' \
                 'stage_write * * * 1\n'
        slow = self.blocks(ways.STUDY, script.format(4))
        self.assertIn("Don't ship data", slow['lesson'])
        self.assertIn("can't be more than 1.67 ×", slow['pipeline-words'])
        self.assertIn('`transform`', slow['pipeline-words'])
        fast = self.blocks(ways.STUDY, script.format('0.5'))
        self.assertNotIn("Don't ship data", fast['lesson'])
        for made, shape, lesson in ((slow, 'shows the same', 'one thread each'),
                                    (fast, 'does not show', 'paid here')):
            if 'Not measured' not in made['blas-words']:
                self.assertIn(shape, made['blas-beside'])
                self.assertIn(lesson, made['lesson'])

    @judges_words
    def test_size(self):
        script = 'wall_time * sequential * 1\nwall_time * * * {0}\nwall_time reduce:size=10 * * {1}\n' \
                 'wall_time reduce:size=10 sequential * 1\n'
        known = self.blocks(size.STUDY, script.format('0.5', '9'))
        self.assertIn('shows the same', known['size-beside'])
        self.assertIn('Do 10 elements in a loop: a pool takes 9.00 ×', known['lesson'])
        other = self.blocks(size.STUDY, script.format('2', '0.5'))
        self.assertIn('does not show', other['size-beside'])
        self.assertNotIn('in a loop', other['lesson'])
        self.assertNotIn('in parallel', other['lesson'])


    @judges_words
    def test_trees(self):
        """A runtime that pays for each join loses where one that doesn't wins."""
        script = 'wall_time * * * 1\nwall_time * sequential * 2\n' \
                 'wall_time tree:depth=3:cutoff=64 * * {0}\n' \
                 'wall_time tree:depth=3:cutoff=64:calls=pointers steal * {0}\n' \
                 'wall_time tree:depth=3:cutoff=64 sequential * 2\n' \
                 'wall_time tree:depth=3:cutoff=64:calls=pointers sequential * 2\n'
        slow = self.blocks(size.STUDY, script.format(8))
        self.assertIn('`omp`: a cutoff of 6 is 8.00 × [8.00, 8.00] as fast as joining at every node',
                      slow['tree-words'])
        self.assertIn('shows the same: joining at every node is slower', slow['tree-beside'])
        self.assertIn('Give recursion a cutoff: `omp`', slow['lesson'])
        fast = self.blocks(size.STUDY, script.format('0.5'))
        self.assertIn('does not show that joining at every node', fast['tree-beside'])

    @judges_words
    def test_computing_on_the_loop(self):
        """What is lost is said: lateness, and time only where it is."""
        script = 'wall_time * * * 1\nwall_time wait:n=50:cpu=200us event-loop * {}\n' \
                 'wakeup_p50 * * * 1\nwakeup_p99 * * * 1e-4\nwakeup_p99 * event-loop * {}\n'
        late = self.blocks(size.STUDY, script.format(1, '1e-2'))['lesson']
        self.assertIn('off the event loop: it notices the end of a wait 100 ×', late)
        self.assertNotIn('as long', late[late.index('event loop'):])
        slow = self.blocks(size.STUDY, script.format(3, '1e-2'))['lesson']
        self.assertIn('all waits together take 3.00 × [3.00, 3.00] as long', slow)

    @judges_words
    def test_networks(self):
        script = 'wall_time * * * 1\nsmall_done * * * 7\nlarge_done * * * 3\nsmall_share * * * 0.5\n' \
                 'wall_time mlp * * {}\nwall_time * sequential * 2\n{}'
        greedy = ''.join(f'small_share mlp:reps=5:duration={time}:mix=heterogeneous:policy=greedy * * 0.7\n'
                         for time in ('1ms', '10ms'))
        biased = self.blocks(networks.STUDY, script.format(1, greedy))
        self.assertIn('`greedy`: 70.0 % [70.0 %, 70.0 %] of the networks done are small: more than',
                      biased['timed-words'])
        self.assertIn('shows the same: timed runs that take whatever still fits are biased',
                      biased['timed-beside'])
        self.assertIn('read it together with the share', biased['lesson'])
        even = self.blocks(networks.STUDY, script.format(1, ''))
        self.assertIn('does not show that timed runs that take whatever', even['timed-beside'])
        self.assertIn('take the work in turn', even['lesson'])

    def test_slow_commands_take_longer(self):
        self.assertEqual(Command('run x', slow=4).words('1.5s')[-1], '6s')
        self.assertEqual(Command('run x').words('1.5s')[-1], '1.5s')


class Script(harness.Case):
    def test_pages_are_whole(self):
        done = subprocess.run([harness.ROOT / 'tools' / 'studies', '--check'], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual((done.returncode, done.stdout), (0, ''))

    def test_pages_are_linked(self):
        index = (harness.ROOT / 'docs' / 'studies' / 'README.md').read_text(encoding='utf-8')
        for study in STUDIES:
            self.assertIn(f']({study.name}.md)', index)

    def test_broken_page_fails_the_check(self):
        page = self.folder / 'launching.md'
        page.write_text('<!-- study:nonsense -->\nx\n<!-- /study -->\n')
        with mock.patch.object(studies, 'PAGES', str(self.folder)), mock.patch('builtins.print') as out:
            self.assertFalse(studies.check([launching.STUDY]))
        self.assertIn('unknown block nonsense', str(out.mock_calls))

    def test_commands_are_ones_that_parscope_takes(self):
        for study in STUDIES:
            for command in study.commands.values():
                self.assert_taken(command)

    def assert_taken(self, command):
        said = command.words('1s')
        if said[0] != 'overhead':
            said.append('-n')
        else:
            said += ['-r', '1']
        done = harness.parscope(*said)
        self.assertTrue(done.returncode == 0 or command.optional and done.returncode in (1, 77),
                        f'{said}: {done.stderr}')

    def test_rewrites_from_kept_results(self):
        """Through results on disk, for a machine that lacks what an optional command takes."""
        study = operations.STUDY
        empty = ''.join(f'<!-- study:{n} -->\n<!-- /study -->\n' for n in study.block_names())
        (self.folder / 'operations.md').write_text(empty)
        overhead().save(self.folder / 'operations.parts.json')
        for name in ('op', 'empty'):
            Run(['run', 'op'], failed='there is none').save(self.folder / f'operations.{name}.json')
        with mock.patch.object(studies, 'PAGES', str(self.folder)), \
                mock.patch.object(studies, 'KEPT', str(self.folder)), \
                mock.patch.object(pages, 'machine', lambda runs: 'here'):
            studies.repeat(study, mock.Mock(rewrite=True))
        page = (self.folder / 'operations.md').read_text(encoding='utf-8')
        self.assertIn('Creating and joining a thread takes 20.0 us', page)
        self.assertIn('Not measured on this machine: there is none.', page)

    def test_nothing_kept_is_an_error(self):
        with mock.patch.object(studies, 'KEPT', str(self.folder)):
            with self.assertRaisesRegex(studies.Failed, 'no result'):
                studies.runs_of(operations.STUDY, mock.Mock(rewrite=True))


if __name__ == '__main__':
    harness.main()
