"""The examples of docs/ci.md: YAML that is what it should be, scripts that a shell reads, options that there are."""
import re
import shutil
import subprocess
import unittest

from harness import ROOT, Case, main

try:
    import yaml
except ImportError:
    yaml = None

TEXT = (ROOT / 'docs' / 'ci.md').read_text()
WORKFLOW = {'name', 'on', 'jobs', 'env', 'permissions', 'concurrency', 'defaults', 'run-name'}
JOB = {'name', 'runs-on', 'steps', 'timeout-minutes', 'needs', 'if', 'env', 'strategy', 'permissions', 'container',
       'outputs', 'continue-on-error', 'defaults', 'services', 'environment', 'concurrency'}
STEP = {'name', 'id', 'if', 'uses', 'with', 'run', 'env', 'shell', 'working-directory', 'continue-on-error',
        'timeout-minutes'}
GITLAB_JOB = {'image', 'stage', 'timeout', 'variables', 'before_script', 'script', 'after_script', 'allow_failure',
              'artifacts', 'needs', 'rules', 'tags', 'cache', 'services'}


def blocks(language):
    return re.findall(rf'```{language}\n(.*?)```', TEXT, re.S)


def scripts():
    """All that a shell is given, by where it stands."""
    found = [('a plain script', text) for text in blocks('sh')]
    for document in map(load, blocks('yaml')) if yaml else ():
        for name, job in document.get('jobs', document).items():
            found += [(f'{name}: {step["name"]}', step['run']) for step in job.get('steps', ()) if 'run' in step]
            if 'script' in job:
                found.append((name, '\n'.join(job['before_script'] + job['script'])))
    return found


def load(text):
    """`on` is a word of YAML 1.1 for true."""
    return {'on' if key is True else key: value for key, value in yaml.safe_load(text).items()}


@unittest.skipIf(yaml is None, 'python3-yaml is not installed')
class Structure(Case):
    def test_workflows(self):
        workflows = [d for d in map(load, blocks('yaml')) if 'jobs' in d]
        self.assertEqual(len(workflows), 2)
        for workflow in workflows:
            self.assertLessEqual(set(workflow), WORKFLOW)
            self.assertIn('on', workflow)
            for job in workflow['jobs'].values():
                self.assertLessEqual(set(job), JOB)
                self.assertIn('runs-on', job)
                for step in job['steps']:
                    self.assertLessEqual(set(step), STEP)
                    self.assertEqual(('uses' in step) + ('run' in step), 1, step)
                    self.assertTrue('uses' not in step or re.fullmatch(r'[\w-]+/[\w-]+@v\d+', step['uses']), step)

    def test_gitlab(self):
        jobs = [d for d in map(load, blocks('yaml')) if 'jobs' not in d]
        self.assertEqual(len(jobs), 1)
        for job in jobs[0].values():
            self.assertLessEqual(set(job), GITLAB_JOB)
            self.assertTrue(all(isinstance(line, str) for line in job['before_script'] + job['script']))

    @unittest.skipIf(shutil.which('action-validator') is None, 'action-validator is not installed')
    def test_validator(self):
        for i, text in enumerate(t for t in blocks('yaml') if '\njobs:' in t):
            path = self.folder / '.github' / 'workflows' / f'{i}.yml'
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            done = subprocess.run(['action-validator', str(path)], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class Scripts(Case):
    def test_a_shell_reads_them(self):
        for name, text in scripts():
            with self.subTest(name):
                plain = re.sub(r'\$\{\{.*?\}\}', 'x', text)
                done = subprocess.run(['sh', '-n'], input=plain, capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 0, done.stderr)
                if shutil.which('shellcheck'):  # {threads} is meant as it stands
                    done = subprocess.run(['shellcheck', '-s', 'sh', '-S', 'warning', '-e', 'SC1083', '-'], input=plain, capture_output=True,
                                          text=True, check=False)
                    self.assertEqual(done.returncode, 0, done.stdout)

    def test_options_are_there(self):
        commands = 0
        for name, text in scripts() + [('in the text', '\n'.join(re.findall(r'\n    (parscope .*)', TEXT)))]:
            text = text.replace('\\\n', ' ')
            for command, words in re.findall(r'(?m)^\s*parscope (\w[\w-]*)(.*)$', text):
                known = set(re.findall(r'(?<![\w-])(--?[a-z][\w-]*)', self.succeed(command, '-h').stdout))
                own = re.split(r' -- ', words)[0]
                own = re.sub(r"'[^']*'", 'x', own)
                used = set(re.findall(r'(?<=\s)(--?[a-z][\w-]*)', own))
                with self.subTest(f'{name}: parscope {command}'):
                    self.assertLessEqual(used, known)
                commands += 1
        self.assertGreater(commands, 8)


if __name__ == '__main__':
    main()
