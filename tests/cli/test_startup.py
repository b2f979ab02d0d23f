"""What it takes to start, in CPU time: of one call that had its caches to itself, on a busy machine one of many."""
from harness import Case, cpu_seconds, main, measures_time


@measures_time
class Startup(Case):
    def test_list(self):
        self.assertTrue(any(cpu_seconds('list') < 0.020 for _ in range(60)))

    def test_big_machine_plans_fast(self):
        env = {'HWLOC_SYNTHETIC': 'pack:8 core:256 pu:2'}
        plan = ('sweep', 'counter', '-p', 'spread,compact', '-n')
        self.assertTrue(any(cpu_seconds(*plan, env=env) < 1.0 for _ in range(10)))


if __name__ == '__main__':
    main()
