"""Two revisions of a repository, checked out, built and compared."""
import json
import os
import signal
import subprocess

from harness import PARSCOPE, Case, environment, main, parscope

GIT = {'GIT_CONFIG_GLOBAL': '/dev/null', 'GIT_CONFIG_SYSTEM': '/dev/null', 'GIT_AUTHOR_NAME': 'a', 'GIT_AUTHOR_EMAIL': 'a@b',
       'GIT_COMMITTER_NAME': 'a', 'GIT_COMMITTER_EMAIL': 'a@b'}


class Revisions(Case):
    def setUp(self):
        super().setUp()
        self.repository, self.temporary = self.folder / 'repository', self.folder / 'tmp'
        (self.repository / 'sub').mkdir(parents=True)
        self.temporary.mkdir()
        self.git('init', '-q')
        for version in '1', '2':
            (self.repository / 'sub' / 'version').write_text(version)
            self.git('add', '-A')
            self.git('commit', '-q', '-m', version)
            self.git('tag', f'v{version}')

    def git(self, *arguments):
        return subprocess.run(['git', *arguments], cwd=self.repository, env=environment(**GIT), check=True,
                              stdout=subprocess.PIPE, encoding='utf-8').stdout

    def env(self):
        return {**self.fake_script('wall_time * * * 1 1.001 0.999\n'), **GIT, 'TMPDIR': str(self.temporary),
                'HWLOC_SYNTHETIC': 'core:2 pu:1'}

    def compare(self, *arguments, status=0, where='.'):
        done = parscope('compare', *arguments, env=self.env(), cwd=self.repository / where)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(list(self.temporary.iterdir()), [])
        self.assertEqual(len(self.git('worktree', 'list').splitlines()), 1)
        return done

    BUILD = 'printf "#!/bin/sh\\n# $(cat version)\\n" > prog && chmod +x prog'

    def test_both_are_built_and_compared(self):
        built = self.folder / 'built'
        done = self.compare('--base-git', 'v1', '--build', f'{self.BUILD}; cat version >> {built}; pwd >> {built}', '-c',
                            './prog {threads}', '-t', '1,2', '-r', '8', '--format', 'json', where='sub')
        result = json.loads(done.stdout)
        self.assertEqual((result['base']['name'], result['now']['name']),
                         ('./prog {threads} (v1)', './prog {threads} (HEAD)'))
        self.assertEqual(result['verdict'], 'same')
        lines = built.read_text()
        self.assertEqual([lines[0], lines.count('/base/sub\n'), lines.count('/new/sub\n')], ['1', 1, 1])

    def test_the_new_revision_may_be_named(self):
        done = self.compare('--base-git', 'v2', '--new-git', 'v1', '-c', 'true', '-r', '6')
        self.assertIn('true (v2)', done.stdout)
        self.assertIn('true (v1)', done.stdout)

    def test_programs_run_in_their_revision(self):
        """For real: each reads its own file."""
        env = {k: v for k, v in self.env().items() if k not in ('PARSCOPE_FAKE', 'HWLOC_SYNTHETIC')}
        done = parscope('compare', '--base-git', 'v1', '-c', "sh -c 'cat sub/version'", '-r', '1', '-w', '0',
                        '--child-output', str(self.folder / 'out'), '--on-inconclusive', 'pass', env=env, cwd=self.repository)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sorted((self.folder / 'out').read_text()), ['1', '2'])

    def test_what_fails(self):
        for arguments, status, words in ((('--base-git', 'v9'), 1, "'v9' is not a revision"),
                                         (('--base-git', '--help'), 1, "'--help' is not a revision"),
                                         (('--base-git', 'v1', '--build', 'false'), 1, "the build of 'v1' failed: false"),
                                         (('--build', 'true'), 2, '--build needs --base-git'),
                                         (('--base-git', 'v1', '-c', 'true'), 2, 'one program in two revisions')):
            done = self.compare('-c', 'true', '-r', '6', *arguments, status=status)
            self.assertIn(words, done.stderr)
        done = self.compare('--base-git', 'v1', '-c', './prog', '-r', '6', status=1)
        self.assertIn("can't run './prog'", done.stderr)
        self.assertIn('not a git repository', parscope('compare', '--base-git', 'v1', '-c', 'true', env=self.env(),
                                                    cwd=self.temporary).stderr)

    def test_an_interrupt_leaves_nothing(self):
        """While it builds: what the build started ends too."""
        mark = self.folder / 'mark'
        os.mkfifo(mark)
        child = subprocess.Popen([PARSCOPE, 'compare', '--base-git', 'v1', '--build', f'echo $$ > {mark}; sleep 1000; true',
                                  '-c', 'true'], env=environment(**self.env()), cwd=self.repository,
                                 stderr=subprocess.PIPE, stdout=subprocess.PIPE, encoding='utf-8')
        shell = int(mark.read_text())
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=60)
        self.assertEqual(child.returncode, 130, said)
        self.assertRaises(ProcessLookupError, os.kill, shell, 0)
        self.assertEqual(list(self.temporary.iterdir()), [])
        self.assertEqual(len(self.git('worktree', 'list').splitlines()), 1)


if __name__ == '__main__':
    main()
