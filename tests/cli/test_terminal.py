"""What only a terminal gets: progress and colour."""
import fcntl
import os
import re
import struct
import subprocess
import termios

from harness import PARSCOPE, Case, environment, in_one_of, main, open_terminal, sanitized

RUN = ('run', 'counter:n=1M', '-s', 'pool', '-t', '1', '-r', '12')
WIPE = '\r\x1b[K'


def on_terminal(*arguments, columns=80, stream='stderr', **env):
    """What arrives on a terminal that is the stream, and on the other stream."""
    leader, follower = open_terminal()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))
    streams = {'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE, stream: follower}
    child = subprocess.Popen([PARSCOPE, *arguments], stdin=subprocess.DEVNULL,
                             env=environment(**env), **streams)
    os.close(follower)
    text = b''
    while True:
        try:
            chunk = os.read(leader, 4096)
        except OSError:
            break
        if not chunk:
            break
        text += chunk
    other = (child.stdout or child.stderr).read().decode()
    (child.stdout or child.stderr).close()
    os.close(leader)
    return child.wait(timeout=60), text.decode(), other


class Progress(Case):
    def test_line_is_wiped(self):
        status, text, table = on_terminal(*RUN)
        self.assertEqual(status, 0)
        self.assertIn('counter:n=1M', text)
        self.assertRegex(text, r'at most .* left')
        self.assertTrue(text.endswith(WIPE))
        self.assertNotIn('\n', text)
        self.assertNotIn('left', table)
        self.assertIn('speedup', table)

    def test_cut_to_the_width(self):
        for columns in (20, 40):
            _, text, _ = on_terminal(*RUN, columns=columns)
            pieces = text.split(WIPE)
            self.assertGreater(len(pieces), 2)
            self.assertLess(max(map(len, pieces)), columns)

    ROUNDS = 100 if sanitized() else 200  # a second or two, in which the line is written anew some ten times
    LONG = ('run', 'counter:n=1M', '-s', 'pool', '-t', '1', '-r', str(ROUNDS))

    def lines(self, *arguments, **more):
        status, text, _ = on_terminal(*arguments, **more)
        self.assertEqual(status, 0)
        pieces = [piece for piece in text.split(WIPE) if piece]
        self.assertGreater(len(pieces), 2)
        return pieces

    def test_bar_round_estimate_and_time_left(self):
        last = self.lines(*self.LONG, columns=120, NO_COLOR='1')[-1]
        self.assertRegex(last, r'^counter:n=1M \w+ 1: [\d.]+ \w+ ±[\d.]+%, round \d+ of '
                               rf'{self.ROUNDS} ' r'\[#+\.*\] about [\d.]+ \w+ left$')
        self.assertLess(len(last), 120)

    def test_bar_gives_way(self):
        for columns in (60, 70, 90):
            for piece in self.lines(*self.LONG, columns=columns, NO_COLOR='1'):
                self.assertLess(len(piece), columns)
                self.assertIn('round', piece)

    def test_colour_of_the_bar(self):
        self.assertIn('\x1b[32m', ''.join(self.lines(*self.LONG, columns=120)))
        self.assertNotIn('\x1b', ''.join(self.lines(*self.LONG, columns=120, NO_COLOR='1')))

    def test_ascii_by_locale(self):
        self.assertTrue(''.join(self.lines(*self.LONG, columns=120, LC_ALL='C')).isascii())

    @in_one_of(3)
    def test_until_it_is_precise(self):
        """The time left follows from how far the widest interval is from enough; of too few quiet rounds nothing does."""
        _, text, table = on_terminal('run', 'counter:n=1M', '-s', 'pool', '-t', '1', '--precision', '1e-6', '--max-time',
                                     '3s', columns=120, NO_COLOR='1')
        pieces = [piece for piece in text.split(WIPE) if piece]
        self.assertGreater(len(pieces), 2)
        self.assertRegex(pieces[0], r'at most [\d.]+ \w+ left$')
        for piece in pieces[1:]:
            self.assertRegex(piece, r'round \d+ \[#*\.*\] (about|at most) [\d.]+ \w+ left$')
        if 'Disturbed' not in table:
            self.assertTrue([piece for piece in pieces[1:] if '] about ' in piece], pieces)

    def test_resize(self):
        """A line is cut to the width that the terminal has when it is written."""
        leader, follower = open_terminal()
        self.addCleanup(os.close, leader)
        resize = struct.pack('HHHH', 24, 100, 0, 0)
        fcntl.ioctl(follower, termios.TIOCSWINSZ, resize)
        child = subprocess.Popen([PARSCOPE, *self.LONG], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=follower, env=environment(NO_COLOR='1'))
        self.addCleanup(child.wait)
        os.close(follower)
        text = ''
        while text.count(WIPE) < 3:
            text += os.read(leader, 4096).decode()
        fcntl.ioctl(leader, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 30, 0, 0))
        os.read(leader, 4096)
        after = ''
        while True:
            try:
                chunk = os.read(leader, 4096)
            except OSError:
                break
            if not chunk:
                break
            after += chunk.decode()
        pieces = [piece for piece in after.split(WIPE) if piece]
        self.assertGreater(max(map(len, text.split(WIPE))), 30)
        self.assertTrue(pieces)
        self.assertLess(max(map(len, pieces)), 30)

    def test_program(self):
        """Its threads are named where they are spoken of."""
        for options, said in ((), r'sleep 0\.3: '), (('-t', '1'), r'sleep 0\.3 × 1: '):
            _, text, _ = on_terminal('run', *options, '-r', '3', '--', 'sleep', '0.3')
            self.assertRegex(text, r'\x1b\[K' + said)

    def test_not_wanted(self):
        for arguments, env in (((*RUN, '-q'), {}), (RUN, {'TERM': 'dumb'})):
            status, text, _ = on_terminal(*arguments, **env)
            self.assertEqual((status, text), (0, ''))


class Colour(Case):
    def table(self, *arguments, **env):
        env.update(self.fake_script())
        status, text, _ = on_terminal(*RUN, *arguments, stream='stdout', **env)
        self.assertEqual(status, 0)
        return text

    def test_on_a_terminal(self):
        self.assertIn('\x1b[', self.table())
        self.assertIn('\x1b[', self.table('--color', 'always', NO_COLOR='1'))

    def test_not_wanted(self):
        for arguments, env in (((), {'NO_COLOR': '1'}), ((), {'TERM': 'dumb'}),
                               (('--color', 'never'), {})):
            with self.subTest(arguments=arguments, env=env):
                self.assertNotIn('\x1b', self.table(*arguments, **env))

    def test_empty_no_color_counts_as_unset(self):
        self.assertIn('\x1b[', self.table(NO_COLOR=''))

    def test_same_text(self):
        plain = self.table('--color', 'never')
        self.assertEqual(re.sub(r'\x1b\[[0-9;]*m', '', self.table()), plain)


if __name__ == '__main__':
    main()
