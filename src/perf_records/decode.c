#include "decode.h"

#include <string.h>
#include <sys/sysmacros.h>

#if defined(__x86_64__) || defined(__aarch64__)
#include <asm/perf_regs.h>
#endif

/* IDENTIFIER | IP | TID | TIME (| REGS_USER | STACK_USER); sample_id_all puts TID, TIME and
 * IDENTIFIER at the end of all other records. */
struct sample {
    struct perf_event_header header;
    uint64_t id, ip;
    uint32_t pid, tid;
    uint64_t time;
};

struct tail {
    uint32_t pid, tid;
    uint64_t time, id;
};

/* By DWARF's numbers, the kernel's, which are bits of its mask too. */
#if defined(__x86_64__)
static const unsigned char registers[] = {
    PERF_REG_X86_AX,  PERF_REG_X86_DX,  PERF_REG_X86_CX,  PERF_REG_X86_BX,  PERF_REG_X86_SI,
    PERF_REG_X86_DI,  PERF_REG_X86_BP,  PERF_REG_X86_SP,  PERF_REG_X86_R8,  PERF_REG_X86_R9,
    PERF_REG_X86_R10, PERF_REG_X86_R11, PERF_REG_X86_R12, PERF_REG_X86_R13, PERF_REG_X86_R14,
    PERF_REG_X86_R15, PERF_REG_X86_IP,
};
#define REGISTERS (sizeof registers)
#elif defined(__aarch64__)
#define REGISTERS ((size_t)PERF_REG_ARM64_PC + 1)
#else
#define REGISTERS ((size_t)0)
#endif

static unsigned kernels_number(size_t dwarf)
{
#if defined(__x86_64__)
    return registers[dwarf];
#else
    return (unsigned)dwarf;
#endif
}

static uint64_t register_mask(void)
{
    uint64_t mask = 0;

    for (size_t i = 0; i < REGISTERS; i++)
        mask |= UINT64_C(1) << kernels_number(i);
    return mask;
}

void ps_decode_attr(struct perf_event_attr *attr, uint32_t stack_size)
{
    attr->sample_type =
        PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME;
    attr->sample_id_all = 1;
    if (!stack_size || !REGISTERS)
        return;
    attr->sample_type |= PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER;
    attr->sample_regs_user = register_mask();
    attr->sample_stack_user = stack_size;
}

static bool get(const unsigned char **at, const unsigned char *end, void *to, size_t size)
{
    if ((size_t)(end - *at) < size)
        return false;
    memcpy(to, *at, size);
    *at += size;
    return true;
}

static bool get_tail(const unsigned char *bytes, size_t size, struct tail *t)
{
    if (size < sizeof(struct perf_event_header) + sizeof *t)
        return false;
    memcpy(t, bytes + size - sizeof *t, sizeof *t);
    return true;
}

bool ps_decode_head(const unsigned char *bytes, size_t size, struct ps_decode_head *h)
{
    struct sample s;
    struct tail t;

    if (size < sizeof s.header)
        return false;
    memcpy(&s.header, bytes, sizeof s.header);
    if (s.header.type != PERF_RECORD_SAMPLE) {
        if (!get_tail(bytes, size, &t))
            return false;
        *h = (struct ps_decode_head){t.time, s.header.type == PERF_RECORD_FORK ||
                                                 s.header.type == PERF_RECORD_COMM};
        return true;
    }
    if (size < sizeof s)
        return false;
    memcpy(&s, bytes, sizeof s);
    *h = (struct ps_decode_head){s.time, false};
    return true;
}

/* ---- samples ---- */

static bool get_registers(const unsigned char **at, const unsigned char *end,
                          struct ps_registers *to)
{
    uint64_t abi, values[64];
    size_t count = 0;

    if (!get(at, end, &abi, sizeof abi))
        return false;
    if (abi == PERF_SAMPLE_REGS_ABI_NONE)
        return true;
    if (!get(at, end, values, REGISTERS * sizeof *values))
        return false;
    if (abi != PERF_SAMPLE_REGS_ABI_64)
        return true;
    for (size_t bit = 0; bit < 64; bit++) {
        for (size_t i = 0; i < REGISTERS; i++) {
            if (kernels_number(i) == bit) {
                to->value[i] = values[count++];
                to->known |= UINT64_C(1) << i;
            }
        }
    }
    return true;
}

static bool get_stack(const unsigned char **at, const unsigned char *end, struct ps_record *r)
{
    const unsigned char *stack;
    uint64_t size, used;

    if (!get(at, end, &size, sizeof size))
        return false;
    if (!size)
        return true;
    stack = *at;
    if (size > (size_t)(end - *at))
        return false;
    *at += size;
    if (!get(at, end, &used, sizeof used) || used > size)
        return false;
    r->stack = stack;
    r->stack_size = (size_t)used;
    return true;
}

static bool decode_sample(const struct ps_decode *d, const unsigned char *bytes, size_t size,
                          struct ps_record *r)
{
    const unsigned char *at = bytes, *end = bytes + size;
    struct sample s;

    if (!get(&at, end, &s, sizeof s))
        return false;
    r->kind = s.id == d->fault_id ? PS_RECORD_FAULT : PS_RECORD_SAMPLE;
    r->weight = s.id == d->fault_id ? d->fault_weight : 1;
    r->time = s.time;
    r->pid = (pid_t)s.pid;
    r->tid = (pid_t)s.tid;
    r->address = s.ip;
    r->kernel = (s.header.misc & PERF_RECORD_MISC_CPUMODE_MASK) == PERF_RECORD_MISC_KERNEL;
    if (!d->stack_size || !REGISTERS)
        return true;
    return get_registers(&at, end, &r->registers) && get_stack(&at, end, r);
}

/* ---- others ---- */

/* The text from `at` on, which ends before the tail. */
static const char *text_at(const unsigned char *bytes, size_t size, size_t at)
{
    const size_t end = size - sizeof(struct tail);

    return at < end && memchr(bytes + at, 0, end - at) ? (const char *)bytes + at : NULL;
}

static bool decode_name(const unsigned char *bytes, size_t size, struct ps_record *r)
{
    struct {
        struct perf_event_header header;
        uint32_t pid, tid;
    } c;
    const unsigned char *at = bytes;

    if (!get(&at, bytes + size, &c, sizeof c))
        return false;
    r->kind = c.header.misc & PERF_RECORD_MISC_COMM_EXEC ? PS_RECORD_EXEC : PS_RECORD_NAME;
    r->pid = (pid_t)c.pid;
    r->tid = (pid_t)c.tid;
    r->name = text_at(bytes, size, sizeof c);
    return r->name != NULL;
}

static bool decode_task(const unsigned char *bytes, size_t size, struct ps_record *r)
{
    struct {
        struct perf_event_header header;
        uint32_t pid, ppid, tid, ptid;
    } t;
    const unsigned char *at = bytes;

    if (!get(&at, bytes + size, &t, sizeof t))
        return false;
    r->kind = t.header.type == PERF_RECORD_FORK ? PS_RECORD_BIRTH : PS_RECORD_EXIT;
    r->pid = (pid_t)t.pid;
    r->tid = (pid_t)t.tid;
    r->parent = (pid_t)t.ptid;
    r->parent_pid = (pid_t)t.ppid;
    return true;
}

static bool decode_mapping(const unsigned char *bytes, size_t size, struct ps_record *r)
{
    struct {
        struct perf_event_header header;
        uint32_t pid, tid;
        uint64_t start, length, offset;
        uint32_t major, minor;
        uint64_t inode, generation;
        uint32_t protection, flags;
    } m;
    const unsigned char *at = bytes;

    if (!get(&at, bytes + size, &m, sizeof m))
        return false;
    r->kind = PS_RECORD_MAPPING;
    r->pid = (pid_t)m.pid;
    r->tid = (pid_t)m.tid;
    r->name = text_at(bytes, size, sizeof m);
    r->mapping.start = m.start;
    r->mapping.end = m.start + m.length;
    r->mapping.offset = m.offset;
    r->mapping.device = makedev(m.major, m.minor);
    r->mapping.inode = m.inode;
    return r->name && r->mapping.end > m.start;
}

/* PERF_RECORD_LOST has the event's id before the number. */
static bool decode_lost(const unsigned char *bytes, size_t size, size_t place, struct ps_record *r)
{
    const unsigned char *at = bytes + sizeof(struct perf_event_header) + place;

    r->kind = PS_RECORD_LOST;
    return size >= sizeof(struct perf_event_header) + place + sizeof(struct tail) &&
           get(&at, bytes + size - sizeof(struct tail), &r->weight, sizeof r->weight);
}

static enum ps_record_kind kind_of_switch(unsigned misc)
{
    if (!(misc & PERF_RECORD_MISC_SWITCH_OUT))
        return PS_RECORD_IN;
    return misc & PERF_RECORD_MISC_SWITCH_OUT_PREEMPT ? PS_RECORD_PREEMPTED : PS_RECORD_OUT;
}

bool ps_decode(const struct ps_decode *d, const unsigned char *bytes, size_t size,
               struct ps_record *r, bool *throttle_end)
{
    struct perf_event_header header;
    struct tail tail;

    *r = (struct ps_record){.weight = 1};
    if (!get_tail(bytes, size, &tail))
        return false;
    memcpy(&header, bytes, sizeof header);
    if (header.type == PERF_RECORD_SAMPLE)
        return decode_sample(d, bytes, size, r);
    r->pid = (pid_t)tail.pid;
    r->tid = (pid_t)tail.tid;
    r->time = tail.time;
    *throttle_end = header.type == PERF_RECORD_UNTHROTTLE;
    switch (header.type) {
    case PERF_RECORD_SWITCH:
        r->kind = kind_of_switch(header.misc);
        return true;
    case PERF_RECORD_COMM:
        return decode_name(bytes, size, r);
    case PERF_RECORD_FORK:
    case PERF_RECORD_EXIT:
        return decode_task(bytes, size, r);
    case PERF_RECORD_MMAP2:
        return decode_mapping(bytes, size, r);
    case PERF_RECORD_LOST:
        return decode_lost(bytes, size, sizeof(uint64_t), r);
    case PERF_RECORD_LOST_SAMPLES:
        return decode_lost(bytes, size, 0, r);
    case PERF_RECORD_THROTTLE:
    case PERF_RECORD_UNTHROTTLE:
        r->kind = PS_RECORD_THROTTLED;
        return true;
    default:
        return false;
    }
}
