//! rayon: the same measurements as ../../peer.h, printed in the same lines (see ../../README.md).

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::arch::asm;
use std::hint::spin_loop;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Two, unless the command line says otherwise; then only what depends on their number is measured.
fn workers() -> usize {
    std::env::args().nth(2).and_then(|n| n.parse().ok()).unwrap_or(2)
}

fn scales() -> bool {
    std::env::args().len() > 2
}

fn figure(bench: &str, variant: &str, value: f64, unit: &str) {
    println!("{} {} {} {}", bench, variant, value, unit);
}

fn die(why: &str) -> ! {
    eprintln!("{}", why);
    std::process::exit(1)
}

/// Keeps the compiler from seeing through a value; for compilers older than the library's own.
fn black_box<T>(value: T) -> T {
    unsafe { asm!("/* {0} */", in(reg) &value, options(nostack, preserves_flags)) };
    value
}

fn quantile(samples: &mut [f64], share: f64) -> f64 {
    samples.sort_by(f64::total_cmp);
    let rank = (share * samples.len() as f64) as usize;
    samples[rank.min(samples.len() - 1)]
}

fn median(samples: &mut [f64]) -> f64 {
    quantile(samples, 0.5)
}

fn time_ns(call: impl FnOnce()) -> f64 {
    let start = Instant::now();
    call();
    start.elapsed().as_nanos() as f64
}

/// The first call warms up, unless it is so long that it must do.
fn time_calls(mut call: impl FnMut()) -> f64 {
    let mut samples = Vec::new();
    for i in 0..6 {
        let ns = time_ns(&mut call);
        if ns >= 0.25e9 {
            return ns;
        }
        if i > 0 {
            samples.push(ns);
        }
    }
    median(&mut samples)
}

fn pool(workers: usize) -> ThreadPool {
    match ThreadPoolBuilder::new().num_threads(workers).build() {
        Ok(pool) => pool,
        Err(why) => die(&why.to_string()),
    }
}

// a: two bodies that must see each other

#[repr(align(128))]
struct Side {
    met: AtomicU64,
    cpu: AtomicI32,
}

impl Side {
    fn new() -> Side {
        Side { met: AtomicU64::new(0), cpu: AtomicI32::new(-1) }
    }
}

/// Each side's release pairs with the other's acquire: neither goes on before both are here.
fn meet(mine: &Side, other: &Side) {
    const FOREVER: u64 = 1 << 27;
    let region = mine.met.load(Ordering::Relaxed) + 1;
    mine.cpu.store(unsafe { libc::sched_getcpu() }, Ordering::Relaxed);
    mine.met.store(region, Ordering::Release);
    let mut spins = 0;
    while other.met.load(Ordering::Acquire) < region {
        spin_loop();
        spins += 1;
        if spins == FOREVER {
            die("the two bodies never met: they run one after the other");
        }
    }
}

fn process_cpu_ns() -> f64 {
    let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut t) };
    t.tv_sec as f64 * 1e9 + t.tv_nsec as f64
}

fn bench_a() {
    if workers() != 2 {
        println!("a hot_median skip a join has two sides");
        return;
    }
    const WARM: usize = 200;
    const HOT: usize = 2000;
    const COLD: usize = 200;
    let sides = [Side::new(), Side::new()];
    let mut apart = 0;
    let mut region = || {
        let ns = time_ns(|| {
            rayon::join(|| meet(&sides[0], &sides[1]), || meet(&sides[1], &sides[0]));
        });
        if sides[0].cpu.load(Ordering::Relaxed) != sides[1].cpu.load(Ordering::Relaxed) {
            apart += 1;
        }
        ns
    };
    let (mut slept, mut burnt) = (0.0, 0.0);
    let mut asleep = || {
        let cpu = process_cpu_ns();
        slept += time_ns(|| std::thread::sleep(Duration::from_millis(1)));
        burnt += process_cpu_ns() - cpu;
    };

    let (mut hot, mut cold) = (Vec::new(), Vec::new());
    pool(2).install(|| {
        for _ in 0..WARM {
            region();
        }
        hot.extend((0..HOT).map(|_| region()));
        if !scales() {
            cold.extend((0..COLD).map(|_| {
                asleep();
                region()
            }));
        }
    });
    figure("a", "hot_median", median(&mut hot), "ns");
    if scales() {
        return;
    }
    figure("a", "hot_p99", quantile(&mut hot, 0.99), "ns");
    figure("a", "cold_median", median(&mut cold), "ns");
    figure("a", "cold_p99", quantile(&mut cold, 0.99), "ns");
    figure("a", "idle_cpus", burnt / slept, "cpus");
    // The warm-up's regions count too.
    figure("a", "two_cpus", apart as f64 / (WARM + HOT + COLD) as f64, "share");
}

// b: Fibonacci

#[inline(never)]
fn fib_serial(n: u32) -> u64 {
    if n < 2 { n as u64 } else { fib_serial(n - 1) + fib_serial(n - 2) }
}

fn fib(n: u32) -> u64 {
    if n < 2 {
        return n as u64;
    }
    let (x, y) = rayon::join(|| fib(n - 1), || fib(n - 2));
    x + y
}

fn bench_b() {
    const FORKING_CALLS: f64 = 3524577.0; // fib(33) - 1 of them have n > 1
    let per_task = |run: &dyn Fn(u32) -> u64| {
        time_calls(|| {
            if run(black_box(32)) != 2178309 {
                die("fib(32) is not 2178309");
            }
        }) / FORKING_CALLS
    };
    figure("b", "serial", per_task(&fib_serial), "ns");
    let counts = if scales() { vec![workers()] } else { vec![1, 2] };
    for workers in counts {
        let pool = pool(workers);
        let ns = per_task(&|n| pool.install(|| fib(n)));
        figure("b", &format!("workers_{}", workers), ns, "ns");
    }
}

// c: inversion of a perfect binary tree

#[derive(Clone, Copy)]
struct Node {
    left: *mut Node,
    right: *mut Node,
}

/// A subtree that one task has to itself.
#[derive(Clone, Copy)]
struct Subtree(*mut Node);
unsafe impl Send for Subtree {}

const NONE: Node = Node { left: std::ptr::null_mut(), right: std::ptr::null_mut() };

/// Swaps the children, and gives them in memory order.
fn swap(tree: Subtree) -> Option<(Subtree, Subtree)> {
    let node = unsafe { &mut *tree.0 };
    let Node { left, right } = *node;
    *node = Node { left: right, right: left };
    let (near, far) = if left < right { (left, right) } else { (right, left) };
    if near.is_null() { None } else { Some((Subtree(near), Subtree(far))) }
}

fn invert_serial(tree: Subtree) {
    if let Some((near, far)) = swap(tree) {
        invert_serial(near);
        invert_serial(far);
    }
}

fn invert(tree: Subtree, forks: u32) {
    if forks == 0 {
        invert_serial(tree);
    } else if let Some((near, far)) = swap(tree) {
        rayon::join(move || invert(near, forks - 1), move || invert(far, forks - 1));
    }
}

fn build(node: *mut Node, levels: u32) {
    unsafe {
        *node = NONE;
        if levels > 1 {
            *node = Node { left: node.add(1), right: node.add(1 << (levels - 1)) };
            build((*node).left, levels - 1);
            build((*node).right, levels - 1);
        }
    }
}

fn stands(node: *mut Node, levels: u32, mirrored: bool) -> bool {
    unsafe {
        if levels == 1 {
            return (*node).left.is_null() && (*node).right.is_null();
        }
        let (near, far) = (node.add(1), node.add(1 << (levels - 1)));
        let (left, right) = if mirrored { (far, near) } else { (near, far) };
        (*node).left == left
            && (*node).right == right
            && stands(near, levels - 1, mirrored)
            && stands(far, levels - 1, mirrored)
    }
}

fn invert_ms(root: Subtree, levels: u32, run: impl Fn(Subtree)) -> f64 {
    let mut mirrored = false;
    let ns = time_calls(|| {
        run(root);
        mirrored = !mirrored;
    });
    if !stands(root.0, levels, mirrored) {
        die("the tree is not inverted");
    }
    if mirrored {
        invert_serial(root);
    }
    ns / 1e6
}

fn bench_c() {
    const DEPTH: u32 = 23;
    const PROBE: u32 = 17;
    let mut nodes = vec![NONE; (1 << DEPTH) - 1];
    let root = Subtree(nodes.as_mut_ptr());
    let part = Subtree(unsafe { root.0.add((DEPTH - PROBE) as usize) });
    let pool = pool(2);
    let forking = |forks| {
        let pool = &pool;
        move |tree: Subtree| pool.install(move || invert(tree, forks))
    };

    build(root.0, DEPTH);
    figure("c", "serial", invert_ms(root, DEPTH, invert_serial), "ms");
    figure("c", "cutoff6_2", invert_ms(root, DEPTH, forking(6)), "ms");
    // A 64th of the tree says how long the whole would take.
    if invert_ms(part, PROBE, forking(PROBE)) * f64::from(1 << (DEPTH - PROBE)) > 10e3 {
        println!("c every_2 skip would take more than 10 s");
    } else {
        figure("c", "every_2", invert_ms(root, DEPTH, forking(DEPTH)), "ms");
    }
}

// d: map-reduce

fn draw(i: u64) -> u64 {
    let z = i.wrapping_mul(0x9e3779b97f4a7c15);
    (z ^ (z >> 32)).wrapping_mul(0xd6e8feb86659fd93)
}

#[inline(never)]
fn weighted_sum(first: u64, elements: &[u64]) -> u64 {
    let mut sum = 0u64;
    for (i, element) in elements.iter().enumerate() {
        sum = sum.wrapping_add(element.wrapping_mul(draw(first + i as u64)));
    }
    sum
}

fn sum_parallel(elements: &[u64]) -> u64 {
    let part = (elements.len() + workers() - 1) / workers();
    elements
        .par_chunks(part)
        .enumerate()
        .map(|(i, chunk)| weighted_sum((i * part) as u64, chunk))
        .reduce(|| 0, u64::wrapping_add)
}

fn sum_ns(elements: &[u64], sum: impl Fn(&[u64]) -> u64) -> f64 {
    const BATCHES: usize = 31;
    let expected = weighted_sum(0, elements);
    let batch = |sums: u64| {
        let mut wrong = 0;
        let ns = time_ns(|| {
            for _ in 0..sums {
                wrong |= sum(black_box(elements)) ^ expected;
            }
        });
        if wrong != 0 {
            die("a sum is wrong");
        }
        ns
    };
    let mut sums = 1;
    while batch(sums) < 3e5 {
        sums *= 2;
    }
    let mut samples: Vec<f64> = (0..BATCHES).map(|_| batch(sums) / sums as f64).collect();
    median(&mut samples)
}

fn bench_d() {
    let elements: Vec<u64> = (1..=100000).map(draw).collect();
    pool(workers()).install(|| {
        for size in [100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000] {
            let part = &elements[..size];
            let serial = sum_ns(part, |e| weighted_sum(0, e));
            figure("d", &format!("serial_{}", size), serial, "ns");
            figure("d", &format!("parallel_{}", size), sum_ns(part, sum_parallel), "ns");
        }
    });
}

// e: one operation at a time, from outside

#[inline(never)]
fn operation(mut x: u64, steps: u64) -> u64 {
    let (mut a, mut c) = (6364136223846793005u64, 1442695040888963407u64);
    // Empty: they keep the compiler from seeing through the values, and from composing steps.
    unsafe {
        asm!("/* {0} {1} */", inout(reg) a, inout(reg) c, options(nomem, nostack, preserves_flags));
        for _ in 0..steps {
            x = x.wrapping_mul(a);
            asm!("/* {0} */", inout(reg) x, options(nomem, nostack, preserves_flags));
            x = x.wrapping_add(c);
            asm!("/* {0} */", inout(reg) x, options(nomem, nostack, preserves_flags));
        }
    }
    x
}

/// By the fastest of several runs: the others were disturbed.
fn steps_in(ns: f64) -> u64 {
    const STEPS: u64 = 100000;
    let mut samples: Vec<f64> = (0..50)
        .map(|i| time_ns(|| drop(black_box(operation(i, STEPS)))))
        .collect();
    (ns * STEPS as f64 / quantile(&mut samples, 0.0)) as u64
}

/// The first operations find workers that the batch before left idle, and are not timed.
fn rate(mut run: impl FnMut()) -> f64 {
    const OPS: usize = 1000;
    (0..50).for_each(|_| run());
    OPS as f64 * 1e9 / time_ns(|| (0..OPS).for_each(|_| run()))
}

fn bench_e() {
    let steps = steps_in(2600.0);
    let pool = pool(2);
    let (mut inline, mut waited) = (Vec::new(), Vec::new());
    let mut x = 1;
    let caller = unsafe { libc::pthread_self() };
    let submitted = |x| {
        if unsafe { libc::pthread_self() } == caller {
            die("the caller runs operations that it submits");
        }
        operation(x, steps)
    };
    for _ in 0..15 {
        inline.push(rate(|| x = operation(x, steps)));
        waited.push(rate(|| x = pool.install(|| submitted(x))));
    }
    black_box(x);
    figure("e", "inline", median(&mut inline), "ops");
    figure("e", "waited", median(&mut waited), "ops");
}

// f: trivial iterations

#[repr(align(128))]
struct Counter(AtomicU64);

impl Counter {
    /// Only its own worker writes it, so that this need not be one atomic operation.
    fn count_one(&self) {
        let mut next = self.0.load(Ordering::Relaxed) + 1;
        unsafe { asm!("/* {0} */", inout(reg) next, options(nomem, nostack, preserves_flags)) };
        self.0.store(next, Ordering::Relaxed);
    }
}

#[inline(never)]
fn iterate_serial(count: u64) -> u64 {
    let mut counter = 0u64;
    for _ in 0..count {
        counter += 1;
        unsafe { asm!("/* {0} */", inout(reg) counter, options(nomem, nostack, preserves_flags)) };
    }
    counter
}

fn iterate(count: u64) -> u64 {
    let counters: Vec<Counter> = (0..workers()).map(|_| Counter(AtomicU64::new(0))).collect();
    (0..count as usize).into_par_iter().with_max_len(1).for_each(|_| {
        counters[rayon::current_thread_index().unwrap_or(0)].count_one();
    });
    counters.iter().map(|c| c.0.load(Ordering::Relaxed)).sum()
}

fn bench_f() {
    const COUNT: u64 = 1000000;
    let per_iteration = |run: &(dyn Fn(u64) -> u64 + Sync)| {
        time_calls(|| {
            if run(black_box(COUNT)) != COUNT {
                die("iterations are missing");
            }
        }) / COUNT as f64
    };
    figure("f", "serial", per_iteration(&iterate_serial), "ns");
    let pool = pool(workers());
    figure("f", "dynamic1", per_iteration(&|count| pool.install(|| iterate(count))), "ns");
}

// g: how short operations may be

/// The median time of a region in which each worker has one operation, or of one by the caller.
fn grain_ns(steps: u64, parallel: bool) -> f64 {
    let reps = 300000 / (steps + 200) + 1;
    let batch = || {
        let ns = time_ns(|| {
            for _ in 0..reps {
                if parallel {
                    (0..workers()).into_par_iter().with_max_len(1).for_each(|i| {
                        black_box(operation(i as u64, black_box(steps)));
                    });
                } else {
                    black_box(operation(0, black_box(steps)));
                }
            }
        });
        ns / reps as f64
    };
    batch();
    let mut samples: Vec<f64> = (0..21).map(|_| batch()).collect();
    median(&mut samples)
}

/// From long operations to short ones, until half of the time goes elsewhere.
fn metg() -> Option<f64> {
    let longest = steps_in(32000.0) as f64;
    let (mut length, mut share) = (0.0, 0.0);
    for i in 0..19 {
        let steps = (longest / 2f64.powf(f64::from(i) / 2.0)) as u64 + 1;
        let now = grain_ns(steps, false);
        let efficiency = now / grain_ns(steps, true);
        if efficiency < 0.5 {
            let (above, below) = (share - 0.5, 0.5 - efficiency);
            return if i > 0 { Some((now * above + length * below) / (above + below)) } else { None };
        }
        length = now;
        share = efficiency;
    }
    Some(length)
}

fn bench_g() {
    match pool(workers()).install(metg) {
        Some(ns) => figure("g", "metg", ns, "ns"),
        None => println!("g metg skip more than half of the time goes elsewhere at 32 us"),
    }
}

// h: from a fork until an idle worker has the task

fn bench_h() {
    const HANDS: usize = 2000;
    let clock = Instant::now();
    let taken = AtomicU64::new(0);
    let hand = || {
        taken.store(0, Ordering::Relaxed);
        let forked = clock.elapsed().as_nanos() as u64;
        rayon::join(
            || {
                while taken.load(Ordering::Acquire) == 0 {
                    spin_loop();
                }
            },
            || taken.store(clock.elapsed().as_nanos() as u64, Ordering::Release),
        );
        (taken.load(Ordering::Relaxed) - forked) as f64
    };
    let mut ns = Vec::new();
    pool(workers()).install(|| {
        (0..200).for_each(|_| drop(hand()));
        ns.extend((0..HANDS).map(|_| hand()));
    });
    figure("h", "steal_median", median(&mut ns), "ns");
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().take(1).map(String::as_str).collect::<Vec<_>>()[..] {
        ["a"] => bench_a(),
        ["b"] => bench_b(),
        ["c"] => bench_c(),
        ["d"] => bench_d(),
        ["e"] => bench_e(),
        ["f"] => bench_f(),
        ["g"] => bench_g(),
        ["h"] => bench_h(),
        _ => {
            eprintln!("usage: rayon a|b|c|d|e|f|g|h [WORKERS]");
            std::process::exit(2)
        }
    }
}
