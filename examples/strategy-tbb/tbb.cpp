/* A strategy for parscope: oneTBB. Ranges are parallel_for, joins parallel_invoke, in an arena with
 * as many slots as parscope asks for; the calling thread works in slot 0. */
#include <cerrno>
#include <cstdint>
#include <new>
#include <sched.h>
#include <vector>

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/parallel_invoke.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_scheduler_observer.h>

#include <parscope/plugin.h>

namespace
{

enum { PARTITIONER, GRAIN };
enum { AUTO, SIMPLE, STATIC };

const char *const partitioners[] = {"auto", "simple", "static", nullptr};
const parscope_param params[] = {
    {"partitioner", PARSCOPE_CHOICE, "auto", 0, 0, partitioners,
     "how ranges are cut: as thieves come, down to the grain, or into equal parts"},
    {"grain", PARSCOPE_COUNT, "1", 1, 1e9, nullptr, "items that are not cut any further"},
    {nullptr, PARSCOPE_COUNT, nullptr, 0, 0, nullptr, nullptr},
};

/* Pins the arena's own workers; the calling thread stays where parscope put it. */
class Pins : public tbb::task_scheduler_observer
{
  public:
    Pins(tbb::task_arena &arena, const int *cpus, unsigned count)
        : task_scheduler_observer(arena), cpus(cpus, cpus + count)
    {
        CPU_ZERO(&all);
        sched_getaffinity(0, sizeof all, &all);
        observe(true);
    }

    ~Pins() override
    {
        observe(false);
    }

    void on_scheduler_entry(bool is_worker) override
    {
        static thread_local int pinned = -1;
        int slot = tbb::this_task_arena::current_thread_index();
        int cpu = cpus[static_cast<size_t>(slot)];
        cpu_set_t set = all;

        if (!is_worker || cpu == pinned || cpu >= CPU_SETSIZE)
            return;
        if (cpu >= 0) {
            CPU_ZERO(&set);
            CPU_SET(cpu, &set);
        }
        if (sched_setaffinity(0, sizeof set, &set) == 0)
            pinned = cpu;
    }

  private:
    std::vector<int> cpus;
    cpu_set_t all;
};

struct Strategy;

/* What bodies see of a slot. */
struct alignas(PARSCOPE_LINE) Worker {
    parscope_worker face; /* first */
    Strategy *strategy;
};

struct Strategy {
    Strategy(parscope_host *host, unsigned count, const int *cpus, const parscope_value *values)
        : host(host), partitioner(values[PARTITIONER].choice), grain(values[GRAIN].count),
          arena(static_cast<int>(count), 1), pins(arena, cpus, count), workers(count)
    {
    }

    parscope_host *host;
    unsigned partitioner;
    uint64_t grain;
    tbb::task_arena arena;
    Pins pins;
    std::vector<Worker> workers;
};

/* The time of its life is the busy time of the slot that the thread is in. */
class Share
{
  public:
    Share(Strategy *s, uint64_t items)
        : host(s->host), slot(static_cast<unsigned>(tbb::this_task_arena::current_thread_index())),
          items(items), worker(&s->workers[slot].face)
    {
        parscope_enter(host, slot);
    }

    ~Share()
    {
        parscope_leave(host, slot, items);
    }

  private:
    parscope_host *host;
    unsigned slot;
    uint64_t items;

  public:
    parscope_worker *const worker;
};

void join(parscope_worker *w, parscope_task_fn *f, void *f_arg, parscope_task_fn *g, void *g_arg)
{
    Strategy *s = reinterpret_cast<Worker *>(w)->strategy;
    auto run = [s](parscope_task_fn *task, void *arg) {
        Share share(s, 1);
        task(arg, share.worker);
    };

    tbb::parallel_invoke([&] { run(f, f_arg); }, [&] { run(g, g_arg); });
}

int create(const parscope_value *values, parscope_host *host, unsigned workers, const int *cpus,
           void **state)
{
    try {
        /* More threads than CPUs may be asked for; the arena has the number. */
        static tbb::global_control many(tbb::global_control::max_allowed_parallelism, 1024);
        auto *s = new Strategy(host, workers, cpus, values);

        for (unsigned i = 0; i < workers; i++) {
            s->workers[i] = Worker(); /* what parscope has no value for stays zero */
            s->workers[i].face.join = join;
            s->workers[i].face.slot = i;
            s->workers[i].strategy = s;
        }
        *state = s;
    } catch (...) {
        return -ENOMEM;
    }
    return 0;
}

void destroy(void *state)
{
    delete static_cast<Strategy *>(state);
}

template <class Partitioner>
void run_range(Strategy *s, uint64_t n, parscope_range_fn *body, void *arg, Partitioner partitioner)
{
    using Items = tbb::blocked_range<uint64_t>;

    tbb::parallel_for(
        Items(0, n, s->grain),
        [=](const Items &items) {
            Share share(s, items.size());
            body(arg, items.begin(), items.end(), share.worker);
        },
        partitioner);
}

int range(void *state, uint64_t n, parscope_range_fn *body, void *arg)
{
    auto *s = static_cast<Strategy *>(state);

    try {
        s->arena.execute([=] {
            if (s->partitioner == SIMPLE)
                run_range(s, n, body, arg, tbb::simple_partitioner());
            else if (s->partitioner == STATIC)
                run_range(s, n, body, arg, tbb::static_partitioner());
            else
                run_range(s, n, body, arg, tbb::auto_partitioner());
        });
    } catch (...) {
        return -ENOMEM;
    }
    return 0;
}

int root(void *state, parscope_task_fn *task, void *arg)
{
    auto *s = static_cast<Strategy *>(state);

    try {
        s->arena.execute([=] {
            Share share(s, 1);
            task(arg, share.worker);
        });
    } catch (...) {
        return -ENOMEM;
    }
    return 0;
}

const parscope_strategy tbb_strategy = {
    PARSCOPE_STRATEGY_ABI,
    "tbb",
    "oneTBB's parallel_for and parallel_invoke in an arena",
    "oneTBB",
    PARSCOPE_RANGE | PARSCOPE_TREE | PARSCOPE_WAIT,
    nullptr,
    nullptr,
    nullptr,
    params,
    create,
    destroy,
    range,
    root,
};

const parscope_strategy *const strategies[] = {&tbb_strategy, nullptr};

} // namespace

const struct parscope_plugin parscope_plugin = {PARSCOPE_PLUGIN_ABI, nullptr, strategies};
