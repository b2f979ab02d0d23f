"""Sweeps that choose their thread counts."""
import json

from harness import Case, main, parscope

MACHINE = 'core:64 pu:1'


class Adaptive(Case):
    def script(self, knee):
        """A speedup that grows to the knee and is flat from there."""
        lines = ['wall_time * sequential * 1']
        lines += [f'wall_time * steal {p} {1 / min(p, knee):.7g}' for p in range(1, 65)]
        return {**self.fake_script('\n'.join(lines) + '\n'), 'HWLOC_SYNTHETIC': MACHINE}

    def counts(self, knee, *options):
        path = self.folder / 'r.json'
        self.succeed('sweep', 'reduce', '-s', 'steal', '--adaptive', '-o', str(path), *options, env=self.script(knee))
        points = json.loads(path.read_text())['points']
        return [p['threads'] for p in points if not p['baseline']]

    def test_more_counts_around_the_knee(self):
        counts = self.counts(20)
        self.assertEqual((counts[0], counts[-1]), (1, 64))
        self.assertLessEqual(len(counts), 16)
        self.assertGreaterEqual(len([p for p in counts if 14 <= p <= 28]), 3, counts)
        for low, high in zip(counts, counts[1:]):
            self.assertLessEqual(high, 2.3 * low, counts)

    def test_only_counts_that_were_named(self):
        counts = self.counts(20, '-t', '1..32..x2,24')
        self.assertLessEqual(set(counts), {1, 2, 4, 8, 16, 24, 32})
        self.assertLessEqual({16, 24, 32}, set(counts))

    def test_the_time_is_kept(self):
        path = self.folder / 'r.json'
        self.succeed('sweep', '--adaptive', '--max-time', '0.6s', '--no-diagnose', '-o', str(path), '--', 'true')
        result = json.loads(path.read_text())
        self.assertEqual(result['plan']['max_time'], 0.6)
        self.assertEqual(result['points'][0]['threads'], 1)

    def test_it_excludes_vary(self):
        done = parscope('sweep', 'reduce', '--adaptive', '--vary', 'size=1k+2k')
        self.assertEqual(done.returncode, 2)
        self.assertIn('--adaptive and --vary exclude each other', done.stderr)


if __name__ == '__main__':
    main()
