/* Vector and scalar code from the same text, for workloads with simd=on|off. */
#ifndef PS_SIMD_H
#define PS_SIMD_H

#include <stdbool.h>
#include <string.h>

/* Compilers make two of 16 bytes of it where a machine has no longer ones. Loaded and stored by
 * ps_simd_load and _store, so that elements need no alignment. */
#define PS_SIMD_LANES 8
typedef float ps_simd __attribute__((vector_size(PS_SIMD_LANES * sizeof(float))));

static inline __attribute__((always_inline)) void ps_simd_load(ps_simd *v, const float *from)
{
    memcpy(v, from, sizeof *v);
}

static inline __attribute__((always_inline)) void ps_simd_store(float *to, const ps_simd *v)
{
    memcpy(to, v, sizeof *v);
}

/* A function compiled with PS_SIMD_WIDE may only be called where ps_simd_wide() says so. Without
 * fused multiply-adds: they would be another difference between simd=on and off. */
#if defined(__x86_64__)
#define PS_SIMD_WIDE __attribute__((target("avx2")))
static inline bool ps_simd_wide(void)
{
    return __builtin_cpu_supports("avx2");
}
#else
#define PS_SIMD_WIDE
static inline bool ps_simd_wide(void)
{
    return false;
}
#endif

/* Nothing, to the machine; to the compiler an instruction that needs this one float by itself, so
 * that it can't be one of a vector. */
#if defined(__x86_64__)
#define PS_SIMD_SCALAR(f) __asm__("" : "+x"(f))
#elif defined(__aarch64__)
#define PS_SIMD_SCALAR(f) __asm__("" : "+w"(f))
#else
#define PS_SIMD_SCALAR(f) __asm__("" : "+m"(f))
#endif

#endif
