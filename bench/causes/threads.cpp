// One planted cause each, as C++ programs have them: threads CAUSE THREADS. See bench/causes.py.
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <pthread.h>
#include <malloc.h>
#include <shared_mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

static volatile double sink;

[[gnu::noinline]] static double crunch(long n)
{
    double sum = 0;

    for (long i = 1; i <= n; i++)
        sum += std::sqrt(1.0 / static_cast<double>(i));
    sink = sum;
    return sum;
}

static void on_all(int threads, const std::function<void(int)> &body)
{
    std::vector<std::thread> team;

    for (int i = 0; i < threads; i++)
        team.emplace_back(body, i);
    for (auto &t : team)
        t.join();
}

// std::mutex around a map that all update
struct Histogram {
    std::mutex mutex;
    std::map<int, long> bins;

    [[gnu::noinline]] void insert(int key)
    {
        std::lock_guard<std::mutex> guard(mutex);

        for (int i = 0; i < 40; i++)
            bins[(key + i * 7919) % 20000]++;
    }
};

static void mutex(int threads)
{
    Histogram h;

    on_all(threads, [&](int id) {
        for (int i = 0; i < 100000 / threads; i++)
            h.insert(i * 31 + id);
    });
}

// a queue whose producer is slower than its consumers
struct Queue {
    std::mutex mutex;
    std::condition_variable ready;
    std::deque<long> items;
    bool closed = false;

    void push(long x)
    {
        {
            std::lock_guard<std::mutex> guard(mutex);
            items.push_back(x);
        }
        ready.notify_one();
    }

    bool pop(long &x)
    {
        std::unique_lock<std::mutex> lock(mutex);

        ready.wait(lock, [&] { return closed || !items.empty(); });
        if (items.empty())
            return false;
        x = items.front();
        items.pop_front();
        return true;
    }

    void close()
    {
        std::lock_guard<std::mutex> guard(mutex);

        closed = true;
        ready.notify_all();
    }
};

[[gnu::noinline]] static long parse_next(long i)
{
    crunch(200000);
    return i;
}

[[gnu::noinline]] static void consume(Queue &q)
{
    long x;

    while (q.pop(x))
        crunch(20000);
}

static void producer(int threads)
{
    Queue q;
    std::thread feed([&] {
        for (long i = 0; i < 1000; i++)
            q.push(parse_next(i));
        q.close();
    });

    on_all(threads, [&](int) { consume(q); });
    feed.join();
}

// a barrier at which all wait for one slow thread
[[gnu::noinline]] static void slow_step(int id)
{
    crunch(id == 0 ? 900000 : 100000);
}

static void barrier(int threads)
{
    pthread_barrier_t meet;

    pthread_barrier_init(&meet, nullptr, static_cast<unsigned>(threads));
    on_all(threads, [&](int id) {
        for (int i = 0; i < 200; i++) {
            if (threads == 1)
                slow_step(1);
            slow_step(id);
            pthread_barrier_wait(&meet);
        }
    });
    pthread_barrier_destroy(&meet);
}

// a pool that one thread feeds with too few tasks, each waited for
static void starving_pool(int threads)
{
    Queue q;
    std::atomic<long> done{0};
    std::vector<std::thread> pool;

    for (int i = 0; i < threads; i++)
        pool.emplace_back([&] {
            long x;

            while (q.pop(x)) {
                crunch(200000);
                done.fetch_add(1);
                done.notify_all();
            }
        });
    for (long i = 0; i < 1000; i++) {
        q.push(i);
        for (long seen = done.load(); seen <= i; seen = done.load())
            done.wait(seen);
    }
    q.close();
    for (auto &t : pool)
        t.join();
}

// a reader-writer lock that is taken for writing
struct Table {
    std::shared_mutex mutex;
    std::unordered_map<long, std::string> rows;

    [[gnu::noinline]] void update(long key)
    {
        std::unique_lock<std::shared_mutex> lock(mutex);

        for (long i = 0; i < 60; i++)
            rows[(key + i) % 5000] = std::to_string(key);
    }
};

static void rwlock(int threads)
{
    Table t;

    on_all(threads, [&](int id) {
        for (long i = 0; i < 240000 / threads; i++)
            t.update(i * 17 + id);
    });
}

// one arena of the allocator for all
static void allocator(int threads)
{
    mallopt(M_ARENA_MAX, 1);
    on_all(threads, [&](int) {
        std::vector<char *> blocks(64);

        for (long i = 0; i < 8000000 / threads; i++) {
            char *&b = blocks[static_cast<size_t>(i) % blocks.size()];

            std::free(b);
            b = static_cast<char *>(std::malloc(1100 + static_cast<size_t>(i) % 300));
        }
        for (char *b : blocks)
            std::free(b);
    });
}

// arrays that fit into no cache
[[gnu::noinline]] static void triad(double *a, const double *b, const double *c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        a[i] = b[i] + 3 * c[i];
}

static void bandwidth(int threads)
{
    constexpr size_t n = size_t{8} << 20;
    const size_t share = n / static_cast<size_t>(threads);
    static double a[n], b[n], c[n];

    on_all(threads, [&](int id) {
        const size_t from = share * static_cast<size_t>(id);

        for (int i = 0; i < 24; i++)
            triad(&a[from], &b[from], &c[from], share);
    });
    sink = a[n / 2];
}

// counters of several threads in one cache line
[[gnu::noinline]] static void count_words(const std::vector<unsigned char> &text, long *counter)
{
    for (int k = 0; k < 200; k++)
        for (size_t i = 0; i < text.size(); i++)
            if (text[i] < 128)
                __atomic_store_n(counter, *counter + 1, __ATOMIC_RELAXED);
}

static void false_sharing(int threads)
{
    const std::vector<unsigned char> text(size_t{4} << 20, 'a');
    std::vector<long> counters(static_cast<size_t>(threads));

    on_all(threads, [&](int id) {
        const size_t share = text.size() / static_cast<size_t>(threads);
        const std::vector<unsigned char> part(text.begin(),
                                              text.begin() + static_cast<long>(share));

        count_words(part, &counters[static_cast<size_t>(id)]);
    });
}

// one counter that all increment
static std::atomic<long> hits;

[[gnu::noinline]] static void count_hits(long n)
{
    for (long i = 0; i < n; i++)
        hits.fetch_add(1, std::memory_order_relaxed);
}

static void atomics(int threads)
{
    on_all(threads, [&](int) { count_hits(60000000 / threads); });
}

// a reference count that all change
static std::shared_ptr<const std::string> config = std::make_shared<const std::string>("x");

[[gnu::noinline]] static size_t use_config(std::shared_ptr<const std::string> c)
{
    return c->size();
}

static void refcount(int threads)
{
    on_all(threads, [&](int) {
        size_t sum = 0;

        for (long i = 0; i < 30000000 / threads; i++)
            sum += use_config(config);
        sink = static_cast<double>(sum);
    });
}

// a spin lock of our own
struct SpinLock {
    std::atomic_flag taken = ATOMIC_FLAG_INIT;

    void lock()
    {
        while (taken.test_and_set(std::memory_order_acquire))
            ;
    }
    void unlock()
    {
        taken.clear(std::memory_order_release);
    }
};

static SpinLock spin_lock;

[[gnu::noinline]] static void deposit(long amount)
{
    std::lock_guard<SpinLock> guard(spin_lock);

    crunch(amount);
}

static void spin(int threads)
{
    on_all(threads, [&](int) {
        for (long i = 0; i < 2000 / threads; i++)
            deposit(100000);
    });
}

// a thread that waits for another by giving its CPU away in a loop
static std::atomic<long> turn;

[[gnu::noinline]] static void await_turn(long mine, int threads)
{
    while (turn.load(std::memory_order_acquire) % threads != mine)
        std::this_thread::yield();
}

static void yielding(int threads)
{
    on_all(threads, [&](int id) {
        for (long i = 0; i < 1000 / threads; i++) {
            await_turn(id, threads);
            crunch(200000);
            turn.fetch_add(1, std::memory_order_release);
        }
    });
}

// tasks that are smaller than what starting a thread for each takes
[[gnu::noinline]] static double tiny(int i)
{
    return crunch(4000 + i % 7);
}

static void tiny_tasks(int threads)
{
    double sum = 0;

    for (int i = 0; i < 20000; i += threads) {
        std::vector<std::future<double>> parts;

        for (int k = 0; k < threads; k++)
            if (threads > 1)
                parts.push_back(std::async(std::launch::async, tiny, i + k));
            else
                sum += tiny(i);
        for (auto &p : parts)
            sum += p.get();
    }
    sink = sum;
}

// a copy of all results by one thread at the end
[[gnu::noinline]] static double merge(const std::vector<std::vector<double>> &parts)
{
    std::map<long, double> all;

    for (const auto &p : parts)
        for (double x : p)
            all[static_cast<long>(x * 1e6) % 50000] += x;
    return all.begin()->second;
}

static void merging(int threads)
{
    std::vector<std::vector<double>> parts(static_cast<size_t>(threads));

    on_all(threads, [&](int id) {
        for (int i = 0; i < 800000 / threads; i++)
            parts[static_cast<size_t>(id)].push_back(std::sin(i) * std::cos(id));
    });
    sink = merge(parts);
}

/* A future that nobody keeps waits for its task: the tasks run one after the other. */
__attribute__((noinline)) static void start_all(int threads)
{
    for (int i = 0; i < threads; i++)
        (void)std::async(std::launch::async, [threads] { crunch(120000000 / threads); });
}

static void futures(int threads)
{
    start_all(threads);
}

/* A queue with room for one, and work that is slow on one side and then on the other. */
class Slot {
public:
    void put(long value)
    {
        std::unique_lock lock(mutex);
        empty.wait(lock, [this] { return !full; });
        held = value;
        full = true;
        filled.notify_one();
    }
    long take()
    {
        std::unique_lock lock(mutex);
        filled.wait(lock, [this] { return full; });
        full = false;
        empty.notify_one();
        return held;
    }

private:
    std::mutex mutex;
    std::condition_variable empty, filled;
    long held = 0;
    bool full = false;
};

__attribute__((noinline)) static void make_item(long i)
{
    crunch(i / 16 % 2 ? 4000 : 80000);
}

__attribute__((noinline)) static void use_item(long i)
{
    crunch(i / 16 % 2 ? 80000 : 4000);
}

static void queue_of_one(int threads)
{
    const long items = 3200;
    Slot slot;
    std::thread user;

    if (threads > 1)
        user = std::thread([&] {
            for (long i = 0; i < items; i++)
                use_item(slot.take());
        });
    for (long i = 0; i < items; i++) {
        make_item(i);
        if (threads > 1)
            slot.put(i);
        else
            use_item(i);
    }
    if (threads > 1)
        user.join();
}

int main(int argc, char **argv)
{
    static const std::map<std::string, void (*)(int)> causes = {
        {"mutex", mutex},
        {"producer", producer},
        {"barrier", barrier},
        {"pool", starving_pool},
        {"rwlock", rwlock},
        {"allocator", allocator},
        {"bandwidth", bandwidth},
        {"falsesharing", false_sharing},
        {"atomics", atomics},
        {"refcount", refcount},
        {"spin", spin},
        {"yield", yielding},
        {"tinytasks", tiny_tasks},
        {"merge", merging},
        {"futures", futures},
        {"slot", queue_of_one},
    };
    const auto found = argc == 3 ? causes.find(argv[1]) : causes.end();

    if (found == causes.end()) {
        std::fprintf(stderr, "usage: threads CAUSE THREADS\n");
        return 2;
    }
    found->second(std::atoi(argv[2]));
}
