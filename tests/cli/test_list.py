"""`list`: everything is there, in 80 columns."""
import re

from harness import STRATEGIES, WORKLOADS, Case, main, parscope, some


class List(Case):
    def names(self, kind):
        return self.succeed('list', kind, '--names').stdout.splitlines()

    def test_names(self):
        self.assertEqual(self.names('workloads'), WORKLOADS)
        self.assertEqual(self.names('strategies'), STRATEGIES)
        self.assertLessEqual({'wall_time', 'speedup'}, set(self.names('metrics')))
        self.assertEqual(self.names('formats')[0], 'table')
        for kind in ('workloads', 'strategies', 'metrics', 'formats', 'events', 'doctor', 'overhead'):
            for name in self.names(kind):
                self.assertRegex(name, r'^\S+$')

    def test_plain_list_holds_all_parts(self):
        text = self.succeed('list').stdout
        for name in self.names('workloads') + self.names('strategies'):
            self.assertRegex(text, rf'(?m)^  {name}\b')
        for kind in ('workloads', 'strategies'):
            for key in self.succeed('list', kind, '--keys').stdout.split():
                self.assertRegex(text, rf'(?m)^    {key.split(":")[1].split("=")[0]}=')
        for kind in ('events', 'metrics', 'formats'):
            self.assertIn(f'parscope list {kind}', text)

    def test_parts_make_up_the_whole(self):
        parts = [self.succeed('list', kind).stdout for kind in ('workloads', 'strategies', 'matrix')]
        self.assertTrue(self.succeed('list').stdout.startswith('\n'.join(parts)))
        self.assertEqual(self.succeed('list', 'workloads', 'matrix').stdout, parts[0] + parts[2])

    def test_width(self):
        for kind in ([], ['metrics'], ['formats'], ['doctor'], ['overhead']):
            text = self.succeed('list', *kind).stdout
            self.assertLessEqual(max(map(len, text.splitlines())), 80)

    def test_keys(self):
        keys = self.succeed('list', 'workloads', '--keys').stdout.splitlines()
        self.assertIn('reduce:size=', keys)
        self.assertIn('counter:simd=on', keys)
        keys = self.succeed('list', 'strategies', '--keys').stdout.splitlines()
        self.assertIn('pool:schedule=dynamic', keys)

    def test_parameters_have_range_and_help(self):
        text = self.succeed('list', 'workloads').stdout
        self.assertRegex(text, r'(?m)^    size=1M +elements \(count, 1 to 100G\)$')
        self.assertRegex(text, r'(?m)^    simd=off +.*\(off or on\)')

    def test_matrix(self):
        """A cell is `-` exactly where a run is refused, and the reason stands below."""
        text = self.succeed('list', 'matrix').stdout
        workloads, strategies = self.names('workloads'), set(self.names('strategies'))
        head, cells = [], []
        for words in map(str.split, text.splitlines()):
            if words and set(words) <= strategies:
                head = words
            elif words and words[0] in workloads and len(words) == len(head) + 1:
                cells += [(words[0], strategy, cell) for strategy, cell in zip(head, words[1:])]
        self.assertEqual(len(cells), len(workloads) * len(strategies))
        for workload, strategy, cell in some(cells):
            with self.subTest(workload=workload, strategy=strategy):
                self.compare(workload, strategy, cell, text)

    def compare(self, workload, strategy, cell, text):
        command = ('run', workload, '-s', strategy, '-t', '2', '--max-time', '600000', '-n')
        if cell == 'yes':
            done = parscope(*command)
            if workload != 'gemm' or 'built without a BLAS' not in done.stderr:
                self.assertEqual(done.returncode, 0, done.stderr)
            return
        self.assertEqual(cell, '-')
        reason = self.refuse(*command).stderr.splitlines()[0].split(f'{workload}: ', 1)[1]
        flat = re.sub(r'\s+', ' ', text)
        self.assertRegex(flat, rf' {strategy} not [\w, -]*\b{workload}\b[\w, -]*: {re.escape(reason)}')

    def test_events(self):
        text = self.succeed('list', 'events').stdout
        self.assertRegex(text, r'(?m)^  \S*instructions')


if __name__ == '__main__':
    main()
