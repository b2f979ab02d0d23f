"""On x86-64: siblings that can be switched off."""
from case import FOREVER, Guest

SMT = f'parscope smt-compare counter:n=200k -r 6 -q --format json {FOREVER}'
CONTROL = '/sys/devices/system/cpu/smt/control'


class SmtControl(Guest):
    arguments = ['-smp', '8,cores=4,threads=2']
    commands = {
        'topo': 'parscope topo',
        'smt': SMT,
        'off': f'echo off >{CONTROL}',
        'topo-off': 'parscope topo',
        'smt-off': SMT,
        'run-off': f'parscope run -q --format json {FOREVER} -r 3 -s steal -t cores counter:n=200k',
    }

    def test_topo(self):
        text = self.succeed('topo')
        self.assertIn('8 CPUs on 4 cores', text)
        self.assertRegex(text, r'(?m)^SMT control +on$')

    def test_on(self):
        self.assertEqual([(p['placement'], len(p['cpus'])) for p in self.report('smt')['points']],
                         [('one-per-core', 4), ('packed', 4), ('two-per-core', 8)])

    def test_siblings(self):
        one, packed, two = (p['cpus'] for p in self.report('smt')['points'])
        self.assertEqual(two[:4], one)
        self.assertEqual(packed, [one[0], two[4], one[1], two[5]])

    def test_off(self):
        result = self.result('smt-off')
        self.assertEqual(result.status, 77, result)
        self.assertFalse(result.output)
        self.assertIn('SMT', result.errors)
        self.assertIn(CONTROL, result.errors)

    def test_topo_off(self):
        text = self.succeed('topo-off')
        self.assertRegex(text, r'(?m)^SMT control +off$')
        self.assertRegex(text, r'(?m)^threads per core +1$')

    def test_run_off(self):
        """One thread a core is what is left, on CPUs that are online."""
        for point in self.report('run-off')['points']:
            self.assertEqual(point['threads'], len(set(point['cpus'])))
