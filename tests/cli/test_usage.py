"""Bad input: named, with the nearest known name or the allowed range, status 2, nothing printed."""

from harness import Case, parscope, main

RUN = ('run', 'counter')

NEAREST = [
    (('rnu',), ["unknown command 'rnu'", "'run'"]),
    (('swep', 'counter'), ["unknown command 'swep'", "'sweep'"]),
    (('--versoin',), ["unknown option '--versoin'", "'--version'"]),
    ((*RUN, '--stratgy', 'pool'), ["unknown option '--stratgy'", "'--strategy'"]),
    ((*RUN, '--thread=2'), ["unknown option '--thread'", "'--threads'"]),
    (('run', 'conter'), ["unknown workload 'conter'", "'counter'"]),
    (('run', 'reduce:siez=10'), ["'siez'", "'size'"]),
    ((*RUN, '-s', 'stael'), ["unknown strategy 'stael'", "'steal'"]),
    ((*RUN, '-s', 'pool:schedul=static'), ["'schedul'", "'schedule'"]),
    ((*RUN, '-s', 'pool:schedule=statik'), ['statik', 'static']),
    ((*RUN, '-e', 'instrutions'), ["'instrutions'", "'instructions'"]),
    ((*RUN, '-p', 'list'), ['list']),
    ((*RUN, '-p', 'sprad'), ["'sprad'", 'spread']),
    ((*RUN, '--color', 'alway'), ["'alway'", "'always'"]),
    ((*RUN, '--format', 'jsno'), ["unknown format 'jsno'", "'json'"]),
    (('list', 'workload'), ["'workload'", "'workloads'"]),
    (('help', 'swep'), ["unknown command 'swep'", "'sweep'"]),
    (('report', '--formt', 'csv'), ["unknown option '--formt'", "'--format'"]),
]

COUNTS = ['0', '-1', '99999999999999999999', 'NaN', 'inf', '1e9', '1G', '65537', '', '1,,2', '2x',
          '1..', '..4', '4..1', '1..8..x1', '1..8..+0', '1..8..2', '0x10', ' 2', '1.5']

VALUES = [
    ((*RUN, '--runs', '0'), ['--runs', '1']),
    ((*RUN, '-r', '-3'), ['-r', '-3']),
    ((*RUN, '-rabc'), ['-r', 'abc']),
    ((*RUN, '-r', '99999999999999999999'), ['-r']),
    ((*RUN, '--warmup', '-1'), ['--warmup']),
    ((*RUN, '--warmup', '1G'), ['--warmup', '1M']),
    ((*RUN, '--precision', '0'), ['--precision']),
    ((*RUN, '--precision', 'nan'), ['--precision']),
    ((*RUN, '--precision', '200%'), ['--precision']),
    ((*RUN, '--precision', '-1%'), ['--precision']),
    ((*RUN, '--max-time', '0'), ['--max-time']),
    ((*RUN, '--max-time', '-1s'), ['--max-time']),
    ((*RUN, '--max-time', 'inf'), ['--max-time']),
    ((*RUN, '--max-time', '5parsecs'), ['--max-time']),
    ((*RUN, '--gap', 'nan'), ['--gap']),
    ((*RUN, '--gap', '2y'), ['--gap']),
    ((*RUN, '--seed', '-1'), ['--seed']),
    (('run', 'reduce:size=99999999T'), ['size']),
    (('run', 'reduce:size=0'), ['size', '1']),
    (('run', 'reduce:size=-5'), ['size']),
    (('run', 'reduce:size=nan'), ['size']),
    (('run', 'reduce:size='), ['size']),
    (('run', 'reduce:size'), ['size']),
    (('run', 'reduce:size=10:size=20'), ['size']),
    (('run', 'reduce:size=1..1000000'), ['size']),
    (('run', 'amdahl:serial=1.5'), ['serial']),
    (('run', 'amdahl:serial=nan'), ['serial']),
    (('run', 'op:time=0x1us'), ['time']),
    ((*RUN, '--cpus', 'x'), ['x']),
    ((*RUN, '--cpus', '99999'), ['99999']),
    ((*RUN, '--cpus', '0,0'), ['0']),
    ((*RUN, '--cpus', '3-1'), []),
    ((*RUN, '--cpus', '-1'), []),
    ((*RUN, '--cpus', ''), []),
    ((*RUN, '--cpus', '0', '-p', 'spread'), ['--cpus', '--placement']),
    ((*RUN, '-e', 'none', '-e', 'cycles'), ['none']),
]

EMPTY = [
    ('run', ''), ('run', ','), ('run', 'counter,'), ('run', ':n=1'), ('run', 'counter:'),
    ('run', 'counter:=1'), ('run', 'counter::n=1'), (*RUN, '-s', ''), (*RUN, '-s', ',pool'),
    (*RUN, '-p', ''), (*RUN, '-p', 'spread,'), (*RUN, '-e', ''), (*RUN, '-o', ''),
    (*RUN, '--format', ''),
]

FORMS = [
    (('run',), ['workload']),
    (('sweep',), ['workload']),
    (('report',), ['result']),
    (('report', 'a.json', 'b.json'), ['a.json', 'No such file']),
    (('topo', 'all'), ["unexpected argument 'all'"]),
    (('help', 'run', 'sweep'), ["unexpected argument 'sweep'"]),
    ((*RUN, '--threads'), ["option '--threads' needs an argument"]),
    ((*RUN, '-t'), ["option '-t' needs an argument"]),
    ((*RUN, '--dry-run=yes'), ["option '--dry-run' takes no argument"]),
    ((*RUN, '-z'), ["unknown option '-z'"]),
    ((*RUN, '-nz'), ["unknown option '-z'"]),
    (('run', '-s', 'pool', 'counter', '--', '--threads', '2'), ["'counter'"]),
    (('list', '--names'), ['names needs WHAT']),
    (('list', 'matrix', '--names'), ["'matrix' has no names"]),
    (('list', 'metrics', '--keys'), ["'metrics' has no keys"]),
    (('list', 'events', '--keys'), ["'events' has no keys"]),
    (('list', 'workloads', '--names', '--keys'), ['--names', '--keys']),
]

VARY = ('sweep', 'reduce')

VARIED = [
    ((*VARY, '--vary', 'sise=1..8'),
     ["none of the given workloads and strategies has a parameter 'sise': did you mean 'size'?"]),
    ((*VARY, '-s', 'pool', '--vary', 'chunks=1+2'), ["did you mean 'chunk'?"]),
    ((*VARY, '--vary', 'size'), ["'size': expected KEY=RANGE"]),
    ((*VARY, '--vary', 'size='), ['expected KEY=RANGE']),
    ((*VARY, '--vary', '=1'), ['expected KEY=RANGE']),
    ((*VARY, '--vary', 'reduce:size=1'), ['expected KEY=RANGE']),
    ((*VARY, '--vary', 'size=1,2'), ['separated by +']),
    ((*VARY, '--vary', 'size=0..10'), ['reduce: size=0', '1 to 100G']),
    ((*VARY, '--vary', 'size=8..1'), ['below the beginning']),
    ((*VARY, '--vary', 'size=1', '--vary', 'size=2'), ["'size' is given twice"]),
    ((*VARY, '--vary', 'threads=1..8'), ['--threads']),
    (('sweep', 'reduce:size=5', '--vary', 'size=1+2'),
     ["workload 'reduce' sets size=5 already"]),
    ((*VARY, '-s', 'pool:chunk=2', '--vary', 'chunk=1+4'),
     ["strategy 'pool' sets chunk=2 already"]),
    ((*VARY, '--vary', 'size=1+2', '--check', 'serial_fraction < 0.1'),
     ['several --threads']),
    (('sweep', '--vary', 'size=1+2', '--', 'true'), ["there is no {size} in 'true'"]),
    (('run', 'reduce', '--vary', 'size=1+2'), ["unknown option '--vary'"]),
]

ELSEWHERE = [
    (('run', 'reduce', '--vary', 'size=1+2'), ["unknown option '--vary': it is an option of sweep\n"]),
    (('run', '--pair', '0,1', 'reduce'), ["'--pair': it is an option of smt-compare\n"]),
    (('overhead', '--plugin', 'x.so'), ["'--plugin': it is an option of run, sweep"]),
    (('smt-compare', '-t4', 'reduce'), ["unknown option '-t': it is an option of run, sweep, compare and overhead\n"]),
    (('--vary=size=1+2', 'sweep', 'reduce'), ["unknown option '--vary': it is an option of sweep\n"]),
]


class BadInput(Case):
    def check(self, table):
        for arguments, says in table:
            with self.subTest(arguments=arguments):
                self.refuse(*arguments, says=says)

    def test_nearest_names(self):
        self.check(NEAREST)

    def test_nothing_near(self):
        for arguments in (('xyzzyq',), ('run', 'xyzzyq'), (*RUN, '-s', 'xyzzyq'),
                          (*RUN, '--xyzzyq'), (*RUN, '-e', 'xyzzyq')):
            with self.subTest(arguments=arguments):
                done = self.refuse(*arguments, says=['unknown', 'xyzzyq'])
                self.assertNotIn('did you mean', done.stderr)

    def test_thread_counts(self):
        for count in COUNTS:
            with self.subTest(count=count):
                self.refuse(*RUN, '--threads', count, says=['--threads'])

    def test_range_is_named(self):
        for count in ('0', '99999999999999999999'):
            done = self.refuse(*RUN, '--threads', count)
            self.assertRegex(done.stderr, r'1 to 6553\d')

    def test_values(self):
        self.check(VALUES)

    def test_empty_specs(self):
        for arguments in EMPTY:
            with self.subTest(arguments=arguments):
                self.refuse(*arguments)

    def test_forms(self):
        self.check(FORMS)

    def test_vary(self):
        self.check(VARIED)

    def test_options_of_other_commands(self):
        self.check(ELSEWHERE)

    def test_no_command(self):
        done = parscope()
        self.assertEqual((done.returncode, done.stdout), (2, ''))
        self.assertIn('Usage: parscope COMMAND', done.stderr)

    def test_shape_that_no_strategy_runs(self):
        self.refuse('run', 'tree', '-s', 'queue', says=['queue', 'tree'])

    def test_one_error_only(self):
        done = self.refuse('run', 'conter', '-s', 'stael')
        self.assertEqual(len(done.stderr.splitlines()), 2, done.stderr)


class Files(Case):
    def test_suffixes_not_built(self):
        for name in ('r.yaml', 'r.txt', 'r', 'r.json.gz', 'a.csv/r'):
            with self.subTest(name=name):
                path = str(self.folder / name)
                self.refuse(*RUN, '-o', path, says=[path, '.json', '.csv'])
                self.assertEqual(list(self.folder.iterdir()), [])

    def test_unwritable_before_measuring(self):
        (self.folder / 'taken.json').mkdir()
        for path in (self.folder / 'none' / 'r.json', self.folder / 'taken.json',
                     '/proc/r.json'):
            with self.subTest(path=path):
                self.refuse(*RUN, '-o', str(path), '--max-time', '1000', says=[str(path)])

    def test_good_file_beside_a_bad_one_leaves_no_trace(self):
        good = self.folder / 'good.json'
        self.refuse(*RUN, '-o', str(good), '-o', str(self.folder / 'none' / 'r.json'))
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_report_of_missing_file(self):
        path = str(self.folder / 'none.json')
        self.refuse('report', path, says=[path, 'No such file'])

    def test_report_of_what_is_no_result(self):
        for text in ('', '{', '[]', '{}', 'null', '{"schema": "parscope-result/99"}', '\0' * 64):
            with self.subTest(text=text):
                path = self.folder / 'bad.json'
                path.write_text(text)
                self.refuse('report', str(path), says=[str(path)])

    def test_report_of_a_folder(self):
        self.refuse('report', str(self.folder), says=[str(self.folder)])

    def test_missing_script(self):
        self.refuse(*RUN, env={'PARSCOPE_FAKE': '/none/script'}, says=['/none/script'])


if __name__ == '__main__':
    main()
