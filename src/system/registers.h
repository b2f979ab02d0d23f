/* The registers of a thread in user mode, as the debugger's tables number them. */
#ifndef PS_REGISTERS_H
#define PS_REGISTERS_H

#include <stdint.h>

/* DWARF's numbers. x86-64: 0 rax, 1 rdx, 2 rcx, 3 rbx, 4 rsi, 5 rdi, 6 rbp, 7 rsp, 8..15, 16 the
 * return address, here rip. AArch64: 0..30, 31 sp, 32 pc. */
#define PS_REGISTERS_MOST 33
#ifdef __aarch64__
#define PS_REGISTER_SP 31
#define PS_REGISTER_PC 32
#else
#define PS_REGISTER_SP 7
#define PS_REGISTER_PC 16
#endif

struct ps_registers {
    uint64_t known; /* bits by number; 0: none, user mode was not seen */
    uint64_t value[PS_REGISTERS_MOST];
};

#endif
