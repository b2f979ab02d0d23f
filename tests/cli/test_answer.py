"""The answer of the first screen: how much faster, what of it is noise, and why not more."""
import json

from harness import HERE, Case, main

MACHINE = 'core:4 pu:2'
SPREAD = (0.96, 0.97, 0.98, 1.0, 1.0, 1.02, 1.03, 1.04)


def walls(workload, strategy, threads, seconds, spread=(1,)):
    values = ' '.join(f'{seconds * spread[i % len(spread)]:.5f}' for i in range(8))
    return f'wall_time {workload} {strategy} {threads} {values}\n'


class Answer(Case):
    def answer(self, script, *arguments):
        env = {**self.fake_script(script), 'HWLOC_SYNTHETIC': MACHINE}
        text = self.succeed(*arguments, '-r', '8', env=env).stdout
        return ' '.join(text.split())

    def test_small_losses_have_a_sentence(self):
        """5 % are too little for a finding, and not for the question why it is not 2.00."""
        script = walls('counter', 'sequential', 1, 1) + walls('counter', 'pool', 1, 1) + \
            walls('counter', 'pool', 2, 0.525) + 'cpu_time counter * * 1\n'
        text = self.answer(script, 'sweep', 'counter', '-s', 'pool', '-t', '2')
        self.assertIn('0.10 of 2 cores were lost to waiting.', text)

    def test_no_part_is_larger_than_the_loss(self):
        """What others took from the program, or a gain beside it, can be more than was lost in all."""
        script = walls('true', 'program', 1, 1) + walls('true', 'program', 2, 0.52) + \
            'cpu_time * * 1 1\ncpu_time * * 2 0.8\nrun_delay * * 1 0\nrun_delay * * 2 0.1\n' + \
            'others_time * * 1 0\nothers_time * * 2 0.13\n'
        text = self.answer(script, 'sweep', '-t', '1,2', '--', 'true')
        self.assertIn('0.08 of 2 cores were lost to other programs and waiting.', text)

    def test_next_to_nothing_is_lost(self):
        script = walls('counter', 'sequential', 1, 1) + walls('counter', 'pool', '*', 0.502) + 'cpu_time counter * * 1\n'
        self.assertNotIn('were lost', self.answer(script, 'run', 'counter', '-s', 'pool', '-t', '2'))

    def test_a_large_loss_is_told_once(self):
        script = walls('counter', 'sequential', 1, 1) + walls('counter', 'pool', '*', 0.8) + 'cpu_time counter * * 1\n'
        text = self.answer(script, 'run', 'counter', '-s', 'pool', '-t', '2')
        self.assertIn('Lost cores: ', text)
        self.assertNotIn('were lost', text)

    def test_slower_is_told_as_longer(self):
        """The inverse of a small ratio is easier to read, and so are its bounds."""
        script = walls('counter', 'sequential', 1, 1) + walls('counter', 'pool', 2, 4, SPREAD) + \
            walls('counter', 'steal', 2, 5)
        text = self.answer(script, 'run', 'counter', '-s', 'pool,steal', '-t', '2')
        self.assertRegex(text, r'pool with 2 threads takes 4\.\d+ \[3\.\d+, 4\.\d+\] times as long as the sequential')
        self.assertRegex(text, r'Next is steal with 2 threads: 5\.00 \[5\.00, 5\.00\] times as long\.')
        self.assertNotIn('of ideal', text)

    def test_a_program_of_one_thread(self):
        """It is not told how fast two threads are, as there are none."""
        script = walls('true', 'program', '*', 1) + 'threads_seen * * 2 1\n'
        text = self.answer(script, 'sweep', '-t', '1,2', '--', 'true')
        self.assertRegex(text, r'Asked for 2 threads, it is 1\.00 \[.*?\] times as fast as when asked for one\.')
        for words in ('of ideal', '2 threads are', 'cores were lost', 'Lost cores'):
            self.assertNotIn(words, text)

    def test_a_slower_program_is_told_once(self):
        script = walls('true', 'program', 1, 1) + walls('true', 'program', 2, 1.5)
        run = 'sweep', '-t', '1,2', '--', 'true'
        self.assertIn('2 threads take 1.50 [1.50, 1.50] times as long as 1.', self.answer(script, *run))
        self.assertNotIn('Parallel is slower', self.answer(script, *run))
        self.assertIn('Parallel is slower', self.answer(script, *run[:1], '-v', *run[1:]))

    def test_what_a_program_waits_for_can_be_asked(self):
        script = walls('true', 'program', 1, 1) + walls('true', 'program', 2, 0.525) + 'cpu_time * * * 1\n'
        text = self.answer(script, 'sweep', '-t', '1,2', '--', 'true')
        self.assertIn('0.10 of 2 cores were lost to waiting. --diagnose says what they waited for.', text)

    def test_too_few_rounds_are_told_once(self):
        env = {**self.fake_script(walls('counter', '*', '*', 1)), 'HWLOC_SYNTHETIC': MACHINE}
        for more in ((), ('-v',)):
            text = self.succeed('run', 'counter', '-s', 'pool', '-t', '2', '-r', '3', *more, env=env).stdout
            self.assertIn('warning: Only 3 rounds, so no intervals (±): they need at least 6.', text)
            self.assertNotIn('no ±', text)

    def test_more_threads_within_noise(self):
        script = walls('counter', 'sequential', 1, 1) + walls('counter', 'pool', 1, 1) + \
            walls('counter', 'pool', 2, 0.51, SPREAD) + walls('counter', 'pool', 4, 0.505, SPREAD[::-1])
        text = self.answer(script, 'sweep', 'counter', '-s', 'pool', '-t', '2,4')
        self.assertRegex(text, r'pool with 4 threads is 1\.9\d \[.*?\] times as fast')
        self.assertRegex(text, r'pool with 2 threads is within noise of that: 1\.9\d \[.*?\], so more threads gain '
                               r'nothing significant\.')

    def test_strategies_within_noise(self):
        script = walls('counter', 'sequential', 1, 1) + walls('counter', 'pool', 2, 0.51, SPREAD) + \
            walls('counter', 'steal', 2, 0.505, SPREAD[::-1])
        text = self.answer(script, 'run', 'counter', '-s', 'pool,steal', '-t', '2')
        self.assertRegex(text, r'pool with 2 threads is within noise of that: ')
        self.assertNotIn('Next is', text)

    def test_slower_strategies_are_next(self):
        script = walls('counter', 'sequential', 1, 1) + walls('counter', 'pool', 2, 0.6) + walls('counter', 'steal', 2, 0.5)
        text = self.answer(script, 'run', 'counter', '-s', 'pool,steal', '-t', '2')
        self.assertIn('Next is pool with 2 threads: 1.67', text)
        self.assertNotIn('within noise', text)

    def test_programs_within_noise(self):
        script = walls('true', 'program', '*', 0.5, SPREAD) + walls('false', 'program', '*', 0.5, SPREAD[::-1])
        text = self.answer(script, 'run', '-c', 'true', '-c', 'false')
        self.assertRegex(text, r"'\w+' and '\w+' are equally fast within noise: the ratio of their times is 1\.\d+ \[")
        self.assertNotIn('times as fast as', text)

    def test_no_change_is_noise(self):
        script = walls('counter', 'sequential', 1, 1, SPREAD) + walls('counter', 'pool', 2, 1, SPREAD[::-1])
        text = self.answer(script, 'run', 'counter', '-s', 'pool', '-t', '2')
        self.assertIn('That is no significant change.', text)

    def test_thread_counts_of_the_law(self):
        script = walls('counter', 'sequential', 1, 1)
        script += ''.join(walls('counter', 'pool', p, 0.1 + 0.9 / p, SPREAD) for p in (1, 2, 3, 4))
        text = self.answer(script, 'sweep', 'counter', '-s', 'pool', '-t', '2,3,4')
        self.assertRegex(text, r'Serial fraction 0\.\d+ \[.*?\] from 3 thread counts')
        text = self.answer(script, 'sweep', 'counter', '-s', 'pool', '-t', '2')
        self.assertIn('from one pair of thread counts, so unverified', text)

    def reported(self, findings, *options):
        """The text of a saved result of a program with two threads that is told these things beside."""
        saved = self.folder / 'told.json'
        script = walls('true', 'program', 1, 1) + walls('true', 'program', 2, 0.8) + 'cpu_time * * * 1\n'
        env = {**self.fake_script(script), 'HWLOC_SYNTHETIC': MACHINE}
        self.succeed('sweep', '-t', '1,2', '-r', '8', '-o', str(saved), '--', 'true', env=env)
        document = json.loads(saved.read_text())
        document['findings'] = [{'id': name, 'severity': severity, 'text': text, 'points': [1]}
                                for name, severity, text in findings]
        saved.write_text(json.dumps(document))
        return ' '.join(self.succeed('report', str(saved), *options).stdout.split())

    def test_one_pair_of_counts_says_nothing_beside_a_cause(self):
        """A serial fraction beside uneven shares is read as serial code."""
        uneven = ('cause', 'info', 'Uneven shares: threads had finished while others were still in work(): 0.5 of 2 cores lost.')
        serial = ('cause', 'info', 'Serial part: one thread worked alone in work(): 0.5 of 2 cores lost.')
        self.assertNotIn('erial fraction', self.reported([uneven, serial]))
        self.assertIn('erial fraction', self.reported([uneven], '-v'))
        self.assertIn('Serial fraction 0.600', self.reported([serial, uneven]))
        self.assertIn('Serial fraction 0.600', self.reported([]))

    def test_threads_that_take_turns_are_several(self):
        """None is seen beside another, but each has CPU time: what they wait for is told."""
        script = walls('true', 'program', 1, 1) + walls('true', 'program', 2, 1) + 'cpu_time * * * 1\n'
        saved = self.folder / 'turns.json'
        env = {**self.fake_script(script), 'HWLOC_SYNTHETIC': MACHINE}
        self.succeed('sweep', '-t', '1,2', '-r', '8', '-o', str(saved), '--', 'true', env=env)
        document = json.loads(saved.read_text())
        cause = 'Taking turns: threads waited in a(), while one other was in b(): 1 of 2 cores lost.'
        document['findings'] = [{'id': name, 'severity': severity, 'text': text, 'points': [1]} for name, severity, text in
                                (('threads-mismatch', 'warning', 'Threads: one at a time.'), ('cause', 'info', cause))]
        point = document['points'][1]
        point['metrics']['threads_seen'] = {**point['metrics']['wall_time'], 'value': 1, 'unit': '1'}
        for busiest, told in ((0.5, True), (0.95, False)):
            thread = {'name': 'true', 'count': 2, 'cpu_time': 1, 'most': busiest, 'alone': 1, 'runnable': 0, 'blocked': 1}
            point['diagnosis'] = {'missing': None, 'executions': 1, 'wall_time': 1, 'cpu_time': 1, 'others': 0, 'slowdown': 1,
                                  'serial_fraction': 1, 'running': [0, 1], 'sampled': 1, 'spun': 0, 'kernel_time': 0,
                                  'samples': 1000, 'looks': 100, 'lost_records': 0, 'hidden': 0, 'code': [], 'losses': [],
                                  'threads': [thread]}
            saved.write_text(json.dumps(document))
            text = ' '.join(self.succeed('report', str(saved)).stdout.split())
            self.assertEqual(cause in text, told, text)
            self.assertEqual('Asked for 2 threads' in text, not told, text)

    def test_a_busy_machine_is_told_once(self):
        busy = ('busy-machine', 'warning', 'The machine was 97 % busy before this began.')
        modes = ('two-modes', 'warning', 'Two modes: one of them is slow.')
        disturbed = ('disturbed', 'warning', 'Disturbed: others took 40 % of the CPU time.')
        told = self.reported([busy, modes])
        self.assertTrue(busy[2] in told and modes[2] in told)
        told = self.reported([busy, modes, disturbed])
        self.assertIn(disturbed[2], told)
        self.assertFalse(busy[2] in told or modes[2] in told)
        told = self.reported([busy, modes, disturbed], '-v')
        self.assertTrue(busy[2] in told and modes[2] in told)

    def test_a_lock_of_the_interpreter_is_told_once(self):
        turns = ('threads-mismatch', 'warning', "Threads: the 2 threads of 'python3' run one at a time, as if under one lock.")
        lock = ('cause', 'info', 'Interpreter lock: threads waited for it: 0.90 of 2 cores lost.')
        other = ('threads-mismatch', 'warning', "Threads: 'python3' was asked for 2 but used one.")
        self.assertIn(turns[2], self.reported([turns]))
        told = self.reported([turns, lock])
        self.assertIn(lock[2], told)
        self.assertNotIn(turns[2], told)
        self.assertIn(turns[2], self.reported([turns, lock], '-v'))
        self.assertIn(other[2], self.reported([other, lock]))
        for head in ('Lock', 'Taking turns', 'Small steps', 'Waiting loop'):
            self.assertNotIn(turns[2], self.reported([turns, ('cause', 'info', f'{head}: in f(): 0.90 of 2 cores lost.')]))
        serial = ('cause', 'info', 'Serial part: one thread worked alone in f(): 0.30 of 2 cores lost.')
        self.assertIn(turns[2], self.reported([turns, serial]))
        self.assertIn(turns[2], self.reported([turns, serial, serial, serial, lock]), 'the lock is not told on the first screen')

    def test_what_half_of_a_width_is(self):
        """Where an interval reaches much farther to one side, ± does not fit the ends that sentences give."""
        note = '± half the width of the 95 % interval'
        for seconds, told in (((0.5, 0.5, 0.5, 0.6), True), ((0.48, 0.49, 0.51, 0.52), False), ((0.5, 0.5, 0.5, 0.505), False)):
            script = walls('true', 'program', 1, 1) + walls('true', 'program', 2, 1, seconds)
            self.assertEqual(note in self.answer(script, 'sweep', '-t', '1,2', '--', 'true'), told, seconds)

    def test_several_workloads_fit_a_screen(self):
        """Of smt-compare: the verdict of each in a line, the evidence by -v."""
        env = {'PARSCOPE_FAKE': str(HERE / 'golden' / 'smt.fake'), 'HWLOC_SYNTHETIC': MACHINE}
        arguments = ('smt-compare', 'counter:ilp=1', 'counter:ilp=8', 'stream', '--cores', '3')
        text = self.succeed(*arguments, env=env).stdout
        self.assertLessEqual(len(text.splitlines()), 24)
        for line in ('SMT on counter:ilp=1: helps: 1.923 ', 'SMT on counter:ilp=8: hurts: 0.833 ',
                     'SMT on stream: neutral: '):
            self.assertIn(line, text)
        self.assertIn("Two threads on a core slow each other down", self.succeed(*arguments, '-v', env=env).stdout)

    def test_missing_counters_are_told_where_they_were_asked_for(self):
        saved = str(self.folder / 'r.json')
        run = ('run', 'counter:n=1k', '-s', 'pool', '-t', '1', '-r', '1')
        told = 'warning: No hardware counters'
        text = self.succeed(*run, '-e', 'cycles', '-o', saved).stdout
        with open(saved, encoding='utf-8') as file:
            counters = json.load(file)['host']['counters']
        if any(c['name'] == 'cycles' and c['quality'] != 'unavailable' for c in counters):
            self.skipTest('there are counters here')
        self.assertIn(told, text)
        for options in ((), ('-e', 'page-faults'), ('-e', 'none')):
            self.assertNotIn(told, self.succeed(*run, *options).stdout)


if __name__ == '__main__':
    main()
