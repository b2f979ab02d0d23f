"""What only a terminal gets: progress and colour."""
import fcntl
import os
import re
import struct
import subprocess
import termios

from harness import PARSCOPE, Case, environment, main, open_terminal

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
